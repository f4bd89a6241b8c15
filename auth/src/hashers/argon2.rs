//! Argon2 in Django's form: the usual string with `argon2` in front.

use ::argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use nuages::signing::constant_time_eq;

use super::{Memory, SALT_LENGTH};

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
    algorithm: Algorithm,
    version: Version,
    params: Argon2Params,
    salt: Vec<u8>,
    tag: Vec<u8>,
}

pub(super) fn make(password: &str, salt: &str, params: Argon2Params, memory: &mut Memory) -> String {
    let mut new = Encoded {
        algorithm: Algorithm::Argon2id,
        version: Version::V0x13,
        params,
        salt: salt.into(),
        tag: vec![0; TAG_LENGTH],
    };
    new.tag = new.hash(password, memory).expect("a site's own Argon2 parameters are possible ones");
    new.write()
}

pub(super) fn verify(password: &str, encoded: &str, memory: &mut Memory) -> Option<bool> {
    let stored = Encoded::read(encoded)?;
    Some(constant_time_eq(&stored.hash(password, memory)?, &stored.tag))
}

pub(super) fn must_update(params: Argon2Params, encoded: &str) -> bool {
    Encoded::read(encoded).is_none_or(|stored| !stored.is_new(params))
}

impl Encoded {
    fn read(encoded: &str) -> Option<Self> {
        let mut parts = encoded.strip_prefix("argon2$")?.split('$').peekable();
        let stored = Self {
            algorithm: Algorithm::new(parts.next()?).ok()?,
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
        format!("argon2${algorithm}$v={version}$m={memory},t={passes},p={lanes}${salt}${tag}")
    }

    /// `None` if no hash can be made of this.
    fn hash(&self, password: &str, memory: &mut Memory) -> Option<Vec<u8>> {
        let Argon2Params { memory: size, passes, lanes } = self.params;
        let params = Params::new(size, passes, lanes, Some(self.tag.len())).ok()?;
        let blocks = blocks(memory, params.block_count())?;
        let mut tag = vec![0; self.tag.len()];
        let argon2 = Argon2::new(self.algorithm, self.version, params);
        argon2.hash_password_into_with_memory(password.as_bytes(), &self.salt, &mut tag, blocks).ok()?;
        Some(tag)
    }

    /// Whether a new string would be as strong as this, no more and no less.
    fn is_new(&self, params: Argon2Params) -> bool {
        self.algorithm == Algorithm::Argon2id
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

fn blocks(memory: &mut Memory, count: usize) -> Option<&mut [Block]> {
    if memory.len() < count {
        memory.try_reserve_exact(count - memory.len()).ok()?;
        memory.resize(count, Block::new());
    }
    Some(&mut memory[..count])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let params = Argon2Params { memory: 16, passes: 1, lanes: 2 };
        let encoded = make("secret", "aBcDeFgHiJkLmNoPqRsTuV", params, &mut Memory::new());
        assert!(encoded.starts_with("argon2$argon2id$v=19$m=16,t=1,p=2$YUJjRGVGZ0hpSmtMbU5vUHFSc1R1Vg$"));
        assert_eq!(Encoded::read(&encoded).unwrap().write(), encoded);
        assert!(!must_update(params, &encoded));
        assert!(must_update(Argon2Params { lanes: 1, ..params }, &encoded));
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
            assert_eq!(verify("secret", &encoded, &mut Memory::new()), None, "{params}");
        }
    }

    #[test]
    fn memory_is_used_again_and_whatever_is_in_it() {
        let mut memory = Memory::new();
        let params = |memory| Argon2Params { memory, passes: 2, lanes: 1 };
        let large = make("a", "saltsaltsalt", params(64), &mut memory);
        let small = make("a", "saltsaltsalt", params(8), &mut memory);
        assert_eq!(memory.len(), 64);
        assert_eq!(verify("a", &small, &mut Memory::new()), Some(true));
        assert_eq!(verify("a", &large, &mut memory), Some(true));
    }
}
