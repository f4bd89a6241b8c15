//! What one way to hash can do.

use nuages::signing::{ALPHANUMERIC, random_string};

use super::memory::Memory;

/// Characters of a new salt: 131 bits. Shorter ones are replaced at the next login.
pub(super) const SALT_LENGTH: usize = 22;

/// One algorithm at the cost of its new strings. It reads every cost that the site can afford.
pub(super) trait Algorithm {
    /// What its strings begin with.
    fn name(&self) -> &'static str;

    /// A new salt.
    fn salt(&self) -> String {
        random_string(SALT_LENGTH, ALPHANUMERIC)
    }

    /// Turns a password into what is stored.
    fn make(&self, password: &str, salt: &str, memory: &mut Memory) -> String;

    /// `None` if the string is not one of this algorithm, or asks for more than anyone can afford.
    fn verify(&self, password: &str, encoded: &str, memory: &mut Memory) -> Option<bool>;

    /// The algorithm and its cost, for people to read: neither salt nor hash. `None` if the string is not one of this algorithm.
    fn summary(&self, encoded: &str) -> Option<String>;

    /// Whether a new string would be another one in strength.
    fn must_update(&self, encoded: &str) -> bool;

    /// Does the work by which the stored string was cheaper than a new one, where that can be made up for.
    fn harden(&self, _password: &str, _encoded: &str) {}
}

/// A number of things: `2 passes`, `1 lane`.
pub(super) fn count(number: u32, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Whether a salt is as long as that of a new string.
pub(super) fn is_long(salt: &str) -> bool {
    salt.chars().count() >= SALT_LENGTH
}
