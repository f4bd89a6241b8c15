//! The site, put together.

use nuages::Project;

pub mod accounts;
pub mod home;
pub mod settings;
pub mod urls;

/// The site: what the server runs and the tests drive.
pub fn project() -> Project {
    Project::new(settings::settings())
        .templates(nuages::dir!("templates"))
        .static_files(nuages::dir!("static"))
        .app(nuages::sessions::app())
        .app(nuages::messages::app())
        .app(nuages_auth::app::<settings::AuthUserModel>())
        .app(accounts::app())
        .app(home::app())
        .urls(urls::routes())
}
