//! How the tables come to be.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::migrations::{Goal, Runner, TableBuilder, key_of, migrate, table_of, unapplied, user};
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
    tables_of_every_kind_are_made_changed_and_taken_back,
    names_that_differ_in_case_alone_are_one_name,
);

/// An app of its own beside nothing.
async fn app_alone(on: Kind, migrations: impl IntoIterator<Item = Migration>) -> Client {
    let url = on.url();
    let pairs = [("DEBUG", "true"), ("SECRET_KEY", SECRET_KEY), ("DATABASE_URL", url.as_str())];
    let app = App::new("shop").migrations(migrations);
    Client::new(Project::new(Settings::from_pairs(pairs)).app(app)).await
}

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

const ALL: [&str; 8] = [
    "accounts.0001_initial",
    "auth.0001_initial",
    "auth.0002_attempts",
    "auth.0003_event",
    "auth.0004_two_factor",
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
    let table = |table: &mut TableBuilder| _ = table.big_auto("id");
    let broken = Migration::new("0001_initial").create_table("shop_first", table);
    let shop = app_alone(on, [broken.create_table("accounts_user", table)]).await;
    let failed = migrate(client.db(), shop.apps()).await.unwrap_err();
    assert!(failed.to_string().contains("shop.0001_initial"), "{failed}");
    assert_eq!(applied(&client).await, ALL);
    let first = client.db().execute_sql("SELECT * FROM shop_first").await;
    assert_eq!(first.is_err(), on.rolls_tables_back(), "where it can be: {first:?}");
}

async fn the_models_of_the_site_are_what_its_migrations_make(on: Kind) {
    let (code, said, wrong) = run(&site::client(on).await, &["makemigrations", "--check", "--dry-run"]);
    assert_eq!(code, 0, "{said} {wrong}");
}

/// Each kind twice: what is kept in an index, and defaults.
fn every_kind(table: &mut TableBuilder) {
    table.uuid("id").primary_key();
    table.text("code").unique();
    table.text("shelf").index();
    table.text("name").max_length(200).default("it's a \\ \"name\"");
    table.text("words").default("it's a \\ text");
    table.boolean("sold").default(true);
    table.small_integer("small").default(-1).index();
    table.integer("integer").default(70_000).unique();
    table.big_integer("big").null();
    table.double("double").default(1.5);
    table.date("day").default_now();
    table.datetime("moment").default_now();
    table.json("data").default("{\"a\": \"\\\\\"}");
    table.binary("bytes").null();
    table.foreign_key("next_id", table_of("shop", "shop_item")).null();
    table.foreign_key("twin", key_of("shop", "shop_item", "code")).null();
    table.unique_together(["shelf", "name"]);
}

fn changes() -> Migration {
    let migration =
        Migration::new("0002_more").add_column("shop_item", |table| table.text("note").default("a\\b"));
    let migration = migration.add_column("shop_item", |table| table.datetime("seen").default_now());
    let migration =
        migration.add_column("shop_item", |table| table.text("place").max_length(9).null().unique());
    let migration = migration
        .add_column("shop_item", |table| table.foreign_key("other_id", table_of("shop", "shop_item")).null());
    let migration = migration.unique_lower("shop_item", "name").drop_column("shop_item", "small");
    migration.create_table("shop_order", |table| {
        table.auto("id");
        table.foreign_key("item_id", table_of("shop", "shop_item"));
    })
}

async fn go(client: &Client, goal: Goal<'_>) {
    let runner = Runner::open(client.db(), client.apps()).await.unwrap();
    for step in runner.steps(goal).await.unwrap() {
        assert!(runner.run(step).await.unwrap());
    }
}

async fn tables_of_every_kind_are_made_changed_and_taken_back(on: Kind) {
    let initial = Migration::new("0001_initial").create_table("shop_item", every_kind);
    let client = app_alone(on, [initial, changes()]).await;
    let db = client.db();
    for _ in 0..2 {
        go(&client, Goal::Named("shop", "0001")).await;
        let item =
            "INSERT INTO shop_item (id, code, shelf) VALUES ('00000000000000000000000000000001', 'x', 's')";
        table::run(db, item).await;
        let defaults = table::texts(db, "shop_item", "name || '|' || words").await;
        assert_eq!(defaults, ["it's a \\ \"name\"|it's a \\ text"]);
        go(&client, Goal::All).await;
        assert_eq!(table::texts(db, "shop_item", "note || coalesce(place, '')").await, ["a\\b"]);
        table::run(db, "INSERT INTO shop_order (item_id) SELECT id FROM shop_item").await;
        db.execute_sql("INSERT INTO shop_order (item_id) VALUES ('00000000000000000000000000000002')")
            .await
            .unwrap_err();
        table::run(db, "DELETE FROM shop_item").await;
        assert_eq!(table::texts(db, "shop_order", "id").await, Vec::<String>::new(), "gone with their item");
        go(&client, Goal::Named("shop", "zero")).await;
        db.execute_sql("SELECT * FROM shop_item").await.unwrap_err();
    }
}

async fn names_that_differ_in_case_alone_are_one_name(on: Kind) {
    let initial = Migration::new("0001_initial").create_table("shop_item", every_kind);
    let client = app_alone(on, [initial, changes()]).await;
    let item = |id: u8, name: &str| {
        let id = format!("0000000000000000000000000000000{id}");
        format!(
            "INSERT INTO shop_item (id, code, shelf, \"integer\", name) VALUES ('{id}', '{id}', '', {id}, '{name}')"
        )
    };
    table::run(client.db(), &item(1, "Ann")).await;
    let twin = client.db().execute_sql(&item(2, "aNN")).await.unwrap_err();
    assert!(twin.is_unique_violation(), "{twin}");
    table::run(client.db(), &item(3, "Anne")).await;
}
