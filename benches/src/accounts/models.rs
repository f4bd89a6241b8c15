//! The site's user.

use nuages::Model;
use nuages_auth::{AbstractUser, UserFields};

/// A user of the site.
#[derive(Clone, Debug, Model, AbstractUser)]
#[model(app = "accounts")]
pub struct User {
    #[model(flatten)]
    pub fields: UserFields,
}
