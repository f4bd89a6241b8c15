//! Headers that make browsers careful, and the redirect to https: Django's SecurityMiddleware.

use crate::error::Result;
use crate::hosts;
use crate::layer::{Layer, Next};
use crate::settings::Settings;
use poem::http::{HeaderName, HeaderValue, StatusCode, header};
use poem::{Request, Response};

/// A view's own header is never overwritten.
const DEFAULTS: [(HeaderName, HeaderValue); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
];

pub(crate) fn layer() -> Layer {
    Layer::new("headers", travel)
}

async fn travel(request: Request, next: Next) -> Result<Response> {
    let settings = Settings::of(&request).clone();
    let secure = hosts::is_secure(&request);
    if settings.secure_ssl_redirect && !secure {
        return Ok(to_https(&request));
    }
    let mut response = next.run(request).await;
    for (name, value) in DEFAULTS {
        response.headers_mut().entry(name).or_insert(value);
    }
    if secure && settings.secure_hsts_seconds > 0 {
        let value = HeaderValue::from_str(&format!("max-age={}", settings.secure_hsts_seconds));
        let value = value.expect("a number is ASCII");
        response.headers_mut().entry(header::STRICT_TRANSPORT_SECURITY).or_insert(value);
    }
    Ok(response)
}

fn to_https(request: &Request) -> Response {
    let path = request.original_uri().path_and_query().map_or("/", |path| path.as_str());
    let location = format!("https://{}{path}", hosts::host(request));
    Response::builder().status(StatusCode::MOVED_PERMANENTLY).header(header::LOCATION, location).finish()
}

/// Adds `Cookie` to the `Vary` header.
pub(crate) fn vary_on_cookie(response: &mut Response) {
    let there = response.headers().get_all(header::VARY).iter().any(|value| value.as_bytes() == b"Cookie");
    if !there {
        response.headers_mut().append(header::VARY, HeaderValue::from_static("Cookie"));
    }
}
