//! What the first page shows.

use nuages::{RequestExt, Result, context, render};
use poem::{Request, Response, handler};

/// Shows the first page, and counts the visits of whoever has a session: nobody gets one for coming by.
#[handler]
pub async fn index(request: &Request) -> Result<Response> {
    let session = request.session();
    if session.may_hold_data() {
        session.update("visits", |visits: &mut u32| *visits += 1)?;
    }
    let visits = session.get::<u32>("visits").await?;
    render(request, "home/index.html", context! { visits }).await
}
