//! Where to go after login and logout: only ever to this site.

use nuages::urls::{is_safe_next, location_header, resolve, with_query};
use nuages::{FormData, RequestExt, Result, redirect};
use poem::http::{StatusCode, header};
use poem::{Request, Response};

const FIELD: &str = "next";

/// Sends a stranger to log in, and back here afterwards.
///
/// # Errors
/// [`nuages::Error::NotFound`] if `login_url` is a name that no URL has.
pub fn redirect_to_login(request: &Request) -> Result<Response> {
    let login = resolve(request, &request.settings().login_url)?;
    redirect(request, &with_query(&login, FIELD, request.full_path()))
}

/// Goes on after login: to the page that the visitor wanted to see, or to `default` (a path or a URL name).
///
/// # Errors
/// [`nuages::Error::NotFound`] if `default` is a name that no URL has.
pub fn redirect_after_login(request: &Request, default: &str) -> Result<Response> {
    let data = request.extensions().get::<FormData>().cloned().unwrap_or_default();
    match wanted(request, &data).as_str() {
        "" => redirect(request, default),
        next => Ok(go_to(next)),
    }
}

/// What the visitor asked to see next: the form's value, even an empty one, beats the query's. Empty unless it is safe.
pub(crate) fn wanted(request: &Request, data: &FormData) -> String {
    let sent = data.get(FIELD).map(str::to_owned).or_else(|| in_query(request));
    sent.filter(|url| is_safe_next(url, &[request.host()], request.is_secure())).unwrap_or_default()
}

/// Redirects to what [`wanted`] has found safe: an address, never the name of one.
pub(crate) fn go_to(next: &str) -> Response {
    Response::builder().status(StatusCode::FOUND).header(header::LOCATION, location_header(next)).finish()
}

fn in_query(request: &Request) -> Option<String> {
    let query: Vec<(String, String)> = request.params().ok()?;
    query.into_iter().rev().find(|(name, _)| name == FIELD).map(|(_, value)| value)
}
