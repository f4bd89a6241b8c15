//! What a foreign key points to: the site's users, or a table of a named app.

use crate::db::schema::{Kind, Table, Target};

/// The table that holds the site's users; what [`user`] stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserTable {
    /// The label of the app that the user model belongs to.
    pub app: &'static str,
    /// The model's name.
    pub model: &'static str,
    /// The table's name.
    pub table: &'static str,
    /// The column of the primary key.
    pub key: &'static str,
    /// The column of the name that people log in with.
    pub login: &'static str,
    /// What the primary key holds.
    pub kind: Kind,
}

impl UserTable {
    /// Whoever the users were before; their key is called `id`.
    pub(super) fn former(label: &'static str, table: &'static str, columns: &Table) -> Self {
        let (app, model) = label.split_once('.').unwrap_or(("", label));
        let kind = columns.column("id").map_or(Kind::BigInt, |key| key.kind);
        Self { app, model, table, key: "id", login: "", kind }
    }

    /// The tables of the users, of their groups, and of the permissions that are theirs alone.
    pub(super) fn tables(&self) -> [String; 3] {
        ["", "_groups", "_user_permissions"].map(|end| format!("{}{end}", self.table))
    }

    /// App and model, as in Django's `AUTH_USER_MODEL`: `accounts.User`.
    pub fn label(&self) -> String {
        format!("{}.{}", self.app, self.model)
    }
}

/// The site's user model, whichever it is.
pub fn user() -> Target {
    Target::User
}

/// The column `id` of a table of an app.
pub fn table_of(app: &str, table: &str) -> Target {
    key_of(app, table, "id")
}

/// A column of a table of an app.
pub fn key_of(app: &str, table: &str, column: &str) -> Target {
    Target::Table { app: app.to_owned(), table: table.to_owned(), column: column.to_owned() }
}
