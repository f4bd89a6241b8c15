//! PBKDF2 in Django's form.

use std::hint::black_box;

use ::pbkdf2::pbkdf2_hmac_array;
use base64::{Engine, engine::general_purpose::STANDARD};
use nuages::signing::constant_time_eq;
use sha1::Sha1;
use sha2::Sha256;

use super::SALT_LENGTH;

/// Iterations that a stored string may ask for: some ten seconds.
const MOST_ITERATIONS: u32 = 20_000_000;

/// The hash inside.
#[derive(Clone, Copy, Debug)]
pub(super) enum Digest {
    Sha256,
    Sha1,
}

impl Digest {
    fn algorithm(self) -> &'static str {
        match self {
            Self::Sha256 => "pbkdf2_sha256",
            Self::Sha1 => "pbkdf2_sha1",
        }
    }

    fn hash(self, password: &str, salt: &str, iterations: u32) -> String {
        let (password, salt) = (password.as_bytes(), salt.as_bytes());
        match self {
            Self::Sha256 => STANDARD.encode(pbkdf2_hmac_array::<Sha256, 32>(password, salt, iterations)),
            Self::Sha1 => STANDARD.encode(pbkdf2_hmac_array::<Sha1, 20>(password, salt, iterations)),
        }
    }
}

/// A string taken apart.
struct Encoded<'e> {
    iterations: u32,
    salt: &'e str,
    hash: &'e str,
}

pub(super) fn make(digest: Digest, password: &str, salt: &str, iterations: u32) -> String {
    let hash = digest.hash(password, salt, iterations);
    format!("{}${iterations}${salt}${hash}", digest.algorithm())
}

pub(super) fn verify(digest: Digest, password: &str, encoded: &str) -> Option<bool> {
    let stored = Encoded::read(digest, encoded)?;
    let hash = digest.hash(password, stored.salt, stored.iterations);
    Some(constant_time_eq(hash.as_bytes(), stored.hash.as_bytes()))
}

pub(super) fn must_update(digest: Digest, iterations: u32, encoded: &str) -> bool {
    let is_new =
        |stored: Encoded<'_>| stored.iterations == iterations && stored.salt.chars().count() >= SALT_LENGTH;
    !Encoded::read(digest, encoded).is_some_and(is_new)
}

/// Runs the iterations that the stored string does not ask for.
pub(super) fn harden(digest: Digest, password: &str, iterations: u32, encoded: &str) {
    let Some(stored) = Encoded::read(digest, encoded) else { return };
    if let missing @ 1.. = iterations.saturating_sub(stored.iterations) {
        black_box(digest.hash(password, stored.salt, missing));
    }
}

impl<'e> Encoded<'e> {
    fn read(digest: Digest, encoded: &'e str) -> Option<Self> {
        let mut parts = encoded.strip_prefix(digest.algorithm())?.strip_prefix('$')?.splitn(3, '$');
        let iterations = parts.next()?.parse().ok().filter(|count| (1..=MOST_ITERATIONS).contains(count))?;
        let salt = parts.next().filter(|salt| !salt.is_empty())?;
        Some(Self { iterations, salt, hash: parts.next()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_vectors_hold() {
        assert_eq!(Digest::Sha1.hash("password", "salt", 1), "DGDID5YfDnHzqbUkr2ASBi/gN6Y=");
        assert_eq!(
            Digest::Sha256.hash("password", "salt", 1),
            "Eg+2z/z4syxD5yJSVsT4N6hlSMkszDVICAWYfLcL4Xs="
        );
    }

    #[test]
    fn what_nobody_can_afford_is_not_tried() {
        for iterations in ["0", "20000001", "99999999999", "-1", "", "1_000", "٣"] {
            assert_eq!(verify(Digest::Sha256, "a", &format!("pbkdf2_sha256${iterations}$salt$x")), None);
        }
    }

    #[test]
    fn a_short_salt_or_another_cost_is_to_be_replaced() {
        let stored = |iterations, salt| make(Digest::Sha256, "a", salt, iterations);
        assert!(!must_update(Digest::Sha256, 2, &stored(2, "aBcDeFgHiJkLmNoPqRsTuV")));
        assert!(must_update(Digest::Sha256, 2, &stored(2, "aBcDeFgHiJkLmNoPqRsTu")));
        assert!(must_update(Digest::Sha256, 2, &stored(3, "aBcDeFgHiJkLmNoPqRsTuV")));
    }
}
