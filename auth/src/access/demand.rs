//! What is asked of a visitor, and what becomes of those who do not have it.

use crate::events::{self, EventKind};
use crate::login::{LOGIN_AT, waiting};
use crate::next::{NEXT, login_address};
use crate::permissions::UserPermissions;
use crate::two_factor::TwoFactor;
use crate::{AbstractUser, Flag, get_user};
use nuages::chrono::{TimeDelta, Utc};
use nuages::futures_util::future::BoxFuture;
use nuages::{Error, RequestExt, Result, messages};
use poem::Request;
use std::any::Any;
use std::borrow::Cow;
use std::sync::Arc;

/// Finds out who is signed in.
type Load = for<'r> fn(&'r Request) -> BoxFuture<'r, Result<Option<Arc<dyn Visitor>>>>;

/// The site's users, for those who need not know the user model.
#[derive(Clone, Copy)]
pub(crate) struct Site {
    load: Load,
}

impl Site {
    pub(crate) fn of<U: AbstractUser>() -> Self {
        Self { load: load::<U> }
    }
}

fn load<U: AbstractUser>(request: &Request) -> BoxFuture<'_, Result<Option<Arc<dyn Visitor>>>> {
    Box::pin(async move { Ok(get_user::<U>(request).await?.map(|user| user as Arc<dyn Visitor>)) })
}

/// A signed-in user, of whichever model.
pub(crate) trait Visitor: Any + Send + Sync {
    fn id(&self) -> String;
    fn has(&self, flag: Flag) -> bool;
    fn may<'a>(&'a self, request: &'a Request, perm: &'a str) -> BoxFuture<'a, Result<bool>>;
    fn two_factor(&self, request: &Request) -> TwoFactor;
}

impl<U: AbstractUser> Visitor for U {
    fn id(&self) -> String {
        self.key().to_string()
    }

    fn has(&self, flag: Flag) -> bool {
        self.flag(flag)
    }

    fn may<'a>(&'a self, request: &'a Request, perm: &'a str) -> BoxFuture<'a, Result<bool>> {
        Box::pin(self.has_perm(request, perm))
    }

    fn two_factor(&self, request: &Request) -> TwoFactor {
        TwoFactor::of(&request.db(), self)
    }
}

type Test = Arc<dyn Fn(Arc<dyn Visitor>) -> BoxFuture<'static, Result<bool>> + Send + Sync>;

/// What is asked of a visitor.
#[derive(Clone)]
pub(super) enum Demand {
    Login,
    Flag(Flag),
    Perms(Vec<String>),
    Recent(TimeDelta),
    TwoFactor,
    Test(Test),
}

/// Where those go who are not signed in.
#[derive(Clone)]
pub(super) struct Way {
    pub(super) login_url: Option<String>,
    pub(super) field: Option<Cow<'static, str>>,
    pub(super) forbids_strangers: bool,
}

impl Default for Way {
    fn default() -> Self {
        Self { login_url: None, field: Some(NEXT.into()), forbids_strangers: false }
    }
}

impl Way {
    /// To the login page, from where the visitor comes back.
    fn to_login(&self, request: &Request) -> Result<Error> {
        let login = self.login_url.as_ref().unwrap_or(&request.settings().login_url);
        Ok(Error::Redirect(login_address(request, login, self.field.as_deref())?))
    }
}

impl Demand {
    /// For whom a view is that asks for this, in a word or two.
    pub(super) fn whom(&self) -> String {
        match self {
            Self::Login => "login".into(),
            Self::Flag(Flag::Active) => "active users".into(),
            Self::Flag(Flag::Staff) => "staff".into(),
            Self::Flag(Flag::Superuser) => "superusers".into(),
            Self::Perms(perms) => format!("permission {}", perms.join(" and ")),
            Self::Recent(within) => format!("login within {} minutes", within.num_minutes()),
            Self::TwoFactor => "two-factor authentication".into(),
            Self::Test(_) => "users who pass a test".into(),
        }
    }

    /// Goes on if the visitor has what is asked for.
    pub(super) async fn of(&self, request: &Request, way: &Way) -> Result<()> {
        let Some(user) = (request.provided::<Site>().load)(request).await? else {
            return Err(match way.forbids_strangers {
                true => Error::PermissionDenied("this is for those who are signed in".into()),
                false => way.to_login(request)?,
            });
        };
        if let Some(lacking) = self.lacking(request, &user).await? {
            events::tell(request, EventKind::Denied, Some(user.id())).await;
            return Err(Error::PermissionDenied(lacking));
        }
        if self.is_too_late(request).await? {
            messages::info(request, "Please log in again to go on.");
            return Err(way.to_login(request)?);
        }
        match self {
            Self::TwoFactor => ask_two_factor(request, &user, way).await,
            _ => Ok(()),
        }
    }

    /// Why the user may not go on.
    async fn lacking(&self, request: &Request, user: &Arc<dyn Visitor>) -> Result<Option<String>> {
        match self {
            Self::Login | Self::Recent(_) | Self::TwoFactor => Ok(None),
            Self::Flag(flag) if user.has(Flag::Active) && user.has(*flag) => Ok(None),
            Self::Flag(Flag::Active) => Ok(Some("this is for users who are active".into())),
            Self::Flag(Flag::Staff) => Ok(Some("this is for the staff".into())),
            Self::Flag(Flag::Superuser) => Ok(Some("this is for superusers".into())),
            Self::Perms(perms) => {
                for perm in perms {
                    if !user.may(request, perm).await? {
                        return Ok(Some(format!("this needs the permission `{perm}`")));
                    }
                }
                Ok(None)
            }
            Self::Test(passes) => {
                let passed = passes(Arc::clone(user)).await?;
                Ok((!passed).then(|| "this is for other users".into()))
            }
        }
    }

    /// A session without a time, or with one that is still to come, counts as an old one.
    async fn is_too_late(&self, request: &Request) -> Result<bool> {
        let Self::Recent(within) = self else { return Ok(false) };
        let login = request.session().get::<i64>(LOGIN_AT).await?;
        let age = login.map(|login| Utc::now().timestamp() - login);
        Ok(!age.is_some_and(|age| (0..=within.num_seconds()).contains(&age)))
    }
}

/// Goes on if the session began with the second factor. Who has one logs in again; who has none sets it up first.
async fn ask_two_factor(request: &Request, user: &Arc<dyn Visitor>, way: &Way) -> Result<()> {
    if request.session().get::<bool>(waiting::SHOWN).await? == Some(true) {
        return Ok(());
    }
    if user.two_factor(request).is_on().await? {
        messages::info(request, "Please log in again, with a code of your app.");
        return Err(way.to_login(request)?);
    }
    messages::info(request, "To go on, set up two-factor authentication first.");
    Err(Error::Redirect(nuages::urls::resolve(request, "two_factor")?))
}

/// Whether this is a page where somebody sets up a second factor, or logs out.
pub(super) fn is_about_two_factor(request: &Request) -> Result<bool> {
    let (here, resolve) = (request.original_uri().path(), nuages::urls::resolve);
    Ok(here.starts_with(&resolve(request, "two_factor")?)
        || resolve(request, "logout").is_ok_and(|logout| here == logout))
}

/// Whether this is the page where a stranger logs in.
pub(super) fn is_login_page(request: &Request) -> Result<bool> {
    let login = nuages::urls::resolve(request, &request.settings().login_url)?;
    Ok(login.split(['?', '#']).next() == Some(request.original_uri().path()))
}
