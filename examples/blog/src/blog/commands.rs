//! `promote NAME`: makes somebody an editor.

use nuages::command::{Arg, ArgMatches};
use nuages::{Command, Context, Database, Error, Model, Result, say};
use nuages_auth::{Group, UserPermissions, find_by_name};

use super::{DELETE, PUBLISH};
use crate::accounts::models::User;

/// The command, as `help` lists it.
pub fn promote() -> Command {
    Command::new("promote", "Makes somebody an editor, who publishes and moderates")
        .arguments(|command| command.arg(Arg::new("name").required(true).help("The login name")))
        .run(|context, matches| async move { run(&context, &matches).await })
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    let db = context.db().await?;
    let name = matches.get_one::<String>("name").map_or("", String::as_str);
    let Some(user) = find_by_name::<User>(&db, &context.settings, name).await? else {
        return Err(Error::Refused(format!("nobody is called `{name}`; sign up first")));
    };
    user.add_to_group(&db, &editors(&db).await?).await?;
    say!("{} is an editor.", user.username);
    Ok(())
}

/// Those who publish, and delete what others wrote.
pub async fn editors(db: &Database) -> Result<Group> {
    let new = || Group { name: "editors".into(), ..Group::default() };
    let (editors, _) = Group::objects(db).get_or_create(Group::NAME.eq("editors"), new).await?;
    for permission in [PUBLISH, DELETE] {
        editors.add_permission(db, permission).await?;
    }
    Ok(editors)
}
