//! The random key that a site signs with, and its password to the database.

use crate::refusal::{Refusal, Result};

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Makes a key of 64 characters, six random bits in each, all of them safe in a URL.
pub(crate) fn make() -> Result<String> {
    random::<64>()
}

/// Makes a password of 32 such characters, which is 192 bits.
pub(crate) fn password() -> Result<String> {
    random::<32>()
}

fn random<const LENGTH: usize>() -> Result<String> {
    let mut bytes = [0u8; LENGTH];
    getrandom::fill(&mut bytes)
        .map_err(|cause| Refusal::new(format!("the system gave no random numbers: {cause}")))?;
    Ok(bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 64)])).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_long_and_never_the_same() {
        let (one, other) = (make().unwrap(), make().unwrap());
        assert_eq!(one.len(), 64);
        assert_ne!(one, other);
    }
}
