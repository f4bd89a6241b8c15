//! The addresses of the first page.

use nuages::Routes;

use super::views;

/// `home:index`.
pub fn routes() -> Routes {
    Routes::new()
        .app_name("home")
        .path("", views::index, "index")
}
