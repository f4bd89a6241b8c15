//! `clearsessions`.

use super::{DatabaseStore, SessionStore};
use crate::command::Command;
use crate::say;

pub(super) fn clearsessions() -> Command {
    Command::new("clearsessions", "Removes sessions that have expired").run(|context, _| async move {
        let removed = DatabaseStore::new(context.db().await?).clear_expired().await?;
        say!("Removed {removed} expired sessions.");
        Ok(())
    })
}
