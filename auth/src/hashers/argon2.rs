//! Argon2 in Django's form: the usual string with `argon2` in front. The usual one alone is read too.

use ::argon2::{Algorithm as Variant, Argon2, Params, Version};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use nuages::signing::constant_time_eq;

use super::algorithm::{Algorithm, SALT_LENGTH, count};
use super::memory::Memory;

/// What Django puts in front.
const DJANGOS: &str = "argon2$";
/// Bytes of a new hash.
const TAG_LENGTH: usize = 32;
/// KiB that a stored string may ask for: 1 GiB.
const MOST_MEMORY: u32 = 1 << 20;
/// KiB times passes that a stored string may ask for: some ten seconds.
const MOST_WORK: u64 = 1 << 23;

/// What a new hash costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argon2Params {
    /// KiB of memory, at least 8 for each lane.
    pub memory: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes. They run one after the other.
    pub lanes: u32,
}

impl Default for Argon2Params {
    /// What OWASP asks for: 19 MiB, two passes.
    fn default() -> Self {
        Self { memory: 19_456, passes: 2, lanes: 1 }
    }
}

/// A string taken apart.
#[derive(Debug)]
struct Encoded {
    algorithm: Variant,
    version: Version,
    params: Argon2Params,
    salt: Vec<u8>,
    tag: Vec<u8>,
}

impl Algorithm for Argon2Params {
    fn name(&self) -> &'static str {
        "argon2"
    }

    fn make(&self, password: &str, salt: &str, memory: &mut Memory) -> String {
        let mut new = Encoded {
            algorithm: Variant::Argon2id,
            version: Version::V0x13,
            params: *self,
            salt: salt.into(),
            tag: vec![0; TAG_LENGTH],
        };
        new.tag = new.hash(password, memory).expect("a site's own Argon2 parameters are possible ones");
        new.write()
    }

    fn verify(&self, password: &str, encoded: &str, memory: &mut Memory) -> Option<bool> {
        let stored = Encoded::read(encoded)?;
        Some(constant_time_eq(&stored.hash(password, memory)?, &stored.tag))
    }

    fn summary(&self, encoded: &str) -> Option<String> {
        let Encoded { algorithm, params, tag, .. } = Encoded::read(encoded)?;
        let Self { memory, passes, lanes } = params;
        Params::new(memory, passes, lanes, Some(tag.len())).ok()?;
        let (passes, lanes) = (count(passes, "pass", "passes"), count(lanes, "lane", "lanes"));
        Some(format!("{algorithm}, memory {memory} KiB, {passes}, {lanes}"))
    }

    fn must_update(&self, encoded: &str) -> bool {
        !encoded.starts_with(DJANGOS) || Encoded::read(encoded).is_none_or(|stored| !stored.is_new(*self))
    }
}

impl Encoded {
    fn read(encoded: &str) -> Option<Self> {
        let bare = encoded.strip_prefix(DJANGOS).or_else(|| encoded.strip_prefix('$'))?;
        let mut parts = bare.split('$').peekable();
        let stored = Self {
            algorithm: Variant::new(parts.next()?).ok()?,
            version: match parts.next_if(|part| part.starts_with("v=")) {
                None | Some("v=16") => Version::V0x10,
                Some("v=19") => Version::V0x13,
                Some(_) => return None,
            },
            params: read_params(parts.next()?)?,
            salt: STANDARD_NO_PAD.decode(parts.next()?).ok()?,
            tag: STANDARD_NO_PAD.decode(parts.next()?).ok()?,
        };
        parts.next().is_none().then_some(stored)
    }

    fn write(&self) -> String {
        let (algorithm, version) = (self.algorithm.as_str(), self.version as u32);
        let Argon2Params { memory, passes, lanes } = self.params;
        let [salt, tag] = [&self.salt, &self.tag].map(|bytes| STANDARD_NO_PAD.encode(bytes));
        format!("{DJANGOS}{algorithm}$v={version}$m={memory},t={passes},p={lanes}${salt}${tag}")
    }

    /// `None` if no hash can be made of this.
    fn hash(&self, password: &str, memory: &mut Memory) -> Option<Vec<u8>> {
        let Argon2Params { memory: size, passes, lanes } = self.params;
        let params = Params::new(size, passes, lanes, Some(self.tag.len())).ok()?;
        let blocks = memory.blocks(params.block_count())?;
        let mut tag = vec![0; self.tag.len()];
        let argon2 = Argon2::new(self.algorithm, self.version, params);
        argon2.hash_password_into_with_memory(password.as_bytes(), &self.salt, &mut tag, blocks).ok()?;
        Some(tag)
    }

    /// Whether a new string would be as strong as this, no more and no less.
    fn is_new(&self, params: Argon2Params) -> bool {
        self.algorithm == Variant::Argon2id
            && self.version == Version::V0x13
            && self.params == params
            && self.tag.len() == TAG_LENGTH
            && self.salt.len() >= SALT_LENGTH
    }
}

/// `m=…,t=…,p=…`, if it is affordable: who can write to the database must not stop the site by it.
fn read_params(text: &str) -> Option<Argon2Params> {
    let mut values = text.split(',');
    let mut value = |name| values.next()?.strip_prefix(name)?.parse::<u32>().ok();
    let params = Argon2Params { memory: value("m=")?, passes: value("t=")?, lanes: value("p=")? };
    let work = u64::from(params.memory) * u64::from(params.passes);
    (values.next().is_none() && params.memory <= MOST_MEMORY && work <= MOST_WORK).then_some(params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let params = Argon2Params { memory: 16, passes: 1, lanes: 2 };
        let encoded = params.make("secret", "aBcDeFgHiJkLmNoPqRsTuV", &mut Memory::new());
        assert!(encoded.starts_with("argon2$argon2id$v=19$m=16,t=1,p=2$YUJjRGVGZ0hpSmtMbU5vUHFSc1R1Vg$"));
        assert_eq!(Encoded::read(&encoded).unwrap().write(), encoded);
        assert!(!params.must_update(&encoded));
        assert!(Argon2Params { lanes: 1, ..params }.must_update(&encoded));
    }

    #[test]
    fn what_other_programs_wrote_is_read_and_to_be_replaced() {
        let params = Argon2Params { memory: 16, passes: 1, lanes: 1 };
        let encoded = params.make("secret", "aBcDeFgHiJkLmNoPqRsTuV", &mut Memory::new());
        let bare = encoded.strip_prefix("argon2").unwrap();
        assert_eq!(params.verify("secret", bare, &mut Memory::new()), Some(true));
        assert_eq!(params.verify("Secret", bare, &mut Memory::new()), Some(false));
        assert!(params.must_update(bare) && !params.must_update(&encoded));
    }

    #[test]
    fn what_nobody_can_afford_is_not_tried() {
        for params in [
            "m=4294967295,t=1,p=1",
            "m=1048577,t=1,p=1",
            "m=102400,t=4294967295,p=1",
            "m=8,t=1,p=4294967295",
            "m=7,t=1,p=1",
            "m=8,t=0,p=1",
            "m=8,t=1,p=0",
            "m=8,t=1",
            "m=8,t=1,p=1,data=AA",
            "t=1,m=8,p=1",
            "m=-8,t=1,p=1",
            "",
        ] {
            let encoded = format!("argon2$argon2id$v=19${params}$c2FsdHNhbHQ$YC9+jJCrQhs5R6db7LlN8Q");
            let verdict = Argon2Params::default().verify("secret", &encoded, &mut Memory::new());
            assert_eq!(verdict, None, "{params}");
        }
    }

    #[test]
    fn memory_is_used_again_and_whatever_is_in_it() {
        let mut memory = Memory::new();
        let params = |memory| Argon2Params { memory, passes: 2, lanes: 1 };
        let large = params(64).make("a", "saltsaltsalt", &mut memory);
        let small = params(8).make("a", "saltsaltsalt", &mut memory);
        assert_eq!(memory.size(), 64);
        assert_eq!(params(8).verify("a", &small, &mut Memory::new()), Some(true));
        assert_eq!(params(8).verify("a", &large, &mut memory), Some(true));
    }
}
