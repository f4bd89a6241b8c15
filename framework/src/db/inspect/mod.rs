//! The tables of a database as it tells of them itself, whoever has made them.
//!
//! ```no_run
//! # async fn run(db: nuages::Database) -> nuages::Result<()> {
//! let users = nuages::db::inspect::table(&db, "auth_user").await?;
//! let adoptable = users.is_some_and(|users| users.column("password").is_some());
//! # Ok(()) }
//! ```

mod calls;
mod facts;
mod literals;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;
mod types;

use super::schema::Table;
use super::{Database, Dialect, Prepared, Row, Value};
use crate::error::Result;

/// A table, and what of it has no word in a [`Table`].
#[derive(Clone, Debug, PartialEq)]
pub struct Inspected {
    /// The table. It names neither app nor model, which a database does not know, nor do its foreign keys. A foreign key
    /// that names no action protects the row it points to.
    pub table: Table,
    /// Columns of a type for which there is no [`Kind`](super::schema::Kind), and what the database calls it; the
    /// column has the nearest kind.
    pub own_types: Vec<(String, String)>,
    /// Columns that the database computes; the table is without them.
    pub computed: Vec<String>,
}

/// The names of all tables in alphabetical order: no views, and nothing of the database's own.
pub async fn names(db: &Database) -> Result<Vec<String>> {
    match db.dialect() {
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite => sqlite::names(db).await,
        #[cfg(feature = "postgres")]
        Dialect::Postgres => postgres::names(db).await,
        #[cfg(feature = "mysql")]
        Dialect::MySql => mysql::names(db).await,
    }
}

/// All tables, in the order of their names.
pub async fn tables(db: &Database) -> Result<Vec<Table>> {
    let mut tables = Vec::new();
    for name in names(db).await? {
        tables.extend(table(db, &name).await?);
    }
    Ok(tables)
}

/// The table of this name, if there is one.
pub async fn table(db: &Database, name: &str) -> Result<Option<Table>> {
    Ok(inspect(db, name).await?.map(|inspected| inspected.table))
}

/// The table of this name with all that is known of it, if there is one.
pub async fn inspect(db: &Database, name: &str) -> Result<Option<Inspected>> {
    let facts = match db.dialect() {
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite => sqlite::facts(db, name).await?,
        #[cfg(feature = "postgres")]
        Dialect::Postgres => postgres::facts(db, name).await?,
        #[cfg(feature = "mysql")]
        Dialect::MySql => mysql::facts(db, name).await?,
    };
    Ok(facts.map(|facts| facts.inspected(name)))
}

/// Rows of a catalogue, by a query that is written for one database.
async fn look<T: Send>(
    db: &Database,
    sql: &'static str,
    values: &[&str],
    read: impl Fn(&Row<'_>) -> sqlx::Result<T> + Send,
) -> Result<Vec<T>> {
    let values = values.iter().map(|value| Value::from(*value)).collect();
    db.fetch_all(&Prepared::new(sql.into(), values), read).await
}
