//! What may be typed after `nuages`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::names;
use crate::refusal::Result;

/// Starts a site. Its own program does the rest: `cargo run -- help`, in its folder.
#[derive(Debug, Parser)]
#[command(name = "nuages", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Writes a new site that people can sign up to, ready to run
    Startproject(StartProject),
    /// Fills in the template: `startproject` calls itself with this
    #[command(name = "__expand", hide = true)]
    Expand(Expand),
}

#[derive(Debug, Args)]
pub(crate) struct StartProject {
    /// The site's name: small letters, digits, `-` and `_`
    pub(crate) name: String,
    /// The folder to write; made if it is missing [default: NAME]
    pub(crate) dir: Option<PathBuf>,
    /// What people log in with
    #[arg(long, value_enum, default_value_t = User::Username)]
    pub(crate) user: User,
    /// Where the site keeps its data
    #[arg(long, value_enum, default_value_t = Database::Sqlite)]
    pub(crate) database: Database,
    /// The framework: the root of a checkout, or a version [default: what this program was built from]
    #[arg(long, value_name = "PATH|VERSION")]
    pub(crate) framework: Option<String>,
    /// Builds the site, makes its tables, and serves it
    #[arg(long)]
    pub(crate) run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Expand {
    pub(crate) folder: PathBuf,
    pub(crate) name: String,
    pub(crate) user: User,
    pub(crate) database: Database,
    pub(crate) framework: String,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub(crate) enum User {
    Username,
    Email,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub(crate) enum Database {
    Sqlite,
    Postgres,
    /// MariaDB too
    Mysql,
}

impl User {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Username => "username",
            Self::Email => "email",
        }
    }
}

impl Database {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
        }
    }
}

/// Reads the command line; wrong usage ends the program with 2 and a suggestion.
pub(crate) fn read() -> Result<Command> {
    let words: Vec<OsString> = std::env::args_os().collect();
    match Arguments::try_parse_from(&words) {
        Ok(arguments) => Ok(arguments.command),
        Err(error) => {
            refuse_name_like_an_option(&error, &words)?;
            error.exit()
        }
    }
}

/// `startproject -site` is a bad name rather than wrong usage: no option here has one hyphen and a word.
fn refuse_name_like_an_option(error: &clap::Error, words: &[OsString]) -> Result<()> {
    let name = words.get(2).and_then(|word| word.to_str()).unwrap_or_default();
    let is_name = name.len() > 2 && name.starts_with('-') && !name.starts_with("--");
    if error.kind() == ErrorKind::UnknownArgument && is_name {
        names::check(name)?;
    }
    Ok(())
}
