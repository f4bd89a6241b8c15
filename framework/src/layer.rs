//! A layer: one step on the way of a request, there and back.

use crate::error::{Error, Result};
use futures_util::future::BoxFuture;
use poem::{Request, Response};
use std::sync::Arc;

/// What lies further in: the next layer, and at last the view. An error inside is a page by the time it is out.
#[derive(Clone)]
pub struct Next(Arc<dyn Fn(Request) -> BoxFuture<'static, Response> + Send + Sync>);

impl Next {
    /// The way inwards that this function goes.
    pub fn new<F>(run: impl Fn(Request) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Response> + Send + 'static,
    {
        Self(Arc::new(move |request| Box::pin(run(request))))
    }

    /// Hands the request inwards and waits for its answer.
    pub fn run(&self, request: Request) -> BoxFuture<'static, Response> {
        (self.0)(request)
    }
}

type Step = Arc<dyn Fn(Request, Next, Answer) -> BoxFuture<'static, Response> + Send + Sync>;

/// Makes an error into a page.
type Answer = fn(Error) -> Response;

/// One step on the way of a request: it sees the request on the way in and the answer on the way out.
///
/// ```
/// use nuages::Layer;
///
/// let tea = Layer::new("tea", |request, next| async move {
///     let mut response = next.run(request).await;
///     response.headers_mut().insert("X-Tea", "green".parse().expect("it is ASCII"));
///     Ok(response)
/// });
/// assert_eq!(tea.name(), "tea");
/// ```
#[derive(Clone)]
pub struct Layer {
    name: &'static str,
    step: Step,
}

impl Layer {
    /// A layer that runs this function; an error becomes the page of its status.
    ///
    /// The way inwards is cheapest before the `async` block: a future that holds a request is large.
    pub fn new<F>(name: &'static str, step: impl Fn(Request, Next) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Response>> + Send + 'static,
    {
        let step = move |request, next, answer: Answer| {
            let outcome = step(request, next);
            let answered = async move { outcome.await.unwrap_or_else(answer) };
            Box::pin(answered) as BoxFuture<'static, Response>
        };
        Self { name, step: Arc::new(step) }
    }

    /// What it is called in lists.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Puts this layer around what lies further in; `answer` makes its errors into pages.
    pub(crate) fn around(&self, next: Next, answer: Answer) -> Next {
        let step = Arc::clone(&self.step);
        Next(Arc::new(move |request| step(request, next.clone(), answer)))
    }
}
