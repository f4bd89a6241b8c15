//! `removetwofactor`: turns two-factor authentication off for somebody who has lost the phone and the recovery codes.

use crate::two_factor::TwoFactor;
use crate::{AbstractUser, find_by_name};
use nuages::command::{Arg, ArgMatches};
use nuages::{Command, Context, Error, Result, say};

pub(crate) fn removetwofactor<U: AbstractUser>() -> Command {
    Command::new("removetwofactor", "Turns a user's two-factor authentication off, when the phone is lost")
        .arguments(|command| command.arg(Arg::new("username").required(true).help("The login name")))
        .run(|context, matches| async move { run::<U>(&context, &matches).await })
}

async fn run<U: AbstractUser>(context: &Context, matches: &ArgMatches) -> Result<()> {
    let db = context.db().await?;
    let name = matches.get_one::<String>("username").cloned().unwrap_or_default();
    let unknown = || Error::Refused(format!("there is no user `{name}`"));
    let user = find_by_name::<U>(&db, &context.settings, &name).await?.ok_or_else(unknown)?;
    match TwoFactor::of(&db, &user).remove().await? {
        true => {
            say!("`{name}` logs in by the password alone from now on. Be sure that it was they who asked.")
        }
        false => say!("`{name}` has no two-factor authentication."),
    }
    Ok(())
}
