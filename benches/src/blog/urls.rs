//! The addresses of the blog.

use nuages::Routes;
use poem::post;

use super::views;

/// `blog:index` and the like.
pub fn routes() -> Routes {
    Routes::new()
        .app_name("blog")
        .path("", views::index, "index")
        .path("ping", views::ping, "ping")
        .path("posts/new", views::write, "write")
        .path("posts", post(views::publish), "publish")
}
