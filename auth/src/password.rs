//! The type of a user's `password` field: it never prints, serialises or reaches a template.

use crate::hidden::hidden_text;

/// A hashed password, in Django's format.
///
/// A user's password has this type, so that no log and no page can show it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// A hash in Django's format, as a hasher made it.
    pub fn new(encoded: impl Into<String>) -> Self {
        Self(encoded.into())
    }

    /// A password with which nobody can log in.
    pub fn unusable() -> Self {
        Self(crate::hashers::unusable_password())
    }

    /// The hash as it stands in the database.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What kind of hash it is, for the staff: the algorithm and its cost, such as `argon2id, memory 19456 KiB, 2 passes, 1 lane`; neither
    /// salt nor hash, not even masked. Every hasher is asked, also one that `password_hashers` does not name.
    pub fn summary(&self) -> String {
        crate::hashers::summary(&self.0)
    }

    /// Whether a password can be right.
    pub fn is_usable(&self) -> bool {
        crate::hashers::is_usable(&self.0)
    }
}

hidden_text!(PasswordHash, 128);
