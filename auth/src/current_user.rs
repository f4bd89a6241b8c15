//! The signed-in user as a view's parameter.

use crate::access::require_flag;
use crate::{AbstractUser, Flag, get_user, redirect_to_login};
use poem::{FromRequest, Request, RequestBody};
use std::ops::Deref;
use std::sync::Arc;

/// The signed-in user; a stranger is sent to log in, and comes back afterwards.
///
/// ```no_run
/// # use nuages::Model;
/// # use nuages_auth::{AbstractUser, UserFields};
/// # #[derive(Clone, Debug, Model, AbstractUser)]
/// # #[model(app = "accounts")]
/// # pub struct User { #[model(flatten)] pub fields: UserFields }
/// use nuages_auth::CurrentUser;
/// use poem::handler;
///
/// #[handler]
/// async fn hello(user: CurrentUser<User>) -> String {
///     format!("Hello, {}", user.username)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct CurrentUser<U>(pub Arc<U>);

impl<U> Deref for CurrentUser<U> {
    type Target = U;
    fn deref(&self) -> &U {
        &self.0
    }
}

impl<'a, U: AbstractUser> FromRequest<'a> for CurrentUser<U> {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        match get_user(request).await? {
            Some(user) => Ok(Self(user)),
            None => Err(poem::Error::from_response(redirect_to_login(request)?)),
        }
    }
}

/// The signed-in user, or `None` for a stranger.
#[derive(Clone, Debug)]
pub struct MaybeUser<U>(pub Option<Arc<U>>);

impl<U> Deref for MaybeUser<U> {
    type Target = Option<Arc<U>>;
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<'a, U: AbstractUser> FromRequest<'a> for MaybeUser<U> {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self(get_user(request).await?))
    }
}

/// An active user with `is_staff`; a stranger is sent to log in, another user gets 403.
#[derive(Clone, Debug)]
pub struct StaffUser<U>(pub Arc<U>);

impl<U> Deref for StaffUser<U> {
    type Target = U;
    fn deref(&self) -> &U {
        &self.0
    }
}

impl<'a, U: AbstractUser> FromRequest<'a> for StaffUser<U> {
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> poem::Result<Self> {
        require_flag(request, Flag::Staff).await?;
        CurrentUser::from_request(request, body).await.map(|user| Self(user.0))
    }
}

/// An active superuser; a stranger is sent to log in, another user gets 403.
#[derive(Clone, Debug)]
pub struct Superuser<U>(pub Arc<U>);

impl<U> Deref for Superuser<U> {
    type Target = U;
    fn deref(&self) -> &U {
        &self.0
    }
}

impl<'a, U: AbstractUser> FromRequest<'a> for Superuser<U> {
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> poem::Result<Self> {
        require_flag(request, Flag::Superuser).await?;
        CurrentUser::from_request(request, body).await.map(|user| Self(user.0))
    }
}
