//! The settings of the blog.

use nuages::Settings;

/// The site's user. Fixed before the first migration, which is why it is here from the start.
pub type AuthUserModel = crate::accounts::models::User;

/// What is the same on every machine stands here; the rest comes from outside.
pub fn settings(outside: Settings) -> Settings {
    Settings { site_name: "Minor Swing".into(), ..outside }
}
