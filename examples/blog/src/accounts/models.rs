//! The site's user.

use nuages::Model;
use nuages_auth::{AbstractUser, UserFields};

/// A user of the site: all that `UserFields` has, and a line about oneself.
#[derive(Clone, Debug, Model, AbstractUser)]
#[model(app = "accounts")]
pub struct User {
    #[model(flatten)]
    pub fields: UserFields,
    #[model(max_length = 160, default = "")]
    pub bio: String,
}
