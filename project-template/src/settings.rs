//! The settings of the site.

use nuages::{Result, Settings};

/// The site's user. Fixed before the first migration, which is why it is here from the start.
pub type AuthUserModel = crate::accounts::models::User;

/// What is the same on every machine stands here; the rest comes from the environment and `.env`.
pub fn settings() -> Result<Settings> {
    Settings::from_env_or(Settings {
        site_name: "{{ project-name }}".into(),

        // The rules that a new password must keep. A list of breached ones can come to them:
        // "breached_password:/path/to/pwnedpasswords.txt".
        auth_password_validators: [
            "user_attribute_similarity",
            "minimum_length:8",
            "common_password",
            "context_words",
        ]
        .map(str::to_owned)
        .to_vec(),
        // Nobody stays signed in for more than 30 days, however often they come by.
        session_absolute_age: Some(60 * 60 * 24 * 30),

        // Outside debug: http is sent to https, and for a year browsers ask for nothing else, here
        // and on all subdomains. Shorten the year until every subdomain has https.
        secure_ssl_redirect: true,
        secure_hsts_seconds: 60 * 60 * 24 * 365,
        secure_hsts_include_subdomains: true,
        secure_hsts_preload: false,

        ..Settings::default()
    })
}
