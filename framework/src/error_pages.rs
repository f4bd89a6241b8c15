//! Errors as pages: in debug with all there is to know, otherwise plain, or the site's own `404.html` and so on.

use crate::body_limit::is_exceeded;
use crate::csp;
use crate::error::Error;
use crate::log::{RequestId, without_tokens};
use crate::settings::Settings;
use crate::templates::{Templates, html_response};
use crate::urls::found;
use minijinja::Environment;
use poem::error::{ParsePathError, ReadBodyError};
use poem::http::{HeaderValue, StatusCode, header};
use poem::{Request, Response};
use std::sync::LazyLock;

/// Seconds after which a site that was busy may be asked again.
const BUSY: u64 = 5;

static PAGES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut pages = Environment::new();
    for (name, text) in [
        ("debug.html", include_str!("error_pages/debug.html")),
        ("plain.html", include_str!("error_pages/plain.html")),
    ] {
        pages.add_template(name, text).expect("the framework's own pages are right");
    }
    pages
});

/// The page for an error of a view. `request` is the request as the view had it, without its body.
pub(crate) async fn page(request: &Request, error: poem::Error) -> Response {
    if error.is_from_response() {
        return error.into_response();
    }
    if let Some(Error::Redirect(to)) = error.downcast_ref() {
        return found(to);
    }
    let (status, told) = (status_of(&error), Told::of(&error));
    log(request, status, &told);
    let response = match Settings::of(request).debug {
        true => own_response(debug_page(request, status, &told)),
        false => own_page(request, status)
            .await
            .unwrap_or_else(|| plain_page(status, Some(RequestId::of(request)))),
    };
    dressed(response, status, error.downcast_ref())
}

/// A value that its converter let pass but the view's type cannot hold is no page either.
fn status_of(error: &poem::Error) -> StatusCode {
    match error.downcast_ref::<ReadBodyError>() {
        Some(error) if is_exceeded(error) => StatusCode::PAYLOAD_TOO_LARGE,
        _ if error.is::<ParsePathError>() => StatusCode::NOT_FOUND,
        _ => error.status(),
    }
}

/// The page for an error of a layer, where no request is at hand any more.
pub(crate) fn layer_page(error: Error) -> Response {
    if let Error::Redirect(to) = &error {
        return found(to);
    }
    let status = error.status();
    match status.is_server_error() {
        true => tracing::error!(status = status.as_u16(), "{error}"),
        false => tracing::warn!(status = status.as_u16(), "{error}"),
    }
    dressed(plain_page(status, None), status, Some(&error))
}

fn dressed(mut response: Response, status: StatusCode, error: Option<&Error>) -> Response {
    response.set_status(status);
    let busy = (status == StatusCode::SERVICE_UNAVAILABLE).then_some(BUSY);
    if let Some(seconds) = error.and_then(Error::retry_after).or(busy) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// What can be told of an error to whoever runs the site.
struct Told {
    message: String,
    detail: String,
}

impl Told {
    fn of(error: &poem::Error) -> Self {
        let template = match error.downcast_ref::<Error>() {
            Some(Error::Template(template)) => Some(template),
            _ => error.downcast_ref::<minijinja::Error>(),
        };
        Self { message: error.to_string(), detail: template.map_or_else(String::new, template_detail) }
    }
}

/// File, line, excerpt and the values that the template saw.
fn template_detail(error: &minijinja::Error) -> String {
    let mut detail = format!("{error:#}");
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        detail.push_str(&format!("\n\ncaused by: {cause:#}"));
        source = cause.source();
    }
    detail
}

/// What is forbidden is a warning, as in Django: somebody tried a door.
fn log(request: &Request, status: StatusCode, told: &Told) {
    let (method, code) = (request.method(), status.as_u16());
    let path = without_tokens(request.original_uri().path());
    match status {
        _ if status.is_server_error() => {
            tracing::error!(status = code, %method, path, "{} {}", told.message, told.detail);
        }
        StatusCode::FORBIDDEN => tracing::warn!(status = code, %method, path, "{}", told.message),
        _ => tracing::info!(status = code, %method, path, "{}", told.message),
    }
}

fn debug_page(request: &Request, status: StatusCode, told: &Told) -> String {
    let routes = (status == StatusCode::NOT_FOUND).then(|| crate::urls::Urls::of(request).paths());
    let context = crate::context! {
        status => status.as_u16(), reason => status.canonical_reason(), message => told.message, detail => told.detail,
        method => request.method().as_str(), path => request.original_uri().path(), routes,
    };
    builtin("debug.html", context)
}

/// The site's own `404.html`, `403.html`, `500.html`, if it has one that can be rendered.
async fn own_page(request: &Request, status: StatusCode) -> Option<Response> {
    let templates = Templates::of(request);
    let name = format!("{}.html", status.as_u16());
    if !templates.has(&name) {
        return None;
    }
    let path = request.original_uri().path();
    let context = crate::context! { status => status.as_u16(), path, request_id => RequestId::of(request) };
    let rendered = match status.is_server_error() {
        true => templates.render_alone(&name, context),
        false => templates.render(request, &name, context).await,
    };
    rendered.inspect_err(|error| tracing::error!("{name} cannot be shown: {error}")).ok().map(html_response)
}

/// `reference` is the request's id, by which whoever runs the site finds what the log says of it.
fn plain_page(status: StatusCode, reference: Option<&str>) -> Response {
    let words = match status {
        StatusCode::NOT_FOUND => "The page is not here.",
        StatusCode::FORBIDDEN => {
            "This is not allowed. If you came by a form, go back, reload the page and try again."
        }
        StatusCode::BAD_REQUEST => "The request could not be understood.",
        StatusCode::TOO_MANY_REQUESTS => "Too many attempts. Wait a few minutes, then try again.",
        StatusCode::CONFLICT => "Your session ended in another window. Reload the page.",
        StatusCode::SERVICE_UNAVAILABLE => "The site is busy. Try again in a moment.",
        StatusCode::PAYLOAD_TOO_LARGE => "That was too much to take in.",
        StatusCode::METHOD_NOT_ALLOWED => "This address does not answer that kind of request.",
        _ => "Something went wrong on our side. It has been noted.",
    };
    let reason = status.canonical_reason();
    own_response(builtin(
        "plain.html",
        crate::context! { status => status.as_u16(), reason, words, reference },
    ))
}

/// A page of the framework's own, which loads nothing.
fn own_response(html: String) -> Response {
    let mut response = html_response(html);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, csp::ERROR_PAGE);
    response
}

fn builtin(name: &str, context: minijinja::Value) -> String {
    let page = PAGES.get_template(name).and_then(|page| page.render(context));
    page.unwrap_or_else(|error| format!("the error page failed: {error}"))
}
