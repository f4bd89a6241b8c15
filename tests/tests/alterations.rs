//! What migrations do to tables that have rows, and how it is undone.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::Database;
use nuages::migrations::{DefaultValue, RunSql, table_of};
use nuages_tests::history::{Shop, items};
use nuages_tests::kind::Kind;

nuages_tests::promises!(
    a_table_is_renamed_and_those_that_point_to_it_follow,
    a_renamed_table_leaves_its_names_to_the_next_one,
    a_column_is_renamed_with_its_indexes_and_checks,
    a_new_column_has_its_default_in_old_rows,
    a_new_column_is_filled_once_and_has_no_default_afterwards,
    a_new_column_without_a_value_is_refused_where_there_are_rows,
    a_dropped_column_comes_back_empty,
    a_column_that_was_unique_with_others_comes_back_so,
    text_becomes_longer_and_is_not_cut_when_it_becomes_shorter,
    null_is_filled_when_it_is_no_longer_allowed,
    numbers_become_text_and_numbers_again,
    true_and_false_become_numbers_and_back,
    a_default_comes_goes_and_changes,
    rows_that_point_to_a_table_survive_its_alteration,
    a_table_that_points_to_itself_is_altered,
    keys_are_not_given_twice_after_an_alteration,
    a_function_runs_inside_the_migration,
    a_function_that_fails_leaves_nothing_behind,
    data_and_tables_change_in_one_migration,
    everything_at_once_and_back_to_nothing,
);

async fn a_table_is_renamed_and_those_that_point_to_it_follow(on: Kind) {
    let mut shop = Shop::filled(on).await;
    shop.then(|migration| migration.rename_table("shop_item", "shop_thing", "Thing")).await;
    assert_eq!(shop.texts("shop_thing", "name").await, ["tea", "NULL", "pot"]);
    assert!(!shop.takes("INSERT INTO shop_review (item_id, text) VALUES (99, 'lost')").await);
    shop.run("DELETE FROM shop_thing WHERE id = 1").await;
    assert_eq!(shop.texts("shop_review", "text").await, ["heavy"]);
    shop.back().await;
    assert_eq!(shop.texts("shop_item", "name").await, ["NULL", "pot"]);
}

async fn a_renamed_table_leaves_its_names_to_the_next_one(on: Kind) {
    let mut shop = Shop::with(on, |migration| {
        migration.create_table("shop_item", |table| {
            items(table);
            table.unique_together(["name", "price"]);
            table.index(["price", "-name"]);
        })
    })
    .await;
    shop.then(|migration| {
        let migration = migration.unique_lower("shop_item", "name");
        migration.rename_table("shop_item", "shop_thing", "Thing").create_table("shop_item", |table| {
            items(table);
            table.unique_together(["name", "price"]);
            table.index(["price", "-name"]);
        })
    })
    .await;
    shop.then(|migration| migration.unique_lower("shop_item", "name")).await;
    shop.back().await;
    shop.back().await;
    assert_eq!(shop.count("shop_item").await, 0);
}

async fn a_column_is_renamed_with_its_indexes_and_checks(on: Kind) {
    let mut shop = Shop::filled(on).await;
    shop.then(|migration| {
        let migration = migration.add_index("shop_item", ["price"]);
        let migration = migration.add_check("shop_item", "price_is_positive", "price > 0");
        migration.add_unique("shop_item", ["name", "price"])
    })
    .await;
    shop.then(|migration| migration.rename_column("shop_item", "price", "cents")).await;
    assert_eq!(shop.texts("shop_item", "cents").await, ["3", "5", "40"]);
    assert!(!shop.takes("INSERT INTO shop_item (name, cents) VALUES ('free', 0)").await);
    assert!(!shop.takes("INSERT INTO shop_item (name, cents) VALUES ('tea', 3)").await);
    shop.then(|migration| migration.alter_column("shop_item", |column| column.big_integer("cents"))).await;
    assert!(!shop.takes("INSERT INTO shop_item (name, cents) VALUES ('free', 0)").await);
    shop.back().await;
    shop.back().await;
    assert!(!shop.takes("INSERT INTO shop_item (name, price) VALUES ('free', 0)").await);
    shop.back().await;
    assert!(shop.takes("INSERT INTO shop_item (name, price) VALUES ('free', 0)").await);
}

async fn a_new_column_has_its_default_in_old_rows(on: Kind) {
    let mut shop = Shop::filled(on).await;
    shop.then(|migration| {
        migration.add_column("shop_item", |column| column.text("unit").max_length(9).default("piece"))
    })
    .await;
    shop.run("INSERT INTO shop_item (name) VALUES ('cup')").await;
    assert_eq!(shop.texts("shop_item", "unit").await, ["piece"; 4]);
    shop.then(|migration| migration.add_column("shop_item", |column| column.datetime("seen").default_now()))
        .await;
    assert!(shop.texts("shop_item", "seen").await.iter().all(|moment| moment.starts_with("20")));
    shop.back().await;
    shop.back().await;
    assert!(!shop.takes("SELECT unit FROM shop_item").await);
}

async fn a_new_column_is_filled_once_and_has_no_default_afterwards(on: Kind) {
    let mut shop = Shop::filled(on).await;
    shop.then(|migration| migration.add_column("shop_item", |column| column.integer("stock").fill_with(7)))
        .await;
    assert_eq!(shop.texts("shop_item", "stock").await, ["7"; 3]);
    assert!(!shop.takes("INSERT INTO shop_item (name) VALUES ('cup')").await);
    shop.then(|migration| {
        migration.add_column("shop_item", |column| column.date("since").fill_with(DefaultValue::Now))
    })
    .await;
    assert!(shop.texts("shop_item", "since").await.iter().all(|day| day.starts_with("20")));
}

async fn a_new_column_without_a_value_is_refused_where_there_are_rows(on: Kind) {
    let mut shop = Shop::filled(on).await;
    let refused =
        shop.attempt(|migration| migration.add_column("shop_item", |column| column.integer("stock"))).await;
    assert!(refused.unwrap_err().to_string().contains("shop.0002_step"));
    assert!(!shop.takes("SELECT stock FROM shop_item").await);
    shop.run("DELETE FROM shop_item").await;
    shop.then(|migration| migration.add_column("shop_item", |column| column.integer("stock"))).await;
}

async fn a_dropped_column_comes_back_empty(on: Kind) {
    let mut shop = Shop::filled(on).await;
    shop.then(|migration| {
        migration
            .add_column("shop_item", |column| column.text("unit").fill_with("kg"))
            .add_column("shop_item", |column| {
                column.uuid("code").fill_with("0123456789abcdef0123456789abcdef")
            })
            .add_column("shop_item", |column| column.json("data").fill_with("[1]"))
            .add_column("shop_item", |column| column.double("weight").fill_with(0.5))
    })
    .await;
    shop.then(|migration| {
        let names = ["unit", "code", "data", "weight", "price", "sold"];
        names.into_iter().fold(migration, |migration, name| migration.drop_column("shop_item", name))
    })
    .await;
    assert!(!shop.takes("SELECT unit FROM shop_item").await);
    shop.back().await;
    assert_eq!(shop.texts("shop_item", "unit").await, [""; 3]);
    assert_eq!(shop.texts("shop_item", "weight").await.len(), 3);
    assert_eq!(shop.texts("shop_item", "price").await, ["1"; 3]);
    assert_eq!(shop.texts("shop_review", "text").await, ["good", "heavy"]);
}

async fn a_column_that_was_unique_with_others_comes_back_so(on: Kind) {
    let mut shop = Shop::filled(on).await;
    shop.then(|migration| migration.add_unique("shop_item", ["name", "sold"])).await;
    shop.then(|migration| migration.drop_column("shop_item", "sold")).await;
    shop.run("INSERT INTO shop_item (name) VALUES ('cup')").await;
    shop.back().await;
    assert!(!shop.takes("INSERT INTO shop_item (name) VALUES ('cup')").await);
}

async fn text_becomes_longer_and_is_not_cut_when_it_becomes_shorter(on: Kind) {
    let mut shop = Shop::filled(on).await;
    shop.then(|migration| {
        migration.alter_column("shop_item", |column| column.text("name").max_length(300).null())
    })
    .await;
    shop.run("UPDATE shop_item SET name = 'a name of more than twenty letters' WHERE id = 1").await;
    let shorter = shop
        .attempt(|migration| {
            migration.alter_column("shop_item", |column| column.text("name").max_length(20).null())
        })
        .await;
    // SQLite knows no longest text: forms and models do.
    assert_eq!(shorter.is_err(), on != Kind::Sqlite);
    assert_eq!(shop.texts("shop_item", "name").await[0], "a name of more than twenty letters");
}

async fn null_is_filled_when_it_is_no_longer_allowed(on: Kind) {
    let mut shop = Shop::filled(on).await;
    let refused = shop
        .attempt(|migration| migration.alter_column("shop_item", |column| column.text("name").max_length(50)))
        .await;
    assert!(refused.is_err(), "a row has NULL");
    shop.then(|migration| {
        migration.alter_column("shop_item", |column| column.text("name").max_length(50).fill_with("?"))
    })
    .await;
    assert_eq!(shop.texts("shop_item", "name").await, ["tea", "?", "pot"]);
    assert!(!shop.takes("INSERT INTO shop_item (price) VALUES (1)").await);
    shop.back().await;
    shop.run("INSERT INTO shop_item (price) VALUES (1)").await;
}

async fn numbers_become_text_and_numbers_again(on: Kind) {
    let mut shop = Shop::filled(on).await;
    shop.then(|migration| {
        migration.alter_column("shop_item", |column| column.text("price").max_length(9).default("1"))
    })
    .await;
    assert_eq!(shop.texts("shop_item", "price").await, ["3", "5", "40"]);
    shop.back().await;
    assert_eq!(shop.texts("shop_item", "price + 1").await, ["4", "6", "41"]);
}

async fn true_and_false_become_numbers_and_back(on: Kind) {
    let mut shop = Shop::filled(on).await;
    shop.run("UPDATE shop_item SET sold = (id = 1)").await;
    shop.then(|migration| migration.alter_column("shop_item", |column| column.integer("sold").default(0)))
        .await;
    assert_eq!(shop.texts("shop_item", "sold + 1").await, ["2", "1", "1"]);
    shop.back().await;
    assert_eq!(shop.texts("shop_item", "CASE WHEN sold THEN 'yes' ELSE 'no' END").await, ["yes", "no", "no"]);
}

async fn a_default_comes_goes_and_changes(on: Kind) {
    let mut shop = Shop::filled(on).await;
    let new = async |shop: &Shop| {
        shop.run("INSERT INTO shop_item (name) VALUES ('new')").await;
        shop.texts("shop_item", "price").await.pop().unwrap()
    };
    assert_eq!(new(&shop).await, "1");
    shop.then(|migration| migration.alter_column("shop_item", |column| column.integer("price").default(2)))
        .await;
    assert_eq!(new(&shop).await, "2");
    shop.then(|migration| migration.alter_column("shop_item", |column| column.integer("price"))).await;
    assert!(!shop.takes("INSERT INTO shop_item (name) VALUES ('none')").await);
    shop.back().await;
    assert_eq!(new(&shop).await, "2");
    shop.back().await;
    assert_eq!(new(&shop).await, "1");
}

async fn rows_that_point_to_a_table_survive_its_alteration(on: Kind) {
    let mut shop = Shop::filled(on).await;
    for _ in 0..3 {
        shop.then(|migration| {
            migration.alter_column("shop_item", |column| column.double("price").default(1.5))
        })
        .await;
        assert_eq!(shop.texts("shop_review", "text").await, ["good", "heavy"]);
        assert!(!shop.takes("INSERT INTO shop_review (item_id, text) VALUES (99, 'lost')").await);
        shop.back().await;
    }
    assert_eq!(shop.texts("shop_review", "text").await, ["good", "heavy"]);
}

async fn a_table_that_points_to_itself_is_altered(on: Kind) {
    let mut shop = Shop::with(on, |migration| {
        migration.create_table("shop_shelf", |table| {
            table.big_auto("id");
            table.foreign_key("inside_id", table_of("shop", "shop_shelf")).null();
            table.text("label").max_length(9);
        })
    })
    .await;
    shop.run("INSERT INTO shop_shelf (label) VALUES ('hall')").await;
    shop.run("INSERT INTO shop_shelf (label, inside_id) VALUES ('left', 1)").await;
    shop.then(|migration| {
        migration.alter_column("shop_shelf", |column| column.text("label").max_length(90).unique())
    })
    .await;
    assert!(!shop.takes("INSERT INTO shop_shelf (label, inside_id) VALUES ('lost', 99)").await);
    shop.then(|migration| migration.rename_table("shop_shelf", "shop_rack", "Rack")).await;
    shop.run("DELETE FROM shop_rack WHERE id = 1").await;
    assert_eq!(shop.count("shop_rack").await, 0);
}

async fn keys_are_not_given_twice_after_an_alteration(on: Kind) {
    let mut shop = Shop::filled(on).await;
    shop.run("DELETE FROM shop_item WHERE id = 3").await;
    shop.then(|migration| migration.alter_column("shop_item", |column| column.double("price").default(1.5)))
        .await;
    shop.run("INSERT INTO shop_item (name) VALUES ('cup')").await;
    assert_eq!(shop.texts("shop_item", "id").await, ["1", "2", "4"]);
}

async fn in_capitals(db: Database) -> nuages::Result<()> {
    db.execute_sql("UPDATE shop_item SET name = upper(name)").await
}

async fn a_function_runs_inside_the_migration(on: Kind) {
    let mut shop = Shop::filled(on).await;
    shop.then(|migration| {
        migration.run_rust(in_capitals).undone_by_rust(async |db: Database| {
            db.execute_sql("UPDATE shop_item SET name = lower(name)").await
        })
    })
    .await;
    assert_eq!(shop.texts("shop_item", "name").await, ["TEA", "NULL", "POT"]);
    shop.back().await;
    assert_eq!(shop.texts("shop_item", "name").await, ["tea", "NULL", "pot"]);
}

async fn a_function_that_fails_leaves_nothing_behind(on: Kind) {
    let mut shop = Shop::filled(on).await;
    let failed = shop
        .attempt(|migration| {
            migration.run_rust(in_capitals).run_rust(async |_| Err(nuages::Error::Refused("no".into())))
        })
        .await;
    assert!(failed.unwrap_err().to_string().contains("no"));
    assert_eq!(shop.texts("shop_item", "name").await, ["tea", "NULL", "pot"]);
}

/// PostgreSQL alters no table that has checks of foreign keys still to be made.
async fn data_and_tables_change_in_one_migration(on: Kind) {
    let mut shop = Shop::filled(on).await;
    shop.then(|migration| {
        migration
            .run_sql(RunSql::same("UPDATE shop_review SET item_id = 2"))
            .undone_by(RunSql::same(""))
            .alter_column("shop_review", |column| column.text("text").max_length(300).default("none"))
            .run_rust(in_capitals)
            .undone_by_rust(async |_| Ok(()))
            .add_column("shop_item", |column| column.integer("stock").fill_with(0))
    })
    .await;
    assert_eq!(shop.texts("shop_review", "item_id").await, ["2", "2"]);
    shop.back().await;
}

async fn everything_at_once_and_back_to_nothing(on: Kind) {
    let mut shop = Shop::filled(on).await;
    shop.then(|migration| {
        migration
            .rename_table("shop_item", "shop_thing", "Thing")
            .rename_column("shop_thing", "name", "title")
            .add_column("shop_thing", |column| column.text("slug").max_length(20).fill_with("x"))
            .alter_column("shop_thing", |column| column.text("title").max_length(80).fill_with("untitled"))
            .drop_column("shop_thing", "sold")
            .add_unique("shop_thing", ["title", "slug"])
            .add_check("shop_thing", "has_title", "title <> ''")
            .create_table("shop_tag", |table| {
                table.big_auto("id");
                table.foreign_key("thing_id", table_of("shop", "shop_thing"));
            })
            .drop_table("shop_tag")
            .ordering("shop_thing", ["-title"])
    })
    .await;
    assert_eq!(shop.texts("shop_thing", "title").await, ["tea", "untitled", "pot"]);
    shop.back().await;
    assert_eq!(shop.texts("shop_item", "name").await, ["tea", "untitled", "pot"]);
    shop.back().await;
    assert!(!shop.takes("SELECT 1 FROM shop_item").await && !shop.takes("SELECT 1 FROM shop_review").await);
}
