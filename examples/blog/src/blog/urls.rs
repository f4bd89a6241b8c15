//! The addresses of the blog.

use nuages::Routes;
use nuages_auth::permission_required;
use poem::post;

use super::{PUBLISH, views};

/// `blog:index`, `blog:post`, `blog:write` and the like.
pub fn routes() -> Routes {
    Routes::new()
        .app_name("blog")
        .path("", views::index, "index")
        .path("post/<int:id>/", views::post_detail, "post")
        .path("post/<int:id>/publish/", permission_required(PUBLISH, post(views::publish)), "publish")
        .path("post/<int:id>/delete/", post(views::delete), "delete")
        .path("write/", views::write, "write")
        .path("drafts/", views::drafts, "drafts")
}
