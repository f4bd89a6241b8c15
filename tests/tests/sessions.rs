//! What the site remembers of a visitor, and what it never does.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::sessions;
use nuages::test::{Answer, Client};
use nuages_tests::kind::Kind;
use nuages_tests::place::{self, Place, attributes};
use nuages_tests::site::{self, PASSWORD};
use nuages_tests::table;
use poem::http::{HeaderValue, Method, header};

nuages_tests::promises!(
    an_untouched_session_sends_nothing_and_needs_no_database,
    a_key_is_hashed_at_rest,
    nothing_in_a_stolen_table_signs_anyone_in,
    a_user_id_that_is_none_is_a_stranger,
    outside_debug_the_cookie_is_secure_and_bound_to_the_host,
    a_signed_cookie_comes_back_unchanged_or_not_at_all,
);

nuages_tests::promises_of_stores!(
    a_page_that_looks_at_the_session_varies_on_the_cookie,
    a_key_that_nobody_issued_is_never_adopted,
    a_reader_that_comes_late_leaves_the_new_key_alone,
    an_odd_key_is_never_adopted_and_breaks_nothing,
    an_expired_session_is_dead,
    clearsessions_removes_what_has_expired_and_nothing_else,
    a_foreign_cookie_that_is_no_text_does_not_log_out,
    data_that_cannot_be_read_counts_as_empty,
    a_changed_session_is_saved_on_4xx,
    a_changed_session_is_not_saved_on_5xx,
    in_debug_the_cookie_is_plain,
    a_flushed_session_takes_row_and_cookie_with_it,
    a_new_key_keeps_the_data_and_kills_the_old_one,
    a_cleared_session_keeps_its_key,
    text_of_every_kind_survives_in_a_session,
    anonymous_logouts_make_no_rows,
    values_are_changed_where_they_are,
    a_test_cookie_comes_back,
);

async fn set(client: &Client, name: &str, value: &str) -> Answer {
    client.get(&format!("/session/set/{name}/{value}/")).await
}

async fn read(client: &Client, name: &str) -> String {
    client.get(&format!("/session/read/{name}/")).await.assert_ok().text().to_owned()
}

fn key(client: &Client) -> String {
    client.cookie("sessionid").expect("there is a session cookie")
}

async fn rows(client: &Client) -> usize {
    place::count(client).await
}

async fn an_untouched_session_sends_nothing_and_needs_no_database(on: Kind) {
    let client = site::client(on).await;
    set(&client, "colour", "blue").await.assert_ok();
    // Whoever asks a closed database gets an error, so a page that answers has not asked.
    client.db().close().await;
    for path in ["/plain/", "/template/page/", "/static/style.css"] {
        let answer = client.get(path).await;
        answer.assert_ok();
        assert_eq!((answer.header("set-cookie"), answer.header("vary")), (None, None), "{path}");
    }
    client.get("/session/read/colour/").await.assert_status(503);
}

async fn a_page_that_looks_at_the_session_varies_on_the_cookie(on: Place) {
    let client = on.client().await;
    let answer = client.get("/session/read/colour/").await;
    assert_eq!((answer.header("vary"), answer.header("set-cookie")), (Some("Cookie"), None));
    let answer = set(&client, "colour", "blue").await;
    assert_eq!((answer.header("vary"), answer.header("cache-control")), (Some("Cookie"), Some("private")));
}

async fn a_key_that_nobody_issued_is_never_adopted(on: Place) {
    let client = on.client().await;
    let forged = "a1b2c3d4e5f6g7h8a1b2c3d4e5f6g7h8";
    client.set_cookie("sessionid", forged);
    assert_eq!(read(&client, "colour").await, "nothing");
    assert_eq!(rows(&client).await, 0);
    set(&client, "colour", "blue").await.assert_ok();
    assert_ne!(key(&client), forged);
    assert_eq!((read(&client, "colour").await, rows(&client).await), ("blue".into(), 1));
}

async fn a_reader_that_comes_late_leaves_the_new_key_alone(on: Place) {
    let client = on.client().await;
    set(&client, "colour", "blue").await;
    let old = key(&client);
    client.get("/session/cycle/").await.assert_ok();
    let late = client.another();
    late.set_cookie("sessionid", &old);
    let answer = late.get("/session/read/colour/").await;
    assert_eq!((answer.text(), answer.header("set-cookie")), ("nothing", None));
}

async fn an_odd_key_is_never_adopted_and_breaks_nothing(on: Place) {
    let client = on.client().await;
    let (seven, eight, long) = ("a".repeat(7), "a".repeat(8), "a".repeat(5000));
    let odd = [
        "",
        &seven,
        &eight,
        &long,
        "' OR '1'='1",
        "'; DROP TABLE sessions_session; --",
        "%00",
        "a%00b",
        "../../etc/passwd",
        "A1B2C3D4E5F6G7H8A1B2C3D4E5F6G7H8",
        "ä1b2c3d4e5f6g7h8a1b2c3d4e5f6g7h8",
        "\"",
        "\"\"",
        "=",
    ];
    for cookie in odd {
        client.forget_cookies();
        client.set_cookie("sessionid", cookie);
        assert_eq!(read(&client, "colour").await, "nothing", "{cookie}");
        client.set_cookie("sessionid", cookie);
        set(&client, "colour", "blue").await.assert_ok();
        assert_ne!(key(&client), cookie);
        assert_eq!((key(&client).len(), read(&client, "colour").await), (32, "blue".into()), "{cookie}");
    }
    assert_eq!(rows(&client).await, odd.len());
}

async fn a_key_is_hashed_at_rest(on: Kind) {
    let client = site::client(on).await;
    site::user(&client, "ann").await;
    client.login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
    set(&client, "colour", "blue").await;
    let (rows, key) = (table::sessions(client.db()).await, key(&client));
    assert_eq!(rows.len(), 1);
    assert!(rows[0].contains("\"colour\":\"blue\"") && !rows[0].contains(&key), "{}", rows[0]);
}

async fn nothing_in_a_stolen_table_signs_anyone_in(on: Kind) {
    let client = site::client(on).await;
    site::user(&client, "ann").await;
    client.login("ann", PASSWORD).await;
    let dump = table::sessions(client.db()).await.remove(0);
    let words = dump.split(|letter: char| !letter.is_ascii_alphanumeric());
    let words: Vec<_> = words.chain(dump.split('|')).filter(|word| !word.is_empty()).collect();
    assert!(words.iter().any(|word| word.len() == 64), "the hash is among them");
    for word in words {
        for part in [word, word.get(..32).unwrap_or(word), word.get(32..).unwrap_or(word)] {
            let thief = client.another();
            thief.set_cookie("sessionid", part);
            thief.get("/me/").await.assert_text("nobody");
        }
    }
    client.get("/me/").await.assert_text("ann");
}

async fn an_expired_session_is_dead(on: Place) {
    let client = on.client().await;
    site::user(&client, "ann").await;
    client.login("ann", PASSWORD).await;
    let old = key(&client);
    place::expire_all(&client).await;
    client.get("/me/").await.assert_text("nobody");
    client.set_cookie("sessionid", &old);
    set(&client, "colour", "blue").await.assert_ok();
    assert_ne!(key(&client), old);
    client.get("/me/").await.assert_text("nobody");
}

async fn clearsessions_removes_what_has_expired_and_nothing_else(on: Place) {
    let client = on.client().await;
    for _ in 0..3 {
        set(&client.another(), "colour", "blue").await;
    }
    let dead = place::expire_all(&client).await;
    set(&client, "colour", "green").await;
    let store = sessions::from_settings(client.settings(), client.db()).unwrap();
    assert_eq!(store.clear_expired().await.unwrap(), dead as u64);
    assert_eq!(store.clear_expired().await.unwrap(), 0);
    assert_eq!((rows(&client).await, read(&client, "colour").await), (1, "green".into()));
}

async fn a_foreign_cookie_that_is_no_text_does_not_log_out(on: Place) {
    let client = on.client().await;
    site::user(&client, "ann").await;
    client.login("ann", PASSWORD).await;
    for foreign in [&b"a=\xe9; "[..], b"\xff\xfe; ", b"caf\xc3\xa9=1; ", b"a=\"; ", b"=; ", b"; ;"] {
        let mut request = client.request(Method::GET, "/me/");
        let line = [foreign, format!("sessionid={}; z=\u{e9}", key(&client)).as_bytes()].concat();
        request.headers_mut().insert(header::COOKIE, HeaderValue::from_bytes(&line).unwrap());
        client.send(request).await.assert_text("ann");
    }
}

async fn data_that_cannot_be_read_counts_as_empty(on: Place) {
    let client = on.client().await;
    for data in ["", "{", "[]", "null", "7", "{\"colour\": ", "gASVCg==", "{\"colour\":7}"] {
        client.forget_cookies();
        set(&client, "colour", "blue").await;
        place::overwrite_all(&client, data).await;
        assert_eq!(read(&client, "colour").await, "nothing", "{data}");
        client.get("/me/").await.assert_text("nobody");
        set(&client, "colour", "green").await.assert_ok();
        assert_eq!(read(&client, "colour").await, "green", "{data}");
    }
}

async fn a_user_id_that_is_none_is_a_stranger(on: Kind) {
    let client = site::client(on).await;
    site::user(&client, "ann").await;
    for id in ["", "0", "-1", "999", "one", "1.5", "99999999999999999999999", "1 OR 1=1"] {
        client.forget_cookies();
        client.login("ann", PASSWORD).await;
        let change = format!(
            "UPDATE sessions_session SET user_id = '{id}', data = replace(data, '\"_auth_user_id\":\"1\"', '\"_auth_user_id\":\"{id}\"')"
        );
        table::run(client.db(), &change).await;
        assert_eq!(client.get("/me/").await.assert_ok().text(), "nobody", "{id}");
    }
}

async fn a_changed_session_is_saved_on_4xx(on: Place) {
    for end in ["400", "403", "404", "429", "missing", "forbidden"] {
        let client = on.client().await;
        let answer = client.get(&format!("/session/set/colour/blue/?end={end}")).await;
        assert!((400..500).contains(&answer.status()), "{end}");
        assert_eq!(read(&client, "colour").await, "blue", "{end}");
    }
}

async fn a_changed_session_is_not_saved_on_5xx(on: Place) {
    for end in ["500", "503", "broken", "busy", "panic"] {
        let client = on.client().await;
        set(&client, "colour", "blue").await;
        let answer = client.get(&format!("/session/set/colour/green/?end={end}")).await;
        assert!((500..600).contains(&answer.status()), "{end}: {}", answer.status());
        assert_eq!(answer.header("set-cookie"), None, "{end}");
        assert_eq!(read(&client, "colour").await, "blue", "{end}");
    }
}

async fn in_debug_the_cookie_is_plain(on: Place) {
    let client = on.client().await;
    let set = set(&client, "colour", "blue").await;
    let plain = ["HttpOnly", "Max-Age=1209600", "Path=/", "SameSite=Lax"];
    assert_eq!(
        attributes(&set, "sessionid").iter().filter(|one| !one.starts_with("Expires")).collect::<Vec<_>>(),
        plain
    );
    let gone = client.get("/session/flush/").await;
    assert!(attributes(&gone, "sessionid").iter().any(|one| one == "Max-Age=0"), "{gone:?}");
}

async fn outside_debug_the_cookie_is_secure_and_bound_to_the_host(on: Kind) {
    let client = Client::new(site::production(on)).await;
    let secure = ["HttpOnly", "Max-Age=1209600", "Path=/", "SameSite=Lax", "Secure"];
    let set = set(&client, "colour", "blue").await;
    let found = attributes(&set, "__Host-sessionid");
    assert_eq!(found.iter().filter(|one| !one.starts_with("Expires")).collect::<Vec<_>>(), secure);
    let gone = attributes(&client.get("/session/flush/").await, "__Host-sessionid");
    for wanted in ["Secure", "Path=/", "Max-Age=0"] {
        assert!(
            gone.iter().any(|one| one == wanted),
            "a browser ignores a removal without {wanted}: {gone:?}"
        );
    }
}

async fn a_flushed_session_takes_row_and_cookie_with_it(on: Place) {
    let client = on.client().await;
    set(&client, "colour", "blue").await;
    let old = key(&client);
    client.get("/session/flush/").await.assert_ok();
    assert_eq!((client.cookie("sessionid"), rows(&client).await), (None, 0));
    client.set_cookie("sessionid", &old);
    assert_eq!(read(&client, "colour").await, "nothing");
}

async fn a_new_key_keeps_the_data_and_kills_the_old_one(on: Place) {
    let client = on.client().await;
    set(&client, "colour", "blue").await;
    let old = key(&client);
    client.get("/session/cycle/").await.assert_ok();
    assert_ne!(key(&client), old);
    assert_eq!((read(&client, "colour").await, rows(&client).await), ("blue".into(), 1));
    client.set_cookie("sessionid", &old);
    assert_eq!(read(&client, "colour").await, "nothing");
}

async fn a_cleared_session_keeps_its_key(on: Place) {
    let client = on.client().await;
    set(&client, "colour", "blue").await;
    let old = key(&client);
    client.get("/session/clear/").await.assert_ok();
    assert_eq!((read(&client, "colour").await, key(&client)), ("nothing".into(), old));
}

async fn text_of_every_kind_survives_in_a_session(on: Place) {
    let client = on.client().await;
    for (sent, kept) in [("%F0%9F%8E%B8", "🎸"), ("%00", "\0"), ("%22%27%5C", "\"'\\"), ("%C3%A9%0A", "é\n")]
    {
        set(&client, "colour", sent).await.assert_ok();
        assert_eq!(read(&client, "colour").await, kept, "{sent}");
    }
}

async fn anonymous_logouts_make_no_rows(on: Place) {
    let client = on.client().await;
    for _ in 0..20 {
        client.another().post("/accounts/logout/", &[]).await.assert_ok();
        client.another().get("/session/read/colour/").await.assert_ok();
    }
    assert_eq!(rows(&client).await, 0);
}

async fn values_are_changed_where_they_are(on: Place) {
    let client = on.client().await;
    for count in ["1", "2", "3"] {
        client.get("/session/count/").await.assert_text(count);
    }
    set(&client, "count", "many").await.assert_ok();
    client.get("/session/count/").await.assert_text("1");
}

async fn a_test_cookie_comes_back(on: Place) {
    let client = on.client().await;
    client.get("/session/test-cookie/").await.assert_text("set");
    client.get("/session/test-cookie/").await.assert_text("worked");
    client.forget_cookies();
    client.get("/session/test-cookie/").await.assert_text("set");
}

async fn a_signed_cookie_comes_back_unchanged_or_not_at_all(on: Kind) {
    let client = site::client(on).await;
    let says = async |path: &str| client.get(path).await.text().to_owned();
    client.get("/session/signed/hello%3A%20you%3B/").await.assert_ok();
    assert_eq!(says("/session/signed/").await, "hello: you;");
    assert_eq!(says("/session/signed/?age=60").await, "hello: you;");
    let signed = client.cookie("note").unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    assert_eq!(says("/session/signed/?age=0").await, "nothing", "it is older");
    for forged in
        [signed.replace("hello", "hallo"), format!("{signed}x"), "hello".into(), String::new(), ":::".into()]
    {
        client.set_cookie("note", &forged);
        assert_eq!(says("/session/signed/").await, "nothing", "{forged}");
    }
    client.set_cookie("other", &signed);
    client.set_cookie("note", &signed);
    assert_eq!(says("/session/signed/").await, "hello: you;");
}
