//! The SQL of a whole migration: its operations one after the other, each between the tables before and after it.

use super::plan::Graph;
use super::schema::Scene;
use super::state::State;
use crate::db::Dialect;
use crate::error::Result;
use std::collections::BTreeSet;

impl Graph<'_> {
    /// The statements of the migration at a position, or what undoes it, when all before it are applied.
    ///
    /// # Errors
    /// [`Error::Refused`](crate::Error::Refused) if the database cannot do it, or if it cannot be undone.
    pub fn sql(&self, position: usize, dialect: Dialect, backwards: bool) -> Result<Vec<String>> {
        let before = (0..position).collect();
        match backwards {
            true => self.sql_to_undo(position, &before, dialect),
            false => self.sql_to_apply(position, &before, dialect),
        }
    }

    /// The statements of a migration, given which others are applied.
    pub(super) fn sql_to_apply(
        &self,
        position: usize,
        applied: &BTreeSet<usize>,
        dialect: Dialect,
    ) -> Result<Vec<String>> {
        let states = self.states(position, applied)?;
        let operations = self.nodes()[position].migration.operations().iter();
        let sql = operations
            .zip(states.windows(2))
            .map(|(operation, around)| self.scene(around, dialect).forwards(operation));
        Ok(sql.collect::<Result<Vec<_>>>()?.concat())
    }

    /// The statements that undo a migration, given which others are applied.
    pub(super) fn sql_to_undo(
        &self,
        position: usize,
        applied: &BTreeSet<usize>,
        dialect: Dialect,
    ) -> Result<Vec<String>> {
        let states = self.states(position, applied)?;
        let operations = self.nodes()[position].migration.operations().iter().rev();
        let around = states.windows(2).rev();
        let sql = operations
            .zip(around)
            .map(|(operation, around)| self.scene(around, dialect).backwards(operation));
        Ok(sql.collect::<Result<Vec<_>>>()?.concat())
    }

    fn scene<'s>(&'s self, around: &'s [State], dialect: Dialect) -> Scene<'s> {
        Scene { dialect, before: &around[0], after: &around[1], user: self.user() }
    }

    /// The tables before the migration's first operation, and after each.
    fn states(&self, position: usize, applied: &BTreeSet<usize>) -> Result<Vec<State>> {
        let node = &self.nodes()[position];
        let mut state = self.state(|other| other != position && applied.contains(&other))?;
        let mut states = vec![state.clone()];
        for operation in node.migration.operations() {
            self.replay(node, operation, &mut state)?;
            states.push(state.clone());
        }
        Ok(states)
    }
}
