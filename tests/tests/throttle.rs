//! So many attempts, and no more.

#![allow(clippy::unwrap_used, reason = "a test may")]

use futures_util::future::join_all;
use nuages::test::{Answer, Client};
use nuages::{Model, Settings};
use nuages_auth::Passwords;
use nuages_auth::throttle::{AttemptRow, Attempts, DatabaseAttempts};
use nuages_tests::kind::Kind;
use nuages_tests::process::{manage, outcome};
use nuages_tests::site::{self, PASSWORD, User};
use nuages_tests::table;
use poem::http::{Method, header};
use std::time::Duration;

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
    blank_fields_count_nothing,
    zero_is_no_limit,
    fifty_at_once_are_counted_as_fifty,
    a_window_ends_and_another_begins,
    an_attempt_is_taken_back_and_all_are_forgotten,
    what_is_over_is_removed,
);

const WRONG: &str = "not-her-password";
const WINDOW: Duration = Duration::from_secs(300);

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

/// The page without what differs each time, and without the name that was typed.
fn words(page: &Answer, name: &str) -> String {
    let lines = page.text().lines().filter(|line| !line.contains("csrfmiddlewaretoken"));
    lines.collect::<Vec<_>>().join("\n").replace(name, "NAME")
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
    use nuages::ThrottleStoreKind;
    use nuages_auth::throttle::RedisAttempts;
    use nuages_tests::redis_keys;

    fn in_redis(settings: &mut Settings) {
        redis_keys::settings(settings);
        settings.throttle_store = Some(ThrottleStoreKind::Redis);
    }

    async fn attempts() -> (Client, RedisAttempts) {
        let client = limited_and(Kind::Sqlite, 5, 0, in_redis).await;
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

    #[tokio::test]
    async fn the_sixth_attempt_is_refused_and_no_name_is_in_redis() {
        let (client, _attempts) = attempts().await;
        site::user(&client, "annabelle").await;
        guess(&client, "annabelle", 5).await;
        let before = hashes(&client);
        assert_refused(&client.another().login("annabelle", PASSWORD).await);
        assert_eq!(hashes(&client), before);
        assert!(!redis_keys::dump(&client).await.join("|").contains("annabelle"));
        assert_eq!(AttemptRow::objects(client.db()).count().await.unwrap(), 0);
    }
}
