//! Models that are gone.

use super::Detector;
use crate::db::schema::{ColumnDef, Table};
use crate::error::{Error, Result};
use crate::migrations::operations::{Alteration, Operation};
use crate::migrations::state::points_to;

impl Detector<'_> {
    /// Each table goes before those that it points to.
    pub(super) fn drop_tables(&mut self) -> Result<()> {
        loop {
            let gone = self.gone();
            if gone.is_empty() {
                return Ok(());
            }
            match gone.iter().find(|table| !self.is_pointed_to(table)) {
                Some(table) => self.push(Operation::DropTable(table.name.clone()))?,
                None => self.break_circle(&gone)?,
            }
        }
    }

    fn is_pointed_to(&self, table: &Table) -> bool {
        let points = |column: &ColumnDef| points_to(column, &table.name, self.user);
        let others = self.state.tables().iter().filter(|other| other.name != table.name);
        others.flat_map(|other| &other.columns).any(points)
    }

    /// Of tables that point to each other one loses its foreign key first.
    fn break_circle(&mut self, gone: &[Table]) -> Result<()> {
        let is_gone = |column: &ColumnDef, home: &Table| {
            let others = gone.iter().filter(|other| other.name != home.name);
            others.into_iter().any(|other| points_to(column, &other.name, self.user))
        };
        let found = gone
            .iter()
            .find_map(|table| Some((table, table.columns.iter().find(|column| is_gone(column, table))?)));
        match found {
            Some((table, column)) => self.alter(table, Alteration::DropColumn(column.name.clone())),
            None => Err(still_used(gone, self.app)),
        }
    }
}

fn still_used(gone: &[Table], app: &str) -> Error {
    let models: Vec<_> = gone.iter().map(|table| format!("`{}`", table.model)).collect();
    Error::Refused(format!(
        "app `{app}`: {} cannot be removed while another app's model points to it; remove that foreign key first, and run `makemigrations` for that app",
        models.join(", ")
    ))
}
