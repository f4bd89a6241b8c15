//! The site's user.

use nuages::Model;
use nuages::chrono::{DateTime, Utc};
use nuages_auth::{AbstractUser, PasswordHash};

/// A user of the site, who logs in with an email address.
#[derive(Clone, Debug, Model, AbstractUser)]
#[model(app = "accounts")]
#[user(username_field = "email")]
pub struct User {
    pub id: i64,
    #[model(max_length = 254, unique)]
    pub email: String,
    pub password: PasswordHash,
    /// May use the pages that are for the staff.
    pub is_staff: bool,
    /// May log in. Set it to false instead of deleting a user.
    pub is_active: bool,
    /// May do everything.
    pub is_superuser: bool,
    pub last_login: Option<DateTime<Utc>>,
    #[model(auto_now_add)]
    pub date_joined: DateTime<Utc>,
    // pub nickname: Option<String>,    // then: cargo run -- makemigrations && cargo run -- migrate
}
