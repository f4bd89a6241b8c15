//! `makemigrations`: writes down how the models have changed.

mod interview;
mod merging;

use super::migrate::known_app;
use crate::app::Apps;
use crate::command::{Arg, ArgAction, ArgMatches, Command, Context};
use crate::error::{Error, Result};
use crate::migrations::write::{Change, Folder, Request, changes, describe, merges};
use crate::migrations::{NoInput, Questions};
use crate::say;
use interview::Interview;
use merging::merge;
use std::path::Path;
use std::sync::Arc;

pub(super) fn command(apps: Arc<Apps>) -> Command {
    Command::new("makemigrations", "Writes migrations for the changes of the models")
        .arguments(arguments)
        .run(move |_context: Context, matches| {
            let apps = Arc::clone(&apps);
            async move { run(&apps, &matches, Path::new("."), Interview::at_the_terminal()) }
        })
}

fn arguments(command: clap::Command) -> clap::Command {
    let flag = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
    };
    command
        .arg(Arg::new("app").help("Only this app"))
        .arg(flag("check", "Writes nothing; exit code 1 if models have changed"))
        .arg(flag("dry-run", "Writes nothing, and prints what would be written"))
        .arg(
            flag("merge", "Writes a migration that brings together what was written side by side")
                .conflicts_with("empty"),
        )
        .arg(flag("empty", "Writes a migration that does nothing yet").requires("app"))
        .arg(
            flag("noinput", "Asks nothing: takes nothing as renamed, and refuses what needs an answer")
                .alias("no-input"),
        )
        .arg(Arg::new("name").long("name").short('n').help("What to call it, after the number"))
}

/// What is done with what has to be written.
#[derive(Clone, Copy)]
struct Manner {
    check: bool,
    dry_run: bool,
    asks: bool,
}

impl Manner {
    fn of(matches: &ArgMatches) -> Self {
        let [check, dry_run, noinput] = ["check", "dry-run", "noinput"].map(|name| matches.get_flag(name));
        Self { check, dry_run, asks: !noinput && !check }
    }
}

fn run(apps: &Arc<Apps>, matches: &ArgMatches, project: &Path, mut interview: Interview) -> Result<()> {
    let app = matches.get_one::<String>("app");
    known_app(apps, app)?;
    let name = matches.get_one::<String>("name").map(String::as_str);
    let request = Request { app: app.map(String::as_str), name, empty: matches.get_flag("empty") };
    let manner = Manner::of(matches);
    if matches.get_flag("merge") {
        return merge(&merges(apps, &request)?, project, manner, &mut interview);
    }
    let models = apps.iter().map(|app| (app.label, apps.tables_of(app.label).cloned().collect())).collect();
    let questions: &mut dyn Questions = if manner.asks { &mut interview } else { &mut NoInput };
    let changes = changes(apps, models, &request, questions)?;
    match changes.is_empty() {
        true => say_nothing_changed(app),
        false if manner.check => return refuse_check(&changes),
        false => write(&changes, project, manner)?,
    }
    Ok(())
}

fn say_nothing_changed(app: Option<&String>) {
    match app {
        Some(app) => say!("No changes detected in app '{app}'"),
        None => say!("No changes detected"),
    }
}

fn refuse_check(changes: &[Change]) -> Result<()> {
    changes.iter().for_each(say);
    Err(Error::Refused("the models have changed; run `makemigrations`".into()))
}

/// Nothing is written before it is known that all can be.
fn write(changes: &[Change], project: &Path, manner: Manner) -> Result<()> {
    let folders: Vec<_> = changes.iter().map(|change| Folder::of(project, change)).collect::<Result<_>>()?;
    for (change, folder) in changes.iter().zip(folders) {
        say(change);
        put(change, folder, manner)?;
    }
    Ok(())
}

fn put(change: &Change, folder: Folder, manner: Manner) -> Result<()> {
    match manner.dry_run {
        true => say!("{}", change.text),
        false => folder.write()?.iter().for_each(|line| say!("{line}")),
    }
    Ok(())
}

fn say(change: &Change) {
    say!("Migrations for '{}':\n  {}", change.app, change.file());
    for line in describe(change.migration.operations(), &change.before) {
        say!("    + {line}");
    }
}

#[cfg(test)]
mod tests;
