//! Where the database commits each change of a table at once, a migration that fails leaves a half: what is being done is
//! written down before each statement, and nothing further is done until somebody has seen to it.

use super::plan::{Graph, Step};
use super::records;
use super::schema::Action;
use crate::db::Database;
use crate::error::{Error, Result};
use std::sync::atomic::{AtomicBool, Ordering};

/// A step of a migration, and what to call when it is half done.
pub(super) struct Doing {
    /// `applying blog.0003_tags`.
    what: String,
    ways_out: String,
    /// Whether anything was written down of it.
    is_begun: AtomicBool,
}

/// What was begun and has not ended.
struct Left {
    /// As in [`Doing`].
    what: String,
    /// `statement 2 of 5`.
    place: String,
    sql: String,
}

impl Doing {
    pub(super) fn of(graph: &Graph<'_>, step: Step) -> Self {
        let (Step::Apply(position) | Step::Undo(position)) = step;
        let node = &graph.nodes()[position];
        let (app, name) = (node.app, node.migration.name());
        let (doing, backwards, goal) = match step {
            Step::Apply(_) => ("applying", "", name),
            Step::Undo(_) => ("undoing", " --backwards", graph.name_before(position)),
        };
        let ways_out = format!(
            "`sqlmigrate {app} {name}{backwards}` shows all: either do the rest by hand and run `migrate {app} {goal} --fake`, or take back by hand what is done and run `migrate {app} {name} --reverted`"
        );
        Self { what: format!("{doing} {}", node.label()), ways_out, is_begun: AtomicBool::new(false) }
    }

    /// That the step has failed, and that nothing of it is left.
    pub(super) fn failed(&self, error: &Error) -> Error {
        Error::Refused(format!("{} failed and changed nothing: {error}", self.what))
    }
}

/// Does what a step does, one action after the other, and writes down what is begun.
pub(super) async fn act(db: &Database, doing: &Doing, actions: &[Action]) -> Result<()> {
    doing.is_begun.store(true, Ordering::Relaxed);
    for (position, action) in actions.iter().enumerate() {
        note(db, doing, actions, position).await?;
        db.execute_sql("SAVEPOINT begun").await?;
        if let Err(error) = super::apply::act(db, action).await {
            return Err(match tidy(db, actions, position).await {
                Ok(()) => error,
                Err(further) => Error::Refused(format!("{error}; then {further}")),
            });
        }
        // Whatever commits takes the savepoint along, and ends the transaction.
        if db.execute_sql("RELEASE SAVEPOINT begun").await.is_err() {
            db.execute_sql("BEGIN").await?;
            note(db, doing, actions, position + 1).await?;
            db.execute_sql("COMMIT; BEGIN").await?;
        }
    }
    Ok(())
}

async fn note(db: &Database, doing: &Doing, actions: &[Action], position: usize) -> Result<()> {
    let (what, number, of) = (&doing.what, position + 1, actions.len());
    let note = match actions.get(position) {
        Some(action) => format!("{what}: statement {number} of {of}: {}", text(action)),
        None => format!("{what}: the end: it is only not written down"),
    };
    records::set_half_done(db, &note).await
}

fn text(action: &Action) -> String {
    let text = match action {
        Action::Sql(sql) => sql.clone(),
        Action::Rust(_) => "a function of the migration".to_owned(),
        Action::Swap(swap) => swap.to_string(),
    };
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Takes back what is not committed. Nothing is half done if the first statement has failed: one is done whole or not at all.
async fn tidy(db: &Database, actions: &[Action], position: usize) -> Result<()> {
    db.execute_sql("ROLLBACK; BEGIN").await?;
    let is_one =
        |action: &Action| matches!(action, Action::Sql(sql) if !sql.trim_end_matches(';').contains(';'));
    if position == 0 && actions.first().is_some_and(is_one) {
        records::forget_half_done(db).await?;
        db.execute_sql("COMMIT; BEGIN").await?;
    }
    Ok(())
}

/// Forgets what was begun: it has ended.
pub(super) async fn forget(db: &Database) -> Result<()> {
    match db.dialect().has_transactional_ddl() {
        true => Ok(()),
        false => records::forget_half_done(db).await,
    }
}

/// Forgets what was begun: it was taken back by hand.
///
/// # Errors
/// [`Error::Refused`] if it is none of these.
pub(super) async fn reverted(db: &Database, label: &str, doings: &[Doing]) -> Result<()> {
    match left(db).await? {
        Some(left) if doings.iter().any(|doing| doing.what == left.what) => {
            records::forget_half_done(db).await
        }
        _ => Err(Error::Refused(format!("{label} is not half done; nothing was forgotten"))),
    }
}

/// Refuses to go on while something is half done, unless it is what is now only to be remembered.
pub(super) async fn check(db: &Database, graph: &Graph<'_>, faked: Option<&Doing>) -> Result<()> {
    match left(db).await? {
        Some(left) if faked.is_none_or(|faked| faked.what != left.what) => Err(Error::Refused(format!(
            "{what} is half done: what comes before {place} is, and whether that one is has to be looked up ({sql}); {ways_out}",
            ways_out = ways_out(graph, &left.what),
            what = left.what,
            place = left.place,
            sql = left.sql,
        ))),
        _ => Ok(()),
    }
}

fn ways_out(graph: &Graph<'_>, what: &str) -> String {
    let steps = (0..graph.nodes().len()).flat_map(|position| [Step::Apply(position), Step::Undo(position)]);
    let doing = steps.map(|step| Doing::of(graph, step)).find(|doing| doing.what == what);
    doing.map_or_else(|| "put its app back into the site first".to_owned(), |doing| doing.ways_out)
}

/// What is to be said when a step has failed.
pub(super) async fn failed(db: &Database, doing: &Doing, error: &Error) -> Error {
    if !doing.is_begun.load(Ordering::Relaxed) {
        return doing.failed(error);
    }
    match left(db).await {
        Ok(Some(left)) if left.what == doing.what => Error::Refused(format!(
            "{} failed and is half done, up to {}: {error}; {}",
            doing.what, left.place, doing.ways_out
        )),
        _ => doing.failed(error),
    }
}

async fn left(db: &Database) -> Result<Option<Left>> {
    if db.dialect().has_transactional_ddl() {
        return Ok(None);
    }
    Ok(records::half_done(db).await?.map(|text| read(&text)))
}

fn read(text: &str) -> Left {
    let mut parts = text.splitn(3, ": ").map(str::to_owned);
    let mut next = || parts.next().unwrap_or_default();
    Left { what: next(), place: next(), sql: next() }
}
