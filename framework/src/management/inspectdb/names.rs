//! Names of a database as names of Rust.

/// Words that can be names only behind `r#`.
const KEYWORDS: [&str; 48] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait",
    "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Words that cannot even then.
const NEVER: [&str; 3] = ["crate", "self", "super"];

/// `blog_post` as `BlogPost`.
pub(super) fn type_name(text: &str) -> String {
    let name: String = words(text).iter().map(|word| capitalised(word)).collect();
    match name.chars().next() {
        None => "Table".into(),
        Some(first) if first.is_ascii_digit() => format!("Table{name}"),
        _ => name,
    }
}

/// `createdAt` as `created_at`.
pub(super) fn field_name(text: &str) -> String {
    let name = words(text).join("_").to_lowercase();
    match name.chars().next() {
        None => "column".into(),
        Some(first) if first.is_ascii_digit() => format!("column_{name}"),
        _ if NEVER.contains(&name.as_str()) => format!("{name}_"),
        _ => name,
    }
}

/// A field's name as it stands in the source.
pub(super) fn written(field: &str) -> String {
    if KEYWORDS.contains(&field) { format!("r#{field}") } else { field.to_owned() }
}

/// Whether a name of the database is one of Rust as it stands.
pub(super) fn is_word(name: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let begins_well = name.starts_with(|first: char| first.is_ascii_alphabetic());
    begins_well && name.chars().all(is_letter) && !KEYWORDS.contains(&name) && !NEVER.contains(&name)
}

/// The first of these names that is not taken, or the last of them with a number.
pub(super) fn free<const N: usize>(names: [String; N], is_taken: impl Fn(&str) -> bool) -> String {
    let numbered = |name: String| (2..).map(move |number| format!("{name}_{number}"));
    let more = names.last().cloned().into_iter().flat_map(numbered);
    names.into_iter().chain(more).find(|name| !is_taken(name)).expect("there is no end of numbers")
}

/// The words of a name: what stands between signs, and what begins with a capital after a small letter.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut last = ' ';
    for letter in text.chars() {
        let is_letter = letter.is_alphabetic() || letter.is_ascii_digit();
        if !is_letter || (letter.is_uppercase() && last.is_lowercase()) {
            words.push(String::new());
        }
        if let (true, Some(word)) = (is_letter, words.last_mut()) {
            word.push(letter);
        }
        last = letter;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A word that is all capitals keeps only the first.
fn capitalised(word: &str) -> String {
    let has_small = word.chars().any(char::is_lowercase);
    let mut letters = word.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let rest = letters.as_str();
    first + &if has_small { rest.to_owned() } else { rest.to_lowercase() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_a_type() {
        for (table, name) in [
            ("blog_post", "BlogPost"),
            ("blogPost", "BlogPost"),
            ("USERS", "Users"),
            ("2fa codes", "Table2faCodes"),
            ("été", "Été"),
            ("--", "Table"),
        ] {
            assert_eq!(type_name(table), name);
        }
    }

    #[test]
    fn a_column_is_a_field() {
        for (column, name) in [
            ("title", "title"),
            ("createdAt", "created_at"),
            ("HTTPStatus", "httpstatus"),
            ("first name", "first_name"),
            ("_a--b_", "a_b"),
            ("7th", "column_7th"),
            ("self", "self_"),
            ("%", "column"),
        ] {
            assert_eq!(field_name(column), name);
        }
        assert_eq!((written("type"), written("kind")), ("r#type".to_owned(), "kind".to_owned()));
    }

    #[test]
    fn a_name_that_is_taken_gives_way() {
        let is_taken = |name: &str| ["a", "b", "b_2"].contains(&name);
        assert_eq!(free(["a".into(), "c".into()], is_taken), "c");
        assert_eq!(free(["a".into(), "b".into()], is_taken), "b_3");
    }
}
