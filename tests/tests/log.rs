//! What the log of a real process says, and what it does not (OWASP ASVS 5.0, chapter 16).

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::test::Client;
use nuages::{Model, SessionStoreKind};
use nuages_auth::{ForceLogin, tokens};
use nuages_tests::accounts::{self, ORIGIN};
use nuages_tests::kind::Kind;
use nuages_tests::logged::{Logged, SECRET, says};
use nuages_tests::process::{manage, outcome};
use nuages_tests::site::{self, FINISHED, Post, STARTED};
use nuages_tests::{place::Place, press};
use poem::http::Method;
use serde_json::Value;
use std::time::{Duration, Instant};

nuages_tests::promises!(
    every_line_of_a_request_has_its_id_and_so_has_the_answer,
    what_other_threads_do_for_a_request_has_its_id,
    what_becomes_of_the_mail_of_a_request_has_its_id,
    a_panic_is_told_with_the_id_and_its_place,
    text_has_the_id_too,
    a_request_whose_client_has_left_keeps_its_id,
    the_log_is_json_outside_debug_and_text_in_it,
    commands_log_in_the_same_format_and_speak_as_ever,
    an_id_is_believed_of_a_trusted_proxy_alone,
    error_pages_name_the_request,
    a_foreign_host_is_a_line_of_the_log,
    a_refused_form_is_a_line_of_the_log,
    a_bad_signature_is_a_line_of_the_log,
    what_has_expired_is_no_bad_signature,
    a_forged_session_is_a_line_of_the_log,
    a_wrong_link_is_a_line_of_the_log,
    a_next_that_leads_away_is_a_line_of_the_log,
    what_is_forbidden_and_what_is_not_there_are_lines_of_the_log,
    nobody_forges_a_line_of_the_log,
);

/// Serves the database of this client, and logs JSON unless these settings say otherwise.
fn serve(client: &Client, settings: &[(&str, &str)]) -> Logged {
    Logged::serve(env!("CARGO_BIN_EXE_site"), client, settings)
}

async fn every_line_of_a_request_has_its_id_and_so_has_the_answer(on: Kind) {
    let client = site::client(on).await;
    let site = serve(&client, &[]);
    let answers: Vec<_> = (0..5).map(|n| (n, site.get(&format!("/log/word{n}/"), &[]))).collect();
    for (n, answer) in &answers {
        assert!(
            answer.text.ends_with(&format!("\r\n\r\n{}", answer.id)),
            "the view knows it: {}",
            answer.text
        );
        let line = site.line_of(answer);
        assert_eq!((&line["message"], &line["step"]), (&format!("the word is word{n}").into(), &1.into()));
    }
    let answer = site.get("/template/broken/", &[]);
    let line = site.line_of(&answer);
    says(&line, "message", "broken.html");
    assert_eq!((&line["level"], &line["status"]), (&"ERROR".into(), &500.into()));
    let answer = site.get("/static/none.css", &[]);
    assert!(answer.text.starts_with("HTTP/1.1 404") && !answer.id.is_empty());
}

async fn what_other_threads_do_for_a_request_has_its_id(on: Kind) {
    let client = site::client(on).await;
    site::user(&client, "ann").await;
    site::set_hash(&client, "ann", "md4$salt$hash").await;
    let site = serve(&client, &[]);
    let answer = site.log_in("ann", &[]);
    let lines = site.lines();
    let line = lines.iter().find(|line| line["target"] == "nuages_auth::hashers").unwrap();
    assert_eq!(line["request_id"], answer.id.as_str(), "{line:#}");
}

async fn what_becomes_of_the_mail_of_a_request_has_its_id(on: Kind) {
    let client = site::client(on).await;
    let nobody = [("EMAIL_BACKEND", "smtp"), ("EMAIL_HOST", "127.0.0.1"), ("EMAIL_PORT", "1")];
    let site = serve(&client, &nobody);
    let answer = site.get("/mail/Hello/", &[]);
    assert!(answer.text.ends_with("sent"), "{}", answer.text);
    let start = Instant::now();
    while site.text().is_empty() {
        assert!(start.elapsed() < Duration::from_secs(10), "the log says nothing of the mail");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    says(&site.line_of(&answer), "message", "a mail to site.example waits");
}

async fn a_panic_is_told_with_the_id_and_its_place(on: Kind) {
    let client = site::client(on).await;
    for format in ["json", "text"] {
        let site = serve(&client, &[("LOG_FORMAT", format), ("RUST_LOG", "off"), ("RUST_BACKTRACE", "1")]);
        let answer = site.get("/session/set/a/b/?end=panic", &[]);
        assert!(answer.text.starts_with("HTTP/1.1 500"), "{}", answer.text);
        if format == "json" {
            let line = site.line_of(&answer);
            says(&line, "message", "panicked: as asked\n");
            says(&line, "place", "views.rs:");
        }
        let text = site.text();
        let begins = |line: &str| line.starts_with(['{', '2']) || line.starts_with("  | ");
        assert!(text.contains("as asked") && text.lines().all(begins), "{text}");
    }
}

async fn text_has_the_id_too(on: Kind) {
    let client = site::client(on).await;
    let site = serve(&client, &[("LOG_FORMAT", "text"), ("RUST_LOG", "site=info,nuages_tests=info")]);
    let answer = site.get("/log/tea/", &[]);
    let wanted = format!(" INFO http{{request_id={}}}:own{{step=1}}: the word is tea", answer.id);
    assert!(site.text().lines().any(|line| line.ends_with(&wanted)), "{wanted}: {}", site.text());
}

async fn a_request_whose_client_has_left_keeps_its_id(on: Kind) {
    let client = site::client(on).await;
    let mut site = serve(&client, &[("TRUSTED_PROXIES", "127.0.0.1")]);
    let request = "GET /slow-write/300/ HTTP/1.1\r\nHost: localhost\r\nX-Request-ID: left-early\r\n\r\n";
    let leaving = site.server.send(request);
    site.server.wait_for(STARTED);
    drop(leaving);
    let start = Instant::now();
    while !Post::objects(client.db()).filter(Post::TITLE.eq(FINISHED)).exists().await.unwrap() {
        assert!(start.elapsed() < Duration::from_secs(10), "the request ended with its client");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    let lines = site.lines();
    let line = lines.iter().find(|line| line["message"] == FINISHED).unwrap();
    assert_eq!(line["request_id"], "left-early");
}

async fn the_log_is_json_outside_debug_and_text_in_it(on: Kind) {
    let client = site::client(on).await;
    let production = [("LOG_FORMAT", ""), ("DEBUG", "false"), ("ALLOWED_HOSTS", "localhost")];
    let site = serve(&client, &production);
    let line = site.line_of(&site.get("/nowhere/", &[]));
    assert!(line["timestamp"].as_str().unwrap().ends_with('Z') && line["level"] == "INFO", "{line}");
    assert_eq!(
        (&line["path"], &line["status"], &line["method"]),
        (&"/nowhere/".into(), &404.into(), &"GET".into())
    );
    let site = serve(&client, &[("LOG_FORMAT", "")]);
    site.get("/nowhere/", &[]);
    assert!(site.text().contains(r#"status=404 method=GET path="/nowhere/""#), "{}", site.text());
}

async fn commands_log_in_the_same_format_and_speak_as_ever(on: Kind) {
    let client = site::client(on).await;
    let url = client.settings().database_url.expose();
    let mut command = manage(env!("CARGO_BIN_EXE_site"), url, &["showmigrations"]);
    command.envs([("RUST_LOG", "sqlx=debug"), ("LOG_FORMAT", "json")]);
    let (code, said, log) = outcome(&command.output().unwrap());
    assert!(code == 0 && said.lines().any(|line| line.contains("0001")), "{said}");
    let objects: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(objects.iter().any(|line| line["target"] == "sqlx::query"), "{log}");
}

async fn an_id_is_believed_of_a_trusted_proxy_alone(on: Kind) {
    let site = |proxies: &[&str]| {
        let proxies = proxies.iter().map(|network| network.parse().unwrap()).collect();
        site::project(on).settings(|settings| settings.trusted_proxies = proxies)
    };
    let (none, some) = (Client::new(site(&[])).await, Client::new(site(&["10.0.0.0/8"])).await);
    let (none, stranger) = (none.at("10.0.0.1"), some.another().at("9.9.9.9"));
    let proxy = some.at("10.0.0.1");
    let id = async |client: &Client, sent: &[&str]| {
        let mut request = client.request(Method::GET, "/log/tea/");
        for id in sent {
            request.headers_mut().append("X-Request-ID", id.parse().unwrap());
        }
        let answer = client.send(request).await;
        assert_eq!(answer.header("x-request-id"), Some(answer.text()));
        answer.text().to_owned()
    };
    let long = "a".repeat(64);
    for good in ["4f0c-11_A.b", &long] {
        assert_eq!(id(&proxy, &[good]).await, good);
        for client in [&none, &stranger] {
            assert_eq!(id(client, &[good]).await.len(), 16);
        }
    }
    let too_long = format!("{long}a");
    let none: [&[&str]; 6] = [&[], &[""], &["a b"], &["a\tb"], &["one", "two"], &[&too_long]];
    for bad in none {
        assert_eq!(id(&proxy, bad).await.len(), 16, "{bad:?}");
    }
}

async fn error_pages_name_the_request(on: Kind) {
    let client = Client::new(site::production(on)).await;
    for path in ["/nowhere/", "/session/set/a/b/?end=forbidden", "/session/set/a/b/?end=panic"] {
        let answer = client.get(path).await;
        let id = answer.header("x-request-id").unwrap().to_owned();
        answer.assert_text(&format!("Reference: {id}"));
    }
}

async fn a_foreign_host_is_a_line_of_the_log(on: Kind) {
    let client = site::client(on).await;
    let site = serve(&client, &[]);
    let answer = site.get("/plain/", &["Host: evil.example"]);
    assert!(answer.text.starts_with("HTTP/1.1 400"), "{}", answer.text);
    let line = site.line_of(&answer);
    says(&line, "message", "evil.example");
    says(&line, "level", "WARN");
}

async fn a_refused_form_is_a_line_of_the_log(on: Kind) {
    let client = site::client(on).await;
    let site = serve(&client, &[]);
    let other = "zBBBBBBBBBBz9ZbQ0Q0Q0Q0Q0Q0Q0Q0x";
    let cookie = format!("Cookie: csrftoken={SECRET}");
    let forged = format!("csrfmiddlewaretoken={other}&text=hello");
    for (headers, body, words) in [
        (vec![cookie.as_str()], forged.as_str(), "token from POST incorrect"),
        (vec![], "text=hello", "cookie not set"),
        (vec![&cookie, "Origin: https://evil.example"], &forged, "evil.example"),
    ] {
        let answer = site.ask("POST", "/form/", &headers, body);
        assert!(answer.text.starts_with("HTTP/1.1 403"), "{}", answer.text);
        let line = site.line_of(&answer);
        says(&line, "message", "CSRF verification failed");
        says(&line, "message", words);
        says(&line, "level", "WARN");
        assert_eq!((&line["path"], &line["method"]), (&"/form/".into(), &"POST".into()));
    }
    site.has_none_of(&[SECRET, other]);
}

async fn a_bad_signature_is_a_line_of_the_log(on: Kind) {
    let client = site::client(on).await;
    let site = serve(&client, &[]);
    client.get("/session/signed/canary/").await.assert_ok();
    let note = client.cookie("note").unwrap();
    let (_, signature) = note.rsplit_once(':').unwrap();
    for (cookie, path, purpose) in [
        ("note", "/session/signed/", "cookie note"),
        ("messages", "/template/messages/", "django.contrib.messages"),
        ("known_device", "", "cookie known_device"),
    ] {
        let forged = format!("{cookie}=canary-forged:1r31eq:{signature}");
        let answer = match path {
            "" => site.log_in("ann", &[&format!("Cookie: {forged}")]),
            path => site.get(path, &[&format!("Cookie: {forged}")]),
        };
        let mut lines = site.lines();
        lines.retain(|line| line["request_id"] == answer.id.as_str() && line["purpose"] == purpose);
        assert_eq!(lines.len(), 1, "{purpose}: {}", site.text());
        says(&lines[0], "message", "bad signature");
        says(&lines[0], "level", "WARN");
    }
    site.has_none_of(&["canary", signature]);
}

async fn what_has_expired_is_no_bad_signature(on: Kind) {
    let client = site::client(on).await;
    let site = serve(&client, &[]);
    client.get("/session/signed/tea/").await.assert_ok();
    let cookie = format!("Cookie: note={}", client.cookie("note").unwrap());
    assert!(site.get("/session/signed/", &[&cookie]).text.ends_with("tea"));
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert!(site.get("/session/signed/?age=0", &[&cookie]).text.ends_with("nothing"));
    assert_eq!(site.text(), "");
}

async fn a_forged_session_is_a_line_of_the_log(on: Kind) {
    let client = Place { on, store: SessionStoreKind::SignedCookie }.client().await;
    let site = serve(&client, &[("SESSION_STORE", "signed_cookie")]);
    client.get("/session/set/colour/blue/").await.assert_ok();
    let session = client.cookie("sessionid").unwrap();
    let answer = site.get("/session/read/colour/", &[&format!("Cookie: sessionid={session}x")]);
    assert!(answer.text.ends_with("nothing"), "{}", answer.text);
    let line = site.line_of(&answer);
    assert_eq!(line["purpose"], "django.contrib.sessions.backends.signed_cookies");
    assert!(
        site.get("/session/read/colour/", &[&format!("Cookie: sessionid={session}")]).text.ends_with("blue")
    );
    site.has_none_of(&[&session]);
}

async fn a_wrong_link_is_a_line_of_the_log(on: Kind) {
    let client = accounts::open(on).await;
    let ann = accounts::user(&client, "ann").await;
    let site = serve(&client, &[("SITE_URL", ORIGIN)]);
    client.post("/accounts/password_reset/", &[("email", "ann@site.example")]).await.assert_status(302);
    let good = accounts::link(&client);
    let token = good.split('/').nth_back(1).unwrap();
    let changed = token.chars().rev().collect::<String>();
    let forged = good.replace(token, &format!("{}-{changed}", token.split('-').next().unwrap()));
    for (path, words) in [
        (forged, "made up"),
        (good.replace(token, "set-passwort"), "made up"),
        (good.replace(&tokens::uid(&ann), "OTk5OTk5"), "nobody's"),
    ] {
        let answer = site.get(&path, &[]);
        let line = site.line_of(&answer);
        says(&line, "message", words);
        says(&line, "level", "WARN");
    }
    let answer = site.get(&good, &[]);
    assert!(answer.text.starts_with("HTTP/1.1 302"), "{}", answer.text);
    assert_eq!(site.lines().len(), 3, "a good link is no line: {}", site.text());
    let answer = site.ask("POST", &good, &[], "");
    assert_eq!(site.line_of(&answer)["path"], good.replace(token, "***"));
    site.has_none_of(&[token, &changed]);
}

async fn a_next_that_leads_away_is_a_line_of_the_log(on: Kind) {
    let client = site::client(on).await;
    let site = serve(&client, &[]);
    for (next, host) in [("//evil.example/canary", Some("evil.example")), ("javascript:alert(1)", None)] {
        let answer = site.get(&format!("/accounts/login/?next={next}"), &[]);
        let line = site.line_of(&answer);
        says(&line, "message", "not of this site");
        assert_eq!(line["host"].as_str(), host);
    }
    site.get("/accounts/login/?next=/plain/", &[]);
    site.get("/accounts/login/?next=", &[]);
    assert_eq!(site.lines().len(), 2, "{}", site.text());
    site.has_none_of(&["canary"]);
}

async fn what_is_forbidden_and_what_is_not_there_are_lines_of_the_log(on: Kind) {
    let client = press::client(on).await;
    let ann = press::user(&client, "ann", |_| {}).await;
    client.force_login(&ann).await;
    let session = client.cookie("sessionid").unwrap();
    let site = serve(&client, &[("NUAGES_TEST_SITE", "press")]);
    let answer = site.get("/for/publishers/?q=canary", &[&format!("Cookie: sessionid={session}")]);
    assert!(answer.text.starts_with("HTTP/1.1 403"), "{}", answer.text);
    let lines = site.lines();
    let event = lines.iter().find(|line| line["event"] == "denied").unwrap();
    let user: Value = ann.id.to_string().into();
    assert_eq!(
        (&event["user"], &event["path"], &event["target"]),
        (&user, &"/for/publishers/".into(), &"nuages_auth::events".into())
    );
    let page = lines.iter().find(|line| line["status"] == 403).unwrap();
    assert_eq!(
        (&page["level"], &page["path"], &page["method"]),
        (&"WARN".into(), &"/for/publishers/".into(), &"GET".into())
    );
    assert!(
        lines.len() == 2 && lines.iter().all(|line| line["request_id"] == answer.id.as_str()),
        "{lines:#?}"
    );
    let line = site.line_of(&site.get("/nowhere/", &[]));
    assert_eq!((&line["status"], &line["path"]), (&404.into(), &"/nowhere/".into()));
    site.has_none_of(&[&session, "canary"]);
}

async fn nobody_forges_a_line_of_the_log(on: Kind) {
    let client = site::client(on).await;
    let evil = "a%0D%0A2026-01-01T00:00:00.000000Z%20%20INFO%20forged%1B%5B31m%C2%9B2J%E2%80%A8";
    for format in ["text", "json"] {
        let site = serve(&client, &[("LOG_FORMAT", format)]);
        site.get(&format!("/log/{evil}/"), &[]);
        site.get(&format!("/nowhere/{evil}/"), &[]);
        site.get("/plain/", &["Host: evil\u{9b}2J"]);
        site.log_in(evil, &[]);
        let text = site.text();
        assert!(text.contains("forged") && text.contains("login_failed"), "{text}");
        assert!(
            text.chars().all(|letter| letter == '\n' || letter == ' ' || letter.is_ascii_graphic()),
            "{text}"
        );
        let forged = |line: &&str| line.starts_with("2026-01-01") || line.starts_with("forged");
        assert_eq!(text.lines().find(forged), None, "{text}");
    }
}
