//! Posts: to read for everyone, to write for those who have signed up.

use nuages::App;

pub mod forms;
pub mod migrations;
pub mod models;
pub mod urls;
pub mod views;

/// Posts, as an app.
pub fn app() -> App {
    App::new("blog").model::<models::Post>().migrations(migrations::all())
}
