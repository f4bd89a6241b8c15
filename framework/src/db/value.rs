//! Values of columns of which no more than the kind is known.

use super::schema::Kind;
use super::{Field, Row, Value};
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

/// Gives a name to the type of a kind.
macro_rules! with_type {
    ($kind:expr, $type:ident => $body:expr) => {
        match $kind {
            Kind::Bool => {
                type $type = bool;
                $body
            }
            Kind::SmallInt => {
                type $type = i16;
                $body
            }
            Kind::Integer => {
                type $type = i32;
                $body
            }
            Kind::BigInt => {
                type $type = i64;
                $body
            }
            Kind::Double => {
                type $type = f64;
                $body
            }
            Kind::Char(_) | Kind::Text => {
                type $type = String;
                $body
            }
            Kind::Date => {
                type $type = NaiveDate;
                $body
            }
            Kind::DateTime => {
                type $type = DateTime<Utc>;
                $body
            }
            Kind::Uuid => {
                type $type = Uuid;
                $body
            }
            Kind::Json => {
                type $type = serde_json::Value;
                $body
            }
            Kind::Binary => {
                type $type = Vec<u8>;
                $body
            }
        }
    };
}

impl Kind {
    /// The value of a column of this kind.
    pub(crate) fn read(self, row: &Row<'_>, name: &str) -> sqlx::Result<Value> {
        with_type!(self, T => Ok(row.get::<Option<T>>(name)?.value()))
    }

    /// NULL in a column of this kind.
    pub(crate) fn null(self) -> Value {
        with_type!(self, T => <T as Field>::null())
    }
}
