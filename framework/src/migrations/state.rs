//! The tables as the migrations leave them, known without asking a database.

mod alter;

use super::defaults;
use super::operations::Operation;
use super::user::UserTable;
use crate::db::schema::{ColumnDef, Kind, Reference, Table, Target};
use std::collections::BTreeSet;

/// All tables after some migrations were replayed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    tables: Vec<Table>,
    /// Whether tables of other apps may still be missing.
    is_draft: bool,
}

/// Text columns that should be unique in any case and are not, each with its table: a table that was adopted may have twins.
pub(super) type Lacking = BTreeSet<(String, String)>;

type Replayed = Result<(), String>;

impl State {
    /// The same tables, to which operations may be added before what they point to is there.
    pub(super) fn draft(&self) -> Self {
        Self { is_draft: true, ..self.clone() }
    }

    /// The same tables, but for what a database has not.
    pub(super) fn without(mut self, lacking: &Lacking) -> Self {
        for table in &mut self.tables {
            let is_there = |column: &String| !lacking.contains(&(table.name.clone(), column.clone()));
            table.unique_lower.retain(is_there);
        }
        self
    }

    /// All tables, in the order in which they were made.
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// The table of this name.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name == name)
    }

    /// The tables that the migrations of one app have made.
    pub fn tables_of<'a>(&'a self, app: &'a str) -> impl Iterator<Item = &'a Table> {
        self.tables.iter().filter(move |table| table.app == app)
    }

    /// Does to the state what the operation does to a database; the error says what does not fit.
    pub(super) fn apply(&mut self, app: &str, operation: &Operation, user: Option<&UserTable>) -> Replayed {
        match operation {
            Operation::CreateTable(table) => self.create(app, table, user),
            Operation::DropTable(table) => self.drop_table(table, user),
            Operation::RenameTable { table, to, model } => self.rename_table(table, to, model, user),
            Operation::Alter { table, alteration } => self.alter(table, alteration, user),
            Operation::SwapUser(swap) => self.swap_user(&swap.from, user),
            Operation::RunSql { .. } | Operation::RunRust { .. } => Ok(()),
        }
    }

    fn create(&mut self, app: &str, table: &Table, user: Option<&UserTable>) -> Replayed {
        if let Some(other) = self.table(&table.name) {
            return Err(made_already(other));
        }
        check_columns(table)?;
        let mut resolved = Table { app: app.to_owned(), ..table.clone() };
        for column in &mut resolved.columns {
            column.kind = self.kind_of(column, table, user)?;
        }
        self.tables.push(resolved);
        Ok(())
    }

    /// SQLite would delete the rows that still point to it.
    fn drop_table(&mut self, name: &str, user: Option<&UserTable>) -> Replayed {
        self.table(name).ok_or_else(|| no_table(name))?;
        let points = |column: &ColumnDef| points_to(column, name, user);
        let others = self.tables.iter().filter(|table| table.name != name);
        if let Some(other) = others.clone().find(|table| table.columns.iter().any(points)) {
            return Err(format!(
                "`{}` still points to `{name}`; drop that table or its column first",
                other.name
            ));
        }
        self.tables.retain(|table| table.name != name);
        Ok(())
    }

    fn rename_table(&mut self, name: &str, to: &str, model: &str, user: Option<&UserTable>) -> Replayed {
        if let Some(other) = self.table(to).filter(|other| other.name != name) {
            return Err(made_already(other));
        }
        if user.is_some_and(|user| name != to && [name, to].contains(&user.table)) {
            return Err("it is the table of the site's users, which keeps its name; see `swapuser`".into());
        }
        let table = self.table_mut(name)?;
        to.clone_into(&mut table.name);
        model.clone_into(&mut table.model);
        for target in self.targets_mut() {
            if let Target::Table { table, .. } = target
                && *table == name
            {
                to.clone_into(table);
            }
        }
        Ok(())
    }

    /// The former users' tables are taken over, and what points to users has the type of their key.
    fn swap_user(&mut self, from: &UserTable, user: Option<&UserTable>) -> Replayed {
        let user = user.ok_or_else(no_user_model)?;
        self.table(user.table).ok_or_else(|| no_table(user.table))?;
        let former = from.tables();
        self.tables.retain(|table| !former.contains(&table.name));
        for column in self.tables.iter_mut().flat_map(|table| &mut table.columns) {
            let Some(reference) = &mut column.references else { continue };
            if points_to_table(&reference.target, from.table) {
                reference.target = Target::User;
            }
            if reference.target == Target::User {
                column.kind = user.kind;
            }
        }
        Ok(())
    }

    fn targets_mut(&mut self) -> impl Iterator<Item = &mut Target> {
        let columns = self.tables.iter_mut().flat_map(|table| &mut table.columns);
        columns.filter_map(|column| Some(&mut column.references.as_mut()?.target))
    }

    fn table_mut(&mut self, name: &str) -> Result<&mut Table, String> {
        self.tables.iter_mut().find(|table| table.name == name).ok_or_else(|| no_table(name))
    }

    /// What a column of `home` holds: for a foreign key, what the key that it points to holds.
    pub(super) fn kind_of(
        &self,
        column: &ColumnDef,
        home: &Table,
        user: Option<&UserTable>,
    ) -> Result<Kind, String> {
        let Some(Reference { target, .. }) = &column.references else { return Ok(column.kind) };
        match target {
            Target::User => user.map(|user| user.kind).ok_or_else(no_user_model),
            Target::Table { table, column, .. } if *table == home.name => key_kind(home, column),
            Target::Table { app, table, column } => {
                let missing = || {
                    format!(
                        "the table `{table}` of app `{app}` is not there yet; add `.depends_on(\"{app}\", …)`"
                    )
                };
                match self.table(table) {
                    Some(table) => key_kind(table, column),
                    None if self.is_draft => Ok(Kind::BigInt),
                    None => Err(missing()),
                }
            }
        }
    }
}

/// Whether a column is a foreign key to this table.
pub(super) fn points_to(column: &ColumnDef, name: &str, user: Option<&UserTable>) -> bool {
    match column.references.as_ref().map(|reference| &reference.target) {
        Some(Target::Table { table, .. }) => table == name,
        Some(Target::User) => user.is_some_and(|user| user.table == name),
        None => false,
    }
}

fn points_to_table(target: &Target, name: &str) -> bool {
    matches!(target, Target::Table { table, .. } if table == name)
}

fn key_kind(table: &Table, key: &str) -> Result<Kind, String> {
    let column = table.column(key).map(|column| column.kind);
    column.ok_or_else(|| {
        format!("the table `{}` has no column `{key}` for a foreign key to point to", table.name)
    })
}

/// No two columns of one name, none named that is not there, and defaults that can be kept.
fn check_columns(table: &Table) -> Replayed {
    for (position, column) in table.columns.iter().enumerate() {
        if table.columns[..position].iter().any(|other| other.name == column.name) {
            return Err(format!("the table `{}` has two columns `{}`", table.name, column.name));
        }
    }
    defaults::check(table)?;
    let sets = [
        ("unique_together", table.unique_together.iter().flatten().collect::<Vec<_>>()),
        ("unique_lower", table.unique_lower.iter().collect()),
        ("index", table.indexes.iter().flat_map(|index| &index.columns).collect()),
        ("ordering", table.ordering.iter().collect()),
    ];
    let is_unknown = |column: &&&String| table.column(column.trim_start_matches('-')).is_none();
    for (what, columns) in &sets {
        if let Some(column) = columns.iter().find(is_unknown) {
            let column = column.trim_start_matches('-');
            return Err(format!("`{what}` of `{}` names a column `{column}` that it has not", table.name));
        }
    }
    Ok(())
}

fn no_table(name: &str) -> String {
    format!("there is no table `{name}` at this point")
}

fn made_already(table: &Table) -> String {
    format!("the table `{}` is already made by app `{}`", table.name, table.app)
}

pub(super) fn no_user_model() -> String {
    "it points to the site's user model, and the site has none; add `nuages_auth::app::<User>()` to its apps"
        .into()
}

#[cfg(test)]
mod tests;
