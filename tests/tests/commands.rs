//! Commands as a person calls them: flush, dbshell, and one whose reader leaves.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::Model;
use nuages::test::Client;
use nuages_auth::{ContentType, Group};
use nuages_tests::kind::Kind;
use nuages_tests::process::{manage, outcome, terminal};
use nuages_tests::site::{self, Post, User};
use nuages_tests::table::{run, texts};
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use tempfile::TempDir;

nuages_tests::promises!(
    flush_empties_the_tables_and_starts_their_counters_anew,
    flush_without_a_terminal_wants_noinput,
    flush_at_a_terminal_wants_a_yes,
    flush_that_fails_deletes_nothing,
    dbshell_starts_the_client_with_the_password_in_its_environment_alone,
    a_command_goes_on_when_nobody_reads_it_any_more,
);

fn command(client: &Client, arguments: &[&str]) -> Command {
    manage(env!("CARGO_BIN_EXE_site"), client.settings().database_url.expose(), arguments)
}

/// A site with two users and a post.
async fn filled(on: Kind) -> Client {
    let client = site::client(on).await;
    let ann = site::user(&client, "ann").await;
    site::user(&client, "bob").await;
    Post::new(&ann, "a").create(client.db()).await.unwrap();
    Group { name: "editors".into(), ..Group::default() }.create(client.db()).await.unwrap();
    run(client.db(), "INSERT INTO accounts_user_groups (user_id, group_id) VALUES (1, 1)").await;
    client
}

/// Users, posts, and whether the content types of the site's models are there.
async fn counts(client: &Client) -> (u64, u64, bool) {
    let db = client.db();
    let (users, posts) = (User::objects(db).count().await.unwrap(), Post::objects(db).count().await.unwrap());
    let kinds = ContentType::objects(db).filter(ContentType::APP_LABEL.eq("blog")).count().await.unwrap();
    (users, posts, kinds == 2)
}

async fn flush_empties_the_tables_and_starts_their_counters_anew(on: Kind) {
    let client = filled(on).await;
    let migrations = async || texts(client.db(), "nuages_migrations", "name").await;
    let before = migrations().await;
    let (code, said, wrong) = outcome(&command(&client, &["flush", "--noinput"]).output().unwrap());
    assert_eq!((code, said.as_str(), wrong.as_str()), (0, "", ""));
    assert_eq!(counts(&client).await, (0, 0, true), "content types stay");
    assert_eq!(texts(client.db(), "accounts_user_groups", "id").await, Vec::<String>::new());
    assert_eq!(migrations().await, before);
    assert_eq!(site::user(&client, "eve").await.id, 1);
}

async fn flush_without_a_terminal_wants_noinput(on: Kind) {
    let client = filled(on).await;
    let (code, said, wrong) = outcome(&command(&client, &["flush"]).output().unwrap());
    assert!((code, said.as_str()) == (1, "") && wrong.contains("give --noinput"), "{wrong}");
    assert_eq!(counts(&client).await, (2, 1, true));
}

fn flush_answered(client: &Client, answer: &str) -> (i32, String, String) {
    let (mut person, process) = terminal();
    person.write_all(answer.as_bytes()).unwrap();
    outcome(&command(client, &["flush"]).stdin(process).output().unwrap())
}

async fn flush_at_a_terminal_wants_a_yes(on: Kind) {
    let client = filled(on).await;
    for answer in ["no\n", "y\n", "\n"] {
        let (code, said, _) = flush_answered(&client, answer);
        assert!(code == 0 && said.ends_with("Flush cancelled.\n"), "{said}");
        assert_eq!(counts(&client).await, (2, 1, true));
    }
    let (code, said, wrong) = flush_answered(&client, "yes\n");
    assert!(code == 0 && said.contains("ALL ROWS"), "{said} {wrong}");
    assert_eq!(counts(&client).await, (0, 0, true));
}

async fn flush_that_fails_deletes_nothing(on: Kind) {
    let client = filled(on).await;
    let points = "post_id bigint NOT NULL, FOREIGN KEY (post_id) REFERENCES blog_post (id)";
    run(client.db(), &format!("CREATE TABLE stranger ({points})")).await;
    run(client.db(), "INSERT INTO stranger SELECT id FROM blog_post").await;
    let (code, _, wrong) = outcome(&command(&client, &["flush", "--noinput"]).output().unwrap());
    assert!(code == 1 && wrong.trim().lines().count() == 1, "{wrong}");
    assert_eq!(counts(&client).await, (2, 1, true));
}

/// A folder with a program of this name that tells how it was started, and ends with 7.
fn fake(program: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(program);
    fs::write(
        &path,
        "#!/bin/sh\nfor word in \"$0\" \"$@\"; do echo \"<$word>\"; done\n/usr/bin/env\nexit 7\n",
    )
    .unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

async fn dbshell_starts_the_client_with_the_password_in_its_environment_alone(on: Kind) {
    let (program, url, own, environment): (_, _, _, Option<&str>) = match on {
        Kind::Sqlite => ("sqlite3", "sqlite://my%20site.db", vec!["my site.db"], None),
        #[cfg(feature = "postgres")]
        Kind::Postgres => (
            "psql",
            "postgres://ann:s%40cr%27t@db.example:5433/site?sslmode=require",
            vec!["postgres://ann@db.example:5433/site?sslmode=require"],
            Some("PGPASSWORD=s@cr't"),
        ),
        #[cfg(feature = "mysql")]
        Kind::MySql => (
            "mysql",
            "mysql://ann:s%40cr%27t@db.example:3307/site",
            vec!["--user=ann", "--host=db.example", "--port=3307", "site"],
            Some("MYSQL_PWD=s@cr't"),
        ),
    };
    let folder = fake(program);
    let start = |arguments: &[&str], path: &str| {
        let mut command = manage(env!("CARGO_BIN_EXE_site"), url, arguments);
        outcome(&command.env("PATH", path).output().unwrap())
    };
    let path = folder.path().display().to_string();
    let (code, said, wrong) = start(&["dbshell", "--", "-c", "select 'a b'"], &path);
    let words: Vec<_> = said.lines().filter_map(|line| line.strip_prefix('<')?.strip_suffix('>')).collect();
    assert_eq!(words[0], format!("{path}/{program}"));
    assert_eq!(words[1..], [own, vec!["-c", "select 'a b'"]].concat());
    assert_eq!(code, 7, "{wrong}");
    assert!(environment.is_none_or(|line| said.lines().any(|said| said == line)), "{said}");
    let empty = tempfile::tempdir().unwrap();
    let (code, said, wrong) = start(&["dbshell"], &empty.path().display().to_string());
    assert_eq!((code, said.as_str()), (1, ""));
    assert!(
        wrong.contains(&format!("there is no program `{program}`")) && wrong.contains("; install it"),
        "{wrong}"
    );
}

#[tokio::test]
async fn dbshell_starts_the_real_client() {
    let client = filled(Kind::Sqlite).await;
    let mut dbshell = command(&client, &["dbshell", "--", "SELECT username FROM accounts_user ORDER BY id"]);
    let (code, said, wrong) = outcome(&dbshell.env("PATH", "/usr/bin:/bin").output().unwrap());
    assert!(
        (code, said.as_str()) == (0, "ann\nbob\n") || wrong.contains("there is no program"),
        "{said} {wrong}"
    );
}

async fn a_command_goes_on_when_nobody_reads_it_any_more(on: Kind) {
    let client = site::client(on).await;
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = command(&client, &["migrate", "accounts", "zero"]).stdout(writer).output().unwrap();
    let (code, _, wrong) = outcome(&output);
    assert_eq!((code, wrong.as_str()), (0, ""));
    assert!(!texts(client.db(), "nuages_migrations", "app").await.contains(&"accounts".to_owned()));
}
