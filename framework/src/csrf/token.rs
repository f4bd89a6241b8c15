//! The CSRF token: a secret in a cookie, and the same secret, masked anew for every page, in the form.

use crate::signing::{ALPHANUMERIC, constant_time_eq, random_string};

/// Length of the secret, which is also a valid token.
const SECRET_LENGTH: usize = 32;
/// Length of a masked token: the mask, then the secret under it.
const TOKEN_LENGTH: usize = 2 * SECRET_LENGTH;

/// Why a request was refused, in Django's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Reason {
    /// The browser sent no CSRF cookie.
    #[error("CSRF cookie not set.")]
    NoCookie,
    /// The cookie holds no secret.
    #[error("CSRF cookie {0}.")]
    BadCookie(Malformed),
    /// Neither the form nor the header holds a token.
    #[error("CSRF token missing.")]
    NoToken,
    /// What came is no token.
    #[error("CSRF token from {0} {1}.")]
    BadToken(Source, Malformed),
    /// The token is for another secret.
    #[error("CSRF token from {0} incorrect.")]
    Incorrect(Source),
}

/// What a text is when it cannot be a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Malformed {
    /// Neither 32 nor 64 characters.
    #[error("has incorrect length")]
    Length,
    /// Something else than letters and digits.
    #[error("has invalid characters")]
    Characters,
}

/// Where a token came from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Source {
    /// The form's field.
    #[error("POST")]
    Form,
    /// A header, by its name.
    #[error("the '{0}' HTTP header")]
    Header(&'static str),
}

/// A new secret for the cookie.
pub(super) fn new_secret() -> String {
    random_string(SECRET_LENGTH, ALPHANUMERIC)
}

/// A token for a page: different each time, so that compression gives nothing of it away.
pub(super) fn mask(secret: &str) -> String {
    let mask = new_secret();
    let hidden = combine(secret, &mask, |secret, mask| secret + mask);
    mask + &hidden
}

/// The secret in a cookie; Django before 4.0 kept it masked there.
pub(super) fn read_cookie(cookie: &str) -> Result<String, Malformed> {
    check_format(cookie)?;
    Ok(unmask(cookie))
}

/// Whether a request holds the token of its cookie: in the form, or, if that is blank, in the header.
pub(super) fn check(
    cookie: Option<&str>,
    form: Option<&str>,
    header: Option<&str>,
    header_name: &'static str,
) -> Result<(), Reason> {
    let secret = read_cookie(cookie.ok_or(Reason::NoCookie)?).map_err(Reason::BadCookie)?;
    let in_form = form.filter(|token| !token.is_empty()).map(|token| (token, Source::Form));
    let in_header = || header.map(|token| (token, Source::Header(header_name)));
    let (token, source) = in_form.or_else(in_header).ok_or(Reason::NoToken)?;
    match matches(token, &secret) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Reason::Incorrect(source)),
        Err(malformed) => Err(Reason::BadToken(source, malformed)),
    }
}

/// Whether a token, masked or not, is for this secret.
fn matches(token: &str, secret: &str) -> Result<bool, Malformed> {
    check_format(token)?;
    Ok(constant_time_eq(unmask(token).as_bytes(), secret.as_bytes()))
}

fn check_format(token: &str) -> Result<(), Malformed> {
    if !matches!(token.chars().count(), SECRET_LENGTH | TOKEN_LENGTH) {
        return Err(Malformed::Length);
    }
    token.bytes().all(|byte| byte.is_ascii_alphanumeric()).then_some(()).ok_or(Malformed::Characters)
}

/// The secret in a well-formed token, which may be the bare secret itself.
fn unmask(token: &str) -> String {
    match token.split_at_checked(SECRET_LENGTH) {
        Some((mask, hidden)) if !hidden.is_empty() => {
            combine(hidden, mask, |hidden, mask| hidden + ALPHANUMERIC.len() - mask)
        }
        _ => token.to_owned(),
    }
}

fn combine(text: &str, mask: &str, letter: impl Fn(usize, usize) -> usize) -> String {
    let pairs = text.chars().zip(mask.chars());
    let letters = pairs.map(|(text, mask)| letter(index(text), index(mask)) % ALPHANUMERIC.len());
    letters.map(|index| char::from(ALPHANUMERIC.as_bytes()[index])).collect()
}

fn index(letter: char) -> usize {
    ALPHANUMERIC.find(letter).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "X-CSRFToken";
    const SECRET: &str = "kAAAAAAAAAAz9ZbQ0Q0Q0Q0Q0Q0Q0Q0x";

    #[test]
    fn tokens_of_django_unmask_to_their_secret() {
        let all: serde_json::Value =
            serde_json::from_str(include_str!("../../testdata/django_vectors.json")).unwrap();
        assert_eq!(all["csrf"]["alphabet"], ALPHANUMERIC);
        for case in all["csrf"]["vectors"].as_array().unwrap() {
            let [token, secret] = ["token", "unmasks_to"].map(|key| case[key].as_str().unwrap());
            assert_eq!(unmask(token), secret);
            assert_eq!(matches(token, secret), Ok(true));
        }
    }

    #[test]
    fn a_mask_hides_and_gives_back_the_secret() {
        for _ in 0..100 {
            let secret = new_secret();
            let token = mask(&secret);
            assert_eq!((secret.len(), token.len()), (SECRET_LENGTH, TOKEN_LENGTH));
            assert_eq!(unmask(&token), secret);
            assert_ne!(token, mask(&secret));
        }
    }

    #[test]
    fn every_combination_of_masked_and_bare_is_right() {
        for cookie in [SECRET.to_owned(), mask(SECRET)] {
            for token in [SECRET.to_owned(), mask(SECRET)] {
                assert_eq!(check(Some(&cookie), Some(&token), None, HEADER), Ok(()));
                assert_eq!(check(Some(&cookie), None, Some(&token), HEADER), Ok(()));
                assert_eq!(check(Some(&cookie), Some(""), Some(&token), HEADER), Ok(()));
            }
        }
    }

    #[test]
    fn an_old_masked_cookie_gives_the_bare_secret() {
        assert_eq!(read_cookie(&mask(SECRET)).as_deref(), Ok(SECRET));
        assert_eq!(read_cookie(SECRET).as_deref(), Ok(SECRET));
    }

    #[test]
    fn the_form_goes_before_the_header() {
        let found = check(Some(SECRET), Some(&new_secret()), Some(SECRET), HEADER);
        assert_eq!(found, Err(Reason::Incorrect(Source::Form)));
    }

    #[test]
    fn reasons_are_djangos() {
        let (short, odd, wrong) = ("a".repeat(16), "*".repeat(32), mask(&new_secret()));
        let (short, odd, wrong, right) = (Some(&*short), Some(&*odd), Some(&*wrong), Some(SECRET));
        for (cookie, form, header, reason) in [
            (None, right, None, "CSRF cookie not set."),
            (short, right, None, "CSRF cookie has incorrect length."),
            (odd, right, None, "CSRF cookie has invalid characters."),
            (right, None, None, "CSRF token missing."),
            (right, short, None, "CSRF token from POST has incorrect length."),
            (right, odd, None, "CSRF token from POST has invalid characters."),
            (right, wrong, None, "CSRF token from POST incorrect."),
            (right, None, Some(""), "CSRF token from the 'X-CSRFToken' HTTP header has incorrect length."),
            (right, None, wrong, "CSRF token from the 'X-CSRFToken' HTTP header incorrect."),
        ] {
            assert_eq!(check(cookie, form, header, HEADER).unwrap_err().to_string(), reason);
        }
    }

    #[test]
    fn letters_outside_ascii_do_not_panic() {
        for length in [16, 31, 32, 64] {
            let text = "é".repeat(length);
            assert!(read_cookie(&text).is_err() && matches(&text, SECRET).is_err());
            mask(&text);
        }
    }
}
