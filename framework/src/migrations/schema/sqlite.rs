//! How SQLite says it.

use super::{Words, definition, quote};
use crate::db::schema::{ColumnDef, DefaultValue, Kind};
use crate::error::{Error, Result};
use crate::migrations::UserTable;

pub(super) struct Sqlite;

impl Words for Sqlite {
    fn type_of(&self, column: &ColumnDef) -> String {
        match column.kind {
            Kind::Bool => "bool".into(),
            Kind::SmallInt => "smallint".into(),
            Kind::Integer => "integer".into(),
            Kind::BigInt => "bigint".into(),
            Kind::Double => "real".into(),
            Kind::Char(length) => format!("varchar({length})"),
            Kind::Text => "text".into(),
            Kind::Date => "date".into(),
            Kind::DateTime => "datetime".into(),
            Kind::Uuid => "char(32)".into(),
            Kind::Json => json(&quote(&column.name)),
            Kind::Binary => "BLOB".into(),
        }
    }

    /// SQLite counts up only what is exactly `integer PRIMARY KEY`; it has 64 bits all the same.
    fn counting_key(&self, _kind: Kind) -> String {
        "integer NOT NULL PRIMARY KEY AUTOINCREMENT".into()
    }

    fn truth(&self, value: bool) -> &'static str {
        if value { "1" } else { "0" }
    }

    fn has_constraints(&self) -> bool {
        false
    }

    fn add_column(&self, table: &str, column: &ColumnDef, user: Option<&UserTable>) -> Result<Vec<String>> {
        let (plain, fill) = addable(table, column)?;
        let add = format!("ALTER TABLE {} ADD COLUMN {}", quote(table), definition(self, &plain, user)?);
        Ok(std::iter::once(add).chain(fill).collect())
    }

    fn drop_column(&self, table: &str, column: &ColumnDef) -> Result<String> {
        if column.primary_key {
            return refuse(
                table,
                column,
                "SQLite cannot drop a primary key; write the change with `run_sql`",
            );
        }
        Ok(format!("ALTER TABLE {} DROP COLUMN {}", quote(table), quote(&column.name)))
    }
}

fn json(column: &str) -> String {
    format!("text CHECK ((JSON_VALID({column}) OR {column} IS NULL))")
}

/// The column in a form that SQLite can add, and what fills it afterwards.
///
/// It does not take the current time as a default: the rows that exist get the time by an update, and the default of
/// a column that may not be NULL is a day that nobody takes for a real one.
fn addable(table: &str, column: &ColumnDef) -> Result<(ColumnDef, Option<String>)> {
    if column.primary_key {
        return refuse(table, column, "SQLite cannot add a primary key; write the change with `run_sql`");
    }
    if column.references.is_some() && (column.default.is_some() || !column.null) {
        return refuse(table, column, "SQLite adds a foreign key only if it may be NULL and has no default");
    }
    if !column.null && column.default.is_none() {
        return refuse(
            table,
            column,
            "it may not be NULL and has no default for the rows that exist; give it one",
        );
    }
    let mut plain = column.clone();
    let fill = (column.default == Some(DefaultValue::Now)).then(|| fill_with_now(table, column));
    if fill.is_some() {
        plain.default = (!column.null).then(|| DefaultValue::Text(long_ago(column.kind).into()));
    }
    Ok((plain, fill))
}

fn long_ago(kind: Kind) -> &'static str {
    if kind == Kind::Date { "1970-01-01" } else { "1970-01-01 00:00:00" }
}

fn fill_with_now(table: &str, column: &ColumnDef) -> String {
    let now = if column.kind == Kind::Date { "CURRENT_DATE" } else { "CURRENT_TIMESTAMP" };
    format!("UPDATE {} SET {} = {now}", quote(table), quote(&column.name))
}

fn refuse<T>(table: &str, column: &ColumnDef, why: &str) -> Result<T> {
    Err(Error::Refused(format!("column `{}` of `{table}`: {why}", column.name)))
}
