//! In which order tables are altered where each change is a statement of its own.

use super::create::{self, NamedIndex};
use super::difference::Difference;
use super::words::Words;
use super::{ColumnDef, Result, text};
use crate::db::schema::CheckConstraint;

/// What such a database says besides.
pub(super) trait Piecewise: Words {
    fn drop_foreign_key(&self, table: &str, column: &str) -> String;
    fn drop_unique(&self, table: &str, columns: &[String]) -> String;
    fn drop_index(&self, table: &str, index: &NamedIndex) -> String;
    fn drop_lower(&self, table: &str, column: &str) -> Vec<String>;
    fn drop_check(&self, table: &str, check: &CheckConstraint) -> String;
    fn alter_column(&self, difference: &Difference<'_>, from: &ColumnDef, to: &ColumnDef) -> Vec<String>;
}

/// Foreign keys go first and come last: no database changes the type of a key that something points to.
pub(super) fn piecewise(words: &impl Piecewise, differences: &[Difference<'_>]) -> Result<Vec<String>> {
    let mut sql = Vec::new();
    for difference in differences {
        sql.extend(loosened(words, difference));
    }
    for difference in differences {
        sql.extend(columns(words, difference)?);
    }
    for difference in differences {
        sql.extend(tightened(words, difference)?);
    }
    Ok(sql)
}

/// What must be gone before columns change.
fn loosened(words: &impl Piecewise, difference: &Difference<'_>) -> Vec<String> {
    let table = &difference.from.name;
    let mut sql = Vec::new();
    sql.extend(difference.foreign_keys().0.iter().map(|column| words.drop_foreign_key(table, &column.name)));
    sql.extend(difference.checks().0.iter().map(|check| words.drop_check(table, check)));
    sql.extend(difference.lowers().0.iter().flat_map(|column| words.drop_lower(table, column)));
    sql.extend(difference.uniques().0.iter().map(|columns| words.drop_unique(table, columns)));
    sql.extend(difference.indexes().0.iter().map(|index| words.drop_index(table, index)));
    sql
}

fn columns(words: &impl Piecewise, difference: &Difference<'_>) -> Result<Vec<String>> {
    let table = &difference.from.name;
    let gone = difference.dropped().map(|column| drop_column(table, &column.name));
    let mut sql: Vec<_> = gone.collect();
    for column in difference.added() {
        sql.extend(add_column(words, difference, column)?);
    }
    sql.extend(difference.altered().flat_map(|(from, to)| words.alter_column(difference, from, to)));
    Ok(sql)
}

fn drop_column(table: &str, column: &str) -> String {
    text::alter_table(table, format_args!("DROP COLUMN {}", text::quote(column)))
}

/// What the rows that exist get is a default that does not stay.
fn add_column(
    words: &impl Piecewise,
    difference: &Difference<'_>,
    column: &ColumnDef,
) -> Result<Vec<String>> {
    let table = &difference.from.name;
    // Unique and foreign keys come with what is tightened.
    let bare = ColumnDef { unique: false, references: None, ..column.clone() };
    let definition = create::definition(words, &bare, difference.user)?;
    let needs_value = !column.null && column.default.is_none();
    let value = needs_value.then(|| difference.filling.value(words, column)).flatten();
    Ok(match value {
        None => vec![text::alter_table(table, format_args!("ADD COLUMN {definition}"))],
        Some(value) => vec![
            text::alter_table(table, format_args!("ADD COLUMN {definition} DEFAULT {value}")),
            text::alter_table(table, format_args!("ALTER COLUMN {} DROP DEFAULT", text::quote(&column.name))),
        ],
    })
}

/// What can only be there once the columns are.
fn tightened(words: &impl Piecewise, difference: &Difference<'_>) -> Result<Vec<String>> {
    let to = difference.to;
    let add = |what: String| text::alter_table(&to.name, format_args!("ADD {what}"));
    let mut sql = Vec::new();
    sql.extend(
        difference.uniques().1.iter().map(|columns| add(create::unique_constraint(&to.name, columns))),
    );
    sql.extend(difference.lowers().1.iter().map(|column| words.unique_lower(to, column)));
    sql.extend(difference.indexes().1.iter().map(|index| index.create(&to.name)));
    sql.extend(difference.checks().1.iter().map(|check| add(create::check(check))));
    let added = difference.added().filter(|column| column.references.is_some());
    for column in difference.foreign_keys().1.into_iter().chain(added) {
        sql.push(add(create::foreign_key(words, column, difference.user)?));
    }
    Ok(sql)
}
