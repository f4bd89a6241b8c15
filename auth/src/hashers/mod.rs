//! Passwords as Django stores them: the first hasher writes, all of them read.

mod algorithm;
mod argon2;
#[cfg(feature = "legacy-hashers")]
mod bcrypt;
#[cfg(feature = "legacy-hashers")]
mod digest;
mod hasher;
mod memory;
mod pbkdf2;
#[cfg(feature = "legacy-hashers")]
mod scrypt;
mod stored;

pub use argon2::Argon2Params;
#[cfg(feature = "legacy-hashers")]
pub use bcrypt::BCRYPT_ROUNDS;
pub use hasher::{Hasher, PBKDF2_ITERATIONS};
pub use memory::Memory;
#[cfg(feature = "legacy-hashers")]
pub use scrypt::ScryptParams;
pub use stored::{is_usable, unusable_password};

use hasher::{NAMES, short};
use std::hint::black_box;

/// Those that read when the setting names none; the first writes. The older ones are read only where they are named.
const DEFAULT: [&str; 5] = ["argon2", "pbkdf2_sha256", "pbkdf2_sha1", "bcrypt_sha256", "scrypt"];

/// What checking a password has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The password is right.
    pub correct: bool,
    /// It is right, and should be stored anew with the first hasher.
    pub must_update: bool,
}

impl Verdict {
    /// The password is wrong.
    pub const WRONG: Self = Self { correct: false, must_update: false };
}

/// Why a list in `password_hashers` is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadHashers {
    /// No such algorithm.
    #[error("`{0}` is no password hasher; use {names}", names = names())]
    Unknown(String),
    /// The crate was built without it.
    #[error("`{0}` needs the feature `legacy-hashers` of nuages-auth; add it in Cargo.toml")]
    NotBuilt(String),
    /// It writes nothing, and stands first.
    #[error("`{0}` only reads old passwords; put another hasher in front of it, such as argon2")]
    OnlyReads(String),
    /// Nothing to write with.
    #[error("the list of password hashers is empty; put argon2 in it")]
    Empty,
}

fn names() -> String {
    NAMES.map(|(name, _)| name).join(", ")
}

/// The setting `password_hashers`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordHashers {
    first: Hasher,
    others: Vec<Hasher>,
}

impl Default for PasswordHashers {
    /// Argon2id writes; PBKDF2 and, with the feature `legacy-hashers`, `bcrypt_sha256` and scrypt are read besides.
    fn default() -> Self {
        let others = DEFAULT[1..].iter().filter_map(|name| Hasher::named(name)).collect();
        Self { first: Hasher::Argon2(Argon2Params::default()), others }
    }
}

impl PasswordHashers {
    /// The first writes, the others are read besides.
    pub fn new(first: Hasher, others: impl IntoIterator<Item = Hasher>) -> Self {
        Self { first, others: others.into_iter().collect() }
    }

    /// Reads the setting: names of algorithms or Django's dotted names, the one that writes in front.
    pub fn from_names<S: AsRef<str>>(names: &[S]) -> Result<Self, BadHashers> {
        let mut hashers = names.iter().map(|name| named(name.as_ref()));
        let first = hashers.next().ok_or(BadHashers::Empty)??;
        if !first.writes() {
            return Err(BadHashers::OnlyReads(first.algorithm().to_owned()));
        }
        Ok(Self { first, others: hashers.collect::<Result<_, _>>()? })
    }

    /// Hashes that cost nothing and protect nothing: for tests.
    pub fn for_tests() -> Self {
        Self { first: Hasher::Argon2(Argon2Params { memory: 8, passes: 1, lanes: 1 }), ..Self::default() }
    }

    /// Turns a password into what is stored, with a new salt.
    pub fn make(&self, password: &str, memory: &mut Memory) -> String {
        self.first.make(password, memory)
    }

    /// Checks a password. Takes one hash, also where there is nothing to check against.
    pub fn verify(&self, password: &str, encoded: &str, memory: &mut Memory) -> Verdict {
        let Some(hasher) = self.identify(encoded) else { return self.wrong(password, memory) };
        match hasher.verify(password, encoded, memory) {
            None => {
                tracing::warn!(algorithm = hasher.algorithm(), "a stored password cannot be read");
                self.wrong(password, memory)
            }
            Some(false) => {
                self.same_algorithm(hasher).inspect(|first| first.harden(password, encoded));
                Verdict::WRONG
            }
            Some(true) => Verdict { correct: true, must_update: self.must_update(hasher, encoded) },
        }
    }

    /// Does the work of one check, so that an unknown user takes as long as a known one.
    pub fn burn(&self, password: &str, memory: &mut Memory) {
        black_box(self.make(password, memory));
    }

    /// The hasher that reads this string; `None` for an unusable password and for what nobody here can read.
    pub fn identify(&self, encoded: &str) -> Option<&Hasher> {
        if !is_usable(encoded) {
            return None;
        }
        let algorithm = stored::algorithm(encoded);
        let known = self.all().find(|hasher| algorithm == Some(hasher.algorithm()));
        if known.is_none() {
            say_unread(algorithm);
        }
        known
    }

    /// The name of the one that writes.
    pub fn algorithm(&self) -> &'static str {
        self.first.algorithm()
    }

    /// Blocks of memory that one new hash needs.
    pub(crate) fn blocks(&self) -> usize {
        self.first.blocks()
    }

    fn all(&self) -> impl Iterator<Item = &Hasher> {
        std::iter::once(&self.first).chain(&self.others)
    }

    fn wrong(&self, password: &str, memory: &mut Memory) -> Verdict {
        self.burn(password, memory);
        Verdict::WRONG
    }

    fn must_update(&self, hasher: &Hasher, encoded: &str) -> bool {
        self.same_algorithm(hasher).is_none_or(|first| first.must_update(encoded))
    }

    /// The hasher that writes, if it is of the same algorithm.
    fn same_algorithm(&self, hasher: &Hasher) -> Option<&Hasher> {
        Some(&self.first).filter(|first| first.algorithm() == hasher.algorithm())
    }
}

fn named(name: &str) -> Result<Hasher, BadHashers> {
    let missing = || match NAMES.iter().any(|(known, _)| *known == short(name)) {
        true => BadHashers::NotBuilt(short(name).to_owned()),
        false => BadHashers::Unknown(name.trim().to_owned()),
    };
    Hasher::named(name).ok_or_else(missing)
}

/// What kind of string it is, of whichever hasher: neither salt nor hash.
pub(crate) fn summary(encoded: &str) -> String {
    if encoded.is_empty() || !is_usable(encoded) {
        return "no password set".to_owned();
    }
    let hasher = stored::algorithm(encoded).and_then(Hasher::named);
    let summary = hasher.and_then(|hasher| hasher.summary(encoded));
    summary.unwrap_or_else(|| "unreadable: no hasher knows it".to_owned())
}

/// Says what to do for whoever has a password that no hasher of the list reads.
fn say_unread(algorithm: Option<&'static str>) {
    match algorithm {
        Some(algorithm) if Hasher::named(algorithm).is_some() => {
            tracing::warn!(algorithm, "no hasher reads a stored password; name it in PASSWORD_HASHERS");
        }
        Some(algorithm) => {
            let todo =
                "no hasher reads a stored password; build nuages-auth with the feature `legacy-hashers`";
            tracing::warn!(algorithm, "{todo}");
        }
        None => tracing::warn!("a stored password is of no algorithm that is known here"),
    }
}

#[cfg(test)]
mod tests;
