//! People of the test site with an authenticator app, and what they type.

#![allow(clippy::unwrap_used, reason = "a test may")]

use crate::accounts::{named, signed_in, user};
use crate::site::PASSWORD;
use nuages::Model;
use nuages::chrono::{TimeDelta, Utc};
use nuages::test::{Answer, Client};
use nuages_auth::two_factor::TwoFactorRow;

/// The second step of logging in.
pub const CODE_PAGE: &str = "/accounts/login/code/";
/// Whether it is on.
pub const HOME: &str = "/accounts/two_factor/";
/// The app's key, and its first code.
pub const SETUP: &str = "/accounts/two_factor/setup/";
/// New recovery codes.
pub const CODES: &str = "/accounts/two_factor/codes/";
/// Off again.
pub const REMOVE: &str = "/accounts/two_factor/remove/";

/// What the site knows of this user's app.
///
/// # Panics
/// If there is none.
pub async fn row(client: &Client, name: &str) -> TwoFactorRow {
    let id = named(client, name).await.id.to_string();
    TwoFactorRow::objects(client.db()).get(TwoFactorRow::USER_ID.eq(id)).await.unwrap()
}

/// The code that the user's phone shows, which no test has to wait for: that the last one was used is forgotten.
///
/// # Panics
/// If the user has no app.
pub async fn code(client: &Client, name: &str) -> String {
    let row = row(client, name).await;
    let rows = TwoFactorRow::objects(client.db()).filter(TwoFactorRow::USER_ID.eq(&row.user_id));
    rows.update([TwoFactorRow::LAST_STEP.set(0)]).await.unwrap();
    row.secret.code(Utc::now())
}

/// Another text of six digits than the codes of this moment.
///
/// # Panics
/// If the user has no app.
pub async fn wrong_code(client: &Client, name: &str) -> String {
    let secret = row(client, name).await.secret;
    let right = [-30, 0, 30].map(|seconds| secret.code(Utc::now() + TimeDelta::seconds(seconds)));
    let others = ["111111", "222222", "333333", "444444"].into_iter();
    others.map(str::to_owned).find(|code| !right.contains(code)).unwrap()
}

/// Turns it on in this browser, and answers the recovery codes.
///
/// # Panics
/// If a page answers something else.
pub async fn turn_on(browser: &Client, name: &str) -> Vec<String> {
    browser.post(HOME, &[("password", PASSWORD)]).await.assert_redirect(SETUP);
    let page = browser.post(SETUP, &[("code", &code(browser, name).await)]).await;
    recovery_codes(page.assert_ok())
}

/// The recovery codes that a page shows.
pub fn recovery_codes(page: &Answer) -> Vec<String> {
    let items = page.text().split("<li><code>").skip(1);
    items.filter_map(|item| item.split("</code>").next()).map(str::to_owned).collect()
}

/// A user who has it, in a browser of their own, and the recovery codes.
///
/// # Panics
/// If the name is taken.
pub async fn protected(client: &Client, name: &str) -> (Client, Vec<String>) {
    user(client, name).await;
    let browser = signed_in(client, name).await;
    let codes = turn_on(&browser, name).await;
    assert_eq!(codes.len(), 10);
    (browser, codes)
}

/// Another browser, in which the password was right.
///
/// # Panics
/// If no code is asked for.
pub async fn halfway(client: &Client, name: &str) -> Client {
    let browser = client.another();
    browser.login(name, PASSWORD).await.assert_redirect(CODE_PAGE);
    browser
}

/// Types a code in the second step.
pub async fn enter(browser: &Client, code: &str) -> Answer {
    browser.post(CODE_PAGE, &[("code", code)]).await
}
