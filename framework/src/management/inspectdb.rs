//! `inspectdb`: writes models for the tables that a database has.

mod fields;
mod models;
mod names;

use crate::command::{self, Arg, ArgMatches, Command, Context};
use crate::db::Database;
use crate::db::inspect::{self, Inspected};
use crate::error::{Error, Result};

/// Tables in which Django and we keep books; they are left out unless they are named.
const BOOKS: [&str; 5] =
    ["django_migrations", "django_session", "nuages_migrations", "nuages_settings", "sessions_session"];

pub(super) fn command() -> Command {
    Command::new("inspectdb", "Prints models for the tables that the database has")
        .arguments(arguments)
        .run(run)
}

fn arguments(command: clap::Command) -> clap::Command {
    let tables = Arg::new("table").value_name("TABLE").num_args(0..);
    let app = Arg::new("app").long("app").value_name("LABEL");
    command
        .arg(tables.help("Only these tables"))
        .arg(app.help("The app of the models; otherwise what stands before the first _ in the table's name"))
}

async fn run(context: Context, matches: ArgMatches) -> Result<()> {
    let tables = tables(&context.db().await?, &matches).await?;
    command::say(format_args!(
        "{}",
        models::text(&tables, matches.get_one::<String>("app").map(String::as_str))
    ));
    Ok(())
}

async fn tables(db: &Database, matches: &ArgMatches) -> Result<Vec<Inspected>> {
    let names: Vec<String> = match matches.get_many::<String>("table") {
        Some(named) => named.cloned().collect(),
        None => {
            inspect::names(db).await?.into_iter().filter(|name| !BOOKS.contains(&name.as_str())).collect()
        }
    };
    let mut tables: Vec<Inspected> = Vec::new();
    for name in names {
        let missing = || Error::Refused(format!("the database has no table `{name}`; nothing was written"));
        tables.push(inspect::inspect(db, &name).await?.ok_or_else(missing)?);
    }
    Ok(tables)
}
