//! `dumpdata`: writes rows as a fixture.

use super::migrate::known_app;
use crate::app::Apps;
use crate::command::{Arg, ArgAction, ArgMatches, Command, Context};
use crate::error::{Error, Result};
use crate::fixtures::{Shape, dump, shapes};
use std::fs::OpenOptions;
use std::io::{BufWriter, Write, stdout};
use std::os::unix::fs::OpenOptionsExt;
use std::sync::Arc;

pub(super) fn command(apps: Arc<Apps>) -> Command {
    Command::new("dumpdata", "Writes rows as JSON, in Django's fixture form")
        .arguments(arguments)
        .run(move |context, matches| run(context, Arc::clone(&apps), matches))
}

fn arguments(command: clap::Command) -> clap::Command {
    let models = Arg::new("models").value_name("APP[.MODEL]").num_args(0..);
    let exclude =
        Arg::new("exclude").long("exclude").short('e').value_name("APP[.MODEL]").action(ArgAction::Append);
    let indent = Arg::new("indent").long("indent").value_name("SPACES").value_parser(clap::value_parser!(u8));
    let output = Arg::new("output").long("output").short('o').value_name("FILE");
    command
        .arg(models.help("Only these apps and models"))
        .arg(exclude.help("Leaves this app or model out; may be given several times"))
        .arg(indent.help("Indents by so many spaces; otherwise all stands on one line"))
        .arg(output.help("Writes to this file, which only its owner may read; otherwise to stdout"))
}

async fn run(context: Context, apps: Arc<Apps>, matches: ArgMatches) -> Result<()> {
    let all = all_shapes(&apps)?;
    let chosen = chosen(&apps, &all, &matches)?;
    let indent = matches.get_one::<u8>("indent").copied().map(usize::from);
    let db = context.db().await?;
    let out = output(matches.get_one::<String>("output"))?;
    db.snapshot(async |db| dump(&db, &chosen, indent, out).await).await?;
    if chosen.iter().any(|shape| shape.table.column("password").is_some()) {
        eprintln!("The hashes of passwords are among the data: keep it where nobody else can read it.");
    }
    Ok(())
}

/// The models of all apps.
pub(super) fn all_shapes(apps: &Apps) -> Result<Vec<Shape<'_>>> {
    shapes(apps.iter().flat_map(|app| &app.tables))
}

fn chosen<'a>(apps: &Apps, all: &'a [Shape<'a>], matches: &ArgMatches) -> Result<Vec<&'a Shape<'a>>> {
    let named = |argument| matches.get_many::<String>(argument).into_iter().flatten();
    for name in named("models").chain(named("exclude")) {
        check(apps, all, name)?;
    }
    let is_wanted = |shape: &Shape<'_>| {
        named("models").next().is_none() || named("models").any(|name| names(name, shape))
    };
    let is_excluded = |shape: &Shape<'_>| named("exclude").any(|name| names(name, shape));
    Ok(all.iter().filter(|shape| is_wanted(shape) && !is_excluded(shape)).collect())
}

/// Whether an argument stands for a model: `blog`, or `blog.Post` in whichever case.
fn names(argument: &str, shape: &Shape<'_>) -> bool {
    let argument = argument.to_lowercase();
    argument == shape.label || argument == shape.table.app.to_lowercase()
}

/// Refuses an app or a model that the site does not have.
fn check(apps: &Apps, all: &[Shape<'_>], name: &String) -> Result<()> {
    let Some((app, model)) = name.split_once('.') else { return known_app(apps, Some(name)) };
    known_app(apps, Some(&app.to_owned()))?;
    let of_app = || all.iter().filter(|shape| shape.table.app == app);
    if of_app().any(|shape| names(name, shape)) {
        return Ok(());
    }
    let models: Vec<_> = of_app().map(|shape| shape.table.model.as_str()).collect();
    Err(Error::Refused(format!("app `{app}` has no model `{model}`; it has {}", models.join(", "))))
}

fn output(file: Option<&String>) -> Result<Box<dyn Write + Send>> {
    let Some(file) = file else { return Ok(Box::new(BufWriter::new(stdout()))) };
    let opened = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file);
    let opened = opened.map_err(|error| Error::Refused(format!("{file}: {error}; nothing was written")))?;
    Ok(Box::new(BufWriter::new(opened)))
}
