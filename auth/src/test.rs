//! Signing in without a password, for tests.

use crate::login::{BACKEND, LOGIN_AT, waiting};
use crate::{AbstractUser, MODEL_BACKEND, proof};
use nuages::chrono::Utc;
use nuages::serde_json::Value;
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

    /// The same with a [second factor](crate::two_factor), for pages that ask for one.
    ///
    /// # Panics
    /// If the session cannot be saved.
    fn force_login_by_two_factor<U: AbstractUser>(&self, user: &U) -> impl Future<Output = ()> + Send;
}

impl ForceLogin for Client {
    async fn force_login_by<U: AbstractUser>(&self, user: &U, backend: &str) {
        begin(self, user, backend, false).await;
    }

    async fn force_login_by_two_factor<U: AbstractUser>(&self, user: &U) {
        begin(self, user, MODEL_BACKEND, true).await;
    }
}

async fn begin<U: AbstractUser>(client: &Client, user: &U, backend: &str, two_factor: bool) {
    let (settings, id) = (client.settings(), user.key().to_string());
    let hash = proof::of(user, settings.secret_key.expose());
    let mut changes = Changes::default();
    let mut set = |name: &str, value: Value| changes.values.insert(name.into(), Change::Set(value));
    set(USER_ID, id.into());
    set(BACKEND, backend.into());
    set(proof::NAME, hash.into());
    set(LOGIN_AT, Utc::now().timestamp().into());
    if two_factor {
        set(waiting::SHOWN, true.into());
    }
    let store = sessions::from_settings(settings, client.db()).expect("there is a session store");
    let key = store.create(None, &changes, &Origin::default()).await;
    client.set_cookie(settings.session_cookie(), &key.expect("the session can be saved"));
}
