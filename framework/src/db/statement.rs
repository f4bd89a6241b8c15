//! A statement that sea-query builds, and whether it writes.

use super::Dialect;
use sea_query::{
    DeleteStatement, InsertStatement, QueryStatementWriter, SelectStatement, UpdateStatement, Value, Values,
};
#[cfg(feature = "postgres")]
use std::fmt::Write;
use std::sync::Arc;

/// SQL text with its values.
pub(super) struct Built {
    pub(super) sql: String,
    pub(super) values: Values,
    /// Whether the first row is all that is wanted. Never of a statement that writes: SQLite checks foreign keys after it.
    pub(super) first: bool,
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

/// A select whose text was built before; only its values are new.
pub(crate) struct Prepared {
    text: Arc<str>,
    values: Vec<Value>,
}

impl Prepared {
    /// The text of a select, with places for its values.
    pub(crate) fn text(select: &SelectStatement, dialect: Dialect) -> Arc<str> {
        dialect.build(select).sql.into()
    }

    /// The select of this text with these values, in the order of their places.
    pub(crate) fn new(text: Arc<str>, values: Vec<Value>) -> Self {
        Self { text, values }
    }
}

impl Statement for Prepared {
    const WRITES: bool = false;
}

impl sealed::Build for Prepared {
    #[allow(private_interfaces, reason = "only this room calls it")]
    fn build_for(&self, dialect: Dialect) -> Built {
        let values = dialect.adapt(Values(self.values.clone()));
        Built { sql: self.text.to_string(), values, first: false }
    }
}

/// A name in the quotes that every database understands.
pub(crate) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The most rows that a database can count.
pub(super) const MOST: u64 = i64::MAX.unsigned_abs();

/// A select and how many of its rows are wanted. The limit stands in the text: SQLite plans a statement anew each time
/// a value is bound to its LIMIT.
pub(super) struct Limited {
    pub(super) select: SelectStatement,
    pub(super) limit: Option<u64>,
    pub(super) offset: Option<u64>,
    /// The table whose rows are held against other writers until the transaction ends.
    pub(super) holds: Option<&'static str>,
}

impl Statement for Limited {
    const WRITES: bool = false;
}

impl sealed::Build for Limited {
    #[allow(private_interfaces, reason = "only this room calls it")]
    fn build_for(&self, dialect: Dialect) -> Built {
        let mut built = dialect.build(&self.select);
        // SQLite knows no OFFSET without a LIMIT.
        let limit = self.limit.map(|rows| rows.min(MOST)).or(self.offset.map(|_| MOST));
        built.sql.extend(limit.map(|rows| format!(" LIMIT {rows}")));
        if let Some(rows) = self.offset {
            built.values.0.push(i64::try_from(rows).unwrap_or(i64::MAX).into());
            built.sql.push_str(" OFFSET ");
            dialect.write_placeholder(&mut built.sql, built.values.0.len());
        }
        built.sql.extend(self.holds.and_then(|table| dialect.hold(table)));
        built
    }
}

/// How the database would go about a select.
pub(super) struct Explained(pub(super) Limited);

impl Statement for Explained {
    const WRITES: bool = false;
}

impl sealed::Build for Explained {
    #[allow(private_interfaces, reason = "only this room calls it")]
    fn build_for(&self, dialect: Dialect) -> Built {
        let built = self.0.build_for(dialect);
        Built { sql: format!("{} {}", dialect.explain(), built.sql), ..built }
    }
}

impl Dialect {
    /// Holds the rows of this table, on MySQL those that are joined too; a transaction of SQLite holds everything anyway.
    #[allow(unreachable_patterns, reason = "each database is left out in some build")]
    fn hold(
        self,
        #[cfg_attr(not(feature = "postgres"), expect(unused_variables))] table: &str,
    ) -> Option<String> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => None,
            #[cfg(feature = "postgres")]
            Self::Postgres => Some(format!(r#" FOR UPDATE OF "{table}""#)),
            _ => Some(" FOR UPDATE".into()),
        }
    }

    fn explain(self) -> &'static str {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => "EXPLAIN QUERY PLAN",
            #[cfg(feature = "postgres")]
            Self::Postgres => "EXPLAIN",
            #[cfg(feature = "mysql")]
            Self::MySql => "EXPLAIN FORMAT=JSON",
        }
    }

    /// Which column of the answer to `EXPLAIN` says something.
    #[allow(unreachable_patterns, reason = "each database is left out in some build")]
    pub(super) fn plan_position(self) -> usize {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => 3,
            _ => 0,
        }
    }

    /// The place of the value of this number in a statement's text.
    #[allow(unreachable_patterns, reason = "each database is left out in some build")]
    pub(super) fn write_placeholder(
        self,
        sql: &mut String,
        #[cfg_attr(not(feature = "postgres"), expect(unused_variables))] number: usize,
    ) {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres => {
                // A `String` takes whatever is written to it.
                let _ = write!(sql, "${number}");
            }
            _ => sql.push('?'),
        }
    }

    /// What stands for a value that the database makes itself.
    #[allow(unreachable_patterns, reason = "each database is left out in some build")]
    pub(super) fn default_value(self) -> &'static str {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => "NULL",
            _ => "DEFAULT",
        }
    }

    fn build(self, statement: &impl QueryStatementWriter) -> Built {
        let (sql, values) = match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => statement.build(sea_query::SqliteQueryBuilder),
            #[cfg(feature = "postgres")]
            Self::Postgres => statement.build(sea_query::PostgresQueryBuilder),
            #[cfg(feature = "mysql")]
            Self::MySql => statement.build(sea_query::MysqlQueryBuilder),
        };
        Built { sql, values: self.adapt(values), first: false }
    }

    /// Puts values into the form in which Django writes them to this database.
    pub(super) fn adapt(self, values: Values) -> Values {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => Values(values.0.into_iter().map(as_sqlite_text).collect()),
            #[cfg(feature = "postgres")]
            Self::Postgres => values,
            #[cfg(feature = "mysql")]
            Self::MySql => Values(values.0.into_iter().map(as_mysql).collect()),
        }
    }
}

/// SQLite compares datetimes as text, so all must have Django's form: a space, no zone, UTC.
#[cfg(feature = "sqlite")]
fn as_sqlite_text(value: Value) -> Value {
    match value {
        Value::ChronoDateTimeUtc(moment) => Value::String(moment.map(super::datetime::text)),
        Value::Uuid(uuid) => uuid_text(uuid),
        other => other,
    }
}

/// `datetime` has no zone. A moment that was bound as such would be a `timestamp`, which ends in 2038.
#[cfg(feature = "mysql")]
fn as_mysql(value: Value) -> Value {
    match value {
        Value::ChronoDateTimeUtc(moment) => Value::ChronoDateTime(moment.map(|moment| moment.naive_utc())),
        Value::Uuid(uuid) => uuid_text(uuid),
        other => other,
    }
}

/// 32 hexadecimal digits, as in Django's `char(32)`.
#[cfg(any(feature = "sqlite", feature = "mysql"))]
fn uuid_text(uuid: Option<uuid::Uuid>) -> Value {
    Value::String(uuid.map(|uuid| uuid.simple().to_string()))
}

#[cfg(all(test, feature = "mysql"))]
mod mysql_tests {
    use super::*;

    #[test]
    fn moments_have_no_zone_and_uuids_are_digits() {
        let moment = chrono::DateTime::<chrono::Utc>::UNIX_EPOCH;
        let values = Values(vec![moment.into(), uuid::Uuid::nil().into()]);
        let expected = [moment.naive_utc().into(), Value::from("00000000000000000000000000000000")];
        assert_eq!(Dialect::MySql.adapt(values).0, expected);
    }
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::sealed::Build;
    use super::*;

    #[test]
    fn a_limit_stands_in_the_text_and_an_offset_is_bound() {
        let rows = |limit, offset| {
            let select = sea_query::Query::select().column("id").from("post").take();
            let built = Limited { select, limit, offset, holds: None }.build_for(Dialect::Sqlite);
            (built.sql, built.values.0.len())
        };
        assert_eq!(rows(Some(20), None), (r#"SELECT "id" FROM "post" LIMIT 20"#.to_owned(), 0));
        assert_eq!(rows(Some(20), Some(40)).0, r#"SELECT "id" FROM "post" LIMIT 20 OFFSET ?"#);
        let all_but_three = (r#"SELECT "id" FROM "post" LIMIT 9223372036854775807 OFFSET ?"#.to_owned(), 1);
        assert_eq!(rows(None, Some(3)), all_but_three);
    }
}
