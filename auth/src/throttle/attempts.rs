//! Where attempts are counted: the trait of its stores.

use nuages::Result;
use nuages::futures_util::future::BoxFuture;
use std::time::Duration;

/// How many attempts there were in a window of time, the last one among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// The attempts.
    pub count: u64,
    /// Seconds until the window ends.
    pub seconds_left: u64,
}

/// Counts attempts, shared by all processes of a site.
pub trait Attempts: Send + Sync {
    /// Counts one more, in one atomic step. The window begins with the first.
    fn add<'a>(&'a self, key: &'a str, window: Duration) -> BoxFuture<'a, Result<Tally>>;
    /// Counts one less.
    fn take_back<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<()>>;
    /// Forgets all of them.
    fn forget<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<()>>;
    /// Removes what is over, and says how many that were.
    fn clear_expired(&self) -> BoxFuture<'_, Result<u64>>;
}
