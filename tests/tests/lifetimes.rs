//! How long sessions live.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::SessionStoreKind;
use nuages::test::{Answer, Client};
use nuages_tests::place::{Place, age_all, attributes};

nuages_tests::promises_of_stores!(
    a_lifetime_of_its_own_is_the_cookies_and_the_rows,
    a_session_may_end_with_the_browser,
    a_session_that_is_used_lives_on_and_that_is_written_once_a_minute,
    no_use_prolongs_a_session_past_its_absolute_end,
);

async fn set(client: &Client, name: &str, value: &str) -> Answer {
    client.get(&format!("/session/set/{name}/{value}/")).await
}

fn max_age(answer: &Answer) -> Option<i64> {
    let found = attributes(answer, "sessionid")
        .into_iter()
        .find_map(|one| Some(one.strip_prefix("Max-Age=")?.to_owned()));
    found.map(|age| age.parse().unwrap())
}

async fn lives(client: &Client) -> i64 {
    client.get("/session/lives/").await.assert_ok().text().parse().unwrap()
}

async fn a_lifetime_of_its_own_is_the_cookies_and_the_rows(on: Place) {
    let client = on.client().await;
    assert_eq!(max_age(&client.get("/session/expire/300/").await), Some(300));
    assert!((298..=300).contains(&lives(&client).await));
    let again = set(&client, "colour", "blue").await;
    assert_eq!(max_age(&again), Some(300), "it counts anew with each change");
    assert_eq!(max_age(&client.get("/session/expire/default/").await), Some(1_209_600));
    let moment = client.get("/session/expire/at/").await;
    assert!((3599..=3600).contains(&max_age(&moment).unwrap()), "{moment:?}");
    assert!((3595..=3600).contains(&lives(&client).await));
    client.get("/session/expire/-5/").await;
    client.get("/session/read/colour/").await.assert_text("nothing");
}

async fn a_session_may_end_with_the_browser(on: Place) {
    let client = on.client().await;
    assert_eq!(max_age(&client.get("/session/expire/browser/").await), None);
    let day = if on.store == SessionStoreKind::Django { 1_209_600 } else { 86_400 };
    assert!((day - 2..=day).contains(&lives(&client).await), "{}", lives(&client).await);
}

async fn a_session_that_is_used_lives_on_and_that_is_written_once_a_minute(on: Place) {
    let project = on.project().settings(|settings| settings.session_save_every_request = true);
    let client = Client::new(project).await;
    set(&client, "colour", "blue").await.assert_ok();
    let look = async || client.get("/session/read/colour/").await;
    assert_eq!(look().await.header("set-cookie"), None, "it was written down just now");
    age_all(&client, 100).await;
    assert_eq!(max_age(&look().await), Some(1_209_600));
    assert_eq!(look().await.header("set-cookie"), None);
    age_all(&client, 100).await;
    let failed = client.get("/session/set/colour/red/?end=500").await;
    assert_eq!(failed.header("set-cookie"), None);
    client.get("/plain/").await.assert_ok();
    assert_eq!(max_age(&look().await), Some(1_209_600), "nothing else has renewed it");
}

async fn no_use_prolongs_a_session_past_its_absolute_end(on: Place) {
    let project = on.project().settings(|settings| settings.session_absolute_age = Some(100));
    let client = Client::new(project).await;
    let first = set(&client, "colour", "blue").await;
    match on.store {
        // Django's table does not say when a session began.
        SessionStoreKind::Django => assert_eq!(max_age(&first), Some(1_209_600)),
        _ => assert!((98..=100).contains(&max_age(&first).unwrap()), "{first:?}"),
    }
    client.get("/session/cycle/").await.assert_ok();
    assert!(lives(&client).await <= if on.store == SessionStoreKind::Django { 1_209_600 } else { 100 });
}
