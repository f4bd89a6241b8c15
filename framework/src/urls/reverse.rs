//! From names back to paths, and redirects.

use super::pattern::Pattern;
use super::safe_next::{is_safe_next, location_header};
use crate::belongings::Belongings;
use crate::error::{Error, Result};
use crate::hosts;
use minijinja::Value;
use minijinja::value::Kwargs;
use poem::http::{Method, StatusCode, header};
use poem::{Request, Response};
use std::collections::HashMap;
use std::sync::Arc;

/// The names of a site's paths.
#[derive(Clone, Debug, Default)]
pub struct Urls(Arc<HashMap<String, Pattern>>);

impl Urls {
    pub(super) fn new(named: impl IntoIterator<Item = (String, Pattern)>) -> Self {
        Self(Arc::new(named.into_iter().collect()))
    }

    /// The path of this name, with values for its converters.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such name, or a value is missing or does not fit.
    pub fn reverse(&self, name: &str, value: impl Fn(&str) -> Option<String>) -> Result<String> {
        let Some(pattern) = self.0.get(name) else {
            return Err(Error::NotFound(format!(
                "no URL is called `{name}`; `routes` lists those there are"
            )));
        };
        pattern.fill(value).map_err(|missing| {
            Error::NotFound(format!("`{name}` is {}; `{missing}` is missing or does not fit", pattern.text()))
        })
    }

    /// Every path with its name, sorted.
    pub(crate) fn paths(&self) -> Vec<(&str, &str)> {
        let mut paths: Vec<_> =
            self.0.iter().map(|(name, pattern)| (pattern.text(), name.as_str())).collect();
        paths.sort_unstable();
        paths
    }

    /// The function `url` of templates.
    pub(crate) fn function(&self) -> Value {
        let urls = self.clone();
        Value::from_function(move |name: String, values: Kwargs| {
            let value =
                |key: &str| values.get::<Option<Value>>(key).ok().flatten().map(|value| value.to_string());
            let path = urls.reverse(&name, value).map_err(minijinja::Error::from)?;
            values.args().for_each(|name| drop(values.get::<Value>(name)));
            values.assert_all_used().map(|()| Value::from_safe_string(path))
        })
    }

    pub(crate) fn of(request: &Request) -> &Self {
        Belongings::of(request)
    }
}

/// The path of a name, with values for its converters: `reverse(request, "blog:post", &[("id", &post.id)])`.
///
/// # Errors
/// [`Error::NotFound`] if there is no such name, or a value is missing or does not fit.
pub fn reverse(request: &Request, name: &str, values: &[(&str, &dyn ToString)]) -> Result<String> {
    let value =
        |wanted: &str| values.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.to_string());
    Urls::of(request).reverse(name, value)
}

/// Redirects to a URL by its name, or to a path (which begins with `/`) or a whole URL as it stands.
///
/// # Errors
/// [`Error::NotFound`] if there is no such name.
pub fn redirect(request: &Request, to: &str) -> Result<Response> {
    Ok(found(&resolve(request, to)?))
}

/// Redirects to where a visitor wants to go, if that is a page of this site; otherwise to `default`, as
/// [`redirect`] does.
///
/// # Errors
/// [`Error::NotFound`] if `default` is a name that no URL has.
pub fn redirect_back(request: &Request, wanted: &str, default: &str) -> Result<Response> {
    let safe =
        is_safe_next(wanted, &[hosts::host(request)], hosts::is_secure(request)) && wanted.starts_with('/');
    redirect(request, if safe { wanted } else { default })
}

/// The path of a URL's name; a path (which begins with `/`) or a whole URL as it stands.
///
/// # Errors
/// [`Error::NotFound`] if there is no such name.
pub fn resolve(request: &Request, to: &str) -> Result<String> {
    if to.starts_with('/') || to.contains("://") {
        return Ok(to.to_owned());
    }
    reverse(request, to, &[])
}

/// The URL with this value in its query, instead of one that it has of the same name: `/login/?next=/blog/`. `/` stands as it
/// is, and so does the rest of the query.
///
/// ```
/// # use nuages::urls::with_query;
/// assert_eq!(with_query("/login/?next=/&lang=fr#form", "next", "/blog/?page=2"), "/login/?lang=fr&next=/blog/%3Fpage%3D2#form");
/// ```
pub fn with_query(url: &str, name: &str, value: &str) -> String {
    let (url, fragment) = match url.split_once('#') {
        Some((url, fragment)) => (url, format!("#{fragment}")),
        None => (url, String::new()),
    };
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let is_called = |pair: &&str| {
        let mut pairs = form_urlencoded::parse(pair.as_bytes());
        pairs.next().is_some_and(|(known, _)| known == name)
    };
    let mut pairs: Vec<_> = query.split('&').filter(|pair| !pair.is_empty() && !is_called(pair)).collect();
    let encoded: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let own = format!("{name}={}", encoded.replace("%2F", "/").replace('+', "%20"));
    pairs.push(&own);
    format!("{path}?{}{fragment}", pairs.join("&"))
}

/// Redirects to a URL by its name, with values for its converters.
///
/// # Errors
/// [`Error::NotFound`] if there is no such name, or a value is missing or does not fit.
pub fn redirect_to(request: &Request, name: &str, values: &[(&str, &dyn ToString)]) -> Result<Response> {
    Ok(found(&reverse(request, name, values)?))
}

/// A redirect to this address.
pub(crate) fn found(location: &str) -> Response {
    answer(StatusCode::FOUND, location)
}

fn answer(status: StatusCode, location: &str) -> Response {
    Response::builder().status(status).header(header::LOCATION, location_header(location)).finish()
}

/// From `/page` to `/page/`; a form keeps its method and body (308).
pub(super) fn to_slash(request: &Request) -> Response {
    let uri = request.original_uri();
    let query = uri.query().map_or(String::new(), |query| format!("?{query}"));
    // A path of two slashes would be another host's: Django escapes the second one too.
    let path = uri.path().strip_prefix("//").map_or(uri.path().to_owned(), |rest| format!("/%2F{rest}"));
    let safe = matches!(*request.method(), Method::GET | Method::HEAD);
    answer(
        if safe { StatusCode::MOVED_PERMANENTLY } else { StatusCode::PERMANENT_REDIRECT },
        &format!("{path}/{query}"),
    )
}
