//! Writes a migration down: a Rust file as `rustfmt` would leave it, and its lines in `migrations/mod.rs`.

mod changes;
mod describe;
mod folder;
mod layout;
mod listing;
mod merges;
mod models;
mod names;
mod swaps;

pub(crate) use changes::{Change, Request, changes};
pub(crate) use describe::{describe, describe_all};
pub(crate) use folder::Folder;
pub(crate) use merges::{Merge, merges};
pub(crate) use swaps::swap;

use super::Migration;
use super::operations::{Alteration, Operation, SwapUser};
use super::state::State;
use crate::db::schema::{ColumnDef, DefaultValue, Index, Kind, OnDelete, Table, Target};
use layout::{Argument, Body, Call, chain};
use std::collections::BTreeSet;

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
    let lines = describe(migration.operations(), before);
    match (lines.is_empty(), merged(migration)) {
        (false, _) => lines.iter().map(|line| format!("//! {line}\n")).collect(),
        (true, Some(names)) => format!("//! Brings together {names}, which were written side by side.\n"),
        (true, None) => "//! Does nothing yet: write what it does after `Migration::new`.\n".to_owned(),
    }
}

/// The migrations of one app that come together here.
fn merged(migration: &Migration) -> Option<String> {
    let [(app, _), (other, _), ..] = migration.dependencies() else { return None };
    let names: Vec<_> = migration.dependencies().iter().map(|(_, name)| format!("`{name}`")).collect();
    (app == other).then(|| names.join(" and "))
}

fn imports(migration: &Migration) -> String {
    let now = migration.operations().iter().any(fills_with_now).then_some("DefaultValue");
    let names: BTreeSet<_> = columns(migration).flat_map(names_used).chain(now).collect();
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
        Operation::Alter { alteration, .. } => {
            alteration.column().map(std::slice::from_ref).unwrap_or_default()
        }
        _ => &[],
    })
}

fn fills_with_now(operation: &Operation) -> bool {
    let Operation::Alter { alteration, .. } = operation else { return false };
    let (Alteration::AddColumn { fill, .. } | Alteration::AlterColumn { fill, .. }) = alteration else {
        return false;
    };
    *fill == Some(DefaultValue::Now)
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

/// What is hand-written is not written again.
fn operation_call(operation: &Operation) -> Option<Call> {
    match operation {
        Operation::CreateTable(table) => Some(create_table(table)),
        Operation::DropTable(table) => Some(Call::new("drop_table", [quoted(table).into()])),
        Operation::RenameTable { table, to, model } => {
            Some(Call::new("rename_table", [table, to, model].map(|name| quoted(name).into())))
        }
        Operation::Alter { table, alteration } => Some(alteration_call(quoted(table).into(), alteration)),
        Operation::SwapUser(swap) => Some(swap_call(swap)),
        Operation::RunSql { .. } | Operation::RunRust { .. } => None,
    }
}

fn swap_call(swap: &SwapUser) -> Call {
    let names = [swap.from.label().as_str(), swap.from.table].map(|name| quoted(name).into());
    Call::new("swap_user", names).closure("table", Body::Statements(statements(&swap.table)))
}

fn alteration_call(table: Argument, alteration: &Alteration) -> Call {
    let name = |name: &String| Argument::from(quoted(name));
    match alteration {
        Alteration::AddColumn { column, fill } => column_call("add_column", table, column, fill.as_ref()),
        Alteration::AlterColumn { column, fill } => column_call("alter_column", table, column, fill.as_ref()),
        Alteration::DropColumn(column) => Call::new("drop_column", [table, name(column)]),
        Alteration::RenameColumn { column, to } => {
            Call::new("rename_column", [table, name(column), name(to)])
        }
        Alteration::AddUnique(columns) => Call::new("add_unique", [table, list(columns)]),
        Alteration::DropUnique(columns) => Call::new("drop_unique", [table, list(columns)]),
        Alteration::UniqueLower(column) => Call::new("unique_lower", [table, name(column)]),
        Alteration::AddIndex(index) => index_call(["add_index", "add_named_index"], Some(table), index),
        Alteration::DropIndex(index) => index_call(["drop_index", "drop_named_index"], Some(table), index),
        Alteration::AddCheck(check) => {
            Call::new("add_check", [table, name(&check.name), name(&check.condition)])
        }
        Alteration::DropCheck(check) => Call::new("drop_check", [table, name(check)]),
        Alteration::Ordering(columns) => Call::new("ordering", [table, list(columns)]),
    }
}

fn column_call(
    method: &'static str,
    table: Argument,
    column: &ColumnDef,
    fill: Option<&DefaultValue>,
) -> Call {
    let mut calls = column_calls(column);
    calls.extend(fill.map(|value| Call::new("fill_with", [literal(value).into()])));
    Call::new(method, [table]).closure("column", Body::Expression(calls))
}

/// With a name of its own, or without one.
fn index_call([plain, named]: [&'static str; 2], table: Option<Argument>, index: &Index) -> Call {
    let columns = list(&index.columns);
    match &index.name {
        None => Call::new(plain, table.into_iter().chain([columns])),
        Some(name) => Call::new(named, table.into_iter().chain([quoted(name).into(), columns])),
    }
}

fn list(names: &[String]) -> Argument {
    Argument::List("[", names.iter().map(|name| quoted(name)).collect(), "]")
}

fn create_table(table: &Table) -> Call {
    Call::new("create_table", [quoted(&table.name).into()])
        .closure("table", Body::Statements(statements(table)))
}

/// What a table is made of, a line each.
fn statements(table: &Table) -> Vec<Vec<Call>> {
    let model = (!table.model.is_empty()).then(|| Call::new("for_model", [quoted(&table.model).into()]));
    let columns = table.columns.iter().map(column_calls);
    let together = table.unique_together.iter().map(|columns| Call::new("unique_together", [list(columns)]));
    let indexes = table.indexes.iter().map(|index| index_call(["index", "named_index"], None, index));
    let checks = table
        .checks
        .iter()
        .map(|check| Call::new("check", [quoted(&check.name).into(), quoted(&check.condition).into()]));
    let ordering = (!table.ordering.is_empty()).then(|| Call::new("ordering", [list(&table.ordering)]));
    let after = together.chain(indexes).chain(checks).chain(ordering).map(|call| vec![call]);
    model.map(|call| vec![call]).into_iter().chain(columns).chain(after).collect()
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
    match default {
        DefaultValue::Now => Call::new("default_now", []),
        value => Call::new("default", [literal(value).into()]),
    }
}

fn literal(value: &DefaultValue) -> String {
    match value {
        DefaultValue::Now => "DefaultValue::Now".to_owned(),
        DefaultValue::Bool(value) => value.to_string(),
        DefaultValue::Int(value) if i32::try_from(*value).is_err() => format!("{value}_i64"),
        DefaultValue::Int(value) => value.to_string(),
        DefaultValue::Float(value) => format!("{value:?}"),
        DefaultValue::Text(value) => quoted(value),
    }
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
mod golden;
#[cfg(test)]
mod tests;
