//! A layer: one step on the way of a request, there and back.

use crate::error::{Error, Result};
use futures_util::future::{BoxFuture, Either, ready};
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

/// Makes an error into a page.
type Answer = fn(Error) -> Response;

/// One step on the way of a request: it sees the request on the way in and the answer on the way out.
///
/// ```
/// use nuages::{Layer, Pass};
///
/// let tea = Layer::new("tea", |request, next| async move {
///     let mut response = next.run(request).await;
///     response.headers_mut().insert("X-Tea", "green".parse().expect("it is ASCII"));
///     Ok(response)
/// });
/// let closed = Layer::pass("closed", |request| match request.uri().path() {
///     "/kitchen/" => Err(nuages::Error::PermissionDenied("the kitchen is closed".into())),
///     _ => Ok(Pass::On),
/// });
/// assert_eq!([tea.name(), closed.name()], ["tea", "closed"]);
/// ```
#[derive(Clone)]
pub struct Layer {
    name: &'static str,
    step: Step,
}

#[derive(Clone)]
enum Step {
    Around(Arc<dyn Fn(Request, Next, Answer) -> BoxFuture<'static, Response> + Send + Sync>),
    Pass(Passage),
}

type Passage = Arc<dyn Fn(&mut Request) -> Result<Pass> + Send + Sync>;

/// What a layer says once it has seen a request.
pub enum Pass {
    /// Further in.
    On,
    /// Further in, and this with the answer on its way out.
    Return(WayOut),
    /// No further: this is the answer.
    Stop(Response),
}

/// A step between the route and the view: it is asked about every request that a path answers to, unless
/// [`Routes::exempt_from`](crate::Routes::exempt_from) names it.
///
/// ```
/// use nuages::{Error, Gate, RequestExt};
///
/// let members = Gate::new("members", |request| {
///     Box::pin(async move {
///         match request.cookie("member") {
///             Some(_) => Ok(()),
///             None => Err(Error::PermissionDenied("this is for members".into())),
///         }
///     })
/// });
/// assert_eq!(members.name(), "members");
/// ```
#[derive(Clone)]
pub struct Gate {
    name: &'static str,
    ask: Question,
}

type Question = Arc<dyn for<'r> Fn(&'r Request) -> BoxFuture<'r, Result<()>> + Send + Sync>;

impl Gate {
    /// A gate of this name, by which routes are exempt from it. [`Error::Redirect`] sends a visitor elsewhere.
    pub fn new(
        name: &'static str,
        ask: impl for<'r> Fn(&'r Request) -> BoxFuture<'r, Result<()>> + Send + Sync + 'static,
    ) -> Self {
        Self { name, ask: Arc::new(ask) }
    }

    /// What routes call it that are exempt from it.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Lets the request go on, or not: an error is the answer.
    pub(crate) async fn ask(&self, request: &Request) -> Result<()> {
        (self.ask)(request).await
    }
}

/// What a layer does with an answer on its way out; a future, if it has to wait for something.
pub type WayOut = Box<dyn for<'r> FnOnce(&'r mut Response) -> Result<Option<Waiting<'r>>> + Send>;

/// What is still to be done with an answer.
pub type Waiting<'r> = BoxFuture<'r, Result<()>>;

impl Pass {
    /// Further in, and this with the answer on its way out.
    pub fn and_then(out: impl FnOnce(&mut Response) -> Result<()> + Send + 'static) -> Self {
        Self::Return(Box::new(move |response| out(response).map(|()| None)))
    }
}

impl Layer {
    /// A layer around what lies further in; an error becomes the page of its status.
    pub fn new<F>(name: &'static str, step: impl Fn(Request, Next) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Response>> + Send + 'static,
    {
        let step = move |request, next, answer: Answer| {
            let outcome = step(request, next);
            let answered = async move { outcome.await.unwrap_or_else(answer) };
            Box::pin(answered) as BoxFuture<'static, Response>
        };
        Self { name, step: Step::Around(Arc::new(step)) }
    }

    /// A layer that looks at the request where it is, and says what is to become of it; an error becomes the page of
    /// its status. It costs less than [`new`](Self::new): the request is not handed on from one future to the next.
    pub fn pass(
        name: &'static str,
        step: impl Fn(&mut Request) -> Result<Pass> + Send + Sync + 'static,
    ) -> Self {
        Self { name, step: Step::Pass(Arc::new(step)) }
    }

    /// What it is called in lists.
    pub fn name(&self) -> &'static str {
        self.name
    }

    fn passage(&self) -> Option<Passage> {
        match &self.step {
            Step::Pass(passage) => Some(Arc::clone(passage)),
            Step::Around(_) => None,
        }
    }
}

/// Puts the layers around what lies innermost, in the order of travel; `answer` makes their errors into pages.
pub(crate) fn fold(layers: &[Layer], innermost: Next, answer: Answer) -> Next {
    let neighbours = layers.chunk_by(|one, next| one.passage().is_some() && next.passage().is_some());
    neighbours.rev().fold(innermost, |next, layers| match &layers[0].step {
        Step::Around(step) => {
            let step = Arc::clone(step);
            Next(Arc::new(move |request| step(request, next.clone(), answer)))
        }
        Step::Pass(_) => {
            let passages: Vec<_> = layers.iter().filter_map(Layer::passage).collect();
            Next(Arc::new(move |request| travel(&passages, request, &next, answer)))
        }
    })
}

/// In through these passages, and out again in reverse.
fn travel(
    passages: &[Passage],
    mut request: Request,
    next: &Next,
    answer: Answer,
) -> BoxFuture<'static, Response> {
    let mut ways_out = Vec::with_capacity(passages.len());
    let stop = passages.iter().find_map(|passage| match passage(&mut request) {
        Ok(Pass::On) => None,
        Ok(Pass::Return(way_out)) => {
            ways_out.push(way_out);
            None
        }
        Ok(Pass::Stop(response)) => Some(response),
        Err(error) => Some(answer(error)),
    });
    let inner = match stop {
        Some(response) => Either::Left(ready(response)),
        None => Either::Right(next.run(request)),
    };
    Box::pin(async move {
        let mut response = inner.await;
        while let Some(way_out) = ways_out.pop() {
            if let Err(error) = leave(way_out, &mut response).await {
                response = answer(error);
            }
        }
        response
    })
}

async fn leave(way_out: WayOut, response: &mut Response) -> Result<()> {
    match way_out(response)? {
        Some(waiting) => waiting.await,
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poem::Body;
    use poem::http::StatusCode;
    use std::sync::Mutex;

    type Steps = Arc<Mutex<Vec<String>>>;

    fn note(steps: &Steps, text: String) {
        steps.lock().unwrap().push(text);
    }

    fn around(name: &'static str, steps: &Steps) -> Layer {
        let steps = Arc::clone(steps);
        Layer::new(name, move |request, next| {
            let steps = Arc::clone(&steps);
            async move {
                note(&steps, format!("in {name}"));
                let response = next.run(request).await;
                note(&steps, format!("out {name} {}", response.status().as_u16()));
                Ok(response)
            }
        })
    }

    fn pass(name: &'static str, steps: &Steps) -> Layer {
        let steps = Arc::clone(steps);
        Layer::pass(name, move |request| {
            note(&steps, format!("in {name}"));
            if request.uri().path() == format!("/{name}") {
                return Err(Error::PermissionDenied("no".into()));
            }
            let steps = Arc::clone(&steps);
            Ok(Pass::Return(Box::new(move |response| {
                Ok(Some(Box::pin(async move {
                    tokio::task::yield_now().await;
                    note(&steps, format!("out {name} {}", response.status().as_u16()));
                    Ok(())
                })))
            })))
        })
    }

    async fn visit(path: &str) -> (StatusCode, String) {
        let steps = Steps::default();
        let layers = [pass("a", &steps), pass("b", &steps), around("c", &steps), pass("d", &steps)];
        let view = Next::new(|_| async { Response::from(Body::from("tea")) });
        let answer = |error: Error| Response::builder().status(error.status()).finish();
        let request = Request::builder().uri_str(path).finish();
        let response = fold(&layers, view, answer).run(request).await;
        let steps = steps.lock().unwrap().join(", ");
        (response.status(), steps)
    }

    #[tokio::test]
    async fn the_way_out_is_the_way_in_reversed() {
        let way = "in a, in b, in c, in d, out d 200, out c 200, out b 200, out a 200";
        assert_eq!(visit("/").await, (StatusCode::OK, way.into()));
    }

    #[tokio::test]
    async fn an_error_is_a_page_to_the_layers_before_it() {
        assert_eq!(visit("/b").await, (StatusCode::FORBIDDEN, "in a, in b, out a 403".into()));
        let way = "in a, in b, in c, in d, out c 403, out b 403, out a 403";
        assert_eq!(visit("/d").await, (StatusCode::FORBIDDEN, way.into()));
    }
}
