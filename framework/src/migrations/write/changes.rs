//! The migrations that are to be written: what has changed in which app, and what each depends on.

use super::names::{name_of, next_number};
use super::text;
use crate::db::schema::{Table, Target};
use crate::error::{Error, Result};
use crate::migrations::operations::Operation;
use crate::migrations::{Graph, Histories, Migration, Questions, State, UserTable, detect};

/// What `makemigrations` was asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Request<'a> {
    /// Only this app.
    pub(crate) app: Option<&'a str>,
    /// The words after the number.
    pub(crate) name: Option<&'a str>,
    /// A migration that does nothing yet.
    pub(crate) empty: bool,
}

/// A migration that is to be written.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    /// The app's label.
    pub(crate) app: String,
    /// The migration.
    pub(crate) migration: Migration,
    /// The tables before it.
    pub(crate) before: State,
    /// The text of its file.
    pub(crate) text: String,
    /// Whether it is the app's first.
    pub(crate) first: bool,
}

impl Change {
    /// The name of its module.
    pub(crate) fn module(&self) -> String {
        format!("m{}", self.migration.name())
    }

    /// The path of its file in the project.
    pub(crate) fn file(&self) -> String {
        format!("src/{}/migrations/{}.rs", self.app, self.module())
    }
}

/// A migration without its dependencies.
struct Draft {
    app: String,
    name: String,
    operations: Vec<Operation>,
}

/// What has to be written so that the migrations lead to the models' tables.
///
/// # Errors
/// [`Error::Refused`] for what [`detect`] refuses, for histories with two ends, and for apps that need each other in a circle;
/// [`Error::Usage`] for a name that is no name of a module.
pub(crate) fn changes(
    apps: &impl Histories,
    models: Vec<(&str, Vec<Table>)>,
    request: &Request<'_>,
    questions: &mut dyn Questions,
) -> Result<Vec<Change>> {
    // The migration that makes the users' table may be what is to be written.
    let graph = Graph::new(apps.migrations(), apps.user_table())?;
    graph.check_forks()?;
    let before = graph.state(|_| true)?;
    let mut drafts = Vec::new();
    for (app, models) in models.iter().filter(|(app, _)| request.app.is_none_or(|only| only == *app)) {
        drafts.extend(draft(app, models, &graph, &before, request, questions)?);
    }
    let migrations = drafts.iter().map(|draft| finish(draft, &drafts, &graph)).collect::<Result<Vec<_>>>()?;
    let changes: Vec<_> = drafts
        .iter()
        .zip(migrations)
        .map(|(draft, migration)| change(&draft.app, migration, &graph, &before))
        .collect();
    check(apps, &changes)?;
    Ok(changes)
}

fn draft(
    app: &str,
    models: &[Table],
    graph: &Graph<'_>,
    before: &State,
    request: &Request<'_>,
    questions: &mut dyn Questions,
) -> Result<Option<Draft>> {
    let operations = match request.empty {
        true => Vec::new(),
        false => detect(app, before, models, graph.user(), questions)?,
    };
    if operations.is_empty() && !request.empty {
        return Ok(None);
    }
    let number = next_number(graph.nodes_of(app).map(|(_, node)| node.migration.name()));
    let name = match request.name {
        Some(words) => format!("{number:04}_{}", checked(words)?),
        None => name_of(number, &operations, before),
    };
    Ok(Some(Draft { app: app.to_owned(), name, operations }))
}

pub(super) fn checked(words: &str) -> Result<&str> {
    let is_fine = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    match !words.is_empty() && words.chars().all(is_fine) {
        true => Ok(words),
        false => Err(Error::Usage(format!("`{words}` is no name for a migration; use a-z, 0-9 and _"))),
    }
}

fn finish(draft: &Draft, drafts: &[Draft], graph: &Graph<'_>) -> Result<Migration> {
    let mut needs: Vec<_> =
        graph.leaves(&draft.app).into_iter().map(|leaf| graph.nodes()[leaf].key()).collect();
    for (app, table) in other_tables(draft) {
        let need =
            (app.to_owned(), maker(app, table, drafts, graph).ok_or_else(|| no_maker(draft, app, table))?);
        if !needs.contains(&need) {
            needs.push(need);
        }
    }
    let migration =
        needs.into_iter().fold(Migration::new(&draft.name), |all, (app, name)| all.depends_on(app, name));
    let migration = if needs_user(draft, graph.user()) { migration.depends_on_user() } else { migration };
    Ok(draft.operations.iter().cloned().fold(migration, Migration::operation))
}

fn targets(draft: &Draft) -> impl Iterator<Item = &Target> {
    let columns = draft.operations.iter().flat_map(|operation| match operation {
        Operation::CreateTable(table) => table.columns.as_slice(),
        Operation::Alter { alteration, .. } => {
            alteration.column().map(std::slice::from_ref).unwrap_or_default()
        }
        _ => &[],
    });
    columns.filter_map(|column| column.references.as_ref().map(|reference| &reference.target))
}

fn other_tables(draft: &Draft) -> impl Iterator<Item = (&str, &str)> {
    targets(draft).filter_map(|target| match target {
        Target::Table { app, table, .. } if *app != draft.app => Some((app.as_str(), table.as_str())),
        _ => None,
    })
}

/// Within its own app the user's table is there already, or is made by the same migration.
fn needs_user(draft: &Draft, user: Option<&UserTable>) -> bool {
    user.is_some_and(|user| user.app != draft.app) && targets(draft).any(|target| *target == Target::User)
}

/// The name of the migration that makes the table of another app, or else the last of that app.
fn maker(app: &str, table: &str, drafts: &[Draft], graph: &Graph<'_>) -> Option<String> {
    let creates =
        |operation: &Operation| matches!(operation, Operation::CreateTable(made) if made.name == table);
    let drafted = drafts.iter().find(|draft| draft.app == app && draft.operations.iter().any(creates));
    let written = || graph.nodes_of(app).find(|(_, node)| node.migration.operations().iter().any(creates));
    let last = || graph.nodes_of(app).last();
    let name = drafted.map(|draft| draft.name.as_str());
    name.or_else(|| written().or_else(last).map(|(_, node)| node.migration.name())).map(str::to_owned)
}

fn no_maker(draft: &Draft, app: &str, table: &str) -> Error {
    Error::Refused(format!(
        "a model of `{}` points to the table `{table}` of app `{app}`, which has no migrations; run `makemigrations` for that app too",
        draft.app
    ))
}

pub(super) fn change(app: &str, migration: Migration, graph: &Graph<'_>, before: &State) -> Change {
    let text = text(&migration, before);
    let first = graph.nodes_of(app).next().is_none();
    Change { app: app.to_owned(), migration, before: before.clone(), text, first }
}

/// All migrations, old and new, can be put in order and replayed.
pub(super) fn check(apps: &impl Histories, changes: &[Change]) -> Result<()> {
    Graph::of(&Extended::new(apps, changes))?.state(|_| true).map(drop)
}

/// The histories of a site with what is to be written.
pub(super) struct Extended<'a> {
    all: Vec<(&'a str, Vec<Migration>)>,
    user: Option<&'a UserTable>,
}

impl<'a> Extended<'a> {
    pub(super) fn new(apps: &'a impl Histories, changes: &[Change]) -> Self {
        let new = |app: &str| {
            let of_app = changes.iter().filter(|change| change.app == app);
            of_app.map(|change| change.migration.clone()).collect::<Vec<_>>()
        };
        let old = apps.migrations().into_iter();
        let all = old.map(|(app, old)| (app, [old.to_vec(), new(app)].concat())).collect();
        Self { all, user: apps.user_table() }
    }
}

impl Histories for Extended<'_> {
    fn migrations(&self) -> Vec<(&str, &[Migration])> {
        self.all.iter().map(|(app, all)| (*app, all.as_slice())).collect()
    }

    fn user_table(&self) -> Option<&UserTable> {
        self.user
    }
}
