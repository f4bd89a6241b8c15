//! Runs the measured site and its commands.

mod accounts;
mod blog;
mod settings;
mod urls;

use std::process::ExitCode;

use nuages::Project;

#[tokio::main]
async fn main() -> ExitCode {
    nuages::manage(project()).await
}

fn project() -> Project {
    Project::new(settings::settings())
        .templates(nuages::dir!("templates"))
        .app(nuages::sessions::app())
        .app(nuages::messages::app())
        .app(nuages_auth::app::<settings::AuthUserModel>())
        .app(accounts::app())
        .app(blog::app())
        .urls(urls::routes())
}
