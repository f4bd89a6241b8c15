//! What a visitor likes, kept in the visitor's own browser: an app without tables.

use std::time::Duration;

use nuages::minijinja::Value;
use nuages::{App, Global, RequestExt};
use poem::Request;

pub mod urls;
pub mod views;

const DAY: Duration = Duration::from_secs(60 * 60 * 24);
const YEAR: Duration = DAY.saturating_mul(365);

const THEME: &str = "theme";
const THEMES: [&str; 2] = ["light", "dark"];
const NOTICE: &str = "notice";

/// What a visitor likes, as an app. Every template may use `theme` and `notice_is_hidden`.
pub fn app() -> App {
    App::new("preferences")
        .context("theme", Global::ready(|request| Value::from(theme(request))))
        .context("notice_is_hidden", Global::ready(|request| Value::from(notice_is_hidden(request))))
}

/// `light` or `dark`; `auto`, which leaves it to the browser, unless one was chosen.
fn theme(request: &Request) -> &'static str {
    let chosen = request.cookie(THEME);
    THEMES.into_iter().find(|theme| chosen.as_deref() == Some(theme)).unwrap_or("auto")
}

fn notice_is_hidden(request: &Request) -> bool {
    request.cookie(NOTICE).is_some()
}
