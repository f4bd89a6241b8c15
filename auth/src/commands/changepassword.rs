//! `changepassword`: a new password for a user, asked for at the terminal.

use super::{ask_password, system_user};
use crate::passwords::{Choices, Passwords};
use crate::{AbstractUser, find_by_name};
use nuages::command::{Arg, ArgMatches, Prompt};
use nuages::{Command, Context, Database, Error, Result, say};

/// How often a new password is asked for.
const TRIES: usize = 3;

pub(crate) fn changepassword<U: AbstractUser>(choices: Choices) -> Command {
    Command::new("changepassword", "Changes a user's password, which ends the user's sessions")
        .arguments(|command| {
            let name = Arg::new("username").value_name("NAME");
            command.arg(name.help("The login name [default: the name that you have on this machine]"))
        })
        .run(move |context, matches| {
            let choices = choices.clone();
            async move { run::<U>(&context, &matches, &choices.passwords(&context.settings)?).await }
        })
}

async fn run<U: AbstractUser>(context: &Context, matches: &ArgMatches, passwords: &Passwords) -> Result<()> {
    let name = matches.get_one::<String>("username").cloned().or_else(system_user);
    let name = name.ok_or_else(|| Error::Usage("whose password? name the user".into()))?;
    let db = context.db().await?;
    let unknown = || Error::Refused(format!("there is no user `{name}`"));
    let mut user = find_by_name::<U>(&db, &context.settings, &name).await?.ok_or_else(unknown)?;
    let mut prompt = Prompt::terminal("a password is typed, and stands in no command")?;
    say!("Changing the password of `{}`", user.get_username());
    for _ in 0..TRIES {
        if try_once(&db, passwords, &mut user, &mut prompt).await? {
            say!("Password changed; the user's sessions have ended.");
            return Ok(());
        }
    }
    Err(Error::Refused(format!("no password after {TRIES} tries; `{name}` keeps the old one")))
}

/// `false`, and the reason said, if the password was not good enough.
async fn try_once<U: AbstractUser>(
    db: &Database,
    passwords: &Passwords,
    user: &mut U,
    prompt: &mut Prompt,
) -> Result<bool> {
    let Some(password) = ask_password(prompt)? else { return Ok(false) };
    match passwords.set(db, user, &password).await {
        Ok(()) => Ok(true),
        Err(error) => {
            error.invalid()?.errors().for_each(|(_, fault)| eprintln!("{fault}"));
            Ok(false)
        }
    }
}
