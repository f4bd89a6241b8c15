//! The site's users.

use nuages::App;

pub mod forms;
pub mod migrations;
pub mod models;
pub mod urls;
pub mod views;

/// The site's users, as an app.
pub fn app() -> App {
    App::new("accounts")
        .model::<models::User>()
        .migrations(migrations::all())
}
