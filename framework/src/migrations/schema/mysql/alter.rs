//! How a table that may have rows is altered: in one statement, if that can be, since each is done whole or not at all.

use super::{MySql, drop_lower, is_indexed, lower, lower_definition};
use crate::db::schema::CheckConstraint;
use crate::migrations::schema::create::{self, NamedIndex};
use crate::migrations::schema::difference::Difference;
use crate::migrations::schema::names::index_name;
use crate::migrations::schema::text::{alter_table, quote, quote_all};
use crate::migrations::schema::words::Words;
use crate::migrations::schema::{ColumnDef, Kind, Result};

/// What follows `ALTER TABLE`.
enum Clause {
    Text(String),
    /// A query that answers the clause, or NULL for nothing: in a table that Django has made, what is to go has another name.
    Query(String),
}

/// All that happens to one table but for its foreign keys, in order.
pub(super) struct Change<'a> {
    words: &'a MySql,
    difference: &'a Difference<'a>,
    before: Vec<String>,
    first: Vec<Clause>,
    between: Vec<String>,
    then: Vec<Clause>,
}

impl<'a> Change<'a> {
    pub(super) fn of(words: &'a MySql, difference: &'a Difference<'a>) -> Result<Self> {
        let (before, first, between, then) = Default::default();
        let mut change = Self { words, difference, before, first, between, then };
        change.columns_added()?;
        change.columns_altered()?;
        change.all_else();
        Ok(change)
    }

    /// Adds the foreign keys too, which must otherwise wait for the tables that they point to.
    pub(super) fn with_foreign_keys(mut self) -> Result<Self> {
        let keys = foreign_keys_added(self.words, self.difference)?;
        self.last().extend(keys.into_iter().map(Clause::Text));
        Ok(self)
    }

    pub(super) fn sql(self) -> Vec<String> {
        let table = &self.difference.to.name;
        let (first, then) = (alter(table, self.first), alter(table, self.then));
        self.before.into_iter().chain(first).chain(self.between).chain(then).collect()
    }

    /// What the rows that exist get is a default that does not stay. Where nothing is said they get NULL, which a check
    /// refuses: MySQL itself would make something up.
    fn columns_added(&mut self) -> Result<()> {
        for column in self.difference.added() {
            let definition = self.shape(&create::placed(self.difference.to, column))?;
            let name = quote(&column.name);
            let is_plain = column.null || column.auto || column.default.is_some();
            match self.difference.filling.value(self.words, column) {
                _ if is_plain => self.first.push(Clause::Text(format!("ADD COLUMN {definition}"))),
                Some(value) => {
                    self.first.push(Clause::Text(format!("ADD COLUMN {definition} DEFAULT ({value})")));
                    self.then.push(Clause::Text(format!("ALTER COLUMN {name} DROP DEFAULT")));
                }
                None => self.column_without_value(column, &definition)?,
            }
        }
        Ok(())
    }

    fn column_without_value(&mut self, column: &ColumnDef, definition: &str) -> Result<()> {
        let nullable = ColumnDef { null: true, ..create::placed(self.difference.to, column) };
        let name = "rows that exist need a value, give the column a default".to_owned();
        let check = CheckConstraint { name, condition: format!("{} IS NOT NULL", quote(&column.name)) };
        self.first.push(Clause::Text(format!("ADD COLUMN {}", self.shape(&nullable)?)));
        self.first.push(Clause::Text(format!("ADD {}", create::check(&check))));
        self.then.push(Clause::Text(drop_check(&check)));
        self.then.push(Clause::Text(format!("MODIFY COLUMN {definition}")));
        Ok(())
    }

    /// Values are turned as PostgreSQL casts them, and NULL is filled in the new type.
    fn columns_altered(&mut self) -> Result<()> {
        let (from, to) = (self.difference.from, self.difference.to);
        for column in &to.columns {
            let Some(old) = from.column(&column.name) else { continue };
            let (old, new) = (create::placed(from, old), create::placed(to, column));
            let (shape, old_shape) = (self.shape(&new)?, self.shape(&old)?);
            if shape == old_shape {
                continue;
            }
            let name = quote(&column.name);
            let update = |value: String| format!("UPDATE {} SET {name} = {value}", quote(&to.name));
            let (before, after) = converted(old.kind, new.kind, &name);
            self.before.extend(before.map(update));
            let fill = self.difference.filling.value(self.words, column).filter(|_| old.null && !new.null);
            let fill = fill.map(|value| create::fill(&to.name, &column.name, &value));
            if fill.is_some() || after.is_some() {
                let relaxed = self.shape(&ColumnDef { null: old.null || new.null, ..new })?;
                self.first.push(Clause::Text(format!("MODIFY COLUMN {relaxed}")));
            }
            self.between.extend(after.map(update).into_iter().chain(fill));
            let modify = Clause::Text(format!("MODIFY COLUMN {shape}"));
            self.last().push(modify);
            if to.unique_lower.contains(&column.name) && from.unique_lower.contains(&column.name) {
                let lower = lower_definition(self.words, to, &column.name);
                self.last().push(Clause::Text(format!("MODIFY COLUMN {lower}")));
            }
        }
        Ok(())
    }

    /// Indexes, constraints, and columns that go.
    fn all_else(&mut self) {
        let (difference, words) = (self.difference, self.words);
        let (from, to) = (difference.from, difference.to);
        let (checks_gone, checks) = difference.checks();
        let mut clauses: Vec<_> = checks_gone.iter().map(drop_check).map(Clause::Text).collect();
        for columns in difference.uniques().0 {
            clauses.extend(columns.iter().map(|column| index_for_key(&from.name, column)));
            clauses.push(drop_unique(words, &from.name, &columns));
        }
        clauses.extend(difference.indexes().0.iter().map(|index| drop_index(words, &from.name, index)));
        let mut texts: Vec<_> = difference.lowers().0.iter().map(|column| drop_lower(column)).collect();
        texts.extend(difference.dropped().map(|column| format!("DROP COLUMN {}", quote(&column.name))));
        let uniques = difference.uniques().1;
        texts.extend(
            uniques.iter().map(|columns| format!("ADD {}", create::unique_constraint(&to.name, columns))),
        );
        texts.extend(difference.lowers().1.iter().flat_map(|column| lower(words, to, column)));
        texts.extend(difference.indexes().1.iter().map(add_index));
        texts.extend(checks.iter().map(|check| format!("ADD {}", create::check(check))));
        clauses.extend(texts.into_iter().map(Clause::Text));
        self.last().extend(clauses);
    }

    /// The statement behind which no row changes any more.
    fn last(&mut self) -> &mut Vec<Clause> {
        if self.between.is_empty() { &mut self.first } else { &mut self.then }
    }

    /// A column without the keys that it is part of.
    fn shape(&self, column: &ColumnDef) -> Result<String> {
        if column.auto {
            let kind = self.words.type_of(column);
            return Ok(format!("{} {kind} NOT NULL AUTO_INCREMENT", quote(&column.name)));
        }
        let null = column.null && !column.primary_key;
        let bare = ColumnDef { index: is_indexed(column), null, ..ColumnDef::new(&column.name, column.kind) };
        create::definition(self.words, &ColumnDef { default: column.default.clone(), ..bare }, None)
    }
}

/// Foreign keys go before all else: no type of a key changes while something points to it.
pub(super) fn foreign_keys_dropped(difference: &Difference<'_>) -> Option<String> {
    let table = &difference.from.name;
    let keys = difference.foreign_keys().0;
    alter(table, keys.iter().map(|column| drop_foreign_key(table, &column.name)).collect())
}

/// They have the names that the server gives them, which follow the table's when that is renamed.
pub(super) fn foreign_keys_added(words: &MySql, difference: &Difference<'_>) -> Result<Vec<String>> {
    let added = difference.added().filter(|column| column.references.is_some());
    let keys = difference.foreign_keys().1.into_iter().chain(added);
    keys.map(|column| Ok(format!("ADD {}", create::foreign_key(words, column, difference.user)?))).collect()
}

pub(super) fn drop_check(check: &CheckConstraint) -> String {
    format!("DROP CONSTRAINT {}", quote(&check.name))
}

fn add_index(index: &NamedIndex) -> String {
    format!("ADD INDEX {} ({})", quote(&index.name), quote_all(&index.columns))
}

/// One statement; where something is to be looked up, one that the server puts together.
fn alter(table: &str, clauses: Vec<Clause>) -> Option<String> {
    if clauses.is_empty() {
        return None;
    }
    let is_plain = clauses.iter().all(|clause| matches!(clause, Clause::Text(_)));
    let parts = clauses.into_iter().map(|clause| match clause {
        Clause::Text(text) if is_plain => text,
        Clause::Text(text) => MySql.literal(&text),
        Clause::Query(query) => format!("({query})"),
    });
    let parts = parts.collect::<Vec<_>>().join(", ");
    if is_plain {
        return Some(alter_table(table, parts));
    }
    let start = MySql.literal(&alter_table(table, ""));
    Some(format!(
        "SET @alter = coalesce(concat({start}, nullif(concat_ws(', ', {parts}), '')), 'DO 0'); \
         PREPARE nuages FROM @alter; EXECUTE nuages; DEALLOCATE PREPARE nuages"
    ))
}

fn drop_foreign_key(table: &str, column: &str) -> Clause {
    let (table, column) = (MySql.literal(table), MySql.literal(column));
    Clause::Query(each(
        "DROP FOREIGN KEY",
        &format!(
            "SELECT constraint_name AS name FROM information_schema.key_column_usage \
             WHERE table_schema = database() AND table_name = {table} AND column_name = {column} \
             AND referenced_table_name IS NOT NULL"
        ),
    ))
}

/// A foreign key needs an index, and in a table that Django has made it may have none but the one that goes.
fn index_for_key(table: &str, column: &str) -> Clause {
    let (name, columns) = (index_name(table, &[column], ""), vec![column.to_owned()]);
    let add = MySql.literal(&add_index(&NamedIndex { name, columns, is_named: false }));
    let (table, column) = (MySql.literal(table), MySql.literal(column));
    let of = format!("table_schema = database() AND table_name = {table} AND column_name = {column}");
    Clause::Query(format!(
        "SELECT {add} FROM dual WHERE EXISTS (SELECT * FROM information_schema.key_column_usage \
         WHERE {of} AND referenced_table_name IS NOT NULL) AND NOT EXISTS (SELECT * FROM information_schema.statistics \
         WHERE {of} AND seq_in_index = 1 AND non_unique = 1)"
    ))
}

fn drop_unique(words: &MySql, table: &str, columns: &[String]) -> Clause {
    let names = columns.iter().map(|column| words.literal(column)).collect::<Vec<_>>().join(", ");
    let many = columns.len();
    drop_indexes(table, 0, &format!("count(*) = {many} AND sum(column_name IN ({names})) = {many}"))
}

/// By its name if it has one of its own; a server that knows no descending order has it ascending.
fn drop_index(words: &MySql, table: &str, index: &NamedIndex) -> Clause {
    let own = format!("index_name = {}", words.literal(&index.name));
    if index.is_named {
        return drop_indexes(table, 1, &own);
    }
    let columns = index.columns.iter().map(|column| match column.strip_prefix('-') {
        Some(column) => format!("{column} D"),
        None => format!("{column} A"),
    });
    let columns = words.literal(&columns.collect::<Vec<_>>().join(","));
    let same = format!("group_concat(concat(column_name, ' ', collation) ORDER BY seq_in_index) = {columns}");
    drop_indexes(table, 1, &format!("{own} OR {same}"))
}

fn drop_indexes(table: &str, non_unique: u8, having: &str) -> Clause {
    let table = MySql.literal(table);
    Clause::Query(each(
        "DROP INDEX",
        &format!(
            "SELECT index_name AS name FROM information_schema.statistics WHERE table_schema = database() \
             AND table_name = {table} AND index_name <> 'PRIMARY' AND non_unique = {non_unique} \
             GROUP BY index_name HAVING {having}"
        ),
    ))
}

/// A query for a clause that does something with each name that a query finds.
fn each(what: &str, names: &str) -> String {
    let name = r#"concat('"', replace(name, '"', '""'), '"')"#;
    format!("SELECT group_concat(concat('{what} ', {name}) SEPARATOR ', ') FROM ({names}) AS found")
}

/// What values must become before the type of their column changes, and after it, where MySQL would do it otherwise.
fn converted(from: Kind, to: Kind, column: &str) -> (Option<String>, Option<String>) {
    let is_text = |kind| matches!(kind, Kind::Char(_) | Kind::Text);
    let is_number = |kind| matches!(kind, Kind::SmallInt | Kind::Integer | Kind::BigInt | Kind::Double);
    match (from, to) {
        (Kind::Bool, to) if is_text(to) => {
            (None, Some(format!("CASE {column} WHEN '1' THEN 'true' WHEN '0' THEN 'false' END")))
        }
        (Kind::Uuid, to) if is_text(to) => (None, Some(hyphens(column))),
        (from, Kind::Uuid) if is_text(from) => (Some(format!("lower(replace({column}, '-', ''))")), None),
        (from, Kind::Bool) if is_number(from) => (Some(format!("({column} <> 0)")), None),
        (from, Kind::Bool) if is_text(from) => (
            Some(format!(
                "CASE WHEN lower({column}) IN ('true', 't', 'yes', 'on') THEN '1' \
                 WHEN lower({column}) IN ('false', 'f', 'no', 'off') THEN '0' ELSE {column} END"
            )),
            None,
        ),
        _ => (None, None),
    }
}

fn hyphens(column: &str) -> String {
    let parts = [(1, 8), (9, 4), (13, 4), (17, 4), (21, 12)];
    let parts = parts.map(|(from, length)| format!("substr({column}, {from}, {length})"));
    format!("concat_ws('-', {})", parts.join(", "))
}
