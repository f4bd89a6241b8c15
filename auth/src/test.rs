//! Signing in without a password, for tests.

use crate::login::{BACKEND, LOGIN_AT};
use crate::{AbstractUser, MODEL_BACKEND, proof};
use nuages::chrono::Utc;
use nuages::sessions::{self, Change, Changes, Origin, USER_ID};
use nuages::test::Client;

/// Lets a test's visitor be signed in without the form.
pub trait ForceLogin {
    /// Signs in as this user.
    ///
    /// # Panics
    /// If the session cannot be saved.
    fn force_login<U: AbstractUser>(&self, user: &U) -> impl Future<Output = ()> + Send {
        self.force_login_by(user, MODEL_BACKEND)
    }

    /// The same by another backend than [`MODEL_BACKEND`].
    ///
    /// # Panics
    /// If the session cannot be saved.
    fn force_login_by<U: AbstractUser>(&self, user: &U, backend: &str) -> impl Future<Output = ()> + Send;
}

impl ForceLogin for Client {
    async fn force_login_by<U: AbstractUser>(&self, user: &U, backend: &str) {
        let hash = proof::of(user, self.settings().secret_key.expose());
        let mut changes = Changes::default();
        let id = user.key().to_string();
        for (name, value) in [(USER_ID, id), (BACKEND, backend.into()), (proof::NAME, hash)] {
            changes.values.insert(name.into(), Change::Set(value.into()));
        }
        changes.values.insert(LOGIN_AT.into(), Change::Set(Utc::now().timestamp().into()));
        let store = sessions::from_settings(self.settings(), self.db()).expect("there is a session store");
        let key = store.create(None, &changes, &Origin::default()).await;
        self.set_cookie(self.settings().session_cookie(), &key.expect("the session can be saved"));
    }
}
