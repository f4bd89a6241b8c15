//! Passwords that are like what is known of their owner, or of the site.

use std::collections::HashMap;

use super::attributes::verbose;
use super::{Attributes, PasswordValidator, ValidationError};
use crate::names::is_word;

/// From here on a password is too similar.
const MAX_SIMILARITY: f64 = 0.7;

/// Refuses what is like a text of the user's row, or like one of its words.
#[derive(Clone, Debug)]
pub struct UserAttributeSimilarity {
    max_similarity: f64,
    attributes: Option<Vec<&'static str>>,
}

impl Default for UserAttributeSimilarity {
    fn default() -> Self {
        Self { max_similarity: MAX_SIMILARITY, attributes: None }
    }
}

impl UserAttributeSimilarity {
    /// Compares with all that the user is known by, and refuses what has 0.7 of it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Refuses what has this much of an attribute: 1 is the same letters, in any order. Less than 0.1 counts as 0.1.
    pub fn max_similarity(mut self, most: f64) -> Self {
        self.max_similarity = most.max(0.1);
        self
    }

    /// Compares with these fields alone.
    pub fn attributes(mut self, names: impl IntoIterator<Item = &'static str>) -> Self {
        self.attributes = Some(names.into_iter().collect());
        self
    }
}

impl PasswordValidator for UserAttributeSimilarity {
    fn validate(&self, password: &str, user: &Attributes) -> Result<(), ValidationError> {
        let asked = |name: &str| self.attributes.as_ref().is_none_or(|names| names.contains(&name));
        let password = Password::new(password);
        let mut fields = user.iter().filter(|(name, _)| asked(name));
        match fields.find(|(_, text)| password.is_like(text, self.max_similarity)) {
            None => Ok(()),
            Some((name, _)) => {
                let text = format!("The password is too similar to the {}.", verbose(name));
                Err(ValidationError::new("password_too_similar", text))
            }
        }
    }

    fn help_text(&self) -> String {
        "Your password can’t be too similar to your other personal information.".into()
    }
}

/// Refuses what is like the site's name, or like another word that whoever attacks this site would try.
#[derive(Clone, Debug)]
pub struct ContextWords(Vec<String>);

impl ContextWords {
    /// These words.
    pub fn new<W: Into<String>>(words: impl IntoIterator<Item = W>) -> Self {
        Self(words.into_iter().map(Into::into).collect())
    }
}

impl PasswordValidator for ContextWords {
    fn validate(&self, password: &str, _user: &Attributes) -> Result<(), ValidationError> {
        let password = Password::new(password);
        let text = "The password is too similar to the name of this site.";
        match self.0.iter().any(|word| password.is_like(word, MAX_SIMILARITY)) {
            true => Err(ValidationError::new("password_too_similar", text)),
            false => Ok(()),
        }
    }

    fn help_text(&self) -> String {
        "Your password can’t be too similar to the name of this site.".into()
    }
}

/// A password in small letters, and how many.
struct Password {
    text: String,
    length: usize,
}

impl Password {
    fn new(password: &str) -> Self {
        let text = password.to_lowercase();
        Self { length: text.chars().count(), text }
    }

    /// Whether it is like a text, or like one of its words.
    fn is_like(&self, text: &str, most: f64) -> bool {
        let text = text.to_lowercase();
        let words = text.split(|letter| !is_word(letter)).chain([text.as_str()]);
        let mut near = words.filter(|word| !text.is_empty() && self.is_near(word, most));
        near.any(|word| quick_ratio(&self.text, word) >= most)
    }

    /// Whether the lengths alone leave it possible; spares the comparison with what is far longer or shorter.
    fn is_near(&self, word: &str, most: f64) -> bool {
        let length = word.chars().count();
        2.0 * self.length.min(length) as f64 >= most * (self.length + length) as f64
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validation::tests::vectors;

    fn code(validator: &impl PasswordValidator, password: &str, user: &Attributes) -> Option<&'static str> {
        validator.validate(password, user).err().map(|error| error.code)
    }

    fn is_refused(password: &str, user: [(&'static str, &str); 1]) -> bool {
        code(&UserAttributeSimilarity::new(), password, &Attributes::new(user)).is_some()
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
        assert!(is_refused("jennifer1", [("first_name", "Jennifer Ållman-Smith")]));
        assert!(is_refused("ållmanxx", [("first_name", "Jennifer Ållman-Smith")]));
    }

    #[test]
    fn an_empty_attribute_is_like_nothing() {
        assert!(!is_refused("a-safe-password", [("email", "")]) && !is_refused("", [("email", "")]));
    }

    #[test]
    fn only_the_fields_that_are_asked_for_are_compared() {
        let ann = Attributes::new([("username", "annabelle"), ("nickname", "mauve-lantern")]);
        let names = UserAttributeSimilarity::new().attributes(["nickname"]);
        assert_eq!(code(&names, "annabelle", &ann), None);
        assert_eq!(code(&names, "mauvelantern", &ann), Some("password_too_similar"));
        assert_eq!(code(&UserAttributeSimilarity::new(), "annabelle", &ann), Some("password_too_similar"));
        assert_eq!(code(&UserAttributeSimilarity::new().max_similarity(1.1), "annabelle", &ann), None);
    }

    #[test]
    fn the_name_of_the_site_is_refused() {
        let words = ContextWords::new(["Minor Swing"]);
        for password in ["minorswing", "MinorSwing2026", "swingswing", "Minor Swing"] {
            let expected = (password != "swingswing").then_some("password_too_similar");
            assert_eq!(code(&words, password, &Attributes::default()), expected, "{password}");
        }
    }

    #[test]
    fn what_is_far_longer_is_not_compared() {
        let long = "ab ".repeat(33_000);
        assert!(!is_refused(&"x".repeat(100_000), [("first_name", &long)]));
        let password = Password::new("mauve-lantern-42");
        assert!(!password.is_near(&long, 0.7) && password.is_near("mauve-lantern", 0.7));
    }
}
