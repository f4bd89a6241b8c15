//! Where a request comes from, by Origin and Referer as Django weighs them, and by Sec-Fetch-Site.

use poem::http::Uri;

/// Why the place a request comes from was refused; Django's words where Django has some.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Reason {
    /// Origin is neither this site nor a trusted one.
    #[error("Origin checking failed - {0} does not match any trusted origins.")]
    BadOrigin(String),
    /// The browser says that another site sends this, and its Origin is not trusted.
    #[error("Sec-Fetch-Site checking failed - the request comes from another site that is not trusted.")]
    CrossSite,
    /// Https, and neither Origin nor Referer.
    #[error("Referer checking failed - no Referer.")]
    NoReferer,
    /// Referer is no whole address.
    #[error("Referer checking failed - Referer is malformed.")]
    MalformedReferer,
    /// Referer is http while the site is https.
    #[error("Referer checking failed - Referer is insecure while host is secure.")]
    InsecureReferer,
    /// Referer is neither this site nor a trusted one.
    #[error("Referer checking failed - {0} does not match any trusted origins.")]
    BadReferer(String),
}

/// What a request says of itself and of the page that sent it.
///
/// Headers are bytes, so that one that is no text is not taken for absent.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sender<'r> {
    /// Anything but GET, HEAD, OPTIONS and TRACE.
    pub(super) is_unsafe: bool,
    /// Whether the browser spoke https.
    pub(super) is_secure: bool,
    /// The site's own host, with the port if the browser named one.
    pub(super) host: &'r str,
    /// The header `Origin`.
    pub(super) origin: Option<&'r [u8]>,
    /// The header `Referer`.
    pub(super) referer: Option<&'r [u8]>,
    /// The header `Sec-Fetch-Site`.
    pub(super) sec_fetch_site: Option<&'r [u8]>,
    /// The domain of the CSRF cookie: with one, a Referer of that domain is good.
    pub(super) cookie_domain: Option<&'r str>,
    /// `https://example.com`, or `https://*.example.com` for that and all below it.
    pub(super) trusted_origins: &'r [String],
}

/// Whether a request may go on, going by the page it comes from.
pub(super) fn check(sender: &Sender<'_>) -> Result<(), Reason> {
    if !sender.is_unsafe {
        return Ok(());
    }
    let origin = sender.origin.map(String::from_utf8_lossy);
    match origin.as_deref() {
        Some(origin) if sender.trusted_origins.iter().any(|pattern| trusts(pattern, origin)) => Ok(()),
        Some(origin) if !origin.eq_ignore_ascii_case(&sender.own_origin()) => {
            Err(Reason::BadOrigin(origin.to_owned()))
        }
        _ if sender.says_cross_site() => Err(Reason::CrossSite),
        None if sender.is_secure => sender.check_referer(),
        _ => Ok(()),
    }
}

impl Sender<'_> {
    fn check_referer(&self) -> Result<(), Reason> {
        let referer = self.referer.ok_or(Reason::NoReferer)?;
        let parts = Uri::try_from(referer).map_err(|_| Reason::MalformedReferer)?;
        let (Some(scheme), Some(place)) = (parts.scheme_str(), parts.authority()) else {
            return Err(Reason::MalformedReferer);
        };
        if scheme != "https" {
            return Err(Reason::InsecureReferer);
        }
        let trusted = self.trusted_origins.iter().filter_map(|origin| origin.split_once("://"));
        let mut trusted = trusted.map(|(_, host)| host.trim_start_matches('*'));
        let is_good = |pattern: &str| is_same_domain(place.as_str(), pattern);
        let good = is_good(&self.own_place()) || trusted.any(is_good);
        good.then_some(()).ok_or_else(|| Reason::BadReferer(String::from_utf8_lossy(referer).into_owned()))
    }

    fn own_origin(&self) -> String {
        format!("{}://{}", if self.is_secure { "https" } else { "http" }, self.host)
    }

    /// The host, or the cookie's domain with the host's port.
    fn own_place(&self) -> String {
        let Some(domain) = self.cookie_domain else { return self.host.to_owned() };
        match port_of(self.host) {
            None | Some("443" | "80") => domain.to_owned(),
            Some(port) => format!("{domain}:{port}"),
        }
    }

    fn says_cross_site(&self) -> bool {
        self.sec_fetch_site.is_some_and(|site| site.trim_ascii().eq_ignore_ascii_case(b"cross-site"))
    }
}

fn trusts(trusted: &str, origin: &str) -> bool {
    match trusted.split_once("://*") {
        Some((scheme, domain)) => origin.split_once("://").is_some_and(|(found, host)| {
            found.eq_ignore_ascii_case(scheme) && is_place(host) && is_same_domain(host, domain)
        }),
        None => trusted.eq_ignore_ascii_case(origin),
    }
}

/// A pattern with a dot in front is a domain with all below it.
fn is_same_domain(host: &str, pattern: &str) -> bool {
    let (host, pattern) = (host.to_ascii_lowercase(), pattern.to_ascii_lowercase());
    match pattern.strip_prefix('.') {
        Some(domain) => host == domain || host.ends_with(&pattern),
        None => !pattern.is_empty() && host == pattern,
    }
}

/// A host, perhaps with a port, and nothing around it.
fn is_place(host: &str) -> bool {
    host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte))
}

fn port_of(host: &str) -> Option<&str> {
    let (_, port) = host.rsplit_once(':')?;
    port.bytes().all(|byte| byte.is_ascii_digit()).then_some(port)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trusted(origins: &[&str]) -> Vec<String> {
        origins.iter().map(|origin| (*origin).to_owned()).collect()
    }

    fn https() -> Sender<'static> {
        Sender { is_unsafe: true, is_secure: true, host: "www.example.com", ..Sender::default() }
    }

    fn http() -> Sender<'static> {
        Sender { is_secure: false, ..https() }
    }

    fn trusting(trusted_origins: &[String]) -> Sender<'_> {
        Sender { trusted_origins, ..https() }
    }

    fn with_origin<'r>(sender: Sender<'r>, origin: &'r str) -> Sender<'r> {
        Sender { origin: Some(origin.as_bytes()), ..sender }
    }

    fn with_referer<'r>(sender: Sender<'r>, referer: &'r str) -> Sender<'r> {
        Sender { referer: Some(referer.as_bytes()), ..sender }
    }

    fn cross_site(sender: Sender<'_>) -> Sender<'_> {
        Sender { sec_fetch_site: Some(b"cross-site"), ..sender }
    }

    #[test]
    fn a_safe_method_may_come_from_anywhere() {
        let sender = cross_site(with_origin(https(), "https://evil.example"));
        assert_eq!(check(&Sender { is_unsafe: false, ..sender }), Ok(()));
    }

    #[test]
    fn a_header_that_is_no_text_is_not_taken_for_absent() {
        let bytes = Some(&b"\xd8B\xf6I\xdf"[..]);
        assert!(matches!(check(&Sender { origin: bytes, ..http() }), Err(Reason::BadOrigin(_))));
        assert_eq!(check(&Sender { referer: bytes, ..https() }), Err(Reason::MalformedReferer));
    }

    #[test]
    fn the_cookies_domain_makes_a_referer_good_with_the_hosts_port() {
        let sender = Sender { cookie_domain: Some(".example.com"), ..https() };
        assert_eq!(check(&with_referer(sender, "https://foo.example.com/")), Ok(()));
        assert!(check(&with_referer(sender, "https://foo.example.com:4443/")).is_err());
        let sender = Sender { host: "www.example.com:4443", ..sender };
        assert_eq!(check(&with_referer(sender, "https://foo.example.com:4443/")), Ok(()));
        assert!(check(&with_referer(sender, "https://foo.example.com/")).is_err());
    }

    #[test]
    fn the_sites_own_origin_is_good() {
        assert_eq!(check(&with_origin(https(), "https://www.example.com")), Ok(()));
        assert_eq!(check(&with_origin(http(), "http://www.example.com")), Ok(()));
        let other_port = Sender { host: "www.example.com:8000", ..http() };
        assert_eq!(check(&with_origin(other_port, "http://www.example.com:8000")), Ok(()));
    }

    #[test]
    fn another_origin_is_refused() {
        for origin in [
            "https://www.evil.org",
            "http://www.example.com",
            "https://www.example.com:8000",
            "https://www.example.com.evil.org",
            "https://example.com",
            "https://www.example.com/",
            "null",
            "",
            "https://[",
            "www.example.com",
        ] {
            assert_eq!(check(&with_origin(https(), origin)), Err(Reason::BadOrigin(origin.into())));
        }
    }

    #[test]
    fn a_trusted_origin_is_good_exactly_or_below_a_star() {
        let origins =
            trusted(&["https://dashboard.example.com", "https://*.example.org", "http://*.local.test:8000"]);
        for origin in [
            "https://dashboard.example.com",
            "https://foo.example.org",
            "https://a.b.example.org",
            "https://example.org",
            "http://foo.local.test:8000",
        ] {
            assert_eq!(check(&with_origin(trusting(&origins), origin)), Ok(()), "{origin}");
        }
        for origin in [
            "http://dashboard.example.com",
            "http://foo.example.org",
            "https://fooexample.org",
            "https://foo.example.org:8000",
            "https://foo.local.test:8000",
            "https://evil.org/.example.org",
            "https://evil.org@.example.org",
        ] {
            let found = check(&with_origin(trusting(&origins), origin));
            assert_eq!(found, Err(Reason::BadOrigin(origin.into())));
        }
    }

    #[test]
    fn what_the_browser_calls_cross_site_is_refused_unless_its_origin_is_trusted() {
        let with_own_referer = with_referer(https(), "https://www.example.com/");
        let with_own_origin = with_origin(https(), "https://www.example.com");
        for sender in [http(), https(), with_own_referer, with_own_origin] {
            assert_eq!(check(&cross_site(sender)), Err(Reason::CrossSite));
        }
        let origins = trusted(&["https://partner.example"]);
        assert_eq!(check(&cross_site(with_origin(trusting(&origins), "https://partner.example"))), Ok(()));
    }

    #[test]
    fn same_site_and_same_origin_are_left_to_the_other_checks() {
        for site in ["same-origin", "same-site", "none", ""] {
            let sender = Sender { sec_fetch_site: Some(site.as_bytes()), ..http() };
            assert_eq!(check(&sender), Ok(()));
            assert!(check(&with_origin(sender, "http://evil.example.com")).is_err());
        }
    }

    #[test]
    fn http_needs_no_referer() {
        assert_eq!(check(&http()), Ok(()));
        assert_eq!(check(&with_referer(http(), "http://evil.example/")), Ok(()));
    }

    #[test]
    fn https_without_origin_needs_a_referer() {
        assert_eq!(check(&https()), Err(Reason::NoReferer));
    }

    #[test]
    fn a_malformed_referer_is_refused() {
        for referer in ["", "//example.com/", "https://", "https://[", "/path", "www.example.com", "é"] {
            let found = check(&with_referer(https(), referer));
            assert_eq!(found, Err(Reason::MalformedReferer), "{referer}");
        }
    }

    #[test]
    fn an_insecure_referer_is_refused() {
        let found = check(&with_referer(https(), "http://www.example.com/"));
        assert_eq!(found, Err(Reason::InsecureReferer));
    }

    #[test]
    fn the_referer_must_be_this_site() {
        assert_eq!(check(&with_referer(https(), "https://www.example.com/somepage?a=b#c")), Ok(()));
        assert_eq!(check(&with_referer(https(), "https://www.example.com")), Ok(()));
        for referer in
            ["https://www.evil.org/somepage", "https://www.example.com:8000/", "https://a@www.example.com/"]
        {
            assert_eq!(check(&with_referer(https(), referer)), Err(Reason::BadReferer(referer.into())));
        }
    }

    #[test]
    fn a_trusted_referer_is_good() {
        let origins = trusted(&["https://dashboard.example.com", "https://*.example.org"]);
        for referer in ["https://dashboard.example.com/x", "https://foo.example.org/", "https://example.org/"]
        {
            assert_eq!(check(&with_referer(trusting(&origins), referer)), Ok(()), "{referer}");
        }
        assert!(check(&with_referer(trusting(&origins), "https://fooexample.org/")).is_err());
    }

    #[test]
    fn reasons_are_djangos() {
        let said = |sender: Sender<'_>| check(&sender).unwrap_err().to_string();
        assert_eq!(
            said(with_origin(https(), "https://evil.org")),
            "Origin checking failed - https://evil.org does not match any trusted origins."
        );
        assert_eq!(
            said(with_referer(https(), "https://evil.org/x")),
            "Referer checking failed - https://evil.org/x does not match any trusted origins."
        );
    }
}
