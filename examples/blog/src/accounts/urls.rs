//! The addresses of the people's pages: three of our own, and all that `nuages_auth` brings.

use nuages::Routes;
use poem::post;

use super::models::User;
use super::views;

/// `login`, `accounts:signup`, `accounts:profile`, `password_reset` and the like.
pub fn routes() -> Routes {
    Routes::new()
        .path("login/", views::login, "login")
        .path("logout/", post(views::logout), "logout")
        .path("profile/", views::profile, "accounts:profile")
        .path("profile/bio/", views::bio, "accounts:bio")
        .include("", nuages_auth::all_urls::<User>().without(["login", "logout", "accounts:profile"]))
}
