//! Posts: everyone reads them, whoever has signed up writes drafts, and editors publish.

use nuages::App;

pub mod commands;
pub mod forms;
pub mod migrations;
pub mod models;
pub mod urls;
pub mod views;

/// Who may publish, and who may delete what others wrote.
pub const PUBLISH: &str = "blog.publish_post";
pub const DELETE: &str = "blog.delete_post";

/// Posts, as an app.
pub fn app() -> App {
    App::new("blog").model::<models::Post>().migrations(migrations::all()).command(commands::promote())
}
