//! So many attempts, and no more.

#![allow(clippy::unwrap_used, reason = "a test may")]

use futures_util::future::join_all;
#[cfg(feature = "redis")]
use nuages::ThrottleStoreKind;
use nuages::test::{Answer, Client};
use nuages::{Model, Settings};
use nuages_auth::Passwords;
use nuages_auth::throttle::AttemptRow;
use nuages_tests::accounts::words;
use nuages_tests::kind::Kind;
use nuages_tests::process::{manage, outcome};
#[cfg(feature = "redis")]
use nuages_tests::redis_keys;
use nuages_tests::site::{self, PASSWORD, User};
use poem::http::{Method, header};

nuages_tests::promises!(
    the_sixth_attempt_is_refused_whoever_the_name_is_and_costs_no_hash,
    of_sixty_attempts_at_once_five_are_checked,
    a_right_password_forgives_the_wrong_ones,
    an_account_is_one_however_its_name_is_written,
    a_network_has_a_limit_of_its_own,
    a_right_password_costs_the_network_nothing,
    nobody_locks_the_owner_out_of_a_known_device,
    a_known_device_has_a_limit_of_its_own,
    a_stranger_cannot_say_where_they_come_from,
    a_trusted_proxy_says_where_visitors_come_from,
    unlock_lets_the_owner_in,
    sign_ups_from_one_network_are_limited,
    mails_to_one_address_are_limited_whether_it_is_known_or_not,
    the_old_password_is_guessed_no_more_often_than_at_the_login,
    past_the_limit_a_form_keeps_what_was_typed_but_for_passwords,
    past_the_limit_a_sign_up_does_not_tell_which_names_there_are,
    blank_fields_count_nothing,
    zero_is_no_limit,
);

const WRONG: &str = "not-her-password";

/// A site with these limits per account and per network.
async fn limited(on: Kind, per_account: u32, per_network: u32) -> Client {
    limited_and(on, per_account, per_network, |_| {}).await
}

async fn limited_and(
    on: Kind,
    per_account: u32,
    per_network: u32,
    change: impl FnOnce(&mut Settings),
) -> Client {
    let project = site::project(on).settings(|settings| {
        settings.throttle_per_account = per_account;
        settings.throttle_per_network = per_network;
        change(settings);
    });
    Client::new(project).await
}

fn hashes(client: &Client) -> u64 {
    Passwords::from_settings(client.settings()).unwrap().hashes()
}

/// So many wrong passwords, each from a browser that nobody has used before.
async fn guess(client: &Client, name: &str, times: usize) {
    for _ in 0..times {
        client.another().login(name, WRONG).await.assert_ok();
    }
}

#[track_caller]
fn assert_refused(answer: &Answer) {
    answer.assert_status(429).assert_text("oo many attempts; try again in ");
    let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=300).contains(&seconds), "{seconds}");
}

async fn the_sixth_attempt_is_refused_whoever_the_name_is_and_costs_no_hash(on: Kind) {
    let client = limited(on, 5, 0).await;
    site::user(&client, "ann").await;
    let mut pages = Vec::new();
    for name in ["ann", "eve"] {
        guess(&client, name, 5).await;
        let before = hashes(&client);
        let page = client.another().login(name, PASSWORD).await;
        assert_refused(&page);
        assert_eq!(hashes(&client), before);
        assert!(!page.headers("set-cookie").any(|line| line.starts_with("sessionid")));
        pages.push(words(&page, name));
    }
    assert_eq!(pages[0], pages[1]);
}

async fn of_sixty_attempts_at_once_five_are_checked(on: Kind) {
    let client = limited(on, 5, 0).await;
    site::user(&client, "ann").await;
    let (before, visitors) = (hashes(&client), (0..60).map(|_| client.another()).collect::<Vec<_>>());
    let answers = join_all(visitors.iter().map(|visitor| visitor.login("ann", WRONG))).await;
    let looked_at = answers.iter().filter(|answer| answer.status() == 200).count();
    let refused = answers.iter().filter(|answer| answer.status() == 429).count();
    assert!(looked_at <= 5 && looked_at + refused == 60, "{looked_at} {refused}");
    assert_eq!(hashes(&client) - before, looked_at as u64);
}

async fn a_right_password_forgives_the_wrong_ones(on: Kind) {
    let client = limited(on, 5, 0).await;
    site::user(&client, "ann").await;
    for _ in 0..3 {
        guess(&client, "ann", 4).await;
        client.another().login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
    }
}

async fn an_account_is_one_however_its_name_is_written(on: Kind) {
    let client = limited(on, 5, 0).await;
    site::user(&client, "admin").await;
    for name in ["admin", "ADMIN", "Admin", "Ａｄｍｉｎ", "aDmIn"] {
        guess(&client, name, 1).await;
    }
    assert_refused(&client.another().login("admin", PASSWORD).await);
}

async fn a_network_has_a_limit_of_its_own(on: Kind) {
    let client = limited(on, 0, 3).await;
    let household = ["2001:db8:0:1::1", "2001:db8:0:1::2", "2001:db8:0:1:ffff:ffff:ffff:ffff"];
    for (number, address) in household.into_iter().enumerate() {
        let visitor = client.another().at(address);
        visitor.login(&format!("name{number}"), WRONG).await.assert_ok();
    }
    assert_refused(&client.another().at("2001:db8:0:1::3").login("name4", WRONG).await);
    for elsewhere in ["2001:db8:0:2::1", "192.0.2.1", "192.0.2.2"] {
        client.another().at(elsewhere).login("name5", WRONG).await.assert_ok();
    }
    guess(&client.another().at("192.0.2.1"), "name6", 2).await;
    assert_refused(&client.another().at("::ffff:192.0.2.1").login("name7", WRONG).await);
}

async fn a_right_password_costs_the_network_nothing(on: Kind) {
    let client = limited(on, 0, 3).await.at("192.0.2.1");
    site::user(&client, "ann").await;
    for _ in 0..5 {
        client.another().login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
    }
    guess(&client, "bob", 3).await;
    assert_refused(&client.another().login("ann", PASSWORD).await);
}

async fn nobody_locks_the_owner_out_of_a_known_device(on: Kind) {
    let client = limited(on, 5, 10).await.at("192.0.2.1");
    site::user(&client, "ann").await;
    let laptop = client.another();
    laptop.login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
    laptop.post("/accounts/logout/", &[]).await.assert_ok();
    guess(&client, "ann", 5).await;
    for number in 0..20 {
        client.another().login(&format!("name{number}"), WRONG).await;
    }
    assert_refused(&client.another().login("ann", PASSWORD).await);
    laptop.login("Ann", PASSWORD).await.assert_redirect("/accounts/profile/");
    assert_refused(&client.another().login("ann", PASSWORD).await);
    // The device is known to her account alone.
    assert_refused(&laptop.login("bob", WRONG).await);
}

async fn a_known_device_has_a_limit_of_its_own(on: Kind) {
    let client = limited(on, 5, 0).await;
    site::user(&client, "ann").await;
    let laptop = client.another();
    laptop.login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
    for _ in 0..5 {
        laptop.login("ann", WRONG).await.assert_ok();
    }
    assert_refused(&laptop.login("ann", PASSWORD).await);
    client.another().login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
    // A device that somebody has made up is none.
    let forged = client.another();
    forged.set_cookie("known_device", &laptop.cookie("known_device").unwrap().replace('a', "b"));
    guess(&client, "ann", 5).await;
    assert_refused(&forged.login("ann", PASSWORD).await);
}

/// A wrong password, with a header that says who sends it.
async fn forwarded(client: &Client, name: &str, from: &str) -> Answer {
    let visitor = client.another();
    let mut request = visitor.request(Method::POST, "/accounts/login/");
    let form = "application/x-www-form-urlencoded".parse().unwrap();
    request.headers_mut().insert(header::CONTENT_TYPE, form);
    request.headers_mut().insert("x-forwarded-for", from.parse().unwrap());
    let token = visitor.csrf_token();
    request.set_body(format!("username={name}&password={WRONG}&csrfmiddlewaretoken={token}"));
    visitor.send(request).await
}

async fn a_stranger_cannot_say_where_they_come_from(on: Kind) {
    let client = limited(on, 0, 3).await.at("192.0.2.1");
    for number in 0..3 {
        forwarded(&client, "ann", &format!("198.51.100.{number}")).await.assert_ok();
    }
    assert_refused(&forwarded(&client, "ann", "198.51.100.4").await);
}

async fn a_trusted_proxy_says_where_visitors_come_from(on: Kind) {
    let trust = |settings: &mut Settings| settings.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
    let client = limited_and(on, 0, 3, trust).await.at("10.0.0.1");
    for number in 0..5 {
        forwarded(&client, "ann", &format!("198.51.100.{number}")).await.assert_ok();
    }
    for number in 0..3 {
        forwarded(&client, "ann", &format!("203.0.113.{number}, 198.51.100.9")).await.assert_ok();
    }
    assert_refused(&forwarded(&client, "ann", "203.0.113.7, 198.51.100.9").await);
}

async fn unlock_lets_the_owner_in(on: Kind) {
    let client = limited(on, 5, 0).await;
    site::user(&client, "ann").await;
    guess(&client, "ann", 5).await;
    assert_refused(&client.another().login("ann", PASSWORD).await);
    let url = client.settings().database_url.expose();
    let output = manage(env!("CARGO_BIN_EXE_site"), url, &["unlock", "ANN"]).output().unwrap();
    let (code, said, wrong) = outcome(&output);
    assert!(code == 0 && said.contains("Attempts at `ANN` are forgotten"), "{said} {wrong}");
    client.another().login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
}

async fn sign_ups_from_one_network_are_limited(on: Kind) {
    let client = limited(on, 0, 2).await.at("192.0.2.1");
    let sign_up = async |client: &Client, name: &str, password: &str| {
        let fields = [("username", name), ("password1", password), ("password2", password)];
        client.another().post("/accounts/signup/", &fields).await
    };
    for _ in 0..3 {
        sign_up(&client, "ann", "weak").await.assert_ok();
    }
    sign_up(&client, "ann", PASSWORD).await.assert_redirect("/accounts/login/");
    sign_up(&client, "bob", PASSWORD).await.assert_redirect("/accounts/login/");
    let before = hashes(&client);
    assert_refused(&sign_up(&client, "eve", PASSWORD).await);
    assert_eq!((hashes(&client), User::objects(client.db()).count().await.unwrap()), (before, 2));
    let elsewhere = client.another().at("192.0.2.2");
    sign_up(&elsewhere, "eve", PASSWORD).await.assert_redirect("/accounts/login/");
    // Asking which names there are counts too.
    sign_up(&elsewhere, "ann", PASSWORD).await.assert_ok();
    assert_refused(&sign_up(&elsewhere, "bob", PASSWORD).await);
}

async fn mails_to_one_address_are_limited_whether_it_is_known_or_not(on: Kind) {
    let client = limited(on, 2, 0).await;
    let mut ann = site::user(&client, "ann").await;
    ann.email = "ann@site.example".into();
    ann.save(client.db()).await.unwrap();
    for address in ["ann@site.example", "eve@site.example"] {
        let ask = async |address: &str| {
            client.another().post("/accounts/password_reset/", &[("email", address)]).await
        };
        ask(address).await.assert_redirect("/accounts/password_reset/done/");
        ask(&address.to_uppercase()).await.assert_redirect("/accounts/password_reset/done/");
        assert_refused(&ask(address).await);
    }
    assert_eq!(client.outbox().len(), 2);
}

async fn the_old_password_is_guessed_no_more_often_than_at_the_login(on: Kind) {
    let client = limited(on, 5, 0).await;
    site::user(&client, "ann").await;
    client.login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
    let new = [("new_password1", "amber-lantern-43"), ("new_password2", "amber-lantern-43")];
    for _ in 0..3 {
        let form = [&[("old_password", WRONG)], &new[..]].concat();
        client.post("/accounts/password_change/", &form).await.assert_ok();
    }
    client.post("/accounts/delete/", &[("password", WRONG)]).await.assert_ok();
    let form = [("new_email", "ann@site.example"), ("password", WRONG)];
    client.post("/accounts/email_change/", &form).await.assert_ok();
    let form = [&[("old_password", PASSWORD)], &new[..]].concat();
    assert_refused(&client.post("/accounts/password_change/", &form).await);
    assert_refused(&client.post("/accounts/delete/", &[("password", PASSWORD)]).await);
    assert_refused(&client.login("ann", PASSWORD).await);
    assert_eq!(client.get("/me/").await.text(), "ann", "nobody is signed out by it");
}

/// The form again, with the words in it and what was typed in these fields, and no password.
#[track_caller]
fn assert_kept(answer: &Answer, typed: &[(&str, &str)]) {
    assert_refused(answer);
    answer.assert_text("Too many attempts; try again in ").assert_text("csrfmiddlewaretoken");
    let page = answer.text();
    assert!(answer.header("cache-control").unwrap().contains("no-store"));
    assert!(!page.contains(PASSWORD) && !page.contains(WRONG), "{page}");
    for (name, value) in typed {
        let input = page.split("<input").find(|input| input.contains(&format!("name=\"{name}\"")));
        assert!(input.is_some_and(|input| input.contains(&format!("value=\"{value}\""))), "{name}: {page}");
    }
}

async fn past_the_limit_a_form_keeps_what_was_typed_but_for_passwords(on: Kind) {
    let client = limited(on, 1, 2).await.at("192.0.2.1");
    site::user(&client, "ann").await;
    client.login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
    client.post("/accounts/delete/", &[("password", WRONG)]).await.assert_ok();
    assert_kept(&client.post("/accounts/delete/", &[("password", WRONG)]).await, &[]);
    let typed = ("new_email", "new@site.example");
    assert_kept(&client.post("/accounts/email_change/", &[typed, ("password", WRONG)]).await, &[typed]);
    let form = [("old_password", PASSWORD), ("new_password1", WRONG), ("new_password2", WRONG)];
    assert_kept(&client.post("/accounts/password_change/", &form).await, &[]);
    let visitor = client.another();
    guess(&client, "eve", 1).await;
    let typed = ("username", "eve");
    assert_kept(&visitor.post("/accounts/login/", &[typed, ("password", WRONG)]).await, &[typed]);
    let typed = ("email", "eve@site.example");
    visitor
        .post("/accounts/password_reset/", &[typed])
        .await
        .assert_redirect("/accounts/password_reset/done/");
    assert_kept(&visitor.post("/accounts/password_reset/", &[typed]).await, &[typed]);
}

async fn past_the_limit_a_sign_up_does_not_tell_which_names_there_are(on: Kind) {
    let client = limited(on, 0, 1).await.at("192.0.2.1");
    site::user(&client, "ann").await;
    let sign_up = async |name| {
        let form = [("username", name), ("password1", PASSWORD), ("password2", PASSWORD)];
        client.another().post("/accounts/signup/", &form).await
    };
    sign_up("ann").await.assert_ok().assert_text("already exists");
    let pages = [sign_up("ann").await, sign_up("eve").await];
    assert_kept(&pages[0], &[("username", "ann")]);
    assert_kept(&pages[1], &[("username", "eve")]);
    assert_eq!(words(&pages[0], "ann"), words(&pages[1], "eve"));
}

async fn blank_fields_count_nothing(on: Kind) {
    let client = limited(on, 5, 10).await.at("192.0.2.1");
    site::user(&client, "ann").await;
    for _ in 0..20 {
        client.another().login("ann", "").await.assert_ok();
        client.another().login("", PASSWORD).await.assert_ok();
    }
    assert_eq!(AttemptRow::objects(client.db()).count().await.unwrap(), 0);
}

async fn zero_is_no_limit(on: Kind) {
    let client = limited(on, 0, 0).await.at("192.0.2.1");
    site::user(&client, "ann").await;
    guess(&client, "ann", 12).await;
    client.another().login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
    assert_eq!(AttemptRow::objects(client.db()).count().await.unwrap(), 0);
}

#[cfg(feature = "redis")]
#[tokio::test]
async fn the_sixth_attempt_is_refused_and_no_name_is_in_redis() {
    let in_redis = |settings: &mut Settings| {
        redis_keys::settings(settings);
        settings.throttle_store = Some(ThrottleStoreKind::Redis);
    };
    let client = limited_and(Kind::Sqlite, 5, 0, in_redis).await;
    site::user(&client, "annabelle").await;
    guess(&client, "annabelle", 5).await;
    let before = hashes(&client);
    assert_refused(&client.another().login("annabelle", PASSWORD).await);
    assert_eq!(hashes(&client), before);
    assert!(!redis_keys::dump(&client).await.join("|").contains("annabelle"));
    assert_eq!(AttemptRow::objects(client.db()).count().await.unwrap(), 0);
}
