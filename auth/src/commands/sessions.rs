//! `sessions`: a user's sessions, for those who help the user.

use crate::sessions::{ago, device, shortened};
use crate::{AbstractUser, find_by_name};
use nuages::chrono::Utc;
use nuages::command::{Arg, ArgAction, ArgMatches};
use nuages::sessions::{self, SessionInfo, SessionStore};
use nuages::{Command, Context, Error, Result, say};
use std::sync::Arc;

pub(crate) fn sessions<U: AbstractUser>() -> Command {
    Command::new("sessions", "Lists a user's sessions, and ends them")
        .arguments(|command| {
            let name = Arg::new("username").required(true).help("The login name");
            let end = Arg::new("end").long("end").value_name("ID").conflicts_with("end-all");
            let all = Arg::new("end-all").long("end-all").action(ArgAction::SetTrue);
            command
                .arg(name)
                .arg(end.help("Ends one session; what its id begins with is enough"))
                .arg(all.help("Ends all of the user's sessions"))
        })
        .run(|context, matches| async move { run::<U>(&context, &matches).await })
}

async fn run<U: AbstractUser>(context: &Context, matches: &ArgMatches) -> Result<()> {
    let db = context.db().await?;
    let store = sessions::from_settings(&context.settings, &db)?;
    let name = matches.get_one::<String>("username").expect("clap requires it");
    let unknown = || Error::Refused(format!("there is no user `{name}`"));
    let user = find_by_name::<U>(&db, &context.settings, name).await?.ok_or_else(unknown)?;
    let id = user.key().to_string();
    let found = store.of_user(&id).await?;
    match (matches.get_one::<String>("end"), matches.get_flag("end-all")) {
        (Some(wanted), _) => end(&store, &id, &[only(&found, wanted)?]).await,
        (None, true) => end(&store, &id, &found.iter().collect::<Vec<_>>()).await,
        (None, false) => {
            list(&found);
            Ok(())
        }
    }
}

fn only<'f>(found: &'f [SessionInfo], wanted: &str) -> Result<&'f SessionInfo> {
    let mut fitting = found.iter().filter(|session| session.id.starts_with(wanted));
    match (fitting.next(), fitting.next()) {
        (Some(session), None) => Ok(session),
        (None, _) => Err(Error::Refused(format!("no session of the user begins with `{wanted}`"))),
        _ => {
            Err(Error::Refused(format!("more than one session begins with `{wanted}`; give more of its id")))
        }
    }
}

async fn end(store: &Arc<dyn SessionStore>, user: &str, sessions: &[&SessionInfo]) -> Result<()> {
    let mut ended = 0;
    for session in sessions {
        ended += u32::from(store.end(user, &session.id).await?);
    }
    say!("Ended {ended} sessions.");
    Ok(())
}

fn list(found: &[SessionInfo]) {
    if found.is_empty() {
        say!("The user is signed in nowhere.");
    }
    for session in found {
        let (device, address) = (device(&session.origin.user_agent), shortened(&session.origin.address));
        let id = session.id.get(..12).unwrap_or(&session.id);
        say!("{id}  {:<14} {device:<24} {address}", ago(Utc::now() - session.last_seen_at));
    }
}
