//! The addresses that choices are sent to.

use nuages::Routes;
use poem::post;

use super::views;

/// `preferences:theme` and `preferences:hide_notice`.
pub fn routes() -> Routes {
    Routes::new()
        .app_name("preferences")
        // POST alone: an address that is merely opened changes nothing.
        .path("theme/", post(views::theme), "theme")
        .path("hide-notice/", post(views::hide_notice), "hide_notice")
}
