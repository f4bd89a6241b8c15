//! What an operation does, for people.

use super::models::{Models, each, model};
use crate::error::Result;
use crate::migrations::Graph;
use crate::migrations::operations::{Alteration, Operation};
use crate::migrations::state::{Lacking, State};
use std::collections::BTreeSet;

/// What operations do, from these tables on: `Adds `nickname` to `User`.`
pub(crate) fn describe(operations: &[Operation], before: &State) -> Vec<String> {
    each(operations, before, describe_one)
}

fn describe_one(operation: &Operation, models: &Models) -> String {
    match operation {
        Operation::CreateTable(table) => format!("Makes `{}`.", model(table)),
        Operation::DropTable(table) => format!("Drops `{}` with all its rows.", models.name(table)),
        Operation::RenameTable { table, model: name, .. } => {
            format!("Renames `{}` to `{name}`.", models.name(table))
        }
        Operation::Alter { table, alteration } => describe_alteration(models.name(table), alteration),
        Operation::SwapUser(swap) => format!("Moves the users from `{}`.", swap.table.name),
        Operation::RunSql { .. } => "Runs SQL.".to_owned(),
        Operation::RunRust { .. } => "Runs a function.".to_owned(),
    }
}

/// What the operations of the migration at a position do, given which others are applied.
pub(crate) fn describe_all(
    graph: &Graph<'_>,
    position: usize,
    applied: &BTreeSet<usize>,
) -> Result<Vec<String>> {
    let states = graph.states(position, applied, &Lacking::default())?;
    let operations = graph.nodes()[position].migration.operations();
    Ok(describe(operations, &states[0]))
}

fn describe_alteration(model: &str, alteration: &Alteration) -> String {
    match alteration {
        Alteration::AddColumn { column, .. } => format!("Adds `{}` to `{model}`.", column.field_name()),
        Alteration::DropColumn(column) => format!("Removes `{column}` from `{model}`."),
        Alteration::RenameColumn { column, to } => format!("Renames `{column}` of `{model}` to `{to}`."),
        Alteration::AlterColumn { column, .. } => format!("Alters `{}` of `{model}`.", column.field_name()),
        Alteration::AddUnique(columns) => format!("Keeps {} of `{model}` unique together.", all(columns)),
        Alteration::DropUnique(columns) => {
            format!("No longer keeps {} of `{model}` unique together.", all(columns))
        }
        Alteration::UniqueLower(column) => format!("Keeps `{column}` of `{model}` unique in any case."),
        Alteration::AddIndex(index) => format!("Adds an index on {} of `{model}`.", all(&index.columns)),
        Alteration::DropIndex(index) => {
            format!("Drops the index on {} of `{model}`.", all(&index.columns))
        }
        Alteration::AddCheck(check) => format!("Adds the check `{}` to `{model}`.", check.name),
        Alteration::DropCheck(name) => format!("Drops the check `{name}` of `{model}`."),
        Alteration::Ordering(columns) if columns.is_empty() => format!("Orders `{model}` no more."),
        Alteration::Ordering(columns) => format!("Orders `{model}` by {}.", all(columns)),
    }
}

fn all(columns: &[String]) -> String {
    columns.iter().map(|column| format!("`{column}`")).collect::<Vec<_>>().join(", ")
}
