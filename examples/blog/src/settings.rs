//! The settings of the blog.

use nuages::{Result, Settings};

/// The site's user. Fixed before the first migration, which is why it is here from the start.
pub type AuthUserModel = crate::accounts::models::User;

/// What is the same on every machine stands here; the environment and `.env` win over it.
pub fn settings() -> Result<Settings> {
    Settings::from_env_or(Settings {
        site_name: "Minor Swing".into(),
        database_url: "sqlite://blog.sqlite3".into(),
        ..Settings::default()
    })
}
