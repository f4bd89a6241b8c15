//! The backend `memory`: a list of messages that a test reads.

use super::{EmailBackend, EmailMessage, Letter, Undelivered};
use futures_util::future::BoxFuture;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The messages that were sent, oldest first; a clone is the same list.
#[derive(Clone, Default)]
pub(crate) struct Outbox(Arc<Mutex<Vec<EmailMessage>>>);

impl Outbox {
    pub(crate) fn messages(&self) -> Vec<EmailMessage> {
        self.list().clone()
    }

    fn list(&self) -> MutexGuard<'_, Vec<EmailMessage>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EmailBackend for Outbox {
    fn deliver<'a>(&'a self, letter: &'a Letter) -> BoxFuture<'a, Result<(), Undelivered>> {
        self.list().push(letter.message().clone());
        Box::pin(async { Ok(()) })
    }
}
