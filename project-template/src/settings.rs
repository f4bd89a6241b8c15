//! The settings of the site.

use nuages::{Result, Settings};

/// The site's user. Fixed before the first migration, which is why it is here from the start.
pub type AuthUserModel = crate::accounts::models::User;

/// What is the same on every machine stands here; the rest comes from the environment and `.env`.
pub fn settings() -> Result<Settings> {
    Settings::from_env_or(Settings {
        site_name: "{{ project-name }}".into(),
        ..Settings::default()
    })
}
