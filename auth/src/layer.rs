//! Auth's layer: it tells the session which row to bring along, and gives the request a place for its user.

use crate::hash_pool::HashPool;
use crate::passwords::Passwords;
use crate::{AbstractUser, PermissionSet};
use nuages::cookies::SetCookie;
use nuages::db::{Field, Row};
use nuages::sessions::Companion;
use nuages::{Layer, Pass, RequestExt, ResponseExt, Result};
use poem::http::{HeaderValue, StatusCode, header};
use poem::{Request, Response};
use std::any::Any;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use tokio::sync::OnceCell;

/// What auth keeps with a request.
#[derive(Clone)]
pub(crate) struct Auth(Arc<Inner>);

struct Inner {
    passwords: Passwords,
    backends: Arc<dyn Any + Send + Sync>,
    user: Mutex<Current>,
    device: Mutex<Option<SetCookie>>,
    /// The seconds until the next attempt counts, if there were too many.
    limited: OnceLock<u64>,
}

/// The request's user, and what the tables let them do, once that was asked for.
#[derive(Default)]
struct Current {
    user: Slot,
    granted: Arc<OnceCell<PermissionSet>>,
}

/// The request's user: not asked for yet, or known.
#[derive(Clone, Default)]
enum Slot {
    #[default]
    Unknown,
    Nobody,
    User(Arc<dyn Any + Send + Sync>),
}

pub(crate) fn layer<U: AbstractUser>(backends: Arc<dyn Any + Send + Sync>) -> Layer {
    Layer::pass("auth", move |request| {
        request.session().accompany(companion::<U>);
        let (passwords, backends) = (Passwords::of(request).clone(), Arc::clone(&backends));
        let auth = Auth(Arc::new(Inner {
            passwords,
            backends,
            user: Mutex::default(),
            device: Mutex::default(),
            limited: OnceLock::new(),
        }));
        request.extensions_mut().insert(auth.clone());
        Ok(Pass::and_then(move |response| auth.dress(response)))
    })
}

fn companion<U: AbstractUser>() -> Companion {
    let read = |row: &Row<'_>| Ok(Arc::new(U::read(row)?) as Arc<dyn Any + Send + Sync>);
    Companion { table: U::TABLE, key: U::KEY, kind: U::Key::KIND, columns: U::column_names(), read }
}

impl Auth {
    /// # Panics
    /// If the auth app is not among the site's apps.
    pub(crate) fn of(request: &Request) -> &Self {
        request
            .extensions()
            .get()
            .expect("add `.app(nuages_auth::app::<User>())` to the project, behind sessions")
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    pub(crate) fn hash_pool(&self) -> &HashPool {
        self.passwords().pool()
    }

    /// The site's backends, for the one user model that there is.
    pub(crate) fn backends(&self) -> Arc<dyn Any + Send + Sync> {
        Arc::clone(&self.0.backends)
    }

    /// The user, if it is known already: `Some(None)` is a stranger.
    pub(crate) fn known<U: AbstractUser>(&self) -> Option<Option<Arc<U>>> {
        match self.current().user.clone() {
            Slot::Unknown => None,
            Slot::Nobody => Some(None),
            Slot::User(user) => Some(user.downcast().ok()),
        }
    }

    /// What the tables let a user do: kept for the request if it is the request's own, as it was loaded for it.
    pub(crate) fn granted<U: AbstractUser>(&self, user: &U) -> Arc<OnceCell<PermissionSet>> {
        match self.known::<U>() {
            Some(Some(known)) if std::ptr::eq(&*known, user) => Arc::clone(&self.current().granted),
            _ => Arc::default(),
        }
    }

    pub(crate) fn set<U: AbstractUser>(&self, user: Option<Arc<U>>) {
        let user = user.map_or(Slot::Nobody, |user| Slot::User(user));
        *self.current() = Current { user, granted: Arc::default() };
    }

    /// Nobody is signed in any more.
    pub(crate) fn forget(&self) {
        *self.current() = Current { user: Slot::Nobody, granted: Arc::default() };
    }

    /// Sends the cookie by which the device is known from now on.
    pub(crate) fn remember_device(&self, cookie: SetCookie) {
        *self.device() = Some(cookie);
    }

    /// The form of this request says that there were too many attempts, and when the next one counts.
    pub(crate) fn limit(&self, seconds: u64) {
        self.0.limited.get_or_init(|| seconds);
    }

    /// A page whose form says that there were too many attempts is a 429 (RFC 6585, 4). What a page shows to a signed-in user stays with them (OWASP ASVS 5.0, 14.3.2), unless the view says otherwise.
    fn dress(&self, response: &mut Response) -> Result<()> {
        if let Some(cookie) = self.device().take().filter(|_| !response.status().is_server_error()) {
            response.send_private_cookie(&cookie)?;
        }
        if let Some(seconds) = self.0.limited.get().filter(|_| response.status() == StatusCode::OK) {
            response.set_status(StatusCode::TOO_MANY_REQUESTS);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
        }
        if matches!(self.current().user, Slot::User(_))
            && !response.headers().contains_key(header::CACHE_CONTROL)
        {
            let value = HeaderValue::from_static("private, no-store");
            response.headers_mut().insert(header::CACHE_CONTROL, value);
        }
        Ok(())
    }

    fn device(&self) -> MutexGuard<'_, Option<SetCookie>> {
        self.0.device.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn current(&self) -> MutexGuard<'_, Current> {
        self.0.user.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
