//! Cookies in, cookies out.
//!
//! Reading works on bytes, so that a pair nobody can read costs only itself. Writing refuses what a browser
//! would throw away without a word.

use poem::http::{HeaderMap, HeaderValue, header};

mod quoting;
mod set_cookie;

pub use set_cookie::{CookieError, SameSite, SetCookie};

use quoting::unquote;

/// Pairs read of one request; browsers keep about as many for one site.
const MOST_PAIRS: usize = 180;
/// Bytes read of one request's Cookie headers.
const MOST_BYTES: usize = 16 * 1024;

/// The value of a cookie the browser sent; of several with one name, the last.
pub fn cookie_value(headers: &HeaderMap, name: &str) -> Option<String> {
    value(headers.get_all(header::COOKIE).iter(), name)
}

/// The Cookie headers of a request, kept to be read when someone asks for one of them. HTTP/1.1 has them in one line.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    line: Option<HeaderValue>,
    more: Vec<HeaderValue>,
}

impl Sent {
    pub(crate) fn by(request: &poem::Request) -> Self {
        let mut lines = request.headers().get_all(header::COOKIE).iter().cloned();
        Self { line: lines.next(), more: lines.collect() }
    }

    pub(crate) fn value(&self, name: &str) -> Option<String> {
        value(self.line.iter().chain(&self.more), name)
    }
}

fn value<'h>(lines: impl Iterator<Item = &'h HeaderValue>, name: &str) -> Option<String> {
    pairs(lines).filter(|(found, _)| *found == name.as_bytes()).filter_map(|(_, value)| unquote(value)).last()
}

fn pairs<'h>(lines: impl Iterator<Item = &'h HeaderValue>) -> impl Iterator<Item = (&'h [u8], &'h [u8])> {
    let mut room = MOST_BYTES;
    lines
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'))
        .take(MOST_PAIRS)
        .map_while(move |pair| {
            room = room.checked_sub(pair.len() + 1)?;
            Some(split(pair))
        })
        .filter(|(name, value)| !name.is_empty() || !value.is_empty())
}

/// Name and value; without `=` all of it is the value, as in browsers.
fn split(pair: &[u8]) -> (&[u8], &[u8]) {
    match pair.iter().position(|byte| *byte == b'=') {
        Some(at) => (pair[..at].trim_ascii(), pair[at + 1..].trim_ascii()),
        None => (b"", pair.trim_ascii()),
    }
}

/// Puts a cookie on a response, in the place of an earlier one of that name.
pub fn add_cookie(response: &mut poem::Response, cookie: &SetCookie) -> Result<(), CookieError> {
    let value = cookie.header_value()?;
    let headers = response.headers_mut();
    let sets_it = |line: &&HeaderValue| split(line.as_bytes()).0 == cookie.name().as_bytes();
    let others: Vec<_> =
        headers.get_all(header::SET_COOKIE).iter().filter(|line| !sets_it(line)).cloned().collect();
    headers.remove(header::SET_COOKIE);
    for line in others.into_iter().chain([value]) {
        headers.append(header::SET_COOKIE, line);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(lines: &[&[u8]]) -> HeaderMap {
        let value = |line: &&[u8]| (header::COOKIE, HeaderValue::from_bytes(line).unwrap());
        lines.iter().map(value).collect()
    }

    fn read(line: &str, name: &str) -> Option<String> {
        cookie_value(&sent(&[line.as_bytes()]), name)
    }

    fn set_by(response: &poem::Response) -> Vec<String> {
        let text = |line: &HeaderValue| line.to_str().unwrap().to_owned();
        response.headers().get_all(header::SET_COOKIE).iter().map(text).collect()
    }

    #[test]
    fn a_pair_nobody_can_read_costs_only_itself() {
        for bad in ["a=é", "=", "a", "a=\"", ";;", "a=b=c", "\"a;b\"", "a\\=\"\\"] {
            assert_eq!(read(&format!("{bad}; sessionid=k"), "sessionid").as_deref(), Some("k"), "{bad}");
            assert_eq!(read(&format!("sessionid=k;{bad}"), "sessionid").as_deref(), Some("k"), "{bad}");
        }
        let latin1 = sent(&[b"a=\xe9; sessionid=k; b=\xff"]);
        assert_eq!(cookie_value(&latin1, "sessionid").as_deref(), Some("k"));
        assert_eq!(cookie_value(&latin1, "a"), None);
    }

    #[test]
    fn pairs_are_split_as_django_splits_them() {
        let line = " a = 1 ;b=\"x y\";c==;d;e=;f=a=b; a=2";
        for (name, value) in [("a", "2"), ("b", "x y"), ("c", "="), ("", "d"), ("e", ""), ("f", "a=b")] {
            assert_eq!(read(line, name).as_deref(), Some(value), "{name}");
        }
        assert_eq!(read(line, "d"), None);
        assert_eq!(read(line, "A"), None);
    }

    #[test]
    fn the_last_of_one_name_wins_across_headers() {
        assert_eq!(cookie_value(&sent(&[b"a=1; a=2", b"b=0; a=3"]), "a").as_deref(), Some("3"));
    }

    #[test]
    fn no_cookie_is_none() {
        assert_eq!(cookie_value(&HeaderMap::new(), "a"), None);
        assert_eq!(read("", "a"), None);
    }

    #[test]
    fn reading_stops_at_180_pairs_and_at_16_kib() {
        let many = |count| "x=1; ".repeat(count) + "a=1";
        assert_eq!(read(&many(179), "a").as_deref(), Some("1"));
        assert_eq!(read(&many(180), "a"), None);
        let long = |length| format!("x={}; a=1", "y".repeat(length));
        assert_eq!(read(&long(16_000), "a").as_deref(), Some("1"));
        assert_eq!(read(&long(16_384), "a"), None);
        assert_eq!(read(&format!("a=1; {}", long(99_999)), "a").as_deref(), Some("1"));
    }

    #[test]
    fn any_value_comes_back() {
        let all: String = (0..300_u32).filter_map(char::from_u32).collect();
        for value in [all.as_str(), "清風", "😀\\", "\\073", "\"\"", " ", "a\r\nSet-Cookie: b=1"] {
            let line = SetCookie::new("a", value).header_value().unwrap();
            let pair = line.as_bytes().split(|byte| *byte == b';').next().unwrap();
            assert_eq!(cookie_value(&sent(&[pair]), "a").as_deref(), Some(value));
        }
    }

    #[test]
    fn a_later_cookie_replaces_an_earlier_one_of_its_name() {
        let mut response = poem::Response::default();
        for cookie in [SetCookie::delete("a"), SetCookie::new("b", "2"), SetCookie::new("a", "1")] {
            add_cookie(&mut response, &cookie).unwrap();
        }
        assert_eq!(
            set_by(&response),
            ["b=2; HttpOnly; SameSite=Lax; Path=/", "a=1; HttpOnly; SameSite=Lax; Path=/"]
        );
    }

    #[test]
    fn a_refused_cookie_leaves_the_response_as_it_was() {
        let mut response = poem::Response::default();
        add_cookie(&mut response, &SetCookie::new("__Secure-a", "1").secure(true)).unwrap();
        assert!(add_cookie(&mut response, &SetCookie::new("__Secure-a", "2")).is_err());
        assert_eq!(set_by(&response).len(), 1);
    }
}
