//! What recognises users: a list of backends, and one check of the password.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::Model;
use nuages::test::Client;
use nuages_auth::{
    AllowAllUsersModelBackend, AuthApp, AuthBackend, EmailOrUsernameBackend, ForceLogin, ModelBackend,
    Passwords, RemoteUserBackend, RemoteUserHeader,
};
use nuages_tests::kind::Kind;
use nuages_tests::press::{self, Blocklist, Broken, CardBackend};
use nuages_tests::site::{PASSWORD, User};
use nuages_tests::table;
use poem::http::{HeaderValue, Method};

nuages_tests::promises!(
    the_backends_are_asked_in_their_order,
    a_session_names_the_backend_that_began_it,
    a_veto_ends_the_search,
    an_error_inside_a_backend_is_an_error_of_the_page,
    a_site_without_backends_does_not_start,
    a_site_with_two_backends_of_one_name_does_not_start,
    a_failure_costs_one_hash_however_many_backends_there_are,
    an_inactive_user_is_let_in_where_a_backend_says_so,
    an_address_is_as_good_as_a_name,
    an_address_of_two_users_recognises_nobody,
    a_name_goes_before_an_address,
    other_credentials_are_for_the_backend_that_knows_them,
    a_session_of_a_backend_that_is_gone_is_a_strangers_and_stays,
    a_user_whom_nobody_checked_is_signed_in_by_who_vouches,
    nobody_vouches_in_the_name_of_a_backend_that_is_not_there,
    a_remote_user_gets_an_account,
    a_remote_user_without_an_account_is_a_stranger_if_the_site_says_so,
    a_remote_user_is_signed_out_where_the_header_is_gone,
    a_remote_user_stays_where_the_site_says_so,
    another_remote_user_finds_nothing_of_the_first_one,
    a_header_of_a_stranger_is_not_looked_at,
    a_header_that_is_odd_signs_nobody_in,
    who_came_by_the_form_stays_without_a_header,
);

async fn with(on: Kind, backends: Vec<Box<dyn AuthBackend<User>>>) -> Client {
    Client::new(press::project(on, AuthApp::new().backends(backends))).await
}

async fn who(client: &Client) -> String {
    client.get("/me/").await.assert_ok().text().to_owned()
}

async fn session(client: &Client) -> String {
    table::sessions(client.db()).await.join("\n")
}

async fn the_backends_are_asked_in_their_order(on: Kind) {
    for (first, backends) in [
        (
            "ModelBackend",
            vec![Box::new(ModelBackend) as Box<dyn AuthBackend<User>>, Box::new(EmailOrUsernameBackend)],
        ),
        ("EmailOrUsernameBackend", vec![Box::new(EmailOrUsernameBackend), Box::new(ModelBackend)]),
    ] {
        let client = with(on, backends).await;
        press::user(&client, "ann", |_| {}).await;
        client.login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
        assert!(session(&client).await.contains(&format!("backends.{first}\"")), "{first}");
        assert_eq!(who(&client).await, "ann");
    }
}

async fn a_session_names_the_backend_that_began_it(on: Kind) {
    let client = with(on, vec![Box::new(ModelBackend), Box::new(CardBackend)]).await;
    press::user(&client, "ann", |_| {}).await;
    client.post("/card/ann/", &[]).await.assert_text("press.CardBackend");
    assert!(session(&client).await.contains(r#""_auth_user_backend":"press.CardBackend""#));
    assert_eq!(who(&client).await, "ann");
}

async fn a_veto_ends_the_search(on: Kind) {
    let client = with(on, vec![Box::new(Blocklist), Box::new(ModelBackend)]).await;
    press::user(&client, "mallory", |_| {}).await;
    press::user(&client, "ann", |_| {}).await;
    client.login("Mallory", PASSWORD).await.assert_ok().assert_text("Please enter a correct username");
    assert_eq!(who(&client).await, "nobody");
    client.login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
}

async fn an_error_inside_a_backend_is_an_error_of_the_page(on: Kind) {
    let client = with(on, vec![Box::new(Broken), Box::new(ModelBackend)]).await;
    press::user(&client, "ann", |_| {}).await;
    client.login("ann", PASSWORD).await.assert_status(500).assert_text("does not answer");
    let client = with(on, vec![Box::new(ModelBackend), Box::new(Broken)]).await;
    press::user(&client, "ann", |_| {}).await;
    client.login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
}

/// What keeps a site with these backends from starting.
async fn refusal(on: Kind, backends: Vec<Box<dyn AuthBackend<User>>>) -> String {
    let starting = tokio::spawn(with(on, backends));
    let panic = starting.await.err().expect("it does not start").into_panic();
    panic.downcast_ref::<String>().unwrap().clone()
}

async fn a_site_without_backends_does_not_start(on: Kind) {
    let text = refusal(on, Vec::new()).await;
    assert!(text.contains("give `AuthApp::backends` one"), "{text}");
}

async fn a_site_with_two_backends_of_one_name_does_not_start(on: Kind) {
    let text = refusal(on, vec![Box::new(ModelBackend), Box::new(ModelBackend)]).await;
    assert!(text.contains("two backends are called `django.contrib.auth.backends.ModelBackend`"), "{text}");
}

/// The hashes that a failed login costs.
async fn failure(client: &Client, name: &str) -> u64 {
    let hashes = || Passwords::from_settings(client.settings()).unwrap().hashes();
    let before = hashes();
    client.login(name, "not-the-password").await.assert_ok();
    hashes() - before
}

async fn many(on: Kind) -> Client {
    let client = with(
        on,
        vec![
            Box::new(Blocklist),
            Box::new(ModelBackend),
            Box::new(EmailOrUsernameBackend),
            Box::new(AllowAllUsersModelBackend),
            Box::new(CardBackend),
        ],
    );
    let client = client.await;
    for name in ["ann", "mallory"] {
        press::user_with_email(&client, name, "shared@site.example").await;
    }
    press::user(&client, "idle", |user| user.is_active = false).await;
    press::user_with_email(&client, "bob@site.example", "").await;
    press::user_with_email(&client, "bob", "bob@site.example").await;
    client
}

/// Known, not there, forbidden, inactive, with two candidates, with an address of two.
const FAILURES: [&str; 6] = ["ann", "nobody", "mallory", "idle", "bob@site.example", "shared@site.example"];

async fn a_failure_costs_one_hash_however_many_backends_there_are(on: Kind) {
    let (one, many) = (with(on, vec![Box::new(ModelBackend)]).await, many(on).await);
    press::user(&one, "ann", |_| {}).await;
    assert_eq!(failure(&one, "ann").await, 1);
    for name in FAILURES {
        assert_eq!(failure(&many, name).await, 1, "{name}");
    }
}

async fn an_inactive_user_is_let_in_where_a_backend_says_so(on: Kind) {
    let strict = with(on, vec![Box::new(ModelBackend), Box::new(EmailOrUsernameBackend)]).await;
    press::user(&strict, "idle", |user| user.is_active = false).await;
    strict.login("idle", PASSWORD).await.assert_ok();
    let lax = with(on, vec![Box::new(ModelBackend), Box::new(AllowAllUsersModelBackend)]).await;
    let mut idle = press::user(&lax, "idle", |user| user.is_active = false).await;
    lax.login("idle", "not-the-password").await.assert_ok();
    lax.login("idle", PASSWORD).await.assert_redirect("/accounts/profile/");
    assert_eq!(who(&lax).await, "idle");
    assert!(session(&lax).await.contains("AllowAllUsersModelBackend"));
    idle.is_active = true;
    idle.save(lax.db()).await.unwrap();
    assert_eq!(who(&lax).await, "idle");
}

async fn an_address_is_as_good_as_a_name(on: Kind) {
    let client = with(on, vec![Box::new(EmailOrUsernameBackend)]).await;
    press::user_with_email(&client, "ann", "ann@site.example").await;
    press::user_with_email(&client, "bob", "").await;
    for name in ["ann", "Ann", "ann@site.example", "ANN@Site.Example", " ann@site.example "] {
        client.forget_cookies();
        client.login(name, PASSWORD).await.assert_redirect("/accounts/profile/");
        assert_eq!(who(&client).await, "ann", "{name}");
    }
    client.forget_cookies();
    for name in ["ann@site", "%@site.example", "@site.example", "@", "ann@site.example\0", "ann_site.example"]
    {
        client.login(name, PASSWORD).await.assert_ok();
    }
    client.login("ann@site.example", "not-the-password").await.assert_ok();
    assert_eq!(who(&client).await, "nobody");
}

async fn an_address_of_two_users_recognises_nobody(on: Kind) {
    let client = with(on, vec![Box::new(EmailOrUsernameBackend)]).await;
    for (name, email) in [("ann", "us@site.example"), ("bob", "Us@site.example")] {
        press::user_with_email(&client, name, email).await;
    }
    client.login("us@site.example", PASSWORD).await.assert_ok();
    assert_eq!(who(&client).await, "nobody");
    client.login("bob", PASSWORD).await.assert_redirect("/accounts/profile/");
}

async fn a_name_goes_before_an_address(on: Kind) {
    let client = with(on, vec![Box::new(EmailOrUsernameBackend)]).await;
    press::user_with_email(&client, "ann", "us@site.example").await;
    press::user_with_email(&client, "us@site.example", "").await;
    client.login("us@site.example", PASSWORD).await.assert_redirect("/accounts/profile/");
    assert_eq!(who(&client).await, "us@site.example");
}

async fn other_credentials_are_for_the_backend_that_knows_them(on: Kind) {
    let client = with(on, vec![Box::new(ModelBackend), Box::new(CardBackend)]).await;
    press::user(&client, "idle", |user| user.is_active = false).await;
    for name in ["idle", "nobody"] {
        client.post(&format!("/card/{name}/"), &[]).await.assert_text("nobody");
    }
    let without = press::client(on).await;
    press::user(&without, "ann", |_| {}).await;
    without.post("/card/ann/", &[]).await.assert_text("nobody");
}

async fn a_session_of_a_backend_that_is_gone_is_a_strangers_and_stays(on: Kind) {
    let client = press::client(on).await;
    let ann = press::user(&client, "ann", |_| {}).await;
    client.force_login_by(&ann, "press.CardBackend").await;
    assert_eq!(who(&client).await, "nobody");
    assert!(session(&client).await.contains("press.CardBackend"), "the session is kept");
    assert!(client.cookie("sessionid").is_some());
}

async fn a_user_whom_nobody_checked_is_signed_in_by_who_vouches(on: Kind) {
    let client = press::client(on).await;
    press::user(&client, "ann", |_| {}).await;
    press::user(&client, "idle", |user| user.is_active = false).await;
    client.post("/trust/ann/model/", &[]).await.assert_text("in");
    assert_eq!(who(&client).await, "ann");
    client.post("/trust/idle/model/", &[]).await.assert_text("in");
    assert_eq!(who(&client).await, "nobody", "the backend lets nobody in who is not active");
}

async fn nobody_vouches_in_the_name_of_a_backend_that_is_not_there(on: Kind) {
    let client = press::client(on).await;
    press::user(&client, "ann", |_| {}).await;
    client.post("/trust/ann/other/", &[]).await.assert_status(500).assert_text("no backend `press.Nothing`");
    assert_eq!(who(&client).await, "nobody");
}

async fn remote(on: Kind, backend: RemoteUserBackend, header: RemoteUserHeader) -> Client {
    let backends: Vec<Box<dyn AuthBackend<User>>> = vec![Box::new(backend), Box::new(ModelBackend)];
    Client::new(press::project(on, AuthApp::new().backends(backends).remote_user(header))).await
}

async fn usual_remote(on: Kind) -> Client {
    remote(on, RemoteUserBackend::new(), RemoteUserHeader::new("X-Remote-User")).await
}

async fn who_with(client: &Client, names: &[&str]) -> String {
    let mut request = client.request(Method::GET, "/me/");
    for name in names {
        request.headers_mut().append("X-Remote-User", HeaderValue::from_bytes(name.as_bytes()).unwrap());
    }
    client.send(request).await.text().to_owned()
}

async fn count(client: &Client) -> u64 {
    User::objects(client.db()).count().await.unwrap()
}

async fn a_remote_user_gets_an_account(on: Kind) {
    let client = usual_remote(on).await;
    assert_eq!(who_with(&client, &["ann"]).await, "ann");
    let first = client.cookie("sessionid").unwrap();
    assert_eq!(who_with(&client, &["Ann"]).await, "ann");
    assert_eq!(client.cookie("sessionid").unwrap(), first, "they are the same, and signed in already");
    assert_eq!(count(&client).await, 1);
    let ann = User::objects(client.db()).get(User::USERNAME.eq("ann")).await.unwrap();
    assert!(!ann.password.is_usable() && ann.last_login.is_some());
    assert!(session(&client).await.contains("django.contrib.auth.backends.RemoteUserBackend"));
    let mut together = Vec::new();
    for _ in 0..8 {
        let visitor = client.another();
        together.push(async move { who_with(&visitor, &["bob"]).await });
    }
    assert_eq!(futures_util::future::join_all(together).await, ["bob"; 8]);
    assert_eq!(count(&client).await, 2);
}

async fn a_remote_user_without_an_account_is_a_stranger_if_the_site_says_so(on: Kind) {
    let backend = RemoteUserBackend::new().without_new_users();
    let client = remote(on, backend, RemoteUserHeader::new("X-Remote-User")).await;
    press::user(&client, "ann", |_| {}).await;
    press::user(&client, "idle", |user| user.is_active = false).await;
    assert_eq!(who_with(&client, &["eve"]).await, "nobody");
    assert_eq!(who_with(&client, &["idle"]).await, "nobody");
    assert_eq!(who_with(&client, &["ann"]).await, "ann");
    assert_eq!(count(&client).await, 2);
}

async fn a_remote_user_is_signed_out_where_the_header_is_gone(on: Kind) {
    let client = usual_remote(on).await;
    assert_eq!(who_with(&client, &["ann"]).await, "ann");
    let old = client.cookie("sessionid").unwrap();
    assert_eq!(who(&client).await, "nobody");
    client.set_cookie("sessionid", &old);
    assert_eq!(who(&client).await, "nobody");
    assert!(table::sessions(client.db()).await.is_empty());
}

async fn a_remote_user_stays_where_the_site_says_so(on: Kind) {
    let header = RemoteUserHeader::new("X-Remote-User").persistent();
    let client = remote(on, RemoteUserBackend::new(), header).await;
    assert_eq!(who_with(&client, &["ann"]).await, "ann");
    assert_eq!(who(&client).await, "ann");
    assert_eq!(who_with(&client, &["bob"]).await, "bob");
}

async fn another_remote_user_finds_nothing_of_the_first_one(on: Kind) {
    let client = usual_remote(on).await;
    assert_eq!(who_with(&client, &["ann"]).await, "ann");
    let mut request = client.request(Method::GET, "/session/");
    request.headers_mut().insert("X-Remote-User", HeaderValue::from_static("ann"));
    client.send(request).await.assert_status(404);
    let old = client.cookie("sessionid").unwrap();
    assert_eq!(who_with(&client, &["bob"]).await, "bob");
    assert_ne!(client.cookie("sessionid").unwrap(), old);
    assert_eq!(table::sessions(client.db()).await.len(), 1, "the first one's session has ended");
}

async fn a_header_of_a_stranger_is_not_looked_at(on: Kind) {
    let plain = press::client(on).await;
    assert_eq!(who_with(&plain, &["ann"]).await, "nobody", "a site looks at the header only if it says so");
    let auth = AuthApp::new()
        .backends(vec![Box::new(RemoteUserBackend::new())])
        .remote_user(RemoteUserHeader::new("X-Remote-User"));
    let project = press::project(on, auth);
    let proxies =
        |settings: &mut nuages::Settings| settings.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
    let client = Client::new(project.settings(proxies)).await;
    assert_eq!(who_with(&client, &["ann"]).await, "nobody");
    assert_eq!(count(&client).await, 0);
}

async fn a_header_that_is_odd_signs_nobody_in(on: Kind) {
    let client = usual_remote(on).await;
    for name in ["", "  "] {
        assert_eq!(who_with(&client, &[name]).await, "nobody", "{name:?}");
    }
    let mut request = client.request(Method::GET, "/me/");
    request.headers_mut().insert("X-Remote-User", HeaderValue::from_bytes(b"\xff\xfe").unwrap());
    client.send(request).await.assert_text("nobody");
    let mut request = client.request(Method::GET, "/me/");
    for name in ["ann", "bob"] {
        request.headers_mut().append("X-Remote-User", HeaderValue::from_static(name));
    }
    client.send(request).await.assert_status(400);
    let long = "a".repeat(151);
    let mut request = client.request(Method::GET, "/me/");
    request.headers_mut().insert("X-Remote-User", HeaderValue::from_str(&long).unwrap());
    client.send(request).await.assert_text("nobody");
    assert_eq!(count(&client).await, 0);
}

async fn who_came_by_the_form_stays_without_a_header(on: Kind) {
    let client = usual_remote(on).await;
    press::user(&client, "ann", |_| {}).await;
    client.login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
    assert_eq!(who(&client).await, "ann");
    assert_eq!(who_with(&client, &["bob"]).await, "bob", "the header goes before the form");
}
