//! What the first page shows.

use nuages::{Result, context, render};
use poem::{Request, Response, handler};

/// Shows the first page.
#[handler]
pub async fn index(request: &Request) -> Result<Response> {
    render(request, "home/index.html", context! {}).await
}
