//! Passwords as Django stores them: the first hasher writes, all of them read.

use std::hint::black_box;

mod argon2;
mod pbkdf2;
mod unusable;

pub use argon2::Argon2Params;
pub use unusable::{is_usable, unusable_password};

use self::pbkdf2::Digest;

/// Memory that Argon2 works in. Handed from one hash to the next, it is allocated once.
pub type Memory = Vec<::argon2::Block>;

/// Iterations of PBKDF2 that Django 5.2 writes.
pub const PBKDF2_ITERATIONS: u32 = 1_000_000;

/// Characters of a new salt: 131 bits. Shorter ones are replaced at the next login.
const SALT_LENGTH: usize = 22;

/// One way to hash, with the cost at which it writes. It reads every cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hasher {
    /// `argon2$argon2id$v=19$m=…,t=…,p=…$salt$hash`
    Argon2(Argon2Params),
    /// `pbkdf2_sha256$iterations$salt$hash`
    Pbkdf2Sha256(u32),
    /// `pbkdf2_sha1$iterations$salt$hash`
    Pbkdf2Sha1(u32),
}

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

/// A name in `password_hashers` that no hasher has, or no name at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadHashers {
    /// No such algorithm.
    #[error("`{0}` is no password hasher; use argon2, pbkdf2_sha256 or pbkdf2_sha1")]
    Unknown(String),
    /// Nothing to write with.
    #[error("the list of password hashers is empty; put argon2 in it")]
    Empty,
}

impl Hasher {
    /// The hasher of this name, at its default cost.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "argon2" => Some(Self::Argon2(Argon2Params::default())),
            "pbkdf2_sha256" => Some(Self::Pbkdf2Sha256(PBKDF2_ITERATIONS)),
            "pbkdf2_sha1" => Some(Self::Pbkdf2Sha1(PBKDF2_ITERATIONS)),
            _ => None,
        }
    }

    /// What its strings begin with.
    pub fn algorithm(&self) -> &'static str {
        match self {
            Self::Argon2(_) => "argon2",
            Self::Pbkdf2Sha256(_) => "pbkdf2_sha256",
            Self::Pbkdf2Sha1(_) => "pbkdf2_sha1",
        }
    }

    fn make(&self, password: &str, salt: &str, memory: &mut Memory) -> String {
        match self {
            Self::Argon2(params) => argon2::make(password, salt, *params, memory),
            Self::Pbkdf2Sha256(iterations) => pbkdf2::make(Digest::Sha256, password, salt, *iterations),
            Self::Pbkdf2Sha1(iterations) => pbkdf2::make(Digest::Sha1, password, salt, *iterations),
        }
    }

    /// `None` if the string is not one of this algorithm.
    fn verify(&self, password: &str, encoded: &str, memory: &mut Memory) -> Option<bool> {
        match self {
            Self::Argon2(_) => argon2::verify(password, encoded, memory),
            Self::Pbkdf2Sha256(_) => pbkdf2::verify(Digest::Sha256, password, encoded),
            Self::Pbkdf2Sha1(_) => pbkdf2::verify(Digest::Sha1, password, encoded),
        }
    }

    fn must_update(&self, encoded: &str) -> bool {
        match self {
            Self::Argon2(params) => argon2::must_update(*params, encoded),
            Self::Pbkdf2Sha256(iterations) => pbkdf2::must_update(Digest::Sha256, *iterations, encoded),
            Self::Pbkdf2Sha1(iterations) => pbkdf2::must_update(Digest::Sha1, *iterations, encoded),
        }
    }

    /// Does the work by which the stored string was cheaper than a new one.
    fn harden(&self, password: &str, encoded: &str) {
        match self {
            // Memory and passes cannot be made up for one by one; Django does not either.
            Self::Argon2(_) => {}
            Self::Pbkdf2Sha256(iterations) => pbkdf2::harden(Digest::Sha256, password, *iterations, encoded),
            Self::Pbkdf2Sha1(iterations) => pbkdf2::harden(Digest::Sha1, password, *iterations, encoded),
        }
    }
}

/// The setting `password_hashers`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordHashers {
    first: Hasher,
    others: Vec<Hasher>,
}

impl Default for PasswordHashers {
    /// Argon2id writes; PBKDF2 is read.
    fn default() -> Self {
        let others = ["pbkdf2_sha256", "pbkdf2_sha1"].into_iter().filter_map(Hasher::named).collect();
        Self { first: Hasher::Argon2(Argon2Params::default()), others }
    }
}

impl PasswordHashers {
    /// The first writes, the others are read besides.
    pub fn new(first: Hasher, others: impl IntoIterator<Item = Hasher>) -> Self {
        Self { first, others: others.into_iter().collect() }
    }

    /// Reads the setting: names of algorithms, the one that writes in front.
    pub fn from_names<S: AsRef<str>>(names: &[S]) -> Result<Self, BadHashers> {
        let named = |name: &S| {
            let name = name.as_ref().trim();
            Hasher::named(name).ok_or_else(|| BadHashers::Unknown(name.to_owned()))
        };
        let mut hashers = names.iter().map(named);
        let first = hashers.next().ok_or(BadHashers::Empty)??;
        Ok(Self { first, others: hashers.collect::<Result<_, _>>()? })
    }

    /// Hashes that cost nothing and protect nothing: for tests.
    pub fn for_tests() -> Self {
        Self { first: Hasher::Argon2(Argon2Params { memory: 8, passes: 1, lanes: 1 }), ..Self::default() }
    }

    /// Turns a password into what is stored, with a new salt.
    pub fn make(&self, password: &str, memory: &mut Memory) -> String {
        let salt = nuages::signing::random_string(SALT_LENGTH, nuages::signing::ALPHANUMERIC);
        self.first.make(password, &salt, memory)
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
        let algorithm = unusable::algorithm(encoded);
        let known = self.all().find(|hasher| algorithm == Some(hasher.algorithm()));
        if known.is_none() {
            tracing::warn!(algorithm = algorithm.unwrap_or("unknown"), "no hasher reads a stored password");
        }
        known
    }

    /// Blocks of memory that one new hash needs.
    pub(crate) fn blocks(&self) -> usize {
        match self.first {
            Hasher::Argon2(params) => params.memory as usize,
            Hasher::Pbkdf2Sha256(_) | Hasher::Pbkdf2Sha1(_) => 0,
        }
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

#[cfg(test)]
mod tests;
