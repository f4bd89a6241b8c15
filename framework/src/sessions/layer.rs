//! The sessions' layer: opens the session, and saves it on the way back.

use super::DatabaseStore;
use super::database::JoinedText;
use super::session::{Outcome, Session};
use crate::cookies::SetCookie;
use crate::db::Database;
use crate::error::Result;
use crate::headers;
use crate::layer::{Layer, Pass};
use crate::settings::Settings;
use futures_util::FutureExt;
use poem::{Request, Response};
use std::sync::Arc;
use std::time::Duration;

pub(super) fn layer() -> Layer {
    let text = JoinedText::default();
    Layer::pass("sessions", move |request| Ok(travel(request, &text)))
}

fn travel(request: &mut Request, text: &JoinedText) -> Pass {
    let settings = Arc::clone(Settings::of(request));
    let store = DatabaseStore::with_text(Database::of(request).clone(), Arc::clone(text));
    let session = Session::open(request, Arc::new(store));
    request.extensions_mut().insert(session.clone());
    Pass::Return(Box::new(move |response| {
        Ok(session.was_accessed().then(|| finish(session, settings, response).boxed()))
    }))
}

/// Saves, unless the view failed: a 5xx saves nothing, a 4xx does.
async fn finish(session: Session, settings: Arc<Settings>, response: &mut Response) -> Result<()> {
    headers::vary_on_cookie(response);
    if response.status().is_server_error() {
        return Ok(());
    }
    match session.save().await? {
        Outcome::Unchanged => {}
        Outcome::Set(key) => headers::send_cookie(response, &cookie(&settings, key))?,
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
