//! What an app's first migration makes, looked for in a database that has it from elsewhere: `migrate --fake-initial`.

use super::plan::Node;
use super::state::{Lacking, State};
use crate::db::schema::{ColumnDef, Table};
use crate::db::{Database, inspect};
use crate::error::{Error, Result};

/// Whether all is there that leads from the one state to the other: tables and columns.
///
/// # Errors
/// [`Error::Refused`], naming what is missing, if a part of it is there.
pub(super) async fn is_made(db: &Database, node: &Node<'_>, before: &State, after: &State) -> Result<bool> {
    let mut findings = Findings::default();
    for table in after.tables() {
        match before.table(&table.name) {
            Some(old) if old == table => {}
            old => findings.look(db, table, old).await?,
        }
    }
    match (findings.there.first(), findings.missing.is_empty()) {
        (None, _) => Ok(false),
        (Some(_), true) => Ok(true),
        (Some(there), false) => Err(Error::Refused(format!(
            "of what it makes, {there} is there already, and {} not; make what is missing by hand, as `sqlmigrate {} {}` shows it, or take it out of {} and let `makemigrations` add it afterwards",
            missing(&findings.missing),
            node.app,
            node.migration.name(),
            node.file()
        ))),
    }
}

/// The texts that should be unique in any case and are not.
pub(super) async fn lacking(db: &Database, now: &State) -> Result<Lacking> {
    let mut lacking = Lacking::new();
    for table in now.tables().iter().filter(|table| !table.unique_lower.is_empty()) {
        let found = inspect::table(db, &table.name).await?.map_or_else(Vec::new, |found| found.unique_lower);
        let missing = table.unique_lower.iter().filter(|column| !found.contains(column));
        lacking.extend(missing.map(|column| (table.name.clone(), column.clone())));
    }
    Ok(lacking)
}

/// What of a migration's tables and columns a database has.
#[derive(Default)]
struct Findings {
    there: Vec<String>,
    missing: Vec<String>,
}

impl Findings {
    /// Looks for a table, or for the columns that one gets which was made before.
    async fn look(&mut self, db: &Database, table: &Table, old: Option<&Table>) -> Result<()> {
        let found = inspect::inspect(db, &table.name).await?;
        let found = found.map(|found| (found.table, found.computed));
        if let Some((found, _)) = &found {
            self.compare_keys(db, table, found)?;
        }
        let has = |column: &ColumnDef| {
            found.as_ref().is_some_and(|(table, computed)| {
                table.column(&column.name).is_some() || computed.contains(&column.name)
            })
        };
        if old.is_none() {
            self.find(found.is_some(), format!("the table `{}`", table.name));
        }
        let is_new = |column: &&ColumnDef| old.is_none_or(|old| old.column(&column.name).is_none());
        for column in table.columns.iter().filter(is_new).filter(|_| old.is_some() || found.is_some()) {
            self.find(has(column), format!("the column `{}` of `{}`", column.name, table.name));
        }
        Ok(())
    }

    /// On some databases what points to a key must have its type.
    fn compare_keys(&self, db: &Database, made: &Table, found: &Table) -> Result<()> {
        let differs = |column: &&ColumnDef| {
            column.primary_key && found.column(&column.name).is_some_and(|found| found.kind != column.kind)
        };
        match made.columns.iter().find(differs) {
            Some(key) if !db.dialect().has_wider_keys() => Err(Error::Refused(format!(
                "the key `{}` of `{}` has another type in the database than in the migration, and on this database what points to it must have the same; make the model's key an `i32`, and the migration's `.auto(\"{}\")`, if it is an integer of 32 bits",
                key.name, made.name, key.name
            ))),
            _ => Ok(()),
        }
    }

    fn find(&mut self, is_there: bool, what: String) {
        if is_there { self.there.push(what) } else { self.missing.push(what) }
    }
}

fn missing(all: &[String]) -> String {
    match all {
        [one] => format!("{one} is"),
        all => format!("{} are", all.join(", ")),
    }
}
