//! Groups and permissions: Django's tables, column for column.

use crate::{AbstractUser, PermissionSet};
use nuages::db::{Condition, ManyToManyField};
use nuages::{Database, Error, ForeignKey, ManyToMany, Model, Result};

/// A model, as permissions name it.
#[derive(Clone, Debug, Model)]
#[model(
    app = "auth",
    table = "django_content_type",
    unique_together("app_label", "model"),
    default_permissions()
)]
pub struct ContentType {
    /// The primary key.
    pub id: i32,
    /// The app's label.
    #[model(max_length = 100)]
    pub app_label: String,
    /// The model's name in lower case.
    #[model(max_length = 100)]
    pub model: String,
}

/// Something that a user may be allowed to do.
#[derive(Clone, Debug, Model)]
#[model(app = "auth", unique_together("content_type_id", "codename"))]
pub struct Permission {
    /// The primary key.
    pub id: i32,
    /// What people read: `Can add post`.
    #[model(max_length = 255)]
    pub name: String,
    /// The model that it is about.
    pub content_type: ForeignKey<ContentType>,
    /// What programs ask for: `add_post`.
    #[model(max_length = 100)]
    pub codename: String,
}

/// Users with permissions in common.
#[derive(Clone, Debug, Default, Model)]
#[model(app = "auth")]
pub struct Group {
    /// The primary key.
    pub id: i32,
    /// What it is called.
    #[model(max_length = 150, unique)]
    pub name: String,
    /// What its users may do.
    pub permissions: ManyToMany<Permission>,
}

impl Permission {
    /// The condition that holds for the permission of this name: `blog.add_post`.
    ///
    /// # Errors
    /// [`Error::Refused`] if the name is not of that form.
    pub fn is_named(perm: &str) -> Result<Condition<Self>> {
        let (app, codename) = parts(perm)?;
        let of_the_app = Self::CONTENT_TYPE.is(ContentType::APP_LABEL.eq(app));
        Ok(Self::CODENAME.eq(codename) & of_the_app)
    }

    /// The permissions of this name: one, unless two models of the app have declared it.
    ///
    /// # Errors
    /// [`Error::Refused`] if there is none; `migrate` makes those that models declare.
    pub(crate) async fn named(db: &Database, perm: &str) -> Result<Vec<Self>> {
        let found = Self::objects(db).filter(Self::is_named(perm)?).all().await?;
        match found.is_empty() {
            false => Ok(found),
            true => Err(Error::Refused(format!(
                "there is no permission `{perm}`; declare it on its model, and run `migrate`"
            ))),
        }
    }

    /// The names of those for which the condition holds, or of all.
    pub(crate) async fn names(db: &Database, condition: Option<Condition<Self>>) -> Result<PermissionSet> {
        let all = Self::objects(db).select_related(Self::CONTENT_TYPE);
        let found = match condition {
            Some(condition) => all.filter(condition).all().await?,
            None => all.all().await?,
        };
        let name = |permission: &Self| {
            let kind = permission.content_type.row()?;
            Some(format!("{}.{}", kind.app_label, permission.codename))
        };
        Ok(found.iter().filter_map(name).collect())
    }
}

/// App and codename of `blog.add_post`.
///
/// # Errors
/// [`Error::Refused`] if the name is not of that form.
pub(crate) fn parts(perm: &str) -> Result<(&str, &str)> {
    let parts = perm.split_once('.').filter(|(app, codename)| !app.is_empty() && !codename.is_empty());
    parts.ok_or_else(|| {
        let text = format!("`{perm}` names no permission; write app and codename, such as `blog.add_post`");
        Error::Refused(text)
    })
}

impl Group {
    /// Lets the users of this group do this: `editors.add_permission(&db, "blog.publish_post").await?`.
    ///
    /// # Errors
    /// [`Error::Refused`] if there is no such permission.
    pub async fn add_permission(&self, db: &Database, perm: &str) -> Result<()> {
        Self::PERMISSIONS.add(db, self, &Permission::named(db, perm).await?).await
    }

    /// Lets them do this no longer.
    ///
    /// # Errors
    /// [`Error::Refused`] if there is no such permission.
    pub async fn remove_permission(&self, db: &Database, perm: &str) -> Result<()> {
        Self::PERMISSIONS.remove(db, self, &Permission::named(db, perm).await?).await
    }
}

/// The groups that a user is in.
pub(crate) const fn groups<U: AbstractUser>() -> ManyToManyField<U, Group> {
    ManyToManyField::new("groups")
}

/// The permissions that are a user's alone.
pub(crate) const fn user_permissions<U: AbstractUser>() -> ManyToManyField<U, Permission> {
    ManyToManyField::new("user_permissions")
}
