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

/// One of the things that a step does.
pub(super) struct Place<'a> {
    pub(super) position: usize,
    pub(super) of: usize,
    pub(super) action: &'a Action,
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

/// Writes down what is begun, and makes a point that is there for as long as nothing is committed.
pub(super) async fn note(db: &Database, doing: &Doing, place: &Place<'_>) -> Result<()> {
    if db.dialect().has_transactional_ddl() {
        return Ok(());
    }
    doing.is_begun.store(true, Ordering::Relaxed);
    let Place { position, of, action } = place;
    let (number, text) = (position + 1, text(action));
    records::set_half_done(db, &format!("{}: statement {number} of {of}: {text}", doing.what)).await?;
    db.execute_sql("COMMIT; BEGIN; SAVEPOINT begun").await
}

fn text(action: &Action) -> String {
    let text = match action {
        Action::Sql(sql) => sql.clone(),
        Action::Rust(_) => "a function of the migration".to_owned(),
        Action::Swap(swap) => swap.to_string(),
    };
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Forgets what was begun if it was the first, and has failed without a trace.
pub(super) async fn forget_untouched(db: &Database, place: &Place<'_>) -> Result<()> {
    if db.dialect().has_transactional_ddl() || place.position > 0 {
        return Ok(());
    }
    // One statement is done whole or not at all.
    let is_one = matches!(place.action, Action::Sql(sql) if !sql.trim_end_matches(';').contains(';'));
    if is_one || db.execute_sql("ROLLBACK TO SAVEPOINT begun").await.is_ok() {
        db.execute_sql("ROLLBACK; BEGIN").await?;
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
            "{what} was not ended: {place} failed or was interrupted, so look whether it was done ({sql}), and what came before is done; {ways_out}",
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
            "{} failed at {}, and what came before is done: {error}; {}",
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
