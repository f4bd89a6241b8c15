//! What is wrong with migrations is said in one line, with the file and what to do, before anything is touched.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::db::inspect;
use nuages::test::Client;
use nuages::{Database, Project};
use nuages_tests::kind::Kind;
use nuages_tests::process::{manage, outcome};
use nuages_tests::{site, table};

nuages_tests::promises!(
    a_migration_that_was_edited_after_it_was_applied,
    an_applied_migration_that_is_gone,
    a_history_with_two_ends,
    a_migration_applied_before_one_that_it_depends_on,
    two_apps_of_one_label,
    a_model_of_an_app_that_is_not_there,
    a_default_that_its_field_cannot_have,
    a_default_that_its_column_cannot_have,
    an_operation_on_a_table_that_is_not_there,
    an_operation_on_a_column_that_is_not_there,
    a_dependency_that_is_not_there,
    migrations_that_depend_on_each_other_in_a_circle,
    a_way_back_that_is_closed,
);

fn run(client: &Client, shop: &str, arguments: &[&str]) -> (i32, String, String) {
    let mut command = manage(env!("CARGO_BIN_EXE_site"), client.settings().database_url.expose(), arguments);
    outcome(&command.env("NUAGES_TEST_SITE", shop).output().unwrap())
}

/// A shop that is migrated and has an item.
async fn shop(on: Kind) -> Client {
    let client = Client::new(Project::new(site::settings(on, true))).await;
    let (code, said, wrong) = run(&client, "none", &["migrate"]);
    assert_eq!(code, 0, "{said} {wrong}");
    table::run(client.db(), "INSERT INTO shop_item (name) VALUES ('tea')").await;
    client
}

/// All that is in the database.
async fn all(db: &Database) -> (Vec<nuages::db::schema::Table>, Vec<String>, Vec<String>) {
    let records = table::texts(db, "nuages_migrations", "app || name || checksum").await;
    (inspect::tables(db).await.unwrap(), records, table::texts(db, "shop_item", "name").await)
}

async fn refused(client: &Client, fault: &str, arguments: &[&str], words: &[&str]) {
    let before = all(client.db()).await;
    let (code, _, said) = run(client, fault, arguments);
    assert_eq!((code, said.lines().count()), (1, 1), "{said}");
    for word in words {
        assert!(said.contains(word), "`{word}` is missing in: {said}");
    }
    assert_eq!(all(client.db()).await, before);
}

async fn a_migration_that_was_edited_after_it_was_applied(on: Kind) {
    let words = ["shop.0002_stock was changed", "put src/shop/migrations/m0002_stock.rs back"];
    refused(&shop(on).await, "edited", &["migrate"], &words).await;
}

async fn an_applied_migration_that_is_gone(on: Kind) {
    let words = ["shop.0002_stock was applied", "src/shop/migrations/m0002_stock.rs is not among", "back"];
    refused(&shop(on).await, "missing", &["migrate"], &words).await;
}

async fn a_history_with_two_ends(on: Kind) {
    let words = ["migrations/m0002_stock.rs", "migrations/m0002_colour.rs", "run `makemigrations --merge`"];
    let client = shop(on).await;
    refused(&client, "forked", &["migrate"], &words).await;
    refused(&client, "forked", &["makemigrations"], &words).await;
}

async fn a_migration_applied_before_one_that_it_depends_on(on: Kind) {
    let words = ["shop.0002_stock is applied, but shop.0001_between", "src/shop/migrations/m0002_stock.rs"];
    refused(&shop(on).await, "out of order", &["migrate"], &words).await;
}

async fn two_apps_of_one_label(on: Kind) {
    let words = ["two apps are labelled `shop`", "another label"];
    refused(&shop(on).await, "two labels", &["migrate"], &words).await;
}

async fn a_model_of_an_app_that_is_not_there(on: Kind) {
    let words = ["`Bottle`", "`cellar`", "correct `#[model(app = …)]`", "src/lib.rs"];
    refused(&shop(on).await, "unknown app", &["makemigrations"], &words).await;
}

async fn a_default_that_its_field_cannot_have(on: Kind) {
    let words = ["`PricedItem.price` has the default \"cheap\"", "correct `#[model(default = …)]`"];
    refused(&shop(on).await, "default in a model", &["makemigrations", "--check"], &words).await;
}

async fn a_default_that_its_column_cannot_have(on: Kind) {
    let words = [
        "(src/shop/migrations/m0003_next.rs)",
        "`Item.price` has the default \"cheap\", which is no whole number",
    ];
    refused(&shop(on).await, "default", &["migrate"], &words).await;
}

async fn an_operation_on_a_table_that_is_not_there(on: Kind) {
    let words = ["(src/shop/migrations/m0003_next.rs)", "there is no table `shop_cart`"];
    refused(&shop(on).await, "missing table", &["migrate"], &words).await;
}

async fn an_operation_on_a_column_that_is_not_there(on: Kind) {
    let words = ["(src/shop/migrations/m0003_next.rs)", "`shop_item` has no column `colour`"];
    refused(&shop(on).await, "missing column", &["migrate"], &words).await;
}

async fn a_dependency_that_is_not_there(on: Kind) {
    let words = ["shop.0003_next depends on shop.0002_stuck", "in src/shop/migrations/m0003_next.rs"];
    refused(&shop(on).await, "missing dependency", &["migrate"], &words).await;
}

async fn migrations_that_depend_on_each_other_in_a_circle(on: Kind) {
    let words = ["circle", "shop.0003_next -> cellar.0001_initial", "src/shop/migrations/m0003_next.rs"];
    refused(&shop(on).await, "circle", &["migrate"], &words).await;
}

async fn a_way_back_that_is_closed(on: Kind) {
    let client = shop(on).await;
    assert_eq!(run(&client, "one way", &["migrate"]).0, 0);
    let words = ["undoing shop.0003_one_way", "say with `.undone_by(…)`"];
    refused(&client, "one way", &["migrate", "shop", "0001"], &words).await;
}
