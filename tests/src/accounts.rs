//! People of the test site who have an e-mail address, and what they find in their mail.

use crate::kind::Kind;
use crate::site::{self, PASSWORD, User};
use nuages::test::{Answer, Client};
use nuages::{Model, Settings};

/// What the links of all mails begin with.
pub const ORIGIN: &str = "https://www.site.example";
/// Where one is after login.
pub const PROFILE: &str = "/accounts/profile/";
/// Another password that every rule accepts.
pub const NEW: &str = "amber-lantern-43";
/// What a page says of a link that proves nothing.
pub const DEAD: &str = "The link does not work";

/// A visitor of the site, whose mails have links to [`ORIGIN`].
pub async fn open(on: Kind) -> Client {
    open_with(on, |_| {}).await
}

/// The same with other settings.
pub async fn open_with(on: Kind, change: impl FnOnce(&mut Settings)) -> Client {
    let project = site::project(on).settings(|settings| {
        settings.site_url = Some(ORIGIN.into());
        change(settings);
    });
    Client::new(project).await
}

/// A user with the usual password, and the address `name@site.example`.
///
/// # Panics
/// If the name is taken.
pub async fn user(client: &Client, name: &str) -> User {
    let mut user = site::user(client, name).await;
    user.email = format!("{name}@site.example");
    user.save(client.db()).await.unwrap_or_else(|error| panic!("no address for {name}: {error}"));
    user
}

/// The user of this name, as the table has them now.
///
/// # Panics
/// If there is none.
pub async fn named(client: &Client, name: &str) -> User {
    let user = User::objects(client.db()).get(User::USERNAME.eq(name)).await;
    user.unwrap_or_else(|error| panic!("no user {name}: {error}"))
}

/// Another browser, in which this user has logged in.
pub async fn signed_in(client: &Client, name: &str) -> Client {
    let browser = client.another();
    browser.login(name, PASSWORD).await.assert_redirect(PROFILE);
    browser
}

/// Who is signed in in this browser, or `nobody`.
pub async fn who(client: &Client) -> String {
    client.get("/me/").await.assert_ok().text().to_owned()
}

/// The paths of the links in all mails, oldest first.
pub fn links(client: &Client) -> Vec<String> {
    let path =
        |mail: nuages::EmailMessage| Some(mail.body().split_once(ORIGIN)?.1.lines().next()?.to_owned());
    client.outbox().into_iter().filter_map(path).collect()
}

/// The path of the link in the last mail.
///
/// # Panics
/// If there is none.
pub fn link(client: &Client) -> String {
    links(client).pop().expect("there is a mail with a link")
}

/// A page without what differs each time, and without the name that was typed.
pub fn words(page: &Answer, name: &str) -> String {
    let differs = |line: &&str| line.contains("csrfmiddlewaretoken") || line.contains("nonce=");
    let lines = page.text().lines().filter(|line| !differs(line));
    let shown = |name: &str| format!("value=\"{name}\"");
    lines.collect::<Vec<_>>().join("\n").replace(&shown(name), &shown("NAME"))
}
