//! The backend `console`: a letter as a person reads it, on the terminal of the server.

use super::{EmailBackend, Letter, Undelivered};
use crate::say;
use futures_util::future::BoxFuture;

/// Prints letters. Not in their encoding: a link must be whole to be clicked.
pub(super) struct Console;

impl EmailBackend for Console {
    fn deliver<'a>(&'a self, letter: &'a Letter) -> BoxFuture<'a, Result<(), Undelivered>> {
        let line = "-".repeat(79);
        say!("{line}\n{}{line}", letter.message());
        Box::pin(async { Ok(()) })
    }
}
