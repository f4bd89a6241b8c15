//! `clearsessions`.

use super::choice::MakeStore;
use crate::command::Command;
use crate::say;
use std::sync::Arc;

pub(super) fn clearsessions(make: MakeStore) -> Command {
    Command::new("clearsessions", "Removes sessions that have expired").run(move |context, _| {
        let make = Arc::clone(&make);
        async move {
            let store = make(&context.settings, &context.db().await?)?;
            say!("Removed {} expired sessions.", store.clear_expired().await?);
            Ok(())
        }
    })
}
