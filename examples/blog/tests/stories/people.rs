//! The people of the stories, and what they do again and again.

use blog::accounts::models::User;
use blog::blog::commands::editors;
use nuages::test::{Answer, Client};
use nuages::{Model, Settings};
use nuages_auth::UserPermissions;

pub const PASSWORD: &str = "mauve-lantern-42";
pub const SITE: &str = "https://swing.example";
pub const DEBUG: [(&str, &str); 3] =
    [("DEBUG", "true"), ("SECRET_KEY", "for-tests-alone"), ("SITE_URL", SITE)];
pub const PRODUCTION: [(&str, &str); 2] =
    [("SECRET_KEY", "kJ8vQ2mX5nB7cR4tY9wZ3pL6sD1fG0hAeUiOxMqTbVyNzKjHgF"), ("ALLOWED_HOSTS", "localhost")];

pub async fn visitor() -> Client {
    client(&DEBUG).await
}

/// A visitor of the blog where the environment says this.
pub async fn client(environment: &[(&str, &str)]) -> Client {
    let settings = Settings::from_pairs_or(environment.iter().copied(), blog::settings::defaults());
    Client::new(blog::project_with(settings)).await
}

/// Somebody who has just signed up and logged in.
pub async fn writer(name: &str) -> Client {
    let client = visitor().await;
    sign_up(&client, name).await;
    client
}

/// A writer whom the site has promoted.
pub async fn editor(name: &str) -> Client {
    let client = writer(name).await;
    promote(&client, name).await;
    client
}

pub async fn promote(client: &Client, name: &str) {
    let user = User::objects(client.db()).get(User::USERNAME.eq(name)).await.expect("somebody has that name");
    let editors = editors(client.db()).await.expect("migrate has made the permissions");
    user.add_to_group(client.db(), &editors).await.expect("a user can be in a group");
}

pub async fn sign_up(client: &Client, name: &str) {
    ask_for_an_account(client, name).await.assert_ok().assert_text("Look into your mail");
    client.post(&link_in_mail(client), &[]).await.assert_redirect("/accounts/login/");
    log_in(client, name, PASSWORD).await.assert_redirect("/");
}

pub async fn ask_for_an_account(client: &Client, name: &str) -> Answer {
    let email = address_of(name);
    let account = [("username", name), ("email", &email), ("password1", PASSWORD), ("password2", PASSWORD)];
    client.post("/accounts/signup/", &account).await
}

pub async fn log_in(client: &Client, name: &str, password: &str) -> Answer {
    client.post("/accounts/login/", &[("username", name), ("password", password)]).await
}

pub fn address_of(name: &str) -> String {
    format!("{name}@swing.example")
}

/// The path of the link in the mail that came last.
pub fn link_in_mail(client: &Client) -> String {
    let mail = client.outbox().pop().expect("a mail has come");
    let link = mail.body().split_whitespace().find_map(|word| word.strip_prefix(SITE));
    link.expect("the mail has a link").to_owned()
}

pub async fn write(client: &Client, title: &str, body: &str) -> String {
    let answer = client.post("/write/", &[("title", title), ("body", body)]).await;
    answer.location().expect("a draft is shown").to_owned()
}

pub async fn publish(client: &Client, title: &str, body: &str) -> String {
    let address = write(client, title, body).await;
    client.post(&format!("{address}publish/"), &[]).await.assert_redirect(&address);
    address
}

/// The `Set-Cookie` line of this name.
pub fn set_cookie<'a>(answer: &'a Answer, name: &str) -> &'a str {
    let is_it = |line: &&str| line.split('=').next() == Some(name);
    answer.headers("set-cookie").find(is_it).expect("the cookie is set")
}
