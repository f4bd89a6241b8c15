//! A statement that sea-query builds, and whether it writes.

use super::Dialect;
use sea_query::{
    DeleteStatement, InsertStatement, QueryStatementWriter, SelectStatement, UpdateStatement, Values,
};

/// SQL text with its values.
pub(super) struct Built {
    pub(super) sql: String,
    pub(super) values: Values,
}

/// A statement of sea-query: select, insert, update or delete.
pub trait Statement: sealed::Build + Send + Sync {
    /// Whether it changes rows; on SQLite it then goes to the one connection that writes.
    const WRITES: bool;
}

pub(super) mod sealed {
    use super::{Built, Dialect};

    /// Builds the text for one database.
    pub trait Build {
        #[allow(private_interfaces, reason = "only this room calls it")]
        fn build_for(&self, dialect: Dialect) -> Built;
    }
}

macro_rules! statement {
    ($type:ty, $writes:literal) => {
        impl Statement for $type {
            const WRITES: bool = $writes;
        }

        impl sealed::Build for $type {
            #[allow(private_interfaces, reason = "only this room calls it")]
            fn build_for(&self, dialect: Dialect) -> Built {
                dialect.build(self)
            }
        }
    };
}

statement!(SelectStatement, false);
statement!(InsertStatement, true);
statement!(UpdateStatement, true);
statement!(DeleteStatement, true);

impl Dialect {
    fn build(self, statement: &impl QueryStatementWriter) -> Built {
        let (sql, values) = match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => statement.build(sea_query::SqliteQueryBuilder),
            #[cfg(feature = "postgres")]
            Self::Postgres => statement.build(sea_query::PostgresQueryBuilder),
        };
        Built { sql, values: self.adapt(values) }
    }

    /// Puts values into the form in which Django writes them to this database.
    fn adapt(self, values: Values) -> Values {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => Values(values.0.into_iter().map(as_sqlite_text).collect()),
            #[cfg(feature = "postgres")]
            Self::Postgres => values,
        }
    }
}

/// SQLite compares datetimes as text, so all must have Django's form: a space, no zone, UTC.
/// A UUID is 32 hexadecimal digits, as in Django's `char(32)`.
#[cfg(feature = "sqlite")]
fn as_sqlite_text(value: sea_query::Value) -> sea_query::Value {
    use sea_query::Value;
    match value {
        Value::ChronoDateTimeUtc(moment) => Value::String(moment.map(datetime_text)),
        Value::Uuid(uuid) => Value::String(uuid.map(|uuid| uuid.simple().to_string())),
        other => other,
    }
}

#[cfg(feature = "sqlite")]
fn datetime_text(moment: chrono::DateTime<chrono::Utc>) -> String {
    let form = if moment.timestamp_subsec_micros() == 0 { "%F %T" } else { "%F %T%.6f" };
    moment.format(form).to_string()
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;
    use chrono::{TimeZone, Utc};

    #[test]
    fn a_datetime_is_written_as_django_writes_it() {
        let whole = Utc.with_ymd_and_hms(2030, 1, 2, 3, 4, 5).single().unwrap();
        assert_eq!(datetime_text(whole), "2030-01-02 03:04:05");
        assert_eq!(datetime_text(whole + chrono::Duration::microseconds(70)), "2030-01-02 03:04:05.000070");
    }
}
