//! Content-Security-Policy: a page runs what the site has written, and nothing that somebody has slipped into it (OWASP ASVS 5.0,
//! 3.4.3 and 3.4.6).

use crate::settings::Settings;
use crate::signing;
use crate::templates::{Global, Html};
use minijinja::Value;
use poem::http::{HeaderValue, header};
use poem::{Request, Response};
use std::sync::{Arc, OnceLock};

/// What a policy has in the place of the page's nonce.
const PLACE: &str = "{nonce}";
/// The setting that sends none.
const OFF: &str = "off";
/// Letters of a nonce: 131 bits.
const LENGTH: usize = 22;
/// For the framework's own error pages, which have their style with them.
pub(crate) const ERROR_PAGE: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'",
);

/// The nonce of a page, made when a template asks for it.
#[derive(Clone, Default)]
pub(crate) struct Nonce(Arc<OnceLock<String>>);

/// An answer that is not the site's own: of an application that exists, whose pages nobody here has looked through.
#[derive(Clone, Copy)]
pub(crate) struct Foreign;

impl Nonce {
    fn text(&self) -> String {
        self.0.get_or_init(|| signing::random_string(LENGTH, signing::ALPHANUMERIC)).clone()
    }
}

/// `csp_nonce` in every template: `<style nonce="{{ csp_nonce }}">`.
pub(crate) fn globals() -> [(&'static str, Global); 1] {
    let nonce = Global::ready(|request| {
        let nonce = request.extensions().get::<Nonce>().cloned().unwrap_or_default();
        Value::from_object(Html::new(move || nonce.text()))
    });
    [("csp_nonce", nonce)]
}

/// Gives the request a place for its nonce, and answers it.
pub(crate) fn prepare(request: &mut Request) -> Nonce {
    let nonce = Nonce::default();
    request.extensions_mut().insert(nonce.clone());
    nonce
}

/// Adds the policy to a page that has none.
pub(crate) fn add(response: &mut Response, nonce: &Nonce, settings: &Settings) {
    let is_foreign = response.extensions().get::<Foreign>().is_some();
    if settings.secure_csp == OFF || is_foreign || !is_page(response) {
        return;
    }
    let nonce = nonce.0.get().map(|nonce| format!("'nonce-{nonce}'")).unwrap_or_default();
    let policy = settings.secure_csp.replace(PLACE, &nonce);
    match HeaderValue::from_str(&policy) {
        Ok(policy) => {
            response.headers_mut().entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
        }
        Err(_) => tracing::error!("SECURE_CSP is no header: it may hold visible ASCII alone"),
    }
}

fn is_page(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    kind.is_some_and(|kind| kind.starts_with(b"text/html"))
}
