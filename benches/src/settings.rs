//! The settings of the site.

use nuages::{Result, Settings};

/// The site's user.
pub type AuthUserModel = crate::accounts::models::User;

/// Where login begins and ends; the rest comes from the environment.
pub fn settings() -> Result<Settings> {
    Settings::from_env_or(Settings {
        login_url: "accounts:login".into(),
        login_redirect_url: "accounts:profile".into(),
        ..Settings::default()
    })
}
