//! Models that are new.

use super::Detector;
use crate::db::schema::{ColumnDef, Kind, Table, Target};
use crate::error::{Error, Result};
use crate::migrations::UserTable;
use crate::migrations::operations::{Alteration, Operation};

impl Detector<'_> {
    pub(super) fn create_tables(&mut self) -> Result<()> {
        let new = self.new_models().into_iter().cloned().collect();
        creations(new, self.user)?.into_iter().try_for_each(|operation| self.push(operation))
    }
}

/// The new tables, each after those that it points to.
fn creations(mut waiting: Vec<Table>, user: Option<&UserTable>) -> Result<Vec<Operation>> {
    let (mut operations, mut later) = (Vec::new(), Vec::new());
    while !waiting.is_empty() {
        let ready = waiting.iter().position(|table| blocking(table, &waiting, user).is_empty());
        let next = match ready {
            Some(position) => waiting.remove(position),
            None => break_circle(&mut waiting, &mut later, user)?,
        };
        let login = login_name(&next, user);
        operations.push(Operation::CreateTable(next));
        operations.extend(login);
    }
    operations.extend(later);
    Ok(operations)
}

/// The login name of a new user table is unique in any case; a table that is there already may hold twins.
fn login_name(table: &Table, user: Option<&UserTable>) -> Option<Operation> {
    let user = user.filter(|user| user.table == table.name)?;
    let column = table.column(user.login)?;
    let is_text = matches!(column.kind, Kind::Char(_) | Kind::Text);
    let is_unique = column.unique || column.primary_key;
    let operation = || Alteration::UniqueLower(column.name.clone()).of(&table.name);
    (is_text && is_unique).then(operation)
}

/// The foreign keys that point to tables which still have to be made.
fn blocking<'t>(table: &'t Table, waiting: &[Table], user: Option<&UserTable>) -> Vec<&'t ColumnDef> {
    let is_waiting = |name: &str| name != table.name && waiting.iter().any(|other| other.name == name);
    let blocks = |column: &&ColumnDef| match column.references.as_ref().map(|reference| &reference.target) {
        Some(Target::Table { table, .. }) => is_waiting(table),
        Some(Target::User) => user.is_some_and(|user| is_waiting(user.table)),
        None => false,
    };
    table.columns.iter().filter(blocks).collect()
}

/// Takes a table whose foreign keys into the circle may be NULL; they are added once all tables are there.
fn break_circle(
    waiting: &mut Vec<Table>,
    later: &mut Vec<Operation>,
    user: Option<&UserTable>,
) -> Result<Table> {
    let loose = |table: &Table| blocking(table, waiting, user).iter().all(|column| column.null);
    let Some(position) = waiting.iter().position(loose) else {
        let models: Vec<_> = waiting.iter().map(|table| format!("`{}`", table.model)).collect();
        return Err(Error::Refused(format!(
            "the new models {} point to each other in a circle; make one of the foreign keys an `Option`",
            models.join(", ")
        )));
    };
    let deferred: Vec<_> = blocking(&waiting[position], waiting, user).into_iter().cloned().collect();
    let mut table = waiting.remove(position);
    table.columns.retain(|column| !deferred.contains(column));
    let name = table.name.clone();
    later.extend(deferred.into_iter().map(|column| Alteration::AddColumn { column, fill: None }.of(&name)));
    Ok(table)
}
