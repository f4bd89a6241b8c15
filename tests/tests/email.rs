//! Mail as a site sends it.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::email::EmailTemplates;
use nuages::{EmailMessage, Mailer, Settings, Templates, context};
use nuages_tests::kind::Kind;
use nuages_tests::mail_server::{MailServer, Speaks};
use nuages_tests::process::{manage, outcome};
use nuages_tests::site;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::sync::Arc;

const ALL: EmailTemplates =
    EmailTemplates { subject: "mail/subject.txt", body: "mail/body.txt", html: Some("mail/body.html") };

fn mailer(settings: Settings) -> Mailer {
    Mailer::new(Arc::new(settings), Templates::new(vec![nuages::dir!("templates")], Vec::new(), true))
        .unwrap()
}

fn in_debug(pairs: &[(&str, &str)]) -> Settings {
    Settings::from_pairs([("DEBUG", "1")].into_iter().chain(pairs.iter().copied())).unwrap()
}

fn sendtestemail(arguments: &[&str], settings: &[(&str, &str)]) -> (i32, String, String) {
    let mut command: Command =
        manage(env!("CARGO_BIN_EXE_site"), "sqlite::memory:", &[&["sendtestemail"], arguments].concat());
    outcome(&command.envs(settings.iter().copied()).output().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mail_of_a_view_is_in_the_outbox_when_the_answer_is() {
    let client = site::client(Kind::Sqlite).await;
    client.get("/mail/Hello/").await.assert_ok().assert_text("sent");
    client.another().get("/mail/Again/").await.assert_ok();
    let outbox = client.outbox();
    assert_eq!(outbox.iter().map(EmailMessage::subject).collect::<Vec<_>>(), ["Hello", "Again"]);
    assert_eq!(outbox[0].recipients().collect::<Vec<_>>(), ["ann@site.example"]);
    assert_eq!((outbox[0].body(), outbox[0].sender()), ("Come at eight.", Some("webmaster@127.0.0.1")));
    assert!(site::client(Kind::Sqlite).await.outbox().is_empty(), "each test has its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subject_with_a_line_break_is_400_and_no_mail() {
    let client = site::client(Kind::Sqlite).await;
    for subject in ["x%0D%0ABcc:%20all@site.example", "x%0A", "x%00"] {
        client.get(&format!("/mail/{subject}/")).await.assert_status(400);
    }
    assert!(client.outbox().is_empty());
}

#[test]
fn a_message_is_written_from_templates() {
    let settings = in_debug(&[("SITE_URL", "https://www.site.example/"), ("SITE_NAME", "Swing & Co")]);
    let user = context! { username => "ann", first_name => "<Ann>" };
    let message = mailer(settings).render(ALL, context! { user, uid => "MQ", note => "1&2" }).unwrap();
    assert_eq!(message.subject(), "A new password for ann");
    let text = "Dear <Ann>,\n\nhttps://www.site.example/reset/MQ//?a=1&b=1&2\n\nSwing & Co, , , ";
    assert_eq!(message.body(), text);
    assert_eq!(message.html_body(), Some("<p>Dear &lt;Ann&gt;</p>"));
}

#[test]
fn a_missing_template_of_a_mail_is_an_error() {
    let templates = EmailTemplates { html: Some("mail/none.html"), ..ALL };
    let error = mailer(in_debug(&[]))
        .render(templates, context! { user => context! { username => "ann", first_name => "Ann" } })
        .unwrap_err();
    assert!(error.to_string().contains("mail/none.html"), "{error}");
}

#[test]
fn mail_to_the_admins_goes_to_all_of_them() {
    let admins = [("ADMINS", "ann@site.example, bob@site.example"), ("SERVER_EMAIL", "root@site.example")];
    let message = mailer(in_debug(&admins)).to_admins("Disk\nfull", "99 %").unwrap();
    assert_eq!((message.subject(), message.sender()), ("[Nuages] Disk full", Some("root@site.example")));
    assert_eq!(message.recipients().count(), 2);
    assert_eq!(mailer(in_debug(&[])).to_admins("Disk full", ""), None);
}

#[tokio::test]
async fn the_files_of_a_folder_sort_as_they_were_sent_and_are_private() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mail");
    let mailer = mailer(in_debug(&[("EMAIL_BACKEND", "file"), ("EMAIL_FILE_PATH", path.to_str().unwrap())]));
    for subject in ["one", "two", "three"] {
        mailer.send(EmailMessage::new(subject, "Come.").to("ann@site.example")).await.unwrap();
    }
    let mut files: Vec<_> = fs::read_dir(&path).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    for (file, subject) in files.iter().zip(["one", "two", "three"]) {
        let text = fs::read_to_string(file).unwrap();
        assert!(
            text.contains(&format!("Subject: {subject}\r\n")) && text.trim_end().ends_with("Come."),
            "{text}"
        );
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(files.len(), 3);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_mail_arrives() {
    let server = MailServer::start(Speaks::Plainly).await;
    let port = server.address.port().to_string();
    let settings = [
        ("EMAIL_BACKEND", "smtp"),
        ("EMAIL_HOST", "127.0.0.1"),
        ("EMAIL_PORT", port.as_str()),
        ("ADMINS", "root@site.example"),
    ];
    let (code, said, _) = sendtestemail(&["ann@site.example", "bob@site.example", "--admins"], &settings);
    assert_eq!(
        (code, said.as_str()),
        (0, "Sent to ann@site.example.\nSent to bob@site.example.\nSent to the admins.\n")
    );
    let arrived = server.arrived();
    assert_eq!(arrived.iter().flat_map(|mail| &mail.to).count(), 3);
    assert!(arrived[0].text.contains("Subject: Test mail from Nuages"), "{}", arrived[0].text);
}

#[test]
fn a_test_mail_that_cannot_be_sent_says_what_to_set() {
    let away = [("EMAIL_BACKEND", "smtp"), ("EMAIL_HOST", "127.0.0.1"), ("EMAIL_PORT", "1")];
    let (code, _, error) = sendtestemail(&["ann@site.example"], &away);
    assert_eq!((code, error.lines().count()), (1, 1), "{error}");
    assert!(error.contains("127.0.0.1:1") && error.contains("EMAIL_HOST"), "{error}");
    let (code, _, error) = sendtestemail(&["ann"], &[]);
    assert!(code == 1 && error.contains("`ann` is no e-mail address"), "{code} {error}");
    assert_eq!(sendtestemail(&[], &[]).0, 2);
    let (code, _, error) = sendtestemail(&["--admins"], &[]);
    assert!(code == 1 && error.contains("ADMINS"), "{code} {error}");
    let (code, _, error) = sendtestemail(&["ann@site.example"], &[("EMAIL_BACKEND", "file")]);
    assert!(code == 3 && error.contains("EMAIL_FILE_PATH"), "{code} {error}");
    let (code, _, error) = sendtestemail(&["ann@site.example"], &[("EMAIL_BACKEND", "pigeon")]);
    assert!(code == 3 && error.contains("EMAIL_BACKEND is `pigeon`"), "{code} {error}");
}

#[test]
fn in_debug_the_console_has_the_whole_message() {
    let (code, said, _) = sendtestemail(&["ann@site.example"], &[]);
    assert_eq!(code, 0);
    for line in ["To: ann@site.example\n", "Subject: Test mail from Nuages\n", "the site can send mail."] {
        assert!(said.contains(line), "{said}");
    }
}

#[test]
fn a_site_may_send_by_a_backend_of_its_own() {
    let (code, said, error) = sendtestemail(&["ann@site.example"], &[("NUAGES_TEST_SITE", "postbox")]);
    assert_eq!((code, error.as_str()), (0, ""));
    assert!(said.contains("posted to ann@site.example"), "{said}");
}
