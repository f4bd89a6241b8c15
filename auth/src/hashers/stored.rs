//! What is stored for a password, before anyone takes it apart.

use nuages::signing::{ALPHANUMERIC, random_string};

use super::hasher::NAMES;

/// What is stored for a user who cannot log in by password.
pub fn unusable_password() -> String {
    format!("!{}", random_string(40, ALPHANUMERIC))
}

/// Whether a password could open it, if a hasher reads it.
pub fn is_usable(encoded: &str) -> bool {
    !encoded.starts_with('!')
}

/// The algorithm of a stored string. Names that no hasher has are not told: they may be a part of a secret.
pub(super) fn algorithm(encoded: &str) -> Option<&'static str> {
    let name =
        unsalted(encoded).or_else(|| bare_argon2(encoded)).or_else(|| Some(encoded.split_once('$')?.0))?;
    NAMES.iter().map(|(known, _)| *known).find(|known| *known == name)
}

/// A string as Rust's crates and most other languages write it, without Django's word in front.
fn bare_argon2(encoded: &str) -> Option<&'static str> {
    encoded.starts_with("$argon2").then_some("argon2")
}

/// The algorithm of a string without salt, which the oldest Djangos wrote.
fn unsalted(encoded: &str) -> Option<&'static str> {
    match encoded.chars().count() {
        32 if !encoded.contains('$') => Some("unsalted_md5"),
        37 if encoded.starts_with("md5$$") => Some("unsalted_md5"),
        46 if encoded.starts_with("sha1$$") => Some("unsalted_sha1"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unusable_password_is_never_the_same_and_has_djangos_form() {
        let password = unusable_password();
        assert!(password.len() == 41 && password.starts_with('!') && !is_usable(&password));
        assert_ne!(password, unusable_password());
    }

    #[test]
    fn hashes_without_salt_are_known_by_their_length() {
        let (md5, sha1) = ("0".repeat(32), "0".repeat(40));
        assert_eq!(algorithm(&md5), Some("unsalted_md5"));
        assert_eq!(algorithm(&format!("md5$${md5}")), Some("unsalted_md5"));
        assert_eq!(algorithm(&format!("sha1$${sha1}")), Some("unsalted_sha1"));
        assert_eq!(algorithm("md5$salt$0"), Some("md5"));
    }

    #[test]
    fn only_djangos_names_are_named() {
        assert_eq!(algorithm("scrypt$16384$salt$8$5$x"), Some("scrypt"));
        assert_eq!(algorithm("s3cret$x"), None);
        assert_eq!(algorithm("plain"), None);
        assert_eq!(algorithm("$argon2id$v=19$m=8,t=1,p=1$x$x"), Some("argon2"));
        assert_eq!(algorithm("$2b$12$x"), None);
    }
}
