//! What is unique, indexed, checked and pointed to comes with a migration, and goes again.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::migrations::{OnDelete, table_of};
use nuages_tests::history::Shop;
use nuages_tests::kind::Kind;

nuages_tests::promises!(
    a_unique_column_refuses_twins_until_it_is_no_longer_unique,
    unique_together_comes_and_goes,
    unique_in_any_case_comes_and_goes,
    an_index_comes_and_goes,
    a_check_is_kept_for_new_rows_and_refused_by_old_ones,
    a_column_becomes_a_foreign_key_and_a_plain_one_again,
    what_happens_on_delete_can_change,
    a_key_gets_wider_and_those_that_point_to_it_too,
);

async fn a_unique_column_refuses_twins_until_it_is_no_longer_unique(on: Kind) {
    let mut shop = Shop::filled(on).await;
    shop.then(|migration| {
        migration.alter_column("shop_item", |column| column.text("name").max_length(50).null().unique())
    })
    .await;
    assert!(!shop.takes("INSERT INTO shop_item (name) VALUES ('tea')").await);
    assert!(shop.takes("INSERT INTO shop_item (price) VALUES (9)").await, "NULL is like no other");
    shop.back().await;
    shop.run("INSERT INTO shop_item (name) VALUES ('tea')").await;
    let twins = shop.attempt(|migration| migration.add_unique("shop_item", ["name"])).await;
    assert!(twins.is_err());
    assert_eq!(shop.count("shop_item").await, 5);
}

async fn unique_together_comes_and_goes(on: Kind) {
    let mut shop = Shop::filled(on).await;
    shop.then(|migration| migration.add_unique("shop_item", ["price", "name"])).await;
    assert!(!shop.takes("INSERT INTO shop_item (name, price) VALUES ('tea', 3)").await);
    assert!(shop.takes("INSERT INTO shop_item (name, price) VALUES ('tea', 4)").await);
    shop.then(|migration| migration.drop_unique("shop_item", ["price", "name"])).await;
    assert!(shop.takes("INSERT INTO shop_item (name, price) VALUES ('tea', 3)").await);
    shop.run("DELETE FROM shop_item WHERE id > 3").await;
    shop.back().await;
    assert!(!shop.takes("INSERT INTO shop_item (name, price) VALUES ('tea', 3)").await);
}

async fn unique_in_any_case_comes_and_goes(on: Kind) {
    let mut shop = Shop::filled(on).await;
    shop.then(|migration| migration.unique_lower("shop_item", "name")).await;
    assert!(!shop.takes("INSERT INTO shop_item (name) VALUES ('TEA')").await);
    shop.then(|migration| migration.alter_column("shop_item", |column| column.double("price").default(1.5)))
        .await;
    assert!(!shop.takes("INSERT INTO shop_item (name) VALUES ('TEA')").await);
    shop.back().await;
    shop.back().await;
    assert!(shop.takes("INSERT INTO shop_item (name) VALUES ('TEA')").await);
}

async fn an_index_comes_and_goes(on: Kind) {
    let mut shop = Shop::filled(on).await;
    for _ in 0..2 {
        shop.then(|migration| {
            migration
                .add_index("shop_item", ["price", "-name"])
                .add_named_index("shop_item", "by_name", ["name"])
                .alter_column("shop_item", |column| column.boolean("sold").default(false).index())
        })
        .await;
        shop.then(|migration| {
            migration
                .drop_index("shop_item", ["price", "-name"])
                .drop_named_index("shop_item", "by_name", ["name"])
                .alter_column("shop_item", |column| column.boolean("sold").default(false))
        })
        .await;
    }
    for _ in 0..4 {
        shop.back().await;
    }
    assert_eq!(shop.count("shop_item").await, 3);
}

async fn a_check_is_kept_for_new_rows_and_refused_by_old_ones(on: Kind) {
    let mut shop = Shop::filled(on).await;
    let refused = shop.attempt(|migration| migration.add_check("shop_item", "cheap", "price < 10")).await;
    assert!(refused.is_err());
    shop.then(|migration| migration.add_check("shop_item", "cheap", "price < 100")).await;
    assert!(!shop.takes("INSERT INTO shop_item (price) VALUES (100)").await);
    shop.then(|migration| migration.drop_check("shop_item", "cheap")).await;
    shop.run("INSERT INTO shop_item (price) VALUES (100)").await;
    shop.run("DELETE FROM shop_item WHERE price = 100").await;
    shop.back().await;
    assert!(!shop.takes("INSERT INTO shop_item (price) VALUES (100)").await);
}

async fn a_column_becomes_a_foreign_key_and_a_plain_one_again(on: Kind) {
    let mut shop = Shop::filled(on).await;
    shop.then(|migration| {
        migration.add_column("shop_review", |column| column.big_integer("other_id").null())
    })
    .await;
    shop.run("UPDATE shop_review SET other_id = 99").await;
    let dangling = shop
        .attempt(|migration| {
            migration.alter_column("shop_review", |column| {
                column
                    .foreign_key("other_id", table_of("shop", "shop_item"))
                    .null()
                    .on_delete(OnDelete::SetNull)
            })
        })
        .await;
    assert!(dangling.is_err(), "99 points nowhere");
    shop.run("UPDATE shop_review SET other_id = 2").await;
    shop.then(|migration| {
        migration.alter_column("shop_review", |column| {
            column.foreign_key("other_id", table_of("shop", "shop_item")).null().on_delete(OnDelete::SetNull)
        })
    })
    .await;
    assert!(!shop.takes("UPDATE shop_review SET other_id = 99").await);
    shop.run("DELETE FROM shop_item WHERE id = 2").await;
    assert_eq!(shop.texts("shop_review", "other_id").await, ["NULL"; 2]);
    shop.back().await;
    assert!(shop.takes("UPDATE shop_review SET other_id = 99").await);
}

async fn what_happens_on_delete_can_change(on: Kind) {
    let mut shop = Shop::filled(on).await;
    let item = || table_of("shop", "shop_item");
    shop.then(|migration| {
        migration.alter_column("shop_review", |column| {
            column.foreign_key("item_id", item()).on_delete(OnDelete::Protect)
        })
    })
    .await;
    assert!(!shop.takes("DELETE FROM shop_item WHERE id = 1").await);
    shop.then(|migration| {
        migration.alter_column("shop_review", |column| {
            column.foreign_key("item_id", item()).null().on_delete(OnDelete::SetNull)
        })
    })
    .await;
    shop.run("DELETE FROM shop_item WHERE id = 1").await;
    assert_eq!(shop.texts("shop_review", "item_id").await, ["NULL", "3"]);
    shop.run("DELETE FROM shop_review WHERE item_id IS NULL").await;
    shop.back().await;
    shop.back().await;
    shop.run("DELETE FROM shop_item WHERE id = 3").await;
    assert_eq!(shop.count("shop_review").await, 0);
}

async fn a_key_gets_wider_and_those_that_point_to_it_too(on: Kind) {
    let mut shop = Shop::with(on, |migration| {
        migration
            .create_table("shop_item", |table| {
                table.auto("id");
                table.text("name").max_length(9).unique();
            })
            .create_table("shop_review", |table| {
                table.auto("id");
                table.foreign_key("item_id", table_of("shop", "shop_item"));
                table.foreign_key("name", nuages::migrations::key_of("shop", "shop_item", "name"));
            })
    })
    .await;
    shop.run("INSERT INTO shop_item (name) VALUES ('tea')").await;
    shop.run("INSERT INTO shop_review (item_id, name) VALUES (1, 'tea')").await;
    shop.then(|migration| {
        migration
            .alter_column("shop_item", |column| column.big_auto("id"))
            .alter_column("shop_item", |column| column.text("name").max_length(90).unique())
    })
    .await;
    shop.run("INSERT INTO shop_item (id, name) VALUES (5000000000, 'a much longer name')").await;
    shop.run("INSERT INTO shop_review (item_id, name) VALUES (5000000000, 'a much longer name')").await;
    assert!(!shop.takes("INSERT INTO shop_review (item_id, name) VALUES (7, 'tea')").await);
    shop.run("DELETE FROM shop_item WHERE id > 1").await;
    assert_eq!(shop.count("shop_review").await, 1);
    shop.back().await;
    assert_eq!(shop.texts("shop_review", "name").await, ["tea"]);
}
