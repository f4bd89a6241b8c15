//! Types that a column can hold.

use super::Row;
use super::dialect::each;
use super::row::{Place, Source};
use super::schema::Kind;
use chrono::{DateTime, NaiveDate, Utc};
use sea_query::Value;
use sqlx::Row as _;
use uuid::Uuid;

/// A type that can be a field of a model.
///
/// Implemented for `bool`, `i16`, `i32`, `i64`, `f64`, `String`, `DateTime<Utc>`, `NaiveDate`, `Uuid`,
/// `serde_json::Value`, `Vec<u8>`, [`ForeignKey`](super::ForeignKey), and `Option` of each.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a database column",
    label = "not a column type",
    note = "use bool, i16, i32, i64, f64, String, DateTime<Utc>, NaiveDate, Uuid, serde_json::Value, Vec<u8>, ForeignKey<Model>, or an Option of one of these"
)]
pub trait Field: Sized + Send + Sync + 'static {
    /// The type that the column is compared with; for an `Option` that of its content, for a foreign key the key.
    type Inner: Field;
    /// What `values` answers: the type itself, for a foreign key the key.
    type Stored: Field;
    /// What the column holds.
    const KIND: Kind;
    /// Whether it may be NULL.
    const NULL: bool = false;
    /// Whether templates and `Serialize` leave it out.
    const HIDDEN: bool = false;

    /// The value to bind.
    fn value(&self) -> Value;
    /// The value that stands for NULL in a column of this type.
    fn null() -> Value;
    /// Reads it from a row; call [`Row::get`] instead.
    fn read(row: &Row<'_>, name: &str) -> sqlx::Result<Self>;
}

/// A type that can be a primary key.
pub trait Key:
    Field<Inner = Self, Stored = Self>
    + Clone
    + Eq
    + std::hash::Hash
    + std::fmt::Debug
    + std::fmt::Display
    + Default
    + Unpin
    + 'static
{
    /// Whether the database counts it up by itself.
    const AUTO: bool = false;
    /// Reads the text form, as it stands in a session or an address.
    fn parse(text: &str) -> Option<Self>;
    /// Whether this is the key of a row that was not saved yet.
    fn is_unset(&self) -> bool {
        *self == Self::default()
    }
    /// A key for a new row, if it is not the database that makes it.
    fn fresh() -> Option<Self> {
        None
    }
}

/// A type of numbers: what can be added up.
#[diagnostic::on_unimplemented(message = "`{Self}` is no number")]
pub trait Number: Field<Inner = Self> {
    /// What a sum of it is: `i64` for whole numbers.
    type Sum: Field;
}

macro_rules! numbers {
    ($($type:ty => $sum:ty;)*) => {$(
        impl Number for $type {
            type Sum = Option<$sum>;
        }
    )*};
}
numbers! {
    i16 => i64;
    i32 => i64;
    i64 => i64;
    f64 => f64;
}

/// A type with a least and a greatest value.
#[diagnostic::on_unimplemented(message = "`{Self}` has no order, so there is no least and no greatest")]
pub trait Ordered: Field<Inner = Self> {}

macro_rules! ordered {
    ($($type:ty),*) => {$(impl Ordered for $type {})*};
}
ordered!(i16, i32, i64, f64, String, DateTime<Utc>, NaiveDate);

/// Types that every database compiled in can read.
pub(super) trait Readable: ReadSqlite + ReadPostgres + ReadMySql {}
impl<T: ReadSqlite + ReadPostgres + ReadMySql> Readable for T {}

/// Types that one database can read; all, in a build without it.
macro_rules! read_by {
    ($feature:literal, $trait:ident, $driver:ty) => {
        #[cfg(feature = $feature)]
        pub(super) trait $trait: for<'r> sqlx::Decode<'r, $driver> + sqlx::Type<$driver> {}
        #[cfg(feature = $feature)]
        impl<T: for<'r> sqlx::Decode<'r, $driver> + sqlx::Type<$driver>> $trait for T {}
        #[cfg(not(feature = $feature))]
        pub(super) trait $trait {}
        #[cfg(not(feature = $feature))]
        impl<T> $trait for T {}
    };
}
read_by!("sqlite", ReadSqlite, sqlx::Sqlite);
read_by!("postgres", ReadPostgres, sqlx::Postgres);
read_by!("mysql", ReadMySql, sqlx::MySql);

fn read<T: Readable>(source: Source<'_>, place: Place<'_>) -> sqlx::Result<T> {
    each!(Source, source, row => row.try_get(place))
}

/// What stands between a column type and `Option` of it: how each is read.
trait Plain: Sized {
    fn read_optional(source: Source<'_>, place: Place<'_>) -> sqlx::Result<Option<Self>>;
}

macro_rules! plain {
    ($($type:ty),*) => {$(
        impl Plain for $type {
            fn read_optional(source: Source<'_>, place: Place<'_>) -> sqlx::Result<Option<Self>> {
                read(source, place)
            }
        }
    )*};
}
plain!(bool, f64, String, NaiveDate, serde_json::Value, Vec<u8>);

/// Whole numbers are read from a column of any width, since Django's keys are `integer` in old tables.
macro_rules! whole_number {
    ($($type:ty),*) => {$(
        impl Plain for $type {
            fn read_optional(source: Source<'_>, place: Place<'_>) -> sqlx::Result<Option<Self>> {
                let wide: Option<i64> = match source {
                    #[cfg(feature = "sqlite")]
                    Source::Sqlite(_) => read(source, place)?,
                    #[cfg(feature = "postgres")]
                    Source::Postgres(row) => read_postgres_integer(row, place)?,
                    #[cfg(feature = "mysql")]
                    Source::MySql(row) => read_mysql_integer(row, place)?,
                };
                wide.map(|number| number.try_into().map_err(|error| sqlx::Error::Decode(Box::new(error)))).transpose()
            }
        }
    )*};
}
whole_number!(i16, i32, i64);

#[cfg(feature = "postgres")]
fn read_postgres_integer(row: &sqlx::postgres::PgRow, place: Place<'_>) -> sqlx::Result<Option<i64>> {
    use sqlx::{Column, TypeInfo};
    let column = row.try_column(place)?;
    match column.type_info().name() {
        "INT2" => Ok(row.try_get::<Option<i16>, _>(column.ordinal())?.map(i64::from)),
        "INT4" => Ok(row.try_get::<Option<i32>, _>(column.ordinal())?.map(i64::from)),
        _ => row.try_get(column.ordinal()),
    }
}

/// Django's positive fields are unsigned on MySQL.
#[cfg(feature = "mysql")]
fn read_mysql_integer(row: &sqlx::mysql::MySqlRow, place: Place<'_>) -> sqlx::Result<Option<i64>> {
    use sqlx::{Column, TypeInfo};
    let column = row.try_column(place)?;
    if !column.type_info().name().ends_with("UNSIGNED") {
        return row.try_get(column.ordinal());
    }
    let wide = row.try_get::<Option<u64>, _>(column.ordinal())?;
    wide.map(|number| number.try_into().map_err(|error| sqlx::Error::Decode(Box::new(error)))).transpose()
}

impl Plain for DateTime<Utc> {
    #[allow(unreachable_patterns, reason = "each database is left out in some build")]
    fn read_optional(source: Source<'_>, place: Place<'_>) -> sqlx::Result<Option<Self>> {
        match source {
            #[cfg(feature = "sqlite")]
            Source::Sqlite(row) => match super::datetime::read(row, place)? {
                None => read(source, place),
                moment => Ok(moment),
            },
            _ => read(source, place),
        }
    }
}

impl Plain for Uuid {
    #[allow(unreachable_patterns, reason = "each database is left out in some build")]
    fn read_optional(source: Source<'_>, place: Place<'_>) -> sqlx::Result<Option<Self>> {
        match source {
            #[cfg(feature = "postgres")]
            Source::Postgres(_) => read(source, place),
            _ => {
                let text: Option<String> = read(source, place)?;
                text.map(|text| text.parse().map_err(|error| sqlx::Error::Decode(Box::new(error))))
                    .transpose()
            }
        }
    }
}

macro_rules! fields {
    ($($type:ty => $kind:expr, $variant:ident;)*) => {$(
        impl Field for $type {
            type Inner = Self;
            type Stored = Self;
            const KIND: Kind = $kind;
            fn value(&self) -> Value {
                self.clone().into()
            }
            fn null() -> Value {
                Value::$variant(None)
            }
            fn read(row: &Row<'_>, name: &str) -> sqlx::Result<Self> {
                let found = Self::read_optional(row.source(), row.place(name))?;
                found.ok_or_else(|| unexpected_null(name))
            }
        }

        impl Field for Option<$type> {
            type Inner = $type;
            type Stored = Self;
            const KIND: Kind = $kind;
            const NULL: bool = true;
            fn value(&self) -> Value {
                self.as_ref().map_or_else(Self::null, Field::value)
            }
            fn null() -> Value {
                Value::$variant(None)
            }
            fn read(row: &Row<'_>, name: &str) -> sqlx::Result<Self> {
                <$type>::read_optional(row.source(), row.place(name))
            }
        }
    )*};
}

fields! {
    bool => Kind::Bool, Bool;
    i16 => Kind::SmallInt, SmallInt;
    i32 => Kind::Integer, Int;
    i64 => Kind::BigInt, BigInt;
    f64 => Kind::Double, Double;
    String => Kind::Text, String;
    DateTime<Utc> => Kind::DateTime, ChronoDateTimeUtc;
    NaiveDate => Kind::Date, ChronoDate;
    Uuid => Kind::Uuid, Uuid;
    serde_json::Value => Kind::Json, Json;
    Vec<u8> => Kind::Binary, Bytes;
}

fn unexpected_null(name: &str) -> sqlx::Error {
    let text = format!("column `{name}` is NULL, but its field is not an Option");
    sqlx::Error::ColumnDecode { index: name.into(), source: text.into() }
}

macro_rules! number_keys {
    ($($type:ty),*) => {$(
        impl Key for $type {
            const AUTO: bool = true;
            fn parse(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        }
    )*};
}
number_keys!(i32, i64);

impl Key for Uuid {
    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
    fn fresh() -> Option<Self> {
        Some(Uuid::new_v4())
    }
}

impl Key for String {
    fn parse(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}
