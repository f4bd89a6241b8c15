//! Protection against forged requests: every unsafe method needs the visitor's token, in Django's format.

mod origin;
mod token;

use crate::body_limit::has_files;
use crate::cookies::{Sent, SetCookie};
use crate::error::{Error, Result};
use crate::forms::FormData;
use crate::layer::{Gate, Layer, Pass};
use crate::settings::Settings;
use crate::templates::{Global, Html};
use crate::urls::{CSRF, View};
use crate::{headers, hosts};
use minijinja::Value;
use poem::endpoint::{BoxEndpoint, DynEndpoint};
use poem::http::{HeaderValue, Method};
use poem::{Endpoint, EndpointExt, Middleware, Request, Response};
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
    settings: Arc<Settings>,
    sent: Sent,
    /// The secret that the page uses, once it has used it; then the cookie is sent.
    secret: Mutex<Option<String>>,
}

impl Csrf {
    fn open(request: &Request) -> Self {
        let settings = Arc::clone(Settings::of(request));
        Self(Arc::new(Inner { settings, sent: Sent::by(request), secret: Mutex::default() }))
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
        let sent = || token::read_cookie(&self.sent()?).ok();
        token::mask(self.secret().get_or_insert_with(|| sent().unwrap_or_else(token::new_secret)))
    }

    /// Makes a new secret; login does, so that a token known before is worth nothing after.
    pub fn rotate(&self) {
        *self.secret() = Some(token::new_secret());
    }

    /// The cookie that the visitor came with.
    fn sent(&self) -> Option<String> {
        self.0.sent.value(self.0.settings.csrf_cookie())
    }

    fn secret(&self) -> MutexGuard<'_, Option<String>> {
        self.0.secret.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn input(&self) -> String {
        format!(r#"<input type="hidden" name="{FIELD}" value="{}">"#, self.token())
    }

    fn cookie(&self) -> Option<SetCookie> {
        let (settings, secret) = (&self.0.settings, self.secret().clone()?);
        let age = Duration::from_secs(settings.csrf_cookie_age.unsigned_abs());
        let cookie = SetCookie::new(settings.csrf_cookie(), secret).max_age(age);
        Some(cookie.http_only(false).secure(settings.secure_cookies()))
    }
}

/// The layer that knows the visitor's secret and sends it as a cookie once a page has used it.
pub(crate) fn layer() -> Layer {
    Layer::pass("csrf", |request| {
        let csrf = Csrf::open(request);
        request.extensions_mut().insert(csrf.clone());
        Ok(Pass::and_then(move |response| {
            let cookie = csrf.cookie();
            cookie.map_or(Ok(()), |cookie| headers::send_cookie(response, &cookie))
        }))
    })
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

/// Asks for the CSRF token before a handler of an application that exists, as `Routes` does by itself:
/// `post(add).with(csrf::protect())`.
pub fn protect() -> Protect {
    Protect
}

/// The middleware of [`protect`].
#[derive(Clone, Copy, Debug)]
pub struct Protect;

impl<E: Endpoint + 'static> Middleware<E> for Protect {
    type Output = BoxEndpoint<'static, Response>;

    fn transform(&self, handler: E) -> Self::Output {
        let view = Arc::new(handler.map_to_response().boxed());
        Protected { view, exempt: false, gates: Vec::new() }.boxed()
    }
}

/// A view that unsafe requests reach only with the visitor's token, unless it is exempt, and all requests only by its gates.
pub(crate) struct Protected {
    view: View,
    exempt: bool,
    gates: Vec<Gate>,
}

impl Protected {
    /// Protects a view from all but what it is exempt from.
    pub(crate) fn new(view: View, gates: &[Gate], exempt_from: &[&str]) -> Self {
        let gates = gates.iter().filter(|gate| !exempt_from.contains(&gate.name())).cloned().collect();
        Self { view, exempt: exempt_from.contains(&CSRF), gates }
    }

    async fn ask(&self, request: &mut Request) -> Result<()> {
        if !self.exempt && !is_safe(request.method()) {
            check(request).await?;
        }
        for gate in &self.gates {
            gate.ask(request).await?;
        }
        Ok(())
    }
}

impl Endpoint for Protected {
    type Output = Response;

    fn call(&self, mut request: Request) -> impl Future<Output = poem::Result<Response>> + Send {
        let view = &**self.view;
        match self.gates.is_empty() && (self.exempt || is_safe(request.method())) {
            true => DynEndpoint::call(view, request),
            false => Box::pin(async move {
                self.ask(&mut request).await?;
                DynEndpoint::call(view, request).await
            }),
        }
    }
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE)
}

async fn check(request: &mut Request) -> Result<()> {
    check_origin(request)?;
    // A form with files is read for its token alone only if no header has one: the view may want to read it by itself.
    let form = match request.header(HEADER) {
        Some(_) if has_files(request) => FormData::unbound(),
        _ => FormData::take(request).await?,
    };
    let cookie = Csrf::of(request).sent();
    token::check(cookie.as_deref(), form.get(FIELD), request.header(HEADER), HEADER)
        .map_err(|reason| forbidden(&reason))
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
