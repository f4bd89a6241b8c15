//! How a table is made, and the parts of it that alterations make too.

use super::names::index_name;
use super::text::{quote, quote_all};
use super::words::Words;
use super::{ColumnDef, DefaultValue, Kind, Table, UserTable};
use crate::db::schema::{CheckConstraint, OnDelete, Reference, Target};
use crate::error::{Error, Result};
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, Timelike};

/// A plain index, and what it is called.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct NamedIndex {
    pub(super) name: String,
    pub(super) columns: Vec<String>,
    /// Whether the name was given; otherwise it follows from table and columns.
    pub(super) is_named: bool,
}

impl NamedIndex {
    pub(super) fn create(&self, table: &str) -> String {
        format!("CREATE INDEX {} ON {} ({})", quote(&self.name), quote(table), quote_all(&self.columns))
    }
}

/// The statements that make a table.
pub(super) fn table(words: &dyn Words, table: &Table, user: Option<&UserTable>) -> Result<Vec<String>> {
    let mut sql = vec![bare_table(words, table, &table.name, user)?];
    sql.extend(indexes(words, table).into_iter().map(|(_, create)| create));
    Ok(sql)
}

/// `CREATE TABLE` under this name, without the indexes.
pub(super) fn bare_table(
    words: &dyn Words,
    table: &Table,
    name: &str,
    user: Option<&UserTable>,
) -> Result<String> {
    let column = |column| definition(words, &placed(table, column), user);
    let mut parts = table.columns.iter().map(column).collect::<Result<Vec<_>>>()?;
    if words.has_constraints() {
        parts.extend(table.unique_together.iter().map(|columns| unique_constraint(&table.name, columns)));
    }
    parts.extend(table.checks.iter().map(check));
    if !words.has_inline_keys() {
        let keys = table.columns.iter().filter(|column| column.references.is_some());
        parts.extend(keys.map(|column| foreign_key(words, column, user)).collect::<Result<Vec<_>>>()?);
    }
    Ok(format!("CREATE TABLE {} ({}){}", quote(name), parts.join(", "), words.table_options()))
}

/// The column as it is in this table, where an index may be on it: in one, some databases have another type for it.
pub(super) fn placed(table: &Table, column: &ColumnDef) -> ColumnDef {
    let listed = table.indexes.iter().map(|index| &index.columns).chain(&table.unique_together).flatten();
    let index = listed.into_iter().any(|name| name.trim_start_matches('-') == column.name);
    ColumnDef { index: column.index || index, ..column.clone() }
}

/// The indexes that a table has by name, and how each is made; in the same order for a table that was renamed.
pub(super) fn indexes(words: &dyn Words, table: &Table) -> Vec<(String, String)> {
    let mut all = Vec::new();
    if !words.has_constraints() {
        let single = table.columns.iter().filter(|column| is_unique(column));
        let single = single.map(|column| vec![column.name.clone()]);
        all.extend(
            table
                .unique_together
                .iter()
                .cloned()
                .chain(single)
                .map(|columns| (unique_name(&table.name, &columns), unique_index(&table.name, &columns))),
        );
    }
    all.extend(plain_indexes(table).into_iter().map(|index| {
        let create = index.create(&table.name);
        (index.name, create)
    }));
    all.extend(
        table
            .unique_lower
            .iter()
            .map(|column| (lower_name(&table.name, column), words.unique_lower(table, column))),
    );
    all
}

/// The indexes that keep nothing unique: of columns, of foreign keys (Django too gives each one), and those of the table.
pub(super) fn plain_indexes(table: &Table) -> Vec<NamedIndex> {
    let has_own = |column: &&ColumnDef| {
        (column.index || column.references.is_some()) && !column.unique && !column.primary_key
    };
    let own = table.columns.iter().filter(has_own).map(|column| (None, vec![column.name.clone()]));
    let listed = table.indexes.iter().map(|index| (index.name.clone(), index.columns.clone()));
    let named = |(name, columns): (Option<String>, Vec<String>)| NamedIndex {
        is_named: name.is_some(),
        name: name.unwrap_or_else(|| index_name(&table.name, &columns, "")),
        columns,
    };
    own.chain(listed).map(named).collect()
}

/// One column of `CREATE TABLE` or `ADD COLUMN`.
pub(super) fn definition(words: &dyn Words, column: &ColumnDef, user: Option<&UserTable>) -> Result<String> {
    if column.auto {
        return Ok(format!("{} {}", quote(&column.name), words.counting_key(column.kind)));
    }
    let mut parts = vec![quote(&column.name), words.type_of(column)];
    parts.extend(
        column.default.as_ref().map(|value| format!("DEFAULT {}", default(words, value, column.kind))),
    );
    parts.push(nullness(column).to_owned());
    parts.extend(column.primary_key.then(|| "PRIMARY KEY".to_owned()));
    parts.extend((is_unique(column) && words.has_constraints()).then(|| "UNIQUE".to_owned()));
    if words.has_inline_keys() {
        parts.extend(column.references.as_ref().map(|to| references(words, to, user)).transpose()?);
    }
    Ok(parts.join(" "))
}

pub(super) fn nullness(column: &ColumnDef) -> &'static str {
    if column.null && !column.primary_key { "NULL" } else { "NOT NULL" }
}

pub(super) fn default(words: &dyn Words, value: &DefaultValue, kind: Kind) -> String {
    let sql = match value {
        DefaultValue::Bool(value) => words.truth(*value).to_owned(),
        DefaultValue::Int(value) => value.to_string(),
        DefaultValue::Float(value) => format!("{value:?}"),
        DefaultValue::Text(_) if kind == Kind::Binary => words.no_bytes().to_owned(),
        DefaultValue::Text(value) => words.literal(&kept(value, kind)),
        DefaultValue::Now if kind == Kind::Date => "CURRENT_DATE".to_owned(),
        DefaultValue::Now => "CURRENT_TIMESTAMP".to_owned(),
    };
    words.default(sql, kind)
}

/// A text in the form in which rows of this kind are kept, so that it compares with theirs.
fn kept(text: &str, kind: Kind) -> String {
    let in_utc = |moment: DateTime<FixedOffset>| moment.naive_utc();
    let moment = || {
        let plain = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").ok();
        let moment = plain.or_else(|| DateTime::parse_from_rfc3339(text).ok().map(in_utc))?;
        let form = if moment.nanosecond() < 1000 { "%F %T" } else { "%F %T%.6f" };
        Some(moment.format(form).to_string())
    };
    let kept = match kind {
        Kind::Uuid => text.parse::<uuid::Uuid>().ok().map(|uuid| uuid.simple().to_string()),
        Kind::Date => text.parse::<NaiveDate>().ok().map(|day| day.to_string()),
        Kind::DateTime => moment(),
        _ => None,
    };
    kept.unwrap_or_else(|| text.to_owned())
}

pub(super) fn references(
    words: &dyn Words,
    reference: &Reference,
    user: Option<&UserTable>,
) -> Result<String> {
    let (table, key) = match (&reference.target, user) {
        (Target::Table { table, column, .. }, _) => (table.as_str(), column.as_str()),
        (Target::User, Some(user)) => (user.table, user.key),
        (Target::User, None) => return Err(Error::Refused(crate::migrations::state::no_user_model())),
    };
    let action = match reference.on_delete {
        OnDelete::Cascade => " ON DELETE CASCADE",
        OnDelete::SetNull => " ON DELETE SET NULL",
        OnDelete::Protect => "",
    };
    let defer = if words.defers() { " DEFERRABLE INITIALLY DEFERRED" } else { "" };
    Ok(format!("REFERENCES {} ({}){action}{defer}", quote(table), quote(key)))
}

/// A foreign key as a constraint of the table.
pub(super) fn foreign_key(words: &dyn Words, column: &ColumnDef, user: Option<&UserTable>) -> Result<String> {
    let to = column.references.as_ref().map(|to| references(words, to, user)).transpose()?;
    Ok(format!("FOREIGN KEY ({}) {}", quote(&column.name), to.unwrap_or_default()))
}

/// Gives the rows that have NULL a value.
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(super) fn fill(table: &str, column: &str, value: &str) -> String {
    let column = quote(column);
    format!("UPDATE {} SET {column} = {value} WHERE {column} IS NULL", quote(table))
}

pub(super) fn unique_name(table: &str, columns: &[String]) -> String {
    index_name(table, columns, "_uniq")
}

pub(super) fn lower_name(table: &str, column: &str) -> String {
    index_name(table, &[column], "_lower")
}

pub(super) fn unique_constraint(table: &str, columns: &[String]) -> String {
    format!("CONSTRAINT {} UNIQUE ({})", quote(&unique_name(table, columns)), quote_all(columns))
}

pub(super) fn unique_index(table: &str, columns: &[String]) -> String {
    let name = quote(&unique_name(table, columns));
    format!("CREATE UNIQUE INDEX {name} ON {} ({})", quote(table), quote_all(columns))
}

pub(super) fn check(check: &CheckConstraint) -> String {
    format!("CONSTRAINT {} CHECK ({})", quote(&check.name), check.condition)
}

pub(super) fn is_unique(column: &ColumnDef) -> bool {
    column.unique && !column.primary_key
}
