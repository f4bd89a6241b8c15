//! How the tables come to be.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::migrations::{migrate, table_of, unapplied, user};
use nuages::test::Client;
use nuages::{App, Error, Migration, Model, Project, Settings};
use nuages_auth::{AbstractUser, UserFields};
use nuages_tests::kind::Kind;
use nuages_tests::process::{manage, outcome};
use nuages_tests::site::{self, SECRET_KEY};
use nuages_tests::table;
use std::process::{Output, Stdio};

nuages_tests::promises!(
    eight_processes_may_migrate_at_once,
    eight_tasks_may_migrate_at_once,
    a_second_migrate_does_nothing,
    an_unmigrated_server_refuses_to_start,
    another_user_model_is_refused_and_nothing_is_touched,
    a_migration_that_fails_leaves_nothing_behind,
    the_models_of_the_site_are_what_its_migrations_make,
);

/// An empty database.
async fn empty(on: Kind) -> Client {
    let url = on.url();
    let pairs = [("DEBUG", "true"), ("SECRET_KEY", SECRET_KEY), ("DATABASE_URL", url.as_str())];
    Client::new(Project::new(Settings::from_pairs(pairs))).await
}

fn url(client: &Client) -> &str {
    client.settings().database_url.expose()
}

fn run(client: &Client, arguments: &[&str]) -> (i32, String, String) {
    outcome(&manage(env!("CARGO_BIN_EXE_site"), url(client), arguments).output().unwrap())
}

async fn applied(client: &Client) -> Vec<String> {
    let mut names = table::texts(client.db(), "nuages_migrations", "app || '.' || name").await;
    names.sort();
    names
}

const ALL: [&str; 5] = [
    "accounts.0001_initial",
    "auth.0001_initial",
    "blog.0001_initial",
    "music.0001_initial",
    "sessions.0001_initial",
];

async fn eight_processes_may_migrate_at_once(on: Kind) {
    for _ in 0..3 {
        let client = empty(on).await;
        let start = |_| {
            let mut command = manage(env!("CARGO_BIN_EXE_site"), url(&client), &["migrate"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let started: Vec<_> = (0..8).map(start).collect();
        let ended: Vec<Output> = started.into_iter().map(|child| child.wait_with_output().unwrap()).collect();
        for (code, _, said) in ended.iter().map(outcome) {
            assert_eq!(code, 0, "{said}");
        }
        assert_eq!(applied(&client).await, ALL);
    }
}

async fn eight_tasks_may_migrate_at_once(on: Kind) {
    for _ in 0..3 {
        let (client, site) = (empty(on).await, site::client(on).await);
        let one = async || {
            let db = nuages::Database::connect(url(&client)).await?;
            let done = migrate(&db, site.apps()).await;
            db.close().await;
            done
        };
        let done = futures_util::future::join_all((0..8).map(|_| one())).await;
        let mut done: Vec<_> = done.into_iter().flat_map(Result::unwrap).collect();
        done.sort();
        assert_eq!(
            (done.as_slice(), applied(&client).await.as_slice()),
            (&ALL.map(String::from)[..], &ALL.map(String::from)[..])
        );
    }
}

async fn a_second_migrate_does_nothing(on: Kind) {
    let client = site::client(on).await;
    assert_eq!(migrate(client.db(), client.apps()).await.unwrap(), Vec::<String>::new());
    assert_eq!(unapplied(client.db(), client.apps()).await.unwrap(), vec![]);
    let (code, said, _) = run(&client, &["migrate", "--check"]);
    assert_eq!(code, 0, "{said}");
}

async fn an_unmigrated_server_refuses_to_start(on: Kind) {
    let client = empty(on).await;
    let (code, served, said) = run(&client, &["runserver", "127.0.0.1:0"]);
    assert!(
        code == 3 && said.contains("cargo run -- migrate") && !served.contains("Serving"),
        "{code} {said}"
    );
    assert_eq!(
        unapplied(client.db(), client.apps()).await.unwrap(),
        vec![],
        "nothing was migrated behind anyone's back"
    );
    let (code, _, said) = run(&client, &["migrate", "--check"]);
    assert!(code == 1 && said.lines().count() == 1, "{code} {said}");
}

/// Another site's user.
#[derive(Clone, Debug, Model, AbstractUser)]
#[model(app = "people")]
pub struct Person {
    #[model(flatten)]
    fields: UserFields,
}

fn people() -> Migration {
    let migration = Migration::new("0001_initial").depends_on("auth", "0001_initial");
    let migration = migration.create_table("people_person", |table| {
        table.for_model("Person");
        table.big_auto("id");
        table.text("username").max_length(150).unique();
        table.text("password").max_length(128);
    });
    ["groups", "user_permissions"].into_iter().fold(migration, |migration, other| {
        let target = if other == "groups" { "auth_group" } else { "auth_permission" };
        migration.create_table(format!("people_person_{other}"), |table| {
            table.big_auto("id");
            table.foreign_key("user_id", user());
            table.foreign_key("other_id", table_of("auth", target));
        })
    })
}

async fn another_user_model_is_refused_and_nothing_is_touched(on: Kind) {
    let url_of_kind = on.url();
    let pairs = [("DEBUG", "true"), ("SECRET_KEY", SECRET_KEY), ("DATABASE_URL", url_of_kind.as_str())];
    let other = Project::new(Settings::from_pairs(pairs))
        .app(nuages::sessions::app())
        .app(nuages_auth::app::<Person>())
        .app(App::new("people").model::<Person>().migrations([people()]));
    let (client, other) = (site::client(on).await, Client::new(other).await);
    let refused = migrate(client.db(), other.apps()).await.unwrap_err();
    assert!(matches!(refused, Error::Refused(_)), "{refused}");
    for word in ["accounts.User", "people.Person", "nothing was touched"] {
        assert!(refused.to_string().contains(word), "{refused}");
    }
    assert_eq!(applied(&client).await, ALL);
    client.db().execute_sql("SELECT * FROM people_person").await.unwrap_err();
}

async fn a_migration_that_fails_leaves_nothing_behind(on: Kind) {
    let client = site::client(on).await;
    let table = |table: &mut nuages::migrations::TableBuilder| _ = table.big_auto("id");
    let broken = Migration::new("0001_initial").create_table("shop_first", table);
    let broken = broken.create_table("accounts_user", table);
    let url_of_kind = on.url();
    let pairs = [("DEBUG", "true"), ("SECRET_KEY", SECRET_KEY), ("DATABASE_URL", url_of_kind.as_str())];
    let shop = App::new("shop").migrations([broken]);
    let shop = Client::new(Project::new(Settings::from_pairs(pairs)).app(shop)).await;
    let failed = migrate(client.db(), shop.apps()).await.unwrap_err();
    assert!(failed.to_string().contains("shop.0001_initial"), "{failed}");
    assert_eq!(applied(&client).await, ALL);
    client.db().execute_sql("SELECT * FROM shop_first").await.unwrap_err();
}

async fn the_models_of_the_site_are_what_its_migrations_make(on: Kind) {
    let (code, said, wrong) = run(&site::client(on).await, &["makemigrations", "--check", "--dry-run"]);
    assert_eq!(code, 0, "{said} {wrong}");
}
