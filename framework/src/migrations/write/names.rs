//! What a migration is called: `0001_initial`, `0002_user_nickname`, as Django calls them.

use super::super::operations::Operation;
use super::super::state::State;
use crate::db::schema::ColumnDef;

/// Where Django stops adding words.
const LONG: usize = 52;

/// The number after the highest of these names.
pub(super) fn next_number<'a>(names: impl IntoIterator<Item = &'a str>) -> u32 {
    let number = |name: &str| name.split('_').next().and_then(|digits| digits.parse::<u32>().ok());
    names.into_iter().filter_map(number).max().unwrap_or(0) + 1
}

/// The name of a migration with this number and these operations.
pub(super) fn name_of(number: u32, operations: &[Operation], before: &State) -> String {
    match number {
        1 => "0001_initial".to_owned(),
        _ => format!("{number:04}_{}", words(operations, before)),
    }
}

fn words(operations: &[Operation], before: &State) -> String {
    let mut words = operations.iter().map(|operation| word(operation, before));
    let Some(mut name) = words.next() else { return "custom".to_owned() };
    for word in words {
        if name.len() + word.len() + 1 > LONG {
            return name + "_and_more";
        }
        name = format!("{name}_{word}");
    }
    name
}

fn word(operation: &Operation, before: &State) -> String {
    match operation {
        Operation::CreateTable(table) if table.model.is_empty() => table.name.to_lowercase(),
        Operation::CreateTable(table) => table.model.to_lowercase(),
        Operation::AddColumn { table, column } => {
            let model = before.table(table).map_or(table.as_str(), |table| table.model.as_str());
            format!("{}_{}", model.to_lowercase(), field_name(column))
        }
        _ => "custom".to_owned(),
    }
}

/// A foreign key's field has the column's name without `_id`.
fn field_name(column: &ColumnDef) -> &str {
    match column.references {
        Some(_) => column.name.strip_suffix("_id").unwrap_or(&column.name),
        None => &column.name,
    }
}
