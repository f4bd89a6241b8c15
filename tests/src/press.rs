//! A site with permissions, and pages that not everybody may see.

mod backends;
mod views;

pub use backends::{Blocklist, Broken, Card, CardBackend, Editors, NoEdits};

use crate::kind::Kind;
use crate::site::{self, User};
use nuages::test::Client;
use nuages::{App, Migration, Model, Project, Settings};
use nuages_auth::{AuthApp, NewUser, Passwords};

/// Something to be published.
#[derive(Clone, Debug, Model)]
#[model(app = "press", permissions("publish_article" = "Can publish article", "pin_article" = "Can pin article"))]
pub struct Article {
    /// The key.
    pub id: i64,
    /// The title.
    #[model(max_length = 100)]
    pub title: String,
}

/// Something that can only be looked at.
#[derive(Clone, Debug, Model)]
#[model(app = "press", default_permissions("view"))]
pub struct PrintRun {
    /// The key.
    pub id: i64,
}

/// The site, with these choices about its auth.
pub fn project(on: Kind, auth: AuthApp<User>) -> Project {
    with(site::settings(on, true), auth)
}

/// The site with the settings that the environment has: for a real process.
pub fn from_settings(settings: nuages::Result<Settings>) -> Project {
    with(settings, AuthApp::new())
}

fn with(settings: nuages::Result<Settings>, auth: AuthApp<User>) -> Project {
    Project::new(settings)
        .templates(nuages::dir!("templates"))
        .static_files(nuages::dir!("static"))
        .app(nuages::sessions::app())
        .app(nuages::messages::app())
        .app(auth.app())
        .app(App::new("accounts").model::<User>().migrations([site::migrations::accounts()]))
        .app(App::new("press").model::<Article>().model::<PrintRun>().migrations([press()]))
        .urls(views::routes())
}

/// A visitor of the site as it is without choices.
pub async fn client(on: Kind) -> Client {
    Client::new(project(on, AuthApp::new())).await
}

/// A user who may be anything.
///
/// # Panics
/// If the name is taken.
pub async fn user(client: &Client, name: &str, change: impl FnOnce(&mut User)) -> User {
    let mut user = site::user(client, name).await;
    change(&mut user);
    user.save(client.db()).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    user
}

/// A user with an e-mail address and the usual password.
///
/// # Panics
/// If the name is taken.
pub async fn user_with_email(client: &Client, name: &str, email: &str) -> User {
    let new = NewUser::<User>::new(name).password(site::PASSWORD).set("email", email);
    new.create(client.db(), &Passwords::default())
        .await
        .unwrap_or_else(|error| panic!("no user {name}: {error}"))
}

fn press() -> Migration {
    Migration::new("0001_initial")
        .create_table("press_article", |table| {
            table.for_model("Article");
            table.big_auto("id");
            table.text("title").max_length(100);
        })
        .create_table("press_printrun", |table| {
            table.for_model("PrintRun");
            table.big_auto("id");
        })
}
