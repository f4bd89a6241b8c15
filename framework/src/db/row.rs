//! A row of an answer, whichever database gave it.

use super::Field;
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
}

impl std::fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a database row")
    }
}

/// Where in a row a value is.
#[derive(Clone, Copy)]
pub(super) enum Place<'n> {
    Index(usize),
    Name(&'n str),
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
    };
}

#[doc(hidden)]
#[macro_export]
#[cfg(feature = "sqlite")]
macro_rules! __sqlite_rows {
    ($model:ty) => {
        impl<'r> $crate::sqlx::FromRow<'r, $crate::sqlx::sqlite::SqliteRow> for $model {
            fn from_row(row: &'r $crate::sqlx::sqlite::SqliteRow) -> $crate::sqlx::Result<Self> {
                $crate::db::Fields::read(&$crate::db::Row::sqlite(row))
            }
        }
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
        impl<'r> $crate::sqlx::FromRow<'r, $crate::sqlx::postgres::PgRow> for $model {
            fn from_row(row: &'r $crate::sqlx::postgres::PgRow) -> $crate::sqlx::Result<Self> {
                $crate::db::Fields::read(&$crate::db::Row::postgres(row))
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "postgres"))]
macro_rules! __postgres_rows {
    ($model:ty) => {};
}
