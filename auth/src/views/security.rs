//! Where users are signed in, and what happened to their accounts.

use super::{page, signed_in};
use crate::AbstractUser;
use crate::events::{self, EventKind, EventRow, events_of};
use crate::sessions::{ago, device, shortened};
use nuages::chrono::Utc;
use nuages::{FormData, RequestExt, Result, context, messages, redirect};
use poem::http::Method;
use poem::{Request, Response};
use serde::Serialize;

/// Events that the page shows.
const NEWEST: u64 = 50;

/// Lists the user's sessions; on POST it ends the one that the form names, or all others.
pub(crate) async fn sessions<U: AbstractUser>(request: &Request, data: FormData) -> Result<Response> {
    let user = signed_in::<U>(request).await?;
    if request.method() != Method::POST {
        let sessions = crate::user_sessions::<U>(request).await?;
        return page(request, "registration/sessions.html", context! { sessions }).await;
    }
    let ended = match data.get("end") {
        Some("others") => {
            let ended = crate::end_other_sessions::<U>(request).await?;
            match ended {
                0 => messages::info(request, "There was no other session."),
                1 => messages::success(request, "The other session has ended."),
                ended => messages::success(request, format!("{ended} other sessions have ended.")),
            }
            ended > 0
        }
        id => {
            let ended = crate::end_session::<U>(request, id.unwrap_or_default()).await?;
            match ended {
                true => messages::success(request, "The session has ended."),
                false => messages::info(request, "That session had ended already."),
            }
            ended
        }
    };
    if ended {
        events::tell(request, EventKind::SessionEnded, Some(user.key().to_string())).await;
    }
    redirect(request, request.full_path())
}

/// Lists what happened to the account.
pub(crate) async fn activity<U: AbstractUser>(request: &Request) -> Result<Response> {
    let user = signed_in::<U>(request).await?;
    let rows = events_of(&request.db(), &user.key().to_string(), NEWEST).await?;
    let events: Vec<_> = rows.iter().map(Shown::of).collect();
    page(request, "registration/activity.html", context! { events }).await
}

/// An event as the page shows it.
#[derive(Serialize)]
struct Shown {
    text: String,
    device: String,
    address: String,
    when: String,
    at: String,
}

impl Shown {
    fn of(row: &EventRow) -> Self {
        Self {
            text: row.text().to_owned(),
            device: device(&row.user_agent),
            address: shortened(&row.address),
            when: ago(Utc::now() - row.at),
            at: row.at.format("%Y-%m-%d %H:%M UTC").to_string(),
        }
    }
}
