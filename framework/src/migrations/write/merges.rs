//! Migrations that bring together what two people have written side by side.

use super::changes::{Change, Request, change, check, checked};
use super::describe::describe_all;
use super::names::{LONG, next_number};
use crate::error::Result;
use crate::migrations::fork::Fork;
use crate::migrations::{Graph, Histories, Migration};

/// A migration that brings branches together.
#[derive(Clone, Debug)]
pub(crate) struct Merge {
    /// What is to be written.
    pub(crate) change: Change,
    /// What it brings together.
    pub(crate) branches: Vec<Branch>,
}

/// One of the ways in which a history goes on.
#[derive(Clone, Debug)]
pub(crate) struct Branch {
    /// The name of its last migration.
    pub(crate) name: String,
    /// What its migrations do.
    pub(crate) operations: Vec<String>,
}

/// What has to be written so that each app's history, or that of the one that is asked for, has one end.
///
/// # Errors
/// [`Error::Refused`](crate::Error::Refused) if branches change the same.
pub(crate) fn merges(apps: &impl Histories, request: &Request<'_>) -> Result<Vec<Merge>> {
    let graph = Graph::of(apps)?;
    let labels: Vec<_> = apps.migrations().into_iter().map(|(app, _)| app).collect();
    let wanted = labels.iter().filter(|app| request.app.is_none_or(|only| only == **app));
    let forks = wanted.filter_map(|app| Some((*app, graph.fork(app)?)));
    let merges = forks.map(|(app, fork)| merge(&graph, app, &fork, request)).collect::<Result<Vec<_>>>()?;
    let changes: Vec<_> = merges.iter().map(|merge| merge.change.clone()).collect();
    check(apps, &changes)?;
    Ok(merges)
}

fn merge(graph: &Graph<'_>, app: &str, fork: &Fork, request: &Request<'_>) -> Result<Merge> {
    graph.check_merge(fork)?;
    let branches = fork.branches.iter().map(|branch| described(graph, branch)).collect::<Result<Vec<_>>>()?;
    let number = next_number(graph.nodes_of(app).map(|(_, node)| node.migration.name()));
    let name = match request.name {
        Some(words) => format!("{number:04}_{}", checked(words)?),
        None => name_of(number, &branches),
    };
    let depends = |migration: Migration, branch: &Branch| migration.depends_on(app, &branch.name);
    let migration = branches.iter().fold(Migration::new(name), depends);
    let change = change(app, migration, graph, &graph.state(|_| true)?);
    Ok(Merge { change, branches })
}

fn described(graph: &Graph<'_>, branch: &[usize]) -> Result<Branch> {
    let mut operations = Vec::new();
    for position in branch {
        let before = graph.with_needs([*position]);
        operations.extend(describe_all(graph, *position, &before)?);
    }
    let end = branch.last().map(|end| graph.nodes()[*end].migration.name());
    Ok(Branch { name: end.unwrap_or_default().to_owned(), operations })
}

/// `0004_merge_0003_author_0003_tags`, as Django calls it.
fn name_of(number: u32, branches: &[Branch]) -> String {
    let mut names: Vec<_> = branches.iter().map(|branch| branch.name.as_str()).collect();
    names.sort_unstable();
    match names.join("_") {
        names if names.len() <= LONG => format!("{number:04}_merge_{names}"),
        _ => format!("{number:04}_merge"),
    }
}
