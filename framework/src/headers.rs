//! Headers that make browsers careful, and the redirect to https: Django's SecurityMiddleware.

use crate::cookies::{self, SetCookie};
use crate::error::{Error, Result};
use crate::layer::{Layer, Pass};
use crate::settings::Settings;
use crate::{csp, hosts};
use poem::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use poem::{Request, Response};
use std::sync::Arc;

/// A view's own header is never overwritten.
const DEFAULTS: [(HeaderName, HeaderValue); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
];

pub(crate) fn layer() -> Layer {
    Layer::pass("headers", travel)
}

fn travel(request: &mut Request) -> Result<Pass> {
    let (settings, secure) = (Arc::clone(Settings::of(request)), hosts::is_secure(request));
    if settings.secure_ssl_redirect && !settings.debug && !secure {
        return to_https(request).map(Pass::Stop);
    }
    let nonce = csp::prepare(request);
    Ok(Pass::and_then(move |response| {
        add_defaults(response);
        if secure && settings.secure_hsts_seconds > 0 {
            add_hsts(response, &settings);
        }
        csp::add(response, &nonce, &settings);
        Ok(())
    }))
}

fn add_defaults(response: &mut Response) {
    for (name, value) in DEFAULTS {
        response.headers_mut().entry(name).or_insert(value);
    }
}

/// Strict-Transport-Security (RFC 6797, 6.1).
fn add_hsts(response: &mut Response, settings: &Settings) {
    let mut text = format!("max-age={}", settings.secure_hsts_seconds);
    if settings.secure_hsts_include_subdomains {
        text.push_str("; includeSubDomains");
    }
    if settings.secure_hsts_preload {
        text.push_str("; preload");
    }
    let value = HeaderValue::from_str(&text).expect("it is ASCII");
    response.headers_mut().entry(header::STRICT_TRANSPORT_SECURITY).or_insert(value);
}

/// Sends a page on. What was posted has gone over the wire already; it is refused, so that somebody notices. Where a proxy has
/// taken https off already, and is not believed, a redirect would lead back here for ever.
fn to_https(request: &Request) -> Result<Response> {
    if let Some(remedy) = hosts::why_https_is_not_believed(request) {
        return Err(Error::BadRequest(remedy));
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(Error::BadRequest("this site takes forms by https alone; correct the address".into()));
    }
    let path = request.original_uri().path_and_query().map_or("/", |path| path.as_str());
    let location = format!("https://{}{path}", hosts::host(request));
    let answer = Response::builder().status(StatusCode::MOVED_PERMANENTLY);
    Ok(answer.header(header::LOCATION, location).finish())
}

/// Sends a cookie of this visitor's: shared caches must not keep the answer, or show it to anyone else.
pub(crate) fn send_cookie(response: &mut Response, cookie: &SetCookie) -> Result<()> {
    cookies::add_cookie(response, cookie)?;
    vary_on_cookie(response);
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private"));
    Ok(())
}

/// Adds `Cookie` to the `Vary` header.
pub(crate) fn vary_on_cookie(response: &mut Response) {
    let there = response.headers().get_all(header::VARY).iter().any(|value| value.as_bytes() == b"Cookie");
    if !there {
        response.headers_mut().append(header::VARY, HeaderValue::from_static("Cookie"));
    }
}
