//! A cookie on its way out.

use std::time::Duration;

use chrono::{DateTime, Utc};
use cookie::{Cookie, time::OffsetDateTime};
use poem::http::HeaderValue;

pub use cookie::SameSite;

use super::quoting::{is_legal, quote};

/// Bytes of name and value together that every browser stores.
const MOST_STORED: usize = 4096;

/// Why a cookie cannot be sent as it was described.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CookieError {
    /// The name has letters that end a name, or none at all.
    #[error("`{0}` cannot name a cookie; use letters, digits, `-` and `_`")]
    Name(String),
    /// Name and value are larger than browsers store.
    #[error("cookie `{0}` has {1} bytes and browsers keep 4096; store less in it")]
    TooLarge(String, usize),
    /// A control character or `;` in the path or the domain.
    #[error("cookie `{0}` has a path or domain that no header can hold; use printable ASCII without `;`")]
    Attribute(String),
    /// A `__Host-` or `__Secure-` name, `SameSite=None` or `Partitioned`, on a cookie that is not secure.
    #[error(
        "cookie `{0}` must be secure; add `.secure(true)`, or give it another name or SameSite, or no partitions"
    )]
    NeedsSecure(String),
    /// A `__Host-` name with a domain or a path of its own.
    #[error("cookie `{0}` must have the path `/` and no domain; leave both out, or name it `__Secure-`")]
    NeedsHostOnly(String),
}

/// A cookie to be sent.
///
/// Unless said otherwise: for the whole site, `HttpOnly`, `SameSite=Lax`, until the browser closes.
///
/// ```
/// # use std::time::Duration;
/// # use nuages::cookies::SetCookie;
/// let theme = SetCookie::new("theme", "dark").max_age(Duration::from_secs(86400)).http_only(false);
/// assert!(theme.header_value().is_ok());
/// assert!(SetCookie::new("__Host-id", "7").header_value().is_err());      // needs `.secure(true)`
/// ```
#[derive(Clone, Debug)]
pub struct SetCookie {
    name: String,
    value: String,
    path: String,
    domain: Option<String>,
    http_only: bool,
    secure: bool,
    same_site: SameSite,
    partitioned: bool,
    lifetime: Lifetime,
}

#[derive(Clone, Copy, Debug)]
enum Lifetime {
    Session,
    Seconds(i64),
    Over,
}

impl SetCookie {
    /// A cookie of this name and value. Any text is a value; what a header cannot hold is quoted.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            path: "/".into(),
            domain: None,
            http_only: true,
            secure: false,
            same_site: SameSite::Lax,
            partitioned: false,
            lifetime: Lifetime::Session,
        }
    }

    /// Tells the browser to forget a cookie. Path, domain and SameSite must be those it was set with.
    pub fn delete(name: impl Into<String>) -> Self {
        Self { lifetime: Lifetime::Over, ..Self::new(name, "") }
    }

    /// Kept for so long, also when the browser closes; zero deletes it.
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> Self {
        self.lifetime = Lifetime::Seconds(i64::try_from(age.as_secs()).unwrap_or(i64::MAX));
        self
    }

    /// Kept until this moment, also when the browser closes; one that has passed deletes it.
    #[must_use]
    pub fn expires(self, moment: DateTime<Utc>) -> Self {
        // The clock has gone on since the moment was chosen, so the age is rounded up.
        let left = (moment - Utc::now()).num_milliseconds().max(0).unsigned_abs();
        self.max_age(Duration::from_secs(left.div_ceil(1000)))
    }

    /// Kept until the browser closes.
    #[must_use]
    pub fn session(mut self) -> Self {
        self.lifetime = Lifetime::Session;
        self
    }

    /// Whether scripts in the page must not see it.
    #[must_use]
    pub fn http_only(mut self, on: bool) -> Self {
        self.http_only = on;
        self
    }

    /// Whether it is sent over https only.
    #[must_use]
    pub fn secure(mut self, on: bool) -> Self {
        self.secure = on;
        self
    }

    /// Which requests of other sites carry it.
    #[must_use]
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.same_site = same_site;
        self
    }

    /// Whether a page that is embedded in other sites has one for each of them (CHIPS). Such a cookie must be secure.
    #[must_use]
    pub fn partitioned(mut self, on: bool) -> Self {
        self.partitioned = on;
        self
    }

    /// The part of the site that gets it.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// The domain that gets it, with all its subdomains; without one, only this host.
    #[must_use]
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.domain = Some(domain.into());
        self
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The `Set-Cookie` header, or what has to change before a browser would take it.
    pub fn header_value(&self) -> Result<HeaderValue, CookieError> {
        let value = quote(&self.value);
        let secure = self.secure || self.is_deletion() && self.must_be_secure();
        self.check(&value, secure)?;
        let text = self.with_attributes(&value, secure).to_string();
        HeaderValue::from_bytes(text.as_bytes()).map_err(|_| CookieError::Attribute(self.name.clone()))
    }

    fn with_attributes<'c>(&'c self, value: &'c str, secure: bool) -> Cookie<'c> {
        let mut cookie = Cookie::new(&self.name, value);
        cookie.set_path(&self.path);
        cookie.set_same_site(self.same_site);
        cookie.set_http_only(self.http_only);
        // The cookie crate would add Secure by itself to SameSite=None.
        cookie.set_secure(secure);
        if let Some(domain) = &self.domain {
            cookie.set_domain(domain);
        }
        if self.partitioned {
            cookie.set_partitioned(true);
        }
        self.limit(&mut cookie);
        cookie
    }

    /// Max-Age, and Expires for browsers that do not know it.
    fn limit(&self, cookie: &mut Cookie<'_>) {
        let (seconds, expires) = match self.lifetime {
            Lifetime::Session => return,
            Lifetime::Over | Lifetime::Seconds(0) => (0, Some(OffsetDateTime::UNIX_EPOCH)),
            Lifetime::Seconds(seconds) => (seconds, after(seconds)),
        };
        cookie.set_max_age(cookie::time::Duration::seconds(seconds));
        if let Some(expires) = expires {
            cookie.set_expires(expires);
        }
    }

    fn check(&self, value: &str, secure: bool) -> Result<(), CookieError> {
        let name = || self.name.clone();
        let size = self.name.len() + value.len();
        if !is_token(&self.name) {
            return Err(CookieError::Name(name()));
        }
        if size > MOST_STORED {
            return Err(CookieError::TooLarge(name(), size));
        }
        if ![&self.path].into_iter().chain(&self.domain).all(|text| is_attribute(text)) {
            return Err(CookieError::Attribute(name()));
        }
        if self.must_be_secure() && !secure {
            return Err(CookieError::NeedsSecure(name()));
        }
        if has_prefix(&self.name, "__Host-") && (self.path != "/" || self.domain.is_some()) {
            return Err(CookieError::NeedsHostOnly(name()));
        }
        Ok(())
    }

    fn is_deletion(&self) -> bool {
        matches!(self.lifetime, Lifetime::Over)
    }

    fn must_be_secure(&self) -> bool {
        has_prefix(&self.name, "__Host-")
            || has_prefix(&self.name, "__Secure-")
            || self.same_site == SameSite::None
            || self.partitioned
    }
}

fn after(seconds: i64) -> Option<OffsetDateTime> {
    OffsetDateTime::now_utc().checked_add(cookie::time::Duration::seconds(seconds))
}

/// Browsers compare these prefixes without case.
fn has_prefix(name: &str, prefix: &str) -> bool {
    name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

fn is_attribute(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b';')
}

fn is_token(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte != b':' && is_legal(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(cookie: &SetCookie) -> String {
        String::from_utf8(cookie.header_value().unwrap().as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn a_cookie_is_for_the_whole_site_and_not_for_scripts() {
        let line = written(&SetCookie::new("a", "1"));
        assert_eq!(line, "a=1; HttpOnly; SameSite=Lax; Path=/");
    }

    #[test]
    fn a_moment_is_an_age() {
        let in_an_hour = Utc::now() + chrono::TimeDelta::hours(1);
        assert!(written(&SetCookie::new("a", "1").expires(in_an_hour)).contains("; Max-Age=3600; Expires="));
        let past = Utc::now() - chrono::TimeDelta::days(1);
        assert!(written(&SetCookie::new("a", "1").expires(past)).contains("; Max-Age=0; "));
    }

    #[test]
    fn a_partitioned_cookie_must_be_secure() {
        let cookie = SetCookie::new("a", "1").partitioned(true);
        assert_eq!(cookie.header_value(), Err(CookieError::NeedsSecure("a".into())));
        let line = written(&cookie.secure(true).same_site(SameSite::None));
        assert!(line.contains("; Secure") && line.contains("; Partitioned"), "{line}");
        assert!(written(&SetCookie::delete("a").partitioned(true)).contains("; Secure"));
    }

    #[test]
    fn max_age_implies_expires_and_a_session_cookie_has_neither() {
        let line = written(&SetCookie::new("a", "1").max_age(Duration::from_secs(60)));
        assert!(line.contains("Max-Age=60; Expires=") && line.ends_with("GMT"), "{line}");
        let line = written(&SetCookie::new("a", "1").max_age(Duration::from_secs(60)).session());
        assert!(!line.contains("Max-Age") && !line.contains("Expires"), "{line}");
    }

    #[test]
    fn an_endless_age_does_not_panic() {
        assert!(
            written(&SetCookie::new("a", "1").max_age(Duration::MAX)).contains("Max-Age=9223372036854775807")
        );
    }

    #[test]
    fn a_deletion_keeps_path_domain_and_same_site() {
        let cookie = SetCookie::delete("a").path("/x").domain("example.com").same_site(SameSite::Strict);
        let line = written(&cookie);
        assert!(
            line.starts_with("a=\"\"; HttpOnly; SameSite=Strict; Path=/x; Domain=example.com;"),
            "{line}"
        );
        assert!(line.ends_with("; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT"), "{line}");
    }

    #[test]
    fn a_deletion_is_secure_where_the_browser_asks_for_it() {
        for cookie in [
            SetCookie::delete("__Host-a"),
            SetCookie::delete("__Secure-a").path("/x"),
            SetCookie::delete("a").same_site(SameSite::None),
        ] {
            assert!(written(&cookie).contains("; Secure"));
        }
        assert!(!written(&SetCookie::delete("a")).contains("Secure"));
    }

    #[test]
    fn a_prefix_is_a_promise() {
        let host = |name| SetCookie::new(name, "1").secure(true);
        assert!(host("__Host-a").header_value().is_ok());
        assert!(host("__Secure-a").path("/x").domain("example.com").header_value().is_ok());
        for cookie in [host("__Host-a").path("/x"), host("__host-a").domain("example.com")] {
            assert!(matches!(cookie.header_value(), Err(CookieError::NeedsHostOnly(_))));
        }
        for cookie in [host("__Host-a"), host("__Secure-a"), host("a").same_site(SameSite::None)] {
            assert!(matches!(cookie.secure(false).header_value(), Err(CookieError::NeedsSecure(_))));
        }
    }

    #[test]
    fn what_no_browser_stores_is_refused() {
        for name in ["", "a b", "a;b", "a=b", "é", "a\n"] {
            assert!(matches!(SetCookie::new(name, "1").header_value(), Err(CookieError::Name(_))), "{name}");
        }
        assert!(SetCookie::new("a", "x".repeat(4095)).header_value().is_ok());
        assert_eq!(
            SetCookie::new("a", "x".repeat(4096)).header_value(),
            Err(CookieError::TooLarge("a".into(), 4097))
        );
        for path in ["/;x", "/\n", "/é"] {
            assert!(matches!(
                SetCookie::new("a", "1").path(path).header_value(),
                Err(CookieError::Attribute(_))
            ));
        }
    }
}
