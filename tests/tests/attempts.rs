//! How attempts are counted, whoever else counts at the same time.

#![allow(clippy::unwrap_used, reason = "a test may")]

use futures_util::future::join_all;
use nuages::test::Client;
use nuages_auth::throttle::{Attempts, DatabaseAttempts};
use nuages_tests::kind::Kind;
use nuages_tests::site;
use nuages_tests::table;
use std::time::Duration;

nuages_tests::promises!(
    fifty_at_once_are_counted_as_fifty,
    a_window_ends_and_another_begins,
    an_attempt_is_taken_back_and_all_are_forgotten,
    what_is_over_is_removed,
);

const WINDOW: Duration = Duration::from_secs(300);

async fn attempts(on: Kind) -> (Client, DatabaseAttempts) {
    let client = site::client(on).await;
    let attempts = DatabaseAttempts::new(client.db().clone());
    (client, attempts)
}

async fn add(attempts: &impl Attempts, key: &str) -> u64 {
    attempts.add(key, WINDOW).await.unwrap().count
}

/// Where the count comes with the statement, each is another one. Where it is read afterwards, none is too low.
async fn counts_fifty(attempts: &impl Attempts) {
    let mut counts = join_all((0..50).map(|_| add(attempts, "door"))).await;
    counts.sort_unstable();
    let is_too_low = counts.iter().zip(1..).any(|(count, number)| *count < number);
    assert!(!is_too_low && counts[49] == 50, "{counts:?}");
    assert_eq!((add(attempts, "door").await, add(attempts, "window").await), (51, 1));
}

async fn takes_back_and_forgets(attempts: &impl Attempts) {
    for number in 1..=3 {
        assert_eq!(add(attempts, "door").await, number);
    }
    attempts.take_back("door").await.unwrap();
    assert_eq!(add(attempts, "door").await, 3);
    attempts.forget("door").await.unwrap();
    assert_eq!(add(attempts, "door").await, 1);
    for key in ["door", "door", "door", "window"] {
        attempts.take_back(key).await.unwrap();
    }
    assert_eq!((add(attempts, "door").await, add(attempts, "window").await), (1, 1), "never below nothing");
}

async fn fifty_at_once_are_counted_as_fifty(on: Kind) {
    let (_client, attempts) = attempts(on).await;
    counts_fifty(&attempts).await;
}

async fn a_window_ends_and_another_begins(on: Kind) {
    let (client, attempts) = attempts(on).await;
    for number in 1..=3 {
        let tally = attempts.add("door", WINDOW).await.unwrap();
        assert!(tally.count == number && (299..=300).contains(&tally.seconds_left), "{tally:?}");
    }
    // The window is the first attempt's, whatever a later one says.
    let tally = attempts.add("door", Duration::from_secs(9)).await.unwrap();
    assert!(tally.count == 4 && tally.seconds_left > 290, "{tally:?}");
    table::run(client.db(), "UPDATE auth_attempts SET expire_date = '2020-01-01 00:00:00'").await;
    let tally = attempts.add("door", Duration::from_secs(9)).await.unwrap();
    assert!(tally.count == 1 && (8..=9).contains(&tally.seconds_left), "{tally:?}");
    assert_eq!(add(&attempts, "door").await, 2);
}

async fn an_attempt_is_taken_back_and_all_are_forgotten(on: Kind) {
    let (_client, attempts) = attempts(on).await;
    takes_back_and_forgets(&attempts).await;
}

async fn what_is_over_is_removed(on: Kind) {
    let (client, attempts) = attempts(on).await;
    add(&attempts, "door").await;
    add(&attempts, "window").await;
    table::run(
        client.db(),
        "UPDATE auth_attempts SET expire_date = '2020-01-01 00:00:00' WHERE subject = 'door'",
    )
    .await;
    assert_eq!(attempts.clear_expired().await.unwrap(), 1);
    assert_eq!(table::texts(client.db(), "auth_attempts", "subject").await, ["window"]);
    assert_eq!(attempts.clear_expired().await.unwrap(), 0);
}

#[cfg(feature = "redis")]
mod redis {
    use super::*;
    use nuages_auth::throttle::RedisAttempts;
    use nuages_tests::redis_keys;

    async fn attempts() -> (Client, RedisAttempts) {
        let client = Client::new(site::project(Kind::Sqlite).settings(redis_keys::settings)).await;
        let attempts = RedisAttempts::new(client.settings()).unwrap();
        (client, attempts)
    }

    #[tokio::test]
    async fn fifty_at_once_are_counted_as_fifty() {
        let (_client, attempts) = attempts().await;
        counts_fifty(&attempts).await;
    }

    #[tokio::test]
    async fn an_attempt_is_taken_back_and_all_are_forgotten() {
        let (_client, attempts) = attempts().await;
        takes_back_and_forgets(&attempts).await;
    }

    #[tokio::test]
    async fn redis_forgets_by_itself_when_the_first_ones_window_ends() {
        let (client, attempts) = attempts().await;
        let tally = attempts.add("door", Duration::from_millis(300)).await.unwrap();
        assert_eq!((tally.count, tally.seconds_left), (1, 1));
        attempts.take_back("window").await.unwrap();
        assert_eq!(redis_keys::of(&client, "attempts").await.len(), 1);
        tokio::time::sleep(Duration::from_millis(600)).await;
        assert_eq!(attempts.clear_expired().await.unwrap(), 0, "there is nothing left to do");
        assert!(redis_keys::of(&client, "attempts").await.is_empty());
        assert_eq!(add(&attempts, "door").await, 1);
    }
}
