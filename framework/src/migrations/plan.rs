//! The order of all migrations of all apps, and what is to be done to reach a goal. Pure.

mod links;

use super::Migration;
use super::apply::Histories;
use super::operations::Operation;
use super::records::Applied;
use super::state::State;
use super::user::UserTable;
use crate::error::{Error, Result};
use std::collections::BTreeSet;

/// One migration among those of all apps.
#[derive(Clone, Debug)]
pub struct Node<'a> {
    /// The label of its app.
    pub app: &'a str,
    /// The migration.
    pub migration: &'a Migration,
    /// Those that have to be applied before.
    needs: BTreeSet<usize>,
    /// Those that go before where both are still to be applied.
    follows: BTreeSet<usize>,
    /// Who the site's users are at this point.
    user: Option<&'a UserTable>,
}

impl<'a> Node<'a> {
    fn new(app: &'a str, migration: &'a Migration, user: Option<&'a UserTable>) -> Self {
        Self { app, migration, needs: BTreeSet::new(), follows: BTreeSet::new(), user }
    }

    /// The table of the site's users at this point of the history.
    pub fn user(&self) -> Option<&'a UserTable> {
        self.user
    }

    /// The positions of those that go before.
    fn before(&self) -> impl Iterator<Item = &usize> {
        self.needs.union(&self.follows)
    }

    /// How people call it: `blog.0001_initial`.
    pub fn label(&self) -> String {
        format!("{}.{}", self.app, self.migration.name())
    }

    /// App and name, as dependencies name it.
    pub(crate) fn key(&self) -> (String, String) {
        (self.app.to_owned(), self.migration.name().to_owned())
    }

    /// Where its text is, if the app is one of the project's own.
    pub fn file(&self) -> String {
        format!("src/{}/migrations/m{}.rs", self.app, self.migration.name())
    }
}

/// All migrations of a site, each after those that it depends on.
#[derive(Clone, Debug)]
pub struct Graph<'a> {
    nodes: Vec<Node<'a>>,
    user: Option<&'a UserTable>,
}

/// Up to where to migrate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal<'a> {
    /// Everything.
    All,
    /// All migrations of one app.
    App(&'a str),
    /// One migration of one app, by its name or the beginning of it; `zero` is before the first.
    Named(&'a str, &'a str),
}

/// What is to be done with the migration at a position in the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Apply it.
    Apply(usize),
    /// Undo it.
    Undo(usize),
}

impl Step {
    /// Whether there is nothing left to do, when these are applied.
    pub(super) fn is_done(self, applied: &BTreeSet<usize>) -> bool {
        match self {
            Self::Apply(position) => applied.contains(&position),
            Self::Undo(position) => !applied.contains(&position),
        }
    }

    /// What takes it back.
    pub(super) fn turned_back(self) -> Self {
        match self {
            Self::Apply(position) => Self::Undo(position),
            Self::Undo(position) => Self::Apply(position),
        }
    }

    /// Counts it as done.
    pub(super) fn note(self, applied: &mut BTreeSet<usize>) {
        match self {
            Self::Apply(position) => applied.insert(position),
            Self::Undo(position) => applied.remove(&position),
        };
    }
}

impl<'a> Graph<'a> {
    /// The migrations of a site's apps in order.
    ///
    /// # Errors
    /// As [`Graph::new`]; and [`Error::Refused`] if one points to users that no migration makes.
    pub fn of(apps: &'a impl Histories) -> Result<Self> {
        let graph = Self::new(apps.migrations(), apps.user_table())?;
        links::check_users(&graph.nodes)?;
        Ok(graph)
    }

    /// Puts migrations in order.
    ///
    /// # Errors
    /// [`Error::Refused`] for two of one name, a dependency that is not there, and a circle.
    pub fn new(
        apps: impl IntoIterator<Item = (&'a str, &'a [Migration])>,
        user: Option<&'a UserTable>,
    ) -> Result<Self> {
        let mut nodes = Vec::new();
        for (app, migrations) in apps {
            nodes.extend(migrations.iter().map(|migration| Node::new(app, migration, user)));
        }
        links::link(&mut nodes)?;
        Ok(Self { nodes: links::sort(nodes)?, user })
    }

    /// The migrations in order.
    pub fn nodes(&self) -> &[Node<'a>] {
        &self.nodes
    }

    /// The table of the site's users.
    pub fn user(&self) -> Option<&'a UserTable> {
        self.user
    }

    /// Whether migrations lead from the users of this label to those of today.
    pub(super) fn leads_from(&self, label: &str) -> bool {
        self.nodes.iter().any(|node| node.migration.swap().is_some_and(|swap| swap.from.label() == label))
    }

    /// The migrations of an app in order, each with its position in the graph.
    pub fn nodes_of<'g>(&'g self, app: &'g str) -> impl Iterator<Item = (usize, &'g Node<'a>)> {
        self.nodes.iter().enumerate().filter(move |(_, node)| node.app == app)
    }

    /// Whether the migration at a position is the first of its app.
    pub(super) fn is_first(&self, position: usize) -> bool {
        let node = &self.nodes[position];
        !node.needs.iter().any(|need| self.nodes[*need].app == node.app)
    }

    /// The name of the migration of the same app before the one at a position, as [`Goal::Named`] calls it.
    pub(super) fn name_before(&self, position: usize) -> &'a str {
        let node = &self.nodes[position];
        let before = node.needs.iter().rev().find(|need| self.nodes[**need].app == node.app);
        before.map_or("zero", |need| self.nodes[*need].migration.name())
    }

    /// The positions of an app's migrations that no other one of the app follows.
    pub(super) fn leaves(&self, app: &str) -> Vec<usize> {
        let is_followed =
            |position: usize| self.nodes_of(app).any(|(_, node)| node.needs.contains(&position));
        self.nodes_of(app).map(|(position, _)| position).filter(|position| !is_followed(*position)).collect()
    }

    /// These, and all that they depend on.
    pub(crate) fn with_needs(&self, goals: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
        let mut wanted: BTreeSet<usize> = goals.into_iter().collect();
        for position in (0..self.nodes.len()).rev() {
            if wanted.contains(&position) {
                wanted.extend(self.nodes[position].before());
            }
        }
        wanted
    }

    /// These, and all that depend on them.
    pub(super) fn with_followers(&self, goals: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
        let mut followers: BTreeSet<usize> = goals.into_iter().collect();
        for (position, node) in self.nodes.iter().enumerate() {
            if !node.needs.is_disjoint(&followers) {
                followers.insert(position);
            }
        }
        followers
    }

    /// The one migration of an app whose name is this or begins with it.
    ///
    /// # Errors
    /// [`Error::Refused`] if there is none, or more than one.
    pub fn find(&self, app: &str, name: &str) -> Result<usize> {
        if let Some((exact, _)) = self.nodes_of(app).find(|(_, node)| node.migration.name() == name) {
            return Ok(exact);
        }
        let mut found = self.nodes_of(app).filter(|(_, node)| node.migration.name().starts_with(name));
        match (found.next(), found.next()) {
            (Some((position, _)), None) => Ok(position),
            (Some(_), Some(_)) => {
                refuse(format!("more than one migration of `{app}` begins with `{name}`; give more of it"))
            }
            _ => refuse(format!("app `{app}` has no migration `{name}`; see `showmigrations {app}`")),
        }
    }

    /// The tables after those migrations that `include` picks by position.
    ///
    /// # Errors
    /// [`Error::Refused`], naming the migration, if one does not fit what is there before it.
    pub fn state(&self, include: impl Fn(usize) -> bool) -> Result<State> {
        let mut state = State::default();
        for (_, node) in self.nodes.iter().enumerate().filter(|(position, _)| include(*position)) {
            for operation in node.migration.operations() {
                self.replay(node, operation, &mut state)?;
            }
        }
        Ok(state)
    }

    pub(super) fn replay(&self, node: &Node<'_>, operation: &Operation, state: &mut State) -> Result<()> {
        let failed = |text| Error::Refused(format!("migration {} ({}): {text}", node.label(), node.file()));
        state.apply(node.app, operation, node.user).map_err(failed)
    }

    /// What is to be done to reach the goal when these are applied.
    ///
    /// # Errors
    /// [`Error::Refused`] if the goal names no app or migration.
    pub fn steps(&self, goal: Goal<'_>, applied: &BTreeSet<usize>) -> Result<Vec<Step>> {
        match goal {
            Goal::All => Ok(self.forwards(0..self.nodes.len(), applied)),
            Goal::App(app) => Ok(self.forwards(self.nodes_of(app).map(|(position, _)| position), applied)),
            Goal::Named(app, "zero") => {
                Ok(self.backwards(self.nodes_of(app).map(|(position, _)| position), applied))
            }
            Goal::Named(app, name) => self.towards(self.find(app, name)?, applied),
        }
    }

    fn towards(&self, goal: usize, applied: &BTreeSet<usize>) -> Result<Vec<Step>> {
        if !applied.contains(&goal) {
            return Ok(self.forwards([goal], applied));
        }
        let app = self.nodes[goal].app;
        let later =
            self.nodes_of(app).filter(|(_, node)| node.needs.contains(&goal)).map(|(position, _)| position);
        Ok(self.backwards(later, applied))
    }

    fn forwards(&self, goals: impl IntoIterator<Item = usize>, applied: &BTreeSet<usize>) -> Vec<Step> {
        self.with_needs(goals).difference(applied).copied().map(Step::Apply).collect()
    }

    fn backwards(&self, goals: impl IntoIterator<Item = usize>, applied: &BTreeSet<usize>) -> Vec<Step> {
        let undone = self.with_followers(goals);
        undone.into_iter().rev().filter(|position| applied.contains(position)).map(Step::Undo).collect()
    }

    /// The positions of those that are applied. Apps that the site no longer has do not count.
    ///
    /// # Errors
    /// [`Error::Refused`] for an applied migration that is gone, was changed, or was applied before one it depends on.
    pub fn applied(&self, records: &[Applied]) -> Result<BTreeSet<usize>> {
        let here = |record: &&Applied| self.nodes_of(&record.app).next().is_some();
        let applied =
            records.iter().filter(here).map(|record| self.recognise(record)).collect::<Result<_>>()?;
        self.check_order(&applied)?;
        Ok(applied)
    }

    fn recognise(&self, record: &Applied) -> Result<usize> {
        let found = self.nodes_of(&record.app).find(|(_, node)| node.migration.name() == record.name);
        let Some((position, node)) = found else { return refuse(gone(record)) };
        if node.migration.checksum() != record.checksum {
            return refuse(changed(node));
        }
        Ok(position)
    }

    fn check_order(&self, applied: &BTreeSet<usize>) -> Result<()> {
        for node in applied.iter().map(|position| &self.nodes[*position]) {
            if let Some(missing) = node.needs.difference(applied).next() {
                let (late, early) = (node.label(), self.nodes[*missing].label());
                return refuse(format!(
                    "{late} is applied, but {early}, on which it depends, is not; take the dependency out of {}, or go back with `migrate {} zero` and forward again",
                    node.file(),
                    node.app
                ));
            }
        }
        Ok(())
    }
}

fn gone(record: &Applied) -> String {
    let Applied { app, name, .. } = record;
    format!(
        "{app}.{name} was applied to this database, but src/{app}/migrations/m{name}.rs is not among the app's migrations; put the file and its lines in migrations/mod.rs back"
    )
}

fn changed(node: &Node<'_>) -> String {
    format!(
        "{} was changed after it was applied to this database; put {} back as it was, and write the change as a new migration",
        node.label(),
        node.file()
    )
}

fn refuse<T>(text: impl Into<String>) -> Result<T> {
    Err(Error::Refused(text.into()))
}

#[cfg(test)]
mod tests;
