//! A server whose log is read.

use crate::process::manage;
use crate::server::{Server, read};
use crate::site::{PASSWORD, SECRET_KEY};
use nuages::test::Client;
use serde_json::Value;
use std::fs::{self, File};
use std::path::PathBuf;

/// The secret of a visitor's CSRF cookie.
pub const SECRET: &str = "kAAAAAAAAAAz9ZbQ0Q0Q0Q0Q0Q0Q0Q0x";

/// A server, and what it has logged. It panics where a test should fail.
pub struct Logged {
    /// The server.
    pub server: Server,
    log: PathBuf,
    _folder: tempfile::TempDir,
}

/// An answer.
pub struct Answer {
    /// What the header says.
    pub id: String,
    /// Head and body.
    pub text: String,
}

impl Logged {
    /// Runs this binary, `env!("CARGO_BIN_EXE_site")`, on the database of this client, and logs JSON unless these settings say otherwise.
    pub fn serve(binary: &str, client: &Client, settings: &[(&str, &str)]) -> Self {
        let (folder, url) =
            (tempfile::tempdir().expect("there is a folder"), client.settings().database_url.expose());
        let log = folder.path().join("log");
        let mut command = manage(binary, url, &["runserver", "127.0.0.1:0"]);
        command.envs([("RUST_LOG", "info"), ("LOG_FORMAT", "json")]).envs(settings.iter().copied());
        command.stderr(File::create(&log).expect("it is ours"));
        Self { server: Server::run(command), log, _folder: folder }
    }

    /// Sends a request with these headers, and a form of these fields by POST.
    pub fn ask(&self, method: &str, path: &str, headers: &[&str], body: &str) -> Answer {
        let host =
            if headers.iter().any(|line| line.starts_with("Host:")) { "" } else { "Host: localhost\r\n" };
        let headers: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
        let form = "Content-Type: application/x-www-form-urlencoded";
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\n{host}{headers}Connection: close\r\n{form}\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        let text = read(self.server.send(&request));
        let id = text.split("x-request-id: ").nth(1).and_then(|rest| rest.split("\r\n").next());
        Answer { id: id.unwrap_or_else(|| panic!("no id: {text}")).to_owned(), text }
    }

    /// Opens a page.
    pub fn get(&self, path: &str, headers: &[&str]) -> Answer {
        self.ask("GET", path, headers, "")
    }

    /// Logs in under this name, with the usual password.
    pub fn log_in(&self, name: &str, headers: &[&str]) -> Answer {
        let body = format!("csrfmiddlewaretoken={SECRET}&username={name}&password={PASSWORD}");
        let cookie = format!("Cookie: csrftoken={SECRET}");
        self.ask("POST", "/accounts/login/", &[headers, &[&cookie]].concat(), &body)
    }

    /// The log as it is.
    pub fn text(&self) -> String {
        fs::read_to_string(&self.log).expect("it is there")
    }

    /// All lines, which have to be JSON.
    pub fn lines(&self) -> Vec<Value> {
        let object =
            |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        self.text().lines().map(object).collect()
    }

    /// The only line of this request.
    pub fn line_of(&self, answer: &Answer) -> Value {
        let mut lines: Vec<_> =
            self.lines().into_iter().filter(|line| line["request_id"] == answer.id.as_str()).collect();
        assert_eq!(lines.len(), 1, "{lines:#?} of {}", self.text());
        lines.remove(0)
    }

    /// The log has none of these, nor the secret key.
    pub fn has_none_of(&self, secrets: &[&str]) {
        let text = self.text();
        for secret in secrets.iter().chain(&[SECRET_KEY]) {
            assert!(!text.contains(secret), "{secret} is in the log: {text}");
        }
    }
}

/// The line says this in the field of this name.
pub fn says(line: &Value, name: &str, part: &str) {
    assert!(line[name].as_str().is_some_and(|text| text.contains(part)), "{part} in {name}: {line:#}");
}
