//! Protection against forged requests: every unsafe method needs the visitor's token, in Django's format.

mod origin;
mod token;

use crate::cookies::{self, SetCookie};
use crate::error::{Error, Result};
use crate::forms::FormData;
use crate::layer::{Layer, Next};
use crate::settings::Settings;
use crate::templates::{Global, Html};
use crate::{headers, hosts};
use minijinja::Value;
use poem::http::{HeaderValue, Method, header};
use poem::{Endpoint, Request, Response};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The form field that carries the token.
pub const FIELD: &str = "csrfmiddlewaretoken";
/// The header that carries it when a script sends the request.
pub const HEADER: &str = "X-CSRFToken";

/// The visitor's CSRF secret; a clone is the same one.
#[derive(Clone)]
pub struct Csrf(Arc<Inner>);

struct Inner {
    /// The cookie that the visitor came with.
    cookie: Option<String>,
    /// The secret that the page uses, once it has used it; then the cookie is sent.
    secret: Mutex<Option<String>>,
}

impl Csrf {
    fn open(request: &Request) -> Self {
        let cookie = cookies::cookie_value(request.headers(), Settings::of(request).csrf_cookie());
        Self(Arc::new(Inner { cookie, secret: Mutex::default() }))
    }

    /// The secret of this request.
    ///
    /// # Panics
    /// If the request did not come through the framework's handler.
    pub fn of(request: &Request) -> &Self {
        request.extensions().get().expect("the handler gives each request its CSRF secret")
    }

    /// A token for a form: the secret behind a fresh mask, so that compression does not give it away. Asking for it
    /// sends the cookie.
    pub fn token(&self) -> String {
        let sent = || self.0.cookie.as_deref().and_then(|cookie| token::read_cookie(cookie).ok());
        token::mask(self.secret().get_or_insert_with(|| sent().unwrap_or_else(token::new_secret)))
    }

    /// Makes a new secret; login does, so that a token known before is worth nothing after.
    pub fn rotate(&self) {
        *self.secret() = Some(token::new_secret());
    }

    fn secret(&self) -> MutexGuard<'_, Option<String>> {
        self.0.secret.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn input(&self) -> String {
        format!(r#"<input type="hidden" name="{FIELD}" value="{}">"#, self.token())
    }

    fn cookie(&self, settings: &Settings) -> Option<SetCookie> {
        let secret = self.secret().clone()?;
        let age = Duration::from_secs(settings.csrf_cookie_age.unsigned_abs());
        let cookie = SetCookie::new(settings.csrf_cookie(), secret).max_age(age);
        Some(cookie.http_only(false).secure(settings.secure_cookies()))
    }
}

/// The layer that knows the visitor's secret and sends it as a cookie once a page has used it.
pub(crate) fn layer() -> Layer {
    Layer::new("csrf", travel)
}

fn travel(mut request: Request, next: Next) -> impl Future<Output = Result<Response>> {
    let (csrf, settings) = (Csrf::open(&request), Settings::of(&request).clone());
    request.extensions_mut().insert(csrf.clone());
    let inner = next.run(request);
    async move {
        let mut response = inner.await;
        if let Some(cookie) = csrf.cookie(&settings) {
            cookies::add_cookie(&mut response, &cookie)?;
            headers::vary_on_cookie(&mut response);
            response
                .headers_mut()
                .entry(header::CACHE_CONTROL)
                .or_insert(HeaderValue::from_static("private"));
        }
        Ok(response)
    }
}

/// `csrf_token` and `csrf_input` in templates.
pub(crate) fn globals() -> [(&'static str, Global); 2] {
    let html = |make: fn(&Csrf) -> String| {
        Global::ready(move |request| {
            let csrf = Csrf::of(request).clone();
            Value::from_object(Html::new(move || make(&csrf)))
        })
    };
    [("csrf_token", html(Csrf::token)), ("csrf_input", html(Csrf::input))]
}

/// A view that unsafe requests reach only with the visitor's token.
pub(crate) struct Protected<E>(pub(crate) E);

impl<E: Endpoint> Endpoint for Protected<E> {
    type Output = E::Output;

    async fn call(&self, mut request: Request) -> poem::Result<Self::Output> {
        if !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE) {
            check(&mut request).await?;
        }
        self.0.call(request).await
    }
}

async fn check(request: &mut Request) -> Result<()> {
    check_origin(request)?;
    let form = FormData::take(request).await?;
    let cookie = Csrf::of(request).0.cookie.as_deref();
    token::check(cookie, form.get(FIELD), request.header(HEADER), HEADER).map_err(|reason| forbidden(&reason))
}

fn check_origin(request: &Request) -> Result<()> {
    let bytes = |name: &str| request.headers().get(name).map(HeaderValue::as_bytes);
    origin::check(&origin::Sender {
        is_unsafe: true,
        is_secure: hosts::is_secure(request),
        host: hosts::host(request),
        origin: bytes("Origin"),
        referer: bytes("Referer"),
        sec_fetch_site: bytes("Sec-Fetch-Site"),
        cookie_domain: None,
        trusted_origins: &Settings::of(request).csrf_trusted_origins,
    })
    .map_err(|reason| forbidden(&reason))
}

fn forbidden(reason: &dyn std::fmt::Display) -> Error {
    Error::PermissionDenied(format!("CSRF verification failed: {reason}"))
}
