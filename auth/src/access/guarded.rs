//! Views that not everybody may see.

use super::demand::{Demand, Visitor, Way};
use crate::{AbstractUser, Flag};
use nuages::chrono::TimeDelta;
use nuages::futures_util::future::BoxFuture;
use nuages::urls::ViewFor;
use nuages::{Error, Result};
use poem::{Endpoint, IntoEndpoint, IntoResponse, Request, Response};
use std::any::Any;
use std::borrow::Cow;
use std::sync::Arc;

/// A view for those who have what is asked for: [`login_required`], [`permission_required`] and the others make it.
pub struct Guarded<E> {
    view: E,
    demand: Demand,
    way: Way,
}

/// A view for those who are signed in; a stranger is sent to log in, and comes back afterwards.
///
/// ```
/// # use poem::{get, handler};
/// # #[handler] fn drafts() {} #[handler] fn publish() {}
/// use nuages::Routes;
/// use nuages_auth::{login_required, permission_required};
///
/// let routes = Routes::new()
///     .path("drafts/", login_required(get(drafts)), "drafts")
///     .path("publish/", permission_required("blog.publish_post", get(publish)).login_url("/editors/login/"), "publish");
/// ```
pub fn login_required<E: IntoEndpoint>(view: E) -> Guarded<E::Endpoint> {
    Guarded::new(view, Demand::Login)
}

/// A view for users who may do this. A stranger is sent to log in; a user who may not gets 403, since to log in again would not
/// help (Django sends them to log in, in circles).
pub fn permission_required<E: IntoEndpoint>(perm: &str, view: E) -> Guarded<E::Endpoint> {
    permissions_required([perm], view)
}

/// A view for users who may do all of this.
pub fn permissions_required<'p, E: IntoEndpoint>(
    perms: impl IntoIterator<Item = &'p str>,
    view: E,
) -> Guarded<E::Endpoint> {
    Guarded::new(view, Demand::Perms(perms.into_iter().map(str::to_owned).collect()))
}

/// A view for the staff: active users with `is_staff`.
pub fn staff_required<E: IntoEndpoint>(view: E) -> Guarded<E::Endpoint> {
    Guarded::new(view, Demand::Flag(Flag::Staff))
}

/// A view for superusers who are active.
pub fn superuser_required<E: IntoEndpoint>(view: E) -> Guarded<E::Endpoint> {
    Guarded::new(view, Demand::Flag(Flag::Superuser))
}

/// A view for users who have logged in within the last minutes; others are asked to do so again, and come back afterwards.
pub fn recent_login<E: IntoEndpoint>(minutes: u32, view: E) -> Guarded<E::Endpoint> {
    Guarded::new(view, Demand::Recent(TimeDelta::minutes(minutes.into())))
}

/// A view for users whose session began with a [second factor](crate::two_factor): who has none is sent to set it up.
pub fn two_factor_required<E: IntoEndpoint>(view: E) -> Guarded<E::Endpoint> {
    Guarded::new(view, Demand::TwoFactor)
}

/// A view for users who pass a test: `user_passes_test(|user: &User| user.email.ends_with("@site.example"), get(view))`.
pub fn user_passes_test<U: AbstractUser, E: IntoEndpoint>(
    test: impl Fn(&U) -> bool + Send + Sync + 'static,
    view: E,
) -> Guarded<E::Endpoint> {
    user_passes_async_test(
        move |user: Arc<U>| {
            let passed = test(&user);
            Box::pin(async move { Ok(passed) })
        },
        view,
    )
}

/// A view for users who pass a test that has to wait for something:
/// `user_passes_async_test(|user: Arc<User>| Box::pin(async move { … }), get(view))`.
pub fn user_passes_async_test<U: AbstractUser, E: IntoEndpoint>(
    test: impl Fn(Arc<U>) -> BoxFuture<'static, Result<bool>> + Send + Sync + 'static,
    view: E,
) -> Guarded<E::Endpoint> {
    let of_any = move |user: Arc<dyn Visitor>| match (user as Arc<dyn Any + Send + Sync>).downcast() {
        Ok(user) => test(user),
        Err(_) => Box::pin(async {
            let text = format!("the site's users are no `{}`; let the test take those that are", U::NAME);
            Err(Error::NotReady(text))
        }),
    };
    Guarded::new(view, Demand::Test(Arc::new(of_any)))
}

impl<E: Endpoint> Guarded<E> {
    fn new(view: impl IntoEndpoint<Endpoint = E>, demand: Demand) -> Self {
        Self { view: view.into_endpoint(), demand, way: Way::default() }
    }

    /// Where a stranger logs in, instead of the setting `login_url`: a path, a URL name, or an address elsewhere.
    pub fn login_url(mut self, login_url: impl Into<String>) -> Self {
        self.way.login_url = Some(login_url.into());
        self
    }

    /// What the login page calls the address to come back to, instead of `next`.
    pub fn redirect_field_name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.way.field = Some(name.into());
        self
    }

    /// Tells the login page no address to come back to.
    pub fn without_next(mut self) -> Self {
        self.way.field = None;
        self
    }

    /// Answers a stranger with 403 too, as for a script: Django's `raise_exception`.
    pub fn forbid_strangers(mut self) -> Self {
        self.way.forbids_strangers = true;
        self
    }
}

/// As `routes` lists it.
impl<E: Endpoint + 'static> IntoEndpoint for Guarded<E> {
    type Endpoint = ViewFor;

    fn into_endpoint(self) -> ViewFor {
        let Self { view, demand, way } = self;
        ViewFor::new(demand.whom(), view, |view| Asking { view, demand, way })
    }
}

/// The view with what is asked before it is called.
struct Asking<E> {
    view: E,
    demand: Demand,
    way: Way,
}

impl<E: Endpoint> Endpoint for Asking<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        self.demand.of(&request, &self.way).await?;
        Ok(self.view.call(request).await?.into_response())
    }
}
