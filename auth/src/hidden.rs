//! Texts of the database that no log and no page may show.

/// Makes a type around a text, whose column has so many letters at most, one that prints nothing, serialises as nothing, and is left out where
/// a model serialises.
macro_rules! hidden_text {
    ($hidden:ident, $length:expr) => {
        impl std::fmt::Debug for $hidden {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("[redacted]")
            }
        }

        impl serde::Serialize for $hidden {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_unit()
            }
        }

        impl nuages::db::Field for $hidden {
            type Inner = String;
            type Stored = Self;
            const KIND: nuages::db::schema::Kind = nuages::db::schema::Kind::Char($length);
            const HIDDEN: bool = true;

            fn value(&self) -> nuages::db::Value {
                self.0.value()
            }
            fn null() -> nuages::db::Value {
                String::null()
            }
            fn read(row: &nuages::db::Row<'_>, name: &str) -> nuages::sqlx::Result<Self> {
                Ok(Self(String::read(row, name)?))
            }
        }
    };
}
pub(crate) use hidden_text;
