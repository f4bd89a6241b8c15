//! A path with converters: `/post/<int:id>/`.

use std::fmt::Write;

/// A path pattern, from the root of the site on.
#[derive(Clone, Debug)]
pub(super) struct Pattern(String);

/// Django's converters, and the regular expression of each in poem's routes. Without `^` poem takes what stands anywhere behind.
const CONVERTERS: [(&str, &str); 5] = [
    ("int", "^[0-9]+"),
    ("slug", "^[-a-zA-Z0-9_]+"),
    ("uuid", "^[0-9a-fA-F]+-[0-9a-fA-F]+-[0-9a-fA-F]+-[0-9a-fA-F]+-[0-9a-fA-F]+"),
    ("str", ""),
    ("path", ""),
];

#[derive(PartialEq)]
enum Part<'p> {
    Text(&'p str),
    Value { converter: &'p str, name: &'p str },
}

impl Pattern {
    pub(super) fn new(path: &str) -> Self {
        Self(format!("/{}", path.trim_start_matches('/')))
    }

    pub(super) fn under(&self, prefix: &str) -> Self {
        Self::new(&format!(
            "{}{}",
            prefix.trim_matches('/'),
            if prefix.len() > 1 { self.text() } else { &self.0 }
        ))
    }

    pub(super) fn text(&self) -> &str {
        &self.0
    }

    /// What is wrong with it, if anything.
    pub(super) fn fault(&self) -> Option<String> {
        let unknown = self.parts().find_map(|part| match part {
            Part::Value { converter, .. } if CONVERTERS.iter().all(|(known, _)| *known != converter) => {
                Some(converter)
            }
            _ => None,
        });
        unknown.map(|name| {
            format!("{} has an unknown converter `{name}`; use int, slug, uuid, str or path", self.0)
        })
    }

    /// The pattern without the names of its values: equal for two patterns that match the same paths.
    pub(super) fn shape(&self) -> String {
        self.map(|converter, _| format!("<{converter}>"))
    }

    /// The pattern in poem's syntax.
    pub(super) fn for_poem(&self) -> String {
        self.map(|converter, name| match CONVERTERS.iter().find(|(known, _)| *known == converter) {
            Some(("path", _)) => format!("*{name}"),
            Some((_, "")) | None => format!(":{name}"),
            Some((_, regex)) => format!(":{name}<{regex}>"),
        })
    }

    /// What two patterns begin with, up to where their texts or converters differ.
    pub(super) fn shared_with(&self, other: &Self) -> Self {
        let (mut one, mut another) = (self.0.as_str(), other.0.as_str());
        while !one.is_empty() && !another.is_empty() {
            match (next_part(one), next_part(another)) {
                ((part, rest), (other_part, other_rest)) if part == other_part => {
                    (one, another) = (rest, other_rest);
                }
                ((Part::Text(_), _), (Part::Text(_), _)) => {
                    let letters =
                        one.chars().zip(another.chars()).take_while(|(one, another)| one == another);
                    one = &one[letters.map(|(letter, _)| letter.len_utf8()).sum()..];
                    break;
                }
                _ => break,
            }
        }
        Self(self.0[..self.0.len() - one.len()].to_owned())
    }

    pub(super) fn without_slash(&self) -> Option<Self> {
        self.0.strip_suffix('/').filter(|path| !path.is_empty()).map(|path| Self(path.to_owned()))
    }

    /// The path with values put in; the name of the first that is missing or does not fit otherwise.
    pub(super) fn fill(&self, value: impl Fn(&str) -> Option<String>) -> Result<String, String> {
        let mut path = String::new();
        for part in self.parts() {
            match part {
                Part::Text(text) => path.push_str(text),
                Part::Value { converter, name } => {
                    let value =
                        value(name).filter(|value| fits(converter, value)).ok_or_else(|| name.to_owned())?;
                    push_encoded(&mut path, &value, converter == "path");
                }
            }
        }
        Ok(path)
    }

    fn map(&self, write: impl Fn(&str, &str) -> String) -> String {
        self.parts()
            .map(|part| match part {
                Part::Text(text) => text.to_owned(),
                Part::Value { converter, name } => write(converter, name),
            })
            .collect()
    }

    fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let mut rest = self.0.as_str();
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let (part, after) = next_part(rest);
            rest = after;
            Some(part)
        })
    }
}

fn next_part(text: &str) -> (Part<'_>, &str) {
    let inner = text.strip_prefix('<').and_then(|text| text.split_once('>'));
    if let Some((inner, after)) = inner {
        let (converter, name) = inner.split_once(':').unwrap_or(("str", inner));
        return (Part::Value { converter, name }, after);
    }
    let end = text.char_indices().skip(1).find(|(_, c)| *c == '<').map_or(text.len(), |(index, _)| index);
    (Part::Text(&text[..end]), &text[end..])
}

fn fits(converter: &str, value: &str) -> bool {
    let all = |allowed: fn(char) -> bool| !value.is_empty() && value.chars().all(allowed);
    match converter {
        "int" => all(|c| c.is_ascii_digit()),
        "slug" => all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'),
        "uuid" => value.len() == 36 && all(|c| c.is_ascii_hexdigit() || c == '-'),
        "path" => !value.is_empty(),
        _ => !value.is_empty() && !value.contains('/'),
    }
}

/// Percent-encodes what may not stand in a path (RFC 3986, section 3.3), and `&` and `'`, which HTML would escape.
pub(super) fn push_encoded(path: &mut String, value: &str, keep_slash: bool) {
    for byte in value.bytes() {
        let plain = byte.is_ascii_alphanumeric()
            || b"-._~!$()*+,;=:@".contains(&byte)
            || (keep_slash && byte == b'/');
        if plain {
            path.push(char::from(byte));
        } else {
            write!(path, "%{byte:02X}").expect("a String takes all that is written");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_filled_with_values() {
        let pattern = Pattern::new("post/<int:id>/<slug:title>/");
        let value = |name: &str| Some(if name == "id" { "7".into() } else { "a-b".into() });
        assert_eq!(pattern.fill(value).unwrap(), "/post/7/a-b/");
    }

    #[test]
    fn a_value_that_does_not_fit_is_named() {
        assert_eq!(Pattern::new("post/<int:id>/").fill(|_| Some("x".into())).unwrap_err(), "id");
        assert_eq!(Pattern::new("<name>/").fill(|_| Some("a/b".into())).unwrap_err(), "name");
    }

    #[test]
    fn values_are_percent_encoded() {
        assert_eq!(Pattern::new("<name>/").fill(|_| Some("é ?".into())).unwrap(), "/%C3%A9%20%3F/");
    }

    #[test]
    fn prefixes_join_with_one_slash() {
        assert_eq!(Pattern::new("login/").under("/accounts/").text(), "/accounts/login/");
        assert_eq!(Pattern::new("").under("/").text(), "/");
        assert_eq!(Pattern::new("").under("/blog/").text(), "/blog/");
    }

    #[test]
    fn poem_reads_the_same_path() {
        assert_eq!(Pattern::new("<int:id>/<path:rest>").for_poem(), "/:id<^[0-9]+>/*rest");
    }

    #[test]
    fn an_unknown_converter_is_a_fault() {
        assert!(Pattern::new("<year:y>/").fault().unwrap().contains("`year`"));
    }
}
