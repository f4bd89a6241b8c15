//! What a page costs: how many statements reach the database.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::test::{Answer, Client};
use nuages_auth::ForceLogin;
use nuages_tests::kind::Kind;
use nuages_tests::queries::{ALONE, listened};
use nuages_tests::site::{self, PASSWORD};

nuages_tests::promises!(
    what_nobody_looks_at_costs_nothing,
    session_and_user_come_in_one_query,
    a_stranger_costs_nothing,
    a_change_of_the_session_costs_one_write,
    a_failed_login_costs_one_query,
);

/// Opens a page, which must cost so many statements.
#[track_caller]
fn assert_cost((answer, statements): (Answer, Vec<String>), most: usize, what: &str) {
    answer.assert_ok();
    assert_eq!(statements.len(), most, "{what}: {statements:#?}");
}

async fn signed_in(on: Kind) -> Client {
    let client = site::client(on).await;
    client.force_login(&site::user(&client, "ann").await).await;
    client
}

async fn what_nobody_looks_at_costs_nothing(on: Kind) {
    let (_alone, client) = (ALONE.lock().await, signed_in(on).await);
    for path in
        ["/plain/", "/template/page/", "/template/form/", "/static/style.css", "/session/set/a/b/?end=500"]
    {
        assert_eq!(listened(client.get(path)).await.1, Vec::<String>::new(), "{path}");
    }
}

async fn session_and_user_come_in_one_query(on: Kind) {
    let (_alone, client) = (ALONE.lock().await, signed_in(on).await);
    for path in [
        "/me/",
        "/mine/",
        "/template/greeting/",
        "/template/everything/",
        "/accounts/profile/",
        "/session/read/a/",
    ] {
        assert_cost(listened(client.get(path)).await, 1, path);
    }
}

async fn a_stranger_costs_nothing(on: Kind) {
    let (_alone, client) = (ALONE.lock().await, site::client(on).await);
    client.set_cookie("sessionid", "no key of ours");
    for path in
        ["/me/", "/template/greeting/", "/template/everything/", "/session/read/a/", "/accounts/login/"]
    {
        assert_cost(listened(client.get(path)).await, 0, path);
    }
}

async fn a_change_of_the_session_costs_one_write(on: Kind) {
    let (_alone, client) = (ALONE.lock().await, site::client(on).await);
    assert_cost(listened(client.get("/session/set/a/b/")).await, 1, "the first one makes the row");
    assert_cost(listened(client.get("/session/set/a/c/")).await, 2, "it is read, and written");
}

async fn a_failed_login_costs_one_query(on: Kind) {
    let (_alone, client) = (ALONE.lock().await, site::client(on).await);
    site::user(&client, "ann").await;
    for (name, password) in [("ann", "wrong"), ("eve", PASSWORD)] {
        assert_cost(listened(client.login(name, password)).await, 1, name);
    }
}
