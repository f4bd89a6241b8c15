//! What a migration does, as data.

use super::user::UserTable;
use crate::db::schema::{CheckConstraint, ColumnDef, DefaultValue, Index, Table};
use crate::db::{Database, Dialect};
use crate::error::Result;
use futures_util::future::BoxFuture;
use std::fmt;
use std::sync::Arc;

/// One change of the database's tables, or of what is in them.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    /// Makes a table.
    CreateTable(Table),
    /// Drops a table.
    DropTable(String),
    /// Gives a table and its model other names.
    RenameTable {
        /// The table's name.
        table: String,
        /// Its new name; the same if only the model is called otherwise.
        to: String,
        /// The model's new name.
        model: String,
    },
    /// Changes a table.
    Alter {
        /// The table's name.
        table: String,
        /// How.
        alteration: Alteration,
    },
    /// Moves the site's users from another table to that of the user model.
    SwapUser(SwapUser),
    /// Runs hand-written SQL.
    RunSql {
        /// What is run.
        forwards: RunSql,
        /// What undoes it.
        backwards: Option<RunSql>,
    },
    /// Runs a function of the migration's own.
    RunRust {
        /// What is run.
        forwards: RunRust,
        /// What undoes it.
        backwards: Option<RunRust>,
    },
}

/// The users that the site had before.
#[derive(Clone, Debug, PartialEq)]
pub struct SwapUser {
    /// Who they were.
    pub from: UserTable,
    /// The columns of their table.
    pub table: Table,
}

/// One change of a table that stays.
#[derive(Clone, Debug, PartialEq)]
pub enum Alteration {
    /// Adds a column.
    AddColumn {
        /// The new column.
        column: ColumnDef,
        /// What the rows that exist get, where the column has no default.
        fill: Option<DefaultValue>,
    },
    /// Drops a column, with the indexes and constraints that it is part of.
    DropColumn(String),
    /// Gives a column another name.
    RenameColumn {
        /// The column's name.
        column: String,
        /// Its new name.
        to: String,
    },
    /// Makes a column what it is described as.
    AlterColumn {
        /// The column as it is afterwards.
        column: ColumnDef,
        /// What rows that have NULL get, where it is no longer allowed.
        fill: Option<DefaultValue>,
    },
    /// Keeps the values of columns unique together.
    AddUnique(Vec<String>),
    /// No longer does.
    DropUnique(Vec<String>),
    /// Keeps a text column unique without regard to case.
    UniqueLower(String),
    /// Adds an index.
    AddIndex(Index),
    /// Drops an index.
    DropIndex(Index),
    /// Adds a condition that every row must meet.
    AddCheck(CheckConstraint),
    /// Drops the condition of this name.
    DropCheck(String),
    /// Says how the model's rows are ordered; the database learns nothing of it.
    Ordering(Vec<String>),
}

impl Alteration {
    /// The change of this table.
    pub fn of(self, table: impl Into<String>) -> Operation {
        Operation::Alter { table: table.into(), alteration: self }
    }

    /// The column that is added or altered, as it is afterwards.
    pub(super) fn column(&self) -> Option<&ColumnDef> {
        match self {
            Self::AddColumn { column, .. } | Self::AlterColumn { column, .. } => Some(column),
            _ => None,
        }
    }

    /// Whether SQLite may have to write the table anew for it.
    fn may_rebuild(&self) -> bool {
        !matches!(
            self,
            Self::RenameColumn { .. }
                | Self::UniqueLower(_)
                | Self::AddIndex(_)
                | Self::DropIndex(_)
                | Self::Ordering(_)
        )
    }
}

impl Operation {
    /// Whether SQLite may have to write a table anew for it, which it can only do while it checks no foreign keys.
    pub(super) fn may_rebuild(&self) -> bool {
        match self {
            Self::Alter { alteration, .. } => alteration.may_rebuild(),
            Self::SwapUser(_) => true,
            _ => false,
        }
    }
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
            #[cfg(feature = "mysql")]
            Dialect::MySql => self.mysql,
        }
    }
}

type Work = dyn Fn(Database) -> BoxFuture<'static, Result<()>> + Send + Sync;

/// A function that a migration runs, inside its transaction. It should say with its own SQL, or with a struct of its own,
/// what the tables are at this point: the site's models are already those of today.
#[derive(Clone)]
pub struct RunRust(Arc<Work>);

impl RunRust {
    pub(super) fn new<F>(work: impl Fn(Database) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        Self(Arc::new(move |db| Box::pin(work(db))))
    }

    pub(super) async fn run(&self, db: Database) -> Result<()> {
        (self.0)(db).await
    }
}

impl fmt::Debug for RunRust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RunRust")
    }
}

/// The same function, not one that does the same.
impl PartialEq for RunRust {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
