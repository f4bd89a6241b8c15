//! Users whom something in front of the site has recognised.

use super::{Answer, Asked, Attempt, AuthBackend};
use crate::user::max_length;
use crate::users::find_by_name;
use crate::{AbstractUser, NewUser, PermissionSet};
use nuages::Result;
use nuages::futures_util::future::BoxFuture;

/// The name of a user whom the site's own proxy has recognised: credentials, which nobody checks any more.
///
/// [`RemoteUserHeader`](crate::RemoteUserHeader) makes it of a header. Whoever hands it to
/// [`authenticate_by`](crate::authenticate_by) vouches for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteUser(pub String);

/// Trusts a [`RemoteUser`]; one whom the site does not know yet gets an account without a password.
#[derive(Clone, Copy, Debug)]
pub struct RemoteUserBackend {
    creates_unknown_users: bool,
}

impl Default for RemoteUserBackend {
    fn default() -> Self {
        Self { creates_unknown_users: true }
    }
}

impl RemoteUserBackend {
    /// Makes accounts for those whom the site does not know.
    pub fn new() -> Self {
        Self::default()
    }

    /// Knows those alone who have an account.
    pub fn without_new_users(self) -> Self {
        Self { creates_unknown_users: false }
    }

    async fn find<U: AbstractUser>(self, attempt: &Attempt<'_>) -> Result<Option<U>> {
        let Some(RemoteUser(name)) = attempt.credentials() else { return Ok(None) };
        let name = name.trim();
        if name.is_empty() || name.contains('\0') || !fits::<U>(name) {
            return Ok(None);
        }
        let known = async || find_by_name::<U>(attempt.db(), attempt.settings(), name).await;
        match known().await? {
            None if self.creates_unknown_users => {}
            found => return Ok(found),
        }
        match NewUser::new(name).create_unchecked(attempt.db(), attempt.passwords()).await {
            // Another request of theirs was first.
            Err(error) if error.is_unique_violation() => known().await,
            created => created.map(Some),
        }
    }
}

/// Whether the column of the login name can hold it.
fn fits<U: AbstractUser>(name: &str) -> bool {
    max_length::<U>(U::USERNAME_FIELD).is_none_or(|most| name.chars().count() <= most)
}

impl<U: AbstractUser> AuthBackend<U> for RemoteUserBackend {
    fn name(&self) -> &'static str {
        "django.contrib.auth.backends.RemoteUserBackend"
    }

    fn authenticate<'a>(&'a self, attempt: &'a Attempt<'a>) -> BoxFuture<'a, Result<Answer<U>>> {
        Box::pin(async move { Ok(self.find(attempt).await?.map_or(Answer::Unknown, Answer::Recognised)) })
    }

    /// The proxy has recognised the visitor, by however many factors.
    fn asks_two_factor(&self) -> bool {
        false
    }

    fn permissions<'a>(&'a self, asked: &'a Asked<'a, U>) -> BoxFuture<'a, Result<PermissionSet>> {
        AuthBackend::permissions(&super::ModelBackend, asked)
    }
}
