//! What a whole migration does: its operations one after the other, each between the tables before and after it.

use super::plan::Graph;
use super::schema::{Action, Scene};
use super::state::{Lacking, State};
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
        let actions = match backwards {
            true => self.undoing(position, &before, &Lacking::default(), dialect)?,
            false => self.applying(position, &before, &Lacking::default(), dialect)?,
        };
        let text = |action| match action {
            Action::Sql(sql) => sql,
            Action::Swap(swap) => swap.to_string(),
            Action::Rust(_) => "-- A function of the migration runs here".to_owned(),
        };
        Ok(actions.into_iter().map(text).collect())
    }

    /// The same with what goes around it, for someone who runs it by hand.
    ///
    /// # Errors
    /// As [`Graph::sql`].
    pub fn script(&self, position: usize, dialect: Dialect, backwards: bool) -> Result<Vec<String>> {
        let mut script = self.sql(position, dialect, backwards)?;
        let mut wrap = |first: &str, last: &str| {
            script.insert(0, first.to_owned());
            script.push(last.to_owned());
        };
        if dialect.has_transactional_ddl() {
            wrap("BEGIN", "COMMIT");
        }
        #[cfg(feature = "sqlite")]
        if dialect == Dialect::Sqlite && self.nodes()[position].migration.may_rebuild() {
            let [on, off] = super::rebuild::SWITCH;
            wrap(off, on);
        }
        script.splice(0..0, dialect.reading().map(str::to_owned));
        Ok(script)
    }

    /// What a migration does, given which others are applied and what the database has not.
    pub(super) fn applying(
        &self,
        position: usize,
        applied: &BTreeSet<usize>,
        lacking: &Lacking,
        dialect: Dialect,
    ) -> Result<Vec<Action>> {
        let states = self.states(position, applied, lacking)?;
        let operations = self.nodes()[position].migration.operations().iter();
        let actions = operations
            .zip(states.windows(2))
            .map(|(operation, around)| self.scene(position, around, dialect).forwards(operation));
        Ok(actions.collect::<Result<Vec<_>>>()?.concat())
    }

    /// What undoes a migration, given which others are applied and what the database has not.
    pub(super) fn undoing(
        &self,
        position: usize,
        applied: &BTreeSet<usize>,
        lacking: &Lacking,
        dialect: Dialect,
    ) -> Result<Vec<Action>> {
        let states = self.states(position, applied, lacking)?;
        let operations = self.nodes()[position].migration.operations().iter().rev();
        let around = states.windows(2).rev();
        let actions = operations
            .zip(around)
            .map(|(operation, around)| self.scene(position, around, dialect).backwards(operation));
        Ok(actions.collect::<Result<Vec<_>>>()?.concat())
    }

    fn scene<'s>(&'s self, position: usize, around: &'s [State], dialect: Dialect) -> Scene<'s> {
        let user = self.nodes()[position].user();
        Scene { dialect, before: &around[0], after: &around[1], user }
    }

    /// The tables before the migration's first operation, and after each.
    pub(super) fn states(
        &self,
        position: usize,
        applied: &BTreeSet<usize>,
        lacking: &Lacking,
    ) -> Result<Vec<State>> {
        let node = &self.nodes()[position];
        let mut state = self.state(|other| other != position && applied.contains(&other))?.without(lacking);
        let mut states = vec![state.clone()];
        for operation in node.migration.operations() {
            self.replay(node, operation, &mut state)?;
            states.push(state.clone().without(lacking));
        }
        Ok(states)
    }
}
