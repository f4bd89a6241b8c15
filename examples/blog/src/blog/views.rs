//! The pages of the blog.

use nuages::{
    Database, FormData, Model, RequestExt, ResponseExt, Result, context, messages, redirect_to, render,
};
use nuages_auth::CurrentUser;
use poem::web::Path;
use poem::{Request, Response, handler};

use super::forms::PostForm;
use super::models::Post;
use crate::accounts::models::User;
use crate::reading;

/// Posts on the front page.
const NEWEST: u64 = 20;
/// The cookie that remembers which post was opened last.
const LAST_READ: &str = "last_read";

/// Lists the newest posts.
#[handler]
pub async fn index(request: &Request, db: Database) -> Result<Response> {
    let posts = Post::objects(&db).select_related(Post::AUTHOR).limit(NEWEST).all().await?;
    let last_read = last_read(request, &db).await?;
    render(request, "blog/index.html", context! { posts, last_read }).await
}

/// Shows one post, and remembers it until the browser closes.
#[handler]
pub async fn post_detail(Path(id): Path<i64>, request: &Request, db: Database) -> Result<Response> {
    let post = Post::objects(&db).select_related(Post::AUTHOR).get(Post::ID.eq(id)).await?;
    let is_kept = reading::list(request.session()).await?.contains(&id);
    reading::remember(request.session(), id)?;
    let page = render(request, "blog/post.html", context! { post, is_kept }).await?;
    page.with_cookie(&request.new_cookie(LAST_READ, &id.to_string()))
}

/// Publishes a post; a stranger is sent to log in.
#[handler]
pub async fn write(
    user: CurrentUser<User>,
    request: &Request,
    db: Database,
    data: FormData,
) -> Result<Response> {
    let mut form = PostForm::form(data);
    if let Some(post) = form.save(&db, Post::by(&user)).await? {
        messages::success(request, "Your post is published.");
        return redirect_to(request, "blog:post", &[("id", &post.id)]);
    }
    render(request, "blog/write.html", context! { form }).await
}

async fn last_read(request: &Request, db: &Database) -> Result<Option<Post>> {
    let id = request.cookie(LAST_READ).and_then(|id| id.parse::<i64>().ok());
    match id {
        Some(id) => Post::objects(db).filter(Post::ID.eq(id)).first().await,
        None => Ok(None),
    }
}
