//! Who may see a page: wrappers around views, and demands inside them.

mod demand;
mod guarded;

pub use guarded::{
    Guarded, login_required, permission_required, permissions_required, recent_login, staff_required,
    superuser_required, two_factor_required, user_passes_async_test, user_passes_test,
};

pub(crate) use demand::Site;

use crate::{AbstractUser, Flag, get_user};
use demand::{Demand, Way};
use nuages::chrono::TimeDelta;
use nuages::{Gate, Result, Routes};
use poem::Request;
use std::sync::Arc;

/// Goes on for whoever is signed in; a stranger is sent to log in, and comes back afterwards.
///
/// # Errors
/// [`Error::Redirect`](nuages::Error::Redirect) for a stranger.
pub async fn require_login(request: &Request) -> Result<()> {
    Demand::Login.of(request, &Way::default()).await
}

/// Goes on for a user who may do this: `auth::require_perm(request, "blog.publish_post").await?`.
///
/// # Errors
/// [`Error::Redirect`](nuages::Error::Redirect) for a stranger, [`Error::PermissionDenied`](nuages::Error::PermissionDenied) (403)
/// for a user who may not.
pub async fn require_perm(request: &Request, perm: &str) -> Result<()> {
    Demand::Perms(vec![perm.to_owned()]).of(request, &Way::default()).await
}

/// Goes on for a user who has logged in within the last minutes; others are asked to do so again, and come back afterwards. For
/// what a thief of an open session must not do.
///
/// # Errors
/// [`Error::Redirect`](nuages::Error::Redirect) for others.
pub async fn require_recent_login(request: &Request, minutes: u32) -> Result<()> {
    Demand::Recent(TimeDelta::minutes(minutes.into())).of(request, &Way::default()).await
}

/// Goes on for a user whose session began with a [second factor](crate::two_factor); who has none is sent to set it up.
///
/// # Errors
/// [`Error::Redirect`](nuages::Error::Redirect) for others.
pub async fn require_two_factor(request: &Request) -> Result<()> {
    Demand::TwoFactor.of(request, &Way::default()).await
}

/// Goes on for an active user of this kind.
pub(crate) async fn require_flag(request: &Request, flag: Flag) -> Result<()> {
    Demand::Flag(flag).of(request, &Way::default()).await
}

/// What routes are exempt from that are open to strangers on a site that asks everybody to log in.
const LOGIN: &str = "login";

/// For the routes of a site that asks everybody to log in: see [`AuthApp::login_required`](crate::AuthApp::login_required).
pub trait LoginNotRequired {
    /// Opens these paths to strangers: those that are there when it is called. On other sites it changes nothing.
    ///
    /// ```
    /// # use poem::{get, handler};
    /// # #[handler] fn index() {} #[handler] fn drafts() {}
    /// use nuages::Routes;
    /// use nuages_auth::LoginNotRequired;
    ///
    /// let routes = Routes::new()
    ///     .path("", get(index), "index")
    ///     .login_not_required()
    ///     .path("drafts/", get(drafts), "drafts"); // for those who are signed in
    /// ```
    #[must_use]
    fn login_not_required(self) -> Self;
}

impl LoginNotRequired for Routes {
    fn login_not_required(self) -> Self {
        self.exempt_from(LOGIN)
    }
}

/// Sends those of the users whom `test` is true of to show a second factor, or to set it up, wherever they go; but not from the pages where they do
/// that, nor from those that are open to strangers.
pub(crate) fn two_factor_gate<U: AbstractUser>(test: Arc<dyn Fn(&U) -> bool + Send + Sync>) -> Gate {
    Gate::new(LOGIN, move |request| {
        let test = Arc::clone(&test);
        Box::pin(async move {
            match get_user::<U>(request).await? {
                Some(user) if test(&user) && !demand::is_about_two_factor(request)? => {
                    require_two_factor(request).await
                }
                _ => Ok(()),
            }
        })
    })
}

/// Sends strangers to log in, wherever they go; but not from the login page, wherever that is.
pub(crate) fn gate() -> Gate {
    Gate::new(LOGIN, |request| {
        Box::pin(async move {
            match demand::is_login_page(request)? {
                true => Ok(()),
                false => require_login(request).await,
            }
        })
    })
}
