//! `runserver`: serves the site, one process, no reload.

use super::{Site, check};
use crate::checks::Level;
use crate::command::{Arg, Command, Context};
use crate::db::Database;
use crate::error::{Error, Result};
use crate::say;
use crate::{migrations, server};
use std::net::SocketAddr;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;

const DEFAULT: &str = "127.0.0.1:8000";

pub(super) fn command(site: Site) -> Command {
    Command::new("runserver", "Serves the site")
        .arguments(|command| {
            let address = Arg::new("address").default_value(DEFAULT);
            command.arg(address.help("Address and port, or a port alone"))
        })
        .run(move |context, matches| {
            let site = site.clone();
            let address = matches.get_one::<String>("address").cloned().unwrap_or_default();
            async move { run(site, context, &address).await }
        })
}

async fn run(site: Site, context: Context, address: &str) -> Result<()> {
    let address = read(address)?;
    ready(&site, &context).await?;
    let db = context.db().await?;
    let handler = (site.handler)(db.clone())?;
    let _beside = beside(&site, &db)?;
    let listener = server::listen(address)?;
    say!("Serving http://{}/ (quit with Control-C)", listener.local_addr()?);
    server::serve(listener, handler, stop_signal()?).await?;
    say!("Stopped.");
    Ok(())
}

/// What the apps do beside the server, for as long as the answer lives.
pub(crate) fn beside(site: &Site, db: &Database) -> Result<JoinSet<()>> {
    let mut tasks = JoinSet::new();
    for task in site.apps.iter().flat_map(|app| &app.beside) {
        tasks.spawn(task(&site.settings, db)?);
    }
    Ok(tasks)
}

/// Checks pass and the database is migrated; nothing is migrated behind anyone's back.
pub(crate) async fn ready(site: &Site, context: &Context) -> Result<()> {
    let found = check::look(site, context).await?;
    if let Some(worst) = found.iter().find(|check| check.level == Level::Error) {
        return Err(Error::NotReady(format!("{worst}\nrun `check` to see all that is wrong")));
    }
    let missing = migrations::unapplied(&context.db().await?, &site.apps).await?;
    match missing.first() {
        None => Ok(()),
        Some((app, name)) => {
            let more =
                if missing.len() > 1 { format!(" and {} more", missing.len() - 1) } else { String::new() };
            let text =
                format!("the database lacks the migration {app}.{name}{more}; run: cargo run -- migrate");
            Err(Error::NotReady(text))
        }
    }
}

/// `8000`, `0.0.0.0:8000`, `localhost:8000` or `[::1]:8000`.
fn read(address: &str) -> Result<SocketAddr> {
    let full = match address.parse::<u16>() {
        Ok(port) => format!("127.0.0.1:{port}"),
        Err(_) => address.replacen("localhost:", "127.0.0.1:", 1),
    };
    full.parse().map_err(|_| Error::Usage(format!("`{address}` is no address; write 8000 or 127.0.0.1:8000")))
}

/// SIGTERM, or Control-C.
fn stop_signal() -> Result<impl Future<Output = ()>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_be_a_port_alone() {
        assert_eq!(read("8001").unwrap(), "127.0.0.1:8001".parse().unwrap());
        assert_eq!(read("localhost:80").unwrap(), "127.0.0.1:80".parse().unwrap());
    }

    #[test]
    fn text_that_is_no_address_is_wrong_usage() {
        for text in ["", "here", "99999", "1.2.3.4", "1.2.3.4:http"] {
            assert_eq!(read(text).unwrap_err().exit_code(), 2, "{text}");
        }
    }
}
