//! Which names a site may have, and the nearest good one for a name it may not have.

use crate::refusal::{Refusal, Result};

const LONGEST: usize = 64;

/// Keywords of every edition, those kept for later too.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static",
    "struct", "super", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual",
    "where", "while", "yield",
];

/// Crates that come with Rust, and folders that cargo makes beside the program.
const CARGOS_OWN: &[&str] =
    &["alloc", "build", "core", "deps", "examples", "incremental", "proc_macro", "std", "test"];

/// What the template's Cargo.toml depends on.
const DEPENDENCIES: &[&str] = &["nuages", "nuages_auth", "poem", "serde", "tokio"];

/// Refuses a name that cargo, Rust, the template or some file system could not live with.
///
/// The refusal says what is wrong and what would be a good name.
pub(crate) fn check(name: &str) -> Result<()> {
    let Some(wrong) = what_is_wrong(name) else { return Ok(()) };
    Err(Refusal::new(format!("{} {wrong}; a good name would be `{}`", shown(name), nearest_good(name))))
}

/// The name as Rust code spells it: `my-site` is the crate `my_site`.
pub(crate) fn crate_name(name: &str) -> String {
    name.replace('-', "_")
}

fn what_is_wrong(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("is empty".into());
    }
    wrong_letters(name).or_else(|| taken(name))
}

fn wrong_letters(name: &str) -> Option<String> {
    let first = name.chars().next()?;
    if name.contains(['/', '\\']) || matches!(name, "." | "..") {
        return Some("is a path, not a name (the folder is the second argument)".into());
    }
    if let Some(odd) = name.chars().find(|c| !is_allowed(c.to_ascii_lowercase())) {
        return Some(format!("has `{}` in it; a name is made of a-z, 0-9, `-` and `_`", odd.escape_debug()));
    }
    if name.contains(|c: char| c.is_ascii_uppercase()) {
        return Some("has capital letters".into());
    }
    if !first.is_ascii_lowercase() {
        return Some(format!("begins with `{first}`; a name begins with a letter"));
    }
    if name.ends_with('-') {
        return Some("ends with `-`".into());
    }
    (name.len() > LONGEST).then(|| format!("is longer than {LONGEST} characters"))
}

fn taken(name: &str) -> Option<String> {
    let name = crate_name(name);
    let by = if KEYWORDS.contains(&name.as_str()) {
        "is a word of the Rust language"
    } else if CARGOS_OWN.contains(&name.as_str()) {
        "is a name that Rust and cargo keep for themselves"
    } else if is_windows_device(&name) {
        "is a device on Windows, where no folder can have this name"
    } else if DEPENDENCIES.contains(&name.as_str()) {
        "is the name of a crate that the site is built on"
    } else {
        return None;
    };
    Some(by.into())
}

fn is_allowed(letter: char) -> bool {
    matches!(letter, 'a'..='z' | '0'..='9' | '-' | '_')
}

fn is_windows_device(name: &str) -> bool {
    let numbered = name.strip_prefix("com").or_else(|| name.strip_prefix("lpt"));
    matches!(name, "aux" | "con" | "nul" | "prn")
        || numbered.is_some_and(|port| port.len() == 1 && port.as_bytes()[0].is_ascii_digit())
}

/// The name as it was typed, on one line and not endless.
fn shown(name: &str) -> String {
    let mut start: String = name.chars().take(LONGEST).collect();
    if start.len() < name.len() {
        start.push('…');
    }
    format!("`{}`", start.escape_debug())
}

fn nearest_good(name: &str) -> String {
    let mut good = only_good_letters(last_part(name));
    if good.is_empty() {
        return "mysite".into();
    }
    if good.starts_with(|c: char| c.is_ascii_digit()) {
        good.insert_str(0, "site-");
    }
    good.truncate(LONGEST);
    let good = good.trim_end_matches(['-', '_']);
    if taken(good).is_some() { format!("{good}-site") } else { good.into() }
}

fn last_part(name: &str) -> &str {
    name.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().unwrap_or(name)
}

/// Small letters; whatever is not allowed becomes one hyphen.
fn only_good_letters(name: &str) -> String {
    let mut good = String::new();
    for letter in name.chars().flat_map(char::to_lowercase) {
        match letter {
            _ if is_allowed(letter) => good.push(letter),
            _ if good.ends_with('-') => {}
            _ => good.push('-'),
        }
    }
    good.trim_matches(['-', '_']).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suggestion_for(name: &str) -> String {
        let refusal = check(name).unwrap_err().to_string();
        let (_, good) = refusal.rsplit_once("a good name would be `").unwrap();
        good.trim_end_matches('`').to_owned()
    }

    fn bad_names() -> Vec<String> {
        let mut bad: Vec<String> =
            [KEYWORDS, CARGOS_OWN, DEPENDENCIES].concat().iter().map(ToString::to_string).collect();
        bad.extend(
            [
                "",
                "-",
                "_",
                "--",
                "1",
                "1site",
                "42",
                "-site",
                "_site",
                "MySite",
                "My Site",
                "SITE",
                "proc-macro",
                "nuages-auth",
                "con",
                "Con",
                "prn",
                "aux",
                "nul",
                "com1",
                "com9",
                "lpt1",
                "lpt9",
                "CON.txt",
                ".",
                "..",
                "../site",
                "a/b",
                "a\\b",
                "/etc/passwd",
                "/",
                "site/",
                "C:\\site",
                "my.site",
                "my site",
                "a;b",
                "$(touch x)",
                "`id`",
                "a|b",
                "a&b",
                "a>b",
                "*",
                "?",
                "~",
                "a\nb",
                "a\tb",
                "a\0b",
                "\u{1b}[31m",
                "café",
                "страница",
                "网站",
                "🦀",
                "ſite",
                "K",
                "ﬁsh",
                "a\u{301}",
                "site-",
                "site--",
                "{{name}}",
                "a\"b",
                "a'b",
                "test-",
                "TEST",
                "Self",
                "tokio/",
                "1-",
                "-1",
                "%",
            ]
            .map(String::from),
        );
        bad.extend(["a".repeat(65), "a".repeat(300), "-".repeat(300), "é".repeat(300), "9".repeat(300)]);
        bad.push(format!("{}-{}", "a".repeat(63), "b".repeat(10)));
        bad
    }

    #[test]
    fn ordinary_names_are_good() {
        for name in [
            "mysite", "a", "my-site", "my_site", "site2", "a1-b2_c3", "tests", "selfie", "com", "com10",
            "iffy",
        ] {
            assert_eq!(check(name), Ok(()), "{name}");
        }
        assert_eq!(check(&"a".repeat(64)), Ok(()));
    }

    #[test]
    fn a_hyphen_becomes_an_underscore_in_the_crate() {
        assert_eq!(crate_name("my-site"), "my_site");
        assert_eq!(crate_name("my--site"), "my__site");
    }

    #[test]
    fn every_bad_name_is_refused_on_one_line_that_is_not_endless() {
        for name in bad_names() {
            let refusal = check(&name).expect_err(&name).to_string();
            assert!(!refusal.contains(char::is_control) && refusal.chars().count() < 400, "{refusal:?}");
        }
    }

    #[test]
    fn every_suggestion_is_itself_good() {
        for name in bad_names() {
            let good = suggestion_for(&name);
            assert_eq!(check(&good), Ok(()), "{name:?} -> {good:?}");
        }
    }

    #[test]
    fn every_short_ascii_name_is_good_or_has_a_good_neighbour() {
        let letters: Vec<char> = (0u8..128).map(char::from).collect();
        for name in letters.iter().flat_map(|a| letters.iter().map(move |b| format!("{a}{b}"))) {
            if check(&name).is_err() {
                assert_eq!(check(&suggestion_for(&name)), Ok(()), "{name:?}");
            }
        }
    }

    #[test]
    fn the_suggestion_stays_near_the_name() {
        let near = [
            ("", "mysite"),
            ("MySite", "mysite"),
            ("my site", "my-site"),
            ("1site", "site-1site"),
            ("-site", "site"),
            ("match", "match-site"),
            ("con", "con-site"),
            ("tokio", "tokio-site"),
            ("../site", "site"),
            ("shop/", "shop"),
            ("my.site", "my-site"),
            ("café", "caf"),
            ("🦀", "mysite"),
            ("site-", "site"),
        ];
        for (name, good) in near {
            assert_eq!(suggestion_for(name), good);
        }
    }

    #[test]
    fn the_refusal_says_what_is_wrong() {
        assert_eq!(
            check("MySite").unwrap_err().to_string(),
            "`MySite` has capital letters; a good name would be `mysite`"
        );
        assert!(check("fn").unwrap_err().to_string().contains("Rust language"));
        assert!(check("a/b").unwrap_err().to_string().contains("second argument"));
    }
}
