//! Writes a migration down: a Rust file as `rustfmt` would leave it, and its lines in `migrations/mod.rs`.

mod changes;
mod folder;
mod layout;
mod listing;
mod names;

pub(crate) use changes::{Change, Request, changes};
pub(crate) use folder::Folder;

use super::Migration;
use super::operations::Operation;
use super::state::State;
use crate::db::schema::{ColumnDef, DefaultValue, Kind, OnDelete, Table, Target};
use layout::{Argument, Body, Call, chain};
use std::collections::BTreeSet;

/// What one operation does, for people: `Adds `nickname` to `User`.`
pub(crate) fn describe(operation: &Operation, before: &State) -> String {
    let model = |table: &str| before.table(table).map_or_else(|| table.to_owned(), model_name);
    match operation {
        Operation::CreateTable(table) => format!("Makes `{}`.", model_name(table)),
        Operation::AddColumn { table, column } => format!("Adds `{}` to `{}`.", column.name, model(table)),
        Operation::UniqueLower { table, column } => format!("Keeps `{table}.{column}` unique in any case."),
        other => format!("{other:?}"),
    }
}

fn model_name(table: &Table) -> String {
    if table.model.is_empty() { table.name.clone() } else { table.model.clone() }
}

/// The text of a migration's file; `before` are the tables that it starts from.
///
/// It takes the operations that [`detect`](super::detect()) finds.
fn text(migration: &Migration, before: &State) -> String {
    let head = head(migration, before);
    let imports = imports(migration);
    let calls = calls(migration);
    let chain = chain("Migration::new", &quoted(migration.name()), &calls);
    format!(
        "{head}\n{imports}\n/// Made by `makemigrations`; yours to read and edit until it is applied.\npub fn migration() -> Migration {{\n{chain}\n}}\n"
    )
}

fn head(migration: &Migration, before: &State) -> String {
    let lines: Vec<_> = migration.operations().iter().map(|operation| describe(operation, before)).collect();
    match lines.is_empty() {
        true => "//! Does nothing yet: write what it does after `Migration::new`.\n".to_owned(),
        false => lines.iter().map(|line| format!("//! {line}\n")).collect(),
    }
}

fn imports(migration: &Migration) -> String {
    let names: BTreeSet<_> = columns(migration).flat_map(names_used).collect();
    let names: Vec<_> = names.into_iter().collect();
    match names.as_slice() {
        [] => "use nuages::Migration;\n".to_owned(),
        [name] => format!("use nuages::Migration;\nuse nuages::migrations::{name};\n"),
        names => format!("use nuages::Migration;\nuse nuages::migrations::{{{}}};\n", names.join(", ")),
    }
}

fn columns(migration: &Migration) -> impl Iterator<Item = &ColumnDef> {
    migration.operations().iter().flat_map(|operation| match operation {
        Operation::CreateTable(table) => table.columns.as_slice(),
        Operation::AddColumn { column, .. } => std::slice::from_ref(column),
        _ => &[],
    })
}

/// What a column's line needs from `nuages::migrations`, in the order in which rustfmt sorts.
fn names_used(column: &ColumnDef) -> Vec<&'static str> {
    let Some(reference) = &column.references else { return Vec::new() };
    let target = match &reference.target {
        Target::User => "user",
        Target::Table { column, .. } if column == "id" => "table_of",
        Target::Table { .. } => "key_of",
    };
    let action = (reference.on_delete != OnDelete::default()).then_some("OnDelete");
    action.into_iter().chain([target]).collect()
}

fn calls(migration: &Migration) -> Vec<Call> {
    let depends =
        |(app, name): &(String, String)| Call::new("depends_on", [quoted(app).into(), quoted(name).into()]);
    let dependencies = migration.dependencies().iter().map(depends);
    let user = migration.needs_user().then(|| Call::new("depends_on_user", []));
    dependencies.chain(user).chain(migration.operations().iter().filter_map(operation_call)).collect()
}

fn operation_call(operation: &Operation) -> Option<Call> {
    match operation {
        Operation::CreateTable(table) => Some(create_table(table)),
        Operation::AddColumn { table, column } => Some(
            Call::new("add_column", [quoted(table).into()])
                .closure("column", Body::Expression(column_calls(column))),
        ),
        Operation::UniqueLower { table, column } => {
            Some(Call::new("unique_lower", [quoted(table).into(), quoted(column).into()]))
        }
        _ => None,
    }
}

fn create_table(table: &Table) -> Call {
    let model =
        (!table.model.is_empty()).then(|| vec![Call::new("for_model", [quoted(&table.model).into()])]);
    let columns = table.columns.iter().map(column_calls);
    let together = table.unique_together.iter().map(|columns| {
        let names = columns.iter().map(|column| quoted(column)).collect();
        vec![Call::new("unique_together", [Argument::List("[", names, "]")])]
    });
    let statements = model.into_iter().chain(columns).chain(together).collect();
    Call::new("create_table", [quoted(&table.name).into()]).closure("table", Body::Statements(statements))
}

/// `text("title")`, `max_length(200)`, and so on.
fn column_calls(column: &ColumnDef) -> Vec<Call> {
    let mut calls = vec![first_call(column)];
    if let (Kind::Char(length), None) = (column.kind, &column.references) {
        calls.push(Call::new("max_length", [length.to_string().into()]));
    }
    let flags = [
        (column.primary_key && !column.auto, "primary_key"),
        (column.null, "null"),
        (column.unique, "unique"),
        (column.index, "index"),
    ];
    calls.extend(flags.iter().filter(|(set, _)| *set).map(|(_, name)| Call::new(name, [])));
    calls.extend(column.default.as_ref().map(default_call));
    calls.extend(on_delete_call(column));
    calls
}

fn first_call(column: &ColumnDef) -> Call {
    let name = quoted(&column.name).into();
    match &column.references {
        None => Call::new(method(column), [name]),
        Some(reference) => Call::new("foreign_key", [name, target(&reference.target)]),
    }
}

fn target(target: &Target) -> Argument {
    match target {
        Target::User => "user()".to_owned().into(),
        Target::Table { app, table, column } if column == "id" => {
            Argument::List("table_of(", vec![quoted(app), quoted(table)], ")")
        }
        Target::Table { app, table, column } => {
            Argument::List("key_of(", vec![quoted(app), quoted(table), quoted(column)], ")")
        }
    }
}

fn method(column: &ColumnDef) -> &'static str {
    match column.kind {
        Kind::BigInt if column.auto => "big_auto",
        _ if column.auto => "auto",
        Kind::Bool => "boolean",
        Kind::SmallInt => "small_integer",
        Kind::Integer => "integer",
        Kind::BigInt => "big_integer",
        Kind::Double => "double",
        Kind::Char(_) | Kind::Text => "text",
        Kind::Date => "date",
        Kind::DateTime => "datetime",
        Kind::Uuid => "uuid",
        Kind::Json => "json",
        Kind::Binary => "binary",
    }
}

fn default_call(default: &DefaultValue) -> Call {
    let value = match default {
        DefaultValue::Now => return Call::new("default_now", []),
        DefaultValue::Bool(value) => value.to_string(),
        DefaultValue::Int(value) if i32::try_from(*value).is_err() => format!("{value}_i64"),
        DefaultValue::Int(value) => value.to_string(),
        DefaultValue::Float(value) => format!("{value:?}"),
        DefaultValue::Text(value) => quoted(value),
    };
    Call::new("default", [value.into()])
}

fn on_delete_call(column: &ColumnDef) -> Option<Call> {
    let action = match column.references.as_ref()?.on_delete {
        OnDelete::Cascade => return None,
        OnDelete::Protect => "OnDelete::Protect",
        OnDelete::SetNull => "OnDelete::SetNull",
    };
    Some(Call::new("on_delete", [action.to_owned().into()]))
}

fn quoted(text: &str) -> String {
    format!("{text:?}")
}

#[cfg(test)]
mod tests;
