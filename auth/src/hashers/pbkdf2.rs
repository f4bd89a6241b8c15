//! PBKDF2 in Django's form.

use std::hint::black_box;

use ::pbkdf2::pbkdf2_hmac_array;
use base64::{Engine, engine::general_purpose::STANDARD};
use nuages::signing::constant_time_eq;
use sha1::Sha1;
use sha2::Sha256;

use super::algorithm::{Algorithm, count, is_long};
use super::memory::Memory;

/// Iterations that a stored string may ask for: some ten seconds.
const MOST_ITERATIONS: u32 = 20_000_000;

/// PBKDF2 over one of two hashes, with the iterations of a new string.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pbkdf2 {
    Sha256(u32),
    Sha1(u32),
}

impl Pbkdf2 {
    fn hash(self, password: &str, salt: &str, iterations: u32) -> String {
        let (password, salt) = (password.as_bytes(), salt.as_bytes());
        match self {
            Self::Sha256(_) => STANDARD.encode(pbkdf2_hmac_array::<Sha256, 32>(password, salt, iterations)),
            Self::Sha1(_) => STANDARD.encode(pbkdf2_hmac_array::<Sha1, 20>(password, salt, iterations)),
        }
    }

    /// Of a new string.
    fn iterations(self) -> u32 {
        let (Self::Sha256(iterations) | Self::Sha1(iterations)) = self;
        iterations
    }
}

impl Algorithm for Pbkdf2 {
    fn name(&self) -> &'static str {
        match self {
            Self::Sha256(_) => "pbkdf2_sha256",
            Self::Sha1(_) => "pbkdf2_sha1",
        }
    }

    fn make(&self, password: &str, salt: &str, _memory: &mut Memory) -> String {
        let iterations = self.iterations();
        format!("{}${iterations}${salt}${}", self.name(), self.hash(password, salt, iterations))
    }

    fn verify(&self, password: &str, encoded: &str, _memory: &mut Memory) -> Option<bool> {
        let stored = Encoded::read(self.name(), encoded)?;
        let hash = self.hash(password, stored.salt, stored.iterations);
        Some(constant_time_eq(hash.as_bytes(), stored.hash.as_bytes()))
    }

    fn summary(&self, encoded: &str) -> Option<String> {
        let iterations = Encoded::read(self.name(), encoded)?.iterations;
        Some(format!("{}, {}", self.name(), count(iterations, "iteration", "iterations")))
    }

    fn must_update(&self, encoded: &str) -> bool {
        let is_new = |stored: Encoded<'_>| stored.iterations == self.iterations() && is_long(stored.salt);
        !Encoded::read(self.name(), encoded).is_some_and(is_new)
    }

    /// Runs the iterations that the stored string does not ask for.
    fn harden(&self, password: &str, encoded: &str) {
        let Some(stored) = Encoded::read(self.name(), encoded) else { return };
        if let missing @ 1.. = self.iterations().saturating_sub(stored.iterations) {
            black_box(self.hash(password, stored.salt, missing));
        }
    }
}

/// A string taken apart.
struct Encoded<'e> {
    iterations: u32,
    salt: &'e str,
    hash: &'e str,
}

impl<'e> Encoded<'e> {
    fn read(name: &str, encoded: &'e str) -> Option<Self> {
        let mut parts = encoded.strip_prefix(name)?.strip_prefix('$')?.splitn(3, '$');
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
        assert_eq!(Pbkdf2::Sha1(1).hash("password", "salt", 1), "DGDID5YfDnHzqbUkr2ASBi/gN6Y=");
        assert_eq!(
            Pbkdf2::Sha256(1).hash("password", "salt", 1),
            "Eg+2z/z4syxD5yJSVsT4N6hlSMkszDVICAWYfLcL4Xs="
        );
    }

    #[test]
    fn what_nobody_can_afford_is_not_tried() {
        for iterations in ["0", "20000001", "99999999999", "-1", "", "1_000", "٣"] {
            let encoded = format!("pbkdf2_sha256${iterations}$salt$x");
            assert_eq!(Pbkdf2::Sha256(1).verify("a", &encoded, &mut Memory::new()), None);
        }
    }

    #[test]
    fn a_short_salt_or_another_cost_is_to_be_replaced() {
        let stored = |iterations, salt| Pbkdf2::Sha256(iterations).make("a", salt, &mut Memory::new());
        let must_update = |encoded: &str| Pbkdf2::Sha256(2).must_update(encoded);
        assert!(!must_update(&stored(2, "aBcDeFgHiJkLmNoPqRsTuV")));
        assert!(must_update(&stored(2, "aBcDeFgHiJkLmNoPqRsTu")));
        assert!(must_update(&stored(3, "aBcDeFgHiJkLmNoPqRsTuV")));
    }
}
