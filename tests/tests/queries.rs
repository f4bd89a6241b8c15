//! What a page costs: how many statements reach the database.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::Model;
use nuages::futures_util::{FutureExt, StreamExt};
use nuages::test::Client;
use nuages_auth::ForceLogin;
use nuages_tests::kind::Kind;
use nuages_tests::site::{self, PASSWORD, Post};
use std::panic::AssertUnwindSafe;

nuages_tests::promises!(
    what_nobody_looks_at_costs_nothing,
    session_and_user_come_in_one_query,
    a_stranger_costs_nothing,
    a_change_of_the_session_costs_one_write,
    a_failed_login_costs_the_same_whoever_it_was,
    a_wrong_count_shows_the_queries,
    each_site_is_counted_by_itself,
    every_way_to_the_database_is_counted,
);

async fn signed_in(on: Kind) -> Client {
    let client = site::client(on).await;
    client.force_login(&site::user(&client, "ann").await).await;
    client
}

async fn what_nobody_looks_at_costs_nothing(on: Kind) {
    let client = signed_in(on).await;
    for path in
        ["/plain/", "/template/page/", "/template/form/", "/static/style.css", "/session/set/a/b/?end=500"]
    {
        client.assert_num_queries(0, client.get(path)).await;
    }
}

async fn session_and_user_come_in_one_query(on: Kind) {
    let client = signed_in(on).await;
    for path in ["/me/", "/mine/", "/template/greeting/", "/accounts/profile/", "/session/read/a/"] {
        client.assert_num_queries(1, client.get(path)).await.assert_ok();
    }
    // What the user may do is asked for apart.
    client.assert_num_queries(2, client.get("/template/everything/")).await.assert_ok();
}

async fn a_stranger_costs_nothing(on: Kind) {
    let client = site::client(on).await;
    client.set_cookie("sessionid", "no key of ours");
    for path in
        ["/me/", "/template/greeting/", "/template/everything/", "/session/read/a/", "/accounts/login/"]
    {
        client.assert_num_queries(0, client.get(path)).await.assert_ok();
    }
}

async fn a_change_of_the_session_costs_one_write(on: Kind) {
    let client = site::client(on).await;
    // The first one makes the row; then it is read, and written.
    client.assert_num_queries(1, client.get("/session/set/a/b/")).await.assert_ok();
    client.assert_num_queries(2, client.get("/session/set/a/c/")).await.assert_ok();
}

async fn a_failed_login_costs_the_same_whoever_it_was(on: Kind) {
    let client = site::client(on).await;
    site::user(&client, "ann").await;
    for (name, password) in [("ann", "wrong"), ("eve", PASSWORD)] {
        // The user, and the event that it failed.
        client.assert_num_queries(2, client.login(name, password)).await.assert_ok();
    }
}

async fn a_wrong_count_shows_the_queries(on: Kind) {
    let client = site::client(on).await;
    let wrong = client.assert_num_queries(2, Post::objects(client.db()).count());
    let panic = AssertUnwindSafe(wrong).catch_unwind().await.unwrap_err();
    let text = panic.downcast_ref::<String>().unwrap();
    for word in ["queries.rs:", "2 queries expected", "there were 1", "blog_post"] {
        assert!(text.contains(word), "{text}");
    }
}

async fn each_site_is_counted_by_itself(on: Kind) {
    let (one, other) = (signed_in(on).await, signed_in(on).await);
    let both = async {
        other.get("/me/").await.assert_ok();
        one.get("/me/").await.assert_ok();
        one.another().get("/me/").await.assert_ok();
    };
    one.assert_num_queries(1, both).await;
}

async fn every_way_to_the_database_is_counted(on: Kind) {
    let client = site::client(on).await;
    let ann = site::user(&client, "ann").await;
    let work = client.db().transaction(async |db| {
        Post::new(&ann, "a").create(&db).await?;
        db.transaction(async |db| Post::objects(&db).delete().await).await
    });
    let (done, queries) = client.queries(work).await;
    let words: Vec<_> = queries.iter().map(|query| query.split(' ').next().unwrap()).collect();
    assert_eq!(
        (done.unwrap(), words),
        (1, vec!["BEGIN", "INSERT", "SAVEPOINT", "DELETE", "RELEASE", "COMMIT"])
    );
    client.assert_num_queries(1, Post::objects(client.db()).stream().collect::<Vec<_>>()).await;
    client.assert_num_queries(1, client.db().execute_sql("SELECT 1")).await.unwrap();
}
