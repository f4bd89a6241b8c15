//! The sessions' layer: opens the session, and saves it on the way back.

use super::saving::Outcome;
use super::session::Session;
use crate::cookies::SetCookie;
use crate::error::Result;
use crate::headers;
use crate::layer::{Layer, Pass};
use crate::settings::Settings;
use futures_util::FutureExt;
use poem::Response;

pub(super) fn layer() -> Layer {
    Layer::pass("sessions", |request| {
        let session = Session::open(request);
        request.extensions_mut().insert(session.clone());
        Ok(Pass::Return(Box::new(move |response| {
            Ok(session.was_accessed().then(|| finish(session, response).boxed()))
        })))
    })
}

/// Saves, unless the view failed: a 5xx saves nothing, a 4xx does.
async fn finish(session: Session, response: &mut Response) -> Result<()> {
    headers::vary_on_cookie(response);
    if response.status().is_server_error() {
        return Ok(());
    }
    let outcome = session.save().await?;
    match cookie(session.settings(), outcome) {
        Some(cookie) => headers::send_cookie(response, &cookie),
        None => Ok(()),
    }
}

fn cookie(settings: &Settings, outcome: Outcome) -> Option<SetCookie> {
    let name = settings.session_cookie();
    let cookie = match outcome {
        Outcome::Unchanged => return None,
        Outcome::Set { key, end: Some(end) } => SetCookie::new(name, key).expires(end),
        Outcome::Set { key, end: None } => SetCookie::new(name, key),
        Outcome::Delete => SetCookie::delete(name),
    };
    Some(cookie.secure(settings.secure_cookies()))
}
