//! Which host the visitor asked for, and whether the site answers to it.

use crate::error::{Error, Result};
use crate::layer::{Layer, Pass};
use crate::proxies;
use crate::settings::Settings;
use poem::Request;
use poem::http::{header, uri::Scheme};

/// What a site in debug answers to while ALLOWED_HOSTS is empty.
const THIS_MACHINE: [&str; 3] = [".localhost", "127.0.0.1", "[::1]"];

/// The layer that turns away requests for other hosts (400), as Django does with ALLOWED_HOSTS.
pub(crate) fn layer() -> Layer {
    Layer::pass("hosts", |request| check(request).map(|()| Pass::On))
}

fn check(request: &Request) -> Result<()> {
    if request.headers().get_all(header::HOST).iter().nth(1).is_some() {
        return Err(Error::BadRequest("the request names more than one host".into()));
    }
    let host = host(request);
    if is_allowed(host, Settings::of(request)) {
        return Ok(());
    }
    let text = format!("the host `{host}` is not in ALLOWED_HOSTS; add it if the site should answer to it");
    Err(Error::BadRequest(text))
}

/// The host that the visitor asked for, with its port.
pub(crate) fn host(request: &Request) -> &str {
    let header = request.header(header::HOST);
    header
        .or_else(|| request.original_uri().authority().map(|authority| authority.as_str()))
        .unwrap_or_default()
}

/// Whether the visitor came by https, directly or by the proxy that the settings trust.
pub(crate) fn is_secure(request: &Request) -> bool {
    match &Settings::of(request).secure_proxy_ssl_header {
        Some((header, value)) => {
            request.header(header.as_str()) == Some(value) && proxies::may_speak_for_visitors(request)
        }
        None => request.scheme() == &Scheme::HTTPS,
    }
}

/// How proxies say "https" that have taken it off, beside the header that the settings name.
const SAYS_HTTPS: [(&str, &str); 5] = [
    ("X-Forwarded-Proto", "https"),
    ("X-Forwarded-Scheme", "https"),
    ("X-Forwarded-Ssl", "on"),
    ("Front-End-Https", "on"),
    ("CloudFront-Forwarded-Proto", "https"),
];

/// What to set, where a request that is not [secure](is_secure) says that it came by https.
pub(crate) fn why_https_is_not_believed(request: &Request) -> Option<String> {
    let (settings, has) =
        (Settings::of(request), |(name, value): (&str, &str)| request.header(name) == Some(value));
    let named =
        settings.secure_proxy_ssl_header.as_ref().map(|(name, value)| (name.as_str(), value.as_str()));
    if named.is_some_and(has) {
        let sender =
            proxies::peer(request).map_or_else(|| "an unknown address".into(), |peer| peer.to_string());
        return Some(format!(
            "{sender} says that this came by https, and is not among TRUSTED_PROXIES; if it is the site's proxy, add it there"
        ));
    }
    let (name, value) = SAYS_HTTPS.into_iter().find(|said| has(*said))?;
    Some(format!(
        "`{name}: {value}` says that this came by https, and is not believed, so a redirect to https would have no end; if the \
         site's proxy always sets that header itself, set SECURE_PROXY_SSL_HEADER={name}:{value}"
    ))
}

fn is_allowed(host: &str, settings: &Settings) -> bool {
    let name = without_port(host);
    if !is_host_name(name) {
        return false;
    }
    if settings.debug && settings.allowed_hosts.is_empty() {
        return THIS_MACHINE.iter().any(|pattern| matches(pattern, name));
    }
    settings.allowed_hosts.iter().any(|pattern| matches(pattern, name))
}

fn matches(pattern: &str, name: &str) -> bool {
    let ending = name.len().checked_sub(pattern.len()).and_then(|start| name.get(start..));
    match pattern.strip_prefix('.') {
        _ if pattern == "*" => true,
        Some(domain) => {
            name.eq_ignore_ascii_case(domain) || ending.is_some_and(|end| end.eq_ignore_ascii_case(pattern))
        }
        None => name.eq_ignore_ascii_case(pattern),
    }
}

fn without_port(host: &str) -> &str {
    let host = host.strip_suffix('.').unwrap_or(host);
    match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') && port.bytes().all(|byte| byte.is_ascii_digit()) => {
            name.strip_suffix('.').unwrap_or(name)
        }
        _ => host,
    }
}

/// Django's `host_validation_re`.
fn is_host_name(name: &str) -> bool {
    let inner = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    let (text, extra) = inner.map_or((name, ".-"), |address| (address, ".:"));
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || extra.contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(hosts: &[&str], debug: bool) -> Settings {
        Settings {
            allowed_hosts: hosts.iter().map(|host| (*host).into()).collect(),
            debug,
            ..Settings::default()
        }
    }

    #[test]
    fn a_foreign_host_is_turned_away() {
        let site = settings(&["a.example", ".b.example"], false);
        for good in ["a.example", "A.Example:8000", "b.example", "x.b.example", "a.example."] {
            assert!(is_allowed(good, &site), "{good}");
        }
        for bad in
            ["evil.example", "a.example.evil.example", "xb.example", "", "a.example@evil", "a.example/x", "é"]
        {
            assert!(!is_allowed(bad, &site), "{bad}");
        }
    }

    #[test]
    fn in_debug_an_empty_list_means_this_machine() {
        let site = settings(&[], true);
        assert!(is_allowed("localhost:8000", &site) && is_allowed("[::1]:8000", &site));
        assert!(!is_allowed("a.example", &site));
    }
}
