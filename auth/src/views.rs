//! Auth's pages, for any user model; `urls.rs` gives them their addresses.

mod account;
mod email;
mod login;
mod password;
mod reset;
mod security;
mod signup;
mod two_factor;

pub(crate) use account::{delete, profile};
pub(crate) use email::{change_email, confirm_new_email};
pub(crate) use login::{login, logout};
pub(crate) use password::{password_change, password_change_done};
pub(crate) use reset::{password_reset, reset, reset_complete, reset_done};
pub(crate) use security::{activity, sessions};
pub(crate) use signup::{confirm, signup};
pub(crate) use two_factor::{login_code, recovery_codes, remove, setup, two_factor};

use crate::tokens::key_of_uid;
use crate::{AbstractUser, get_user};
use nuages::minijinja::Value;
use nuages::{Error, RequestExt, Result, render};
use poem::http::{HeaderValue, header};
use poem::{Request, Response};
use std::sync::Arc;

/// The signed-in user. Who comes here is one: `urls.rs` sends strangers to log in before their form is read.
async fn signed_in<U: AbstractUser>(request: &Request) -> Result<Arc<U>> {
    let gone = || Error::PermissionDenied("this is for those who are signed in".into());
    get_user::<U>(request).await?.ok_or_else(gone)
}

/// A page that no cache keeps: Django's `never_cache`.
async fn page(request: &Request, template: &str, context: Value) -> Result<Response> {
    render(request, template, context).await.map(never_stored)
}

fn never_stored(mut response: Response) -> Response {
    let value = HeaderValue::from_static("max-age=0, no-cache, no-store, must-revalidate, private");
    response.headers_mut().insert(header::CACHE_CONTROL, value);
    response
}

/// The user of a link, if there is one; if not, the log says so, since somebody may have made it up.
async fn user_of_link<U: AbstractUser>(request: &Request, uid: &str) -> Result<Option<U>> {
    let user = match key_of_uid::<U>(uid) {
        Some(key) => U::objects(&request.db()).filter(U::has_key(&key)).first().await?,
        None => None,
    };
    if user.is_none() {
        tracing::warn!("a link is nobody's: its account was deleted, or it is made up");
    }
    Ok(user)
}
