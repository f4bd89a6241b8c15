//! What a text has to be: a rule answers what is wrong with it, in Django's words.

use super::Errors;
use crate::email::is_email_address;
use std::fmt::{self, Display};
use std::sync::Arc;
use validator::{Validate, ValidateUrl};

type Judge = dyn Fn(&str) -> Result<(), String> + Send + Sync;

/// One rule for the text of a field.
#[derive(Clone)]
pub(super) struct Rule {
    judge: Arc<Judge>,
    /// What a text has to be, in words.
    words: Arc<str>,
}

impl Rule {
    /// A rule of the site's, of which nothing is known but that it is there.
    pub(super) fn new(judge: impl Fn(&str) -> Result<(), String> + Send + Sync + 'static) -> Self {
        Self::called("a rule of its own", judge)
    }

    fn called(words: &str, judge: impl Fn(&str) -> Result<(), String> + Send + Sync + 'static) -> Self {
        Self { judge: Arc::new(judge), words: words.into() }
    }

    /// What is wrong with this text.
    pub(super) fn fault(&self, text: &str) -> Option<String> {
        (self.judge)(text).err()
    }

    pub(super) fn max_length(most: usize) -> Self {
        Self::called(&format!("at most {}", characters(most)), move |text| match text.chars().count() {
            length if length > most => {
                Err(format!("Ensure this value has at most {} (it has {length}).", characters(most)))
            }
            _ => Ok(()),
        })
    }

    pub(super) fn min_length(least: usize) -> Self {
        Self::called(&format!("at least {}", characters(least)), move |text| match text.chars().count() {
            length if length < least => {
                Err(format!("Ensure this value has at least {} (it has {length}).", characters(least)))
            }
            _ => Ok(()),
        })
    }

    pub(super) fn email() -> Self {
        Self::called("an e-mail address", |text| accept(is_email(text), "Enter a valid email address."))
    }

    pub(super) fn url() -> Self {
        Self::called("the address of a page", |text| accept(is_url(text), "Enter a valid URL."))
    }

    pub(super) fn slug() -> Self {
        let message = "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.";
        Self::called("letters, digits, `_` and `-` alone", move |text| {
            accept(text.chars().all(is_slug), message)
        })
    }

    /// The name of a file ends in one of these.
    pub(super) fn extensions(allowed: &'static [&'static str]) -> Self {
        Self::called(&format!("a name that ends in {}", allowed.join(", ")), move |name| {
            let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
            let is_allowed = allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(ending));
            let list = allowed.join(", ");
            accept(
                is_allowed,
                format_args!("File extension “{ending}” is not allowed. Allowed extensions are: {list}."),
            )
        })
    }

    /// The text as a value is not less than this one.
    pub(super) fn at_least<V: Display + PartialOrd + Send + Sync + 'static>(
        least: V,
        read: impl Fn(&str) -> Option<V> + Send + Sync + 'static,
    ) -> Self {
        Self::called(&format!("not less than {least}"), move |text| {
            let is_less = read(text).is_some_and(|value| value < least);
            accept(!is_less, format_args!("Ensure this value is greater than or equal to {least}."))
        })
    }

    /// The text as a value is not more than this one.
    pub(super) fn at_most<V: Display + PartialOrd + Send + Sync + 'static>(
        most: V,
        read: impl Fn(&str) -> Option<V> + Send + Sync + 'static,
    ) -> Self {
        Self::called(&format!("not more than {most}"), move |text| {
            let is_more = read(text).is_some_and(|value| value > most);
            accept(!is_more, format_args!("Ensure this value is less than or equal to {most}."))
        })
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rule({})", self.words)
    }
}

/// What a text has to be.
impl Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

/// Whether it is an e-mail address of a domain with a dot in it, or of this machine, as Django has it; the mail that arrives is the
/// real proof.
pub fn is_email(text: &str) -> bool {
    let domain = text.rsplit_once('@').map_or("", |(_, domain)| domain);
    (domain.contains('.') || domain == "localhost") && is_email_address(text)
}

/// Asks the rules that `#[derive(validator::Validate)]` has made of `#[validate(…)]`.
pub fn validate<T: Validate>(form: &T, errors: &mut Errors) {
    let Err(found) = form.validate() else { return };
    for (field, broken) in found.field_errors() {
        for rule in broken {
            let message = rule.message.as_deref().unwrap_or("Enter a valid value.");
            errors.add(&field, message);
        }
    }
}

fn is_url(text: &str) -> bool {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    scheme.is_some_and(|scheme| matches!(&*scheme, "http" | "https" | "ftp" | "ftps")) && text.validate_url()
}

fn is_slug(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_' || letter == '-'
}

fn accept(is_right: bool, message: impl Display) -> Result<(), String> {
    if is_right { Ok(()) } else { Err(message.to_string()) }
}

fn characters(count: usize) -> String {
    if count == 1 { "1 character".into() } else { format!("{count} characters") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["ann@site.example", "a.b+c@site.example", "o'neil@site.example", "ann@bücher.example"] {
            assert!(is_email(text), "{text}");
        }
        let long = format!("{}@site.example", "a".repeat(250));
        for text in [
            "ann",
            "ann@",
            "@site.example",
            "ann@site",
            "a b@site.example",
            "a@b@site.example",
            "ann@site.example\r\nBcc: b@c.example",
            "ann@site..example",
            &long,
        ] {
            assert!(!is_email(text), "{text}");
        }
    }

    #[test]
    fn an_address_of_a_page_has_a_scheme_that_browsers_go_to() {
        assert!(is_url("https://site.example/a?b=c#d") && is_url("http://127.0.0.1:8000/"));
        for text in ["site.example", "javascript:alert(1)", "javascript://x", "https://", "data:text/html,x"]
        {
            assert!(!is_url(text), "{text}");
        }
    }

    #[test]
    fn one_megabyte_of_text_is_judged_at_once() {
        let text = format!("{}@{}", "a".repeat(500_000), "b.".repeat(250_000));
        assert!(!is_email(&text));
        assert!(Rule::max_length(5).fault(&text).unwrap().contains("at most 5 characters"));
        assert!(Rule::slug().fault(&text).is_some());
    }
}
