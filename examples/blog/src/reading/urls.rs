//! The addresses of the reading list.

use nuages::Routes;
use poem::{get, post};

use super::views;

/// `reading:list`, `reading:keep` and `reading:drop`.
pub fn routes() -> Routes {
    Routes::new()
        .app_name("reading")
        .path("", get(views::list), "list")
        .path("keep/<int:id>/", post(views::keep), "keep")
        .path("drop/<int:id>/", post(views::drop), "drop")
}
