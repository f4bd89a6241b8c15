//! What a foreign key points to: the site's users, or a table of a named app.

use crate::db::schema::{Kind, Target};

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
