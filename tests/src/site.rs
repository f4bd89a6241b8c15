//! A small site that the promises are tested on.

pub mod migrations;
pub mod models;
pub mod music;
mod views;

pub use models::{Everything, Post, User};
pub use views::{FINISHED, STARTED};

use crate::kind::Kind;
use nuages::test::Client;
use nuages::{App, Project, Routes, Settings};
use nuages_auth::{AbstractUser, NewUser, Passwords};
use poem::{get, post};

/// A key that is good enough for production.
pub const SECRET_KEY: &str = "kJ8vQ2mX5nB7cR4tY9wZ3pL6sD1fG0hAeUiOxMqTbVyNzKjHgF";
/// A password that every rule accepts.
pub const PASSWORD: &str = "mauve-lantern-42";

/// The site in debug.
pub fn project(on: Kind) -> Project {
    with(settings(on, true))
}

/// The site as strangers meet it: debug off.
pub fn production(on: Kind) -> Project {
    with(settings(on, false))
}

/// The site with the settings that the environment has: for a real process. `NUAGES_TEST_SITE` may say that it is another.
pub fn from_env() -> Project {
    let settings = Settings::from_env();
    match std::env::var("NUAGES_TEST_SITE").as_deref() {
        Err(_) => with(settings),
        Ok("postbox") => with(settings).email(|_| Ok(crate::mail_server::Postbox)),
        Ok("django") => crate::django::project(settings),
        Ok("long") => crate::long::project(settings),
        Ok("press") => crate::press::from_settings(settings),
        Ok(fault) => crate::broken::project(settings, fault),
    }
}

/// A visitor of the site in debug.
pub async fn client(on: Kind) -> Client {
    Client::new(project(on)).await
}

/// A user with the usual password.
///
/// # Panics
/// If the name is taken.
pub async fn user(client: &Client, name: &str) -> User {
    let new = NewUser::<User>::new(name).password(PASSWORD);
    new.create_unchecked(client.db(), &Passwords::default())
        .await
        .unwrap_or_else(|error| panic!("no user {name}: {error}"))
}

/// Gives a user a password hash, or anything else in its place.
///
/// # Panics
/// If the row cannot be written.
pub async fn set_hash(client: &Client, name: &str, hash: &str) {
    use nuages::Model;
    let row = User::objects(client.db()).filter(User::USERNAME.eq(name));
    let rows = row.update([User::password_column().set(hash)]).await;
    assert_eq!(rows.unwrap_or_else(|error| panic!("{error}")), 1);
}

/// The settings of a site on a database of this kind.
pub fn settings(on: Kind, debug: bool) -> nuages::Result<Settings> {
    let url = on.url();
    let debug = if debug { "true" } else { "false" };
    let pairs = [("DEBUG", debug), ("SECRET_KEY", SECRET_KEY), ("ALLOWED_HOSTS", "localhost,testserver")];
    // Tests fail to log in more often than people do; `throttle.rs` has limits of its own.
    let unlimited = [("THROTTLE_PER_ACCOUNT", "0"), ("THROTTLE_PER_NETWORK", "0")];
    Settings::from_pairs(pairs.into_iter().chain(unlimited).chain([("DATABASE_URL", url.as_str())]))
}

/// The site in debug, with an auth app that has choices of its own.
pub fn with_auth(on: Kind, auth: App) -> Project {
    of_apps(settings(on, true), auth)
}

fn with(settings: nuages::Result<Settings>) -> Project {
    of_apps(settings, nuages_auth::app::<User>())
}

fn of_apps(settings: nuages::Result<Settings>, auth: App) -> Project {
    Project::new(settings)
        .templates(nuages::dir!("templates"))
        .static_files(nuages::dir!("static"))
        .app(nuages::sessions::app())
        .app(nuages::messages::app())
        .app(auth)
        .app(App::new("accounts").model::<User>().migrations([migrations::accounts()]))
        .app(blog())
        .app(music::app())
        .urls(routes())
}

fn blog() -> App {
    App::new("blog").model::<Post>().model::<Everything>().migrations([migrations::blog()])
}

fn routes() -> Routes {
    Routes::new()
        .include("/accounts/", nuages_auth::urls::<User>())
        .include("/accounts/", nuages_auth::account_urls::<User>())
        .include("/session/", session_routes())
        .include("/", pages())
}

fn session_routes() -> Routes {
    Routes::new()
        .path("set/<str:name>/<str:value>/", get(views::set), "set")
        .path("cycle-and-set/<str:name>/<str:value>/", get(views::cycle_and_set), "cycle_and_set")
        .path("read/<str:name>/", get(views::read_value), "read")
        .path("flush/", get(views::flush), "flush")
        .path("cycle/", get(views::cycle), "cycle")
        .path("clear/", get(views::clear), "clear")
        .path("count/", get(views::count), "count")
        .path("expire/<str:how>/", get(views::expire), "expire")
        .path("lives/", get(views::lives), "lives")
        .path("remove/<str:name>/", get(views::remove), "remove")
        .path("signed/<str:value>/", get(views::sign), "sign")
        .path("signed/", get(views::signed), "signed")
        .path("test-cookie/", get(views::test_cookie), "test_cookie")
        .path("login/", post(views::login_in_between), "login_in_between")
}

fn pages() -> Routes {
    Routes::new()
        .path("plain/", views::plain, "plain")
        .path("template/<str:name>/", get(views::template), "template")
        .path("message/<str:text>/", get(views::message), "message")
        .path("me/", get(views::me), "me")
        .path("mine/", get(views::mine), "mine")
        .path("password/", post(views::new_password), "password")
        .path("body/", views::echo, "body")
        .path("form/", views::form, "form")
        .path("own-headers/", get(views::own_headers), "own_headers")
        .path("post/<int:id>/", get(views::post_detail), "post")
        .path("mail/<str:subject>/", get(views::mail), "mail")
        .path("log/<str:word>/", get(views::log), "log")
        .path("slow/", get(views::slow), "slow")
        .path("slow-write/<int:wait>/", get(views::slow_write), "slow_write")
        .include("/api/", Routes::new().path("", views::echo, "api").csrf_exempt())
}
