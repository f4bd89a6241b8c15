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

/// The table as a database knows it: it keeps no labels and no order, and counts keys of 64 bits on SQLite. On MySQL text in an index
/// has a longest length.
fn kept(declared: &Table, on: Kind) -> Table {
    let mut table = Table { ordering: Vec::new(), ..declared.clone() };
    (table.app, table.model) = (String::new(), String::new());
    let together: Vec<_> = table.unique_together.iter().flatten().cloned().collect();
    for column in &mut table.columns {
        if on.is_mysql() && column.kind == Holds::Text && together.contains(&column.name) {
            column.kind = Holds::Char(255);
        }
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
        let mut expected = kept(table, on);
        // The migration of the users adds it.
        if table.name == "accounts_user" {
            expected.unique_lower.push("username".into());
        }
        assert_eq!(found.table, expected);
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
    table.named_index("shop_item_recent", ["day", "-moment"]);
    table.named_index("shop_item_newest", ["-moment"]);
}

/// What a server puts behind the literal of a moment: the zone of the session, or all the digits.
fn completed(on: Kind) -> &'static str {
    match on {
        Kind::Sqlite => "",
        #[cfg(feature = "postgres")]
        Kind::Postgres => "+00",
        #[cfg(feature = "mysql")]
        Kind::MySql => ".000000",
    }
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
        if let Some(column) = expected.columns.iter_mut().find(|column| column.name == "sometime") {
            column.default = Some(DefaultValue::Text(format!("2030-01-02 03:04:05{}", completed(on))));
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
    run(
        client.db(),
        "CREATE TABLE thing (a integer NOT NULL, b varchar(9) NOT NULL, c integer, PRIMARY KEY (a, c))",
    )
    .await;
    let odd: &[_] = match on.is_mysql() {
        false => &[
            "CREATE UNIQUE INDEX only_some ON thing (b) WHERE a > 7",
            "CREATE UNIQUE INDEX computed ON thing (length(b))",
            "CREATE UNIQUE INDEX mixed ON thing (a, lower(b))",
            "CREATE INDEX expressions ON thing (a, lower(b))",
        ],
        true => &["CREATE INDEX beginning ON thing (b(3))", "CREATE FULLTEXT INDEX letters ON thing (b)"],
    };
    for sql in odd {
        run(client.db(), sql).await;
    }
    run(client.db(), "CREATE UNIQUE INDEX together ON thing (c, b)").await;
    let thing = inspect::table(client.db(), "thing").await.unwrap().unwrap();
    assert_eq!(thing.unique_together, [["c", "b"]]);
    assert!(thing.indexes.is_empty() && thing.unique_lower.is_empty(), "{thing:?}");
    assert!(thing.columns.iter().all(|column| !column.unique && !column.index), "{thing:?}");
    let keys: Vec<_> =
        thing.columns.iter().map(|column| (column.primary_key, column.null, column.auto)).collect();
    assert_eq!(keys, [(true, false, false), (false, false, false), (true, false, false)]);
}

async fn a_type_of_the_databases_own_is_named(on: Kind) {
    let client = migrated(on, Migration::new("0001_initial")).await;
    let (stay, plain) = if on.is_mysql() { ("year(4)", "longtext") } else { ("interval", "text") };
    let thing = format!("CREATE TABLE thing (price decimal(10, 2), stay {stay}, at time, plain {plain})");
    run(client.db(), &thing).await;
    let thing = inspect::inspect(client.db(), "thing").await.unwrap().unwrap();
    let kinds: Vec<_> = thing.table.columns.iter().map(|column| column.kind).collect();
    assert_eq!(kinds, [Holds::Double, Holds::Text, Holds::Text, Holds::Text]);
    let names: Vec<_> = thing.own_types.iter().map(|(column, own)| (column.as_str(), own.as_str())).collect();
    let (price, at) = match on {
        Kind::Sqlite => ("decimal(10, 2)", "time"),
        #[cfg(feature = "postgres")]
        Kind::Postgres => ("numeric(10,2)", "time without time zone"),
        #[cfg(feature = "mysql")]
        Kind::MySql => ("decimal(10,2)", "time"),
    };
    assert_eq!(names, [("price", price), ("stay", stay), ("at", at)]);
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
    let thing = match on.is_mysql() {
        false => {
            "CREATE TABLE thing (code varchar(9) REFERENCES one, a integer, b integer, FOREIGN KEY (a, b) REFERENCES two)"
        }
        true => {
            "CREATE TABLE thing (code varchar(9), a integer, b integer, FOREIGN KEY (code) REFERENCES one (code), \
             FOREIGN KEY (a, b) REFERENCES two (a, b))"
        }
    };
    for sql in [
        "CREATE TABLE two (a integer NOT NULL, b integer NOT NULL, PRIMARY KEY (a, b))",
        "CREATE TABLE one (code varchar(9) NOT NULL PRIMARY KEY)",
        thing,
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
