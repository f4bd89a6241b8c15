//! JSON as Python writes it, which is a little more than JSON.

use std::iter::Peekable;
use std::str::Chars;

/// The text as JSON: `NaN` and the infinities become `null`, and half of a pair of surrogates, which stands for no letter, becomes
/// U+FFFD. So one odd value costs itself alone.
pub(super) fn to_json(text: &str) -> String {
    let mut json = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(quote) = rest.find('"') {
        json.push_str(&without_odd_numbers(&rest[..quote]));
        let end = end_of_string(&rest[quote + 1..]).map_or(rest.len(), |end| quote + 1 + end);
        json.push_str(&with_whole_letters(&rest[quote..end]));
        rest = &rest[end..];
    }
    json + &without_odd_numbers(rest)
}

/// Behind the quotation mark that ends a string.
fn end_of_string(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    text.bytes()
        .position(|byte| {
            let ends = byte == b'"' && !is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
            ends
        })
        .map(|quote| quote + 1)
}

fn without_odd_numbers(text: &str) -> String {
    ["-Infinity", "Infinity", "NaN"].iter().fold(text.to_owned(), |text, odd| text.replace(odd, "null"))
}

fn with_whole_letters(string: &str) -> String {
    let (mut whole, mut letters) = (String::with_capacity(string.len()), string.chars().peekable());
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => escape(&mut whole, &mut letters),
            letter => whole.push(letter),
        }
    }
    whole
}

/// Copies what stands behind a backslash.
fn escape(whole: &mut String, letters: &mut Peekable<Chars<'_>>) {
    let Some(kind) = letters.next() else { return whole.push('\\') };
    let first = if kind == 'u' { unit(letters) } else { None };
    let Some(first) = first else {
        whole.extend(['\\', kind]);
        return;
    };
    let second = is_high(first).then(|| low_behind(letters)).flatten();
    match second {
        Some(second) => whole.push_str(&format!("\\u{first:04x}\\u{second:04x}")),
        None if (0xd800..0xe000).contains(&first) => whole.push_str("\\ufffd"),
        None => whole.push_str(&format!("\\u{first:04x}")),
    }
}

fn is_high(unit: u32) -> bool {
    (0xd800..0xdc00).contains(&unit)
}

/// The second half of a pair, if it comes next.
fn low_behind(letters: &mut Peekable<Chars<'_>>) -> Option<u32> {
    let mut ahead = letters.clone();
    if (ahead.next(), ahead.next()) != (Some('\\'), Some('u')) {
        return None;
    }
    let low = unit(&mut ahead).filter(|unit| (0xdc00..0xe000).contains(unit))?;
    *letters = ahead;
    Some(low)
}

/// Four hexadecimal digits.
fn unit(letters: &mut Peekable<Chars<'_>>) -> Option<u32> {
    let digits: String = letters.clone().take(4).collect();
    let unit = u32::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 4)?;
    letters.nth(3);
    Some(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_json_stays_what_it_means() {
        for text in [r#"{"a":[1,2.5,null,true,"é\ud83d\ude00\n\\\" NaN"]}"#, "7", "[]", r#""Infinity""#, ""]
        {
            let same = serde_json::from_str::<serde_json::Value>(&to_json(text)).ok();
            assert_eq!(same, serde_json::from_str(text).ok(), "{text}");
        }
    }

    #[test]
    fn what_only_python_reads_becomes_json() {
        for (text, json) in [
            (r#"{"a":NaN,"b":-Infinity,"c":[Infinity]}"#, r#"{"a":null,"b":null,"c":[null]}"#),
            (r#"{"NaN":"NaN"}"#, r#"{"NaN":"NaN"}"#),
            (r#""\ud83d""#, r#""\ufffd""#),
            (r#""\ude00\ud83dx\ud83d\ude00\ud83d\u0041""#, r#""\ufffd\ufffdx\ud83d\ude00\ufffd\u0041""#),
            (r#""\\ud83d""#, r#""\\ud83d""#),
        ] {
            assert_eq!(to_json(text), json);
        }
    }

    #[test]
    fn broken_text_breaks_nothing() {
        for text in
            ["\"", "\"\\", "\"\\u", "\"\\uZZZZ\"", "\"\\ud8\"", "\\", "{\"a\":\"\\ud83d", "\u{e9}\"\u{e9}"]
        {
            to_json(text);
        }
    }
}
