//! Signing in and out, and who is signed in.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::Model;
use nuages::test::Client;
use nuages_auth::{ForceLogin, PasswordHash};
use nuages_tests::accounts::words;
use nuages_tests::kind::Kind;
use nuages_tests::site::{self, PASSWORD, User};
use nuages_tests::table;

nuages_tests::promises!(
    a_wrong_password_an_unknown_name_and_an_inactive_user_look_the_same,
    a_name_or_password_that_cannot_be_is_refused_like_any_other,
    blank_fields_are_asked_for,
    login_changes_the_key,
    login_as_the_same_user_changes_the_key_too_and_keeps_the_data,
    login_as_another_user_forgets_what_the_first_one_had,
    login_keeps_what_a_stranger_had,
    login_remembers_when_it_was,
    a_page_for_users_sends_a_stranger_to_log_in_and_back,
    logout_on_get_shows_the_button_and_signs_nobody_out,
    logout_on_post_signs_out_and_says_so,
    the_old_cookie_is_dead_after_logout,
    a_password_changed_elsewhere_ends_the_session,
    a_deactivated_user_is_a_stranger,
    a_deleted_user_is_a_stranger,
    a_hash_of_django_verifies_and_is_upgraded,
    an_upgraded_hash_signs_no_other_device_out,
    an_unusable_password_lets_nobody_in,
    a_former_secret_key_keeps_people_signed_in,
    a_secret_key_that_is_gone_signs_people_out,
    names_are_compared_without_case,
    names_are_compared_with_case_if_the_site_says_so,
    a_name_of_digits_is_only_itself,
    pages_about_passwords_are_never_stored,
);

const WRONG: &str =
    "Please enter a correct username and password. Note that both fields may be case-sensitive.";

fn key(client: &Client) -> String {
    client.cookie("sessionid").expect("there is a session cookie")
}

async fn who(client: &Client) -> String {
    client.get("/me/").await.assert_ok().text().to_owned()
}

async fn hash(client: &Client, name: &str) -> String {
    let user = User::objects(client.db()).get(User::USERNAME.eq(name)).await.unwrap();
    user.password.expose().to_owned()
}

async fn a_wrong_password_an_unknown_name_and_an_inactive_user_look_the_same(on: Kind) {
    let client = site::client(on).await;
    site::user(&client, "ann").await;
    site::user(&client, "bob").await;
    let bob = User::objects(client.db()).filter(User::USERNAME.eq("bob"));
    bob.update([User::IS_ACTIVE.set(false)]).await.unwrap();
    let mut pages = Vec::new();
    for (name, password) in [("ann", "not-her-password"), ("eve", PASSWORD), ("bob", PASSWORD)] {
        let page = client.another().login(name, password).await;
        page.assert_ok().assert_text(WRONG);
        assert_eq!(page.headers("set-cookie").filter(|line| line.starts_with("sessionid")).count(), 0);
        pages.push(words(&page, name));
    }
    assert_eq!(pages[0], pages[1]);
    assert_eq!(pages[0], pages[2]);
}

async fn a_name_or_password_that_cannot_be_is_refused_like_any_other(on: Kind) {
    let client = site::client(on).await;
    site::user(&client, "ann").await;
    let long = "a".repeat(100_000);
    let odd = ["ann\0", "\0", "' OR 1=1 --", "\u{202e}ann", &long, "ann%", "a_n", "😀", "\\", "ann\r\n"];
    for name in odd {
        let page = client.login(name, PASSWORD).await;
        assert!(page.status() == 200 || name == "ann\r\n", "{name}: {}", page.status());
    }
    client.post("/accounts/logout/", &[]).await;
    for password in ["\0", &long, "' OR 1=1 --", "😀", "\u{202e}"] {
        client.login("ann", password).await.assert_ok();
    }
    assert_eq!(who(&client).await, "nobody");
}

async fn blank_fields_are_asked_for(on: Kind) {
    let client = site::client(on).await;
    for (name, password) in [("", ""), ("ann", ""), ("", PASSWORD)] {
        client
            .login(name, password)
            .await
            .assert_ok()
            .assert_text("This field is required.")
            .assert_no_text(WRONG);
    }
}

async fn login_changes_the_key(on: Kind) {
    let client = site::client(on).await;
    site::user(&client, "ann").await;
    client.get("/session/set/colour/blue/").await;
    let planted = key(&client);
    client.login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
    assert_ne!(key(&client), planted);
    let thief = client.another();
    thief.set_cookie("sessionid", &planted);
    assert_eq!((who(&client).await, who(&thief).await), ("ann".into(), "nobody".into()));
}

async fn login_as_the_same_user_changes_the_key_too_and_keeps_the_data(on: Kind) {
    let client = site::client(on).await;
    site::user(&client, "ann").await;
    client.login("ann", PASSWORD).await;
    client.get("/session/set/colour/blue/").await;
    let first = key(&client);
    client.login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
    assert_ne!(key(&client), first);
    assert_eq!(client.get("/session/read/colour/").await.text(), "blue");
    assert_eq!(table::sessions(client.db()).await.len(), 1);
}

async fn login_as_another_user_forgets_what_the_first_one_had(on: Kind) {
    let client = site::client(on).await;
    site::user(&client, "ann").await;
    site::user(&client, "bob").await;
    client.login("ann", PASSWORD).await;
    client.get("/session/set/colour/blue/").await;
    let anns = key(&client);
    client.login("bob", PASSWORD).await.assert_redirect("/accounts/profile/");
    assert_ne!(key(&client), anns);
    assert_eq!(
        (who(&client).await, client.get("/session/read/colour/").await.text()),
        ("bob".into(), "nothing")
    );
    client.set_cookie("sessionid", &anns);
    assert_eq!(who(&client).await, "nobody");
}

async fn login_keeps_what_a_stranger_had(on: Kind) {
    let client = site::client(on).await;
    site::user(&client, "ann").await;
    client.get("/session/set/basket/full/").await;
    client.login("ann", PASSWORD).await;
    assert_eq!(client.get("/session/read/basket/").await.text(), "full");
}

async fn login_remembers_when_it_was(on: Kind) {
    let client = site::client(on).await;
    let before = site::user(&client, "ann").await;
    assert_eq!(before.last_login, None);
    client.login("ann", PASSWORD).await;
    let ann = User::find(client.db(), &before.id).await.unwrap();
    let age = nuages::chrono::Utc::now() - ann.last_login.unwrap();
    assert!((0..60).contains(&age.num_seconds()), "{age}");
}

async fn a_page_for_users_sends_a_stranger_to_log_in_and_back(on: Kind) {
    let client = site::client(on).await;
    site::user(&client, "ann").await;
    let sent = client.get("/mine/?page=2&q=%C3%A9").await;
    let login = sent.location().unwrap().to_owned();
    let (page, query) = login.split_once('?').unwrap();
    let query: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    assert_eq!((page, query), ("/accounts/login/", vec![("next".into(), "/mine/?page=2&q=%C3%A9".into())]));
    client.get(&login).await.assert_text("name=\"next\" value=\"");
    let back = client.post(&login, &[("username", "ann"), ("password", PASSWORD)]).await;
    back.assert_redirect("/mine/?page=2&q=%C3%A9");
    client.get("/mine/").await.assert_text("ann alone sees this");
}

async fn logout_on_get_shows_the_button_and_signs_nobody_out(on: Kind) {
    let client = site::client(on).await;
    client.force_login(&site::user(&client, "ann").await).await;
    let page = client.get("/accounts/logout/").await;
    page.assert_ok()
        .assert_text("<form method=\"post\"")
        .assert_text("csrfmiddlewaretoken")
        .assert_text("ann");
    assert_eq!(who(&client).await, "ann");
}

async fn logout_on_post_signs_out_and_says_so(on: Kind) {
    let client = site::client(on).await;
    client.force_login(&site::user(&client, "ann").await).await;
    client.post("/accounts/logout/", &[]).await.assert_ok().assert_text("Logged out").assert_no_text("ann");
    assert_eq!((who(&client).await, client.cookie("sessionid")), ("nobody".into(), None));
    client.get("/mine/").await.assert_redirect("/accounts/login/?next=/mine/");
}

async fn the_old_cookie_is_dead_after_logout(on: Kind) {
    let client = site::client(on).await;
    client.force_login(&site::user(&client, "ann").await).await;
    let old = key(&client);
    client.post("/accounts/logout/", &[]).await.assert_ok();
    client.set_cookie("sessionid", &old);
    assert_eq!((who(&client).await, table::sessions(client.db()).await.len()), ("nobody".into(), 0));
}

async fn a_password_changed_elsewhere_ends_the_session(on: Kind) {
    let client = site::client(on).await;
    let mut ann = site::user(&client, "ann").await;
    client.force_login(&ann).await;
    ann.password = PasswordHash::new("pbkdf2_sha256$1$c2FsdA$bm9uZQ==");
    ann.save(client.db()).await.unwrap();
    assert_eq!(who(&client).await, "nobody");
    assert_eq!(table::sessions(client.db()).await.len(), 0);
}

async fn a_deactivated_user_is_a_stranger(on: Kind) {
    let client = site::client(on).await;
    let mut ann = site::user(&client, "ann").await;
    client.force_login(&ann).await;
    ann.is_active = false;
    ann.save(client.db()).await.unwrap();
    assert_eq!(who(&client).await, "nobody");
    client.get("/mine/").await.assert_redirect("/accounts/login/?next=/mine/");
}

async fn a_deleted_user_is_a_stranger(on: Kind) {
    let client = site::client(on).await;
    let ann = site::user(&client, "ann").await;
    client.force_login(&ann).await;
    assert!(ann.delete(client.db()).await.unwrap());
    assert_eq!(who(&client).await, "nobody");
    client.get("/template/everything/").await.assert_ok();
}

/// A password, and what Django has made of it.
fn django_vector() -> (String, String) {
    let all = include_str!("../../framework/testdata/django_vectors.json");
    let all: nuages::serde_json::Value = nuages::serde_json::from_str(all).unwrap();
    let passwords = all["passwords"].as_array().unwrap();
    let text =
        |case: &nuages::serde_json::Value, name: &str| case[name].as_str().unwrap_or_default().to_owned();
    let found = passwords
        .iter()
        .find(|case| text(case, "encoded").starts_with("pbkdf2_sha256$") && case["verifies"] == true);
    let found = found.expect("Django has hashed one");
    (text(found, "password"), text(found, "encoded"))
}

async fn a_hash_of_django_verifies_and_is_upgraded(on: Kind) {
    let (client, (password, encoded)) = (site::client(on).await, django_vector());
    site::user(&client, "ann").await;
    site::set_hash(&client, "ann", &encoded).await;
    client.login("ann", "not-her-password").await.assert_text(WRONG);
    assert_eq!(hash(&client, "ann").await, encoded);
    client.login("ann", &password).await.assert_redirect("/accounts/profile/");
    assert!(hash(&client, "ann").await.starts_with("argon2$argon2id$v=19$m=19456,t=2,p=1$"));
    client.another().login("ann", &password).await.assert_redirect("/accounts/profile/");
}

async fn an_upgraded_hash_signs_no_other_device_out(on: Kind) {
    let (client, (password, encoded)) = (site::client(on).await, django_vector());
    let mut ann = site::user(&client, "ann").await;
    ann.password = PasswordHash::new(&encoded);
    ann.save(client.db()).await.unwrap();
    let phone = client.another();
    phone.force_login(&ann).await;
    phone.get("/session/set/colour/blue/").await;
    client.login("ann", &password).await.assert_redirect("/accounts/profile/");
    assert_ne!(hash(&client, "ann").await, encoded);
    assert_eq!((who(&client).await, who(&phone).await), ("ann".into(), "ann".into()));
    assert_eq!(phone.get("/session/read/colour/").await.text(), "blue");
}

async fn an_unusable_password_lets_nobody_in(on: Kind) {
    let client = site::client(on).await;
    site::user(&client, "ann").await;
    for hash in
        ["", "!", "!abcdefgh", "plain", PASSWORD, "argon2$", "argon2$argon2id$v=19$m=8,t=1,p=1$$", "md5$a$b"]
    {
        site::set_hash(&client, "ann", hash).await;
        for password in ["", "!", PASSWORD, hash] {
            client.login("ann", password).await.assert_ok();
        }
        assert_eq!(who(&client).await, "nobody", "{hash}");
    }
}

const NEW_KEY: &str = "zXcVbNmAsDfGhJkLqWeRtYuIoP1234567890qwertyuiopASDFGH";

/// The same database, served with another secret key.
async fn with_key(client: &Client, on: Kind, fallbacks: Vec<nuages::Secret>) -> Client {
    let other = Client::new(site::project(on).settings(|settings| {
        settings.secret_key = NEW_KEY.into();
        settings.secret_key_fallbacks = fallbacks;
    }));
    let other = other.await;
    copy_tables(client, &other).await;
    other.set_cookie("sessionid", &key(client));
    other
}

/// The user and the session, as they are in the first site's database.
async fn copy_tables(from: &Client, to: &Client) {
    for user in User::objects(from.db()).all().await.unwrap() {
        user.create(to.db()).await.unwrap();
    }
    let columns = "'''' || key_hash || ''',' || coalesce('''' || user_id || '''', 'NULL') || ',''' || data || ''',' \
                   || version || ',''' || created_at || ''',''' || last_seen_at || ''',''' || expire_date || ''','''','''''";
    for values in table::texts(from.db(), "sessions_session", columns).await {
        let names =
            "key_hash, user_id, data, version, created_at, last_seen_at, expire_date, user_agent, address";
        table::run(to.db(), &format!("INSERT INTO sessions_session ({names}) VALUES ({values})")).await;
    }
}

async fn a_former_secret_key_keeps_people_signed_in(on: Kind) {
    let client = site::client(on).await;
    client.force_login(&site::user(&client, "ann").await).await;
    let renewed = with_key(&client, on, vec![site::SECRET_KEY.into()]).await;
    let tabs: Vec<_> = (0..5).map(|_| renewed.another()).collect();
    let old = key(&renewed);
    tabs.iter().for_each(|tab| tab.set_cookie("sessionid", &old));
    let pages = futures_util::future::join_all(tabs.iter().map(|tab| tab.get("/me/"))).await;
    assert!(pages.iter().all(|page| page.status() == 200 && page.text() == "ann"), "{pages:?}");
    for tab in &tabs {
        assert_eq!(who(tab).await, "ann", "whichever answer came last, the browser's cookie must be good");
    }
    let rows = table::sessions(renewed.db()).await;
    assert!(
        rows.len() == 1 && rows[0] != table::sessions(client.db()).await[0],
        "signed with the new key now"
    );
}

async fn a_secret_key_that_is_gone_signs_people_out(on: Kind) {
    let client = site::client(on).await;
    client.force_login(&site::user(&client, "ann").await).await;
    let renewed = with_key(&client, on, vec![]).await;
    assert_eq!(who(&renewed).await, "nobody");
}

async fn names_are_compared_without_case(on: Kind) {
    let client = site::client(on).await;
    for (stored, typed) in [("Ann", "aNN"), ("jörg", "JÖRG"), ("Ωmega", "ωMEGA"), ("Admin", "Ａｄｍｉｎ")]
    {
        site::user(&client, stored).await;
        let visitor = client.another();
        visitor.login(typed, PASSWORD).await.assert_redirect("/accounts/profile/");
        assert_eq!(who(&visitor).await, stored);
    }
}

async fn names_are_compared_with_case_if_the_site_says_so(on: Kind) {
    let client =
        Client::new(site::project(on).settings(|settings| settings.username_case_sensitive = true)).await;
    site::user(&client, "Ann").await;
    client.login("ann", PASSWORD).await.assert_text(WRONG);
    client.login("Ann", PASSWORD).await.assert_redirect("/accounts/profile/");
}

async fn a_name_of_digits_is_only_itself(on: Kind) {
    let client = site::client(on).await;
    site::user(&client, "ann").await;
    site::user(&client, "0").await;
    for name in ["00", "0.0", "-0", "1", "false"] {
        client.login(name, PASSWORD).await.assert_text(WRONG);
    }
    client.login("0", PASSWORD).await.assert_redirect("/accounts/profile/");
}

async fn pages_about_passwords_are_never_stored(on: Kind) {
    let client = site::client(on).await;
    for path in ["/accounts/login/", "/accounts/signup/", "/accounts/logout/"] {
        let page = client.get(path).await;
        assert!(page.assert_ok().header("cache-control").unwrap().contains("no-store"), "{path}");
    }
    let ann = site::user(&client, "ann").await;
    client.force_login(&ann).await;
    for path in ["/accounts/profile/", "/accounts/sessions/", "/accounts/password_change/", "/mine/"] {
        let page = client.get(path).await;
        assert!(page.assert_ok().header("cache-control").unwrap().contains("no-store"), "{path}");
    }
}
