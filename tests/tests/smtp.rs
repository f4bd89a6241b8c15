//! Mail on its way to a mail server.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::{EmailMessage, Error, Mailer, Settings, Templates};
use nuages_tests::mail_server::{MailServer, Speaks};
use std::sync::Arc;
use std::time::Duration;

fn mailer(settings: Settings) -> Mailer {
    Mailer::new(Arc::new(settings), Templates::new(Vec::new(), Vec::new(), true)).unwrap()
}

fn message() -> EmailMessage {
    EmailMessage::new("Größe", "Tonight.\n.\nAt eight.").to("Ann <ann@bücher.example>").bcc("bo@site.example")
}

#[tokio::test]
async fn a_message_arrives_whole() {
    let server = MailServer::start(Speaks::Plainly).await;
    mailer(server.settings()).send(message().html("<p>Tonight</p>")).await.unwrap();
    let [mail] = &server.arrived()[..] else { panic!("one mail") };
    assert_eq!((mail.from.as_str(), mail.by_tls, &mail.login), ("band@site.example", false, &None));
    assert_eq!(mail.to, ["ann@xn--bcher-kva.example", "bo@site.example"]);
    for part in [
        "From: Band <band@site.example>",
        "To: Ann <ann@xn--bcher-kva.example>",
        "Subject: =?utf-8?b?R3LDtsOfZQ==?=",
        "Tonight.\r\n.\r\nAt eight.",
        "<p>Tonight</p>",
    ] {
        assert!(mail.text.contains(part), "{part:?} is not in {}", mail.text);
    }
    assert!(!mail.text.contains("bo@site.example"));
}

#[tokio::test]
async fn a_password_goes_over_tls() {
    for speaks in [Speaks::StartTls, Speaks::Tls] {
        let server = MailServer::start(speaks).await;
        let mut settings = server.settings();
        settings.email_host_user = Some("band".into());
        settings.email_host_password = Some("secret".into());
        mailer(settings).send(message()).await.unwrap();
        let [mail] = &server.arrived()[..] else { panic!("one mail") };
        assert!(mail.by_tls, "{speaks:?}");
        assert_eq!(mail.login.as_deref(), Some("AGJhbmQAc2VjcmV0"), "{speaks:?}");
    }
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_gets_nothing() {
    for speaks in [Speaks::StartTls, Speaks::Tls] {
        let server = MailServer::start(speaks).await;
        let settings = Settings { email_ssl_cafile: None, ..server.settings() };
        let error = mailer(settings).send(message()).await.unwrap_err().to_string();
        assert!(error.contains("certificate"), "{error}");
        assert!(server.arrived().is_empty(), "{speaks:?}");
    }
}

#[tokio::test]
async fn a_server_without_tls_gets_nothing_where_tls_is_asked_for() {
    let server = MailServer::start(Speaks::Plainly).await;
    let settings = Settings { email_use_tls: true, ..server.settings() };
    let error = mailer(settings).send(message()).await.unwrap_err().to_string();
    assert!(error.contains("EMAIL_USE_TLS"), "{error}");
    assert!(server.arrived().is_empty());
}

#[tokio::test]
async fn what_cannot_be_taken_now_is_tried_again() {
    let server = MailServer::start(Speaks::Plainly).await;
    server.answer("451 ann@bücher.example is over quota");
    let mailer = mailer(server.settings());
    mailer.queue(message()).await.unwrap();
    assert_eq!(server.wait_for(1).await.len(), 1);
}

#[tokio::test]
async fn mail_waits_for_a_server_that_is_away() {
    let address = MailServer::start(Speaks::Plainly).await.address;
    // The port of a listener that is gone.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_ne!(address, gone);
    let mailer = mailer(Settings { email_port: Some(gone.port()), ..settings_of(Speaks::Plainly).await });
    mailer.queue(message()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let server = MailServer::start_at(gone, Speaks::Plainly, Duration::ZERO).await;
    assert_eq!(server.wait_for(1).await[0].from, "band@site.example");
}

async fn settings_of(speaks: Speaks) -> Settings {
    MailServer::start(speaks).await.settings()
}

#[tokio::test]
async fn an_error_does_not_tell_what_the_server_says_of_an_address() {
    let server = MailServer::start(Speaks::Plainly).await;
    server.answer("550 ann@bücher.example is unknown here");
    let error = mailer(server.settings()).send(message()).await.unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("550") && !text.contains("ann") && !text.contains("unknown"), "{text}");
}

#[tokio::test]
async fn wrong_settings_are_named() {
    let both = Settings { email_use_tls: true, ..settings_of(Speaks::Tls).await };
    let no_file = Settings { email_ssl_cafile: Some("no/such.pem".into()), ..settings_of(Speaks::Tls).await };
    for (settings, name) in [(both, "EMAIL_USE_TLS"), (no_file, "EMAIL_SSL_CAFILE")] {
        let error =
            Mailer::new(Arc::new(settings), Templates::new(Vec::new(), Vec::new(), true)).unwrap_err();
        assert_eq!(error.exit_code(), 3);
        assert!(error.to_string().contains(name), "{error}");
    }
}
