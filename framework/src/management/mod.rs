//! Management commands: what the project's binary does.

mod builtin;
mod check;
mod dbshell;
mod dumpdata;
mod flush;
mod inspectdb;
mod loaddata;
mod mail;
mod makemigrations;
mod migrate;
mod routes;
mod runserver;
mod sendtestemail;
mod showmigrations;
mod sqlmigrate;
mod swapuser;
mod transport;

pub(crate) use runserver::{beside, ready};

use crate::app::Apps;
use crate::command::{self, Command, Context};
use crate::db::Database;
use crate::email::LazyMailer;
use crate::error::{Error, Result};
use crate::layer::Next;
use crate::settings::Settings;
use crate::urls::Routes;
use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

/// Mail that a command has left behind may take so long to leave.
const GRACE: Duration = Duration::from_secs(10);

/// What commands know of the site that they manage.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) settings: Arc<Settings>,
    pub(crate) apps: Arc<Apps>,
    pub(crate) routes: Routes,
    pub(crate) mailer: LazyMailer,
    pub(crate) handler: Arc<dyn Fn(Database) -> Result<Next> + Send + Sync>,
}

/// Runs the command that these arguments name.
pub(crate) async fn call(site: Site, arguments: impl IntoIterator<Item = OsString>) -> Result<()> {
    let commands = commands(&site);
    let matches = match parser(&commands).try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => return answer_of(&error),
    };
    let Some((name, matches)) = matches.subcommand() else { return Ok(()) };
    let command = commands.iter().find(|command| command.name() == name).expect("clap knows only these");
    let context =
        Context::new(site.settings).with_models(site.apps.models()).with_mailer(site.mailer.clone());
    let outcome = command.call(context, matches.clone()).await;
    site.mailer.drain(GRACE).await;
    outcome
}

/// Every command: the framework's, then those of the apps.
fn commands(site: &Site) -> Vec<Command> {
    let apps = || Arc::clone(&site.apps);
    let mut commands = vec![
        runserver::command(site.clone()),
        migrate::command(apps()),
        makemigrations::command(apps()),
        showmigrations::command(apps()),
        sqlmigrate::command(apps()),
        swapuser::command(apps()),
        inspectdb::command(),
        dumpdata::command(apps()),
        loaddata::command(apps()),
        sendtestemail::command(),
        flush::command(apps()),
        dbshell::command(),
        check::command(site.clone()),
        routes::command(site.routes.clone(), &site.apps),
    ];
    commands.extend(site.apps.iter().flat_map(|app| app.commands.clone()));
    commands
}

fn parser(commands: &[Command]) -> clap::Command {
    clap::Command::new("manage")
        .bin_name("cargo run --")
        .about("Manages the site")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands(commands.iter().map(Command::parser))
}

/// `help`, `--help` and nothing at all are answered; everything else that clap says is wrong usage.
fn answer_of(error: &clap::Error) -> Result<()> {
    let asks_for_help = error.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    if error.use_stderr() && !asks_for_help {
        return Err(Error::Usage(error.to_string().trim_start_matches("error: ").trim_end().to_owned()));
    }
    command::say(format_args!("{error}"));
    Ok(())
}
