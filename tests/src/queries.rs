//! Counts what is asked of a database, by sqlx's own log.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use tokio::sync::Mutex;
use tracing::{Event, Metadata, Subscriber, subscriber::Interest};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

static QUERIES: AtomicUsize = AtomicUsize::new(0);

struct Counter;

impl<S: Subscriber> Layer<S> for Counter {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if metadata.target().starts_with("sqlx::query") { Interest::always() } else { Interest::never() }
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query" {
            QUERIES.fetch_add(1, SeqCst);
        }
    }
}

/// Runs `work`, which nothing else may do at the same time in this process, and says how many statements it ran.
///
/// # Panics
/// If there is another log already.
pub async fn counted<T>(work: impl Future<Output = T>) -> (T, usize) {
    static LOG: OnceLock<()> = OnceLock::new();
    LOG.get_or_init(|| {
        let log = tracing_subscriber::registry().with(Counter);
        tracing::subscriber::set_global_default(log).expect("no other log is there");
    });
    let before = QUERIES.load(SeqCst);
    let done = work.await;
    (done, QUERIES.load(SeqCst) - before)
}

/// Held by a test for as long as it runs, so that it counts nobody else's queries.
pub static ALONE: Mutex<()> = Mutex::const_new(());
