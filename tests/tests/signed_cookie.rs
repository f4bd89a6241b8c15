//! Sessions in the visitor's own cookie: what they promise, and what they cannot.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::SessionStoreKind;
use nuages::test::Client;
use nuages_tests::kind::Kind;
use nuages_tests::place::{Place, attributes};
use nuages_tests::site::{self, PASSWORD};

nuages_tests::promises!(
    values_come_back_without_a_table,
    what_nobody_has_signed_is_no_session,
    a_former_key_still_reads_and_the_new_one_signs,
    a_password_that_is_changed_ends_all_sessions,
    a_session_ends_in_time_and_not_by_logout_elsewhere,
    more_than_fits_is_an_error_and_nothing_is_lost,
    there_is_no_list_of_a_users_sessions,
);

fn place(on: Kind) -> Place {
    Place { on, store: SessionStoreKind::SignedCookie }
}

async fn read(client: &Client, name: &str) -> String {
    client.get(&format!("/session/read/{name}/")).await.assert_ok().text().to_owned()
}

async fn values_come_back_without_a_table(on: Kind) {
    let client = place(on).client().await;
    client.db().close().await;
    for count in ["1", "2", "3"] {
        client.get("/session/count/").await.assert_text(count);
    }
    client.get("/session/set/colour/%C3%A9/").await.assert_ok();
    client.get("/session/cycle/").await.assert_ok();
    assert_eq!(read(&client, "colour").await, "\u{e9}");
    client.get("/session/remove/colour/").await.assert_ok();
    assert_eq!(read(&client, "colour").await, "nothing");
    client.get("/session/flush/").await.assert_ok();
    assert_eq!(client.cookie("sessionid"), None);
}

async fn what_nobody_has_signed_is_no_session(on: Kind) {
    let client = place(on).client().await;
    client.get("/session/set/colour/blue/").await.assert_ok();
    let signed = client.cookie("sessionid").unwrap();
    let (payload, rest) = signed.split_once(':').unwrap();
    for forged in [
        format!("{payload}x:{rest}"),
        format!("{signed}x"),
        signed.replace(rest, ""),
        "e30:1r31eq:dfGBtKmvRA8YW7aCzgiY5z-KwfC982Ly3U8vZzBwj1s".into(),
        ":".repeat(5000),
        ":::".into(),
    ] {
        client.set_cookie("sessionid", &forged);
        assert_eq!(read(&client, "colour").await, "nothing", "{forged}");
    }
    client.set_cookie("sessionid", &signed);
    assert_eq!(read(&client, "colour").await, "blue");
}

async fn a_former_key_still_reads_and_the_new_one_signs(on: Kind) {
    let before = place(on).client().await;
    before.get("/session/set/colour/blue/").await.assert_ok();
    let project = place(on).project().settings(|settings| {
        let old = std::mem::replace(&mut settings.secret_key, "another-key-for-the-tests".into());
        settings.secret_key_fallbacks = vec![old];
    });
    let after = Client::new(project).await;
    after.set_cookie("sessionid", &before.cookie("sessionid").unwrap());
    assert_eq!(read(&after, "colour").await, "blue");
    after.get("/session/set/size/small/").await.assert_ok();
    before.set_cookie("sessionid", &after.cookie("sessionid").unwrap());
    assert_eq!(read(&before, "colour").await, "nothing", "it is signed with the new key");
}

async fn a_password_that_is_changed_ends_all_sessions(on: Kind) {
    let client = place(on).client().await;
    site::user(&client, "ann").await;
    client.login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
    client.get("/me/").await.assert_text("ann");
    site::set_hash(&client, "ann", "!").await;
    client.get("/me/").await.assert_text("nobody");
}

async fn a_session_ends_in_time_and_not_by_logout_elsewhere(on: Kind) {
    let client = place(on).client().await;
    site::user(&client, "ann").await;
    client.login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
    let copy = client.cookie("sessionid").unwrap();
    client.post("/accounts/logout/", &[]).await.assert_ok();
    client.get("/me/").await.assert_text("nobody");
    client.set_cookie("sessionid", &copy);
    client.get("/me/").await.assert_text("ann");
    let short = client.get("/session/expire/1/").await;
    assert!(attributes(&short, "sessionid").contains(&"Max-Age=1".to_owned()), "{short:?}");
    tokio::time::sleep(std::time::Duration::from_millis(2100)).await;
    client.get("/me/").await.assert_text("nobody");
}

async fn more_than_fits_is_an_error_and_nothing_is_lost(on: Kind) {
    let client = place(on).client().await;
    client.get("/session/set/colour/blue/").await.assert_ok();
    let long: String = (0..2000_u32).map(|n| format!("{:x}", n.wrapping_mul(2_654_435_761))).collect();
    client.get(&format!("/session/set/long/{long}/")).await.assert_status(500);
    assert_eq!(read(&client, "colour").await, "blue");
}

async fn there_is_no_list_of_a_users_sessions(on: Kind) {
    let client = place(on).client().await;
    site::user(&client, "ann").await;
    client.login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
    client.get("/accounts/sessions/").await.assert_status(404);
}
