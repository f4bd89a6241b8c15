//! A real Django and our site side by side: one database, one secret key, the same sessions.

#![cfg(feature = "django")]
#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::Model;
use nuages::test::Client;
use nuages::{Secret, SessionStoreKind};
use nuages_auth::{Group, Permission, UserPermissions};
use nuages_tests::django::{self, Django, User};
use nuages_tests::kind::Kind;
use nuages_tests::process::{manage, outcome};
use nuages_tests::site::{self, PASSWORD, SECRET_KEY};

const OTHER_KEY: &str = "another-key-for-the-tests-0123456789-abcdefghijklmnopqrstuvwxyz";

macro_rules! promises {
    ($($promise:ident),* $(,)?) => {
        nuages_tests::promises_on!(sqlite, Sqlite, $($promise),*);
        #[cfg(feature = "postgres")]
        nuages_tests::promises_on!(postgres, Postgres, $($promise),*);
    };
}

promises!(
    who_logs_in_on_one_is_signed_in_on_the_other,
    who_logs_out_on_one_is_out_on_both,
    a_password_changed_on_one_ends_the_session_on_the_other,
    both_write_in_one_session,
    a_session_outlives_a_change_of_the_secret_key,
    a_csrf_token_of_one_is_taken_by_the_other,
    a_message_of_one_is_shown_by_the_other,
    what_one_lets_a_group_do_counts_on_the_other,
);

/// Our site, on a database that Django has made and we have adopted, with one user; and where it is.
async fn ours(on: Kind, key: &str, fallbacks: &[&str]) -> (Client, String) {
    let project = django::project(site::settings(on, true)).settings(|settings| {
        settings.session_store = SessionStoreKind::Django;
        settings.username_case_sensitive = true;
        settings.secret_key = key.into();
        settings.secret_key_fallbacks = fallbacks.iter().map(|key| Secret::from(*key)).collect();
    });
    let client = Client::new(project).await;
    django::empty(on, client.db()).await;
    let url = client.settings().database_url.expose().to_owned();
    Django::run(&url, key, &["migrate"]);
    Django::run(&url, key, &["adduser", "ann", PASSWORD]);
    let mut migrate = manage(env!("CARGO_BIN_EXE_site"), &url, &["migrate", "--fake-initial"]);
    migrate.env("NUAGES_TEST_SITE", "django").env("SESSION_STORE", "django");
    let (code, said, wrong) = outcome(&migrate.output().unwrap());
    assert_eq!(code, 0, "{said}{wrong}");
    assert!(said.contains("django_sessions.0001_initial... FAKED"), "{said}");
    (client, url)
}

async fn both(on: Kind) -> (Client, Django) {
    let (client, url) = ours(on, SECRET_KEY, &[]).await;
    let django = Django::serve(&url, SECRET_KEY, "");
    (client, django)
}

fn log_in_on(django: &Django, visitor: &Client) {
    assert_eq!(django.post(visitor, "/login/", &[("username", "ann"), ("password", PASSWORD)]), "in");
}

async fn who_logs_in_on_one_is_signed_in_on_the_other(on: Kind) {
    let (ours, django) = both(on).await;
    log_in_on(&django, &ours);
    ours.get("/me/").await.assert_text("ann");
    ours.forget_cookies();
    ours.get("/me/").await.assert_text("nobody");
    ours.login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
    assert_eq!(django.get(&ours, "/me/"), "ann");
    assert_eq!(django.get(&ours.another(), "/me/"), "nobody");
    log_in_on(&django, &ours);
    ours.get("/me/").await.assert_text("ann");
}

async fn who_logs_out_on_one_is_out_on_both(on: Kind) {
    let (ours, django) = both(on).await;
    log_in_on(&django, &ours);
    let old = ours.cookie("sessionid").unwrap();
    ours.post("/accounts/logout/", &[]).await.assert_ok();
    ours.set_cookie("sessionid", &old);
    assert_eq!(django.get(&ours, "/me/"), "nobody");
    ours.login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
    let old = ours.cookie("sessionid").unwrap();
    assert_eq!(django.post(&ours, "/logout/", &[]), "out");
    ours.set_cookie("sessionid", &old);
    ours.get("/me/").await.assert_text("nobody");
}

async fn a_password_changed_on_one_ends_the_session_on_the_other(on: Kind) {
    let (ours, django) = both(on).await;
    let other = ours.another();
    other.login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
    log_in_on(&django, &ours);
    assert_eq!(django.post(&ours, "/password/", &[("password", "velvet-harbour-17")]), "changed");
    other.get("/me/").await.assert_text("nobody");
    other.login("ann", "velvet-harbour-17").await.assert_redirect("/accounts/profile/");
    assert_eq!(django.get(&other, "/me/"), "ann");
    let third = ours.another();
    third.login("ann", "velvet-harbour-17").await.assert_redirect("/accounts/profile/");
    other.post("/password/", &[("password", "copper-meadow-58")]).await.assert_text("changed");
    assert_eq!(django.get(&third, "/me/"), "nobody");
}

async fn both_write_in_one_session(on: Kind) {
    let (ours, django) = both(on).await;
    let long = "clouds-".repeat(40);
    for (name, value) in [("colour", "blue"), ("name", "Zo\u{eb}"), ("long", long.as_str())] {
        let path = |what: &str| {
            let value: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
            format!("/session/{what}/{name}/{value}/")
        };
        assert_eq!(django.get(&ours, &path("set")), "done");
        assert_eq!(ours.get(&format!("/session/read/{name}/")).await.text(), value);
        ours.get(&format!("/session/set/our-{name}/ours/")).await.assert_ok();
        assert_eq!(django.get(&ours, &format!("/session/read/{name}/")), value);
        assert_eq!(django.get(&ours, &format!("/session/read/our-{name}/")), "ours");
    }
}

async fn a_session_outlives_a_change_of_the_secret_key(on: Kind) {
    let (ours, url) = ours(on, OTHER_KEY, &[SECRET_KEY]).await;
    let before = Django::serve(&url, SECRET_KEY, "");
    log_in_on(&before, &ours);
    assert_eq!(before.get(&ours, "/me/"), "ann");
    drop(before);
    ours.get("/me/").await.assert_text("ann");
    let after = Django::serve(&url, OTHER_KEY, "");
    assert_eq!(after.get(&ours, "/me/"), "ann", "we have signed it anew");
}

async fn a_csrf_token_of_one_is_taken_by_the_other(on: Kind) {
    let (ours, django) = both(on).await;
    django.get(&ours, "/token/");
    let secret = ours.cookie("csrftoken").unwrap();
    let fields = [("username", "ann"), ("password", PASSWORD)];
    let token = [("csrfmiddlewaretoken", secret.as_str())];
    let filled: Vec<_> = fields.iter().chain(&token).copied().collect();
    ours.post_bare("/accounts/login/", &filled).await.assert_redirect("/accounts/profile/");
    ours.post_bare("/accounts/logout/", &token).await.assert_status(403);
    log_in_on(&django, &ours);
}

async fn a_message_of_one_is_shown_by_the_other(on: Kind) {
    let (ours, django) = both(on).await;
    django.get(&ours, "/messages/add/hello/");
    ours.get("/messages/").await.assert_text(r#"<p class="success">hello</p>"#);
    ours.get("/messages/").await.assert_no_text("hello");
    ours.get("/messages/add/good%20evening/").await.assert_ok();
    assert_eq!(django.get(&ours, "/messages/"), "success:good evening");
    assert_eq!(django.get(&ours, "/messages/"), "");
}

async fn what_one_lets_a_group_do_counts_on_the_other(on: Kind) {
    let (ours, django) = both(on).await;
    let (url, db) = (ours.settings().database_url.expose().to_owned(), ours.db().clone());
    log_in_on(&django, &ours);
    for perm in ["auth.add_group", "auth.change_group", "accounts.view_user"] {
        assert_eq!(ours.get(&format!("/may/{perm}/")).await.text(), "false", "{perm}");
    }
    Django::run(&url, SECRET_KEY, &["permit", "ann", "editors", "auth.add_group"]);
    ours.get("/may/auth.add_group/").await.assert_text("true");
    let editors = Group::objects(&db).get(Group::NAME.eq("editors")).await.unwrap();
    for perm in ["auth.change_group", "accounts.view_user"] {
        editors.add_permission(&db, perm).await.unwrap();
        assert_eq!(django.get(&ours, &format!("/may/{perm}/")), "true", "{perm}");
    }
    let ann = User::objects(&db).get(User::USERNAME.eq("ann")).await.unwrap();
    ann.remove_from_group(&db, &editors).await.unwrap();
    assert_eq!(django.get(&ours, "/may/auth.add_group/"), "false");
    let before = Permission::objects(&db).count().await.unwrap();
    Django::run(&url, SECRET_KEY, &["migrate"]);
    assert_eq!(Permission::objects(&db).count().await.unwrap(), before, "each leaves the other's alone");
}
