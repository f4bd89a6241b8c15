//! The blog, put together.

use nuages::{Project, Result, Settings};

pub mod accounts;
pub mod blog;
pub mod preferences;
pub mod reading;
pub mod settings;
pub mod urls;

/// The site that the server runs.
pub fn project() -> Project {
    project_with(settings::settings())
}

/// The same site with settings from elsewhere: tests bring their own.
pub fn project_with(outside: Result<Settings>) -> Project {
    Project::new(outside)
        .templates(nuages::dir!("templates"))
        .static_files(nuages::dir!("static"))
        .app(nuages::sessions::app())
        .app(nuages::messages::app())
        .app(nuages_auth::app::<settings::AuthUserModel>())
        .app(accounts::app())
        .app(blog::app())
        .app(preferences::app())
        .app(reading::app())
        .urls(urls::routes())
}
