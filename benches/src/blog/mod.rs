//! Posts.

pub mod forms;
pub mod migrations;
pub mod models;
pub mod seed;
pub mod urls;
pub mod views;

use nuages::App;

/// Posts, as an app.
pub fn app() -> App {
    App::new("blog").model::<models::Post>().migrations(migrations::all()).command(seed::command())
}
