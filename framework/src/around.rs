//! A project around a poem application that exists.

use crate::command::Context;
use crate::csp::Foreign;
use crate::db::Database;
use crate::error::Result;
use crate::layer::Next;
use crate::management;
use crate::project::{Parts, Project};
use poem::{Endpoint, EndpointExt, IntoResponse, Middleware, Request, Response};
use std::sync::Arc;
use tokio::task::JoinSet;

/// A project as a poem middleware: the application inside gets sessions, users and templates, and the project's pages stand beside its
/// own.
#[derive(Clone)]
pub struct ProjectMiddleware {
    parts: Parts,
    db: Database,
    /// They end with the last of those that hold them.
    beside: Arc<JoinSet<()>>,
}

/// An application inside a project.
pub struct Inside {
    handler: Next,
    _beside: Arc<JoinSet<()>>,
}

impl Project {
    /// The project as a middleware around an application that exists:
    ///
    /// ```no_run
    /// # use poem::{EndpointExt, Route};
    /// # fn project() -> nuages::Project { unimplemented!() }
    /// # async fn run() -> nuages::Result<()> {
    /// let app = Route::new().with(project().middleware().await?);
    /// # Ok(()) }
    /// ```
    ///
    /// A path that the project's routes do not have is the application's. It asks for no CSRF token there
    /// ([`csrf::protect`](crate::csrf::protect) does), and takes bodies as large as it always did; hosts that are not allowed are turned away, and
    /// answers get the security headers that they lack. In the application's handlers everything works that works in a view: extractors,
    /// `render`, `request.session()`.
    ///
    /// # Errors
    /// [`Error::NotReady`](crate::Error::NotReady) if a check fails or the database is not migrated: the application's own program can run
    /// `migrate` by [`run_command`](Project::run_command).
    pub async fn middleware(self) -> Result<ProjectMiddleware> {
        let parts = self.assemble()?;
        let site = parts.site();
        let context = Context::new(Arc::clone(&parts.settings)).with_models(parts.apps.models());
        management::ready(&site, &context).await?;
        let db = context.db().await?;
        // Fails here rather than at the first request, if at all.
        parts.handler(db.clone())?;
        let beside = Arc::new(management::beside(&site, &db)?);
        Ok(ProjectMiddleware { parts, db, beside })
    }
}

impl<E: Endpoint + 'static> Middleware<E> for ProjectMiddleware {
    type Output = Inside;

    /// # Panics
    /// Never: what could be wrong was found when the middleware was made.
    fn transform(&self, application: E) -> Inside {
        let inside = Arc::new(Own(application).boxed());
        let handler = self.parts.surrounding(self.db.clone(), Some(inside));
        Inside {
            handler: handler.expect("the project was put together before"),
            _beside: Arc::clone(&self.beside),
        }
    }
}

impl Endpoint for Inside {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        Ok(self.handler.run(request).await)
    }
}

/// The application, whose errors stay its own.
struct Own<E>(E);

impl<E: Endpoint> Endpoint for Own<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let mut response = match self.0.call(request).await {
            Ok(answer) => answer.into_response(),
            Err(error) => error.into_response(),
        };
        response.extensions_mut().insert(Foreign);
        Ok(response)
    }
}
