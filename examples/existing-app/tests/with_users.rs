//! The application does what it did, and has users now; how much that took is counted.

#![allow(clippy::unwrap_used, reason = "a test may")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const KEY: &str = "kJ8vQ2mX5nB7cR4tY9wZ3pL6sD1fG0hAeUiOxMqTbVyNzKjHgF";

fn program(folder: &Path, binary: &str) -> Command {
    let mut command = Command::new(binary);
    command.current_dir(folder).env("DATABASE_URL", "sqlite://notes.db").env("SECRET_KEY", KEY);
    command.env("DEBUG", "true").env("RUST_LOG", "warn").stdout(Stdio::null());
    command
}

/// The running application; it ends with the test.
struct Running {
    child: Child,
    address: String,
}

impl Running {
    fn start(folder: &Path, binary: &str) -> Self {
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
    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> String {
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let head = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.address);
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "{head}{headers}Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn add(&self, cookies: &str) -> String {
        let headers = [("Content-Type", "application/json"), ("Cookie", cookies)];
        self.ask("POST", "/api/notes/", &headers, "{\"text\": \"buy strings\"}")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The value of a cookie that an answer sets.
fn cookie(answer: &str, name: &str) -> String {
    let start = format!("set-cookie: {name}=");
    let line = answer.lines().find(|line| line.to_lowercase().starts_with(&start));
    let line = line.unwrap_or_else(|| panic!("no cookie {name}: {answer}"));
    line[start.len()..].split(';').next().unwrap().to_owned()
}

fn is_ok(answer: &str) -> bool {
    answer.starts_with("HTTP/1.1 200")
}

#[test]
fn what_it_did_before_it_still_does_and_only_users_add_notes() {
    let folder = tempfile::tempdir().unwrap();
    let before = Running::start(folder.path(), env!("CARGO_BIN_EXE_before"));
    assert!(is_ok(&before.add("")));
    drop(before);

    let binary = env!("CARGO_BIN_EXE_existing-app");
    assert!(program(folder.path(), binary).arg("migrate").status().unwrap().success());
    let user = ["createsuperuser", "--noinput"];
    let mut create = program(folder.path(), binary);
    create
        .args(user)
        .env("NUAGES_SUPERUSER_USERNAME", "ann")
        .env("NUAGES_SUPERUSER_PASSWORD", "mauve-lantern-42");
    assert!(create.status().unwrap().success());

    let site = Running::start(folder.path(), binary);
    let index = site.ask("GET", "/", &[], "");
    assert!(is_ok(&index) && index.contains("There are 1."), "{index}");
    assert!(site.ask("GET", "/api/notes/", &[], "").contains("buy strings"));
    assert!(site.ask("GET", "/nothing/", &[], "").starts_with("HTTP/1.1 404"));
    let stranger = site.add("");
    assert!(
        stranger.starts_with("HTTP/1.1 302") && stranger.contains("/accounts/login/?next=/api/notes/"),
        "{stranger}"
    );

    let page = site.ask("GET", "/accounts/login/", &[], "");
    assert!(is_ok(&page) && page.contains("name=\"username\""), "{page}");
    let token = cookie(&page, "csrftoken");
    let form = format!("csrfmiddlewaretoken={token}&username=ann&password=mauve-lantern-42");
    let headers =
        [("Content-Type", "application/x-www-form-urlencoded"), ("Cookie", &*format!("csrftoken={token}"))];
    let answer = site.ask("POST", "/accounts/login/", &headers, &form);
    let added = site.add(&format!("sessionid={}", cookie(&answer, "sessionid")));
    assert!(is_ok(&added) && added.ends_with("\"noted\""), "{added}");
    assert!(site.ask("GET", "/", &[], "").contains("There are 2."));
}

#[test]
fn a_database_that_is_not_migrated_is_said_so() {
    let folder = tempfile::tempdir().unwrap();
    let output = program(folder.path(), env!("CARGO_BIN_EXE_existing-app")).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && said.contains("migrate"), "{said}");
}

/// Lines of `after` that are not lines of `before`, in order, and lines that are gone.
fn difference(before: &str, after: &str) -> (Vec<String>, Vec<String>) {
    let (mut added, mut kept) = (Vec::new(), before.lines().peekable());
    for line in after.lines() {
        if kept.peek() == Some(&line) {
            kept.next();
        } else {
            added.push(line.to_owned());
        }
    }
    (added, kept.map(str::to_owned).collect())
}

#[test]
fn users_took_a_few_lines_and_moved_none() {
    let (added, gone) = difference(include_str!("../src/bin/before.rs"), include_str!("../src/main.rs"));
    assert!(added.len() <= 20 && gone.is_empty(), "{} lines: {added:#?}, gone: {gone:#?}", added.len());
}
