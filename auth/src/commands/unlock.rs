//! `unlock`: forgets the attempts at an account.

use crate::backends::LOGIN;
use crate::forms::TWO_FACTOR;
use crate::names::normalize_username;
use crate::throttle::Throttle;
use nuages::command::{Arg, ArgMatches};
use nuages::say;
use nuages::{Command, Context, Result};

pub(crate) fn unlock() -> Command {
    Command::new("unlock", "Forgets the attempts at an account, so that its owner may log in at once")
        .arguments(|command| command.arg(Arg::new("name").required(true).help("The login name")))
        .run(|context, matches| async move { run(&context, &matches).await })
}

/// Attempts are counted for names that are nobody's, too; so none is looked up.
async fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    let name = matches.get_one::<String>("name").cloned().unwrap_or_default();
    let throttle = Throttle::from_settings(&context.settings, &context.db().await?)?;
    for action in [LOGIN, TWO_FACTOR] {
        throttle.unlock(action, &normalize_username(&name)).await?;
    }
    say!("Attempts at `{name}` are forgotten. Those of its network still count.");
    Ok(())
}
