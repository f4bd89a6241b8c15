//! One round of MD5 or SHA-1, with salt or without: what the oldest Djangos wrote. It protects nothing.

use md5::{Digest, Md5};
use nuages::signing::{constant_time_eq, hex};
use sha1::Sha1;

use super::algorithm::{Algorithm, is_long};
use super::memory::Memory;

/// Which digest, and whether a salt goes before the password.
#[derive(Clone, Copy, Debug)]
pub(super) enum Plain {
    Md5,
    Sha1,
    UnsaltedMd5,
    UnsaltedSha1,
}

impl Plain {
    fn hash(self, password: &str, salt: &str) -> String {
        let text = [salt, password].concat();
        match self {
            Self::Md5 | Self::UnsaltedMd5 => hex(&Md5::digest(text)),
            Self::Sha1 | Self::UnsaltedSha1 => hex(&Sha1::digest(text)),
        }
    }

    /// Salt and hash of a string.
    fn read(self, encoded: &str) -> Option<(&str, &str)> {
        match self {
            Self::UnsaltedMd5 => Some(("", encoded.strip_prefix("md5$$").unwrap_or(encoded))),
            Self::UnsaltedSha1 => Some(("", encoded.strip_prefix("sha1$$")?)),
            Self::Md5 | Self::Sha1 => {
                let parts = encoded.strip_prefix(self.name())?.strip_prefix('$')?.rsplit_once('$');
                parts.filter(|(salt, _)| !salt.is_empty())
            }
        }
    }
}

impl Algorithm for Plain {
    fn name(&self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::UnsaltedMd5 => "unsalted_md5",
            Self::UnsaltedSha1 => "unsalted_sha1",
        }
    }

    fn make(&self, password: &str, salt: &str, _memory: &mut Memory) -> String {
        format!("{}${salt}${}", self.name(), self.hash(password, salt))
    }

    fn verify(&self, password: &str, encoded: &str, _memory: &mut Memory) -> Option<bool> {
        let (salt, hash) = self.read(encoded)?;
        Some(constant_time_eq(self.hash(password, salt).as_bytes(), hash.as_bytes()))
    }

    fn summary(&self, encoded: &str) -> Option<String> {
        self.read(encoded).map(|_| self.name().to_owned())
    }

    fn must_update(&self, encoded: &str) -> bool {
        !self.read(encoded).is_some_and(|(salt, _)| is_long(salt))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(plain: Plain, encoded: &str) -> [Option<bool>; 2] {
        ["lètmein", "letmein"].map(|password| plain.verify(password, encoded, &mut Memory::new()))
    }

    #[test]
    fn what_the_oldest_djangos_wrote_is_read() {
        // As the tests of Django 4.2 have them.
        for (plain, encoded) in [
            (Plain::Md5, "md5$seasalt$3f86d0d3d465b7b458c231bf3555c0e3"),
            (Plain::Sha1, "sha1$seasalt$cff36ea83f5706ce9aa7454e63e431fc726b2dc8"),
            (Plain::UnsaltedMd5, "88a434c88cca4e900f7874cd98123f43"),
            (Plain::UnsaltedMd5, "md5$$88a434c88cca4e900f7874cd98123f43"),
            (Plain::UnsaltedSha1, "sha1$$6d138ca3ae545631b3abd71a4f076ce759c5700b"),
        ] {
            assert_eq!(check(plain, encoded), [Some(true), Some(false)], "{encoded}");
        }
    }

    #[test]
    fn a_short_salt_is_to_be_replaced() {
        assert!(Plain::Sha1.must_update("sha1$seasalt$cff36ea83f5706ce9aa7454e63e431fc726b2dc8"));
        let new = Plain::Md5.make("secret", &Plain::Md5.salt(), &mut Memory::new());
        assert!(new.len() == 59 && !Plain::Md5.must_update(&new));
    }
}
