//! Who may see a page, and where those go who may not.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::test::Client;
use nuages_auth::{AuthApp, ForceLogin, UserPermissions};
use nuages_tests::kind::Kind;
use nuages_tests::press;
use nuages_tests::process::{manage, outcome};
use nuages_tests::site::{PASSWORD, User};

nuages_tests::promises!(
    a_stranger_is_sent_to_log_in_and_back_with_the_query,
    a_login_page_elsewhere_is_told_the_whole_address,
    a_wrapper_says_where_to_log_in_and_how_to_come_back,
    a_stranger_is_forbidden_where_a_script_asks,
    a_user_without_the_permission_is_forbidden_and_not_sent_in_circles,
    every_permission_of_several_is_needed,
    a_view_demands_a_permission_inside,
    the_staff_and_superusers_have_pages_of_their_own,
    an_inactive_superuser_has_no_page,
    a_user_passes_a_test_or_is_forbidden,
    a_revoked_right_counts_from_the_next_request_on,
    an_old_login_is_asked_for_again,
    a_session_from_before_this_was_kept_is_an_old_login,
    a_site_that_asks_for_a_login_asks_everywhere_but_where_it_is_open,
    a_site_that_asks_for_a_login_lets_users_in,
    a_login_page_of_the_sites_own_needs_no_mark,
    a_form_without_a_token_is_forbidden_before_a_login_is_asked_for,
    the_routes_say_who_may_see_each,
);

async fn user(client: &Client, name: &str, change: impl FnOnce(&mut User)) -> User {
    let user = press::user(client, name, change).await;
    client.force_login(&user).await;
    user
}

async fn a_stranger_is_sent_to_log_in_and_back_with_the_query(on: Kind) {
    let client = press::client(on).await;
    for path in
        ["/for/users/", "/for/publishers/", "/for/both/", "/for/staff/", "/for/superusers/", "/for/anns/"]
    {
        client.get(path).await.assert_redirect(&format!("/accounts/login/?next={path}"));
    }
    for path in ["/in/perm/press.pin_article/", "/in/recent/", "/in/staff/", "/in/superuser/", "/for/recent/"]
    {
        client.get(path).await.assert_redirect(&format!("/accounts/login/?next={path}"));
    }
    let away = client.get("/for/users/?x=1&y=a%26b").await;
    away.assert_redirect("/accounts/login/?next=/for/users/%3Fx%3D1%26y%3Da%2526b");
    press::user(&client, "ann", |_| {}).await;
    let fields = [("username", "ann"), ("password", PASSWORD)];
    let back = client.post(away.location().unwrap(), &fields).await;
    back.assert_redirect("/for/users/?x=1&y=a%26b");
    client.get("/for/users/?x=1").await.assert_text("seen");
}

async fn a_login_page_elsewhere_is_told_the_whole_address(on: Kind) {
    let client = press::client(on).await;
    let to = "https://login.example/in?lang=fr&next=http%3A//localhost/for/elsewhere/%3Fa%3D1#form";
    client.get("/for/elsewhere/?a=1").await.assert_redirect(to);
    client.get("/for/same-host/").await.assert_redirect("http://localhost/in/?next=/for/same-host/");
    let elsewhere = |login_url: &'static str| async move {
        let project =
            press::project(on, AuthApp::new()).settings(|settings| settings.login_url = login_url.into());
        let answer = Client::new(project).await.get("/for/users/").await;
        answer.location().map(str::to_owned).unwrap()
    };
    let next = "next=http%3A//localhost/for/users/";
    assert_eq!(elsewhere("//login.example/in/").await, format!("//login.example/in/?{next}"));
    assert_eq!(elsewhere("https://localhost/in/").await, format!("https://localhost/in/?{next}"));
    assert_eq!(elsewhere("/in/?next=/&lang=fr").await, "/in/?lang=fr&next=/for/users/");
    assert_eq!(elsewhere("login").await, "/accounts/login/?next=/for/users/");
}

async fn a_wrapper_says_where_to_log_in_and_how_to_come_back(on: Kind) {
    let client = press::client(on).await;
    client.get("/for/own-field/").await.assert_redirect("/in/?back=/for/own-field/");
    client.get("/for/no-next/").await.assert_redirect("/accounts/login/");
}

async fn a_stranger_is_forbidden_where_a_script_asks(on: Kind) {
    let client = press::client(on).await;
    client.get("/for/script/").await.assert_status(403);
    user(&client, "ann", |_| {}).await;
    client.get("/for/script/").await.assert_text("seen");
}

async fn a_user_without_the_permission_is_forbidden_and_not_sent_in_circles(on: Kind) {
    let client = press::client(on).await;
    let ann = user(&client, "ann", |_| {}).await;
    client.get("/for/publishers/").await.assert_status(403).assert_text("press.publish_article");
    ann.add_permission(client.db(), "press.publish_article").await.unwrap();
    client.get("/for/publishers/").await.assert_ok().assert_text("seen");
}

async fn every_permission_of_several_is_needed(on: Kind) {
    let client = press::client(on).await;
    let ann = user(&client, "ann", |_| {}).await;
    ann.add_permission(client.db(), "press.publish_article").await.unwrap();
    client.get("/for/both/").await.assert_status(403);
    ann.add_permission(client.db(), "press.pin_article").await.unwrap();
    client.get("/for/both/").await.assert_text("seen");
}

async fn a_view_demands_a_permission_inside(on: Kind) {
    let client = press::client(on).await;
    let ann = user(&client, "ann", |_| {}).await;
    client.get("/in/perm/press.pin_article/").await.assert_status(403);
    ann.add_permission(client.db(), "press.pin_article").await.unwrap();
    client.get("/in/perm/press.pin_article/").await.assert_text("seen");
}

async fn the_staff_and_superusers_have_pages_of_their_own(on: Kind) {
    let client = press::client(on).await;
    let staff = ["/for/staff/", "/in/staff/"];
    let superusers = ["/for/superusers/", "/in/superuser/"];
    user(&client, "ann", |_| {}).await;
    for path in staff.iter().chain(&superusers) {
        client.get(path).await.assert_status(403);
    }
    user(&client, "sam", |user| user.is_staff = true).await;
    for path in staff {
        client.get(path).await.assert_ok();
    }
    for path in superusers {
        client.get(path).await.assert_status(403);
    }
    user(&client, "root", |user| user.is_superuser = true).await;
    for path in staff {
        client.get(path).await.assert_status(403);
    }
    for path in superusers {
        client.get(path).await.assert_ok();
    }
    client.get("/in/superuser/").await.assert_text("root");
}

async fn an_inactive_superuser_has_no_page(on: Kind) {
    let auth = AuthApp::new().backends(vec![Box::new(nuages_auth::AllowAllUsersModelBackend)]);
    let client = Client::new(press::project(on, auth)).await;
    let change = |user: &mut User| (user.is_active, user.is_staff, user.is_superuser) = (false, true, true);
    let root = press::user(&client, "root", change).await;
    let backend = "django.contrib.auth.backends.AllowAllUsersModelBackend";
    client.force_login_by(&root, backend).await;
    client.get("/for/users/").await.assert_text("seen");
    for path in ["/for/staff/", "/for/superusers/", "/in/staff/", "/in/superuser/", "/for/publishers/"] {
        client.get(path).await.assert_status(403);
    }
}

async fn a_user_passes_a_test_or_is_forbidden(on: Kind) {
    let client = press::client(on).await;
    user(&client, "bob", |user| user.nickname = Some("B".into())).await;
    client.get("/for/anns/").await.assert_status(403);
    client.get("/for/nicknamed/").await.assert_text("seen");
    user(&client, "ann", |_| {}).await;
    client.get("/for/anns/").await.assert_text("seen");
    client.get("/for/nicknamed/").await.assert_status(403);
}

async fn a_revoked_right_counts_from_the_next_request_on(on: Kind) {
    use nuages::Model;
    let client = press::client(on).await;
    let mut sam = user(&client, "sam", |user| user.is_staff = true).await;
    client.get("/for/staff/").await.assert_ok();
    sam.is_staff = false;
    sam.save(client.db()).await.unwrap();
    client.get("/for/staff/").await.assert_status(403);
    sam.is_active = false;
    sam.save(client.db()).await.unwrap();
    client.get("/for/staff/").await.assert_redirect("/accounts/login/?next=/for/staff/");
}

const AGAIN: &str = "Please log in again to go on.";

async fn an_old_login_is_asked_for_again(on: Kind) {
    let client = press::client(on).await;
    press::user(&client, "ann", |_| {}).await;
    client.login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
    client.post("/set/blue/", &[]).await.assert_ok();
    for (age, path) in [("290", "/for/recent/"), ("0", "/in/recent/")] {
        client.post(&format!("/age/{age}/"), &[]).await.assert_ok();
        client.get(path).await.assert_text("seen");
    }
    client.post("/age/301/", &[]).await.assert_ok();
    for path in ["/for/recent/", "/in/recent/"] {
        let away = client.get(path).await;
        away.assert_redirect(&format!("/accounts/login/?next={path}"));
        client.get("/template/messages/").await.assert_text(AGAIN);
        client.get("/for/users/").await.assert_text("seen");
    }
    let fields = [("username", "ann"), ("password", PASSWORD)];
    client.post("/accounts/login/?next=/for/recent/", &fields).await.assert_redirect("/for/recent/");
    client.get("/for/recent/").await.assert_text("seen");
    assert_eq!(client.get("/read/").await.text(), "blue", "it is the same session");
}

async fn a_session_from_before_this_was_kept_is_an_old_login(on: Kind) {
    let client = press::client(on).await;
    user(&client, "ann", |_| {}).await;
    client.get("/for/recent/").await.assert_text("seen");
    client.post("/forget-age/", &[]).await.assert_ok();
    client.get("/for/recent/").await.assert_redirect("/accounts/login/?next=/for/recent/");
}

async fn whole(on: Kind) -> Client {
    Client::new(press::project(on, AuthApp::new().login_required())).await
}

async fn a_site_that_asks_for_a_login_asks_everywhere_but_where_it_is_open(on: Kind) {
    let client = whole(on).await;
    for path in ["/me/", "/for/users/", "/accounts/sessions/", "/accounts/profile/", "/accounts/logout/"] {
        client.get(path).await.assert_redirect(&format!("/accounts/login/?next={path}"));
    }
    client.post("/accounts/logout/", &[]).await.assert_redirect("/accounts/login/?next=/accounts/logout/");
    for path in ["/open/", "/accounts/login/", "/accounts/signup/", "/static/style.css"] {
        client.get(path).await.assert_ok();
    }
    for path in ["/nowhere/", "/me/nowhere/", "/static/nowhere.css"] {
        client.get(path).await.assert_status(404);
        client.post(path, &[]).await.assert_status(404);
    }
}

async fn a_site_that_asks_for_a_login_lets_users_in(on: Kind) {
    let client = whole(on).await;
    press::user(&client, "ann", |_| {}).await;
    let away = client.get("/me/").await;
    let fields = [("username", "ann"), ("password", PASSWORD)];
    client.post(away.location().unwrap(), &fields).await.assert_redirect("/me/");
    client.get("/me/").await.assert_text("ann");
    client.post("/accounts/logout/", &[]).await.assert_ok();
    client.get("/me/").await.assert_redirect("/accounts/login/?next=/me/");
}

async fn a_login_page_of_the_sites_own_needs_no_mark(on: Kind) {
    let project = press::project(on, AuthApp::new().login_required());
    let client = Client::new(project.settings(|settings| settings.login_url = "/me/?x=1".into())).await;
    client.get("/me/").await.assert_text("nobody");
    client.get("/read/").await.assert_redirect("/me/?x=1&next=/read/");
}

async fn a_form_without_a_token_is_forbidden_before_a_login_is_asked_for(on: Kind) {
    let client = whole(on).await;
    client.post_bare("/for/users/", &[]).await.assert_status(403);
    client.post("/for/users/", &[]).await.assert_redirect("/accounts/login/?next=/for/users/");
}

async fn the_routes_say_who_may_see_each(on: Kind) {
    let mut command = manage(env!("CARGO_BIN_EXE_site"), &on.url(), &["routes"]);
    let (code, said, wrong) = outcome(&command.env("NUAGES_TEST_SITE", "press").output().unwrap());
    assert!(code == 0 && wrong.is_empty(), "{wrong}");
    for (path, whom) in [
        ("/for/users/", "login"),
        ("/for/publishers/", "permission press.publish_article"),
        ("/for/both/", "permission press.publish_article and press.pin_article"),
        ("/for/staff/", "staff"),
        ("/for/superusers/", "superusers"),
        ("/for/anns/", "users who pass a test"),
        ("/for/recent/", "login within 5 minutes"),
        ("/in/staff/", "view"),
        ("/accounts/login/", "view"),
        ("/accounts/password_change/", "login"),
        ("/accounts/profile/", "login"),
    ] {
        let line = said.lines().find(|line| line.split_whitespace().next() == Some(path));
        let shown = line.map(|line| line.split_whitespace().skip(2).collect::<Vec<_>>().join(" "));
        assert_eq!(shown.as_deref(), Some(whom), "{path}: {said}");
    }
}
