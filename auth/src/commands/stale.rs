//! `remove_stale_permissions`: deletes the permissions that no model declares any more.

use crate::declared::{Declared, Stale};
use crate::{AbstractUser, Permission};
use nuages::command::{Arg, ArgAction, ArgMatches, Prompt};
use nuages::{Command, Context, Database, Result, say};

pub(crate) fn remove_stale_permissions<U: AbstractUser>() -> Command {
    Command::new("remove_stale_permissions", "Deletes permissions that no model declares any more")
        .arguments(|command| {
            let flag = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
            let others = flag("include-stale-apps").help("Also those of apps that the site has not");
            command.arg(flag("noinput").alias("no-input").help("Asks nothing")).arg(others)
        })
        .run(|context, matches| async move { run::<U>(&context, &matches).await })
}

async fn run<U: AbstractUser>(context: &Context, matches: &ArgMatches) -> Result<()> {
    let db = context.db().await?;
    let declared = Declared::of(&context.models);
    let stale = Stale::find(&db, &declared, matches.get_flag("include-stale-apps")).await?;
    if stale.is_empty() {
        say!("There are no stale permissions.");
        return Ok(());
    }
    list::<U>(&db, &stale).await?;
    if !matches.get_flag("noinput") {
        let mut prompt = Prompt::terminal("give --noinput to delete them without being asked")?;
        if !prompt.confirm("Delete them, and take them from those who have them?")? {
            say!("Nothing was deleted.");
            return Ok(());
        }
    }
    stale.delete::<U>(&db).await?;
    say!("Deleted {} permissions and {} content types.", stale.permissions.len(), stale.kinds.len());
    Ok(())
}

async fn list<U: AbstractUser>(db: &Database, stale: &Stale) -> Result<()> {
    say!("No model declares these any more:");
    for permission in &stale.permissions {
        let [users, groups] = Stale::holders::<U>(db, permission).await?;
        say!("  permission {} ({users} users and {groups} groups have it)", full_name(permission));
    }
    for kind in &stale.kinds {
        say!("  content type {}.{}", kind.app_label, kind.model);
    }
    Ok(())
}

fn full_name(permission: &Permission) -> String {
    let app = permission.content_type.row().map_or("", |kind| kind.app_label.as_str());
    format!("{app}.{}", permission.codename)
}
