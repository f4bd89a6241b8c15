//! What a user may be called, and in which form a name is stored.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// What to say of a username with letters it must not have; Django's words.
pub const INVALID_USERNAME: &str =
    "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters.";

/// Whether all is letters and digits of any script, and `@ . + - _`.
pub fn is_valid_username(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|letter| is_word(letter) || "@.+-".contains(letter))
}

/// The form in which a username is stored, so that two that look the same are the same (NFKC).
pub fn normalize_username(name: &str) -> String {
    name.nfkc().collect()
}

/// The form in which an email address is stored: its domain in small letters.
pub fn normalize_email(email: &str) -> String {
    match email.trim().rsplit_once('@') {
        Some((name, domain)) => format!("{name}@{}", domain.to_lowercase()),
        None => email.to_owned(),
    }
}

/// Whether two addresses are the same without regard to case, after normalising as Django does (NFKC, and letters folded). Case
/// is folded letter by letter: `ı` is not `i`, however a database sees it.
pub(crate) fn is_same_email(one: &str, other: &str) -> bool {
    let folded = |text: &str| text.nfkc().flat_map(fold).collect::<String>();
    folded(one) == folded(other)
}

/// Small letters, and the three whose folding is another one: the sharp s, which is two letters, and the sigma at a word's end.
fn fold(letter: char) -> impl Iterator<Item = char> {
    let (first, second) = match letter {
        'ß' | 'ẞ' => ('s', Some('s')),
        'ς' => ('σ', None),
        letter => (letter, None),
    };
    first.to_lowercase().chain(second)
}

/// Python's `\w`: letters and numbers, without the marks and circled letters that Unicode calls alphabetic.
pub(crate) fn is_word(letter: char) -> bool {
    letter == '_' || letter.is_alphanumeric() && !is_combining_mark(letter) && !is_circled(letter)
}

fn is_circled(letter: char) -> bool {
    let circled = [
        '\u{24b6}'..='\u{24e9}',
        '\u{1f130}'..='\u{1f149}',
        '\u{1f150}'..='\u{1f169}',
        '\u{1f170}'..='\u{1f189}',
    ];
    circled.iter().any(|range| range.contains(&letter))
}

#[cfg(test)]
mod tests {
    use nuages::serde_json::Value;

    use super::*;

    fn vectors(name: &str) -> Vec<Value> {
        let all: Value =
            nuages::serde_json::from_str(include_str!("../../framework/testdata/django_vectors.json"))
                .unwrap();
        all[name].as_array().unwrap().clone()
    }

    #[test]
    fn usernames_are_valid_where_django_finds_them_so() {
        for case in vectors("username_validators") {
            let name = case["username"].as_str().unwrap();
            assert_eq!(is_valid_username(name), case["unicode"], "{name:?}");
        }
    }

    #[test]
    fn marks_and_circled_letters_are_no_letters_as_in_python() {
        for name in ["हिन्दी", "Ⓐ", "e\u{301}", "a\n", "a\0"] {
            assert!(!is_valid_username(name), "{name:?}");
        }
        for name in ["é", "ß", "½", "日本", "ª"] {
            assert!(is_valid_username(name), "{name:?}");
        }
    }

    #[test]
    fn addresses_are_the_same_in_any_case_and_look_alikes_are_not() {
        for (one, other) in [
            ("Ann@Site.Example", "ann@site.example"),
            ("straße@site.example", "STRASSE@site.example"),
            ("ΟΔΟΣ@site.example", "οδος@site.example"),
            ("\u{ff41}nn@site.example", "ann@site.example"),
            ("Éa@site.example", "e\u{301}a@site.example"),
        ] {
            assert!(is_same_email(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("m\u{131}ke@site.example", "mike@site.example"),
            ("mike@s\u{131}te.example", "mike@site.example"),
            ("\u{430}nn@site.example", "ann@site.example"),
            ("ann@site.example", "ann@site.example.org"),
        ] {
            assert!(!is_same_email(one, other), "{one} {other}");
        }
    }

    #[test]
    fn names_are_normalised_as_django_does() {
        for case in vectors("normalize_username_NFKC") {
            assert_eq!(normalize_username(case["in"].as_str().unwrap()), case["out"].as_str().unwrap());
        }
        for case in vectors("normalize_email") {
            assert_eq!(
                normalize_email(case["in"].as_str().unwrap_or_default()),
                case["out"].as_str().unwrap()
            );
        }
    }
}
