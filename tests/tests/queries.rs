//! What a page costs: how many statements reach the database.

use nuages::test::{Answer, Client};
use nuages_auth::ForceLogin;
use nuages_tests::kind::Kind;
use nuages_tests::queries::{ALONE, counted};
use nuages_tests::site::{self, PASSWORD};

nuages_tests::promises!(
    what_nobody_looks_at_costs_nothing,
    session_and_user_come_in_one_query,
    a_stranger_costs_nothing,
    a_change_of_the_session_costs_one_write,
    a_failed_login_costs_one_query,
);

async fn cost(client: &Client, path: &str) -> (Answer, usize) {
    let (answer, queries) = counted(client.get(path)).await;
    answer.assert_ok();
    (answer, queries)
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
        assert_eq!(counted(client.get(path)).await.1, 0, "{path}");
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
        assert_eq!(cost(&client, path).await.1, 1, "{path}");
    }
}

async fn a_stranger_costs_nothing(on: Kind) {
    let (_alone, client) = (ALONE.lock().await, site::client(on).await);
    client.set_cookie("sessionid", "no key of ours");
    for path in
        ["/me/", "/template/greeting/", "/template/everything/", "/session/read/a/", "/accounts/login/"]
    {
        assert_eq!(cost(&client, path).await.1, 0, "{path}");
    }
}

async fn a_change_of_the_session_costs_one_write(on: Kind) {
    let (_alone, client) = (ALONE.lock().await, site::client(on).await);
    assert_eq!(cost(&client, "/session/set/a/b/").await.1, 1, "the first one makes the row");
    assert_eq!(cost(&client, "/session/set/a/c/").await.1, 2, "it is read, and written");
}

async fn a_failed_login_costs_one_query(on: Kind) {
    let (_alone, client) = (ALONE.lock().await, site::client(on).await);
    site::user(&client, "ann").await;
    for (name, password) in [("ann", "wrong"), ("eve", PASSWORD)] {
        let (answer, queries) = counted(client.login(name, password)).await;
        assert_eq!((answer.status(), queries), (200, 1));
    }
}
