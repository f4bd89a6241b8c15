//! The backends that look into the users' table, and into those of groups and permissions.

use super::{Answer, Asked, Attempt, AuthBackend};
use crate::{AbstractUser, PermissionSet};
use nuages::Result;
use nuages::db::Column;
use nuages::futures_util::future::BoxFuture;

/// What a session says of the backend that knew the user; Django's name, so that both sides accept each other's logins.
pub const MODEL_BACKEND: &str = "django.contrib.auth.backends.ModelBackend";

/// Knows users by login name and password, and what the tables say that they may do: in general, not with one object. The
/// backend of a site that names no other.
#[derive(Clone, Copy, Debug, Default)]
pub struct ModelBackend;

impl<U: AbstractUser> AuthBackend<U> for ModelBackend {
    fn name(&self) -> &'static str {
        MODEL_BACKEND
    }

    fn authenticate<'a>(&'a self, attempt: &'a Attempt<'a>) -> BoxFuture<'a, Result<Answer<U>>> {
        Box::pin(async move { Ok(candidate(attempt.find_user().await?)) })
    }

    fn permissions<'a>(&'a self, asked: &'a Asked<'a, U>) -> BoxFuture<'a, Result<PermissionSet>> {
        Box::pin(in_general(asked))
    }
}

/// As [`ModelBackend`], but those who are not active may log in too. A page must look at `is_active` itself then; permissions they
/// have none.
#[derive(Clone, Copy, Debug, Default)]
pub struct AllowAllUsersModelBackend;

impl<U: AbstractUser> AuthBackend<U> for AllowAllUsersModelBackend {
    fn name(&self) -> &'static str {
        "django.contrib.auth.backends.AllowAllUsersModelBackend"
    }

    fn authenticate<'a>(&'a self, attempt: &'a Attempt<'a>) -> BoxFuture<'a, Result<Answer<U>>> {
        AuthBackend::<U>::authenticate(&ModelBackend, attempt)
    }

    fn user_can_authenticate(&self, _: &U) -> bool {
        true
    }

    fn permissions<'a>(&'a self, asked: &'a Asked<'a, U>) -> BoxFuture<'a, Result<PermissionSet>> {
        Box::pin(in_general(asked))
    }
}

/// As [`ModelBackend`], but what is typed as the name may also be the user's e-mail address, in any case.
///
/// A login name goes before an address: who is called `ann@site.example` is meant by that, whoever has it as an address. An
/// address that several users have recognises nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct EmailOrUsernameBackend;

impl<U: AbstractUser> AuthBackend<U> for EmailOrUsernameBackend {
    fn name(&self) -> &'static str {
        "nuages_auth.backends.EmailOrUsernameBackend"
    }

    fn authenticate<'a>(&'a self, attempt: &'a Attempt<'a>) -> BoxFuture<'a, Result<Answer<U>>> {
        Box::pin(async move {
            let found = match attempt.find_user().await? {
                None => find_by_email(attempt).await?,
                found => found,
            };
            Ok(candidate(found))
        })
    }

    fn permissions<'a>(&'a self, asked: &'a Asked<'a, U>) -> BoxFuture<'a, Result<PermissionSet>> {
        Box::pin(in_general(asked))
    }
}

fn candidate<U>(found: Option<U>) -> Answer<U> {
    found.map_or(Answer::Unknown, Answer::Candidate)
}

async fn in_general<U: AbstractUser>(asked: &Asked<'_, U>) -> Result<PermissionSet> {
    match asked.is_about_an_object() {
        true => Ok(PermissionSet::default()),
        false => asked.in_tables().await,
    }
}

/// The one user who has this address.
async fn find_by_email<U: AbstractUser>(attempt: &Attempt<'_>) -> Result<Option<U>> {
    let (Some(field), Some(typed)) = (U::EMAIL_FIELD, attempt.username()) else { return Ok(None) };
    if !typed.contains('@') {
        return Ok(None);
    }
    let has_it = Column::<U, String>::new(U::column_name(field)).iexact(typed.trim());
    let found: Result<[U; 1], _> = U::objects(attempt.db()).filter(has_it).limit(2).all().await?.try_into();
    Ok(found.ok().map(|[user]| user))
}
