//! Groups and permissions: Django's tables, column for column.

use crate::AbstractUser;
use nuages::db::schema::{ColumnDef, Kind, OnDelete, Reference, Table, Target};
use nuages::db::{Field, ForeignKey, Model};

/// A model, as permissions name it.
#[derive(Clone, Debug, nuages::Model)]
#[model(app = "auth", table = "django_content_type", unique_together("app_label", "model"))]
pub struct ContentType {
    /// The primary key.
    pub id: i32,
    /// The app's label.
    #[model(max_length = 100)]
    pub app_label: String,
    /// The model's name in lower case.
    #[model(max_length = 100)]
    pub model: String,
}

/// Something that a user may be allowed to do.
#[derive(Clone, Debug, nuages::Model)]
#[model(app = "auth", unique_together("content_type_id", "codename"))]
pub struct Permission {
    /// The primary key.
    pub id: i32,
    /// What people read: `Can add post`.
    #[model(max_length = 255)]
    pub name: String,
    /// The model that it is about.
    pub content_type: ForeignKey<ContentType>,
    /// What programs ask for: `add_post`.
    #[model(max_length = 100)]
    pub codename: String,
}

/// Users with permissions in common.
#[derive(Clone, Debug, nuages::Model)]
#[model(app = "auth")]
pub struct Group {
    /// The primary key.
    pub id: i32,
    /// What it is called.
    #[model(max_length = 150, unique)]
    pub name: String,
}

/// The table between groups and their permissions.
pub(crate) fn group_permissions() -> Table {
    between(
        Table::new("auth", "Group_permissions", "auth_group_permissions"),
        column("group_id", Group::table(), Kind::Integer),
        column("permission_id", Permission::table(), Kind::Integer),
    )
}

/// The table between the site's users and their groups.
pub(crate) fn user_groups<U: AbstractUser>() -> Table {
    let name = format!("{}_groups", U::TABLE);
    let table = Table::new(U::APP, format!("{}_groups", U::NAME), name);
    between(
        table,
        column("user_id", U::table(), U::Key::KIND),
        column("group_id", Group::table(), Kind::Integer),
    )
}

/// The table between the site's users and the permissions that are theirs alone.
pub(crate) fn user_permissions<U: AbstractUser>() -> Table {
    let name = format!("{}_user_permissions", U::TABLE);
    let table = Table::new(U::APP, format!("{}_user_permissions", U::NAME), name);
    let permission = column("permission_id", Permission::table(), Kind::Integer);
    between(table, column("user_id", U::table(), U::Key::KIND), permission)
}

fn between(mut table: Table, one: ColumnDef, other: ColumnDef) -> Table {
    let id = ColumnDef { primary_key: true, auto: true, ..ColumnDef::new("id", Kind::BigInt) };
    table.unique_together = vec![vec![one.name.clone(), other.name.clone()]];
    table.columns = vec![id, one, other];
    table
}

fn column(name: &str, target: Table, kind: Kind) -> ColumnDef {
    let target = Target::Table { app: target.app, table: target.name, column: "id".into() };
    let references = Some(Reference { target, on_delete: OnDelete::Cascade });
    ColumnDef { references, ..ColumnDef::new(name, kind) }
}
