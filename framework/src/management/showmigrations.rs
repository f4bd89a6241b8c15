//! `showmigrations`: which migrations there are, and which are applied.

use super::migrate::known_app;
use crate::app::{App, Apps};
use crate::command::{Arg, ArgMatches, Command, Context};
use crate::error::Result;
use crate::migrations::{Graph, unapplied};
use std::sync::Arc;

pub(super) fn command(apps: Arc<Apps>) -> Command {
    Command::new("showmigrations", "Lists the migrations, with an X before those that are applied")
        .arguments(|command| command.arg(Arg::new("app").help("Only this app")))
        .run(move |context, matches| run(context, Arc::clone(&apps), matches))
}

async fn run(context: Context, apps: Arc<Apps>, matches: ArgMatches) -> Result<()> {
    let wanted = matches.get_one::<String>("app");
    known_app(&apps, wanted)?;
    let missing = unapplied(&context.db().await?, &apps).await?;
    let graph = Graph::of(&apps)?;
    let listed = |app: &&App| match wanted {
        Some(wanted) => wanted == app.label,
        None => !app.tables.is_empty() || !app.migrations.is_empty(),
    };
    for app in apps.iter().filter(listed) {
        println!("{}", list(app.label, &graph, &missing).join("\n"));
    }
    Ok(())
}

fn list(app: &str, graph: &Graph<'_>, missing: &[(String, String)]) -> Vec<String> {
    let is_missing = |name: &str| missing.iter().any(|(of, other)| of == app && other == name);
    let mark = |name: &str| if is_missing(name) { ' ' } else { 'X' };
    let names = graph.nodes_of(app).map(|(_, node)| node.migration.name());
    let lines: Vec<_> = names.map(|name| format!(" [{}] {name}", mark(name))).collect();
    let lines = if lines.is_empty() { vec![" (no migrations)".to_owned()] } else { lines };
    std::iter::once(app.to_owned()).chain(lines).collect()
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
}
