//! Whether Redis is asked at all.

use super::cache::CLOSED;
use crate::error::Error;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a server that did not answer is left alone.
const REST: Duration = Duration::from_secs(5);
/// How often a failure is logged at most.
const LOGGED: Duration = Duration::from_secs(60);

/// Whether what Redis holds may be believed; failures take that away for a while.
#[derive(Default)]
pub(super) struct Trust(Mutex<State>);

#[derive(Default)]
struct State {
    again_at: Option<Instant>,
    logged_at: Option<Instant>,
}

impl Trust {
    pub(super) fn is_given(&self) -> bool {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.again_at.is_none_or(|then| then <= Instant::now())
    }

    /// Others go on without Redis for a few seconds, rather than each waiting for it in turn.
    pub(super) fn after_a_failed_read(&self, error: &Error) {
        self.withdraw(REST, error);
    }

    /// What could not be removed is there until its time is over.
    pub(super) fn after_a_failed_change(&self, error: &Error) {
        self.withdraw(Duration::from_millis(CLOSED.unsigned_abs()), error);
    }

    fn withdraw(&self, time: Duration, error: &Error) {
        let (mut state, now) = (self.0.lock().unwrap_or_else(PoisonError::into_inner), Instant::now());
        state.again_at = state.again_at.max(Some(now + time));
        if state.logged_at.is_none_or(|then| now - then >= LOGGED) {
            state.logged_at = Some(now);
            tracing::warn!("sessions are read from the database alone for now: {error}");
        }
    }
}
