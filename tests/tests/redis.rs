//! Sessions in a Redis server, and what becomes of them when it is away.

#![cfg(feature = "redis")]
#![allow(clippy::unwrap_used, reason = "a test may")]

use futures_util::future::join_all;
use nuages::SessionStoreKind::{self, CachedDatabase, Redis};
use nuages::sessions::{self, Change, Changes, Origin, SessionStore, USER_ID};
use nuages::test::Client;
use nuages_tests::kind::Kind;
use nuages_tests::place::{self, Place};
use nuages_tests::redis_keys;
use nuages_tests::redis_server::RedisServer;
use nuages_tests::site::{self, PASSWORD};
use nuages_tests::table;
use std::sync::Arc;
use std::time::{Duration, Instant};

fn place(store: SessionStoreKind) -> Place {
    Place { on: Kind::Sqlite, store }
}

async fn client_of(store: SessionStoreKind, server: &RedisServer) -> Client {
    Client::new(place(store).project().settings(|settings| server.settings(settings))).await
}

/// The store as another server of the same site has it.
fn store(client: &Client) -> Arc<dyn SessionStore> {
    sessions::from_settings(client.settings(), client.db()).unwrap()
}

fn setting(name: &str, value: &str) -> Changes {
    Changes { values: [(name.to_owned(), Change::Set(value.into()))].into(), ..Changes::default() }
}

async fn create(store: &Arc<dyn SessionStore>, changes: &Changes) -> String {
    store.create(None, changes, &Origin::default()).await.unwrap()
}

/// A visitor with a cookie that somebody else has had.
fn ghost(client: &Client, key: &str) -> Client {
    let ghost = client.another();
    ghost.set_cookie("sessionid", key);
    ghost
}

#[tokio::test]
async fn nothing_in_a_dump_of_redis_signs_anyone_in() {
    for store in [Redis, CachedDatabase] {
        let client = place(store).client().await;
        site::user(&client, "ann").await;
        client.login("ann", PASSWORD).await;
        client.get("/me/").await.assert_text("ann");
        let dump = redis_keys::dump(&client).await.join("|");
        assert!(dump.contains("_auth_user_id"), "her session is there: {dump}");
        assert!(!dump.contains(&client.cookie("sessionid").unwrap()));
        let words = dump.split(|letter: char| !letter.is_ascii_alphanumeric()).chain(dump.split('|'));
        for word in words.filter(|word| !word.is_empty()) {
            for part in [word, word.get(..32).unwrap_or(word), word.get(32..).unwrap_or(word)] {
                ghost(&client, part).get("/me/").await.assert_text("nobody");
            }
        }
        client.get("/me/").await.assert_text("ann");
    }
}

#[tokio::test]
async fn two_sites_with_one_redis_share_sessions_and_others_do_not() {
    let here = place(Redis).client().await;
    let prefix = here.settings().session_redis_prefix.clone();
    let same = place(Redis).project().settings(|settings| settings.session_redis_prefix = prefix);
    let (there, stranger) = (Client::new(same).await, place(Redis).client().await);
    here.get("/session/set/colour/blue/").await.assert_ok();
    let key = here.cookie("sessionid").unwrap();
    ghost(&there, &key).get("/session/read/colour/").await.assert_text("blue");
    ghost(&stranger, &key).get("/session/read/colour/").await.assert_text("nothing");
    ghost(&there, &key).get("/session/flush/").await.assert_ok();
    here.get("/session/read/colour/").await.assert_text("nothing");
}

#[tokio::test]
async fn while_redis_is_away_pages_that_need_it_say_503_and_it_heals() {
    let mut server = RedisServer::start();
    let client = client_of(Redis, &server).await;
    client.get("/session/set/colour/blue/").await.assert_ok();
    server.kill();
    for path in ["/session/read/colour/", "/session/set/colour/red/", "/session/flush/", "/me/"] {
        let answer = client.get(path).await;
        answer.assert_status(503);
        assert!(answer.header("retry-after").is_some(), "{path}");
    }
    for path in ["/plain/", "/template/page/", "/static/style.css"] {
        client.get(path).await.assert_ok();
    }
    client.another().get("/session/read/colour/").await.assert_text("nothing");
    server.run();
    client.get("/session/read/colour/").await.assert_text("nothing");
    client.get("/session/set/colour/green/").await.assert_ok();
    client.get("/session/read/colour/").await.assert_text("green");
}

#[tokio::test]
async fn nobody_notices_that_redis_was_away_between_two_requests() {
    let mut server = RedisServer::start();
    let client = client_of(Redis, &server).await;
    client.get("/session/set/colour/blue/").await.assert_ok();
    server.kill();
    server.run();
    client.get("/session/set/colour/green/").await.assert_ok();
    client.get("/session/read/colour/").await.assert_text("green");
}

#[tokio::test]
async fn a_redis_that_does_not_answer_holds_nobody_up_for_long() {
    let server = RedisServer::start();
    let client = client_of(Redis, &server).await;
    client.get("/session/set/colour/blue/").await.assert_ok();
    server.freeze();
    let start = Instant::now();
    let looks = join_all((0..20).map(|_| client.get("/session/read/colour/"))).await;
    assert!(looks.iter().all(|look| look.status() == 503), "{looks:?}");
    client.get("/plain/").await.assert_ok();
    client.get("/session/read/colour/").await.assert_status(503);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    server.thaw();
    client.get("/session/read/colour/").await.assert_text("blue");
}

#[tokio::test]
async fn whatever_redis_holds_breaks_nothing() {
    let client = place(Redis).client().await;
    let ann = site::user(&client, "ann").await;
    for odd in [["SET", "colour"], ["RPUSH", "blue"], ["SADD", "{}"]] {
        client.forget_cookies();
        client.login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
        let keys = [redis_keys::of(&client, "session").await, redis_keys::of(&client, "user").await].concat();
        for key in &keys {
            redis_keys::ask::<()>(&client, &["DEL", key]).await;
            redis_keys::ask::<()>(&client, &[odd[0], key, odd[1]]).await;
        }
        client.get("/me/").await.assert_text("nobody");
        assert!(store(&client).of_user(&ann.id.to_string()).await.unwrap().is_empty());
        client.get("/session/set/colour/blue/").await.assert_ok();
        client.get("/session/read/colour/").await.assert_text("blue");
        client.login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
        client.get("/me/").await.assert_text("ann");
    }
    redis_keys::remove(&client, "session").await;
    for field in ["data", "version", "created_at", "last_seen_at", "user_agent", "address", "user_id"] {
        for value in ["", "{", "-1", "9223372036854775807", "\u{fffd}"] {
            client.forget_cookies();
            client.get("/session/set/colour/blue/").await.assert_ok();
            redis_keys::set(&client, field, value).await;
            client.get("/session/read/colour/").await.assert_ok();
            client.get("/session/set/colour/green/").await.assert_ok();
            client.get("/session/read/colour/").await.assert_text("green");
            client.get("/session/flush/").await.assert_ok();
        }
    }
}

#[tokio::test]
async fn redis_forgets_sessions_and_lists_of_them_by_itself() {
    let client = place(Redis).client().await;
    let store = store(&client);
    let [first, second] =
        [create(&store, &setting(USER_ID, "7")).await, create(&store, &setting(USER_ID, "7")).await];
    let keys = redis_keys::dump(&client).await.into_iter().filter(|text| text.starts_with("test-"));
    for key in keys {
        let left: i64 = redis_keys::ask(&client, &["TTL", &key]).await;
        assert!((1_209_590..=1_209_600).contains(&left), "{key}: {left}");
    }
    let list = redis_keys::of(&client, "user").await.remove(0);
    assert_eq!(store.of_user("7").await.unwrap().len(), 2);
    store.delete(&first).await.unwrap();
    assert_eq!(redis_keys::ask::<usize>(&client, &["ZCARD", &list]).await, 1, "who ends leaves the list");
    place::expire_all(&client).await;
    assert!(store.load(&second, None).await.unwrap().is_none());
    assert!(store.of_user("7").await.unwrap().is_empty());
    assert!(redis_keys::dump(&client).await.is_empty(), "who is dead leaves it when somebody looks");
}

#[tokio::test]
async fn a_value_is_replaced_in_all_sessions_of_a_user_that_hold_it() {
    for kind in [Redis, CachedDatabase] {
        let client = place(kind).client().await;
        let store = store(&client);
        let mut keys = Vec::new();
        for (user, proof) in [("7", "old"), ("7", "old"), ("7", "another"), ("8", "old")] {
            let mut changes = setting(USER_ID, user);
            changes.values.extend(setting("proof", proof).values);
            keys.push(create(&store, &changes).await);
            store.load(keys.last().unwrap(), None).await.unwrap();
        }
        store.replace_value(client.db(), "7", "proof", "old", "new").await.unwrap();
        let mut found = Vec::new();
        for key in &keys {
            found.push(store.load(key, None).await.unwrap().unwrap().data["proof"].clone());
        }
        assert_eq!(found, ["new", "new", "another", "old"], "{kind:?}");
    }
}

#[tokio::test]
async fn a_session_is_read_from_the_cache_and_a_change_is_seen_at_once() {
    let client = place(CachedDatabase).client().await;
    client.get("/session/set/colour/blue/").await.assert_ok();
    client.get("/session/read/colour/").await.assert_text("blue");
    // Past the store, so nobody tells the cache.
    let change = "UPDATE sessions_session SET version = version + 1, data = '{\"colour\":\"red\"}'";
    table::run(client.db(), change).await;
    client.get("/session/read/colour/").await.assert_text("blue");
    client.get("/session/set/size/big/").await.assert_ok();
    client.get("/session/read/size/").await.assert_text("big");
    client.get("/session/read/colour/").await.assert_text("red");
}

#[tokio::test]
async fn an_ended_session_is_forgotten_at_once_on_all_servers_of_a_site() {
    let client = place(CachedDatabase).client().await;
    let ann = site::user(&client, "ann").await;
    let user_id = ann.id.to_string();
    for end in ["logout", "flush", "cycle", "other server", "list"] {
        client.forget_cookies();
        client.login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
        client.get("/me/").await.assert_text("ann");
        let (key, other) = (client.cookie("sessionid").unwrap(), store(&client));
        assert!(other.load(&key, None).await.unwrap().is_some());
        match end {
            "logout" => drop(client.post("/accounts/logout/", &[]).await.assert_ok()),
            "flush" => drop(client.get("/session/flush/").await.assert_ok()),
            "cycle" => drop(client.get("/session/cycle/").await.assert_ok()),
            "other server" => other.delete(&key).await.unwrap(),
            _ => assert!(other.end(&user_id, &sessions::public_id(&key)).await.unwrap()),
        }
        assert!(other.load(&key, None).await.unwrap().is_none(), "{end}");
        ghost(&client, &key).get("/me/").await.assert_text("nobody");
    }
}

/// Readers of two servers race with the end of a session, and put what they have read into the cache.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_reader_brings_an_ended_session_back_into_the_cache() {
    let client = place(CachedDatabase).client().await;
    let stores = [store(&client), store(&client)];
    for round in 0..200 {
        let key = create(&stores[0], &setting("colour", "blue")).await;
        let readers = (0..6).map(|number| {
            let (store, key) = (Arc::clone(&stores[number % 2]), key.clone());
            tokio::spawn(async move { store.load(&key, None).await.unwrap().is_some() })
        });
        let readers: Vec<_> = readers.collect();
        stores[round % 2].delete(&key).await.unwrap();
        for store in &stores {
            assert!(store.load(&key, None).await.unwrap().is_none(), "round {round}");
        }
        join_all(readers).await;
        for store in &stores {
            assert!(store.load(&key, None).await.unwrap().is_none(), "round {round}, after the readers");
        }
    }
}

#[tokio::test]
async fn the_cache_may_die_at_any_moment_without_a_page_failing() {
    let mut server = RedisServer::start();
    let client = client_of(CachedDatabase, &server).await;
    site::user(&client, "ann").await;
    client.login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
    client.get("/session/set/colour/blue/").await.assert_ok();
    client.get("/session/read/colour/").await.assert_text("blue");
    server.kill();
    client.get("/me/").await.assert_text("ann");
    client.get("/session/read/colour/").await.assert_text("blue");
    client.get("/session/set/colour/red/").await.assert_ok();
    client.get("/session/read/colour/").await.assert_text("red");
    let key = client.cookie("sessionid").unwrap();
    client.post("/accounts/logout/", &[]).await.assert_ok();
    ghost(&client, &key).get("/me/").await.assert_text("nobody");
    server.run();
    client.login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
    client.get("/me/").await.assert_text("ann");
}

#[tokio::test]
async fn a_cache_that_could_not_be_told_of_a_logout_is_not_believed() {
    let server = RedisServer::start();
    let client = client_of(CachedDatabase, &server).await;
    site::user(&client, "ann").await;
    client.login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
    client.get("/me/").await.assert_text("ann");
    let key = client.cookie("sessionid").unwrap();
    assert_eq!(redis_keys::of(&client, "cached_session").await.len(), 1);
    server.freeze();
    let start = Instant::now();
    client.post("/accounts/logout/", &[]).await.assert_ok();
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    server.thaw();
    ghost(&client, &key).get("/me/").await.assert_text("nobody");
}

#[tokio::test]
async fn a_site_without_the_address_of_its_redis_does_not_start() {
    for kind in [Redis, CachedDatabase] {
        let client = site::client(Kind::Sqlite).await;
        let mut settings = nuages::Settings::clone(client.settings());
        settings.session_store = kind;
        let mut wrong = |url: Option<&str>| {
            settings.redis_url = url.map(Into::into);
            let store = sessions::from_settings(&Arc::new(settings.clone()), client.db());
            store.err().map(|error| (error.exit_code(), error.to_string())).unwrap()
        };
        assert!(matches!(wrong(None), (3, text) if text.contains("REDIS_URL is missing; set it to")));
        for url in ["", "localhost", "http://localhost", "rediss://localhost"] {
            assert!(
                matches!(wrong(Some(url)), (3, text) if text.contains("REDIS_URL names no Redis")),
                "{url}"
            );
        }
    }
}
