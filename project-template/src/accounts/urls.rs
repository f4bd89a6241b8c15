//! The addresses of the users' pages, beside those that `nuages_auth` brings: log in, log out,
//! another password, another address, sessions and the rest.

use nuages::Routes;

use super::views;

/// `accounts:signup` and `accounts:profile`.
pub fn routes() -> Routes {
    Routes::new()
        .app_name("accounts")
        .path("signup/", views::signup, "signup")
        .path("profile/", views::profile, "profile")
}
