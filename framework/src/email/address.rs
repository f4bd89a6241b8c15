//! Addresses: `ann@site.example`, or `Ann <ann@site.example>`.

use crate::error::{Error, Result};
use lettre::Address;
use lettre::message::Mailbox;

/// Bytes that an address may have (RFC 5321, 4.5.3.1.3).
const LONGEST: usize = 254;

/// Whether this is one e-mail address, without a name before it: what a form may take from a visitor.
///
/// ```
/// use nuages::email::is_email_address;
///
/// assert!(is_email_address("ann@bücher.example"));
/// assert!(!is_email_address("ann@site.example\r\nBcc: all@site.example"));
/// ```
pub fn is_email_address(text: &str) -> bool {
    text.len() <= LONGEST && !has_control(text) && text.parse::<Address>().is_ok()
}

/// Reads an address, with or without a name, and writes its domain in ASCII.
///
/// # Errors
/// [`Error::BadRequest`] if it is none.
pub(super) fn mailbox(text: &str) -> Result<Mailbox> {
    let wrong = || {
        let shown: String = text.chars().take(80).flat_map(char::escape_debug).collect();
        Error::BadRequest(format!(
            "`{shown}` is no e-mail address; write ann@site.example or Ann <ann@site.example>"
        ))
    };
    if text.len() > 4 * LONGEST || has_control(text) {
        return Err(wrong());
    }
    let Mailbox { name, email } = text.trim().parse().map_err(|_| wrong())?;
    let ascii = ascii(&email).filter(|email| email.to_string().len() <= LONGEST).ok_or_else(wrong)?;
    Ok(Mailbox::new(name, ascii))
}

/// Every mail server knows domains in ASCII (RFC 5891).
fn ascii(address: &Address) -> Option<Address> {
    if address.domain().is_ascii() {
        return Some(address.clone());
    }
    let domain = idna::domain_to_ascii(address.domain()).ok()?;
    Address::new(address.user(), domain).ok()
}

/// A line break in a header begins another one; no control character has a place there.
pub(super) fn has_control(text: &str) -> bool {
    text.chars().any(|letter| letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        mailbox(text).unwrap().to_string()
    }

    #[test]
    fn an_address_may_have_a_name() {
        assert_eq!(read("ann@site.example"), "ann@site.example");
        assert_eq!(mailbox("Ann <ann@site.example>").unwrap().name.as_deref(), Some("Ann"));
    }

    #[test]
    fn a_domain_of_any_script_is_written_in_ascii() {
        assert_eq!(read("ann@bücher.example"), "ann@xn--bcher-kva.example");
        assert!(is_email_address("ann@bücher.example"));
    }

    #[test]
    fn what_would_begin_another_header_is_no_address() {
        for end in ["\r\nBcc: all@site.example", "\n", "\r", "\0", "\u{2028}x", ", bob@site.example", ""] {
            let text = format!("ann@site.example{end}");
            assert_eq!(mailbox(&text).is_ok(), end.is_empty(), "{text:?}");
            assert_eq!(is_email_address(&text), end.is_empty(), "{text:?}");
        }
        assert!(mailbox("Ann\r\nBcc: all@site.example <ann@site.example>").is_err());
    }

    #[test]
    fn what_is_no_address_is_refused_without_a_panic() {
        let long = format!("{}@site.example", "a".repeat(1_000_000));
        for text in ["", "ann", "@", "ann@", "@site.example", "a b@site.example", "ann@-", &long] {
            assert!(!is_email_address(text), "{:.40}", text);
            let error = mailbox(text).unwrap_err();
            assert_eq!(error.status(), 400);
            assert!(error.to_string().len() < 300, "{error}");
        }
    }
}
