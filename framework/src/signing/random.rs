//! Texts that nobody can guess.

/// Letters and digits: the alphabet of tokens and salts.
pub const ALPHANUMERIC: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
/// Small letters and digits: the alphabet of session keys.
pub const LOWER_ALPHANUMERIC: &str = "abcdefghijklmnopqrstuvwxyz0123456789";

/// A random text, each letter equally likely.
///
/// # Panics
/// When the alphabet is empty or not ASCII, or when the operating system has no randomness to give.
pub fn random_string(length: usize, alphabet: &str) -> String {
    assert!(!alphabet.is_empty() && alphabet.is_ascii(), "an alphabet is ASCII letters");
    let letters = alphabet.as_bytes();
    // Bytes above the last whole multiple would make the first letters more likely.
    let fair = 256 - 256 % letters.len();
    let mut text = String::with_capacity(length);
    while text.len() < length {
        let drawn = random_bytes().into_iter().map(usize::from).filter(|byte| *byte < fair);
        text.extend(drawn.take(length - text.len()).map(|byte| char::from(letters[byte % letters.len()])));
    }
    text
}

fn random_bytes() -> [u8; 64] {
    let mut bytes = [0; 64];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_text_uses_its_whole_alphabet_evenly() {
        assert_eq!(random_string(0, ALPHANUMERIC), "");
        let drawn = random_string(62_000, ALPHANUMERIC);
        assert_eq!(drawn.len(), 62_000);
        for letter in ALPHANUMERIC.chars() {
            let count = drawn.matches(letter).count();
            assert!((800..1200).contains(&count), "{letter} came {count} times of 1000");
        }
    }
}
