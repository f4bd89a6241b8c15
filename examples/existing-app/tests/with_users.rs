//! The application does what it did, and has users now; how much that took is counted.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod running;

use running::{Running, is_ok, program};

fn add(site: &Running, cookies: &str) -> String {
    let headers = [("Content-Type", "application/json"), ("Cookie", cookies)];
    site.ask("POST", "/api/notes/", &headers, "{\"text\": \"buy strings\"}")
}

#[test]
fn what_it_did_before_it_still_does_and_only_users_add_notes() {
    let folder = tempfile::tempdir().unwrap();
    let before = Running::start(folder.path(), env!("CARGO_BIN_EXE_before"));
    assert!(is_ok(&add(&before, "")));
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
    assert!(
        is_ok(&index) && index.contains("There are 1.") && index.contains("\r\nx-request-id: "),
        "{index}"
    );
    assert!(site.ask("GET", "/api/notes/", &[], "").contains("buy strings"));
    assert!(site.ask("GET", "/nothing/", &[], "").starts_with("HTTP/1.1 404"));
    let stranger = add(&site, "");
    assert!(
        stranger.starts_with("HTTP/1.1 302") && stranger.contains("/accounts/login/?next=/api/notes/"),
        "{stranger}"
    );

    let session = site.log_in("ann", "mauve-lantern-42").unwrap();
    let added = add(&site, &session);
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
