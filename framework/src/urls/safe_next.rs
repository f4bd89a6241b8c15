//! Whether an address that came with a request may be redirected to, and how it is written into `Location`.

/// More than that is not looked at; Django has the same limit.
const LONGEST: usize = 2048;

/// Whether `next` stays on one of these hosts: Django's `url_has_allowed_host_and_scheme`.
///
/// Write it with [`location_header`]: a safe address may still hold letters that a header must not.
///
/// ```
/// # use nuages::urls::is_safe_next;
/// assert!(is_safe_next("/accounts/profile/", &["example.com"], true));
/// assert!(!is_safe_next("//evil.example/", &["example.com"], true));
/// ```
///
/// What is refused is a line of the log, with the host that it names, if any (OWASP ASVS 5.0, 16.3.3).
pub fn is_safe_next(url: &str, allowed_hosts: &[&str], require_https: bool) -> bool {
    let url = url.trim_matches(is_space);
    // Browsers take `\` for `/` in a path, but not in front of `@`: both readings must be safe.
    let readings = [url, &url.replace('\\', "/")];
    let is_safe = readings.iter().all(|url| stays(url, allowed_hosts, require_https));
    if !is_safe && !url.is_empty() {
        let host = readings.iter().find_map(|url| split(url).1).map(start_of);
        tracing::warn!(host, "refused to send a visitor on to an address that is not of this site");
    }
    is_safe
}

/// As much of a host as a name may have (RFC 1035, 2.3.4).
fn start_of(host: &str) -> &str {
    host.char_indices().nth(255).map_or(host, |(end, _)| &host[..end])
}

fn stays(url: &str, allowed_hosts: &[&str], require_https: bool) -> bool {
    if url.chars().count() > LONGEST || !starts_visibly(url) {
        return false;
    }
    // Browsers leave these out, wherever they are.
    let url = url.replace(['\t', '\r', '\n'], "");
    match split(&url) {
        (None, None) => true,
        // Without slashes browsers take the first part of the path for the host.
        (Some(_), None) => false,
        (scheme, Some(host)) => {
            let scheme = scheme.unwrap_or_else(|| "http".to_owned());
            (scheme == "https" || scheme == "http" && !require_https)
                && !host.is_empty()
                && allowed_hosts.contains(&host)
        }
    }
}

/// Browsers skip control characters in front. Django refuses those; this, symbols too.
fn starts_visibly(url: &str) -> bool {
    url.starts_with(|letter: char| letter.is_ascii_graphic() || letter.is_alphanumeric())
}

/// Scheme and host. A third slash makes an empty host, which no site is called.
fn split(url: &str) -> (Option<String>, Option<&str>) {
    let (scheme, rest) = match url.split_once(':') {
        Some((scheme, rest)) if is_scheme(scheme) => (Some(scheme.to_ascii_lowercase()), rest),
        _ => (None, url),
    };
    (scheme, rest.strip_prefix("//").and_then(|rest| rest.split(['/', '?', '#']).next()))
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// What Python's `strip` takes away.
fn is_space(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '\u{1c}'..='\u{1f}')
}

/// An address as a `Location` header holds it: percent-encoded, once (Django's `iri_to_uri`).
pub fn location_header(url: &str) -> String {
    url.bytes().fold(String::with_capacity(url.len()), |written, byte| match byte {
        _ if byte.is_ascii_alphanumeric() || b"-._~/#%[]=:;$&()+,!?*@'".contains(&byte) => {
            written + char::from(byte).encode_utf8(&mut [0; 1])
        }
        _ => written + &format!("%{byte:02X}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTS: [&str; 2] = ["example.com", "example.com:8000"];

    #[test]
    fn every_answer_of_django_is_ours() {
        let all: serde_json::Value =
            serde_json::from_str(include_str!("../../testdata/django_vectors.json")).unwrap();
        let part = &all["url_has_allowed_host_and_scheme"];
        assert_eq!(part["allowed_hosts"], serde_json::json!(HOSTS));
        let cases = part["cases"].as_array().unwrap();
        assert_eq!(cases.len(), 44);
        for case in cases {
            let url = case["url"].as_str().unwrap();
            assert_eq!(is_safe_next(url, &HOSTS, false), case["http"], "{url:?}");
            assert_eq!(is_safe_next(url, &HOSTS, true), case["require_https"], "{url:?}");
        }
    }

    #[test]
    fn what_a_browser_would_leave_out_does_not_hide_a_host() {
        for url in [
            "/\t/evil.com",
            "/\n/evil.com",
            "\r\n//evil.com",
            "ht\ntp://evil.com",
            "java\tscript:alert(1)",
            "\u{1}//evil.com",
            "\t/\\evil.com",
            "/\\/evil.com",
            "\\/evil.com",
            "\u{feff}//evil.com",
            "\u{ad}//evil.com",
            "https:///evil.com",
            "https:/\\evil.com",
            "//example.com:80",
            "//\t/evil.com",
            "//",
            "//?x",
            "http://",
        ] {
            assert!(!is_safe_next(url, &HOSTS, false), "{url:?}");
            assert!(!is_safe_next(url, &["", "example.com"], false), "{url:?}");
        }
    }

    #[test]
    fn without_allowed_hosts_only_this_site_is_safe() {
        assert!(is_safe_next("/a", &[], false));
        assert!(!is_safe_next("https://example.com/", &[], false));
    }

    #[test]
    fn a_location_is_plain_ascii_and_encoded_once() {
        for (url, written) in [
            ("/I ♥ Django/", "/I%20%E2%99%A5%20Django/"),
            ("/a%20b?c=d&e#f", "/a%20b?c=d&e#f"),
            ("/a\r\nSet-Cookie: x=1", "/a%0D%0ASet-Cookie:%20x=1"),
            ("\\\\example.com", "%5C%5Cexample.com"),
            ("/é\"<>`{|}^\0\x7f", "/%C3%A9%22%3C%3E%60%7B%7C%7D%5E%00%7F"),
            ("/#%[]=:;$&()+,!?*@'~-._", "/#%[]=:;$&()+,!?*@'~-._"),
        ] {
            assert_eq!(location_header(url), written);
            assert_eq!(location_header(written), written);
        }
    }
}
