//! Tokens in links that a user gets by mail.
#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::chrono::{DateTime, NaiveDateTime, Utc};
use nuages::serde_json::Value;
use nuages::uuid::Uuid;
use nuages::{Model, Secret, Settings};
use nuages_auth::tokens::{CHANGE_EMAIL, CONFIRM_EMAIL, PASSWORD_RESET, key_of_uid, uid};
use nuages_auth::{AbstractUser, PasswordHash, UserFields};
use std::time::Duration;

#[derive(Clone, Debug, Model, AbstractUser)]
#[model(app = "accounts")]
struct User {
    #[model(flatten)]
    fields: UserFields,
}

/// Neither address nor last login, and another key.
#[derive(Clone, Debug, Model, AbstractUser)]
#[model(app = "accounts")]
struct Bare {
    id: Uuid,
    #[model(max_length = 30, unique)]
    username: String,
    password: PasswordHash,
}

fn vectors() -> Value {
    nuages::serde_json::from_str(include_str!("../../framework/testdata/django_vectors.json")).unwrap()
}

fn settings(keys: &[&str]) -> Settings {
    let mut settings = Settings { secret_key: Secret::from(keys[0]), ..Settings::default() };
    settings.secret_key_fallbacks = keys[1..].iter().map(|key| Secret::from(*key)).collect();
    settings
}

fn user() -> User {
    let mut user = User::blank();
    user.fields.id = 1;
    user.fields.email = "ann@site.example".into();
    user.fields.password = PasswordHash::new("argon2$hash");
    user
}

fn moment(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000 + seconds, 0).unwrap()
}

fn lives(token: &str, seconds: i64) -> bool {
    PASSWORD_RESET.check(&user(), token, &settings(&["key"]), moment(seconds))
}

#[test]
fn reset_tokens_are_djangos() {
    let all = vectors();
    let keys = [all["secret_key"].as_str().unwrap(), all["secret_key_fallbacks"][0].as_str().unwrap()];
    for case in all["password_reset_token"].as_array().unwrap() {
        let mut user = user();
        user.fields.id = case["pk"].as_i64().unwrap();
        user.fields.password = PasswordHash::new(case["password_field"].as_str().unwrap());
        user.fields.email = case["email"].as_str().unwrap().into();
        let last_login = case["last_login"].as_str().map(|text| text.split('+').next().unwrap());
        user.fields.last_login = last_login.map(|text| text.parse::<NaiveDateTime>().unwrap().and_utc());
        let token = case["token"].as_str().unwrap();
        assert_eq!(PASSWORD_RESET.make(&user, &settings(&keys), moment(0)), token);
        assert!(PASSWORD_RESET.check(&user, token, &settings(&keys), moment(0)));
        assert_eq!(uid(&user), case["uidb64"].as_str().unwrap());
    }
}

#[test]
fn what_says_whose_a_link_is_is_djangos() {
    for case in vectors()["uidb64"].as_array().unwrap() {
        let (key, text) = (case["pk"].as_str().unwrap(), case["uidb64"].as_str().unwrap());
        match key.parse::<Uuid>() {
            Ok(uuid) => assert_eq!(key_of_uid::<Bare>(text), Some(uuid)),
            Err(_) => assert_eq!(key_of_uid::<User>(text), key.parse().ok()),
        }
    }
}

#[test]
fn a_link_of_nobody_is_refused_without_a_panic() {
    let long = "MQ".repeat(500_000);
    let more = "OTk5OTk5OTk5OTk5OTk5OTk5OTk";
    for text in ["", "M", "MQ==", "M Q", "é", "\0", "KzE", "/+", &long, more] {
        assert_eq!(key_of_uid::<User>(text), None, "{text:.20}");
    }
}

#[test]
fn a_token_dies_one_second_after_its_time() {
    let token = PASSWORD_RESET.make(&user(), &settings(&["key"]), moment(0));
    assert!(lives(&token, 3600));
    assert!(!lives(&token, 3601));
    let longer = PASSWORD_RESET.valid_for(Duration::from_secs(7200));
    assert!(longer.check(&user(), &token, &settings(&["key"]), moment(7200)));
}

#[test]
fn a_token_from_a_time_to_come_is_refused() {
    let token = PASSWORD_RESET.make(&user(), &settings(&["key"]), moment(0));
    assert!(lives(&token, -300));
    assert!(!lives(&token, -301));
}

#[test]
fn a_token_dies_with_a_change_of_password_login_or_address() {
    let settings = settings(&["key"]);
    let token = PASSWORD_RESET.make(&user(), &settings, moment(0));
    let changes: [fn(&mut User); 4] = [
        |user| user.fields.password = PasswordHash::new("argon2$other"),
        |user| user.fields.last_login = Some(moment(1)),
        |user| user.fields.email = "eve@site.example".into(),
        |user| user.fields.id = 2,
    ];
    for change in changes {
        let mut user = user();
        change(&mut user);
        assert!(!PASSWORD_RESET.check(&user, &token, &settings, moment(0)), "{user:?}");
    }
}

#[test]
fn a_former_key_verifies_and_a_foreign_one_does_not() {
    let token = PASSWORD_RESET.make(&user(), &settings(&["old"]), moment(0));
    let check = |keys| PASSWORD_RESET.check(&user(), &token, &settings(keys), moment(0));
    assert!(check(&["new", "old"]));
    assert!(!check(&["new"]));
}

#[test]
fn a_token_of_one_purpose_is_none_of_another() {
    let settings = settings(&["key"]);
    let change = CHANGE_EMAIL.about("new@site.example");
    let token = change.make(&user(), &settings, moment(0));
    assert!(change.check(&user(), &token, &settings, moment(0)));
    for other in [CHANGE_EMAIL.about("other@site.example"), CHANGE_EMAIL, CONFIRM_EMAIL, PASSWORD_RESET] {
        assert!(!other.check(&user(), &token, &settings, moment(0)), "{other:?}");
    }
}

#[test]
fn a_forged_token_is_refused_without_a_panic() {
    let token = PASSWORD_RESET.make(&user(), &settings(&["key"]), moment(0));
    let (time, proof) = token.split_once('-').unwrap();
    let long = "z".repeat(1_000_000);
    for forged in [
        "",
        "-",
        time,
        proof,
        &format!("{token}-"),
        &format!("{token}0"),
        &format!("-{token}"),
        &format!("0{token}"),
        &format!("+{token}"),
        &token.to_uppercase(),
        &format!("zzzzzzzzzzzz-{proof}"),
        &format!("zzzzzzzzzzzzz-{proof}"),
        &format!("é-{proof}"),
        &long,
        &format!("{long}-{proof}"),
        &format!("{time}-{long}"),
    ] {
        assert!(!lives(forged, 0), "{forged:.60}");
    }
    assert!(lives(&token, 0));
}

#[test]
fn a_user_without_address_or_last_login_has_tokens_too() {
    let (settings, mut user) = (settings(&["key"]), Bare::blank());
    user.id = Uuid::from_u128(7);
    let token = PASSWORD_RESET.make(&user, &settings, moment(0));
    assert!(PASSWORD_RESET.check(&user, &token, &settings, moment(0)));
    assert_eq!(key_of_uid::<Bare>(&uid(&user)), Some(user.id));
}
