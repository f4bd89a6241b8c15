//! What the models of tables are called, while operations make them, give them other names and drop them.

use crate::db::schema::Table;
use crate::migrations::operations::Operation;
use crate::migrations::state::State;
use std::collections::BTreeMap;

/// The models by the names of their tables.
pub(super) struct Models(BTreeMap<String, String>);

/// What is to be said of each operation, given what the models are called before it.
pub(super) fn each<T>(
    operations: &[Operation],
    before: &State,
    say: impl Fn(&Operation, &Models) -> T,
) -> Vec<T> {
    let pair = |table: &Table| (table.name.clone(), model(table).to_owned());
    let mut models = Models(before.tables().iter().map(pair).collect());
    let said = operations.iter().map(|operation| {
        let said = say(operation, &models);
        models.follow(operation);
        said
    });
    said.collect()
}

impl Models {
    pub(super) fn name<'m>(&'m self, table: &'m str) -> &'m str {
        self.0.get(table).map_or(table, String::as_str)
    }

    fn follow(&mut self, operation: &Operation) {
        match operation {
            Operation::CreateTable(table) => _ = self.0.insert(table.name.clone(), model(table).to_owned()),
            Operation::RenameTable { to, model, .. } => _ = self.0.insert(to.clone(), model.clone()),
            _ => {}
        }
    }
}

/// A table without a model is called by its own name.
pub(super) fn model(table: &Table) -> &str {
    if table.model.is_empty() { &table.name } else { &table.model }
}
