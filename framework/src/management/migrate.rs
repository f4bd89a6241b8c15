//! `migrate`: brings the database's tables to where the migrations lead.

use crate::app::Apps;
use crate::command::{self, Arg, ArgAction, ArgMatches, Command, Context};
use crate::db::Database;
use crate::error::{Error, Result};
use crate::migrations::{Goal, Histories, Migration, Outcome, Runner, Step, UserTable, Way};
use crate::say;
use futures_util::future::BoxFuture;
use std::sync::Arc;

pub(super) fn command(apps: Arc<Apps>) -> Command {
    Command::new("migrate", "Applies migrations, or goes back to one")
        .arguments(arguments)
        .run(move |context, matches| run(context, Arc::clone(&apps), matches))
}

fn arguments(command: clap::Command) -> clap::Command {
    let flag = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
    };
    command
        .arg(Arg::new("app").help("Only this app, and what it depends on"))
        .arg(
            Arg::new("name")
                .requires("app")
                .help("The migration to go to, forward or back; `zero` undoes all"),
        )
        .arg(flag("plan", "Says what would be done, and does nothing"))
        .arg(flag("check", "Does nothing; exit code 1 if there is something to do"))
        .arg(flag("fake", "Only remembers migrations, or forgets them, and does nothing else"))
        .arg(
            flag("fake-initial", "Only remembers an app's first migration if all that it makes is there")
                .conflicts_with("fake"),
        )
        .arg(
            flag("reverted", "Says that what a migration had half done was taken back by hand")
                .requires("name")
                .conflicts_with_all(["plan", "check", "fake", "fake-initial"]),
        )
}

async fn run(context: Context, apps: Arc<Apps>, matches: ArgMatches) -> Result<()> {
    let goal = goal(&matches);
    known_app(&apps, matches.get_one::<String>("app"))?;
    let db = context.db().await?;
    let runner = Runner::open(&db, &apps).await?;
    if let (true, Goal::Named(app, name)) = (matches.get_flag("reverted"), goal) {
        runner.reverted(app, name).await?;
        say!("{app} {name} is no longer half done.");
        return Ok(());
    }
    let steps = runner.steps(goal).await?;
    match (matches.get_flag("plan"), matches.get_flag("check")) {
        (true, _) => print_plan(&runner, &steps).await?,
        (_, false) => return perform(&runner, goal, &steps, way(&matches)).await,
        _ => {}
    }
    check(matches.get_flag("check"), &steps)
}

fn way(matches: &ArgMatches) -> Way {
    match (matches.get_flag("fake"), matches.get_flag("fake-initial")) {
        (true, _) => Way::Fake,
        (_, true) => Way::FakeInitial,
        _ => Way::Run,
    }
}

fn goal(matches: &ArgMatches) -> Goal<'_> {
    match (matches.get_one::<String>("app"), matches.get_one::<String>("name")) {
        (Some(app), Some(name)) => Goal::Named(app, name),
        (Some(app), None) => Goal::App(app),
        _ => Goal::All,
    }
}

/// Refuses an app that the site does not have.
pub(super) fn known_app(apps: &Apps, app: Option<&String>) -> Result<()> {
    match app {
        Some(app) if apps.get(app).is_none() => {
            let labels = apps.iter().map(crate::App::label).filter(|label| !label.starts_with('('));
            let labels: Vec<_> = labels.collect();
            Err(Error::Refused(format!("the site has no app `{app}`; it has {}", labels.join(", "))))
        }
        _ => Ok(()),
    }
}

async fn print_plan(runner: &Runner<'_, Arc<Apps>>, steps: &[Step]) -> Result<()> {
    say!("Planned operations:");
    for (step, operations) in steps.iter().zip(runner.operations(steps).await?) {
        let undo = if matches!(step, Step::Undo(_)) { "Undo " } else { "" };
        say!("  {undo}{}", runner.node(*step).label());
        operations.iter().for_each(|operation| say!("    {undo}{operation}"));
    }
    if steps.is_empty() {
        say!("  No planned migration operations.");
    }
    Ok(())
}

fn check(asked: bool, steps: &[Step]) -> Result<()> {
    match asked && !steps.is_empty() {
        true => Err(Error::Refused(format!(
            "{} migrations are to be applied or undone; run `migrate`",
            steps.len()
        ))),
        false => Ok(()),
    }
}

async fn perform(runner: &Runner<'_, Arc<Apps>>, goal: Goal<'_>, steps: &[Step], way: Way) -> Result<()> {
    runner.rehearse(steps, way).await?;
    print_goal(runner, goal);
    runner.before(way).await?;
    say!("Running migrations:");
    if steps.is_empty() {
        say!("  No migrations to apply.");
    }
    for step in steps {
        perform_step(runner, *step, way).await?;
    }
    runner.after().await
}

fn print_goal(runner: &Runner<'_, Arc<Apps>>, goal: Goal<'_>) {
    say!("Operations to perform:");
    match goal {
        Goal::All => say!("  Apply all migrations: {}", migrated_apps(runner).join(", ")),
        Goal::App(app) => say!("  Apply all migrations: {app}"),
        Goal::Named(app, "zero") => say!("  Unapply all migrations: {app}"),
        Goal::Named(app, name) => say!("  Target specific migration: {name}, from {app}"),
    }
}

fn migrated_apps<'a>(runner: &'a Runner<'_, Arc<Apps>>) -> Vec<&'a str> {
    let mut apps: Vec<_> = runner.graph().nodes().iter().map(|node| node.app).collect();
    apps.sort_unstable();
    apps.dedup();
    apps
}

async fn perform_step(runner: &Runner<'_, Arc<Apps>>, step: Step, way: Way) -> Result<()> {
    let doing = if matches!(step, Step::Apply(_)) { "Applying" } else { "Unapplying" };
    command::say(format_args!("  {doing} {}...", runner.node(step).label()));
    let outcome = runner.perform(step, way).await;
    say!(
        "{}",
        match &outcome {
            Ok(Outcome::Run) => " OK",
            Ok(Outcome::Faked) => " FAKED",
            Ok(Outcome::Before) => " done by another process",
            Err(_) => " FAILED",
        }
    );
    outcome.map(drop)
}

impl Histories for Arc<Apps> {
    fn migrations(&self) -> Vec<(&str, &[Migration])> {
        self.iter().map(|app| (app.label, app.migrations.as_slice())).collect()
    }

    fn user_table(&self) -> Option<&UserTable> {
        Apps::user_table(self)
    }

    fn before_migrate<'a>(&'a self, db: &'a Database) -> BoxFuture<'a, Result<()>> {
        Box::pin(Apps::before_migrate(self, db))
    }

    fn after_migrate<'a>(&'a self, db: &'a Database) -> BoxFuture<'a, Result<()>> {
        Box::pin(Apps::after_migrate(self, db))
    }
}

#[cfg(test)]
mod tests;
