//! A look at what a Redis server holds, past the framework's stores.

use nuages::Settings;
use nuages::test::Client;
use redis::FromRedisValue;

/// What the names of a site's keys begin with: another for each site, so that tests do not meet.
pub fn prefix() -> String {
    format!("test-{}:", nuages::signing::random_string(16, nuages::signing::LOWER_ALPHANUMERIC))
}

/// The server that the tests are told of.
///
/// # Panics
/// Without `NUAGES_TEST_REDIS`.
pub fn url() -> String {
    std::env::var("NUAGES_TEST_REDIS").unwrap_or_else(|_| {
        panic!("NUAGES_TEST_REDIS must hold the URL of a server; `cargo xtask test` starts one and sets it")
    })
}

/// Settings of a site whose keys are its own.
pub fn settings(settings: &mut Settings) {
    settings.redis_url = Some(url().into());
    settings.session_redis_prefix = prefix();
}

/// Asks the site's server.
///
/// # Panics
/// If it refuses.
pub async fn ask<T: FromRedisValue>(client: &Client, words: &[&str]) -> T {
    let url = client.settings().redis_url.as_ref().expect("the site has a Redis");
    let server = redis::Client::open(url.expose()).expect("it is an address");
    let mut connection = server.get_multiplexed_async_connection().await.expect("it is there");
    let mut command = redis::cmd(words[0]);
    command.arg(&words[1..]);
    command.query_async(&mut connection).await.unwrap_or_else(|error| panic!("{words:?}: {error}"))
}

/// The names of the site's keys of one kind: `session`, `user`, `cached_session`.
pub async fn of(client: &Client, kind: &str) -> Vec<String> {
    let prefix = &client.settings().session_redis_prefix;
    ask(client, &["KEYS", &format!("{prefix}{kind}:*")]).await
}

/// Everything that Redis holds of the site: names of keys, and what is in them.
pub async fn dump(client: &Client) -> Vec<String> {
    let mut dump = Vec::new();
    let prefix = &client.settings().session_redis_prefix;
    for key in ask::<Vec<String>>(client, &["KEYS", &format!("{prefix}*")]).await {
        let kind: String = ask(client, &["TYPE", &key]).await;
        match kind.as_str() {
            "hash" => dump.extend(ask::<Vec<String>>(client, &["HGETALL", &key]).await),
            "zset" => dump.extend(ask::<Vec<String>>(client, &["ZRANGE", &key, "0", "-1"]).await),
            _ => dump.push(ask(client, &["GET", &key]).await),
        }
        dump.push(key);
    }
    dump
}

/// Removes the site's keys of one kind.
pub async fn remove(client: &Client, kind: &str) {
    for key in of(client, kind).await {
        ask::<()>(client, &["DEL", &key]).await;
    }
}

/// Sets a field of all sessions in the store `redis`.
pub async fn set(client: &Client, field: &str, value: &str) {
    for key in of(client, "session").await {
        ask::<()>(client, &["HSET", &key, field, value]).await;
    }
}
