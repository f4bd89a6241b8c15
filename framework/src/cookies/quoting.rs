//! Any text as a cookie value, as Python, and so Django, quotes it.

use std::borrow::Cow;

/// What needs no quotes.
pub(super) fn is_legal(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~:".contains(&byte)
}

/// Quotes as Python does: octal for bytes that could end the value; letters beyond latin-1 stay UTF-8.
pub(super) fn quote(value: &str) -> Cow<'_, str> {
    if !value.is_empty() && value.bytes().all(is_legal) {
        return Cow::Borrowed(value);
    }
    let quoted: String = value.chars().map(quote_letter).collect();
    Cow::Owned(format!("\"{quoted}\""))
}

fn quote_letter(letter: char) -> String {
    match (letter, u8::try_from(u32::from(letter))) {
        ('"' | '\\', _) => format!("\\{letter}"),
        (_, Ok(byte)) if !is_legal(byte) && !b" ()/<=>?@[]{}".contains(&byte) => format!("\\{byte:03o}"),
        _ => letter.to_string(),
    }
}

/// The text of a value as the browser sent it, quoted or not; `None` if it is no text.
pub(super) fn unquote(value: &[u8]) -> Option<String> {
    let value = std::str::from_utf8(value).ok()?;
    let inside = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    Some(inside.map_or_else(|| value.to_owned(), unescape))
}

fn unescape(quoted: &str) -> String {
    let mut text = String::with_capacity(quoted.len());
    let mut rest = quoted;
    while let Some((before, after)) = rest.split_once('\\') {
        text.push_str(before);
        let escaped = octal(after).map(|letter| (letter, 3));
        let plain = || after.chars().next().map(|letter| (letter, letter.len_utf8()));
        let (letter, length) = escaped.or_else(plain).unwrap_or(('\\', 0));
        text.push(letter);
        rest = &after[length..];
    }
    text + rest
}

fn octal(text: &str) -> Option<char> {
    let digits = text.get(..3).filter(|digits| digits.bytes().all(|digit| matches!(digit, b'0'..=b'7')))?;
    u8::from_str_radix(digits, 8).ok().map(char::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_as_python_quotes_them() {
        let cases = [
            ("plain!#$%&'*+-.^_`|~:", "plain!#$%&'*+-.^_`|~:"),
            ("a b;c", r#""a b\073c""#),
            ("a,b", r#""a\054b""#),
            ("\"\\", r#""\"\\""#),
            ("é\n\0", r#""\351\012\000""#),
            ("a=b/c", r#""a=b/c""#),
            ("", r#""""#),
        ];
        for (value, quoted) in cases {
            assert_eq!(quote(value), quoted);
            assert_eq!(unquote(quoted.as_bytes()).as_deref(), Some(value));
        }
    }

    #[test]
    fn broken_quotes_are_taken_as_they_are() {
        for (sent, found) in [
            ("\"", "\""),
            ("\"a", "\"a"),
            ("a\"", "a\""),
            (r#""\""#, "\\"),
            (r#""\9""#, "9"),
            (r#""\400""#, "400"),
        ] {
            assert_eq!(unquote(sent.as_bytes()).as_deref(), Some(found), "{sent}");
        }
    }
}
