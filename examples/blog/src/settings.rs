//! The settings of the blog.

use nuages::{Result, Settings};

/// The site's user. Fixed before the first migration, which is why it is here from the start.
pub type AuthUserModel = crate::accounts::models::User;

/// The settings of this machine: the environment and `.env` win over the defaults.
pub fn settings() -> Result<Settings> {
    Settings::from_env_or(defaults())
}

/// What is the same on every machine.
pub fn defaults() -> Settings {
    Settings {
        site_name: "Minor Swing".into(),
        database_url: "sqlite://blog.sqlite3".into(),
        signup_confirm_email: true,
        ..Settings::default()
    }
}
