//! Signing in and out, and who is signed in.

pub(crate) mod waiting;

use crate::backends::Backends;
use crate::events::{self, EventKind};
use crate::layer::Auth;
use crate::passwords::Passwords;
use crate::throttle::KnownDevice;
use crate::{AbstractUser, Authenticated, UserError, proof};
use nuages::chrono::Utc;
use nuages::csrf::Csrf;
use nuages::db::Key;
use nuages::futures_util::future::BoxFuture;
use nuages::sessions::{Expiry, USER_ID};
use nuages::{Error, RequestExt, Result, Session};
use poem::Request;
use std::sync::Arc;

pub(crate) const BACKEND: &str = "_auth_user_backend";
/// When the user of the session logged in, in seconds since 1970.
pub(crate) const LOGIN_AT: &str = "_auth_login_at";

/// Signs in a user whom [`authenticate`](crate::authenticate) or a form has recognised.
///
/// The session always gets a new key, and so does the CSRF token; what another user had in the session is forgotten.
///
/// # Errors
/// [`Error::Redirect`] for a user with a [second factor](crate::two_factor): to the page that asks for it, and signs them in. [`Error::Refused`]
/// if the site has no backend of the name in which somebody has [vouched](Authenticated::trust) for the user.
pub async fn login<U: AbstractUser>(request: &Request, user: Authenticated<U>) -> Result<()> {
    let outcome: BoxFuture<'_, Result<()>> = Box::pin(begin(request, user));
    outcome.await
}

async fn begin<U: AbstractUser>(request: &Request, user: Authenticated<U>) -> Result<()> {
    let backends = Backends::<U>::of(Auth::of(request));
    let unknown = || {
        let text = format!("the site has no backend `{}`; give it to `AuthApp::backends`", user.backend);
        Error::Refused(text)
    };
    let backend = backends.get(user.backend).ok_or_else(unknown)?;
    let must_wait = waiting::is_asked(request, &user, &**backend).await?;
    let (session, hash) = (request.session(), proof::of(&*user, request.settings().secret_key.expose()));
    match session.may_hold_data() && is_anothers(session, &*user, &hash).await? {
        true => session.flush(),
        false => session.cycle_key(),
    }
    match must_wait {
        true => Err(waiting::put_off(request, &user, hash)?),
        false => enter(request, user, hash).await,
    }
}

/// Makes the session the user's.
async fn enter<U: AbstractUser>(request: &Request, user: Authenticated<U>, hash: String) -> Result<()> {
    let (session, Authenticated { user, backend, remembered, two_factor }) = (request.session(), user);
    session.remove(waiting::WAITING);
    match two_factor {
        true => session.set(waiting::SHOWN, true)?,
        false => session.remove(waiting::SHOWN),
    }
    session.set(USER_ID, user.key().to_string())?;
    session.set(BACKEND, backend)?;
    session.set(LOGIN_AT, Utc::now().timestamp())?;
    session.set(proof::NAME, hash)?;
    if let Some(remembered) = remembered {
        let age = Expiry::Seconds(request.settings().session_cookie_age);
        session.set_expiry(if remembered { age } else { Expiry::BrowserClose });
    }
    Csrf::of(request).rotate();
    if U::HAS_LAST_LOGIN {
        let row = U::objects(&request.db()).filter(U::has_key(user.key()));
        row.update([U::last_login_column().set(Utc::now())]).await?;
    }
    let id = user.key().to_string();
    let names = [user.get_username(), user.get_email()].into_iter().filter(|name| !name.is_empty());
    Auth::of(request).remember_device(KnownDevice::cookie(request, names));
    Auth::of(request).set(Some(user));
    events::tell(request, EventKind::Login, Some(id)).await;
    Ok(())
}

/// Whether the session belongs to somebody else, or to this user before a change of password.
async fn is_anothers<U: AbstractUser>(session: &Session, user: &U, hash: &str) -> Result<bool> {
    match session.get::<String>(USER_ID).await? {
        None => Ok(false),
        Some(id) if id != user.key().to_string() => Ok(true),
        Some(_) => Ok(session.get::<String>(proof::NAME).await?.as_deref() != Some(hash)),
    }
}

/// Signs out: the session's row and cookie go, and all that was in it.
pub async fn logout(request: &Request) -> Result<()> {
    let session = request.session();
    let id = if session.may_hold_data() { session.get::<String>(USER_ID).await? } else { None };
    let event = events::Event::new(request, EventKind::Logout, id);
    session.flush();
    Auth::of(request).forget();
    if event.user_id.is_some() {
        events::tell_of(request, event).await;
    }
    Ok(())
}

/// Stores a new password. The user's other sessions end with it; this one goes on, under a new key, if it is theirs.
///
/// # Errors
/// [`UserError::Invalid`] if the password breaks a rule of the site.
pub async fn set_password<U: AbstractUser>(
    request: &Request,
    user: &mut U,
    password: &str,
) -> Result<(), UserError> {
    Passwords::of(request).check(password, user)?;
    Ok(set_password_unchecked(request, user, password).await?)
}

/// As [`set_password`], for any password: Django's `set_password`.
pub async fn set_password_unchecked<U: AbstractUser>(
    request: &Request,
    user: &mut U,
    password: &str,
) -> Result<()> {
    let is_own = get_user::<U>(request).await?.is_some_and(|current| current.key() == user.key());
    Passwords::of(request).set_unchecked(&request.db(), user, password).await?;
    if is_own {
        request.session().cycle_key();
        request.session().set(proof::NAME, proof::of(user, request.settings().secret_key.expose()))?;
        Auth::of(request).set(Some(Arc::new(user.clone())));
    }
    events::tell(request, EventKind::PasswordChanged, Some(user.key().to_string())).await;
    Ok(())
}

/// The signed-in user, or `None` for a stranger. Costs one query, none without a session cookie, and a second one where
/// the session's user is gone.
///
/// A user who was deactivated or deleted is a stranger, and so is one whose backend the site has no longer; but the session
/// stays, as in Django. A changed password ends it.
pub async fn get_user<U: AbstractUser>(request: &Request) -> Result<Option<Arc<U>>> {
    let auth = Auth::of(request);
    if let Some(known) = auth.known::<U>() {
        return Ok(known);
    }
    request.session().mark_accessed();
    let user = match request.session().may_hold_data() {
        true => load::<U>(request).await?,
        false => None,
    };
    auth.set(user.clone());
    Ok(user)
}

/// Its type is hidden, as that of [`login`].
fn load<U: AbstractUser>(request: &Request) -> BoxFuture<'_, Result<Option<Arc<U>>>> {
    Box::pin(look_up(request))
}

async fn look_up<U: AbstractUser>(request: &Request) -> Result<Option<Arc<U>>> {
    let session = request.session();
    let Some(id) = session.get::<String>(USER_ID).await? else { return Ok(None) };
    let name = session.get::<String>(BACKEND).await?.unwrap_or_default();
    let backends = Backends::<U>::of(Auth::of(request));
    let Some(backend) = backends.get(&name) else { return Ok(None) };
    let Some(user) = find::<U>(request, &id).await? else { return Ok(None) };
    if !backend.user_can_authenticate(&user) {
        return Ok(None);
    }
    Ok(is_still_proven(request, &*user).await?.then_some(user))
}

/// The row came with the session, unless the store cannot join.
async fn find<U: AbstractUser>(request: &Request, id: &str) -> Result<Option<Arc<U>>> {
    if let Some(user) = request.session().companion::<U>().await? {
        return Ok((user.key().to_string() == id).then_some(user));
    }
    let Some(key) = U::Key::parse(id) else { return Ok(None) };
    Ok(U::objects(&request.db()).filter(U::has_key(&key)).first().await?.map(Arc::new))
}

/// Whether the session's proof fits the user's password of today. One made with a former secret key is renewed; the
/// session's key is not, since of a page's parallel requests only one could change it.
async fn is_still_proven<U: AbstractUser>(request: &Request, user: &U) -> Result<bool> {
    let session = request.session();
    let found = session.get::<String>(proof::NAME).await?.unwrap_or_default();
    let settings = request.settings();
    match proof::key_of(user, settings, &found) {
        Some(0) => Ok(true),
        Some(_) => {
            session.set(proof::NAME, proof::of(user, settings.secret_key.expose()))?;
            Ok(true)
        }
        None => {
            session.flush();
            Ok(false)
        }
    }
}
