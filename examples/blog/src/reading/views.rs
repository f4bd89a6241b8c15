//! The reading list's page, and the two buttons.

use nuages::{Database, RequestExt, Result, context, messages, redirect, redirect_to, render};
use poem::web::Path;
use poem::{Request, Response, handler};

use crate::blog::models::Post;

/// Shows the posts that are kept, and those that were read last.
#[handler]
pub async fn list(request: &Request, db: Database) -> Result<Response> {
    let session = request.session();
    let kept = posts(&db, super::list(session).await?).await?;
    let recent = posts(&db, super::recent(session).await?).await?;
    let opened = super::opened(session).await?;
    render(request, "reading/list.html", context! { kept, recent, opened }).await
}

/// Keeps a post for later.
#[handler]
pub async fn keep(Path(id): Path<i64>, request: &Request, db: Database) -> Result<Response> {
    let post = Post::published(&db).get(Post::ID.eq(id)).await?;
    super::keep(request.session(), post.id)?;
    messages::success(request, format!("“{}” is on your reading list.", post.title));
    redirect_to(request, "blog:post", &[("id", &id)])
}

/// Takes a post off the list.
#[handler]
pub async fn drop(Path(id): Path<i64>, request: &Request) -> Result<Response> {
    super::drop_from_list(request.session(), id)?;
    redirect(request, "reading:list")
}

/// The posts with these keys, in this order; one that is gone is left out.
async fn posts(db: &Database, keys: Vec<i64>) -> Result<Vec<Post>> {
    let mut found = Post::published(db).in_bulk(keys.clone()).await?;
    Ok(keys.iter().filter_map(|key| found.remove(key)).collect())
}
