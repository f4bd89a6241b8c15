//! How SQLite says it: what it cannot alter it writes anew.

use super::create;
use super::difference::Difference;
use super::text::{alter_table, drop_table, quote, rename_table};
use super::words::Words;
use super::{ColumnDef, DefaultValue, Kind, Result, Table};

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

    fn alter(&self, differences: &[Difference<'_>]) -> Result<Vec<String>> {
        let alter = |difference: &Difference<'_>| match is_simple(difference) {
            true => self.add(difference),
            false => self.rebuild(difference),
        };
        Ok(differences.iter().map(alter).collect::<Result<Vec<_>>>()?.concat())
    }

    /// Their names are the database's, so those of a table that was renamed would be in the way of the next one.
    fn rename_indexes(&self, before: &Table, after: &Table) -> Vec<String> {
        let pairs = create::indexes(self, before).into_iter().zip(create::indexes(self, after));
        let renamed = pairs.filter(|((old, _), (new, _))| old != new);
        renamed.flat_map(|((old, _), (_, create))| [drop_index(&old), create]).collect()
    }
}

impl Sqlite {
    /// Columns and indexes that can be added as they are, and indexes that go.
    fn add(&self, difference: &Difference<'_>) -> Result<Vec<String>> {
        let (before, after) = (create::indexes(self, difference.from), create::indexes(self, difference.to));
        let gone = before.iter().filter(|index| !after.contains(index));
        let mut sql: Vec<_> = gone.map(|(name, _)| drop_index(name)).collect();
        for column in difference.added() {
            let definition = create::definition(self, column, difference.user)?;
            sql.push(alter_table(&difference.to.name, format_args!("ADD COLUMN {definition}")));
        }
        sql.extend(after.iter().filter(|index| !before.contains(index)).map(|(_, create)| create.clone()));
        Ok(sql)
    }

    /// Makes the table as it is to be, copies the rows, and puts it in place of the old one, as SQLite's own manual says
    /// (<https://www.sqlite.org/lang_altertable.html#otheralter>). Foreign keys are not checked meanwhile, or those that
    /// point to the table would delete their rows.
    fn rebuild(&self, difference: &Difference<'_>) -> Result<Vec<String>> {
        let name = &difference.to.name;
        let new = format!("new__{name}");
        let mut sql = vec![create::bare_table(self, difference.to, &new, difference.user)?];
        sql.push(self.copy(difference, &new));
        if difference.to.columns.iter().any(|column| column.auto) {
            sql.push(go_on_counting(name, &new));
        }
        sql.push(drop_table(name));
        // The other way it would change the foreign keys of other tables, and stumble over views of this one.
        sql.push("PRAGMA legacy_alter_table = ON".to_owned());
        sql.push(rename_table(&new, name));
        sql.push("PRAGMA legacy_alter_table = OFF".to_owned());
        sql.extend(create::indexes(self, difference.to).into_iter().map(|(_, create)| create));
        Ok(sql)
    }

    fn copy(&self, difference: &Difference<'_>, new: &str) -> String {
        let (mut columns, mut values) = (Vec::new(), Vec::new());
        for column in &difference.to.columns {
            columns.push(column.name.as_str());
            values.push(self.value(difference, column));
        }
        format!(
            "INSERT INTO {} ({}) SELECT {} FROM {}",
            quote(new),
            columns.iter().map(|name| quote(name)).collect::<Vec<_>>().join(", "),
            values.join(", "),
            quote(&difference.from.name)
        )
    }

    /// What a row that exists has in a column from now on.
    fn value(&self, difference: &Difference<'_>, column: &ColumnDef) -> String {
        let fill = || difference.filling.value(self, column);
        match difference.from.column(&column.name) {
            None if column.null && column.default.is_none() => "NULL".to_owned(),
            None => fill().unwrap_or_else(|| "NULL".to_owned()),
            Some(before) => {
                let value = converted(before.kind, column.kind, &quote(&column.name));
                match fill().filter(|_| before.null && !column.null) {
                    Some(fill) => format!("coalesce({value}, {fill})"),
                    None => value,
                }
            }
        }
    }
}

/// Whether SQLite can do it without writing the table anew.
fn is_simple(difference: &Difference<'_>) -> bool {
    let (loose, tight) = difference.foreign_keys();
    let (unique_gone, checks) = (difference.uniques().0, difference.checks());
    let nothing_changes = difference.altered().next().is_none() && difference.dropped().next().is_none();
    let keeps = loose.is_empty() && tight.is_empty() && unique_gone.is_empty();
    let same_checks = checks.0.is_empty() && checks.1.is_empty();
    nothing_changes && keeps && same_checks && difference.added().all(is_addable)
}

fn is_addable(column: &ColumnDef) -> bool {
    let has_value = column.null || column.default.is_some();
    let is_constant = column.default != Some(DefaultValue::Now);
    let points_nowhere = column.references.is_none() || (column.null && column.default.is_none());
    has_value && is_constant && points_nowhere && !column.primary_key
}

/// A value of one kind as another, as PostgreSQL would cast it.
fn converted(from: Kind, to: Kind, column: &str) -> String {
    let is_text = |kind| matches!(kind, Kind::Char(_) | Kind::Text);
    let is_number = |kind| matches!(kind, Kind::SmallInt | Kind::Integer | Kind::BigInt | Kind::Double);
    match (from, to) {
        (from, to) if from == to || is_text(from) && is_text(to) => column.to_owned(),
        (Kind::Bool, to) if is_text(to) => {
            format!("CASE {column} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END")
        }
        (Kind::Uuid, to) if is_text(to) => hyphens(column),
        (from, Kind::Uuid) if is_text(from) => format!("lower(replace({column}, '-', ''))"),
        (from, Kind::Bool) if is_number(from) => format!("({column} <> 0)"),
        (Kind::DateTime, Kind::Date) => format!("date({column})"),
        (Kind::Date, Kind::DateTime) => format!("({column} || ' 00:00:00')"),
        (_, Kind::Double) => format!("CAST({column} AS real)"),
        (Kind::Double, to) if is_number(to) => format!("CAST(round({column}) AS integer)"),
        (_, to) if is_number(to) => format!("CAST({column} AS integer)"),
        (_, to) if is_text(to) => format!("CAST({column} AS text)"),
        _ => column.to_owned(),
    }
}

fn hyphens(column: &str) -> String {
    let parts = [(1, 8), (9, 4), (13, 4), (17, 4), (21, 12)];
    let parts = parts.map(|(from, length)| format!("substr({column}, {from}, {length})"));
    parts.join(" || '-' || ")
}

/// A key that was deleted is not given again.
fn go_on_counting(name: &str, new: &str) -> String {
    let (name, new) = (super::text::literal(name), super::text::literal(new));
    format!(
        "DELETE FROM sqlite_sequence WHERE name = {new}; \
         INSERT INTO sqlite_sequence (name, seq) SELECT {new}, seq FROM sqlite_sequence WHERE name = {name}"
    )
}

fn drop_index(name: &str) -> String {
    format!("DROP INDEX IF EXISTS {}", quote(name))
}

fn json(column: &str) -> String {
    format!("text CHECK ((JSON_VALID({column}) OR {column} IS NULL))")
}
