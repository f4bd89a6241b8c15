//! The small site with a shop: keys of every kind, rows that point to rows of their own table, many-to-many fields.

use crate::kind::Kind;
use crate::site;
use nuages::db::ManyToMany;
use nuages::migrations::{key_of, table_of};
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
    /// Where else it lies.
    pub sections: ManyToMany<Section>,
    /// What people buy with it.
    pub related: ManyToMany<Item>,
}

impl Item {
    /// An item that is not saved yet.
    pub fn new(code: &str, section: &Section) -> Self {
        Self {
            code: code.to_owned(),
            section: ForeignKey::to(section),
            stock: 7,
            sections: ManyToMany::default(),
            related: ManyToMany::default(),
        }
    }
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

fn migration() -> Migration {
    let key = || key_of("shop", "shop_item", "code");
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
    App::new("shop").model::<Section>().model::<Item>().model::<Sale>().migrations([migration()])
}

/// The site in debug.
pub fn project(on: Kind) -> Project {
    site::project(on).app(app())
}

/// The site with the settings that the environment has: for a real process.
pub fn from_env() -> Project {
    site::from_env().app(app())
}
