//! Stored passwords that no password opens.

use nuages::signing::{ALPHANUMERIC, random_string};

/// Names that Django has given to algorithms. Others are not logged: they may be a part of a secret.
const ALGORITHMS: [&str; 8] =
    ["argon2", "pbkdf2_sha256", "pbkdf2_sha1", "scrypt", "bcrypt_sha256", "bcrypt", "md5", "sha1"];

/// What is stored for a user who cannot log in by password.
pub fn unusable_password() -> String {
    format!("!{}", random_string(40, ALPHANUMERIC))
}

/// Whether a password could open it; not so for hashes without salt, which Django has given up.
pub fn is_usable(encoded: &str) -> bool {
    !encoded.starts_with('!') && !is_unsalted(encoded)
}

/// The algorithm that a stored string names.
pub(super) fn algorithm(encoded: &str) -> Option<&'static str> {
    let (name, _) = encoded.split_once('$')?;
    ALGORITHMS.into_iter().find(|known| *known == name)
}

fn is_unsalted(encoded: &str) -> bool {
    let length = encoded.chars().count();
    length == 32 && !encoded.contains('$')
        || length == 37 && encoded.starts_with("md5$$")
        || length == 46 && encoded.starts_with("sha1$$")
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
    fn hashes_without_salt_are_unusable() {
        let unsalted =
            ["0".repeat(32), format!("md5$${}", "0".repeat(32)), format!("sha1$${}", "0".repeat(40))];
        assert!(unsalted.iter().all(|encoded| !is_usable(encoded)));
        assert!(is_usable("md5$salt$0") && is_usable(""));
    }

    #[test]
    fn only_djangos_names_are_named() {
        assert_eq!(algorithm("scrypt$16384$salt$8$5$x"), Some("scrypt"));
        assert_eq!(algorithm("s3cret$x"), None);
        assert_eq!(algorithm("plain"), None);
    }
}
