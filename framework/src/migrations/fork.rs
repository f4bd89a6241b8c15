//! Histories that go on in two ways, because two people have each written the next migration of an app.

use super::plan::Graph;
use super::state::State;
use crate::db::schema::{ColumnDef, Table};
use crate::error::{Error, Result};
use std::collections::BTreeSet;

/// An app's history from where it goes on in more than one way.
#[derive(Debug, PartialEq)]
pub(super) struct Fork {
    /// For each way the positions of its own migrations, in order.
    pub(super) branches: Vec<Vec<usize>>,
}

impl Graph<'_> {
    /// Where the history of an app goes on in more than one way, if it does.
    pub(super) fn fork(&self, app: &str) -> Option<Fork> {
        let leaves = self.leaves(app);
        let histories: Vec<_> = leaves.iter().map(|leaf| self.with_needs([*leaf])).collect();
        let is_common = |position: &usize| histories.iter().all(|history| history.contains(position));
        let own = |position: &usize| self.nodes()[*position].app == app && !is_common(position);
        let branches = histories.iter().map(|history| history.iter().copied().filter(own).collect());
        (leaves.len() > 1).then(|| Fork { branches: branches.collect() })
    }

    /// Refuses histories that go on in more than one way: in which order they were applied would depend on the database.
    ///
    /// # Errors
    /// [`Error::Refused`] with both ends.
    pub fn check_forks(&self) -> Result<()> {
        let apps: BTreeSet<_> = self.nodes().iter().map(|node| node.app).collect();
        let ends = |app: &str| {
            let ends: Vec<_> = self.leaves(app).into_iter().map(|leaf| self.nodes()[leaf].file()).collect();
            (ends.len() > 1).then(|| ends.join(" and "))
        };
        match apps.into_iter().find_map(|app| Some((app, ends(app)?))) {
            Some((app, ends)) => Err(Error::Refused(format!(
                "the migrations of app `{app}` end in more than one way, with {ends}; run `makemigrations --merge`"
            ))),
            None => Ok(()),
        }
    }

    /// Refuses branches that change the same: the tables would depend on the order in which they are applied.
    ///
    /// # Errors
    /// [`Error::Refused`] with the table, and the column if it is one.
    pub(super) fn check_merge(&self, fork: &Fork) -> Result<()> {
        let all = fork.branches.iter().flatten().copied();
        let later = self.with_followers(all);
        let base = self.state(|position| !later.contains(&position))?.draft();
        for (number, one) in fork.branches.iter().enumerate() {
            for other in &fork.branches[..number] {
                self.check_pair(&base, other, one)?;
            }
        }
        Ok(())
    }

    fn check_pair(&self, base: &State, one: &[usize], other: &[usize]) -> Result<()> {
        let label =
            |branch: &[usize]| branch.last().map_or_else(String::new, |end| self.nodes()[*end].label());
        let refused = |problem: String| {
            Error::Refused(format!(
                "{} and {} cannot be merged: {problem}; delete the one that is applied nowhere, and let `makemigrations` write it anew after the other",
                label(one),
                label(other)
            ))
        };
        let in_order = |first, then| {
            let mut state = base.clone();
            self.replay_all(first, &mut state)?;
            self.replay_all(then, &mut state)?;
            Ok::<_, Error>(state)
        };
        let either = |first, then| in_order(first, then).map_err(|error| refused(error.to_string()));
        match difference(&either(one, other)?, &either(other, one)?) {
            Some(what) => Err(refused(format!("both change {what}"))),
            None => Ok(()),
        }
    }

    fn replay_all(&self, positions: &[usize], state: &mut State) -> Result<()> {
        for node in positions.iter().map(|position| &self.nodes()[*position]) {
            for operation in node.migration.operations() {
                self.replay(node, operation, state)?;
            }
        }
        Ok(())
    }
}

/// What the same migrations in another order have made otherwise; the order of columns and indexes does not count.
fn difference(one: &State, other: &State) -> Option<String> {
    one.tables().iter().find_map(|table| match other.table(&table.name) {
        None => Some(format!("the table `{}`", table.name)),
        Some(other) => table_difference(table, other),
    })
}

fn table_difference(one: &Table, other: &Table) -> Option<String> {
    let differs = |column: &&ColumnDef| other.column(&column.name) != Some(column);
    if let Some(column) = one.columns.iter().find(differs) {
        return Some(format!("`{}` of `{}`", column.name, one.name));
    }
    let name = &one.name;
    match (one.model == other.model, one.ordering == other.ordering) {
        (false, _) => Some(format!("the model of `{name}`")),
        (_, false) => Some(format!("the ordering of `{name}`")),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
