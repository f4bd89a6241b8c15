//! Whether a default is one of the kind that its column holds.

use crate::db::schema::{ColumnDef, DefaultValue, Kind, Table};
use chrono::{DateTime, NaiveDate, NaiveDateTime};

/// Refuses a default that the database could not keep.
pub(super) fn check(table: &Table) -> Result<(), String> {
    let name = if table.model.is_empty() { &table.name } else { &table.model };
    let wrong = |column: &ColumnDef| wrong(column, column.default.as_ref()?);
    match table.columns.iter().find_map(|column| Some((column, wrong(column)?))) {
        Some((column, what)) => Err(format!("`{name}.{}` has the default {what}", column.name)),
        None => Ok(()),
    }
}

/// The value and why it cannot stand in the column, if it cannot. What a foreign key points to is not known here.
pub(super) fn wrong(column: &ColumnDef, value: &DefaultValue) -> Option<String> {
    let is_wrong = column.references.is_none() && !fits(value, column.kind);
    is_wrong.then(|| format!("{}, which is {}", shown(value), not(column.kind)))
}

/// The value that a text stands for in a column of this kind; the error says what is wrong with it.
///
/// `now`, or nothing at all, is the present moment where the column holds one.
pub(crate) fn parse(text: &str, kind: Kind) -> Result<DefaultValue, String> {
    let value = match kind {
        Kind::Bool => text.to_lowercase().parse().ok().map(DefaultValue::Bool),
        Kind::SmallInt | Kind::Integer | Kind::BigInt => text.parse().ok().map(DefaultValue::Int),
        Kind::Double => text.parse().ok().map(DefaultValue::Float),
        Kind::Date | Kind::DateTime if matches!(text, "" | "now") => Some(DefaultValue::Now),
        _ => Some(DefaultValue::Text(text.to_owned())),
    };
    value.filter(|value| fits(value, kind)).ok_or_else(|| format!("`{text}` is {}.", not(kind)))
}

/// Whether the value can stand in a column of this kind.
fn fits(value: &DefaultValue, kind: Kind) -> bool {
    match (value, kind) {
        (DefaultValue::Bool(_), Kind::Bool) => true,
        (DefaultValue::Int(value), Kind::SmallInt) => i16::try_from(*value).is_ok(),
        (DefaultValue::Int(value), Kind::Integer) => i32::try_from(*value).is_ok(),
        (DefaultValue::Int(_), Kind::BigInt | Kind::Double) => true,
        (DefaultValue::Float(value), Kind::Double) => value.is_finite(),
        (DefaultValue::Now, Kind::Date | Kind::DateTime) => true,
        (DefaultValue::Text(text), kind) => is_text_of(text, kind),
        _ => false,
    }
}

fn is_text_of(text: &str, kind: Kind) -> bool {
    match kind {
        Kind::Char(length) => text.chars().count() <= length as usize,
        Kind::Text => true,
        Kind::Date => text.parse::<NaiveDate>().is_ok(),
        Kind::DateTime => {
            let plain = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f");
            plain.is_ok() || DateTime::parse_from_rfc3339(text).is_ok()
        }
        Kind::Uuid => text.parse::<uuid::Uuid>().is_ok(),
        Kind::Json => serde_json::from_str::<serde_json::Value>(text).is_ok(),
        Kind::Binary => text.is_empty(),
        _ => false,
    }
}

fn shown(value: &DefaultValue) -> String {
    match value {
        DefaultValue::Bool(value) => value.to_string(),
        DefaultValue::Int(value) => value.to_string(),
        DefaultValue::Float(value) => value.to_string(),
        DefaultValue::Text(value) => format!("{value:?}"),
        DefaultValue::Now => "\"now\"".to_owned(),
    }
}

fn not(kind: Kind) -> String {
    match kind {
        Kind::Bool => "neither true nor false".to_owned(),
        Kind::SmallInt | Kind::Integer | Kind::BigInt => "no whole number that the field can hold".to_owned(),
        Kind::Double => "no number".to_owned(),
        Kind::Char(length) => format!("no text of at most {length} characters"),
        Kind::Text => "no text".to_owned(),
        Kind::Date => "no date such as \"2030-01-31\"".to_owned(),
        Kind::DateTime => "no moment such as \"2030-01-31 12:00:00\"".to_owned(),
        Kind::Uuid => "no UUID".to_owned(),
        Kind::Json => "no JSON".to_owned(),
        Kind::Binary => "not empty, and bytes cannot be written down here".to_owned(),
    }
}
