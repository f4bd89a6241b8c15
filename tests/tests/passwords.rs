//! Passwords: which are taken, in which form they are kept, and what a failed login costs.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::test::Client;
use nuages::{Model, SessionStoreKind};
use nuages_auth::hashers::{Hasher, PasswordHashers, unusable_password};
use nuages_auth::validation::{Attributes, MinimumLength, PasswordValidator, ValidationError};
use nuages_auth::{AbstractUser, AuthApp, NewUser, Passwords, UserError, UserFields};
use nuages_tests::kind::Kind;
use nuages_tests::site::{self, PASSWORD, User};
use std::sync::{Arc, Mutex};

nuages_tests::promises!(
    a_new_user_hears_all_that_is_wrong_at_once,
    a_name_is_taken_in_any_case_and_any_form,
    of_two_who_take_a_name_at_once_one_is_told,
    a_new_user_is_stored_in_one_form,
    the_unchecked_twin_takes_what_it_is_given,
    a_new_password_keeps_the_rules,
    rules_of_the_settings_and_of_the_site_hold_at_sign_up,
    the_name_of_the_site_is_no_password,
    a_rule_is_told_of_passwords_that_are_stored,
    every_failed_login_costs_one_hash,
    blank_fields_and_a_right_password_cost_no_more,
    the_hashers_of_the_settings_write_and_read,
    what_older_djangos_wrote_opens_where_it_is_named,
    beside_a_django_nothing_is_upgraded_unless_the_hashers_are_named,
);

async fn hash(client: &Client, name: &str) -> String {
    let user = User::objects(client.db()).get(User::USERNAME.eq(name)).await.unwrap();
    user.password.expose().to_owned()
}

/// The faults of what was not stored: field and code.
fn faults<T: std::fmt::Debug>(outcome: Result<T, UserError>) -> Vec<(&'static str, &'static str)> {
    let invalid = outcome.unwrap_err().invalid().unwrap();
    invalid.errors().map(|(field, fault)| (field, fault.code)).collect()
}

async fn a_new_user_hears_all_that_is_wrong_at_once(on: Kind) {
    let (client, passwords) = (site::client(on).await, Passwords::default());
    let new = || NewUser::<User>::new("a b").password("1234").set("email", "nowhere");
    let new = || new().set("first_name", "x".repeat(151)).set("last_name", "a\0b");
    let expected = [
        ("username", "invalid"),
        ("email", "invalid"),
        ("first_name", "max_length"),
        ("last_name", "null_characters_not_allowed"),
        ("password", "password_too_short"),
        ("password", "password_too_common"),
        ("password", "password_entirely_numeric"),
    ];
    assert_eq!(faults(new().create(client.db(), &passwords).await), expected);
    let error = nuages::Error::from(new().create(client.db(), &passwords).await.unwrap_err());
    let text = error.to_string();
    assert!(
        error.exit_code() == 1 && text.lines().count() == 1 && text.contains("email: Enter a valid"),
        "{text}"
    );
    for (name, code) in
        [("", "required"), (&*"a".repeat(151), "max_length"), ("a\0", "null_characters_not_allowed")]
    {
        let new = NewUser::<User>::new(name).create(client.db(), &passwords).await;
        assert_eq!(faults(new), [("username", code)]);
    }
    let long =
        NewUser::<User>::new("ann").password("x".repeat(1_000_000)).create(client.db(), &passwords).await;
    assert_eq!(faults(long), [("password", "password_too_long")]);
    assert_eq!(User::objects(client.db()).count().await.unwrap(), 0);
}

async fn a_name_is_taken_in_any_case_and_any_form(on: Kind) {
    let (client, passwords) = (site::client(on).await, Passwords::default());
    NewUser::<User>::new("ann").create(client.db(), &passwords).await.unwrap();
    for name in ["ann", "ANN", "Ann", "ａｎｎ"] {
        let second = NewUser::<User>::new(name).create(client.db(), &passwords).await;
        assert_eq!(faults(second), [("username", "unique")], "{name}");
    }
}

async fn of_two_who_take_a_name_at_once_one_is_told(on: Kind) {
    let (client, passwords) = (site::client(on).await, Passwords::default());
    let take = || NewUser::<User>::new("ann").password(PASSWORD).create(client.db(), &passwords);
    let outcomes = tokio::join!(take(), take());
    let told = [outcomes.0, outcomes.1].into_iter().filter(Result::is_err).map(faults);
    assert_eq!(told.collect::<Vec<_>>(), [[("username", "unique")]]);
}

async fn a_new_user_is_stored_in_one_form(on: Kind) {
    let (client, passwords) = (site::client(on).await, Passwords::default());
    let new = NewUser::<User>::new("Ａnn").set("email", "Ann@SITE.Example").create(client.db(), &passwords);
    let ann = new.await.unwrap();
    assert_eq!((ann.username.as_str(), ann.email.as_str()), ("Ann", "Ann@site.example"));
}

async fn the_unchecked_twin_takes_what_it_is_given(on: Kind) {
    let (client, passwords) = (site::client(on).await, Passwords::default());
    let new = NewUser::<User>::new("a b").password("1234").create_unchecked(client.db(), &passwords);
    new.await.unwrap();
    client.login("a b", "1234").await.assert_redirect("/accounts/profile/");
}

async fn a_new_password_keeps_the_rules(on: Kind) {
    let client = site::client(on).await;
    let mut ann = site::user(&client, "annabelle").await;
    let elsewhere = client.another();
    for browser in [&client, &elsewhere] {
        browser.login("annabelle", PASSWORD).await.assert_redirect("/accounts/profile/");
    }
    let long = "x".repeat(5000);
    for (weak, words) in
        [("annabelle1", "too similar to the username"), ("plum", "too short"), (&long, "4096")]
    {
        client.post("/password/", &[("password", weak)]).await.assert_ok().assert_text(words);
    }
    assert!(hash(&client, "annabelle").await == ann.password.expose());
    client.post("/password/", &[("password", "amber-lantern-43")]).await.assert_ok().assert_text("changed");
    client.get("/me/").await.assert_text("annabelle");
    elsewhere.get("/me/").await.assert_text("nobody");
    // Without a request, for a command.
    let passwords = Passwords::from_settings(client.settings()).unwrap();
    let weak = passwords.set(client.db(), &mut ann, "plum").await;
    assert_eq!(faults(weak), [("password", "password_too_short")]);
    passwords.set(client.db(), &mut ann, "ochre-lantern-44").await.unwrap();
    client.get("/me/").await.assert_text("nobody");
    passwords.set_unchecked(client.db(), &mut ann, "plum").await.unwrap();
    client.login("annabelle", "plum").await.assert_redirect("/accounts/profile/");
}

/// A rule of a site's own, that remembers which passwords were stored.
#[derive(Clone, Default)]
struct NoPlums(Arc<Mutex<Vec<String>>>);

impl PasswordValidator for NoPlums {
    fn validate(&self, password: &str, _user: &Attributes) -> Result<(), ValidationError> {
        match password.contains("plum") {
            true => Err(ValidationError::new("plum", "This password has a plum in it.")),
            false => Ok(()),
        }
    }

    fn help_text(&self) -> String {
        "Your password can’t have a plum in it.".into()
    }

    fn password_changed(&self, password: &str, user: &Attributes) {
        let line = format!("{} {password}", user.get("username").unwrap_or_default());
        self.0.lock().unwrap().push(line);
    }
}

async fn sign_up(client: &Client, name: &str, password: &str) -> nuages::test::Answer {
    let fields = [("username", name), ("password1", password), ("password2", password)];
    client.post("/accounts/signup/", &fields).await
}

async fn rules_of_the_settings_and_of_the_site_hold_at_sign_up(on: Kind) {
    let auth = AuthApp::<User>::new().password_validators([Box::new(NoPlums::default())]);
    let project = site::with_auth(on, auth.app());
    let project =
        project.settings(|settings| settings.auth_password_validators = vec!["minimum_length:12".into()]);
    let client = Client::new(project).await;
    let page = client.get("/accounts/signup/").await;
    page.assert_text("at least 12 characters")
        .assert_text("have a plum in it")
        .assert_no_text("entirely numeric");
    sign_up(&client, "ann", "mauve-lamp").await.assert_text("It must contain at least 12 characters.");
    sign_up(&client, "ann", "mauve-plum-4242").await.assert_text("This password has a plum in it.");
    sign_up(&client, "ann", "8201937465018").await.assert_redirect("/accounts/login/");
}

async fn the_name_of_the_site_is_no_password(on: Kind) {
    let client =
        Client::new(site::project(on).settings(|settings| settings.site_name = "Minor Swing".into())).await;
    sign_up(&client, "ann", "MinorSwing26").await.assert_text("too similar to the name of this site");
    sign_up(&client, "ann", PASSWORD).await.assert_redirect("/accounts/login/");
}

async fn a_rule_is_told_of_passwords_that_are_stored(on: Kind) {
    let rule = NoPlums::default();
    let auth =
        AuthApp::<User>::new().password_validators([Box::new(rule.clone()), Box::new(MinimumLength(9))]);
    let client = Client::new(site::with_auth(on, auth.app())).await;
    sign_up(&client, "ann", "plum-lantern-42").await.assert_ok();
    sign_up(&client, "ann", PASSWORD).await.assert_redirect("/accounts/login/");
    client.login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
    client.post("/password/", &[("password", "amber-lantern-43")]).await.assert_text("changed");
    assert_eq!(*rule.0.lock().unwrap(), [format!("ann {PASSWORD}"), "ann amber-lantern-43".into()]);
}

/// A site with users who cannot log in, each for a reason of its own, and with ann. Its hashers are those of no other test, so that
/// nobody else's hashes are counted.
async fn site_of_failures(on: Kind) -> (Client, Passwords) {
    let auth = AuthApp::<User>::new().password_hashers(PasswordHashers::new(Hasher::Pbkdf2Sha256(23), []));
    let passwords = auth.passwords(&Arc::new(site::settings(on, true).unwrap())).unwrap();
    let client = Client::new(site::with_auth(on, auth.app())).await;
    for name in ["ann", "inactive", "unusable", "absurd", "unread"] {
        NewUser::<User>::new(name).password(PASSWORD).create(client.db(), &passwords).await.unwrap();
    }
    let inactive = User::objects(client.db()).filter(User::USERNAME.eq("inactive"));
    inactive.update([User::IS_ACTIVE.set(false)]).await.unwrap();
    site::set_hash(&client, "unusable", &unusable_password()).await;
    site::set_hash(&client, "absurd", "pbkdf2_sha256$4294967295$salt$x").await;
    site::set_hash(&client, "unread", "scrypt$16384$salt$8$5$x").await;
    (client, passwords)
}

async fn every_failed_login_costs_one_hash(on: Kind) {
    let (client, passwords) = site_of_failures(on).await;
    let long = "x".repeat(100_000);
    for (name, password) in [
        ("ann", "wrong"),
        ("ann", &*long),
        ("ann", "mauve\0lantern"),
        ("eve", PASSWORD),
        ("eve", &long),
        ("inactive", PASSWORD),
        ("inactive", "wrong"),
        ("unusable", PASSWORD),
        ("absurd", PASSWORD),
        ("unread", PASSWORD),
        ("ann\0", PASSWORD),
        (&long, PASSWORD),
    ] {
        let before = passwords.hashes();
        client.login(name, password).await.assert_ok().assert_no_text("This field is required.");
        assert_eq!(passwords.hashes(), before + 1, "{name:.20} {password:.20}");
    }
}

async fn blank_fields_and_a_right_password_cost_no_more(on: Kind) {
    let (client, passwords) = site_of_failures(on).await;
    let before = passwords.hashes();
    client.login("ann", "").await.assert_ok();
    client.login("", PASSWORD).await.assert_ok();
    assert_eq!(passwords.hashes(), before);
    client.login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
    assert_eq!(passwords.hashes(), before + 1);
}

fn hashers(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

async fn the_hashers_of_the_settings_write_and_read(on: Kind) {
    let names = hashers(&["django.contrib.auth.hashers.ScryptPasswordHasher", "argon2"]);
    let client = Client::new(site::project(on).settings(|settings| settings.password_hashers = names)).await;
    sign_up(&client, "ann", PASSWORD).await.assert_redirect("/accounts/login/");
    let stored = hash(&client, "ann").await;
    assert!(stored.len() == 128 && stored.starts_with("scrypt$16384$"), "{stored}");
    site::user(&client, "bob").await;
    for name in ["ann", "bob"] {
        client.login(name, PASSWORD).await.assert_redirect("/accounts/profile/");
        assert!(hash(&client, name).await.starts_with("scrypt$"));
    }
    assert_eq!(hash(&client, "ann").await, stored);
}

/// Django's string for the password `lètmein`, four rounds of bcrypt.
const BCRYPT: &str = "bcrypt$$2b$04$abcdefghijklmnopqrstuuanVo7Xut1CH8VGIGlz1JovQh9GJbbtG";
/// Of the same password.
const UNSALTED: &str = "88a434c88cca4e900f7874cd98123f43";

async fn what_older_djangos_wrote_opens_where_it_is_named(on: Kind) {
    for (stored, name) in [(BCRYPT, "bcrypt"), (UNSALTED, "unsalted_md5")] {
        let default = site::client(on).await;
        let names = hashers(&["argon2", name]);
        let named =
            Client::new(site::project(on).settings(|settings| settings.password_hashers = names)).await;
        for client in [&default, &named] {
            site::user(client, "ann").await;
            site::set_hash(client, "ann", stored).await;
        }
        default.login("ann", "lètmein").await.assert_ok();
        assert_eq!(hash(&default, "ann").await, stored);
        named.login("ann", "lètmein").await.assert_redirect("/accounts/profile/");
        assert!(hash(&named, "ann").await.starts_with("argon2$"));
        named.another().login("ann", "lètmein").await.assert_redirect("/accounts/profile/");
    }
}

async fn beside_a_django_nothing_is_upgraded_unless_the_hashers_are_named(on: Kind) {
    let stored = "bcrypt_sha256$$2b$04$abcdefghijklmnopqrstuulyx/yrfLnuLCi6gwFG5mrkJjuQKpL6S";
    for (names, begins) in
        [(hashers(&[]), "bcrypt_sha256$"), (hashers(&["argon2", "bcrypt_sha256"]), "argon2$")]
    {
        let project = site::project(on).settings(|settings| {
            settings.session_store = SessionStoreKind::Django;
            settings.password_hashers = names;
        });
        let client = Client::new(project).await;
        site::user(&client, "ann").await;
        site::set_hash(&client, "ann", stored).await;
        client.login("ann", "lètmein").await.assert_redirect("/accounts/profile/");
        let kept = hash(&client, "ann").await;
        assert!(kept.starts_with(begins), "{kept}");
    }
}

/// A user with more to tell.
#[derive(Clone, Debug, Model, AbstractUser)]
#[model(app = "accounts")]
struct Musician {
    #[model(flatten)]
    fields: UserFields,
    #[model(max_length = 30)]
    instrument: String,
    about: String,
}

#[test]
fn a_user_is_known_by_the_short_texts_of_the_row() {
    let mut ann = Musician::blank();
    for (field, text) in [("username", "ann"), ("instrument", "guitar"), ("about", "I like swing")] {
        assert!(ann.set_text(field, text.into()));
    }
    let known = Attributes::of(&ann);
    let known: Vec<_> = known.iter().filter(|(_, text)| !text.is_empty()).collect();
    assert_eq!(known, [("username", "ann"), ("instrument", "guitar")]);
}
