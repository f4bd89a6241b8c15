//! Auth's layer: it tells the session which row to bring along, and gives the request a place for its user.

use crate::AbstractUser;
use crate::hash_pool::HashPool;
use nuages::db::{Field, Row};
use nuages::sessions::Companion;
use nuages::{Layer, Pass, RequestExt};
use poem::Request;
use std::any::Any;
use std::sync::{Arc, Mutex, PoisonError};

/// What auth keeps with a request.
#[derive(Clone)]
pub(crate) struct Auth(Arc<Inner>);

struct Inner {
    hash_pool: HashPool,
    user: Mutex<Slot>,
}

/// The request's user: not asked for yet, or known.
#[derive(Clone, Default)]
enum Slot {
    #[default]
    Unknown,
    Nobody,
    User(Arc<dyn Any + Send + Sync>),
}

pub(crate) fn layer<U: AbstractUser>(pool: HashPool) -> Layer {
    Layer::pass("auth", move |request| {
        request.session().accompany(companion::<U>);
        request
            .extensions_mut()
            .insert(Auth(Arc::new(Inner { hash_pool: pool.clone(), user: Mutex::default() })));
        Ok(Pass::On)
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

    pub(crate) fn hash_pool(&self) -> &HashPool {
        &self.0.hash_pool
    }

    /// The user, if it is known already: `Some(None)` is a stranger.
    pub(crate) fn known<U: AbstractUser>(&self) -> Option<Option<Arc<U>>> {
        match self.0.user.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            Slot::Unknown => None,
            Slot::Nobody => Some(None),
            Slot::User(user) => Some(user.downcast().ok()),
        }
    }

    pub(crate) fn set<U: AbstractUser>(&self, user: Option<Arc<U>>) {
        let slot = user.map_or(Slot::Nobody, |user| Slot::User(user));
        *self.0.user.lock().unwrap_or_else(PoisonError::into_inner) = slot;
    }

    /// Nobody is signed in any more.
    pub(crate) fn forget(&self) {
        *self.0.user.lock().unwrap_or_else(PoisonError::into_inner) = Slot::Nobody;
    }
}
