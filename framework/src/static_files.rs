//! Static files: they end the way of a request before anything else looks at it.

use crate::layer::{Layer, Pass};
use crate::signing;
use crate::templates::Dir;
use minijinja::Value;
use percent_encoding::percent_decode_str;
use poem::http::{Method, StatusCode, header};
use poem::{Request, Response};
use sha2::{Digest, Sha256};

/// The layer that answers requests below `prefix` from these folders; the first that has a file wins.
pub(crate) fn layer(dirs: Vec<Dir>, prefix: String) -> Layer {
    Layer::pass("static files", move |request| Ok(find(request, &dirs, &prefix).map_or(Pass::On, Pass::Stop)))
}

fn find(request: &Request, dirs: &[Dir], prefix: &str) -> Option<Response> {
    let name = percent_decode_str(request.uri().path().strip_prefix(prefix)?).decode_utf8().ok()?;
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let content = dirs.iter().filter(|_| reads).find_map(|dir| dir.read(&name))?;
    Some(file(request, &name, content.into_owned()))
}

fn file(request: &Request, name: &str, content: Vec<u8>) -> Response {
    let digest = Sha256::digest(&content);
    let etag = format!("\"{}\"", signing::hex(&digest[..8]));
    let response = Response::builder()
        .header(header::ETAG, &etag)
        .header(header::CACHE_CONTROL, "no-cache")
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    if request.header(header::IF_NONE_MATCH).is_some_and(|known| names(known, &etag)) {
        return response.status(StatusCode::NOT_MODIFIED).finish();
    }
    let body = if request.method() == Method::HEAD { Vec::new() } else { content };
    response.content_type(content_type(name)).body(body)
}

/// Whether `If-None-Match`, a list or `*`, names this file; a proxy that compresses makes an ETag weak.
fn names(known: &str, etag: &str) -> bool {
    let mut known = known.split(',').map(str::trim);
    known.any(|known| known == "*" || known.trim_start_matches("W/") == etag)
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("html") => "text/html; charset=utf-8",
        Some("txt") => "text/plain; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("gif") => "image/gif",
        Some("webp") => "image/webp",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("woff") => "font/woff",
        Some("pdf") => "application/pdf",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

/// The function `static` of templates.
pub(crate) fn function(prefix: String) -> Value {
    Value::from_function(move |name: String| {
        let url = format!("{prefix}{name}");
        if url.contains(['<', '>', '&', '"', '\'']) { Value::from(url) } else { Value::from_safe_string(url) }
    })
}
