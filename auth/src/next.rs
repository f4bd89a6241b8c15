//! Where to go after login and logout: only ever to this site.

use nuages::urls::{is_safe_next, location_header, resolve, with_query};
use nuages::{FormData, RequestExt, Result, redirect};
use poem::http::{StatusCode, header};
use poem::{Request, Response};

pub(crate) const NEXT: &str = "next";

/// Sends a stranger to log in, and back here afterwards. What else is in the query of `login_url` stays; a login page elsewhere is
/// told the whole address of this one.
///
/// # Errors
/// [`nuages::Error::NotFound`] if `login_url` is a name that no URL has.
pub fn redirect_to_login(request: &Request) -> Result<Response> {
    redirect(request, &login_address(request, &request.settings().login_url, Some(NEXT))?)
}

/// The address of the login page, with the one to come back to in a field of this name.
///
/// # Errors
/// [`nuages::Error::NotFound`] if `login` is a name that no URL has.
pub(crate) fn login_address(request: &Request, login: &str, field: Option<&str>) -> Result<String> {
    let login = resolve(request, login)?;
    let Some(field) = field else { return Ok(login) };
    let here = match is_elsewhere(request, &login) {
        true => format!("{}://{}{}", scheme(request), request.host(), request.full_path()),
        false => request.full_path().to_owned(),
    };
    Ok(with_query(&login, field, &here))
}

/// Whether an address is of another host than this page, or of another scheme.
fn is_elsewhere(request: &Request, url: &str) -> bool {
    let (own, rest) = match url.split_once("//") {
        Some(("", rest)) => (true, rest),
        Some((other, rest)) if other.ends_with(':') => (other == format!("{}:", scheme(request)), rest),
        _ => return false,
    };
    !own || rest.split(['/', '?', '#']).next() != Some(request.host())
}

fn scheme(request: &Request) -> &'static str {
    if request.is_secure() { "https" } else { "http" }
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
    let sent = data.get(NEXT).map(str::to_owned).or_else(|| in_query(request));
    sent.filter(|url| is_safe_next(url, &[request.host()], request.is_secure())).unwrap_or_default()
}

/// Redirects to what [`wanted`] has found safe: an address, never the name of one.
pub(crate) fn go_to(next: &str) -> Response {
    Response::builder().status(StatusCode::FOUND).header(header::LOCATION, location_header(next)).finish()
}

fn in_query(request: &Request) -> Option<String> {
    let query: Vec<(String, String)> = request.params().ok()?;
    query.into_iter().rev().find(|(name, _)| name == NEXT).map(|(_, value)| value)
}
