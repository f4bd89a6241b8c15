//! The SQL of an operation, in the words of each database.

mod names;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

use super::operations::{Operation, RunSql};
use super::state::State;
use super::user::UserTable;
use crate::db::Dialect;
use crate::db::schema::{ColumnDef, DefaultValue, Kind, OnDelete, Reference, Table, Target};
use crate::error::{Error, Result};
use names::index_name;

/// What one database says in its own way.
trait Words {
    /// The type of a column.
    fn type_of(&self, column: &ColumnDef) -> String;
    /// The type, and all else, of a primary key that counts up.
    fn counting_key(&self, kind: Kind) -> String;
    /// True or false as a default.
    fn truth(&self, value: bool) -> &'static str;
    /// Whether what must be unique is kept so by a constraint; otherwise by an index, which is easier to drop.
    fn has_constraints(&self) -> bool;
    /// Adds a column to a table that may have rows.
    fn add_column(&self, table: &str, column: &ColumnDef, user: Option<&UserTable>) -> Result<Vec<String>>;
    /// Drops a column; its indexes are gone.
    fn drop_column(&self, table: &str, column: &ColumnDef) -> Result<String>;
}

fn words(dialect: Dialect) -> &'static dyn Words {
    match dialect {
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite => &sqlite::Sqlite,
        #[cfg(feature = "postgres")]
        Dialect::Postgres => &postgres::Postgres,
    }
}

/// The type of a moment.
pub(super) fn moment_type(dialect: Dialect) -> String {
    words(dialect).type_of(&ColumnDef::new("", Kind::DateTime))
}

/// What an operation is rendered for: a database, the tables before and after it, and who the users are.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) dialect: Dialect,
    pub(super) before: &'a State,
    pub(super) after: &'a State,
    pub(super) user: Option<&'a UserTable>,
}

impl Scene<'_> {
    /// The statements that do the operation.
    ///
    /// # Errors
    /// [`Error::Refused`] if this database cannot do it.
    pub(super) fn forwards(&self, operation: &Operation) -> Result<Vec<String>> {
        match operation {
            Operation::CreateTable(table) => self.create(known(self.after.table(&table.name))?),
            Operation::DropTable(table) => Ok(vec![drop_table(table)]),
            Operation::AddColumn { table, column } => {
                self.add(table, known_column(self.after, table, &column.name)?)
            }
            Operation::DropColumn { table, column } => {
                self.drop(table, known_column(self.before, table, column)?)
            }
            Operation::AlterColumn { sql, .. } => Ok(own_sql(sql, self.dialect)),
            Operation::UniqueLower { table, column } => Ok(vec![unique_lower(table, column)]),
            Operation::RunSql { forwards, .. } => Ok(own_sql(forwards, self.dialect)),
        }
    }

    /// The statements that undo the operation.
    ///
    /// # Errors
    /// [`Error::Refused`] if it cannot be undone.
    pub(super) fn backwards(&self, operation: &Operation) -> Result<Vec<String>> {
        match operation {
            Operation::CreateTable(table) => Ok(vec![drop_table(&table.name)]),
            Operation::DropTable(table) => self.recreate(table),
            Operation::AddColumn { table, column } => {
                self.drop(table, known_column(self.after, table, &column.name)?)
            }
            Operation::DropColumn { table, column } => {
                self.add(table, known_column(self.before, table, column)?)
            }
            Operation::UniqueLower { table, column } => Ok(vec![drop_index(&lower_name(table, column))]),
            Operation::RunSql { backwards: Some(sql), .. } => Ok(own_sql(sql, self.dialect)),
            Operation::RunSql { .. } => {
                irreversible("it runs SQL; say with `.undone_by(…)` how that is undone")
            }
            Operation::AlterColumn { .. } => {
                irreversible("it alters a column by SQL; write a new migration instead")
            }
        }
    }

    fn create(&self, table: &Table) -> Result<Vec<String>> {
        let words = words(self.dialect);
        let mut parts = Vec::new();
        for column in &table.columns {
            parts.push(definition(words, column, self.user)?);
        }
        let together = table.unique_together.iter();
        if words.has_constraints() {
            parts.extend(together.clone().map(|columns| unique_constraint(&table.name, columns)));
        }
        let mut sql = vec![format!("CREATE TABLE {} ({})", quote(&table.name), parts.join(", "))];
        if !words.has_constraints() {
            sql.extend(together.map(|columns| unique_index(&table.name, columns)));
        }
        sql.extend(table.columns.iter().filter_map(|column| column_index(words, &table.name, column)));
        Ok(sql)
    }

    fn recreate(&self, name: &str) -> Result<Vec<String>> {
        let mut sql = self.create(known(self.before.table(name))?)?;
        sql.extend(self.before.unique_lower(name).map(|column| unique_lower(name, column)));
        Ok(sql)
    }

    fn add(&self, table: &str, column: &ColumnDef) -> Result<Vec<String>> {
        let words = words(self.dialect);
        let mut sql = words.add_column(table, column, self.user)?;
        sql.extend(column_index(words, table, column));
        Ok(sql)
    }

    fn drop(&self, table: &str, column: &ColumnDef) -> Result<Vec<String>> {
        let words = words(self.dialect);
        let mut sql: Vec<_> =
            column_index_name(words, table, column).iter().map(|name| drop_index(name)).collect();
        if self.before.unique_lower(table).any(|of| of == column.name) {
            sql.push(drop_index(&lower_name(table, &column.name)));
        }
        sql.push(words.drop_column(table, column)?);
        Ok(sql)
    }
}

fn known<T>(found: Option<T>) -> Result<T> {
    found.ok_or_else(|| Error::Refused("the operation names a table or column that is not there".into()))
}

fn known_column<'a>(state: &'a State, table: &str, column: &str) -> Result<&'a ColumnDef> {
    known(state.table(table).and_then(|table| table.column(column)))
}

fn irreversible<T>(text: &str) -> Result<T> {
    Err(Error::Refused(format!("it cannot be undone: {text}")))
}

fn own_sql(sql: &RunSql, dialect: Dialect) -> Vec<String> {
    let text = sql.text_for(dialect).trim();
    (!text.is_empty()).then(|| text.to_owned()).into_iter().collect()
}

/// One column of `CREATE TABLE`.
fn definition(words: &dyn Words, column: &ColumnDef, user: Option<&UserTable>) -> Result<String> {
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
    parts.extend(column.references.as_ref().map(|reference| references(reference, user)).transpose()?);
    Ok(parts.join(" "))
}

fn nullness(column: &ColumnDef) -> &'static str {
    if column.null && !column.primary_key { "NULL" } else { "NOT NULL" }
}

fn default(words: &dyn Words, value: &DefaultValue, kind: Kind) -> String {
    match value {
        DefaultValue::Bool(value) => words.truth(*value).to_owned(),
        DefaultValue::Int(value) => value.to_string(),
        DefaultValue::Float(value) => format!("{value:?}"),
        DefaultValue::Text(value) => literal(value),
        DefaultValue::Now if kind == Kind::Date => "CURRENT_DATE".to_owned(),
        DefaultValue::Now => "CURRENT_TIMESTAMP".to_owned(),
    }
}

fn references(reference: &Reference, user: Option<&UserTable>) -> Result<String> {
    let (table, key) = match (&reference.target, user) {
        (Target::Table { table, column, .. }, _) => (table.as_str(), column.as_str()),
        (Target::User, Some(user)) => (user.table, user.key),
        (Target::User, None) => return Err(Error::Refused(super::state::no_user_model())),
    };
    let action = match reference.on_delete {
        OnDelete::Cascade => " ON DELETE CASCADE",
        OnDelete::SetNull => " ON DELETE SET NULL",
        OnDelete::Protect => "",
    };
    Ok(format!("REFERENCES {} ({}){action} DEFERRABLE INITIALLY DEFERRED", quote(table), quote(key)))
}

fn unique_name(table: &str, columns: &[String]) -> String {
    index_name(table, columns, "_uniq")
}

fn lower_name(table: &str, column: &str) -> String {
    index_name(table, &[column], "_lower")
}

fn unique_constraint(table: &str, columns: &[String]) -> String {
    format!("CONSTRAINT {} UNIQUE ({})", quote(&unique_name(table, columns)), quote_all(columns))
}

fn unique_index(table: &str, columns: &[String]) -> String {
    format!(
        "CREATE UNIQUE INDEX {} ON {} ({})",
        quote(&unique_name(table, columns)),
        quote(table),
        quote_all(columns)
    )
}

fn unique_lower(table: &str, column: &str) -> String {
    let name = quote(&lower_name(table, column));
    format!("CREATE UNIQUE INDEX {name} ON {} (lower({}))", quote(table), quote(column))
}

fn is_unique(column: &ColumnDef) -> bool {
    column.unique && !column.primary_key
}

/// The name of the index that a column has of its own; Django too gives each foreign key one.
fn column_index_name(words: &dyn Words, table: &str, column: &ColumnDef) -> Option<String> {
    let indexed = (column.index || column.references.is_some()) && !column.unique && !column.primary_key;
    match is_unique(column) && !words.has_constraints() {
        true => Some(index_name(table, &[&column.name], "_uniq")),
        false => indexed.then(|| index_name(table, &[&column.name], "")),
    }
}

fn column_index(words: &dyn Words, table: &str, column: &ColumnDef) -> Option<String> {
    let name = quote(&column_index_name(words, table, column)?);
    let create = if is_unique(column) { "CREATE UNIQUE INDEX" } else { "CREATE INDEX" };
    Some(format!("{create} {name} ON {} ({})", quote(table), quote(&column.name)))
}

fn drop_table(table: &str) -> String {
    format!("DROP TABLE {}", quote(table))
}

fn drop_index(name: &str) -> String {
    format!("DROP INDEX {}", quote(name))
}

fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn quote_all(names: &[String]) -> String {
    names.iter().map(|name| quote(name)).collect::<Vec<_>>().join(", ")
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests;
