//! The measured site: what its program runs, and what is measured without a server.

mod accounts;
mod blog;
mod settings;
mod urls;

pub use accounts::models::User;

use nuages::Project;

/// The site.
pub fn project() -> Project {
    Project::new(settings::settings())
        .templates(nuages::dir!("templates"))
        .app(nuages::sessions::app())
        .app(nuages::messages::app())
        .app(nuages_auth::app::<settings::AuthUserModel>())
        .app(accounts::app())
        .app(blog::app())
        .urls(urls::routes())
}
