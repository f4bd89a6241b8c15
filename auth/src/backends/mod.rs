//! Backends: what recognises users, and says what they may do.

mod check;
mod list;
mod model;
mod remote;

pub use check::{authenticate, authenticate_by};
pub use model::{AllowAllUsersModelBackend, EmailOrUsernameBackend, MODEL_BACKEND, ModelBackend};
pub use remote::{RemoteUser, RemoteUserBackend};

pub(crate) use check::{Check, LOGIN};
pub(crate) use list::Backends;

use crate::groups::{Permission, groups, user_permissions};
use crate::passwords::Passwords;
use crate::users::find_by_name;
use crate::{AbstractUser, Flag, Group, PermissionSet};
use nuages::futures_util::future::BoxFuture;
use nuages::{Database, Result, Settings};
use std::any::Any;
use std::ops::Deref;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// What recognises users, and says what they may do: one of [`AuthApp::backends`](crate::AuthApp::backends).
///
/// ```
/// use nuages::futures_util::future::BoxFuture;
/// use nuages::{Model, Result};
/// use nuages_auth::{AbstractUser, Answer, Attempt, AuthBackend};
///
/// /// What a machine sends instead of name and password.
/// struct ApiToken(String);
///
/// struct TokenBackend;
///
/// impl<U: AbstractUser> AuthBackend<U> for TokenBackend {
///     fn name(&self) -> &'static str {
///         "mysite.TokenBackend"
///     }
///
///     fn authenticate<'a>(&'a self, attempt: &'a Attempt<'a>) -> BoxFuture<'a, Result<Answer<U>>> {
///         Box::pin(async move {
///             let Some(ApiToken(token)) = attempt.credentials() else { return Ok(Answer::Unknown) };
///             let owner = U::username_column().eq(token.as_str()); // a real one looks into a table of tokens
///             let user = U::objects(attempt.db()).filter(owner).first().await?;
///             Ok(user.map_or(Answer::Unknown, Answer::Recognised))
///         })
///     }
/// }
/// ```
pub trait AuthBackend<U: AbstractUser>: Send + Sync + 'static {
    /// What a session that it began says of it. Django's names are dotted paths; another one ends the sessions that it began.
    fn name(&self) -> &'static str;

    /// Whose attempt this is. A backend that does not know the kind of [credentials](Attempt::credentials) answers
    /// [`Answer::Unknown`], as this does.
    fn authenticate<'a>(&'a self, _attempt: &'a Attempt<'a>) -> BoxFuture<'a, Result<Answer<U>>> {
        Box::pin(async { Ok(Answer::Unknown) })
    }

    /// Whether this user may log in, and be loaded from a session that this backend began: those who are active.
    fn user_can_authenticate(&self, user: &U) -> bool {
        user.flag(Flag::Active)
    }

    /// Whether a user whom it has recognised is asked for the [second factor](crate::two_factor), if they have one; not where it
    /// has seen more than a password itself.
    fn asks_two_factor(&self) -> bool {
        true
    }

    /// All that it lets this user do, be it in general or with the [object](Asked::object) that is asked about.
    fn permissions<'a>(&'a self, _asked: &'a Asked<'a, U>) -> BoxFuture<'a, Result<PermissionSet>> {
        Box::pin(async { Ok(PermissionSet::default()) })
    }

    /// Whether it lets this user do this one thing: what is among its [permissions](AuthBackend::permissions).
    ///
    /// Nobody is asked about a user who is not active, who may do nothing, nor about a superuser, who may do everything.
    fn has_perm<'a>(&'a self, asked: &'a Asked<'a, U>, perm: &'a str) -> BoxFuture<'a, Result<Ruling>> {
        Box::pin(async move {
            let granted = self.permissions(asked).await?.contains(perm);
            Ok(if granted { Ruling::Granted } else { Ruling::Unknown })
        })
    }
}

/// What a backend says of an attempt to log in.
#[derive(Debug)]
pub enum Answer<U> {
    /// This user, if the password is theirs: the one check of it, whose time tells nothing, is not the backend's to do. Of
    /// several candidates only the first one's password is checked.
    Candidate(U),
    /// This user, whom the backend has recognised by something else than the password.
    Recognised(U),
    /// Nobody that it knows; the next backend is asked.
    Unknown,
    /// Nobody may log in so; no other backend is asked.
    Veto,
}

/// What a backend says of a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// The user has it.
    Granted,
    /// That is not for this backend to say; the next one is asked.
    Unknown,
    /// The user has it not, whatever other backends say.
    Denied,
}

/// Name and password, as the login form sends them.
pub struct PasswordCredentials {
    /// What was typed as the login name.
    pub username: String,
    /// What was typed as the password.
    pub password: String,
}

/// An attempt to log in.
pub struct Attempt<'a> {
    db: &'a Database,
    settings: &'a Settings,
    passwords: &'a Passwords,
    credentials: &'a (dyn Any + Send + Sync),
}

impl<'a> Attempt<'a> {
    /// The site's database.
    pub fn db(&self) -> &'a Database {
        self.db
    }

    /// The site's settings.
    pub fn settings(&self) -> &'a Settings {
        self.settings
    }

    /// The site's passwords, for a backend that makes users.
    pub fn passwords(&self) -> &'a Passwords {
        self.passwords
    }

    /// What was given, if it is of this type: [`PasswordCredentials`], [`RemoteUser`] or a type of the site's own.
    pub fn credentials<C: Any>(&self) -> Option<&'a C> {
        self.credentials.downcast_ref()
    }

    /// The login name that was typed. A text with a NUL in it is none.
    pub fn username(&self) -> Option<&'a str> {
        let typed = self.credentials::<PasswordCredentials>()?.username.as_str();
        // PostgreSQL takes no NUL.
        (!typed.contains('\0')).then_some(typed)
    }

    /// The user whose login name was typed.
    pub async fn find_user<U: AbstractUser>(&self) -> Result<Option<U>> {
        match self.username() {
            Some(name) => find_by_name(self.db, self.settings, name).await,
            None => Ok(None),
        }
    }
}

/// A user whose permissions are asked for.
pub struct Asked<'a, U> {
    pub(crate) user: &'a U,
    pub(crate) db: &'a Database,
    pub(crate) object: Option<&'a (dyn Any + Send + Sync)>,
    pub(crate) granted: &'a OnceCell<PermissionSet>,
}

impl<'a, U: AbstractUser> Asked<'a, U> {
    /// The user.
    pub fn user(&self) -> &'a U {
        self.user
    }

    /// The site's database.
    pub fn db(&self) -> &'a Database {
        self.db
    }

    /// What they want to do it with, if that is an `O`.
    pub fn object<O: Any>(&self) -> Option<&'a O> {
        self.object?.downcast_ref()
    }

    /// Whether there is something that they want to do it with.
    pub fn is_about_an_object(&self) -> bool {
        self.object.is_some()
    }

    /// What the tables grant: to the user, and to the user's groups. For the signed-in user it costs one query a request.
    pub async fn in_tables(&self) -> Result<PermissionSet> {
        let load = || table_permissions(self.db, self.user);
        self.granted.get_or_try_init(load).await.cloned()
    }
}

/// What the tables grant to a user: everything to a superuser, nothing to one who is not active.
pub(crate) async fn table_permissions<U: AbstractUser>(db: &Database, user: &U) -> Result<PermissionSet> {
    match user.flag(Flag::Superuser) {
        true if user.flag(Flag::Active) => Permission::names(db, None).await,
        false if may_have_any(user) => {
            let granted = user_permissions::<U>().among(user) | by_groups(user);
            Permission::names(db, Some(granted)).await
        }
        _ => Ok(PermissionSet::default()),
    }
}

/// What the tables grant to the groups of a user: everything to a superuser, nothing to one who is not active.
pub(crate) async fn group_permissions<U: AbstractUser>(db: &Database, user: &U) -> Result<PermissionSet> {
    match user.flag(Flag::Superuser) {
        false if may_have_any(user) => Permission::names(db, Some(by_groups(user))).await,
        false => Ok(PermissionSet::default()),
        true => table_permissions(db, user).await,
    }
}

fn may_have_any<U: AbstractUser>(user: &U) -> bool {
    U::HAS_PERMISSIONS && user.flag(Flag::Active)
}

fn by_groups<U: AbstractUser>(user: &U) -> nuages::db::Condition<Permission> {
    Group::PERMISSIONS.among_those_of(groups::<U>().among(user))
}

/// A user whom a backend has recognised: what [`login`](crate::login) takes, and nothing else.
#[derive(Clone, Debug)]
pub struct Authenticated<U> {
    pub(crate) user: Arc<U>,
    pub(crate) backend: &'static str,
    pub(crate) remembered: Option<bool>,
    /// Whether the second factor was shown, or is not to be asked for.
    pub(crate) two_factor: bool,
}

impl<U: AbstractUser> Authenticated<U> {
    /// Vouches for a user whom no backend was asked about, in the name of one, such as [`MODEL_BACKEND`].
    ///
    /// For code that knows who it is by other means: whose account was made a moment ago, who came by the link of a mail.
    /// Never for a user whose name or key came with the request and nothing else. It does not look whether the user is active;
    /// the backend does, at the next request.
    ///
    /// ```no_run
    /// # use nuages::{Model, Result};
    /// # use nuages_auth::{self as auth, AbstractUser, Authenticated, MODEL_BACKEND, UserFields};
    /// # #[derive(Clone, Debug, Model, AbstractUser)]
    /// # #[model(app = "accounts")]
    /// # pub struct User { #[model(flatten)] pub fields: UserFields }
    /// # async fn signed_up(request: &poem::Request, new: User) -> Result<()> {
    /// auth::login(request, Authenticated::trust(new, MODEL_BACKEND)).await
    /// # }
    /// ```
    pub fn trust(user: impl Into<Arc<U>>, backend: &'static str) -> Self {
        Self { user: user.into(), backend, remembered: None, two_factor: false }
    }

    /// Whether the session outlives the browser ("remember me"); left out, the settings say it.
    pub fn remembered(self, remembered: bool) -> Self {
        Self { remembered: Some(remembered), ..self }
    }

    /// Vouches that the user has shown a second factor too, such as one of the site's own: [`login`](crate::login) asks for none then.
    pub fn by_two_factor(self) -> Self {
        Self { two_factor: true, ..self }
    }

    /// The name of the backend that has recognised the user.
    pub fn backend(&self) -> &'static str {
        self.backend
    }
}

impl<U> Deref for Authenticated<U> {
    type Target = U;
    fn deref(&self) -> &U {
        &self.user
    }
}
