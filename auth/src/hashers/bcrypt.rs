//! bcrypt in Django's two forms: over the password, and over the password's SHA-256.

use std::hint::black_box;

use ::bcrypt::{BASE_64, bcrypt};
use base64::Engine;
use nuages::signing::{constant_time_eq, hex, random_string};
use sha2::{Digest, Sha256};

use super::algorithm::Algorithm;
use super::memory::Memory;

/// Rounds that Django 5.2 writes; one more is twice the work.
pub const BCRYPT_ROUNDS: u32 = 12;
/// Rounds that a stored string may ask for: some ten seconds.
const MOST_ROUNDS: u32 = 17;
/// Fewer are no bcrypt.
const FEWEST_ROUNDS: u32 = 4;
/// Bytes that bcrypt reads, the NUL at the end among them.
const READ: usize = 72;
/// The letters of a salt.
const LETTERS: &str = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// The last letter of a salt stands for two bits.
const LAST_LETTERS: &str = ".Oeu";

/// What is hashed, with the rounds of a new string.
#[derive(Clone, Copy, Debug)]
pub(super) enum Bcrypt {
    /// The password; what is behind its 72nd byte does not count.
    Plain(u32),
    /// The password's SHA-256 in hex: all of it counts.
    Sha256(u32),
}

/// A string taken apart.
struct Encoded<'e> {
    rounds: u32,
    salt: &'e str,
    hash: &'e str,
}

impl Bcrypt {
    /// Of a new string.
    fn rounds(self) -> u32 {
        let (Self::Plain(rounds) | Self::Sha256(rounds)) = self;
        rounds
    }

    /// `None` if the salt is none.
    fn hash(self, password: &str, salt: &str, rounds: u32) -> Option<String> {
        let salt: [u8; 16] = BASE_64.decode(salt).ok()?.try_into().ok()?;
        let mut password = match self {
            Self::Plain(_) => password.as_bytes().to_vec(),
            Self::Sha256(_) => hex(&Sha256::digest(password)).into_bytes(),
        };
        password.push(0);
        password.truncate(READ);
        Some(BASE_64.encode(&bcrypt(rounds, salt, &password)[..23]))
    }
}

impl Algorithm for Bcrypt {
    fn name(&self) -> &'static str {
        match self {
            Self::Plain(_) => "bcrypt",
            Self::Sha256(_) => "bcrypt_sha256",
        }
    }

    fn salt(&self) -> String {
        random_string(21, LETTERS) + &random_string(1, LAST_LETTERS)
    }

    fn make(&self, password: &str, salt: &str, _memory: &mut Memory) -> String {
        let rounds = self.rounds();
        let hash = self.hash(password, salt, rounds).expect("a salt of our own is one");
        format!("{}$$2b${rounds:02}${salt}{hash}", self.name())
    }

    fn verify(&self, password: &str, encoded: &str, _memory: &mut Memory) -> Option<bool> {
        let stored = Encoded::read(self.name(), encoded)?;
        let hash = self.hash(password, stored.salt, stored.rounds)?;
        Some(constant_time_eq(hash.as_bytes(), stored.hash.as_bytes()))
    }

    fn summary(&self, encoded: &str) -> Option<String> {
        let Encoded { rounds, salt, .. } = Encoded::read(self.name(), encoded)?;
        BASE_64.decode(salt).ok()?;
        Some(format!("{}, {rounds} rounds", self.name()))
    }

    fn must_update(&self, encoded: &str) -> bool {
        Encoded::read(self.name(), encoded).is_none_or(|stored| stored.rounds != self.rounds())
    }

    /// Runs the rounds that the stored string does not ask for.
    fn harden(&self, password: &str, encoded: &str) {
        let Some(stored) = Encoded::read(self.name(), encoded) else { return };
        // 2^12 are 2^10 + 2^10 + 2^11.
        for rounds in stored.rounds..self.rounds() {
            black_box(self.hash(password, stored.salt, rounds));
        }
    }
}

impl<'e> Encoded<'e> {
    fn read(name: &str, encoded: &'e str) -> Option<Self> {
        let mut parts = encoded.strip_prefix(name)?.strip_prefix("$$")?.splitn(3, '$');
        parts.next().filter(|version| ["2a", "2b", "2y"].contains(version))?;
        let rounds = parts.next()?.parse().ok();
        let rounds = rounds.filter(|rounds| (FEWEST_ROUNDS..=MOST_ROUNDS).contains(rounds))?;
        let (salt, hash) = parts.next()?.split_at_checked(22)?;
        Some(Self { rounds, salt, hash })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALT: &str = "abcdefghijklmnopqrstuu";

    fn stored(rounds: &str) -> String {
        format!("bcrypt$$2b${rounds}${SALT}anVo7Xut1CH8VGIGlz1JovQh9GJbbtG")
    }

    #[test]
    fn what_nobody_can_afford_is_not_tried() {
        for rounds in ["", "0", "03", "18", "31", "32", "99", "-4", "٤"] {
            let verdict = Bcrypt::Plain(4).verify("a", &stored(rounds), &mut Memory::new());
            assert_eq!(verdict, None, "{rounds}");
        }
    }

    #[test]
    fn a_new_salt_is_one_and_never_the_same() {
        let hasher = Bcrypt::Sha256(4);
        let salt = hasher.salt();
        assert!(salt.len() == 22 && salt != hasher.salt());
        assert_eq!(hasher.make("secret", &salt, &mut Memory::new()).len(), 74);
        assert_eq!(Bcrypt::Plain(4).make("secret", &salt, &mut Memory::new()).len(), 67);
    }

    #[test]
    fn the_long_passwords_that_bcrypt_itself_cuts_are_cut_and_no_others() {
        let long = "x".repeat(80);
        let cut = Bcrypt::Plain(4).make(&long, SALT, &mut Memory::new());
        assert_eq!(Bcrypt::Plain(4).verify(&long[..72], &cut, &mut Memory::new()), Some(true));
        assert_eq!(Bcrypt::Plain(4).verify(&long[..71], &cut, &mut Memory::new()), Some(false));
        let whole = Bcrypt::Sha256(4).make(&long, SALT, &mut Memory::new());
        assert_eq!(Bcrypt::Sha256(4).verify(&long[..72], &whole, &mut Memory::new()), Some(false));
    }

    #[test]
    fn other_rounds_are_to_be_replaced() {
        assert!(!Bcrypt::Plain(4).must_update(&stored("04")));
        assert!(Bcrypt::Plain(5).must_update(&stored("04")) && Bcrypt::Plain(4).must_update(&stored("05")));
    }
}
