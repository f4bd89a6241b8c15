//! The site's user.

use nuages::Model;
use nuages_auth::{AbstractUser, UserFields};

/// A user of the site: all that `UserFields` has, and what you add below it.
#[derive(Clone, Debug, Model, AbstractUser)]
#[model(app = "accounts")]
pub struct User {
    #[model(flatten)]
    pub fields: UserFields,
    // pub nickname: Option<String>,    // then: cargo run -- makemigrations && cargo run -- migrate
}
