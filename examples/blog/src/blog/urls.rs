//! The addresses of the blog.

use nuages::Routes;

use super::views;

/// `blog:index`, `blog:post` and `blog:write`.
pub fn routes() -> Routes {
    Routes::new()
        .app_name("blog")
        .path("", views::index, "index")
        .path("post/<int:id>/", views::post_detail, "post")
        .path("write/", views::write, "write")
}
