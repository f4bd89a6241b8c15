//! scrypt in Django's form.

use ::scrypt::{Params, scrypt};
use base64::{Engine, engine::general_purpose::STANDARD};
use nuages::signing::constant_time_eq;

use super::algorithm::Algorithm;
use super::memory::Memory;

/// Bytes of a hash.
const LENGTH: usize = 64;
/// Blocks of 128 bytes that a stored string may ask for: 1 GiB.
const MOST_MEMORY: u64 = 1 << 23;
/// Blocks times lanes that a stored string may ask for: some ten seconds.
const MOST_WORK: u64 = 1 << 25;

/// What a new hash costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScryptParams {
    /// N, a power of two.
    pub work_factor: u64,
    /// r: with N, 128 bytes of memory for each.
    pub block_size: u32,
    /// p: so many times, one after the other.
    pub parallelism: u32,
}

impl Default for ScryptParams {
    /// Django's: 16 MiB, five times. Larger ones do not fit into the password's column.
    fn default() -> Self {
        Self { work_factor: 1 << 14, block_size: 8, parallelism: 5 }
    }
}

/// A string taken apart.
struct Encoded<'e> {
    params: ScryptParams,
    salt: &'e str,
    hash: &'e str,
}

impl Algorithm for ScryptParams {
    fn name(&self) -> &'static str {
        "scrypt"
    }

    fn make(&self, password: &str, salt: &str, _memory: &mut Memory) -> String {
        let Self { work_factor, block_size, parallelism } = self;
        let hash = self.hash(password, salt).expect("a site's own scrypt parameters are possible ones");
        format!("scrypt${work_factor}${salt}${block_size}${parallelism}${hash}")
    }

    fn verify(&self, password: &str, encoded: &str, _memory: &mut Memory) -> Option<bool> {
        let stored = Encoded::read(encoded)?;
        let hash = stored.params.hash(password, stored.salt)?;
        Some(constant_time_eq(hash.as_bytes(), stored.hash.as_bytes()))
    }

    fn summary(&self, encoded: &str) -> Option<String> {
        let Self { work_factor, block_size, parallelism } =
            Some(Encoded::read(encoded)?.params).filter(Self::is_affordable)?;
        Some(format!("scrypt, work factor {work_factor}, block size {block_size}, parallelism {parallelism}"))
    }

    /// A short salt stays, as in Django.
    fn must_update(&self, encoded: &str) -> bool {
        Encoded::read(encoded).is_none_or(|stored| stored.params != *self)
    }
}

impl ScryptParams {
    /// `None` if no hash can be made of this.
    fn hash(&self, password: &str, salt: &str) -> Option<String> {
        if !self.is_affordable() {
            return None;
        }
        let log_n = u8::try_from(self.work_factor.ilog2()).ok()?;
        let params = Params::new(log_n, self.block_size, self.parallelism).ok()?;
        let mut hash = [0; LENGTH];
        scrypt(password.as_bytes(), salt.as_bytes(), &params, &mut hash).ok()?;
        Some(STANDARD.encode(hash))
    }

    /// Who can write to the database must not stop the site by it.
    fn is_affordable(&self) -> bool {
        let memory = self.work_factor.saturating_mul(self.block_size.into());
        let work = memory.saturating_mul(self.parallelism.into());
        self.work_factor.is_power_of_two()
            && self.work_factor > 1
            && (1..=MOST_MEMORY).contains(&memory)
            && (1..=MOST_WORK).contains(&work)
    }
}

impl<'e> Encoded<'e> {
    fn read(encoded: &'e str) -> Option<Self> {
        let mut parts = encoded.strip_prefix("scrypt$")?.splitn(5, '$');
        let work_factor = parts.next()?.parse().ok()?;
        let salt = parts.next().filter(|salt| !salt.is_empty())?;
        let [block_size, parallelism] = [parts.next()?.parse().ok()?, parts.next()?.parse().ok()?];
        let params = ScryptParams { work_factor, block_size, parallelism };
        Some(Self { params, salt, hash: parts.next()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_can_afford_is_not_tried() {
        for params in [
            ("0", "8", "5"),
            ("1", "8", "5"),
            ("16383", "8", "5"),
            ("16384", "0", "5"),
            ("16384", "8", "0"),
            ("16384", "8", "4294967295"),
            ("2097152", "8", "1"),
            ("16384", "4294967295", "4294967295"),
            ("9223372036854775808", "8", "1"),
            ("18446744073709551616", "8", "1"),
            ("2", "65536", "65536"),
            ("-16384", "8", "5"),
            ("", "", ""),
        ] {
            let encoded = format!("scrypt${}$salt${}${}$x", params.0, params.1, params.2);
            let verdict = ScryptParams::default().verify("a", &encoded, &mut Memory::new());
            assert_eq!(verdict, None, "{params:?}");
        }
    }

    #[test]
    fn a_new_string_fills_the_column_to_the_last_byte() {
        let params = ScryptParams::default();
        let encoded = params.make("secret", &params.salt(), &mut Memory::new());
        assert_eq!(encoded.len(), 128);
        assert!(!params.must_update(&encoded));
        assert!(ScryptParams { parallelism: 1, ..params }.must_update(&encoded));
    }
}
