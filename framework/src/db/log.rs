//! The statements that reach a database, for tests that count them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Where statements are noted while somebody listens; a site's own database has none.
#[derive(Clone, Debug, Default)]
pub(super) struct Log(Option<Arc<Mutex<Option<Vec<String>>>>>);

impl Log {
    /// A log that somebody may listen to.
    pub(super) fn new() -> Self {
        Self(Some(Arc::default()))
    }

    pub(super) fn note(&self, sql: &str) {
        if let Some(statements) = &self.0
            && let Some(statements) = &mut *lock(statements)
        {
            statements.push(sql.to_owned());
        }
    }

    /// Notes statements from now on.
    pub(super) fn listen(&self) {
        if let Some(statements) = &self.0 {
            *lock(statements) = Some(Vec::new());
        }
    }

    /// Notes no more, and answers what was noted.
    pub(super) fn stop(&self) -> Vec<String> {
        self.0.as_ref().and_then(|statements| lock(statements).take()).unwrap_or_default()
    }
}

fn lock(statements: &Mutex<Option<Vec<String>>>) -> MutexGuard<'_, Option<Vec<String>>> {
    statements.lock().unwrap_or_else(PoisonError::into_inner)
}
