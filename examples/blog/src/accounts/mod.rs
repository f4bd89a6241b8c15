//! The people who write.

use nuages::App;

pub mod forms;
pub mod migrations;
pub mod models;
pub mod urls;
pub mod views;

/// The people who write, as an app.
pub fn app() -> App {
    App::new("accounts").model::<models::User>().migrations(migrations::all())
}
