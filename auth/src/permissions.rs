//! What a user may do.

use crate::backends::{Asked, Backends, Ruling, group_permissions, table_permissions};
use crate::groups::{groups, parts, user_permissions};
use crate::layer::Auth;
use crate::{AbstractUser, Flag, Group, Permission, PermissionSet};
use nuages::db::Column;
use nuages::{Database, Error, QuerySet, RequestExt, Result};
use poem::Request;
use std::any::Any;

/// What a user may do; every user model has it.
///
/// A permission is named by its app and its codename: `blog.publish_post`. A superuser may do everything, and whoever is not
/// active nothing; of others the site's [backends](crate::AuthBackend) are asked. What the tables say of the signed-in user costs
/// one query in a request, however often it is asked for: a permission that is given meanwhile counts from the next one on, or
/// for a user who is loaded anew.
///
/// ```no_run
/// # use nuages::{Model, Result};
/// # use nuages_auth::{AbstractUser, UserFields};
/// # #[derive(Clone, Debug, Model, AbstractUser)]
/// # #[model(app = "accounts")]
/// # pub struct User { #[model(flatten)] pub fields: UserFields }
/// use nuages_auth::{CurrentUser, UserPermissions};
/// use poem::{Request, handler};
///
/// #[handler]
/// async fn drafts(request: &Request, user: CurrentUser<User>) -> Result<&'static str> {
///     match user.has_perm(request, "blog.publish_post").await? {
///         true => Ok("publish them"),
///         false => Ok("ask somebody"),
///     }
/// }
/// ```
///
/// # Errors
/// All of them: [`Error::Refused`] if a text names no permission, such as `add_post` without an app.
pub trait UserPermissions: AbstractUser {
    /// Whether the user may do this.
    fn has_perm(&self, request: &Request, perm: &str) -> impl Future<Output = Result<bool>> + Send {
        ask(request, self, perm, None)
    }

    /// Whether the user may do this with that object; [`ModelBackend`](crate::ModelBackend) knows of no objects, so that needs a
    /// backend of the site's own.
    fn has_perm_for<O: Any + Send + Sync>(
        &self,
        request: &Request,
        perm: &str,
        object: &O,
    ) -> impl Future<Output = Result<bool>> + Send {
        ask(request, self, perm, Some(object))
    }

    /// Whether the user may do all of this.
    fn has_perms<'p, P>(&self, request: &Request, perms: P) -> impl Future<Output = Result<bool>> + Send
    where
        P: IntoIterator<Item = &'p str, IntoIter: Send> + Send,
    {
        async move {
            for perm in perms {
                if !self.has_perm(request, perm).await? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
    }

    /// Whether the user may do anything at all in this app.
    fn has_module_perms(&self, request: &Request, app: &str) -> impl Future<Output = Result<bool>> + Send {
        async move {
            let may = MayDo::of(request, self).await?;
            Ok(may.anything_in(app))
        }
    }

    /// The names of all that the user may do; of a superuser all that there are.
    fn get_all_permissions(&self, request: &Request) -> impl Future<Output = Result<PermissionSet>> + Send {
        async move {
            match MayDo::of(request, self).await? {
                MayDo::Everything => table_permissions(&request.db(), self).await,
                MayDo::These(granted) => Ok(granted),
            }
        }
    }

    /// The names of what the user may do as one of a group.
    fn get_group_permissions(&self, db: &Database) -> impl Future<Output = Result<PermissionSet>> + Send {
        group_permissions(db, self)
    }

    /// The groups that the user is in; none where the user model has no `is_superuser`, and so no groups.
    fn groups(&self, db: &Database) -> QuerySet<Group> {
        match Self::HAS_PERMISSIONS {
            true => groups().of(db, self),
            false => <Group as nuages::Model>::objects(db).none(),
        }
    }

    /// Puts the user into a group.
    fn add_to_group(&self, db: &Database, group: &Group) -> impl Future<Output = Result<()>> + Send {
        async move {
            known::<Self>()?;
            groups().add(db, self, [group]).await
        }
    }

    /// Takes the user out of a group.
    fn remove_from_group(&self, db: &Database, group: &Group) -> impl Future<Output = Result<()>> + Send {
        async move {
            known::<Self>()?;
            groups().remove(db, self, [group]).await
        }
    }

    /// Lets the user do this: `ann.add_permission(&db, "blog.publish_post").await?`.
    fn add_permission(&self, db: &Database, perm: &str) -> impl Future<Output = Result<()>> + Send {
        async move {
            known::<Self>()?;
            user_permissions().add(db, self, &Permission::named(db, perm).await?).await
        }
    }

    /// Lets the user do this no longer, unless as one of a group.
    fn remove_permission(&self, db: &Database, perm: &str) -> impl Future<Output = Result<()>> + Send {
        async move {
            known::<Self>()?;
            user_permissions().remove(db, self, &Permission::named(db, perm).await?).await
        }
    }
}

impl<U: AbstractUser> UserPermissions for U {}

/// The active users whom the tables let do this, alone or as one of a group, and the superusers: Django's `with_perm`.
///
/// # Errors
/// [`Error::Refused`] if the text names no permission.
pub fn with_perm<U: AbstractUser>(db: &Database, perm: &str) -> Result<QuerySet<U>> {
    let named = Permission::is_named(perm)?;
    let users = U::objects(db);
    if !U::HAS_PERMISSIONS {
        return Ok(users.none());
    }
    let by_group = groups::<U>().is(Group::PERMISSIONS.is(named.clone()));
    let superuser = Column::<U, bool>::new(U::column_name("is_superuser")).eq(true);
    let users = users.filter(superuser | user_permissions::<U>().is(named) | by_group);
    match U::column_names().contains(&U::column_name("is_active")) {
        true => Ok(users.filter(U::active_column().eq(true))),
        false => Ok(users),
    }
}

/// All that a user may do in general, as far as backends can list it.
#[derive(Clone, Debug)]
pub(crate) enum MayDo {
    Everything,
    These(PermissionSet),
}

impl MayDo {
    pub(crate) fn nothing() -> Self {
        Self::These(PermissionSet::default())
    }

    /// What is known of a user without asking a backend.
    pub(crate) fn at_once<U: AbstractUser>(user: &U) -> Option<Self> {
        match (user.flag(Flag::Active), user.flag(Flag::Superuser)) {
            (false, _) => Some(Self::nothing()),
            (true, true) => Some(Self::Everything),
            (true, false) => None,
        }
    }

    pub(crate) async fn of<U: AbstractUser>(request: &Request, user: &U) -> Result<Self> {
        if let Some(known) = Self::at_once(user) {
            return Ok(known);
        }
        let (auth, db) = (Auth::of(request), request.db());
        let asked = Asked { user, db: &db, object: None, granted: &auth.granted(user) };
        let mut all = Vec::new();
        for backend in Backends::<U>::of(auth).iter() {
            all.push(backend.permissions(&asked).await?);
        }
        Ok(Self::These(all.iter().flat_map(PermissionSet::iter).collect()))
    }

    pub(crate) fn contains(&self, perm: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::These(granted) => granted.contains(perm),
        }
    }

    pub(crate) fn anything_in(&self, app: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::These(granted) => granted.has_module(app),
        }
    }
}

async fn ask<U: AbstractUser>(
    request: &Request,
    user: &U,
    perm: &str,
    object: Option<&(dyn Any + Send + Sync)>,
) -> Result<bool> {
    parts(perm)?;
    if let Some(known) = MayDo::at_once(user) {
        return Ok(known.contains(perm));
    }
    let (auth, db) = (Auth::of(request), request.db());
    let asked = Asked { user, db: &db, object, granted: &auth.granted(user) };
    for backend in Backends::<U>::of(auth).iter() {
        match backend.has_perm(&asked, perm).await? {
            Ruling::Granted => return Ok(true),
            Ruling::Denied => return Ok(false),
            Ruling::Unknown => {}
        }
    }
    Ok(false)
}

fn known<U: AbstractUser>() -> Result<()> {
    match U::HAS_PERMISSIONS {
        true => Ok(()),
        false => Err(Error::Refused(format!(
            "{} has neither groups nor permissions; give it `pub is_superuser: bool`, and run `makemigrations`",
            U::NAME
        ))),
    }
}
