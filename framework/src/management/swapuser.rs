//! `swapuser`: moves a site that has users to another user model.

use crate::app::Apps;
use crate::command::{Arg, ArgAction, ArgMatches, Command, Context};
use crate::db::schema::Table;
use crate::db::sea_query::{Expr, Func, Query};
use crate::db::{Database, inspect};
use crate::error::{Error, Result};
use crate::migrations::write::{Change, Folder, swap};
use crate::migrations::{Graph, UserTable};
use crate::say;
use std::path::Path;
use std::sync::Arc;

pub(super) fn command(apps: Arc<Apps>) -> Command {
    let about = "Writes the migration that moves the users to another user model";
    Command::new("swapuser", about).arguments(arguments).run(move |context, matches| {
        let apps = Arc::clone(&apps);
        async move { run(&context, &apps, &matches, Path::new(".")).await }
    })
}

fn arguments(command: clap::Command) -> clap::Command {
    let label = |name: &'static str, help: &'static str| Arg::new(name).required(true).help(help);
    let dry_run = Arg::new("dry-run").long("dry-run").action(ArgAction::SetTrue);
    let lose = Arg::new("lose").long("lose").value_name("COLUMN").action(ArgAction::Append);
    command
        .arg(label("old", "The user model that the database has, such as auth.User"))
        .arg(label("new", "The one of the settings, such as accounts.User"))
        .arg(dry_run.help("Says what would be moved, and writes nothing"))
        .arg(lose.help("A column that the new model has not, and whose contents may be lost"))
}

async fn run(context: &Context, apps: &Arc<Apps>, matches: &ArgMatches, project: &Path) -> Result<()> {
    let [old, new] = ["old", "new"].map(|name| matches.get_one::<String>(name).expect("clap requires it"));
    let user = new_user(apps, old, new)?;
    let db = context.db().await?;
    let table = old_table(&db, apps, old).await?;
    let lose: Vec<_> = matches.get_many::<String>("lose").into_iter().flatten().collect();
    let model = model(apps, user)?;
    check_losses(&table, model, &lose, new)?;
    let models = apps.iter().map(|app| (app.label, apps.tables_of(app.label).cloned().collect())).collect();
    let changes = swap(apps, old, &table, models)?;
    let folders = changes.iter().map(|change| Folder::of(project, change)).collect::<Result<Vec<_>>>();
    let folders = if matches.get_flag("dry-run") { None } else { Some(folders?) };
    print_plan(&db, &table, model).await?;
    match folders {
        None => changes.iter().for_each(|change| say!("{}:\n{}", change.file(), change.text)),
        Some(folders) => write(&changes, folders)?,
    }
    Ok(())
}

/// The site's user model, which is the new one already.
fn new_user<'a>(apps: &'a Apps, old: &str, new: &str) -> Result<&'a UserTable> {
    let none = || Error::Refused("the site has no user model; add `nuages_auth::app::<User>()` to it".into());
    let user = apps.user_table().ok_or_else(none)?;
    let label = user.label();
    match () {
        () if !old.contains('.') => {
            Err(Error::Usage(format!("`{old}` is no user model; write app and model, such as auth.User")))
        }
        () if label != new => Err(Error::Refused(format!(
            "the site's user model is `{label}`; name `{new}` in `AuthUserModel` (src/settings.rs) first"
        ))),
        () if old == new => Err(Error::Refused(format!("`{old}` is the site's user model already"))),
        () if user.key != "id" => Err(Error::Refused(format!(
            "the key of `{new}` is `{}`; users can only move to a model whose key is `id`",
            user.key
        ))),
        () => Ok(user),
    }
}

/// The table as the database has it, under the name that migrations or Django give it.
async fn old_table(db: &Database, apps: &Arc<Apps>, old: &str) -> Result<Table> {
    let (app, model) = old.split_once('.').unwrap_or((old, ""));
    let state = Graph::of(apps)?.state(|_| true)?;
    let known = state.tables_of(app).find(|table| table.model.eq_ignore_ascii_case(model));
    let name = known.map_or_else(|| format!("{app}_{model}").to_lowercase(), |table| table.name.clone());
    let missing = || {
        let text = format!("the database has no table `{name}` with the users of `{old}`");
        Error::Refused(format!("{text}; see DATABASE_URL, and the spelling of the model"))
    };
    inspect::table(db, &name).await?.ok_or_else(missing)
}

fn model<'a>(apps: &'a Apps, user: &UserTable) -> Result<&'a Table> {
    let missing = || {
        Error::Refused(format!(
            "`{}` is no model of app `{}`; add `.model::<…>()` to it",
            user.model, user.app
        ))
    };
    apps.tables_of(user.app).find(|table| table.name == user.table).ok_or_else(missing)
}

fn check_losses(old: &Table, model: &Table, lose: &[&String], new: &str) -> Result<()> {
    let missing = old.columns.iter().filter(|column| model.column(&column.name).is_none());
    let lost: Vec<_> = missing.map(|column| &column.name).filter(|name| !lose.contains(name)).collect();
    match lost.is_empty() {
        true => Ok(()),
        false => {
            let names: Vec<_> = lost.iter().map(|name| format!("`{name}`")).collect();
            let flags: Vec<_> = lost.iter().map(|name| format!("--lose {name}")).collect();
            Err(Error::Refused(format!(
                "`{new}` has no {}, which `{}` has; add it to the model, or let it go by {}",
                names.join(", "),
                old.name,
                flags.join(" ")
            )))
        }
    }
}

async fn print_plan(db: &Database, old: &Table, model: &Table) -> Result<()> {
    say!("{} users of `{}` become users of `{}`.", count(db, &old.name).await?, old.name, model.name);
    say!("  Their keys, passwords, groups and sessions stay as they are.");
    let new: Vec<_> = model.columns.iter().filter(|column| old.column(&column.name).is_none()).collect();
    for column in new {
        say!("  New: `{}`, its default or empty at first.", column.name);
    }
    for column in old.columns.iter().filter(|column| model.column(&column.name).is_none()) {
        say!("  Lost: `{}`.", column.name);
    }
    for table in inspect::tables(db).await?.iter().filter(|table| table.name != old.name) {
        for column in table.columns.iter().filter(|column| points_to(column, &old.name)) {
            say!(
                "  Pointing to them: `{}.{}`, {} rows.",
                table.name,
                column.name,
                count(db, &table.name).await?
            );
        }
    }
    Ok(())
}

fn points_to(column: &crate::db::schema::ColumnDef, name: &str) -> bool {
    use crate::db::schema::Target;
    let target = column.references.as_ref().map(|reference| &reference.target);
    matches!(target, Some(Target::Table { table, .. }) if table == name)
}

async fn count(db: &Database, table: &str) -> Result<i64> {
    let mut query = Query::select();
    query.expr_as(Func::count(Expr::col(crate::db::sea_query::Asterisk)), "rows").from(table.to_owned());
    Ok(db.fetch_optional(&query, |row| row.get("rows")).await?.unwrap_or(0))
}

fn write(changes: &[Change], folders: Vec<Folder>) -> Result<()> {
    for (change, folder) in changes.iter().zip(folders) {
        say!("Migrations for '{}':\n  {}", change.app, change.file());
        folder.write()?.iter().for_each(|line| say!("{line}"));
    }
    say!("Next: cargo run -- migrate --plan, and then cargo run -- migrate");
    say!("(on a database that Django has made: cargo run -- migrate --fake-initial)");
    Ok(())
}
