//! Runs migrations: each in one transaction, under a lock, so that many processes may migrate at once.

use super::Migration;
use super::plan::{Goal, Graph, Node, Step};
#[cfg(feature = "sqlite")]
use super::rebuild::{Before, SWITCH};
use super::records::{self, Applied};
use super::schema::Action;
use super::swap;
use super::user::UserTable;
#[cfg(feature = "mysql")]
use crate::db::sea_query::{Expr, Query};
use crate::db::{Database, Dialect};
use crate::error::{Error, Result};
use futures_util::future::BoxFuture;
use std::collections::BTreeSet;

/// The number of the PostgreSQL lock; any would do, as long as it stays.
#[cfg(feature = "postgres")]
const LOCK: &str = "SELECT pg_advisory_xact_lock(5719823716048)";

/// The name of the MySQL lock, which all databases of a server share; it has room for 64 letters.
#[cfg(feature = "mysql")]
const LOCK_NAME: &str = "CONCAT('nuages_migrate ', SHA1(DATABASE()))";

/// How long a process waits for others that migrate, and how long it waits otherwise (in `db`).
#[cfg(feature = "sqlite")]
const PATIENCE: [&str; 2] = ["PRAGMA busy_timeout = 60000", "PRAGMA busy_timeout = 5000"];

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
/// [`Error::Refused`] if the history does not fit the database, or a migration fails; that one leaves nothing behind.
pub async fn migrate(db: &Database, apps: &impl Histories) -> Result<Vec<String>> {
    let runner = Runner::open(db, apps).await?;
    let steps = runner.steps(Goal::All).await?;
    runner.before().await?;
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
/// [`Error::Refused`] if the migrations cannot be put in order.
pub async fn unapplied(db: &Database, apps: &impl Histories) -> Result<Vec<(String, String)>> {
    let graph = Graph::of(apps)?;
    let records = records::applied(db).await?;
    let is_applied = |node: &&Node<'_>| {
        records.iter().any(|record| record.app == node.app && record.name == node.migration.name())
    };
    let missing = graph.nodes().iter().filter(|node| !is_applied(node));
    Ok(missing.map(|node| (node.app.to_owned(), node.migration.name().to_owned())).collect())
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
    /// [`Error::Refused`] if that cannot be done, or if the database was made for another user model.
    pub async fn open(db: &'a Database, apps: &'a H) -> Result<Self> {
        let graph = Graph::of(apps);
        // Before the graph's own complaint, which has less to say about another user model.
        let leads_from = |label: &str| graph.as_ref().is_ok_and(|graph| graph.leads_from(label));
        records::check_user_model(db, apps.user_table(), leads_from).await?;
        Ok(Self { db, apps, graph: graph? })
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
    /// [`Error::Refused`] if the database has another history.
    pub async fn steps(&self, goal: Goal<'_>) -> Result<Vec<Step>> {
        self.graph.steps(goal, &self.applied(self.db).await?)
    }

    /// Runs the apps' hooks that go before.
    pub async fn before(&self) -> Result<()> {
        locked(self.db, false, async |db| self.apps.before_migrate(&db).await).await
    }

    /// Runs the apps' hooks that go after.
    pub async fn after(&self) -> Result<()> {
        locked(self.db, false, async |db| self.apps.after_migrate(&db).await).await
    }

    /// Does one step, and says whether it was still to be done.
    ///
    /// # Errors
    /// [`Error::Refused`], naming the migration; the database is then as it was.
    pub async fn run(&self, step: Step) -> Result<bool> {
        let rebuilds = self.node(step).migration.may_rebuild();
        let done = locked(self.db, rebuilds, async |db| self.run_locked(&db, step).await).await;
        done.map_err(|error| failed(self.node(step), step, &error))
    }

    async fn run_locked(&self, db: &Database, step: Step) -> Result<bool> {
        records::prepare(db).await?;
        records::check_user_model(db, self.graph.user(), |label| self.graph.leads_from(label)).await?;
        let applied = self.applied(db).await?;
        match step {
            Step::Apply(position) if !applied.contains(&position) => self.apply(db, position, &applied).await,
            Step::Undo(position) if applied.contains(&position) => self.undo(db, position, &applied).await,
            _ => return Ok(false),
        }
        .map(|()| true)
    }

    async fn applied(&self, db: &Database) -> Result<BTreeSet<usize>> {
        self.graph.applied(&records::applied(db).await?)
    }

    async fn apply(&self, db: &Database, position: usize, applied: &BTreeSet<usize>) -> Result<()> {
        let actions = self.graph.applying(position, applied, db.dialect())?;
        perform(db, &actions, self.graph.nodes()[position].migration.may_rebuild()).await?;
        records::remember_user_model(db, self.graph.user()).await?;
        let Node { app, migration, .. } = self.graph.nodes()[position];
        let (app, name) = (app.to_owned(), migration.name().to_owned());
        records::remember(db, &Applied { app, name, checksum: migration.checksum() }).await
    }

    async fn undo(&self, db: &Database, position: usize, applied: &BTreeSet<usize>) -> Result<()> {
        let node = &self.graph.nodes()[position];
        let actions = self.graph.undoing(position, applied, db.dialect())?;
        perform(db, &actions, node.migration.may_rebuild()).await?;
        if self.graph.user().is_some_and(|user| node.migration.creates(user.table)) {
            records::forget_user_model(db).await?;
        }
        records::forget(db, node.app, node.migration.name()).await
    }
}

async fn perform(
    db: &Database,
    actions: &[Action],
    #[cfg_attr(not(feature = "sqlite"), expect(unused_variables))] rebuilds: bool,
) -> Result<()> {
    match db.dialect() {
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite if rebuilds => {
            let before = Before::look(db).await?;
            act(db, actions).await?;
            before.compare(db).await
        }
        _ => act(db, actions).await,
    }
}

async fn act(db: &Database, actions: &[Action]) -> Result<()> {
    for action in actions {
        match action {
            Action::Sql(sql) => db.execute_sql(sql).await?,
            Action::Rust(work) => work.run(db.clone()).await?,
            Action::Swap(users) => swap::run(db, users).await?,
        }
    }
    Ok(())
}

/// Runs `work` in a transaction that no other process can be in at the same time.
async fn locked<T>(
    db: &Database,
    rebuilds: bool,
    work: impl AsyncFnOnce(Database) -> Result<T>,
) -> Result<T> {
    prepare_connection(db, true, rebuilds).await?;
    let done = db
        .transaction(async |db| {
            lock(&db).await?;
            let done = work(db.clone()).await;
            unlock(&db, done).await
        })
        .await;
    prepare_connection(db, false, false).await?;
    done
}

/// SQLite's write lock is taken by the beginning of the transaction.
async fn lock(db: &Database) -> Result<()> {
    match db.dialect() {
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite => Ok(()),
        #[cfg(feature = "postgres")]
        Dialect::Postgres => db.execute_sql(LOCK).await,
        #[cfg(feature = "mysql")]
        Dialect::MySql => {
            let lock =
                Query::select().expr_as(Expr::cust(format!("GET_LOCK({LOCK_NAME}, 60)")), "got").take();
            match db.fetch_optional(&lock, |row| row.get::<Option<i64>>("got")).await? {
                Some(Some(1)) => Ok(()),
                _ => Err(Error::Unavailable("others have been migrating for a minute; try again".into())),
            }
        }
    }
}

/// MySQL's lock belongs to the connection, not to the transaction, and may not be free before what was done can be seen.
#[allow(unreachable_patterns, reason = "each database is left out in some build")]
async fn unlock<T>(db: &Database, done: Result<T>) -> Result<T> {
    match db.dialect() {
        #[cfg(feature = "mysql")]
        Dialect::MySql => {
            let end = if done.is_ok() { "COMMIT" } else { "ROLLBACK" };
            let unlocked = db.execute_sql(&format!("{end}; DO RELEASE_LOCK({LOCK_NAME})")).await;
            done.and_then(|done| unlocked.map(|()| done))
        }
        _ => done,
    }
}

/// On SQLite the one connection that writes waits longer than usual, and checks no foreign keys if tables are to be
/// written anew.
#[cfg_attr(not(feature = "sqlite"), expect(unused_variables))]
async fn prepare_connection(db: &Database, waits: bool, rebuilds: bool) -> Result<()> {
    match db.dialect() {
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite => {
            db.execute_sql(PATIENCE[usize::from(!waits)]).await?;
            db.execute_sql(SWITCH[usize::from(rebuilds)]).await
        }
        #[cfg(feature = "postgres")]
        Dialect::Postgres => Ok(()),
        #[cfg(feature = "mysql")]
        Dialect::MySql => Ok(()),
    }
}

fn failed(node: &Node<'_>, step: Step, error: &Error) -> Error {
    let doing = if matches!(step, Step::Apply(_)) { "applying" } else { "undoing" };
    Error::Refused(format!("{doing} {} failed and changed nothing: {error}", node.label()))
}

#[cfg(test)]
mod tests;
