//! Somebody who visits a site over real HTTP, with no more of a browser than cookies.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;

/// One visitor's cookies.
pub struct Visitor {
    address: String,
    cookies: BTreeMap<String, String>,
}

/// What came back.
pub struct Answer {
    pub status: u16,
    pub location: Option<String>,
    pub body: String,
    headers: Vec<(String, String)>,
}

impl Visitor {
    pub fn of(address: &str) -> Self {
        Self { address: address.into(), cookies: BTreeMap::new() }
    }

    pub fn get(&mut self, path: &str) -> Answer {
        self.send(&format!("GET {path} HTTP/1.1\r\n"), "")
    }

    /// Opens a page with one more header.
    pub fn get_with(&mut self, path: &str, header: &str) -> Answer {
        self.send(&format!("GET {path} HTTP/1.1\r\n{header}\r\n"), "")
    }

    /// Fills in the form of a page, and sends it there.
    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.get(path).body;
        let token =
            between(&page, "name=\"csrfmiddlewaretoken\" value=\"", "\"").expect("the page has a form");
        let fields = fields.iter().copied().chain([("csrfmiddlewaretoken", token)]);
        let body: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let kind = "Content-Type: application/x-www-form-urlencoded";
        self.send(&format!("POST {path} HTTP/1.1\r\n{kind}\r\nContent-Length: {}\r\n", body.len()), &body)
    }

    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.into(), value.into());
    }

    fn send(&mut self, head: &str, body: &str) -> Answer {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let rest = format!("Host: {}\r\nCookie: {}\r\nConnection: close", self.address, cookies.join("; "));
        let mut stream = TcpStream::connect(&self.address).expect("the server listens");
        write!(stream, "{head}{rest}\r\n\r\n{body}").expect("the server reads");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("the server answers");
        self.read(&text)
    }

    fn read(&mut self, text: &str) -> Answer {
        let (head, body) = text.split_once("\r\n\r\n").expect("an answer has a head");
        let headers: Vec<_> = head.lines().filter_map(|line| line.split_once(": ")).collect();
        let values = |wanted: &str| -> Vec<&str> {
            let found = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
            found.map(|(_, value)| *value).collect()
        };
        values("set-cookie").into_iter().for_each(|cookie| self.keep(cookie));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Answer {
            status: status.expect("an answer has a status"),
            location: values("location").first().map(|location| (*location).to_owned()),
            body: body.into(),
            headers: headers
                .iter()
                .map(|(name, value)| (name.to_ascii_lowercase(), (*value).into()))
                .collect(),
        }
    }

    fn keep(&mut self, cookie: &str) {
        let pair = cookie.split(';').next().unwrap_or_default();
        let (name, value) = pair.split_once('=').expect("a cookie has a name");
        match cookie.contains("Max-Age=0") || value.is_empty() {
            true => drop(self.cookies.remove(name)),
            false => drop(self.cookies.insert(name.into(), value.into())),
        }
    }
}

impl Answer {
    /// A header, by its name in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(header, _)| header == name);
        found.map(|(_, value)| value.as_str())
    }

    #[track_caller]
    pub fn assert_redirect(&self, to: &str) {
        assert_eq!((self.status, self.location.as_deref()), (302, Some(to)), "{}", self.body);
    }

    #[track_caller]
    pub fn assert_text(&self, text: &str) {
        assert!(
            self.status == 200 && self.body.contains(text),
            "no `{text}` in {}\n{}",
            self.status,
            self.body
        );
    }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    text.split_once(start)?.1.split_once(end).map(|(found, _)| found)
}
