//! A row of an answer, whichever database gave it.

use super::Field;
use sqlx::ColumnIndex;
use std::cell::Cell;

/// A row that is being read: by column name, or column after column.
#[derive(Debug)]
pub struct Row<'r> {
    source: Source<'r>,
    next: Option<Cell<usize>>,
}

#[derive(Clone, Copy)]
pub(super) enum Source<'r> {
    #[cfg(feature = "sqlite")]
    Sqlite(&'r sqlx::sqlite::SqliteRow),
    #[cfg(feature = "postgres")]
    Postgres(&'r sqlx::postgres::PgRow),
    #[cfg(feature = "mysql")]
    MySql(&'r sqlx::mysql::MySqlRow),
}

impl std::fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a database row")
    }
}

/// Where in a row a value is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'n> {
    Index(usize),
    Name(&'n str),
}

impl<R: sqlx::Row> ColumnIndex<R> for Place<'_>
where
    usize: ColumnIndex<R>,
    for<'n> &'n str: ColumnIndex<R>,
{
    fn index(&self, row: &R) -> sqlx::Result<usize> {
        match self {
            Self::Index(index) => index.index(row),
            Self::Name(name) => name.index(row),
        }
    }
}

impl<'r> Row<'r> {
    /// A row of SQLite, read by name.
    #[cfg(feature = "sqlite")]
    pub fn sqlite(row: &'r sqlx::sqlite::SqliteRow) -> Self {
        Self { source: Source::Sqlite(row), next: None }
    }

    /// A row of PostgreSQL, read by name.
    #[cfg(feature = "postgres")]
    pub fn postgres(row: &'r sqlx::postgres::PgRow) -> Self {
        Self { source: Source::Postgres(row), next: None }
    }

    /// A row of MySQL or MariaDB, read by name.
    #[cfg(feature = "mysql")]
    pub fn mysql(row: &'r sqlx::mysql::MySqlRow) -> Self {
        Self { source: Source::MySql(row), next: None }
    }

    /// The same row, read column after column from this position on, whatever the columns are called.
    pub fn from(&self, position: usize) -> Row<'r> {
        Row { source: self.source, next: Some(Cell::new(position)) }
    }

    /// The value of the column of this name, or of the next column if the row is read in order.
    pub fn get<T: Field>(&self, name: &str) -> sqlx::Result<T> {
        T::read(self, name)
    }

    /// Where the next value is to be read; moves on by one when the row is read in order.
    pub(super) fn place<'n>(&self, name: &'n str) -> Place<'n> {
        match &self.next {
            Some(next) => Place::Index(next.replace(next.get() + 1)),
            None => Place::Name(name),
        }
    }

    pub(super) fn source(&self) -> Source<'r> {
        self.source
    }
}

/// Lets plain sqlx read a model: `sqlx::query_as::<_, Post>("SELECT …")`.
#[doc(hidden)]
#[macro_export]
macro_rules! __sqlx_rows {
    ($model:ty) => {
        $crate::__sqlite_rows!($model);
        $crate::__postgres_rows!($model);
        $crate::__mysql_rows!($model);
    };
}

/// For the rows of one database.
#[doc(hidden)]
#[macro_export]
macro_rules! __from_row {
    ($model:ty, $database:ident, $row:ident) => {
        impl<'r> $crate::sqlx::FromRow<'r, $crate::sqlx::$database::$row> for $model {
            fn from_row(row: &'r $crate::sqlx::$database::$row) -> $crate::sqlx::Result<Self> {
                $crate::db::Fields::read(&$crate::db::Row::$database(row))
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
#[cfg(feature = "sqlite")]
macro_rules! __sqlite_rows {
    ($model:ty) => {
        $crate::__from_row!($model, sqlite, SqliteRow);
    };
}

#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "sqlite"))]
macro_rules! __sqlite_rows {
    ($model:ty) => {};
}

#[doc(hidden)]
#[macro_export]
#[cfg(feature = "postgres")]
macro_rules! __postgres_rows {
    ($model:ty) => {
        $crate::__from_row!($model, postgres, PgRow);
    };
}

#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "postgres"))]
macro_rules! __postgres_rows {
    ($model:ty) => {};
}

#[doc(hidden)]
#[macro_export]
#[cfg(feature = "mysql")]
macro_rules! __mysql_rows {
    ($model:ty) => {
        $crate::__from_row!($model, mysql, MySqlRow);
    };
}

#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "mysql"))]
macro_rules! __mysql_rows {
    ($model:ty) => {};
}
