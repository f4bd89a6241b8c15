//! Posts: to read for everyone, to write for those who have signed up.

use nuages::minijinja::Value;
use nuages::{App, Global};

pub mod forms;
pub mod migrations;
pub mod models;
pub mod urls;
pub mod views;

/// Posts, as an app. Every template may use `date(…)`.
pub fn app() -> App {
    App::new("blog")
        .model::<models::Post>()
        .migrations(migrations::all())
        .context("date", Global::ready(|_| Value::from_function(date)))
}

/// A moment as people write its day: `4 July 2026`.
fn date(moment: &str) -> String {
    let read = nuages::chrono::DateTime::parse_from_rfc3339(moment);
    read.map_or_else(|_| moment.to_owned(), |moment| moment.format("%-d %B %Y").to_string())
}
