//! Choices: each is a cookie, and leads back to the page where it was made.

use nuages::cookies::SetCookie;
use nuages::{FormData, RequestExt, ResponseExt, Result, redirect_back};
use poem::{Request, Response, handler};

use super::{DAY, NOTICE, THEME, THEMES, YEAR};

/// Keeps the theme for a year; anything but `light` and `dark` leaves it to the browser again.
#[handler]
pub async fn theme(request: &Request, data: FormData) -> Result<Response> {
    let chosen = data.get(THEME).filter(|chosen| THEMES.contains(chosen));
    let cookie = match chosen {
        Some(theme) => request.new_cookie(THEME, theme).max_age(YEAR),
        None => SetCookie::delete(THEME),
    };
    back(request, &data, cookie)
}

/// Hides the notice for a day.
#[handler]
pub async fn hide_notice(request: &Request, data: FormData) -> Result<Response> {
    back(request, &data, request.new_cookie(NOTICE, "hidden").max_age(DAY))
}

/// To the page that the form was on if it is one of ours, otherwise to the front page.
fn back(request: &Request, data: &FormData, cookie: SetCookie) -> Result<Response> {
    let next = data.get("next").unwrap_or_default();
    redirect_back(request, next, "blog:index")?.with_cookie(&cookie)
}
