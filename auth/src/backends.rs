//! Who someone is: the check of name and password.

use crate::hash_pool::PoolError;
use crate::layer::Auth;
use crate::users::find_by_name;
use crate::{AbstractUser, Flag, PasswordHash, proof};
use nuages::sessions::SessionStore;
use nuages::{Database, Error, Result, SessionStoreKind, Settings};
use poem::Request;
use std::ops::Deref;
use std::sync::Arc;

/// What a session says of the backend that knew the user; Django's name, so that both sides accept each other's logins.
pub const MODEL_BACKEND: &str = "django.contrib.auth.backends.ModelBackend";

/// A user whom a backend has recognised: what [`login`](crate::login) takes, and nothing else.
#[derive(Clone, Debug)]
pub struct Authenticated<U>(pub(crate) Arc<U>);

impl<U> Deref for Authenticated<U> {
    type Target = U;
    fn deref(&self) -> &U {
        &self.0
    }
}

/// Checks a name and a password; `None` if they do not fit, the user is not active, or there is none.
///
/// Every failure costs exactly one hash, whoever the name belongs to.
///
/// # Errors
/// [`Error::Unavailable`] (503) if too many passwords are being checked.
pub async fn authenticate<U: AbstractUser>(
    request: &Request,
    username: &str,
    password: &str,
) -> Result<Option<Authenticated<U>>> {
    Check::of(request).run(username, password).await
}

/// What a check of a password needs, kept from the request.
#[derive(Clone)]
pub(crate) struct Check {
    pub(crate) auth: Auth,
    pub(crate) db: Database,
    pub(crate) settings: Arc<Settings>,
    pub(crate) sessions: Arc<dyn SessionStore>,
}

impl Check {
    pub(crate) fn of(request: &Request) -> Self {
        use nuages::RequestExt;
        Self {
            auth: Auth::of(request).clone(),
            db: request.db(),
            settings: Arc::clone(request.settings()),
            sessions: Arc::clone(request.session().store()),
        }
    }

    pub(crate) async fn run<U: AbstractUser>(
        &self,
        username: &str,
        password: &str,
    ) -> Result<Option<Authenticated<U>>> {
        let pool = self.auth.hash_pool();
        let Some(mut user) = self.find::<U>(username).await? else {
            pool.burn(password.into()).await?;
            return Ok(None);
        };
        let verdict = pool.verify(password.into(), user.password_hash().expose().into()).await?;
        if !verdict.correct || !user.flag(Flag::Active) {
            return Ok(None);
        }
        // A Django beside this site would sign out whom it finds with a password written anew.
        let may_update = self.settings.session_store != SessionStoreKind::Django;
        if verdict.must_update && may_update && !self.upgrade(&mut user, password).await? {
            // The password was changed while this one was checked: it is judged anew.
            return Box::pin(self.run(username, password)).await;
        }
        Ok(Some(Authenticated(Arc::new(user))))
    }

    /// No name has a NUL in it, and PostgreSQL takes none.
    async fn find<U: AbstractUser>(&self, username: &str) -> Result<Option<U>> {
        match username.contains('\0') {
            true => Ok(None),
            false => find_by_name(&self.db, &self.settings, username).await,
        }
    }

    /// Stores the password as today's hasher writes it, unless it was changed meanwhile; then it answers `false`. The
    /// user's other sessions stay: their proof of the password is renewed in the same step.
    async fn upgrade<U: AbstractUser>(&self, user: &mut U, password: &str) -> Result<bool> {
        let old = user.password_hash().expose().to_owned();
        let before: Vec<_> = self.settings.keys().map(|key| proof::of(user, key)).collect();
        let hash = self.auth.hash_pool().make(password.into()).await?;
        user.set_password_hash(PasswordHash::new(hash));
        let after = proof::of(user, self.settings.secret_key.expose());
        let user = &*user;
        let store = async move |db: Database| {
            let row = U::objects(&db).filter(U::has_key(user.key()) & U::password_column().eq(old));
            if row.update([U::password_column().set(user.password_hash().expose())]).await? == 0 {
                return Ok(false);
            }
            let id = user.key().to_string();
            for before in &before {
                self.sessions.replace_value(&db, &id, proof::NAME, before, &after).await?;
            }
            Ok(true)
        };
        self.db.transaction(store).await
    }
}

impl From<PoolError> for Error {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::TooLong => Error::BadRequest(error.to_string()),
            PoolError::Busy | PoolError::Failed => Error::Unavailable(error.to_string()),
        }
    }
}
