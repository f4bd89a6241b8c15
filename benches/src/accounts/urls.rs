//! The addresses of the people's pages.

use nuages::Routes;

use super::views;

/// `accounts:login` and `accounts:profile`.
pub fn routes() -> Routes {
    Routes::new().app_name("accounts").path("login", views::login, "login").path(
        "profile",
        views::profile,
        "profile",
    )
}
