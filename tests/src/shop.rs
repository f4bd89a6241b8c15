//! The small site with a shop: keys of every kind, rows that point to rows of their own table, many-to-many fields.

use crate::kind::Kind;
use crate::site;
use nuages::db::schema::{ColumnDef, Kind as Holds, OnDelete, Reference, Table, Target};
use nuages::migrations::table_of;
use nuages::uuid::Uuid;
use nuages::{App, ForeignKey, Migration, Model, Project};

/// A part of the shop, which may be part of another.
#[derive(Clone, Debug, Default, Model)]
#[model(app = "shop")]
pub struct Section {
    /// The key.
    pub id: i64,
    /// What stands above it.
    #[model(max_length = 50, unique)]
    pub name: String,
    /// The section around it.
    pub parent: Option<ForeignKey<Section>>,
}

/// Something that is for sale.
#[derive(Clone, Debug, Model)]
#[model(app = "shop")]
pub struct Item {
    /// The key, which no database counts up.
    #[model(max_length = 20, primary_key)]
    pub code: String,
    /// Where it lies.
    pub section: ForeignKey<Section>,
    /// How many there are.
    #[model(default = 1)]
    pub stock: i32,
}

/// Something that was sold.
#[derive(Clone, Debug, Model)]
#[model(app = "shop")]
pub struct Sale {
    /// The key.
    pub id: Uuid,
    /// What it was.
    pub item: ForeignKey<Item>,
}

/// `sections` and `related` of an item.
pub fn tables_between() -> [Table; 2] {
    let id = || ColumnDef { primary_key: true, auto: true, ..ColumnDef::new("id", Holds::BigInt) };
    let to = |name: &str, table: &str, key: &str, kind| {
        let target = Target::Table { app: "shop".into(), table: table.into(), column: key.into() };
        let references = Some(Reference { target, on_delete: OnDelete::Cascade });
        ColumnDef { references, ..ColumnDef::new(name, kind) }
    };
    let item = |name| to(name, "shop_item", "code", Holds::Text);
    let between = |name: &str, columns: Vec<ColumnDef>| Table {
        unique_together: vec![columns[1..].iter().map(|column| column.name.clone()).collect()],
        columns,
        ..Table::new("shop", format!("Item_{name}"), format!("shop_item_{name}"))
    };
    [
        between(
            "sections",
            vec![id(), item("item_id"), to("section_id", "shop_section", "id", Holds::BigInt)],
        ),
        between("related", vec![id(), item("from_item_id"), item("to_item_id")]),
    ]
}

fn migration() -> Migration {
    let key = || nuages::migrations::key_of("shop", "shop_item", "code");
    Migration::new("0001_initial")
        .create_table("shop_section", |table| {
            table.for_model("Section");
            table.big_auto("id");
            table.text("name").max_length(50).unique();
            table.foreign_key("parent_id", table_of("shop", "shop_section")).null();
        })
        .create_table("shop_item", |table| {
            table.for_model("Item");
            table.text("code").max_length(20).primary_key();
            table.foreign_key("section_id", table_of("shop", "shop_section"));
            table.integer("stock").default(1);
        })
        .create_table("shop_sale", |table| {
            table.for_model("Sale");
            table.uuid("id").primary_key();
            table.foreign_key("item_id", key());
        })
        .create_table("shop_item_sections", |table| {
            table.for_model("Item_sections");
            table.big_auto("id");
            table.foreign_key("item_id", key());
            table.foreign_key("section_id", table_of("shop", "shop_section"));
            table.unique_together(["item_id", "section_id"]);
        })
        .create_table("shop_item_related", |table| {
            table.for_model("Item_related");
            table.big_auto("id");
            table.foreign_key("from_item_id", key());
            table.foreign_key("to_item_id", key());
            table.unique_together(["from_item_id", "to_item_id"]);
        })
}

fn app() -> App {
    let app = App::new("shop").model::<Section>().model::<Item>().model::<Sale>().migrations([migration()]);
    tables_between().into_iter().fold(app, App::table)
}

/// The site in debug.
pub fn project(on: Kind) -> Project {
    site::project(on).app(app())
}

/// The site with the settings that the environment has: for a real process.
pub fn from_env() -> Project {
    site::from_env().app(app())
}
