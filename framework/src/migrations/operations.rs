//! What a migration does, as data.

use crate::db::Dialect;
use crate::db::schema::{ColumnDef, Table};

/// One change of the database's tables.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    /// Makes a table.
    CreateTable(Table),
    /// Drops a table.
    DropTable(String),
    /// Adds a column.
    AddColumn {
        /// The table's name.
        table: String,
        /// The new column.
        column: ColumnDef,
    },
    /// Drops a column.
    DropColumn {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
    },
    /// Changes a column by hand-written SQL.
    AlterColumn {
        /// The table's name.
        table: String,
        /// The column as it is afterwards.
        column: ColumnDef,
        /// What changes it.
        sql: RunSql,
    },
    /// Keeps a text column unique without regard to case.
    UniqueLower {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
    },
    /// Runs hand-written SQL.
    RunSql {
        /// What is run.
        forwards: RunSql,
        /// What undoes it.
        backwards: Option<RunSql>,
    },
}

/// SQL for each database, one statement or several; empty text does nothing.
///
/// ```
/// use nuages::migrations::RunSql;
///
/// let everywhere = RunSql::same("UPDATE blog_post SET title = 'Untitled' WHERE title = ''");
/// let one = RunSql { postgres: "CREATE EXTENSION citext", ..RunSql::default() };
/// assert_eq!(one.sqlite, "");
/// # let _ = everywhere;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunSql {
    /// For SQLite.
    pub sqlite: &'static str,
    /// For PostgreSQL.
    pub postgres: &'static str,
    /// For MySQL and MariaDB.
    pub mysql: &'static str,
}

impl RunSql {
    /// The same text for every database.
    pub const fn same(sql: &'static str) -> Self {
        Self { sqlite: sql, postgres: sql, mysql: sql }
    }

    pub(super) fn text_for(&self, dialect: Dialect) -> &'static str {
        match dialect {
            #[cfg(feature = "sqlite")]
            Dialect::Sqlite => self.sqlite,
            #[cfg(feature = "postgres")]
            Dialect::Postgres => self.postgres,
        }
    }
}
