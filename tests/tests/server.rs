//! The site as a real process, on a real socket.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::Model;
use nuages::test::Client;
use nuages_tests::kind::Kind;
use nuages_tests::mail_server::{MailServer, Speaks};
use nuages_tests::process::{manage, outcome};
use nuages_tests::server::{Server, read};
use nuages_tests::site::{self, FINISHED, Post, STARTED};
use std::io::Read;
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

nuages_tests::promises!(
    a_running_request_finishes_before_the_server_stops,
    a_request_whose_client_has_left_runs_to_its_end,
    what_is_no_request_gets_400_and_the_server_goes_on,
    a_server_that_cannot_start_says_why_in_one_line,
    no_log_tells_a_secret,
    servers_behind_a_balancer_share_sessions,
    a_request_does_not_wait_for_the_mail_and_the_server_that_stops_does,
);

/// A server that logs errors.
fn start(client: &Client) -> Server {
    Server::run(command(client))
}

fn command(client: &Client) -> Command {
    let url = client.settings().database_url.expose();
    manage(env!("CARGO_BIN_EXE_site"), url, &["runserver", "127.0.0.1:0"])
}

async fn a_running_request_finishes_before_the_server_stops(on: Kind) {
    let client = site::client(on).await;
    let mut server = start(&client);
    let mut idle = server.send("GET /plain/ HTTP/1.1\r\nHost: localhost\r\n\r\n");
    idle.read_exact(&mut [0; 12]).unwrap();
    let half = server.send("GET /plain/ HTTP/1.1\r\nHos");
    let running = server.get("/slow/");
    server.wait_for(STARTED);
    let stopped = Instant::now();
    server.terminate();
    let answer = read(running);
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("slow and done"), "{answer}");
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
    assert!(stopped.elapsed() < Duration::from_secs(14), "{:?}", stopped.elapsed());
    TcpStream::connect(server.address).unwrap_err();
    drop((idle, half));
}

async fn a_request_whose_client_has_left_runs_to_its_end(on: Kind) {
    let client = site::client(on).await;
    let mut server = start(&client);
    let leaving = server.get("/slow-write/300/");
    server.wait_for(STARTED);
    drop(leaving);
    let start = Instant::now();
    while !Post::objects(client.db()).filter(Post::TITLE.eq(FINISHED)).exists().await.unwrap() {
        assert!(start.elapsed() < Duration::from_secs(10), "the request ended with its client");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn what_is_no_request_gets_400_and_the_server_goes_on(on: Kind) {
    let client = site::client(on).await;
    let server = start(&client);
    let close = "Connection: close\r\n\r\n";
    let rubbish = [
        "rubbish\r\n\r\n".to_owned(),
        format!("GET /plain/ HTTP/1.1\r\n{close}"),
        format!("GET /plain/ HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n{close}"),
        format!("GET /plain/ HTTP/1.1\r\nHost: evil.example\r\n{close}"),
        format!("GET http://evil.example/plain/ HTTP/1.1\r\nHost: evil.example\r\n{close}"),
        format!("GET /plain/ HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid=a\0b\r\n{close}"),
        format!("GET /me/ HTTP/1.1\r\nHost: \r\n{close}"),
    ];
    for request in &rubbish {
        let answer = read(server.send(request));
        assert!(answer.starts_with("HTTP/1.1 400"), "{request}: {answer}");
    }
    let answer = read(server.get("/plain/"));
    assert!(answer.starts_with("HTTP/1.1 200") && !answer.to_lowercase().contains("\r\nserver:"), "{answer}");
    let huge =
        format!("GET /me/ HTTP/1.1\r\nHost: localhost\r\nCookie: a={}\r\n{close}", "a".repeat(300_000));
    assert!(!read(server.send(&huge)).starts_with("HTTP/1.1 5"));
}

async fn a_server_that_cannot_start_says_why_in_one_line(on: Kind) {
    let client = site::client(on).await;
    let server = start(&client);
    let taken = server.address.to_string();
    let production = ("DEBUG", "false");
    let cases = [
        (taken.as_str(), vec![], 1, "in use"),
        ("nonsense", vec![], 2, "nonsense"),
        ("127.0.0.1:0", vec![production], 3, "ALLOWED_HOSTS"),
        (
            "127.0.0.1:0",
            vec![production, ("ALLOWED_HOSTS", "localhost"), ("SECRET_KEY", "short")],
            3,
            "SECRET_KEY",
        ),
        ("127.0.0.1:0", vec![("SESSION_COOKIE_AGE", "soon")], 3, "SESSION_COOKIE_AGE"),
    ];
    for (address, environment, code, word) in cases {
        let url = client.settings().database_url.expose();
        let mut command = manage(env!("CARGO_BIN_EXE_site"), url, &["runserver", address]);
        let (found, _, said) = outcome(&command.envs(environment).output().unwrap());
        assert!(found == code && said.contains(word) && said.trim().lines().count() == 1, "{found} {said}");
        assert!(!said.contains("short;") && !said.contains("panicked"), "{said}");
    }
}

/// A form with the token, as a browser sends it.
fn form(path: &str, cookies: &str, fields: &str) -> String {
    let secret = "kAAAAAAAAAAz9ZbQ0Q0Q0Q0Q0Q0Q0Q0x";
    let body = format!("csrfmiddlewaretoken={secret}&{fields}");
    let cookies = format!("csrftoken={secret}{cookies}");
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: {cookies}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

async fn no_log_tells_a_secret(on: Kind) {
    let (client, folder) = (site::client(on).await, tempfile::tempdir().unwrap());
    let log = folder.path().join("log");
    let mut command = command(&client);
    command.env("RUST_LOG", "trace").stderr(std::fs::File::create(&log).unwrap());
    let server = Server::run(command);
    let sign_up =
        form("/accounts/signup/", "", "username=ann&password1=canary-bird-77&password2=canary-bird-77");
    assert!(read(server.send(&sign_up)).starts_with("HTTP/1.1 302"));
    let login = |password| form("/accounts/login/", "", &format!("username=ann&password={password}"));
    assert!(read(server.send(&login("wrong-canary-78"))).starts_with("HTTP/1.1 200"));
    let answer = read(server.send(&login("canary-bird-77")));
    let key = answer.split("sessionid=").nth(1).and_then(|rest| rest.split(';').next()).unwrap().to_owned();
    let with_key = |path| {
        format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: sessionid={key}\r\n\r\n"
        )
    };
    assert!(read(server.send(&with_key("/me/"))).ends_with("ann"));
    for path in ["/session/set/a/b/?end=panic", "/session/set/a/b/?end=broken", "/template/broken/"] {
        assert!(read(server.send(&with_key(path))).starts_with("HTTP/1.1 500"), "{path}");
    }
    let log = std::fs::read_to_string(&log).unwrap();
    assert!(log.contains("as asked") && log.contains("SELECT"), "the log is on: {log}");
    for secret in ["canary", key.as_str(), site::SECRET_KEY, "argon2$", "kAAAAAAAAAAz9"] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

async fn servers_behind_a_balancer_share_sessions(on: Kind) {
    let client = site::client(on).await;
    site::user(&client, "ann").await;
    client.login("ann", site::PASSWORD).await.assert_redirect("/accounts/profile/");
    let cookie = format!("sessionid={}", client.cookie("sessionid").unwrap());
    let servers = [start(&client), start(&client)];
    let ask = |server: usize, path: &str| {
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
        );
        let answer = read(servers[server].send(&head));
        answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap()
    };
    for count in 1..=6 {
        assert_eq!(ask(count % 2, "/session/count/"), count.to_string());
    }
    assert_eq!(ask(0, "/me/"), "ann");
    assert_eq!(ask(1, "/session/flush/"), "flushed");
    assert_eq!(ask(0, "/me/"), "nobody");
}

async fn a_request_does_not_wait_for_the_mail_and_the_server_that_stops_does(on: Kind) {
    let client = site::client(on).await;
    let slow = Duration::from_secs(2);
    let mail = MailServer::start_at("127.0.0.1:0".parse().unwrap(), Speaks::Plainly, slow).await;
    let port = mail.address.port().to_string();
    let settings = [("EMAIL_BACKEND", "smtp"), ("EMAIL_HOST", "127.0.0.1"), ("EMAIL_PORT", &port)];
    let mut command = command(&client);
    command.envs(settings);
    let mut server = Server::run(command);
    let answer = read(server.get("/mail/Hello/"));
    assert!(answer.ends_with("sent") && mail.arrived().is_empty(), "{answer}");
    server.terminate();
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
    assert!(mail.wait_for(1).await[0].text.contains("Subject: Hello"));
}
