//! What a migration is called: `0001_initial`, `0002_user_nickname`, as Django calls them.

use super::super::operations::{Alteration, Operation};
use super::super::state::State;
use super::models::{Models, each, model};

/// Where Django stops adding words.
pub(super) const LONG: usize = 52;

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
    let mut words = each(operations, before, word).into_iter();
    let Some(mut name) = words.next() else { return "custom".to_owned() };
    for word in words {
        if name.len() + word.len() + 1 > LONG {
            return name + "_and_more";
        }
        name = format!("{name}_{word}");
    }
    name
}

fn word(operation: &Operation, models: &Models) -> String {
    let lower = |table: &str| models.name(table).to_lowercase();
    match operation {
        Operation::CreateTable(table) => model(table).to_lowercase(),
        Operation::DropTable(table) => format!("delete_{}", lower(table)),
        Operation::RenameTable { table, model, .. } => {
            format!("rename_{}_{}", lower(table), model.to_lowercase())
        }
        Operation::Alter { table, alteration } => altered(&lower(table), alteration),
        Operation::SwapUser(swap) => format!("swap_user_from_{}", swap.table.name),
        Operation::RunSql { .. } | Operation::RunRust { .. } => "custom".to_owned(),
    }
}

fn altered(model: &str, alteration: &Alteration) -> String {
    match alteration {
        Alteration::AddColumn { column, .. } => format!("{model}_{}", column.field_name()),
        Alteration::DropColumn(column) => format!("remove_{model}_{column}"),
        Alteration::RenameColumn { column, to } => format!("rename_{column}_{model}_{to}"),
        Alteration::AlterColumn { column, .. } => format!("alter_{model}_{}", column.field_name()),
        Alteration::AddUnique(columns) => format!("{model}_unique_{}", columns.join("_")),
        Alteration::DropUnique(_) => format!("{model}_no_longer_unique"),
        Alteration::UniqueLower(column) => format!("{model}_{column}_lower"),
        Alteration::AddIndex(index) => format!("{model}_index_{}", index.columns.join("_").replace('-', "")),
        Alteration::DropIndex(_) => format!("remove_{model}_index"),
        Alteration::AddCheck(check) => format!("{model}_{}", check.name.to_lowercase()),
        Alteration::DropCheck(name) => format!("remove_{model}_{}", name.to_lowercase()),
        Alteration::Ordering(_) => format!("alter_{model}_ordering"),
    }
}
