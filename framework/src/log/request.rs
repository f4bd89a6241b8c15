//! Which request a line of the log belongs to.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::task::futures::TaskLocalFuture;
use tracing::instrument::Instrumented;
use tracing::{Instrument, Span};

/// The id of a request; a clone is the same one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestId(pub(crate) Arc<str>);

tokio::task_local! {
    /// The request that is served by this task.
    static CURRENT: RequestId;
}

/// Whether lines of the log ask for the request's [id](current) themselves, as those of our own log do. A span for each request costs a fifth of
/// what the framework does for a small page.
static IS_ASKED: AtomicBool = AtomicBool::new(false);

/// Our own log is there, and asks for the id of a request when it has something to say.
pub(super) fn is_asked_for() {
    IS_ASKED.store(true, Ordering::Relaxed);
}

/// The id of the request that is served here, where our own log asks for it.
pub(super) fn current() -> Option<RequestId> {
    if IS_ASKED.load(Ordering::Relaxed) { CURRENT.try_with(Clone::clone).ok() } else { None }
}

/// The span of the request that is served here: for work that goes on in a thread or a task of its own, so that the lines of the log
/// that it writes have the request's id too.
///
/// ```
/// use tracing::Instrument;
///
/// async fn in_the_background() {
///     tokio::spawn(async { tracing::info!("done") }.instrument(nuages::request_span()));
/// }
/// ```
pub fn request_span() -> Span {
    current().map_or_else(Span::current, |id| id.span())
}

/// Runs the way inwards of a request, and answers what waits for its way outwards; every line of the log that is written meanwhile has its id.
pub(crate) fn serving<F: Future>(
    id: RequestId,
    inwards: impl FnOnce() -> F,
) -> TaskLocalFuture<RequestId, Instrumented<F>> {
    let span = if IS_ASKED.load(Ordering::Relaxed) { Span::none() } else { id.span() };
    let outwards = CURRENT.sync_scope(id.clone(), || span.in_scope(inwards));
    CURRENT.scope(id, outwards.instrument(span))
}

impl RequestId {
    fn span(&self) -> Span {
        tracing::error_span!(target: "nuages::request_id", "http", request_id = %self)
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
