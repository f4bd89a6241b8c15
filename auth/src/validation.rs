//! Whether a password is good enough: Django's four rules, in Django's words.

use std::{cmp::Ordering, collections::HashMap};

use crate::names::is_word;

/// Characters that a password has at least.
pub const MIN_LENGTH: usize = 8;
/// From here on a password is too similar to what is known of its user.
const MAX_SIMILARITY: f64 = 0.7;
/// One password a line, small letters, sorted by byte.
static COMMON_PASSWORDS: &str = include_str!("common_passwords.txt");

/// One rule that a password breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ValidationError {
    /// What programs go by, such as `password_too_short`.
    pub code: &'static str,
    /// What people read.
    pub message: String,
}

/// Checks a password against all rules. The attributes are what is known of its user: verbose name and value.
///
/// ```
/// # use nuages_auth::validation::validate_password;
/// let broken = validate_password("annsmith", &[("username", "ann.smith")]).unwrap_err();
/// assert_eq!(broken[0].message, "The password is too similar to the username.");
/// ```
pub fn validate_password(password: &str, attributes: &[(&str, &str)]) -> Result<(), Vec<ValidationError>> {
    let rules = [similarity(password, attributes), length(password), common(password), numeric(password)];
    let broken: Vec<_> = rules.into_iter().flatten().collect();
    if broken.is_empty() { Ok(()) } else { Err(broken) }
}

/// What a form says beside the password's field, one sentence for each rule.
pub fn password_help_texts() -> [String; 4] {
    [
        "Your password can’t be too similar to your other personal information.".to_owned(),
        format!("Your password must contain at least {MIN_LENGTH} characters."),
        "Your password can’t be a commonly used password.".to_owned(),
        "Your password can’t be entirely numeric.".to_owned(),
    ]
}

fn similarity(password: &str, attributes: &[(&str, &str)]) -> Option<ValidationError> {
    let password = password.to_lowercase();
    let (name, _) = attributes.iter().find(|(_, value)| is_similar(&password, value))?;
    Some(broken("password_too_similar", format!("The password is too similar to the {name}.")))
}

fn length(password: &str) -> Option<ValidationError> {
    let text = format!("This password is too short. It must contain at least {MIN_LENGTH} characters.");
    (password.chars().count() < MIN_LENGTH).then(|| broken("password_too_short", text))
}

fn common(password: &str) -> Option<ValidationError> {
    let text = "This password is too common.".to_owned();
    is_common(password.to_lowercase().trim()).then(|| broken("password_too_common", text))
}

/// Digits of any script. Fractions and Roman numerals count as well, which Django lets pass.
fn numeric(password: &str) -> Option<ValidationError> {
    let all_digits = !password.is_empty() && password.chars().all(char::is_numeric);
    all_digits.then(|| broken("password_entirely_numeric", "This password is entirely numeric.".to_owned()))
}

fn broken(code: &'static str, message: String) -> ValidationError {
    ValidationError { code, message }
}

/// Whether a password in small letters is like a value, or like one of its words.
fn is_similar(password: &str, value: &str) -> bool {
    let value = value.to_lowercase();
    let words = value.split(|letter| !is_word(letter)).chain([value.as_str()]);
    let mut comparable = words.filter(|word| !value.is_empty() && !is_far_longer(password, word));
    comparable.any(|word| quick_ratio(password, word) >= MAX_SIMILARITY)
}

/// Whether a password is so much longer that it cannot be similar; spares the comparison.
fn is_far_longer(password: &str, word: &str) -> bool {
    let (password, word) = (password.chars().count(), word.chars().count());
    password >= 10 * word && (word as f64) < MAX_SIMILARITY / 2.0 * password as f64
}

/// How many letters two texts share, in whatever order: Python's `SequenceMatcher.quick_ratio`.
fn quick_ratio(one: &str, other: &str) -> f64 {
    let total = one.chars().count() + other.chars().count();
    if total == 0 {
        return 1.0;
    }
    let mut left: HashMap<char, usize> = HashMap::new();
    other.chars().for_each(|letter| *left.entry(letter).or_default() += 1);
    let mut take = |letter: &char| left.get_mut(letter).is_some_and(spend);
    2.0 * one.chars().filter(|letter| take(letter)).count() as f64 / total as f64
}

fn spend(count: &mut usize) -> bool {
    let some_left = *count > 0;
    *count = count.saturating_sub(1);
    some_left
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
    use nuages::serde_json::{Value, json};

    use super::*;

    fn vectors() -> Value {
        let all: Value =
            nuages::serde_json::from_str(include_str!("../../framework/testdata/django_vectors.json"))
                .unwrap();
        all["password_validation"].clone()
    }

    fn errors(password: &str, attributes: &[(&str, &str)]) -> Value {
        let broken = validate_password(password, attributes).err().unwrap_or_default();
        broken.iter().map(|error| json!({"code": error.code, "message": error.message})).collect()
    }

    #[test]
    fn passwords_are_judged_as_django_judges_them() {
        let all = vectors();
        let value = |name: &str| all["user"][name].as_str().unwrap();
        let attributes = [
            ("username", value("username")),
            ("first name", value("first_name")),
            ("last name", value("last_name")),
            ("email address", value("email")),
        ];
        for case in all["cases"].as_array().unwrap() {
            assert_eq!(errors(case["password"].as_str().unwrap(), &attributes), case["errors"], "{case}");
        }
    }

    #[test]
    fn similarity_is_pythons_quick_ratio() {
        for case in vectors()["quick_ratio"].as_array().unwrap() {
            let found = quick_ratio(case["a"].as_str().unwrap(), case["b"].as_str().unwrap());
            assert!((found - case["ratio"].as_f64().unwrap()).abs() < 1e-9, "{case}");
        }
        assert_eq!(quick_ratio("", ""), 1.0);
    }

    #[test]
    fn a_word_of_an_attribute_counts_too() {
        assert_eq!(
            errors("jennifer1", &[("name", "Jennifer Ållman-Smith")])[0]["code"],
            "password_too_similar"
        );
        assert_eq!(
            errors("ållmanxx", &[("name", "Jennifer Ållman-Smith")])[0]["code"],
            "password_too_similar"
        );
    }

    #[test]
    fn an_empty_attribute_is_like_nothing() {
        assert_eq!(errors("a-safe-password", &[("email address", ""), ("name", "a b")]), json!([]));
        assert_eq!(errors("", &[("email address", "")])[0]["code"], "password_too_short");
    }

    #[test]
    fn characters_are_counted_not_bytes() {
        assert_eq!(errors("éèêëàâä", &[])[0]["code"], "password_too_short");
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
    fn there_is_a_help_text_for_each_rule() {
        assert_eq!(password_help_texts()[1], "Your password must contain at least 8 characters.");
    }
}
