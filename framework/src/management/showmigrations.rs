//! `showmigrations`: which migrations there are, and which are applied.

use super::migrate::known_app;
use crate::app::{App, Apps};
use crate::command::{Arg, ArgAction, ArgMatches, Command, Context};
use crate::error::Result;
use crate::migrations::{Graph, Node, unapplied};
use crate::say;
use std::sync::Arc;

pub(super) fn command(apps: Arc<Apps>) -> Command {
    Command::new("showmigrations", "Lists the migrations, with an X before those that are applied")
        .arguments(|command| {
            let plan = Arg::new("plan").long("plan").action(ArgAction::SetTrue);
            command
                .arg(Arg::new("app").help("Only this app; with --plan also what it depends on"))
                .arg(plan.help("Lists them in the order in which they are applied"))
        })
        .run(move |context, matches| run(context, Arc::clone(&apps), matches))
}

async fn run(context: Context, apps: Arc<Apps>, matches: ArgMatches) -> Result<()> {
    let wanted = matches.get_one::<String>("app");
    known_app(&apps, wanted)?;
    let missing = unapplied(&context.db().await?, &apps).await?;
    let graph = Graph::of(&apps)?;
    if matches.get_flag("plan") {
        say!("{}", plan(wanted.map(String::as_str), &graph, &missing).join("\n"));
        return Ok(());
    }
    let listed = |app: &&App| match wanted {
        Some(wanted) => wanted == app.label,
        None => !app.tables.is_empty() || !app.migrations.is_empty(),
    };
    for app in apps.iter().filter(listed) {
        say!("{}", list(app.label, &graph, &missing).join("\n"));
    }
    Ok(())
}

/// The applied ones have a cross.
fn mark(node: &Node<'_>, missing: &[(String, String)]) -> char {
    if missing.contains(&node.key()) { ' ' } else { 'X' }
}

fn list(app: &str, graph: &Graph<'_>, missing: &[(String, String)]) -> Vec<String> {
    let line = |node: &Node<'_>| format!(" [{}] {}", mark(node, missing), node.migration.name());
    let lines: Vec<_> = graph.nodes_of(app).map(|(_, node)| line(node)).collect();
    let lines = if lines.is_empty() { vec![" (no migrations)".to_owned()] } else { lines };
    std::iter::once(app.to_owned()).chain(lines).collect()
}

fn plan(app: Option<&str>, graph: &Graph<'_>, missing: &[(String, String)]) -> Vec<String> {
    let of_app = |app| graph.nodes_of(app).map(|(position, _)| position);
    let wanted = app.map(|app| graph.with_needs(of_app(app)));
    let is_wanted = |position: &usize| wanted.as_ref().is_none_or(|wanted| wanted.contains(position));
    let nodes = graph.nodes().iter().enumerate().filter(|(position, _)| is_wanted(position));
    let lines: Vec<_> =
        nodes.map(|(_, node)| format!("[{}]  {}", mark(node, missing), node.label())).collect();
    if lines.is_empty() { vec!["(no migrations)".to_owned()] } else { lines }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrations::Migration;

    #[test]
    fn what_is_applied_has_a_cross() {
        let migrations = [Migration::new("0001_initial"), Migration::new("0002_more")];
        let graph = Graph::new([("blog", &migrations[..])], None).unwrap();
        let lines = list("blog", &graph, &[("blog".into(), "0002_more".into())]);
        assert_eq!(lines, ["blog", " [X] 0001_initial", " [ ] 0002_more"]);
    }

    #[test]
    fn a_plan_lists_in_the_order_of_application_what_an_app_needs() {
        let [blog, shop] = [
            [Migration::new("0001_initial").depends_on("shop", "0001_initial"), Migration::new("0002_more")],
            [Migration::new("0001_initial"), Migration::new("0002_more")],
        ];
        let graph = Graph::new([("blog", &blog[..]), ("shop", &shop[..])], None).unwrap();
        let missing = [("blog".to_owned(), "0002_more".to_owned())];
        let lines = plan(Some("blog"), &graph, &missing);
        assert_eq!(lines, ["[X]  shop.0001_initial", "[X]  blog.0001_initial", "[ ]  blog.0002_more"]);
        assert_eq!(plan(None, &graph, &missing).len(), 4);
    }
}
