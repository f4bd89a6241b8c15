//! The pages of the blog.

use nuages::{Database, FormData, Model, Result, context, redirect, render};
use nuages_auth::CurrentUser;
use poem::{Request, Response, handler};

use super::forms::post_form;
use super::models::Post;
use crate::accounts::models::User;

/// Posts on the front page.
const NEWEST: u64 = 20;

/// Lists the newest posts.
#[handler]
pub async fn index(request: &Request, db: Database) -> Result<Response> {
    let posts = Post::objects(&db).limit(NEWEST).all().await?;
    render(request, "blog/index.html", context! { posts }).await
}

/// Says that the site is there.
#[handler]
pub async fn ping() -> &'static str {
    "pong"
}

/// Shows the form for a new post; a stranger is sent to log in.
#[handler]
pub async fn write(_user: CurrentUser<User>, request: &Request, data: FormData) -> Result<Response> {
    let form = post_form(data);
    render(request, "blog/write.html", context! { form }).await
}

/// Publishes a post.
#[handler]
pub async fn publish(
    user: CurrentUser<User>,
    request: &Request,
    db: Database,
    data: FormData,
) -> Result<Response> {
    let form = post_form(data);
    if form.is_valid() {
        Post::new(&user, form.value("title"), form.value("body")).create(&db).await?;
        return redirect(request, "blog:index");
    }
    render(request, "blog/write.html", context! { form }).await
}
