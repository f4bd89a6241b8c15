//! Runs migrations: each in one transaction, under a lock, so that many processes may migrate at once.

use super::Migration;
use super::adopt;
use super::half_done::{self, Doing};
use super::lock::locked;
use super::plan::{Goal, Graph, Node, Step};
#[cfg(feature = "sqlite")]
use super::rebuild::Before;
use super::records::{self, Applied};
use super::schema::Action;
use super::state::Lacking;
use super::swap;
use super::user::UserTable;
use super::write::describe_all;
use crate::db::Database;
#[cfg(feature = "sqlite")]
use crate::db::Dialect;
use crate::error::Result;
use futures_util::future::BoxFuture;
use std::collections::BTreeSet;

/// The apps of a site, as far as migrations are concerned.
pub trait Histories: Sync {
    /// The label and the migrations of each app.
    fn migrations(&self) -> Vec<(&str, &[Migration])>;

    /// The table of the site's users.
    fn user_table(&self) -> Option<&UserTable> {
        None
    }

    /// What runs before migrations are applied, inside a transaction under the lock.
    fn before_migrate<'a>(&'a self, _db: &'a Database) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { Ok(()) })
    }

    /// What runs after migrations were applied, inside a transaction under the lock.
    fn after_migrate<'a>(&'a self, _db: &'a Database) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { Ok(()) })
    }
}

/// Applies every migration that is not applied yet, with the apps' hooks around them; says which it applied.
///
/// # Errors
/// [`Error::Refused`](crate::Error::Refused) if the history does not fit the database, or a migration fails; that one leaves nothing behind.
pub async fn migrate(db: &Database, apps: &impl Histories) -> Result<Vec<String>> {
    let runner = Runner::open(db, apps).await?;
    let steps = runner.steps(Goal::All).await?;
    runner.rehearse(&steps, Way::Run).await?;
    runner.before(Way::Run).await?;
    let mut done = Vec::new();
    for step in steps {
        if runner.run(step).await? {
            done.push(runner.node(step).label());
        }
    }
    runner.after().await?;
    Ok(done)
}

/// The migrations that are not applied yet, as app and name, in order. Only reads.
///
/// # Errors
/// [`Error::Refused`](crate::Error::Refused) if the migrations cannot be put in order.
pub async fn unapplied(db: &Database, apps: &impl Histories) -> Result<Vec<(String, String)>> {
    let graph = Graph::of(apps)?;
    let records = records::applied(db).await?;
    let is_applied = |node: &&Node<'_>| {
        records.iter().any(|record| record.app == node.app && record.name == node.migration.name())
    };
    let missing = graph.nodes().iter().filter(|node| !is_applied(node));
    Ok(missing.map(|node| (node.app.to_owned(), node.migration.name().to_owned())).collect())
}

/// How a step is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// As the migration says.
    #[default]
    Run,
    /// It is only remembered, or forgotten: the database is as it should be.
    Fake,
    /// As [`Fake`](Way::Fake) for an app's first migration if all that it makes is there, otherwise as [`Run`](Way::Run).
    FakeInitial,
}

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The migration was run.
    Run,
    /// It was remembered or forgotten, and nothing else was done.
    Faked,
    /// Another process had done it.
    Before,
}

/// The migrations of a site and the database that they are run on.
pub struct Runner<'a, H> {
    db: &'a Database,
    apps: &'a H,
    graph: Graph<'a>,
}

impl<'a, H: Histories> Runner<'a, H> {
    /// Puts the site's migrations in order. Only reads.
    ///
    /// # Errors
    /// [`Error::Refused`](crate::Error::Refused) if that cannot be done, if an app's history has two ends, if an operation does not fit the tables
    /// that are there before it, or if the database was made for another user model.
    pub async fn open(db: &'a Database, apps: &'a H) -> Result<Self> {
        let graph = Graph::of(apps);
        // Before the graph's own complaint, which has less to say about another user model.
        let leads_from = |label: &str| graph.as_ref().is_ok_and(|graph| graph.leads_from(label));
        records::check_user_model(db, apps.user_table(), leads_from).await?;
        let graph = graph?;
        graph.check_forks()?;
        graph.state(|_| true)?;
        Ok(Self { db, apps, graph })
    }

    /// The migrations in order.
    pub fn graph(&self) -> &Graph<'a> {
        &self.graph
    }

    /// The migration that a step is about.
    pub fn node(&self, step: Step) -> &Node<'a> {
        let (Step::Apply(position) | Step::Undo(position)) = step;
        &self.graph.nodes()[position]
    }

    /// What is to be done to reach a goal. Only reads.
    ///
    /// # Errors
    /// [`Error::Refused`](crate::Error::Refused) if the database has another history.
    pub async fn steps(&self, goal: Goal<'_>) -> Result<Vec<Step>> {
        self.graph.steps(goal, &self.applied(self.db).await?)
    }

    /// Runs the apps' hooks that go before.
    ///
    /// # Errors
    /// [`Error::Refused`](crate::Error::Refused) if a migration was left half done, which only a step that fakes it can mend.
    pub async fn before(&self, way: Way) -> Result<()> {
        let work = async |db: Database| {
            if way != Way::Fake {
                half_done::check(&db, &self.graph, None).await?;
            }
            self.apps.before_migrate(&db).await
        };
        locked(self.db, false, work).await
    }

    /// Says that what a migration had half done was taken back by hand.
    ///
    /// # Errors
    /// [`Error::Refused`](crate::Error::Refused) if the migration is not half done.
    pub async fn reverted(&self, app: &str, name: &str) -> Result<()> {
        let position = self.graph.find(app, name)?;
        let doings = [Step::Apply(position), Step::Undo(position)].map(|step| self.doing(step));
        let label = self.graph.nodes()[position].label();
        locked(self.db, false, async |db| half_done::reverted(&db, &label, &doings).await).await
    }

    /// Runs the apps' hooks that go after.
    pub async fn after(&self) -> Result<()> {
        locked(self.db, false, async |db| self.apps.after_migrate(&db).await).await
    }

    /// Refuses steps of which one could not be done, before any is. Only reads.
    ///
    /// # Errors
    /// [`Error::Refused`](crate::Error::Refused), naming the migration that cannot be undone, or that this database cannot do; with
    /// [`Way::FakeInitial`] also one of which a part is there.
    pub async fn rehearse(&self, steps: &[Step], way: Way) -> Result<()> {
        let mut applied = self.planned(steps).await?;
        for step in steps {
            let fakes = self.fakes(self.db, *step, way, &applied).await;
            let actions = fakes.and_then(|fakes| {
                if fakes { Ok(Vec::new()) } else { self.actions(*step, &applied, &Lacking::new()) }
            });
            actions.map_err(|error| self.doing(*step).failed(&error))?;
            step.note(&mut applied);
        }
        Ok(())
    }

    /// What each of the steps does, in words; what is undone comes in the order in which it is undone. Only reads.
    ///
    /// # Errors
    /// [`Error::Refused`](crate::Error::Refused) if a migration does not fit the tables that are there before it.
    pub async fn operations(&self, steps: &[Step]) -> Result<Vec<Vec<String>>> {
        let mut applied = self.planned(steps).await?;
        let mut operations = Vec::new();
        for step in steps {
            operations.push(match step {
                Step::Apply(position) => describe_all(&self.graph, *position, &applied)?,
                Step::Undo(position) => {
                    describe_all(&self.graph, *position, &applied)?.into_iter().rev().collect()
                }
            });
            step.note(&mut applied);
        }
        Ok(operations)
    }

    /// Does one step, and says whether it was still to be done.
    ///
    /// # Errors
    /// [`Error::Refused`](crate::Error::Refused), naming the migration; the database is then as it was.
    pub async fn run(&self, step: Step) -> Result<bool> {
        Ok(self.perform(step, Way::Run).await? == Outcome::Run)
    }

    /// Does one step in one way or another.
    ///
    /// # Errors
    /// [`Error::Refused`](crate::Error::Refused), naming the migration; the database is then as it was. With [`Way::FakeInitial`] also if of what
    /// the migration makes a part is there.
    pub async fn perform(&self, step: Step, way: Way) -> Result<Outcome> {
        let (doing, rebuilds) = (self.doing(step), self.node(step).migration.may_rebuild());
        let work = async |db: Database| self.perform_locked(&db, step, way, &doing).await;
        let done = locked(self.db, rebuilds, work).await;
        match done {
            Ok(outcome) => Ok(outcome),
            Err(error) => Err(half_done::failed(self.db, &doing, &error).await),
        }
    }

    async fn perform_locked(&self, db: &Database, step: Step, way: Way, doing: &Doing) -> Result<Outcome> {
        records::prepare(db).await?;
        records::check_user_model(db, self.graph.user(), |label| self.graph.leads_from(label)).await?;
        half_done::check(db, &self.graph, (way == Way::Fake).then_some(doing)).await?;
        let applied = self.applied(db).await?;
        if step.is_done(&applied) {
            return Ok(Outcome::Before);
        }
        let fakes = self.fakes(db, step, way, &applied).await?;
        if !fakes {
            self.act(db, step, doing, &applied).await?;
        }
        self.record(db, step).await?;
        half_done::forget(db).await?;
        Ok(if fakes { Outcome::Faked } else { Outcome::Run })
    }

    async fn act(&self, db: &Database, step: Step, doing: &Doing, applied: &BTreeSet<usize>) -> Result<()> {
        let now = self.graph.state(|position| applied.contains(&position))?;
        let actions = self.actions(step, applied, &adopt::lacking(db, &now).await?)?;
        match db.dialect() {
            #[cfg(feature = "sqlite")]
            Dialect::Sqlite if self.node(step).migration.may_rebuild() => {
                let before = Before::look(db).await?;
                act_all(db, &actions, doing).await?;
                before.compare(db).await
            }
            _ => act_all(db, &actions, doing).await,
        }
    }

    fn doing(&self, step: Step) -> Doing {
        Doing::of(&self.graph, step)
    }

    fn actions(&self, step: Step, applied: &BTreeSet<usize>, lacking: &Lacking) -> Result<Vec<Action>> {
        let dialect = self.db.dialect();
        match step {
            Step::Apply(position) => self.graph.applying(position, applied, lacking, dialect),
            Step::Undo(position) => self.graph.undoing(position, applied, lacking, dialect),
        }
    }

    /// Whether a step is only to be remembered.
    async fn fakes(&self, db: &Database, step: Step, way: Way, applied: &BTreeSet<usize>) -> Result<bool> {
        match (way, step) {
            (Way::Fake, _) => Ok(true),
            (Way::FakeInitial, Step::Apply(position)) if self.graph.is_first(position) => {
                let states = self.graph.states(position, applied, &Lacking::new())?;
                adopt::is_made(db, self.node(step), &states[0], &states[states.len() - 1]).await
            }
            _ => Ok(false),
        }
    }

    /// The migrations that are applied before the first of these steps, even if another process has done some by now.
    async fn planned(&self, steps: &[Step]) -> Result<BTreeSet<usize>> {
        let mut applied = self.applied(self.db).await?;
        steps.iter().for_each(|step| step.turned_back().note(&mut applied));
        Ok(applied)
    }

    async fn applied(&self, db: &Database) -> Result<BTreeSet<usize>> {
        self.graph.applied(&records::applied(db).await?)
    }

    async fn record(&self, db: &Database, step: Step) -> Result<()> {
        let node = self.node(step);
        let (app, name) = node.key();
        match step {
            Step::Apply(_) => {
                records::remember_user_model(db, self.graph.user()).await?;
                let checksum = node.migration.checksum();
                records::remember(db, &Applied { app, name, checksum }).await
            }
            Step::Undo(_) => {
                if self.graph.user().is_some_and(|user| node.migration.creates(user.table)) {
                    records::forget_user_model(db).await?;
                }
                records::forget(db, &app, &name).await
            }
        }
    }
}

async fn act_all(db: &Database, actions: &[Action], doing: &Doing) -> Result<()> {
    if !db.dialect().has_transactional_ddl() {
        return half_done::act(db, doing, actions).await;
    }
    for action in actions {
        act(db, action).await?;
    }
    Ok(())
}

pub(super) async fn act(db: &Database, action: &Action) -> Result<()> {
    match action {
        Action::Sql(sql) => db.execute_sql(sql).await,
        Action::Rust(work) => work.run(db.clone()).await,
        Action::Swap(users) => swap::run(db, users).await,
    }
}

#[cfg(test)]
mod tests;
