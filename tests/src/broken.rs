//! A small shop, and what can be wrong with its migrations.

use nuages::migrations::RunSql;
use nuages::{App, Migration, Model, Project, Result, Settings};

/// Something to buy.
#[derive(Clone, Debug, Model)]
#[model(app = "shop")]
pub struct Item {
    /// The key.
    pub id: i64,
    /// The name.
    #[model(max_length = 50)]
    pub name: String,
}

/// Something to buy, at a price that is none.
#[derive(Clone, Debug, Model)]
#[model(app = "shop", table = "shop_item")]
pub struct PricedItem {
    /// The key.
    pub id: i64,
    /// The name.
    #[model(max_length = 50)]
    pub name: String,
    /// The price.
    #[model(default = "cheap")]
    pub price: i32,
}

/// Something of an app that is not there.
#[derive(Clone, Debug, Model)]
#[model(app = "cellar")]
pub struct Bottle {
    /// The key.
    pub id: i64,
}

/// The shop, whole or with the fault of this name.
///
/// # Panics
/// If there is no such fault.
pub fn project(settings: Result<Settings>, fault: &str) -> Project {
    let project = Project::new(settings);
    let then = |next: Migration| [history(), vec![next]].concat();
    match fault {
        "none" => project.app(app(history())),
        "edited" => project.app(app(vec![initial(), stock().drop_column("shop_item", "name")])),
        "missing" => project.app(app(vec![initial()])),
        "forked" => project.app(app(then(after("0001_initial", "0002_colour")))),
        "out of order" => project.app(app(out_of_order())),
        "two labels" => project.app(app(history())).app(App::new("shop")),
        "unknown app" => project.app(app(history()).model::<Bottle>()),
        "default in a model" => project.app(App::new("shop").model::<PricedItem>().migrations(history())),
        "default" => project.app(app(then(priced()))),
        "missing table" => project.app(app(then(Migration::new("0003_next").drop_table("shop_cart")))),
        "missing column" => {
            project.app(app(then(Migration::new("0003_next").drop_column("shop_item", "colour"))))
        }
        "missing dependency" => project.app(app(then(after("0002_stuck", "0003_next")))),
        "circle" => {
            let cellar = Migration::new("0001_initial").depends_on("shop", "0003_next");
            let next = Migration::new("0003_next").depends_on("cellar", "0001_initial");
            project.app(app(then(next))).app(App::new("cellar").migrations([cellar]))
        }
        "one way" => project.app(app([then(one_way()), vec![after("0003_one_way", "0004_colour")]].concat())),
        "breaks midway" => project.app(app(then(breaks_midway()))),
        "breaks at once" => project.app(app(then(breaks_at_once()))),
        other => panic!("there is no fault `{other}`"),
    }
}

fn app(migrations: Vec<Migration>) -> App {
    App::new("shop").model::<Item>().migrations(migrations)
}

fn history() -> Vec<Migration> {
    vec![initial(), stock()]
}

/// What is applied depends on what is not.
fn out_of_order() -> Vec<Migration> {
    let between = Migration::new("0001_between").depends_on("shop", "0001_initial");
    vec![initial(), between, stock().depends_on("shop", "0001_between")]
}

fn initial() -> Migration {
    Migration::new("0001_initial").create_table("shop_item", |table| {
        table.for_model("Item");
        table.big_auto("id");
        table.text("name").max_length(50);
    })
}

fn stock() -> Migration {
    let migration = Migration::new("0002_stock").depends_on("shop", "0001_initial");
    migration.create_table("shop_stock", |table| _ = table.big_auto("id"))
}

/// Adds a column, once another migration is applied.
fn after(before: &str, name: &str) -> Migration {
    let migration = Migration::new(name).depends_on("shop", before);
    migration.add_column("shop_item", |column| column.text("colour").null())
}

fn priced() -> Migration {
    let migration = Migration::new("0003_next");
    migration.add_column("shop_item", |column| column.integer("price").default("cheap"))
}

fn breaks_midway() -> Migration {
    let migration =
        Migration::new("0003_next").add_column("shop_item", |column| column.text("colour").null());
    let migration = migration.create_table("shop_box", |table| _ = table.big_auto("id"));
    let broken =
        migration.run_sql(RunSql::same("INSERT INTO shop_cart (id) VALUES (1)")).undone_by(RunSql::same(""));
    broken.add_index("shop_item", ["name"])
}

/// What is written before it fails can be taken back everywhere.
fn breaks_at_once() -> Migration {
    Migration::new("0003_next").run_rust(async |db| {
        db.execute_sql("INSERT INTO shop_item (name) VALUES ('half')").await?;
        db.execute_sql("INSERT INTO shop_cart (id) VALUES (1)").await
    })
}

fn one_way() -> Migration {
    Migration::new("0003_one_way").run_sql(RunSql::same("UPDATE shop_item SET name = 'new'"))
}
