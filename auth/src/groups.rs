//! Groups and permissions: Django's tables, column for column.

use crate::AbstractUser;
use nuages::db::ManyToManyField;
use nuages::{ForeignKey, ManyToMany};

/// A model, as permissions name it.
#[derive(Clone, Debug, nuages::Model)]
#[model(app = "auth", table = "django_content_type", unique_together("app_label", "model"))]
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
#[derive(Clone, Debug, nuages::Model)]
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
#[derive(Clone, Debug, Default, nuages::Model)]
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

/// The groups that a user is in.
pub(crate) const fn groups<U: AbstractUser>() -> ManyToManyField<U, Group> {
    ManyToManyField::new("groups")
}

/// The permissions that are a user's alone.
pub(crate) const fn user_permissions<U: AbstractUser>() -> ManyToManyField<U, Permission> {
    ManyToManyField::new("user_permissions")
}
