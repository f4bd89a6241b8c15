//! The backend `console`: a letter as a person reads it, on the terminal of the server.

use super::{EmailBackend, Letter, Undelivered};
use futures_util::future::BoxFuture;
use std::io::{self, Write};

/// Prints letters. Not in their encoding: a link must be whole to be clicked.
pub(super) struct Console;

impl EmailBackend for Console {
    fn deliver<'a>(&'a self, letter: &'a Letter) -> BoxFuture<'a, Result<(), Undelivered>> {
        let line = "-".repeat(79);
        let mut out = io::stdout().lock();
        // That nobody reads the terminal any more is no reason to try again.
        let _ = writeln!(out, "{line}\n{}{line}", letter.message()).and_then(|()| out.flush());
        Box::pin(async { Ok(()) })
    }
}
