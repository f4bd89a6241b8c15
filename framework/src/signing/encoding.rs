//! How Django writes what it signs: base 62 for times, ASCII for JSON.

use serde::Serialize;
use serde_json::ser::Formatter;

const BASE16: &[u8; 16] = b"0123456789abcdef";
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// JSON as Django writes it: no spaces, and nothing outside ASCII.
pub fn ascii_json<T: Serialize + ?Sized>(value: &T) -> serde_json::Result<Vec<u8>> {
    let mut json = Vec::new();
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut json, Ascii))?;
    Ok(json)
}

/// Bytes as small hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.extend([byte >> 4, byte & 15].map(|digit| char::from(BASE16[usize::from(digit)])));
    }
    text
}

/// A number in Django's base 62: digits, capitals, small letters.
pub fn base62(number: i64) -> String {
    let mut rest = number.unsigned_abs();
    let mut digits = vec![BASE62[(rest % 62) as usize]];
    while rest >= 62 {
        rest /= 62;
        digits.push(BASE62[(rest % 62) as usize]);
    }
    let sign = if number < 0 { "-" } else { "" };
    sign.chars().chain(digits.into_iter().rev().map(char::from)).collect()
}

/// Reads a number written by [`base62`].
pub fn from_base62(text: &str) -> Option<i64> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    if digits.is_empty() {
        return None;
    }
    digits.bytes().try_fold(0_i64, |number, digit| {
        let digit = BASE62.iter().position(|known| *known == digit)?;
        number.checked_mul(62)?.checked_add(sign * i64::try_from(digit).ok()?)
    })
}

/// Writes characters outside ASCII as `\uXXXX`.
struct Ascii;

impl Formatter for Ascii {
    fn write_string_fragment<W: ?Sized + std::io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> std::io::Result<()> {
        fragment.chars().try_for_each(|letter| match letter {
            ' '..='~' => write!(writer, "{letter}"),
            _ => letter.encode_utf16(&mut [0; 2]).iter().try_for_each(|unit| write!(writer, "\\u{unit:04x}")),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn base62_is_djangos_and_reads_back() {
        let all: Value = serde_json::from_str(include_str!("../../testdata/django_vectors.json")).unwrap();
        for case in all["base62"].as_array().unwrap() {
            let number = case["n"].as_i64().unwrap();
            assert_eq!(base62(number), case["s"].as_str().unwrap());
            assert_eq!(from_base62(case["s"].as_str().unwrap()), Some(number));
        }
        for number in [i64::MIN, i64::MAX, -1] {
            assert_eq!(from_base62(&base62(number)), Some(number));
        }
        for nonsense in ["", "-", "é", "1-", "zzzzzzzzzzzzzzzzzzzz"] {
            assert_eq!(from_base62(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn control_characters_are_escaped_as_python_escapes_them() {
        let json = ascii_json("\u{7f}\u{1}\n\"\\é😀").unwrap();
        assert_eq!(json, br#""\u007f\u0001\n\"\\\u00e9\ud83d\ude00""#);
    }
}
