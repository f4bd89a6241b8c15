//! Templates: minijinja, the names that every template may use, and `render`.

mod dir;
mod filters;
mod global;
mod html;
mod scope;

pub use dir::Dir;
pub use global::Global;
pub use html::Html;

use crate::belongings::Belongings;
use crate::error::{Error, Result};
use minijinja::{Environment, Output, State, Value};
use poem::{Request, Response};
use std::sync::Arc;

/// A site's templates, and the names that every one of them may use.
#[derive(Clone)]
pub struct Templates(Arc<Inner>);

struct Inner {
    environment: Environment<'static>,
    globals: Vec<(&'static str, Global)>,
}

impl Templates {
    /// Templates from these folders; the first that has a name wins.
    ///
    /// With `debug`, an edited file is read again, and errors tell the file and the line.
    pub fn new(dirs: Vec<Dir>, globals: Vec<(&'static str, Global)>, debug: bool) -> Self {
        let mut environment = environment(dirs.into_iter().chain([own()]).collect());
        environment.set_auto_reload(debug);
        environment.set_debug(debug);
        Self(Arc::new(Inner { environment, globals }))
    }

    /// Adds a function that every template may call.
    ///
    /// # Panics
    /// If the templates are in use already.
    pub(crate) fn add_function(&mut self, name: &'static str, function: Value) {
        let inner = Arc::get_mut(&mut self.0).expect("functions are added before the first request");
        inner.environment.add_global(name, function);
    }

    /// Whether there is a template of this name.
    pub fn has(&self, name: &str) -> bool {
        self.0.environment.get_template(name).is_ok()
    }

    /// Renders a template for a request.
    ///
    /// What a template touches of `user`, `messages` and other names that need the database is loaded at the first
    /// touch; then it is rendered once more, and again for each name that stands [apart](Global::apart). A page that touches
    /// nothing costs nothing.
    pub async fn render(&self, request: &Request, name: &str, context: Value) -> Result<String> {
        let template = self.0.environment.get_template(name)?;
        let scope = scope::Scope::new(request, &self.0.globals, context);
        loop {
            let rendered = template.render(scope.value());
            // `{% if user %}` touches without an error, so the flag decides, not the outcome.
            if !scope.was_touched() {
                return Ok(rendered?);
            }
            let undone = self.0.globals.iter().filter_map(|(_, global)| global.discard.as_ref());
            undone.for_each(|undo| undo(request));
            scope.load(request).await?;
        }
    }

    /// Renders a template without a request: no `user`, no `csrf_token`.
    pub fn render_alone(&self, name: &str, context: Value) -> Result<String> {
        Ok(self.0.environment.get_template(name)?.render(context)?)
    }

    /// The templates that the handler gave to this request.
    ///
    /// # Panics
    /// If the request did not come through the framework's handler.
    pub(crate) fn of(request: &Request) -> &Self {
        Belongings::of(request)
    }
}

/// Renders a template as a page.
///
/// ```no_run
/// use nuages::{Result, context, render};
/// use poem::{Request, Response, handler};
///
/// #[handler]
/// async fn index(request: &Request) -> Result<Response> {
///     render(request, "home/index.html", context! { title => "Home" }).await
/// }
/// ```
///
/// # Errors
/// [`Error::Template`] if the template is missing or wrong.
pub async fn render(request: &Request, name: &str, context: Value) -> Result<Response> {
    let templates = Templates::of(request);
    let html = templates.render(request, name, context).await?;
    Ok(html_response(html))
}

/// A page of this HTML, status 200.
pub(crate) fn html_response(html: String) -> Response {
    Response::builder().content_type("text/html; charset=utf-8").body(html)
}

/// The framework's own templates: what forms are written with.
fn own() -> Dir {
    crate::dir!("templates")
}

fn environment(dirs: Vec<Dir>) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_loader(move |name| Ok(dirs.iter().find_map(|dir| dir.source(name))));
    environment.set_formatter(write_value);
    filters::add_to(&mut environment);
    environment
}

/// Text of an object that is HTML already goes out as it is; all else is escaped.
fn write_value(out: &mut Output, state: &mut State, value: &Value) -> Result<(), minijinja::Error> {
    match value.downcast_object_ref::<Html>() {
        Some(html) => html.write(out, state, value),
        None => minijinja::escape_formatter(out, state, value),
    }
}

impl From<Error> for minijinja::Error {
    fn from(error: Error) -> Self {
        minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, error.to_string()).with_source(error)
    }
}

/// Makes the context of a template from names and values: `context! { post, title => "Posts" }`.
///
/// Every value that implements `serde::Serialize` may stand there.
#[macro_export]
macro_rules! context {
    ($($key:ident $(=> $value:expr)?),* $(,)?) => {
        $crate::minijinja::Value::from(::std::collections::BTreeMap::<&'static str, $crate::minijinja::Value>::from([
            $((stringify!($key), $crate::__context_value!($key $(=> $value)?))),*
        ]))
    };
}

/// One value of `context!`.
#[doc(hidden)]
#[macro_export]
macro_rules! __context_value {
    ($key:ident) => {
        $crate::minijinja::Value::from($crate::minijinja::value::Serde(&$key))
    };
    ($key:ident => $value:expr) => {
        $crate::minijinja::Value::from($crate::minijinja::value::Serde(&$value))
    };
}
