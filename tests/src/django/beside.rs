//! A real Django beside our site, on the same database: `site.py` in a process.

use nuages::test::Client;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A Django that serves, until this is dropped.
pub struct Django {
    child: Child,
    port: u16,
}

/// A command of the Django site; `NUAGES_TEST_DJANGO` names a Python that has Django.
fn site(url: &str, key: &str, fallbacks: &str, words: &[&str]) -> Command {
    let python = std::env::var("NUAGES_TEST_DJANGO")
        .expect("NUAGES_TEST_DJANGO must name a Python with Django; `cargo xtask test` sets it");
    let mut command = Command::new(python);
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/src/django/site.py")).args(words);
    command.env("DATABASE_URL", url).env("SECRET_KEY", key).env("SECRET_KEY_FALLBACKS", fallbacks);
    command
}

impl Django {
    /// Runs a command of the Django site to its end.
    ///
    /// # Panics
    /// If it fails.
    pub fn run(url: &str, key: &str, words: &[&str]) {
        let status = site(url, key, "", words).status().expect("Python starts");
        assert!(status.success(), "site.py {words:?}");
    }

    /// Serves, with these secret keys.
    ///
    /// # Panics
    /// If it does not start.
    pub fn serve(url: &str, key: &str, fallbacks: &str) -> Self {
        let mut command = site(url, key, fallbacks, &["serve"]);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("Python starts");
        let mut line = String::new();
        let mut said = BufReader::new(child.stdout.take().expect("it is piped"));
        said.read_line(&mut line).expect("it says something");
        let port = line.trim().parse().unwrap_or_else(|_| panic!("Django did not start"));
        Self { child, port }
    }

    /// What Django answers to a visitor; their cookies are the same on both sites.
    ///
    /// # Panics
    /// If it does not answer 200.
    pub fn get(&self, visitor: &Client, path: &str) -> String {
        self.ask(visitor, &format!("GET {path} HTTP/1.0\r\n"), "")
    }

    /// The same for a form, with the CSRF token that Django gives.
    ///
    /// # Panics
    /// If it does not answer 200.
    pub fn post(&self, visitor: &Client, path: &str, fields: &[(&str, &str)]) -> String {
        let token = self.get(visitor, "/token/");
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("csrfmiddlewaretoken", &token).extend_pairs(fields);
        let body = body.finish();
        let head = format!(
            "POST {path} HTTP/1.0\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
            body.len()
        );
        self.ask(visitor, &head, &body)
    }

    fn ask(&self, visitor: &Client, head: &str, body: &str) -> String {
        let cookies = ["sessionid", "csrftoken", "messages"].iter();
        let cookies = cookies.filter_map(|name| Some(format!("{name}={}", visitor.cookie(name)?)));
        let cookies = cookies.collect::<Vec<_>>().join("; ");
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("Django listens");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a socket has a time limit");
        let request = format!("{head}Host: testserver\r\nCookie: {cookies}\r\n\r\n{body}");
        stream.write_all(request.as_bytes()).expect("Django reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("Django answers");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
        assert!(head.split(' ').nth(1) == Some("200"), "{answer}");
        let lines = head.lines().filter_map(|line| line.strip_prefix("Set-Cookie:"));
        for pair in lines.filter_map(|line| line.split(';').next()) {
            let (name, value) = pair.trim().split_once('=').expect("a cookie is a pair");
            visitor.set_cookie(name, value.trim_matches('"'));
        }
        body.to_owned()
    }
}

impl Drop for Django {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
