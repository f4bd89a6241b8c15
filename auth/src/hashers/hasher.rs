//! The ways to hash, and what they are called.

use super::algorithm::Algorithm;
use super::argon2::Argon2Params;
#[cfg(feature = "legacy-hashers")]
use super::bcrypt::{BCRYPT_ROUNDS, Bcrypt};
#[cfg(feature = "legacy-hashers")]
use super::digest::Plain;
use super::memory::Memory;
use super::pbkdf2::Pbkdf2;
#[cfg(feature = "legacy-hashers")]
use super::scrypt::ScryptParams;

/// Iterations of PBKDF2 that Django 5.2 writes.
pub const PBKDF2_ITERATIONS: u32 = 1_000_000;

/// The hashers by name, and what Django's setting calls each.
pub(super) const NAMES: [(&str, &str); 10] = [
    ("argon2", "Argon2PasswordHasher"),
    ("pbkdf2_sha256", "PBKDF2PasswordHasher"),
    ("pbkdf2_sha1", "PBKDF2SHA1PasswordHasher"),
    ("bcrypt_sha256", "BCryptSHA256PasswordHasher"),
    ("scrypt", "ScryptPasswordHasher"),
    ("bcrypt", "BCryptPasswordHasher"),
    ("md5", "MD5PasswordHasher"),
    ("sha1", "SHA1PasswordHasher"),
    ("unsalted_md5", "UnsaltedMD5PasswordHasher"),
    ("unsalted_sha1", "UnsaltedSHA1PasswordHasher"),
];

/// One way to hash, with the cost at which it writes. It reads every cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hasher {
    /// `argon2$argon2id$v=19$m=…,t=…,p=…$salt$hash`
    Argon2(Argon2Params),
    /// `pbkdf2_sha256$iterations$salt$hash`
    Pbkdf2Sha256(u32),
    /// `pbkdf2_sha1$iterations$salt$hash`
    Pbkdf2Sha1(u32),
    /// `scrypt$N$salt$r$p$hash`
    #[cfg(feature = "legacy-hashers")]
    Scrypt(ScryptParams),
    /// `bcrypt_sha256$$2b$rounds$salt+hash`, over the password's SHA-256.
    #[cfg(feature = "legacy-hashers")]
    BcryptSha256(u32),
    /// `bcrypt$$2b$rounds$salt+hash`; what is behind the password's 72nd byte does not count.
    #[cfg(feature = "legacy-hashers")]
    Bcrypt(u32),
    /// `md5$salt$hash`: protects nothing.
    #[cfg(feature = "legacy-hashers")]
    Md5,
    /// `sha1$salt$hash`, of a Django before 5.1; it is only read.
    #[cfg(feature = "legacy-hashers")]
    Sha1,
    /// 32 letters, or `md5$$hash`, of a Django before 5.1; it is only read.
    #[cfg(feature = "legacy-hashers")]
    UnsaltedMd5,
    /// `sha1$$hash`, of a Django before 5.1; it is only read.
    #[cfg(feature = "legacy-hashers")]
    UnsaltedSha1,
}

impl Hasher {
    /// The hasher of this name, or of this class of Django's, at its default cost.
    pub fn named(name: &str) -> Option<Self> {
        match short(name) {
            "argon2" => Some(Self::Argon2(Argon2Params::default())),
            "pbkdf2_sha256" => Some(Self::Pbkdf2Sha256(PBKDF2_ITERATIONS)),
            "pbkdf2_sha1" => Some(Self::Pbkdf2Sha1(PBKDF2_ITERATIONS)),
            name => Self::legacy(name),
        }
    }

    #[cfg(feature = "legacy-hashers")]
    fn legacy(name: &str) -> Option<Self> {
        match name {
            "scrypt" => Some(Self::Scrypt(ScryptParams::default())),
            "bcrypt_sha256" => Some(Self::BcryptSha256(BCRYPT_ROUNDS)),
            "bcrypt" => Some(Self::Bcrypt(BCRYPT_ROUNDS)),
            "md5" => Some(Self::Md5),
            "sha1" => Some(Self::Sha1),
            "unsalted_md5" => Some(Self::UnsaltedMd5),
            "unsalted_sha1" => Some(Self::UnsaltedSha1),
            _ => None,
        }
    }

    #[cfg(not(feature = "legacy-hashers"))]
    fn legacy(_name: &str) -> Option<Self> {
        None
    }

    /// Its name, with which its strings begin, unless they have no salt.
    pub fn algorithm(&self) -> &'static str {
        self.as_algorithm().name()
    }

    /// Whether new passwords may be stored with it.
    pub fn writes(&self) -> bool {
        !["sha1", "unsalted_md5", "unsalted_sha1"].contains(&self.algorithm())
    }

    /// Blocks of memory that one new hash needs.
    pub(super) fn blocks(&self) -> usize {
        match self {
            Self::Argon2(params) => params.memory as usize,
            _ => 0,
        }
    }

    pub(super) fn make(&self, password: &str, memory: &mut Memory) -> String {
        memory.count();
        let algorithm = self.as_algorithm();
        algorithm.make(password, &algorithm.salt(), memory)
    }

    /// `None`, and no work done, if the string is not one of this algorithm.
    pub(super) fn verify(&self, password: &str, encoded: &str, memory: &mut Memory) -> Option<bool> {
        let verdict = self.as_algorithm().verify(password, encoded, memory);
        verdict.inspect(|_| memory.count())
    }

    pub(super) fn summary(&self, encoded: &str) -> Option<String> {
        self.as_algorithm().summary(encoded)
    }

    pub(super) fn must_update(&self, encoded: &str) -> bool {
        self.as_algorithm().must_update(encoded)
    }

    pub(super) fn harden(&self, password: &str, encoded: &str) {
        self.as_algorithm().harden(password, encoded);
    }

    fn as_algorithm(&self) -> Box<dyn Algorithm> {
        match *self {
            Self::Argon2(params) => Box::new(params),
            Self::Pbkdf2Sha256(iterations) => Box::new(Pbkdf2::Sha256(iterations)),
            Self::Pbkdf2Sha1(iterations) => Box::new(Pbkdf2::Sha1(iterations)),
            #[cfg(feature = "legacy-hashers")]
            Self::Scrypt(params) => Box::new(params),
            #[cfg(feature = "legacy-hashers")]
            Self::BcryptSha256(rounds) => Box::new(Bcrypt::Sha256(rounds)),
            #[cfg(feature = "legacy-hashers")]
            Self::Bcrypt(rounds) => Box::new(Bcrypt::Plain(rounds)),
            #[cfg(feature = "legacy-hashers")]
            Self::Md5 => Box::new(Plain::Md5),
            #[cfg(feature = "legacy-hashers")]
            Self::Sha1 => Box::new(Plain::Sha1),
            #[cfg(feature = "legacy-hashers")]
            Self::UnsaltedMd5 => Box::new(Plain::UnsaltedMd5),
            #[cfg(feature = "legacy-hashers")]
            Self::UnsaltedSha1 => Box::new(Plain::UnsaltedSha1),
        }
    }
}

/// Our name for `django.contrib.auth.hashers.Argon2PasswordHasher`.
pub(super) fn short(name: &str) -> &str {
    let class = name.trim().strip_prefix("django.contrib.auth.hashers.");
    let known = class.and_then(|class| NAMES.iter().find(|(_, django)| *django == class));
    known.map_or(name.trim(), |(short, _)| short)
}
