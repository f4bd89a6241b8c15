//! The first page. A new app starts as a copy of this folder.

use nuages::App;

pub mod urls;
pub mod views;

/// The first page, as an app.
pub fn app() -> App {
    App::new("home")
}
