//! Migrations that fail midway where the database commits each change of a table at once.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::Project;
use nuages::test::Client;
use nuages_tests::kind::Kind;
use nuages_tests::process::{manage, outcome};
use nuages_tests::{site, table};

nuages_tests::promises!(
    what_is_half_done_is_explained_and_nothing_is_done_after_it,
    what_is_half_done_can_be_ended_by_hand,
    what_is_half_done_can_be_taken_back_by_hand,
    what_fails_at_once_leaves_nothing_half_done,
    what_was_half_undone_is_explained_too,
    nothing_is_called_reverted_that_was_not_half_done,
);

fn run(client: &Client, shop: &str, arguments: &[&str]) -> (i32, String, String) {
    let mut command = manage(env!("CARGO_BIN_EXE_site"), client.settings().database_url.expose(), arguments);
    outcome(&command.env("NUAGES_TEST_SITE", shop).output().unwrap())
}

fn done(client: &Client, shop: &str, arguments: &[&str]) {
    let (code, said, wrong) = run(client, shop, arguments);
    assert_eq!(code, 0, "{said} {wrong}");
}

fn refused(client: &Client, shop: &str, arguments: &[&str], words: &[&str]) {
    let (code, _, said) = run(client, shop, arguments);
    assert_eq!((code, said.lines().count()), (1, 1), "{said}");
    for word in words {
        assert!(said.contains(word), "`{word}` is missing in: {said}");
    }
}

/// A shop that is migrated, and whose next migration has failed.
async fn broken(on: Kind) -> Client {
    let client = Client::new(Project::new(site::settings(on, true))).await;
    done(&client, "none", &["migrate"]);
    let words = match on.rolls_tables_back() {
        true => ["applying shop.0003_next failed and changed nothing: ", "shop_cart"],
        false => ["failed and is half done, up to statement 3 of 4: ", "shop_cart"],
    };
    refused(&client, "breaks midway", &["migrate"], &words);
    client
}

const WAYS_OUT: [&str; 3] = [
    "`sqlmigrate shop 0003_next` shows all",
    "run `migrate shop 0003_next --fake`",
    "run `migrate shop 0003_next --reverted`",
];

async fn what_is_half_done_is_explained_and_nothing_is_done_after_it(on: Kind) {
    let client = broken(on).await;
    if on.rolls_tables_back() {
        client.db().execute_sql("SELECT id FROM shop_box").await.unwrap_err();
        return;
    }
    let words = [
        "applying shop.0003_next is half done: what comes before statement 3 of 4 is,",
        "INSERT INTO shop_cart (id) VALUES (1)",
    ];
    let words = [&words[..], &WAYS_OUT].concat();
    for arguments in [&["migrate"][..], &["migrate", "shop", "zero"], &["migrate", "shop", "0001", "--fake"]]
    {
        refused(&client, "breaks midway", arguments, &words);
    }
    done(&client, "breaks midway", &["showmigrations"]);
    done(&client, "breaks midway", &["migrate", "--plan"]);
}

async fn what_is_half_done_can_be_ended_by_hand(on: Kind) {
    let client = broken(on).await;
    if on.rolls_tables_back() {
        return;
    }
    table::run(client.db(), "CREATE INDEX by_hand ON shop_item (name)").await;
    done(&client, "breaks midway", &["migrate", "shop", "0003", "--fake"]);
    done(&client, "breaks midway", &["migrate", "--check"]);
    done(&client, "breaks midway", &["migrate"]);
}

async fn what_is_half_done_can_be_taken_back_by_hand(on: Kind) {
    let client = broken(on).await;
    if on.rolls_tables_back() {
        return;
    }
    table::run(client.db(), "DROP TABLE shop_box; ALTER TABLE shop_item DROP COLUMN colour").await;
    done(&client, "breaks midway", &["migrate", "shop", "0003", "--reverted"]);
    table::run(client.db(), "CREATE TABLE shop_cart (id integer)").await;
    done(&client, "breaks midway", &["migrate"]);
}

async fn what_fails_at_once_leaves_nothing_half_done(on: Kind) {
    let client = Client::new(Project::new(site::settings(on, true))).await;
    done(&client, "none", &["migrate"]);
    for _ in 0..2 {
        refused(&client, "breaks at once", &["migrate"], &["shop.0003_next failed and changed nothing: "]);
    }
    assert_eq!(table::texts(client.db(), "shop_item", "name").await, [""; 0]);
    done(&client, "none", &["migrate"]);
}

async fn what_was_half_undone_is_explained_too(on: Kind) {
    let client = broken(on).await;
    if on.rolls_tables_back() {
        return;
    }
    table::run(client.db(), "CREATE INDEX by_hand ON shop_item (name)").await;
    done(&client, "breaks midway", &["migrate", "shop", "0003", "--fake"]);
    table::run(client.db(), "DROP TABLE shop_box").await;
    let words = [
        "undoing shop.0003_next failed and is half done, up to statement 2 of 3",
        "migrate shop 0002_stock --fake",
    ];
    refused(&client, "breaks midway", &["migrate", "shop", "0002"], &words);
    refused(&client, "breaks midway", &["migrate"], &["undoing shop.0003_next is half done"]);
    table::run(client.db(), "ALTER TABLE shop_item DROP COLUMN colour").await;
    done(&client, "breaks midway", &["migrate", "shop", "0002", "--fake"]);
    table::run(client.db(), "CREATE TABLE shop_cart (id integer)").await;
    done(&client, "breaks midway", &["migrate"]);
}

async fn nothing_is_called_reverted_that_was_not_half_done(on: Kind) {
    let client = Client::new(Project::new(site::settings(on, true))).await;
    done(&client, "none", &["migrate"]);
    refused(
        &client,
        "none",
        &["migrate", "shop", "0002", "--reverted"],
        &["shop.0002_stock is not half done"],
    );
}
