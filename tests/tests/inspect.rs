//! Tables as a database tells of them.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::db::inspect;
use nuages::db::schema::{DefaultValue, Kind as Holds, Reference, Table, Target};
use nuages::migrations::{OnDelete, Operation, TableBuilder, table_of};
use nuages::test::Client;
use nuages::{App, Migration, Project, Settings};
use nuages_tests::kind::Kind;
use nuages_tests::site::{self, SECRET_KEY};
use nuages_tests::table::run;

nuages_tests::promises!(
    the_tables_of_the_site_come_back_as_they_were_declared,
    keys_defaults_and_indexes_come_back_as_they_were_declared,
    a_table_is_found_by_its_name_alone,
    only_whole_and_plain_indexes_count,
    a_type_of_the_databases_own_is_named,
    computed_columns_are_told_apart,
    a_foreign_key_without_an_action_protects,
);

/// The table as a database knows it: it keeps no labels, and counts keys of 64 bits on SQLite.
fn kept(declared: &Table, on: Kind) -> Table {
    let mut table = Table { app: String::new(), model: String::new(), ..declared.clone() };
    for column in &mut table.columns {
        if column.auto && on == Kind::Sqlite {
            column.kind = Holds::BigInt;
        }
        if let Some(Reference { target: Target::Table { app, .. }, .. }) = &mut column.references {
            app.clear();
        }
    }
    table
}

async fn the_tables_of_the_site_come_back_as_they_were_declared(on: Kind) {
    let client = site::client(on).await;
    let labels = client.apps().iter().map(App::label);
    let declared: Vec<_> = labels.flat_map(|label| client.apps().tables_of(label)).collect();
    assert!(declared.len() > 8);
    for table in declared {
        let found = inspect::inspect(client.db(), &table.name).await.unwrap().unwrap();
        assert_eq!(found.table, kept(table, on));
        assert!(found.own_types.is_empty() && found.computed.is_empty(), "{found:?}");
    }
}

/// A site with one app, whose only migration is this.
async fn migrated(on: Kind, migration: Migration) -> Client {
    let url = on.url();
    let pairs = [("DEBUG", "true"), ("SECRET_KEY", SECRET_KEY), ("DATABASE_URL", url.as_str())];
    let shop = App::new("shop").migrations([migration]);
    Client::new(Project::new(Settings::from_pairs(pairs)).app(shop)).await
}

fn every_default(table: &mut TableBuilder) {
    table.text("code").max_length(20).primary_key();
    table.boolean("sold").default(false);
    table.boolean("new").default(true);
    table.small_integer("small").default(-7);
    table.integer("number").default(70_000).index();
    table.big_integer("big").default(-7_000_000_000_i64).unique();
    table.double("double").default(-1.5).null();
    table.text("text").default("it's :: 'quoted'");
    table.text("short").max_length(9).default("").index();
    table.date("day").default_now();
    table.datetime("moment").default_now().null();
    table.datetime("sometime").default("2030-01-02 03:04:05");
    table.unique_together(["small", "number"]);
    table.unique_together(["text", "short", "day"]);
}

async fn keys_defaults_and_indexes_come_back_as_they_were_declared(on: Kind) {
    let migration = Migration::new("0001_initial").create_table("shop_item", every_default);
    let migration = migration.create_table("shop_part", |table| {
        table.big_auto("id");
        table.foreign_key("parent_id", table_of("shop", "shop_part")).null().on_delete(OnDelete::SetNull);
        table.foreign_key("rival_id", table_of("shop", "shop_part")).unique().on_delete(OnDelete::Protect);
        table.foreign_key("twin_id", table_of("shop", "shop_part"));
    });
    let client = migrated(on, migration.clone()).await;
    for operation in migration.operations() {
        let Operation::CreateTable(declared) = operation else { panic!("{operation:?}") };
        let mut expected = kept(declared, on);
        // A literal that PostgreSQL completes by the zone of its session.
        if let Some(column) =
            expected.columns.iter_mut().find(|column| column.name == "sometime" && on != Kind::Sqlite)
        {
            column.default = Some(DefaultValue::Text("2030-01-02 03:04:05+00".into()));
        }
        assert_eq!(inspect::table(client.db(), &declared.name).await.unwrap().unwrap(), expected);
    }
}

async fn a_table_is_found_by_its_name_alone(on: Kind) {
    let client = migrated(on, Migration::new("0001_initial")).await;
    for sql in [
        r#"CREATE TABLE "we""ird na'me" (id integer NOT NULL PRIMARY KEY, "co""l" integer NOT NULL)"#,
        r#"CREATE TABLE "Plain" (id integer NOT NULL PRIMARY KEY)"#,
        r#"CREATE VIEW "sight" AS SELECT id FROM "Plain""#,
    ] {
        run(client.db(), sql).await;
    }
    let own = ["Plain", "nuages_migrations", "nuages_settings", "we\"ird na'me"];
    assert_eq!(inspect::names(client.db()).await.unwrap(), own);
    let names: Vec<_> =
        inspect::tables(client.db()).await.unwrap().into_iter().map(|table| table.name).collect();
    assert_eq!(names, own);
    let odd = inspect::table(client.db(), own[3]).await.unwrap().unwrap();
    assert_eq!(odd.column("co\"l").unwrap().kind, Holds::Integer);
    for unknown in ["sight", "plain ", "sqlite_schema", "pg_class", "' OR 1=1 --"] {
        assert_eq!(inspect::table(client.db(), unknown).await.unwrap(), None, "{unknown}");
    }
}

async fn only_whole_and_plain_indexes_count(on: Kind) {
    let client = migrated(on, Migration::new("0001_initial")).await;
    for sql in [
        "CREATE TABLE thing (a integer NOT NULL, b varchar(9) NOT NULL, c integer, PRIMARY KEY (a, c))",
        "CREATE UNIQUE INDEX only_some ON thing (b) WHERE a > 7",
        "CREATE UNIQUE INDEX computed ON thing (lower(b))",
        "CREATE UNIQUE INDEX mixed ON thing (a, lower(b))",
        "CREATE INDEX several ON thing (a, b)",
        "CREATE UNIQUE INDEX together ON thing (c, b)",
    ] {
        run(client.db(), sql).await;
    }
    let thing = inspect::table(client.db(), "thing").await.unwrap().unwrap();
    assert_eq!(thing.unique_together, [["c", "b"]]);
    assert!(thing.columns.iter().all(|column| !column.unique && !column.index), "{thing:?}");
    let keys: Vec<_> =
        thing.columns.iter().map(|column| (column.primary_key, column.null, column.auto)).collect();
    assert_eq!(keys, [(true, false, false), (false, false, false), (true, false, false)]);
}

async fn a_type_of_the_databases_own_is_named(on: Kind) {
    let client = migrated(on, Migration::new("0001_initial")).await;
    run(client.db(), "CREATE TABLE thing (price decimal(10, 2), stay interval, at time, plain text)").await;
    let thing = inspect::inspect(client.db(), "thing").await.unwrap().unwrap();
    let kinds: Vec<_> = thing.table.columns.iter().map(|column| column.kind).collect();
    assert_eq!(kinds, [Holds::Double, Holds::Text, Holds::Text, Holds::Text]);
    let names: Vec<_> = thing.own_types.iter().map(|(column, own)| (column.as_str(), own.as_str())).collect();
    let (price, at) = match on {
        Kind::Sqlite => ("decimal(10, 2)", "time"),
        #[cfg(feature = "postgres")]
        Kind::Postgres => ("numeric(10,2)", "time without time zone"),
    };
    assert_eq!(names, [("price", price), ("stay", "interval"), ("at", at)]);
}

async fn computed_columns_are_told_apart(on: Kind) {
    let client = migrated(on, Migration::new("0001_initial")).await;
    run(client.db(), "CREATE TABLE thing (a integer, twice integer GENERATED ALWAYS AS (a * 2) STORED)")
        .await;
    let thing = inspect::inspect(client.db(), "thing").await.unwrap().unwrap();
    assert_eq!((thing.table.columns.len(), thing.computed), (1, vec!["twice".to_owned()]));
}

async fn a_foreign_key_without_an_action_protects(on: Kind) {
    let client = migrated(on, Migration::new("0001_initial")).await;
    for sql in [
        "CREATE TABLE two (a integer NOT NULL, b integer NOT NULL, PRIMARY KEY (a, b))",
        "CREATE TABLE one (code varchar(9) NOT NULL PRIMARY KEY)",
        "CREATE TABLE thing (code varchar(9) REFERENCES one, a integer, b integer, FOREIGN KEY (a, b) REFERENCES two)",
    ] {
        run(client.db(), sql).await;
    }
    let thing = inspect::table(client.db(), "thing").await.unwrap().unwrap();
    let target = Target::Table { app: String::new(), table: "one".into(), column: "code".into() };
    let reference = Reference { target, on_delete: OnDelete::Protect };
    assert_eq!(thing.column("code").unwrap().references, Some(reference));
    assert!(
        thing.column("a").unwrap().references.is_none() && thing.column("b").unwrap().references.is_none()
    );
}
