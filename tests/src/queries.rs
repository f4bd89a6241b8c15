//! Counts what is asked of a database, by sqlx's own log.

use std::fmt::Debug;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber, subscriber::Interest};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

static STATEMENTS: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Listener;

impl<S: Subscriber> Layer<S> for Listener {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if metadata.target().starts_with("sqlx::query") { Interest::always() } else { Interest::never() }
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query" {
            event.record(&mut Summary);
        }
    }
}

/// Takes the beginning of the statement out of an event; a new connection's own settings do not count.
struct Summary;

impl Visit for Summary {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let text = format!("{value:?}");
        if field.name() == "summary" && !text.contains("PRAGMA") {
            statements().push(text);
        }
    }
}

fn statements() -> MutexGuard<'static, Vec<String>> {
    STATEMENTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs `work`, which nothing else may do at the same time in this process, and answers the statements that it ran.
///
/// # Panics
/// If there is another log already.
pub async fn listened<T>(work: impl Future<Output = T>) -> (T, Vec<String>) {
    static LOG: OnceLock<()> = OnceLock::new();
    LOG.get_or_init(|| {
        let log = tracing_subscriber::registry().with(Listener);
        tracing::subscriber::set_global_default(log).expect("no other log is there");
    });
    statements().clear();
    let done = work.await;
    (done, std::mem::take(&mut statements()))
}

/// Held by a test for as long as it runs, so that it hears nobody else's queries.
pub static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
