//! The changes of a year: each is an edit of the models, and what is answered when `makemigrations` asks.

#![allow(unreachable_pub, reason = "a module of a test has no outside")]

/// One change of the models.
pub struct Change {
    /// What is replaced by what in `models.rs`.
    pub edits: &'static [(&'static str, &'static str)],
    /// What is typed at the terminal.
    pub answers: &'static str,
    /// What the migration says that it does.
    pub says: &'static [&'static str],
}

const fn change(
    edits: &'static [(&'static str, &'static str)],
    answers: &'static str,
    says: &'static [&'static str],
) -> Change {
    Change { edits, answers, says }
}

/// The models on the first day.
pub const FIRST_DAY: &str = r#"//! What the shop sells.

use nuages::{ForeignKey, ManyToMany, Model};
use nuages::chrono::{DateTime, NaiveDate, Utc};

/// Types that come and go.
pub type Unused = (Option<ForeignKey<Tag>>, ManyToMany<Tag>, DateTime<Utc>, NaiveDate);

/// A word about items.
#[derive(Clone, Debug, Model)]
#[model(app = "shop")]
pub struct Tag {
    pub id: i64,
    #[model(max_length = 50)]
    pub label: String,
}

/// Something to buy.
#[derive(Clone, Debug, Model)]
#[model(app = "shop")]
pub struct Item {
    pub id: i64,
    #[model(max_length = 50)]
    pub name: String,
    pub price: i32,
    // more
}
// end
"#;

const MORE: &str = "    // more\n";
const HEAD: &str = "#[model(app = \"shop\")]\npub struct Item {";

/// Every kind of change that there is, one after the other.
pub const YEAR: &[Change] = &[
    change(&[(MORE, "    pub note: Option<String>,\n    // more\n")], "", &["Adds `note` to `Item`."]),
    change(&[(MORE, "    #[model(default = 1)]\n    pub stock: i32,\n    // more\n")], "", &["Adds `stock`"]),
    change(
        &[(MORE, "    #[model(max_length = 20)]\n    pub unit: String,\n    // more\n")],
        "1\npiece\n",
        &["Adds `unit`"],
    ),
    change(
        &[("max_length = 50)]\n    pub name", "max_length = 200)]\n    pub name")],
        "",
        &["Alters `name`"],
    ),
    change(&[("    #[model(max_length = 200)]\n    pub name", "    pub name")], "", &["Alters `name`"]),
    change(&[("pub note: Option<String>", "pub note: String")], "1\nnone\n", &["Alters `note`"]),
    change(&[("pub note: String", "pub note: Option<String>")], "", &["Alters `note`"]),
    change(&[("pub stock: i32", "pub stock: i64")], "", &["Alters `stock`"]),
    change(&[("pub price: i32", "pub price: f64")], "", &["Alters `price`"]),
    change(&[("default = 1)", "default = 5)")], "", &["Alters `stock`"]),
    change(&[("    #[model(default = 5)]\n", "")], "", &["Alters `stock`"]),
    change(
        &[(MORE, "    #[model(max_length = 12, unique)]\n    pub code: Option<String>,\n    // more\n")],
        "",
        &["Adds `code`"],
    ),
    change(&[("max_length = 12, unique", "max_length = 12, index")], "", &["Alters `code`"]),
    change(&[("max_length = 12, index", "max_length = 12")], "", &["Alters `code`"]),
    change(&[(MORE, "    pub tag: Option<ForeignKey<Tag>>,\n    // more\n")], "", &["Adds `tag`"]),
    change(
        &[("    pub tag: Option", "    #[model(on_delete = \"set_null\")]\n    pub tag: Option")],
        "",
        &["Alters `tag`"],
    ),
    change(
        &[(
            "    #[model(on_delete = \"set_null\")]\n    pub tag: Option<ForeignKey<Tag>>,",
            "    pub tag: ForeignKey<Tag>,",
        )],
        "1\n1\n",
        &["Alters `tag`"],
    ),
    change(
        &[(HEAD, "#[model(app = \"shop\", unique_together(\"unit\", \"code\"))]\npub struct Item {")],
        "",
        &["unique together"],
    ),
    change(
        &[("\"code\"))]\npub", "\"code\"), index(\"price\", \"-stock\"))]\npub")],
        "",
        &["Adds an index on"],
    ),
    change(
        &[("\"-stock\"))]\npub", "\"-stock\"), check(stock_is_counted = \"stock >= 0\"))]\npub")],
        "",
        &["Adds the check `stock_is_counted`"],
    ),
    change(
        &[("stock >= 0", "stock > -10")],
        "",
        &["Drops the check `stock_is_counted`", "Adds the check `stock_is_counted`"],
    ),
    change(&[("stock > -10\"))]", "stock > -10\"), ordering = \"-price, id\")]")], "", &["Orders `Item` by"]),
    change(
        &[
            ("pub unit: String", "pub measure: String"),
            ("unique_together(\"unit\"", "unique_together(\"measure\""),
        ],
        "y\n",
        &["Renames `unit` of `Item` to `measure`."],
    ),
    change(
        &[
            ("pub struct Tag {", "pub struct Label {"),
            ("pub tag: ForeignKey<Tag>", "pub tag: ForeignKey<Label>"),
            ("Option<ForeignKey<Tag>>, ManyToMany<Tag>", "Option<ForeignKey<Label>>, ManyToMany<Label>"),
        ],
        "y\n",
        &["Renames `Tag` to `Label`."],
    ),
    change(&[(MORE, "    pub labels: ManyToMany<Label>,\n    // more\n")], "", &["Makes `Item_labels`."]),
    change(
        &[(
            "// end\n",
            "/// What someone says of an item.\n#[derive(Clone, Debug, Model)]\n#[model(app = \"shop\")]\npub struct Review {\n    pub id: i64,\n    pub item: ForeignKey<Item>,\n    pub text: String,\n}\n// end\n",
        )],
        "",
        &["Makes `Review`."],
    ),
    change(
        &[(MORE, "    #[model(default = false)]\n    pub sold: bool,\n    // more\n")],
        "",
        &["Adds `sold`"],
    ),
    change(
        &[(MORE, "    #[model(auto_now_add)]\n    pub added_at: DateTime<Utc>,\n    // more\n")],
        "1\nnow\n",
        &["Adds `added_at`"],
    ),
    change(&[(MORE, "    pub until: Option<NaiveDate>,\n    // more\n")], "", &["Adds `until`"]),
    change(&[("    pub note: Option<String>,\n", "")], "", &["Removes `note` from `Item`."]),
    change(&[("    pub labels: ManyToMany<Label>,\n", "")], "", &["Drops `Item_labels`"]),
    change(&[("    pub item: ForeignKey<Item>,\n", "")], "", &["Removes `item_id` from `Review`."]),
    change(
        &[(
            "\"shop\", unique_together(\"measure\", \"code\"), index(\"price\", \"-stock\"), check(stock_is_counted = \"stock > -10\")",
            "\"shop\"",
        )],
        "",
        &["Drops the check", "No longer keeps", "Drops the index"],
    ),
];
