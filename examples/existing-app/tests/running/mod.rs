//! The example programs, running, and asked as a browser asks.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Signs what the application signs.
const KEY: &str = "kJ8vQ2mX5nB7cR4tY9wZ3pL6sD1fG0hAeUiOxMqTbVyNzKjHgF";

/// A program of this package in its folder.
pub fn program(folder: &Path, binary: &str) -> Command {
    let mut command = Command::new(binary);
    command.current_dir(folder).env("DATABASE_URL", "sqlite://notes.db").env("SECRET_KEY", KEY);
    command.env("DEBUG", "true").env("RUST_LOG", "warn").stdout(Stdio::null());
    command
}

/// The running application; it ends with the test.
pub struct Running {
    child: Child,
    address: String,
}

impl Running {
    /// Starts it, and waits until it answers.
    pub fn start(folder: &Path, binary: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let child = program(folder, binary).env("ADDRESS", &address).spawn().unwrap();
        let begun = Instant::now();
        while TcpStream::connect(&address).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(20), "the application does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { child, address }
    }

    /// Sends a request, and answers head and body as one text.
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> String {
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let head = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.address);
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "{head}{headers}Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Logs in by the page, and answers the session's cookie, or the page if nobody was signed in.
    pub fn log_in(&self, name: &str, password: &str) -> Result<String, String> {
        let page = self.ask("GET", "/accounts/login/", &[], "");
        assert!(is_ok(&page) && page.contains("name=\"username\""), "{page}");
        let token = cookie(&page, "csrftoken");
        let form = format!("csrfmiddlewaretoken={token}&username={name}&password={password}");
        let cookies = format!("csrftoken={token}");
        let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Cookie", &*cookies)];
        let answer = self.ask("POST", "/accounts/login/", &headers, &form);
        match answer.starts_with("HTTP/1.1 302") {
            true => Ok(format!("sessionid={}", cookie(&answer, "sessionid"))),
            false => Err(answer),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The value of a cookie that an answer sets.
pub fn cookie(answer: &str, name: &str) -> String {
    let start = format!("set-cookie: {name}=");
    let line = answer.lines().find(|line| line.to_lowercase().starts_with(&start));
    let line = line.unwrap_or_else(|| panic!("no cookie {name}: {answer}"));
    line[start.len()..].split(';').next().unwrap().to_owned()
}

/// Whether it is an answer of status 200.
pub fn is_ok(answer: &str) -> bool {
    answer.starts_with("HTTP/1.1 200")
}
