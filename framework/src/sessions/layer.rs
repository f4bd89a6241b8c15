//! The sessions' layer: opens the session, and saves it on the way back.

use super::database::JoinedText;
use super::sender::Sender;
use super::session::{Outcome, Session};
use super::{DatabaseStore, SessionStore};
use crate::cookies::{self, SetCookie};
use crate::db::Database;
use crate::error::Result;
use crate::headers;
use crate::layer::{Layer, Next};
use crate::settings::Settings;
use poem::{Request, Response};
use std::sync::Arc;
use std::time::Duration;

pub(super) fn layer() -> Layer {
    let text = JoinedText::default();
    Layer::new("sessions", move |request, next| travel(request, next, &text))
}

fn travel(
    mut request: Request,
    next: Next,
    text: &JoinedText,
) -> impl Future<Output = Result<Response>> + use<> {
    let settings = Settings::of(&request).clone();
    let session = open(&request, &settings, text);
    request.extensions_mut().insert(session.clone());
    let inner = next.run(request);
    async move {
        let mut response = inner.await;
        if session.was_accessed() {
            // Boxed, so that a request which asks for no session has no room for all of this in its future.
            Box::pin(finish(&session, &settings, &mut response)).await?;
        }
        Ok(response)
    }
}

fn open(request: &Request, settings: &Settings, text: &JoinedText) -> Session {
    let store = DatabaseStore::with_text(Database::of(request).clone(), Arc::clone(text));
    let store: Arc<dyn SessionStore> = Arc::new(store);
    Session::new(
        store,
        cookies::cookie_value(request.headers(), settings.session_cookie()),
        Sender::of(request),
    )
}

/// Saves, unless the view failed: a 5xx saves nothing, a 4xx does.
async fn finish(session: &Session, settings: &Settings, response: &mut Response) -> Result<()> {
    headers::vary_on_cookie(response);
    if response.status().is_server_error() {
        return Ok(());
    }
    match session.save(settings.session_cookie_age).await? {
        Outcome::Unchanged => {}
        Outcome::Set(key) => headers::send_cookie(response, &cookie(settings, key))?,
        Outcome::Delete => {
            let gone = SetCookie::delete(settings.session_cookie()).secure(settings.secure_cookies());
            headers::send_cookie(response, &gone)?;
        }
    }
    Ok(())
}

fn cookie(settings: &Settings, key: String) -> SetCookie {
    let cookie = SetCookie::new(settings.session_cookie(), key).secure(settings.secure_cookies());
    if settings.session_expire_at_browser_close {
        return cookie;
    }
    cookie.max_age(Duration::from_secs(settings.session_cookie_age.unsigned_abs()))
}
