//! What waits until a transaction is committed.

use futures_util::future::BoxFuture;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Work for after the commit, in order; shared by a transaction and its savepoints.
#[derive(Clone, Default)]
pub(super) struct Hooks(Arc<Mutex<Vec<BoxFuture<'static, ()>>>>);

impl Hooks {
    pub(super) fn push(&self, work: BoxFuture<'static, ()>) {
        self.list().push(work);
    }

    /// Those that come from now on, until it is known whether they are kept.
    pub(super) fn pending(&self) -> Pending {
        Pending { before: self.list().len(), hooks: self.clone() }
    }

    /// Does all of it.
    pub(super) async fn run(&self) {
        let waiting = std::mem::take(&mut *self.list());
        for work in waiting {
            work.await;
        }
    }

    fn list(&self) -> MutexGuard<'_, Vec<BoxFuture<'static, ()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} hooks", self.list().len())
    }
}

/// The hooks of a transaction or a savepoint. They are forgotten when this is dropped, be it by a rollback or half-way, unless
/// they were kept.
pub(super) struct Pending {
    hooks: Hooks,
    before: usize,
}

impl Pending {
    pub(super) fn keep(mut self) {
        self.before = usize::MAX;
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.hooks.list().truncate(self.before);
    }
}
