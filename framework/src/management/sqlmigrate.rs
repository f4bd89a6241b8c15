//! `sqlmigrate`: the SQL of a migration, for the site's database.

use super::migrate::known_app;
use crate::app::Apps;
use crate::command::{Arg, ArgAction, ArgMatches, Command, Context};
use crate::error::Result;
use crate::migrations::Graph;
use crate::say;
use std::sync::Arc;

pub(super) fn command(apps: Arc<Apps>) -> Command {
    Command::new("sqlmigrate", "Prints the SQL of a migration")
        .arguments(|command| {
            let backwards = Arg::new("backwards").long("backwards").action(ArgAction::SetTrue);
            command
                .arg(Arg::new("app").required(true).help("The app's label"))
                .arg(Arg::new("name").required(true).help("The migration's name, or the beginning of it"))
                .arg(backwards.help("What undoes it"))
        })
        .run(move |context, matches| run(context, Arc::clone(&apps), matches))
}

async fn run(context: Context, apps: Arc<Apps>, matches: ArgMatches) -> Result<()> {
    let [app, name] = ["app", "name"].map(|name| matches.get_one::<String>(name).expect("clap requires it"));
    known_app(&apps, Some(app))?;
    let graph = Graph::of(&apps)?;
    let position = graph.find(app, name)?;
    let dialect = context.db().await?.dialect();
    let script = graph.script(position, dialect, matches.get_flag("backwards"))?;
    script.iter().for_each(|statement| say!("{};", statement.trim_end_matches(';')));
    Ok(())
}
