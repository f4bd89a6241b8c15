//! The people who write.

pub mod migrations;
pub mod models;
pub mod urls;
pub mod views;

use nuages::App;

/// The people who write, as an app.
pub fn app() -> App {
    App::new("accounts").model::<models::User>().migrations(migrations::all())
}
