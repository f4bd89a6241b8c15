//! What a column holds, by the name of its type.

use crate::db::schema::Kind;

/// The type of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Type {
    /// What it holds, or what is nearest to it.
    pub(super) kind: Kind,
    /// What the database calls it, if there is no kind for it.
    pub(super) own: Option<String>,
}

impl From<Kind> for Type {
    fn from(kind: Kind) -> Self {
        Self { kind, own: None }
    }
}

impl Type {
    /// The type of this name, as far as the databases mean the same by it.
    pub(super) fn named(name: &str) -> Self {
        let (words, length) = parse(name);
        exact(&words, length).map_or_else(|| Self::near(nearest(&words), name), Self::from)
    }

    /// A kind that is only near to the type of this name.
    pub(super) fn near(kind: Kind, name: &str) -> Self {
        let name = if name.trim().is_empty() { "no type" } else { name };
        Self { kind, own: Some(name.to_owned()) }
    }
}

/// `VARCHAR(150)` is `varchar` and 150, `timestamp(6) with time zone` has the words around its number.
fn parse(name: &str) -> (String, Option<u32>) {
    let name = name.to_lowercase();
    let (head, rest) = name.split_once('(').unwrap_or((&name, ""));
    let (inside, tail) = rest.split_once(')').unwrap_or((rest, ""));
    let words: Vec<_> = head.split_whitespace().chain(tail.split_whitespace()).collect();
    (words.join(" "), inside.split(',').next().and_then(|number| number.trim().parse().ok()))
}

fn exact(words: &str, length: Option<u32>) -> Option<Kind> {
    Some(match words {
        "bool" | "boolean" => Kind::Bool,
        "smallint" | "int2" | "tinyint" | "tinyint unsigned" => Kind::SmallInt,
        "integer" | "int" | "int4" | "mediumint" | "mediumint unsigned" | "smallint unsigned" => {
            Kind::Integer
        }
        "bigint" | "int8" | "integer unsigned" | "int unsigned" => Kind::BigInt,
        "double precision" | "double" | "real" | "float" | "float8" => Kind::Double,
        "varchar" | "character varying" | "nvarchar" | "char" | "character" | "nchar" => {
            length.map_or(Kind::Text, Kind::Char)
        }
        "text" | "tinytext" | "mediumtext" | "longtext" | "clob" => Kind::Text,
        "date" => Kind::Date,
        "datetime" | "timestamp" | "timestamp with time zone" => Kind::DateTime,
        "uuid" => Kind::Uuid,
        "json" | "jsonb" => Kind::Json,
        "blob" | "bytea" | "binary" | "varbinary" | "tinyblob" | "mediumblob" | "longblob" => Kind::Binary,
        _ => return None,
    })
}

fn nearest(words: &str) -> Kind {
    let has = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
    match words {
        "interval" | "point" => Kind::Text,
        _ if has(&["timestamp", "datetime"]) => Kind::DateTime,
        _ if has(&["char", "clob", "text"]) => Kind::Text,
        _ if has(&["int"]) => Kind::BigInt,
        _ if has(&["real", "floa", "doub", "decimal", "numeric", "money"]) => Kind::Double,
        _ if has(&["blob", "binary"]) => Kind::Binary,
        _ => Kind::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_known_by_its_words_and_its_length() {
        for (name, kind) in [
            ("VARCHAR (150)", Kind::Char(150)),
            ("character varying", Kind::Text),
            ("timestamp(6) with time zone", Kind::DateTime),
            ("int(11) unsigned", Kind::BigInt),
            ("DOUBLE PRECISION", Kind::Double),
        ] {
            assert_eq!(Type::named(name), kind.into(), "{name}");
        }
    }

    #[test]
    fn a_type_without_a_kind_is_near_to_one_and_keeps_its_name() {
        for (name, kind) in [
            ("decimal(10, 2)", Kind::Double),
            ("timestamp without time zone", Kind::DateTime),
            ("interval", Kind::Text),
            ("integer[]", Kind::BigInt),
            ("mood", Kind::Text),
        ] {
            assert_eq!(Type::named(name), Type { kind, own: Some(name.into()) });
        }
        assert_eq!(Type::named("").own.unwrap(), "no type");
    }
}
