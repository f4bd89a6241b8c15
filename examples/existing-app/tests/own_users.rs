//! The application had users of its own: they keep their table and their passwords.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod running;

use nuages_auth::hashers::{Memory, PasswordHashers};
use running::{Running, is_ok, program};
use sqlx::SqlitePool;
use std::path::Path;

const BINARY: &str = env!("CARGO_BIN_EXE_own_users");
const PASSWORD: &str = "mauve-lantern-42";

/// The application's database as it was: `ann`'s password was hashed by one of Rust's crates, `bob`'s by Django, `eve` is gone.
async fn before(folder: &Path) -> SqlitePool {
    let pool =
        SqlitePool::connect(&format!("sqlite://{}/notes.db?mode=rwc", folder.display())).await.unwrap();
    let table = "CREATE TABLE member (member_no TEXT PRIMARY KEY, mail TEXT NOT NULL UNIQUE, pw_hash TEXT NOT NULL, \
                 full_name TEXT NOT NULL, enabled BOOLEAN NOT NULL, seen_at TEXT)";
    sqlx::query(table).execute(&pool).await.unwrap();
    let django = PasswordHashers::for_tests().make(PASSWORD, &mut Memory::new());
    let bare = django.strip_prefix("argon2").unwrap();
    let members = [("m-1", "ann@site.example", bare, true), ("m-2", "bob@site.example", &django, true)];
    for (number, mail, hash, enabled) in members.into_iter().chain([("m-3", "eve@site.example", bare, false)])
    {
        let row = sqlx::query("INSERT INTO member VALUES (?, ?, ?, ?, ?, NULL)");
        row.bind(number).bind(mail).bind(hash).bind("A Name").bind(enabled).execute(&pool).await.unwrap();
    }
    pool
}

async fn hash_of(pool: &SqlitePool, number: &str) -> String {
    let query = sqlx::query_scalar("SELECT pw_hash FROM member WHERE member_no = ?").bind(number);
    query.fetch_one(pool).await.unwrap()
}

fn migrate(folder: &Path) {
    let output = program(folder, BINARY).args(["migrate", "--fake-initial"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn members_of_before_log_in_as_they_are_and_keep_their_table() {
    let folder = tempfile::tempdir().unwrap();
    let pool = before(folder.path()).await;
    migrate(folder.path());
    let site = Running::start(folder.path(), BINARY);
    assert!(site.ask("GET", "/members/", &[], "").ends_with("\r\n\r\n2"));
    assert!(site.ask("GET", "/me/", &[], "").starts_with("HTTP/1.1 302"));
    for (number, mail) in [("m-1", "Ann@site.example"), ("m-2", "bob@site.example")] {
        let session = site.log_in(mail, PASSWORD).unwrap();
        let me = site.ask("GET", "/me/", &[("Cookie", &session)], "");
        let wanted = format!("[\"{number}\",\"{}\",\"A Name\"]", mail.to_lowercase());
        assert!(is_ok(&me) && me.ends_with(&wanted), "{me}");
        assert!(hash_of(&pool, number).await.starts_with("argon2$argon2id$v=19$m=19456,t=2,p=1$"));
    }
    let seen: i64 = sqlx::query_scalar("SELECT count(seen_at) FROM member").fetch_one(&pool).await.unwrap();
    assert_eq!(seen, 2);
}

#[tokio::test]
async fn who_was_shut_out_before_stays_out() {
    let folder = tempfile::tempdir().unwrap();
    before(folder.path()).await;
    migrate(folder.path());
    let site = Running::start(folder.path(), BINARY);
    for (mail, password) in [("eve@site.example", PASSWORD), ("ann@site.example", "mauve-lantern-43")] {
        let page = site.log_in(mail, password).unwrap_err();
        assert!(page.contains("Please enter a correct email and password."), "{page}");
    }
}

#[test]
fn a_database_without_members_gets_their_table() {
    let folder = tempfile::tempdir().unwrap();
    migrate(folder.path());
    let mut create = program(folder.path(), BINARY);
    create.args(["createsuperuser", "--noinput"]).env("NUAGES_SUPERUSER_EMAIL", "ann@site.example");
    create.env("NUAGES_SUPERUSER_NUMBER", "m-1").env("NUAGES_SUPERUSER_PASSWORD", PASSWORD);
    assert!(create.status().unwrap().success());
    let site = Running::start(folder.path(), BINARY);
    let session = site.log_in("ann@site.example", PASSWORD).unwrap();
    assert!(
        site.ask("GET", "/me/", &[("Cookie", &session)], "").ends_with("[\"m-1\",\"ann@site.example\",\"\"]")
    );
}
