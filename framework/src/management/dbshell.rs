//! `dbshell`: starts the client program of the site's database.

use crate::command::{Arg, ArgMatches, Command, Context};
use crate::db::Shell;
use crate::error::{Error, Result};
use std::ffi::OsString;
use std::io::ErrorKind;
use std::os::unix::process::CommandExt;

pub(super) fn command() -> Command {
    Command::new("dbshell", "Starts the database's own client: sqlite3, psql, mysql")
        .arguments(|command| {
            let arguments =
                Arg::new("arguments").num_args(0..).last(true).value_parser(clap::value_parser!(OsString));
            command.arg(arguments.help("Handed on to the client"))
        })
        .run(|context, matches| async move { run(&context, &matches) })
}

fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    let shell = Shell::of(context.settings.database_url.expose())?;
    let arguments: Vec<_> = matches.get_many::<OsString>("arguments").into_iter().flatten().collect();
    for program in shell.programs {
        let mut command = std::process::Command::new(program);
        command.args(&shell.arguments).args(&arguments).envs(shell.environment.iter().cloned());
        // The client takes our place, so that its exit code and the signals are its own.
        let error = command.exec();
        if error.kind() != ErrorKind::NotFound {
            return Err(Error::Refused(format!("`{program}` does not start: {error}")));
        }
    }
    let (programs, package) = (shell.programs.join("` or `"), shell.package);
    Err(Error::Refused(format!(
        "there is no program `{programs}`; install it: Debian's package is {package}"
    )))
}
