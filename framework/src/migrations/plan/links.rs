//! Which migration goes before which.

use super::{Node, refuse};
use crate::error::{Error, Result};
use crate::migrations::UserTable;
use std::collections::{BTreeSet, HashMap};

type Names<'a> = HashMap<(&'a str, &'a str), usize>;

/// Finds out what each node needs and follows, and who the users are for it.
pub(super) fn link(nodes: &mut [Node<'_>]) -> Result<()> {
    let known = names(nodes)?;
    let needs = (0..nodes.len()).map(|position| needs(nodes, position, &known));
    for (position, needs) in needs.collect::<Result<Vec<_>>>()?.into_iter().enumerate() {
        nodes[position].needs = needs;
    }
    let users = former_users(nodes);
    users.into_iter().zip(nodes.iter_mut()).for_each(|(user, node)| node.user = user);
    for position in 0..nodes.len() {
        if nodes[position].migration.needs_user() {
            link_user(nodes, position)?;
        }
    }
    Ok(())
}

fn names<'a>(nodes: &[Node<'a>]) -> Result<Names<'a>> {
    let mut known = HashMap::new();
    for (position, node) in nodes.iter().enumerate() {
        if known.insert((node.app, node.migration.name()), position).is_some() {
            return refuse(format!(
                "two migrations are called {}; rename one ({})",
                node.label(),
                node.file()
            ));
        }
    }
    Ok(known)
}

fn needs(nodes: &[Node<'_>], position: usize, known: &Names<'_>) -> Result<BTreeSet<usize>> {
    let node = &nodes[position];
    let mut needs = BTreeSet::new();
    for (app, name) in node.migration.dependencies() {
        let found = known.get(&(app.as_str(), name.as_str()));
        needs.insert(*found.ok_or_else(|| missing(node, app, name))?);
    }
    let names_own = node.migration.dependencies().iter().any(|(app, _)| app == node.app);
    if !names_own && position > 0 && nodes[position - 1].app == node.app {
        needs.insert(position - 1);
    }
    Ok(needs)
}

fn missing(node: &Node<'_>, app: &str, name: &str) -> Error {
    Error::Refused(format!(
        "{} depends on {app}.{name}, which does not exist; correct `.depends_on(…)` in {}, or add the app to the site",
        node.label(),
        node.file()
    ))
}

/// The positions that a node needs, directly or not.
fn ancestors(nodes: &[Node<'_>], position: usize) -> BTreeSet<usize> {
    let (mut found, mut waiting) = (BTreeSet::new(), vec![position]);
    while let Some(next) = waiting.pop() {
        waiting.extend(nodes[next].needs.iter().filter(|need| found.insert(**need)));
    }
    found
}

/// Who the users are for each node: before a migration that moves them, and what makes their new table, they are the
/// former ones.
fn former_users<'a>(nodes: &[Node<'a>]) -> Vec<Option<&'a UserTable>> {
    let mut users: Vec<_> = nodes.iter().map(|node| node.user).collect();
    let swaps =
        nodes.iter().enumerate().filter_map(|(position, node)| Some((position, node.migration.swap()?)));
    for (position, swap) in swaps.collect::<Vec<_>>().into_iter().rev() {
        let maker = users[position].and_then(|user| maker(nodes, user));
        let is_new =
            |node: usize| maker.is_some_and(|maker| node == maker || ancestors(nodes, node).contains(&maker));
        for node in ancestors(nodes, position).into_iter().filter(|node| !is_new(*node)) {
            users[node] = Some(&swap.from);
        }
    }
    users
}

/// Users that were moved are followed, not needed: a database from before has applied the node without them.
fn link_user(nodes: &mut [Node<'_>], position: usize) -> Result<()> {
    let found = user_migration(nodes, &nodes[position])?.filter(|found| *found != position);
    let swap = swap_to(nodes, position);
    let node = &mut nodes[position];
    match swap {
        Some(swap) => node.follows.extend(found.into_iter().chain([swap])),
        None => node.needs.extend(found),
    }
    Ok(())
}

/// The migration that moves the users to those that a node points to.
fn swap_to(nodes: &[Node<'_>], position: usize) -> Option<usize> {
    let is_it = |other: &usize| {
        let is_swap = nodes[*other].migration.swap().is_some() && nodes[*other].user == nodes[position].user;
        is_swap && *other != position && !ancestors(nodes, *other).contains(&position)
    };
    (0..nodes.len()).find(is_it)
}

/// The migration that makes the table of users.
fn maker(nodes: &[Node<'_>], user: &UserTable) -> Option<usize> {
    nodes.iter().position(|other| other.app == user.app && other.migration.creates(user.table))
}

/// The migration that makes the table of the site's users at this point, or else the first of its app. Former users may
/// have come with the database.
fn user_migration(nodes: &[Node<'_>], node: &Node<'_>) -> Result<Option<usize>> {
    let Some(user) = node.user else {
        return refuse(format!("{}: {}", node.label(), crate::migrations::state::no_user_model()));
    };
    let first = || nodes.iter().position(|other| other.app == user.app);
    Ok(maker(nodes, user).or_else(first))
}

/// Users that migrations point to have a table: only former ones may have come with the database.
pub(super) fn check_users(nodes: &[Node<'_>]) -> Result<()> {
    let is_former = |user: &UserTable| {
        nodes.iter().any(|node| node.migration.swap().is_some_and(|swap| swap.from == *user))
    };
    for node in nodes.iter().filter(|node| node.migration.needs_user()) {
        if let (Some(user), None) = (node.user, user_migration(nodes, node)?)
            && !is_former(user)
        {
            return refuse(format!(
                "{} needs the table of {}, but app `{}` has no migrations; run `makemigrations {}` and add `.migrations(migrations::all())` to the app",
                node.label(),
                user.label(),
                user.app,
                user.app
            ));
        }
    }
    Ok(())
}

/// Sorts the nodes so that each comes after those it needs, and otherwise stays where it is.
pub(super) fn sort(nodes: Vec<Node<'_>>) -> Result<Vec<Node<'_>>> {
    let links: Vec<BTreeSet<usize>> = nodes.iter().map(|node| node.before().copied().collect()).collect();
    let mut order = Vec::new();
    for position in 0..nodes.len() {
        visit(position, &links, &mut order, &mut Vec::new())
            .map_err(|circle| circle_error(&nodes, &circle))?;
    }
    let place: HashMap<usize, usize> = order.iter().enumerate().map(|(new, old)| (*old, new)).collect();
    let moved = |positions: &BTreeSet<usize>| positions.iter().map(|position| place[position]).collect();
    let node = |old: &usize| {
        let node = &nodes[*old];
        Node { needs: moved(&node.needs), follows: moved(&node.follows), ..node.clone() }
    };
    Ok(order.iter().map(node).collect())
}

fn visit(
    position: usize,
    links: &[BTreeSet<usize>],
    order: &mut Vec<usize>,
    path: &mut Vec<usize>,
) -> Result<(), Vec<usize>> {
    if order.contains(&position) {
        return Ok(());
    }
    if let Some(start) = path.iter().position(|other| *other == position) {
        return Err(path[start..].to_vec());
    }
    path.push(position);
    for need in &links[position] {
        visit(*need, links, order, path)?;
    }
    path.pop();
    order.push(position);
    Ok(())
}

fn circle_error(nodes: &[Node<'_>], circle: &[usize]) -> Error {
    let labels: Vec<_> = circle.iter().map(|position| nodes[*position].label()).collect();
    Error::Refused(format!(
        "migrations depend on each other in a circle: {} -> {}; move what one needs of the other into a later migration, and correct `.depends_on(…)` in {}",
        labels.join(" -> "),
        labels[0],
        nodes[circle[0]].file()
    ))
}
