//! Rules about the password alone.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::path::Path;
use std::{fs, io};

use super::{Attributes, PasswordValidator, ValidationError};

/// One password a line, small letters, sorted by byte.
static COMMON_PASSWORDS: &str = include_str!("common_passwords.txt");

/// Refuses what has fewer characters than this.
#[derive(Clone, Copy, Debug)]
pub struct MinimumLength(pub usize);

impl Default for MinimumLength {
    /// Django's 8.
    fn default() -> Self {
        Self(8)
    }
}

impl PasswordValidator for MinimumLength {
    fn validate(&self, password: &str, _user: &Attributes) -> Result<(), ValidationError> {
        if password.chars().count() >= self.0 {
            return Ok(());
        }
        let text = format!("This password is too short. It must contain at least {}.", characters(self.0));
        Err(ValidationError::new("password_too_short", text))
    }

    fn help_text(&self) -> String {
        format!("Your password must contain at least {}.", characters(self.0))
    }
}

fn characters(number: usize) -> String {
    if number == 1 { "1 character".into() } else { format!("{number} characters") }
}

/// Refuses what everyone tries first: Django's list of 19,640 passwords, or one of the site's own.
#[derive(Clone, Debug, Default)]
pub struct CommonPassword {
    own: Option<HashSet<String>>,
}

impl CommonPassword {
    /// Django's list.
    pub fn new() -> Self {
        Self::default()
    }

    /// The passwords of a file, one a line, in place of Django's.
    ///
    /// # Errors
    /// What kept the file from being read.
    pub fn from_file(path: impl AsRef<Path>) -> io::Result<Self> {
        let text = fs::read_to_string(path)?;
        Ok(Self { own: Some(text.lines().map(|line| line.trim().to_lowercase()).collect()) })
    }

    fn has(&self, password: &str) -> bool {
        match &self.own {
            Some(own) => own.contains(password),
            None => is_common(password),
        }
    }
}

impl PasswordValidator for CommonPassword {
    fn validate(&self, password: &str, _user: &Attributes) -> Result<(), ValidationError> {
        match self.has(password.to_lowercase().trim()) {
            true => Err(ValidationError::new("password_too_common", "This password is too common.")),
            false => Ok(()),
        }
    }

    fn help_text(&self) -> String {
        "Your password can’t be a commonly used password.".into()
    }
}

/// Refuses digits alone, of any script. Fractions and Roman numerals count as well, which Django lets pass.
#[derive(Clone, Copy, Debug, Default)]
pub struct NumericPassword;

impl PasswordValidator for NumericPassword {
    fn validate(&self, password: &str, _user: &Attributes) -> Result<(), ValidationError> {
        if password.is_empty() || !password.chars().all(char::is_numeric) {
            return Ok(());
        }
        Err(ValidationError::new("password_entirely_numeric", "This password is entirely numeric."))
    }

    fn help_text(&self) -> String {
        "Your password can’t be entirely numeric.".into()
    }
}

/// Halves the text, not a list of its lines, so that nothing is built at the start.
fn is_common(password: &str) -> bool {
    let (mut from, mut to) = (0, COMMON_PASSWORDS.len());
    while from < to {
        let line = line_at(from.midpoint(to));
        match COMMON_PASSWORDS[line.clone()].cmp(password) {
            Ordering::Less => from = line.end + 1,
            Ordering::Greater => to = line.start,
            Ordering::Equal => return true,
        }
    }
    false
}

/// The line around this byte, without its end.
fn line_at(byte: usize) -> std::ops::Range<usize> {
    let text = COMMON_PASSWORDS.as_bytes();
    let start = text[..byte].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let length = text[start..].iter().position(|byte| *byte == b'\n').unwrap_or(text.len() - start);
    start..start + length
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refuses(validator: &impl PasswordValidator, password: &str) -> bool {
        validator.validate(password, &Attributes::default()).is_err()
    }

    #[test]
    fn characters_are_counted_not_bytes() {
        assert!(refuses(&MinimumLength(8), "éèêëàâä") && !refuses(&MinimumLength(7), "éèêëàâä"));
        assert_eq!(MinimumLength(1).help_text(), "Your password must contain at least 1 character.");
    }

    #[test]
    fn every_common_password_is_found_and_nothing_between_them() {
        let lines: Vec<_> = COMMON_PASSWORDS.lines().collect();
        assert_eq!(lines.len(), 19_640);
        assert!(lines.is_sorted());
        for line in lines {
            assert!(is_common(line), "{line}");
            assert!(!is_common(&format!("{line}\u{1}")), "{line}");
        }
        assert!(
            !is_common("") && !is_common("\u{1}") && !is_common("\u{10ffff}") && !is_common("password\n")
        );
    }

    #[test]
    fn a_list_of_ones_own_takes_the_place_of_djangos() {
        let file = std::env::temp_dir().join(format!("nuages-common-{}.txt", std::process::id()));
        fs::write(&file, "Swing42\n  mauve-lantern \n").unwrap();
        let own = CommonPassword::from_file(&file);
        fs::remove_file(&file).unwrap();
        let own = own.unwrap();
        assert!(refuses(&own, "sWING42 ") && refuses(&own, "mauve-lantern") && !refuses(&own, "password"));
        assert!(CommonPassword::from_file(file).is_err());
    }
}
