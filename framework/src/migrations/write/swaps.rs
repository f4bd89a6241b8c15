//! The migrations that move a site's users to another model.

use super::changes::{Change, Extended, Request, changes};
use super::names::{name_of, next_number};
use super::text;
use crate::db::schema::{Table, Target};
use crate::error::{Error, Result};
use crate::migrations::detect::is_between;
use crate::migrations::operations::{Operation, SwapUser};
use crate::migrations::{Graph, Histories, Migration, NoInput, State, UserTable};

/// The migration that moves the users of a table, as the database has it, to the site's user model; and those that give
/// the columns of many-to-many fields the new model's name.
///
/// # Errors
/// [`Error::Refused`] if the new model has no table yet, if there is such a migration already, or if it fits nowhere.
pub(crate) fn swap(
    apps: &impl Histories,
    label: &str,
    old: &Table,
    models: Vec<(&str, Vec<Table>)>,
) -> Result<Vec<Change>> {
    let swap = move_users(apps, label, old)?;
    let follow = follow(apps, &swap, models)?;
    Ok(std::iter::once(swap).chain(follow).collect())
}

fn move_users(apps: &impl Histories, label: &str, old: &Table) -> Result<Change> {
    let graph = Graph::of(apps)?;
    graph.check_forks()?;
    let Some(user) = graph.user() else { return refuse("the site has no user model".to_owned()) };
    if graph.leads_from(label) {
        return refuse(format!("a migration moves the users of `{label}` already; run `migrate`"));
    }
    let before = graph.state(|_| true)?;
    if before.table(user.table).is_none() {
        let app = user.app;
        return refuse(format!("`{}` has no table yet; run `makemigrations {app}` first", user.label()));
    }
    let operation = Operation::SwapUser(SwapUser { from: former(label, old), table: shape(old, &before) });
    let number = next_number(graph.nodes_of(user.app).map(|(_, node)| node.migration.name()));
    let name = name_of(number, std::slice::from_ref(&operation), &before);
    let migration = depend(Migration::new(name), &graph, user, label).operation(operation);
    let text = text(&migration, &before);
    Ok(Change { app: user.app.to_owned(), migration, before, text, first: false })
}

/// What the tables of other apps' many-to-many fields need once the users are moved, and nothing else of their models.
fn follow(apps: &impl Histories, swap: &Change, models: Vec<(&str, Vec<Table>)>) -> Result<Vec<Change>> {
    let apps = Extended::new(apps, std::slice::from_ref(swap));
    let graph = Graph::of(&apps)?;
    let state = graph.state(|_| true)?;
    let wanted = |now: &Table, models: &[Table]| {
        let model = models.iter().find(|model| model.name == now.name && is_between(now));
        model.unwrap_or(now).clone()
    };
    let others = models.into_iter().filter(|(app, _)| *app != swap.app);
    let models = others
        .map(|(app, models)| (app, state.tables_of(app).map(|now| wanted(now, &models)).collect::<Vec<_>>()));
    let found = changes(&apps, models.collect(), &Request::default(), &mut NoInput)?;
    Ok(found.into_iter().map(|change| after(change, swap)).collect())
}

fn after(change: Change, swap: &Change) -> Change {
    let migration = change.migration.depends_on(swap.app.as_str(), swap.migration.name());
    Change { text: text(&migration, &change.before), migration, ..change }
}

/// After what made the new table, and what made the old one.
fn depend(migration: Migration, graph: &Graph<'_>, user: &UserTable, label: &str) -> Migration {
    let former = label.split('.').next().filter(|app| *app != user.app);
    let apps = std::iter::once(user.app).chain(former);
    apps.fold(migration, |migration, app| {
        let leaves = graph.leaves(app).into_iter();
        let name = |leaf: usize| graph.nodes()[leaf].migration.name();
        leaves.fold(migration, |migration, leaf| migration.depends_on(app, name(leaf)))
    })
}

/// A migration's words live as long as the program; so do those of one that is being written.
fn former(label: &str, old: &Table) -> UserTable {
    UserTable::former(label.to_owned().leak(), old.name.clone().leak(), old)
}

/// The table as it can be described: a foreign key to a table that no migration has made is a plain column.
fn shape(old: &Table, state: &State) -> Table {
    let mut shape = old.clone();
    for column in &mut shape.columns {
        let Some(reference) = &mut column.references else { continue };
        if let Target::Table { app, table, .. } = &mut reference.target {
            match state.table(table) {
                Some(known) => app.clone_from(&known.app),
                None => column.references = None,
            }
        }
    }
    shape
}

fn refuse<T>(text: String) -> Result<T> {
    Err(Error::Refused(text))
}
