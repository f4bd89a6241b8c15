//! What has to be done so that the tables become those of the models. Pure.

use super::operations::Operation;
use super::state::State;
use super::user::UserTable;
use crate::db::schema::{ColumnDef, Kind, Reference, Table, Target};
use crate::error::{Error, Result};

/// The operations that lead from the migrations' tables of an app to the tables of its models.
///
/// It finds new models and new fields, and keeps the login name of a new user model unique in any case.
///
/// # Errors
/// [`Error::Refused`] for a new field that rows which exist could not have a value for, and for every other
/// difference: that has to be written by hand.
pub fn detect(
    app: &str,
    state: &State,
    models: &[Table],
    user: Option<&UserTable>,
) -> Result<Vec<Operation>> {
    let models: Vec<_> = models.iter().map(|table| normal(table, user)).collect();
    let (known, new): (Vec<_>, Vec<_>) =
        models.into_iter().partition(|table| state.table(&table.name).is_some());
    let mut problems = removed_models(app, state, &known);
    let mut added = Vec::new();
    for model in &known {
        compare(app, state, model, user, &mut added, &mut problems);
    }
    match problems.is_empty() {
        true => Ok(creations(new, user)?.into_iter().chain(added).collect()),
        false => Err(Error::Refused(problems.join("\n"))),
    }
}

/// A table in the one form that is compared: the site's user is the user, and what goes without saying is not said.
fn normal(table: &Table, user: Option<&UserTable>) -> Table {
    let columns = table.columns.iter().map(|column| normal_column(column, user)).collect();
    Table { columns, ..table.clone() }
}

fn normal_column(column: &ColumnDef, user: Option<&UserTable>) -> ColumnDef {
    let unique = column.unique && !column.primary_key;
    let index = column.index && !unique && !column.primary_key && column.references.is_none();
    let null = column.null && !column.primary_key;
    let mut column = ColumnDef { unique, index, null, ..column.clone() };
    if let Some(reference) = &mut column.references {
        column.kind = Kind::BigInt;
        if user.is_some_and(|user| is_user(reference, user)) {
            reference.target = Target::User;
        }
    }
    column
}

fn is_user(reference: &Reference, user: &UserTable) -> bool {
    matches!(&reference.target, Target::Table { table, column, .. } if table == user.table && column == user.key)
}

fn removed_models(app: &str, state: &State, models: &[Table]) -> Vec<String> {
    let has_model = |table: &&Table| models.iter().any(|model| model.name == table.name);
    let removed = state.tables_of(app).filter(|table| !table.model.is_empty() && !has_model(table));
    removed.map(|table| by_hand(app, &format!("remove the model `{}`", table.model), "drop_table")).collect()
}

fn compare(
    app: &str,
    state: &State,
    model: &Table,
    user: Option<&UserTable>,
    added: &mut Vec<Operation>,
    problems: &mut Vec<String>,
) {
    let Some(found) = state.table(&model.name) else { return };
    if found.app != app {
        problems.push(format!(
            "the table `{}` of `{}` is made by app `{}`; give it another",
            model.name, model.model, found.app
        ));
        return;
    }
    let found = normal(found, user);
    for column in &model.columns {
        match found.column(&column.name) {
            None => match unfillable(model, column) {
                None => {
                    added.push(Operation::AddColumn { table: model.name.clone(), column: column.clone() })
                }
                Some(problem) => problems.push(problem),
            },
            Some(before) if before != column => problems.push(altered(app, model, before, column)),
            Some(_) => {}
        }
    }
    problems.extend(removed_columns(app, &found, model));
    problems.extend(other_differences(&found, model));
}

fn unfillable(model: &Table, column: &ColumnDef) -> Option<String> {
    let (model, field) = (&model.model, &column.name);
    if column.primary_key {
        return Some(format!(
            "`{model}.{field}` is a new primary key of a table that has one; make a new model instead"
        ));
    }
    (!column.null && column.default.is_none()).then(|| {
        format!(
            "`{model}.{field}` is new, may not be NULL and has no default, so rows that exist would have no value; make it an `Option`, or give it `#[model(default = …)]`"
        )
    })
}

fn altered(app: &str, model: &Table, before: &ColumnDef, after: &ColumnDef) -> String {
    let what = format!("alter `{}.{}` ({})", model.model, after.name, difference(before, after).join(", "));
    by_hand(app, &what, "alter_column")
}

/// What differs, in words such as `max_length 200 -> 300`.
fn difference(before: &ColumnDef, after: &ColumnDef) -> Vec<String> {
    let mut words = Vec::new();
    if before.kind != after.kind {
        words.push(format!("{} -> {}", kind_name(before.kind), kind_name(after.kind)));
    }
    if before.null != after.null {
        words.push(if after.null { "NULL allowed" } else { "NULL no longer allowed" }.to_owned());
    }
    let flags = [
        ("unique", before.unique, after.unique),
        ("index", before.index, after.index),
        ("primary key", before.primary_key, after.primary_key),
        ("counting up", before.auto, after.auto),
    ];
    let changed = flags.into_iter().filter(|(_, before, after)| before != after);
    words.extend(
        changed.map(|(name, _, after)| if after { name.to_owned() } else { format!("no longer {name}") }),
    );
    if before.default != after.default {
        words.push("another default".to_owned());
    }
    if before.references != after.references {
        words.push("another foreign key".to_owned());
    }
    words
}

fn kind_name(kind: Kind) -> String {
    match kind {
        Kind::Char(length) => format!("text of {length}"),
        other => format!("{other:?}").to_lowercase(),
    }
}

fn removed_columns(app: &str, found: &Table, model: &Table) -> Vec<String> {
    let removed = found.columns.iter().filter(|column| model.column(&column.name).is_none());
    let what = |column: &ColumnDef| format!("remove `{}.{}`", model.model, column.name);
    removed.map(|column| by_hand(app, &what(column), "drop_column")).collect()
}

fn other_differences(found: &Table, model: &Table) -> Option<String> {
    let sorted = |table: &Table| {
        let mut sets = table.unique_together.clone();
        sets.sort();
        sets
    };
    let changed = sorted(found) != sorted(model);
    changed.then(|| {
        format!(
            "makemigrations cannot yet change `unique_together` of `{}`; put it back as it was",
            model.model
        )
    })
}

fn by_hand(app: &str, what: &str, operation: &str) -> String {
    format!(
        "makemigrations cannot yet {what}; run `makemigrations {app} --empty` and write `.{operation}(…)` into the migration by hand"
    )
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
    let operation = || Operation::UniqueLower { table: table.name.clone(), column: column.name.clone() };
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
    later.extend(deferred.into_iter().map(|column| Operation::AddColumn { table: name.clone(), column }));
    Ok(table)
}

#[cfg(test)]
mod tests;
