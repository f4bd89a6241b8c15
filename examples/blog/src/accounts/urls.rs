//! The addresses of the people's pages.

use nuages::Routes;
use poem::post;

use super::views;

/// `accounts:login` and the like.
pub fn routes() -> Routes {
    Routes::new()
        .app_name("accounts")
        .path("login/", views::login, "login")
        .path("logout/", post(views::logout), "logout")
        .path("profile/", views::profile, "profile")
        .path("profile/bio/", views::bio, "bio")
        .path("signup/", views::signup, "signup")
}
