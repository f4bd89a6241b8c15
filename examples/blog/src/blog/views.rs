//! The pages of the blog.

use nuages::chrono::Utc;
use nuages::{
    Database, Error, FormData, Model, RequestExt, ResponseExt, Result, context, messages, redirect,
    redirect_to, render,
};
use nuages_auth::{CurrentUser, MaybeUser, UserPermissions};
use poem::web::Path;
use poem::{Request, Response, handler};

use super::forms::PostForm;
use super::models::Post;
use super::{DELETE, PUBLISH};
use crate::accounts::models::User;
use crate::reading;

/// Posts on the front page.
const NEWEST: u64 = 20;
/// The cookie that remembers which post was opened last.
const LAST_READ: &str = "last_read";

/// Lists the newest posts.
#[handler]
pub async fn index(request: &Request, db: Database) -> Result<Response> {
    let posts = Post::published(&db).select_related(Post::AUTHOR).limit(NEWEST).all().await?;
    let last_read = last_read(request, &db).await?;
    render(request, "blog/index.html", context! { posts, last_read }).await
}

/// Shows one post, and remembers it until the browser closes. A draft is for its author and for editors.
#[handler]
pub async fn post_detail(
    Path(id): Path<i64>,
    user: MaybeUser<User>,
    request: &Request,
    db: Database,
) -> Result<Response> {
    let post = Post::objects(&db).select_related(Post::AUTHOR).get(Post::ID.eq(id)).await?;
    if !may_read(request, user.as_deref(), &post).await? {
        return Err(Error::DoesNotExist("Post"));
    }
    let is_kept = reading::list(request.session()).await?.contains(&id);
    reading::remember(request.session(), id)?;
    let page = render(request, "blog/post.html", context! { post, is_kept }).await?;
    page.with_cookie(&request.new_cookie(LAST_READ, &id.to_string()))
}

/// Keeps a draft; a stranger is sent to log in.
#[handler]
pub async fn write(
    user: CurrentUser<User>,
    request: &Request,
    db: Database,
    data: FormData,
) -> Result<Response> {
    let mut form = PostForm::form(data);
    if let Some(post) = form.save(&db, Post::by(&user)).await? {
        messages::success(request, "Your draft is kept.");
        return redirect_to(request, "blog:post", &[("id", &post.id)]);
    }
    render(request, "blog/write.html", context! { form }).await
}

/// Lists the drafts: a writer's own, and everyone's for editors.
#[handler]
pub async fn drafts(user: CurrentUser<User>, request: &Request, db: Database) -> Result<Response> {
    let drafts = Post::drafts(&db).select_related(Post::AUTHOR);
    let drafts = match user.has_perm(request, PUBLISH).await? {
        true => drafts,
        false => drafts.filter(Post::AUTHOR.eq(user.id)),
    };
    render(request, "blog/drafts.html", context! { drafts => drafts.all().await? }).await
}

/// Publishes a draft. Its route asks for the permission.
#[handler]
pub async fn publish(Path(id): Path<i64>, request: &Request, db: Database) -> Result<Response> {
    let draft = Post::drafts(&db).filter(Post::ID.eq(id));
    if draft.update([Post::PUBLISHED_AT.set(Some(Utc::now()))]).await? == 1 {
        messages::success(request, "The post is published.");
    }
    redirect_to(request, "blog:post", &[("id", &id)])
}

/// Deletes a post: its author may, and a moderator. For others there is none.
#[handler]
pub async fn delete(
    Path(id): Path<i64>,
    user: CurrentUser<User>,
    request: &Request,
    db: Database,
) -> Result<Response> {
    let posts = match user.has_perm(request, DELETE).await? {
        true => Post::objects(&db),
        false => Post::AUTHOR.of(&db, &user),
    };
    let post = posts.get(Post::ID.eq(id)).await?;
    post.delete(&db).await?;
    messages::success(request, format!("“{}” is deleted.", post.title));
    redirect(request, "blog:index")
}

async fn may_read(request: &Request, user: Option<&User>, post: &Post) -> Result<bool> {
    match user {
        _ if post.published_at.is_some() => Ok(true),
        Some(user) if post.is_by(user) => Ok(true),
        Some(user) => user.has_perm(request, PUBLISH).await,
        None => Ok(false),
    }
}

async fn last_read(request: &Request, db: &Database) -> Result<Option<Post>> {
    let id = request.cookie(LAST_READ).and_then(|id| id.parse::<i64>().ok());
    match id {
        Some(id) => Post::published(db).filter(Post::ID.eq(id)).first().await,
        None => Ok(None),
    }
}
