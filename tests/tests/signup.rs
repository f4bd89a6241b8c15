//! Making accounts: by the form, by the command.

#![allow(clippy::unwrap_used, reason = "a test may")]

use futures_util::future::join_all;
use nuages::Model;
use nuages::test::{Answer, Client};
use nuages_tests::kind::Kind;
use nuages_tests::process;
use nuages_tests::site::{self, PASSWORD, User};

nuages_tests::promises!(
    who_signs_up_can_log_in,
    the_rules_for_passwords_hold,
    the_rules_for_names_hold,
    a_name_that_is_taken_is_refused_in_any_case,
    a_name_is_stored_in_its_normal_form,
    two_who_sign_up_at_once_with_one_name_make_one_user,
    nobody_makes_oneself_a_superuser,
    a_name_with_markup_is_escaped_everywhere,
    a_password_is_on_no_page_and_in_no_debug_output,
    createsuperuser_makes_one_from_its_environment,
    createsuperuser_without_a_password_makes_one_who_cannot_log_in,
    createsuperuser_refuses_in_one_line,
);

async fn sign_up(client: &Client, name: &str, password: &str) -> Answer {
    let fields = [("username", name), ("password1", password), ("password2", password)];
    client.post("/accounts/signup/", &fields).await
}

async fn names(client: &Client) -> Vec<String> {
    let users = User::objects(client.db()).order_by(User::ID.asc()).all().await.unwrap();
    users.into_iter().map(|user| user.fields.username).collect()
}

async fn who_signs_up_can_log_in(on: Kind) {
    let client = site::client(on).await;
    sign_up(&client, "ann", PASSWORD).await.assert_redirect("/accounts/login/");
    client.get("/accounts/login/").await.assert_text("Your account is ready.");
    client.get("/accounts/login/").await.assert_no_text("Your account is ready.");
    client.login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
    client.get("/accounts/profile/").await.assert_text("ann");
}

async fn the_rules_for_passwords_hold(on: Kind) {
    let client = site::client(on).await;
    let rules = [
        ("x7-plum", "This password is too short. It must contain at least 8 characters."),
        ("password1", "This password is too common."),
        ("8201937465018", "This password is entirely numeric."),
        ("annabelle1", "The password is too similar to the username."),
    ];
    for (password, rule) in rules {
        sign_up(&client, "annabelle", password).await.assert_ok().assert_text(rule);
    }
    let fields = [("username", "annabelle"), ("password1", PASSWORD), ("password2", "mauve-lantern-43")];
    client.post("/accounts/signup/", &fields).await.assert_ok().assert_text("password fields didn’t match");
    let long = "long ".repeat(2000);
    sign_up(&client, "annabelle", &long).await.assert_ok().assert_text("more than 4096 bytes");
    assert_eq!(names(&client).await, Vec::<String>::new());
}

async fn the_rules_for_names_hold(on: Kind) {
    let client = site::client(on).await;
    let long = "a".repeat(151);
    for name in ["", " ", "a b", "a<b", "o'connell", "a\0b", "a\nb", "a\u{200b}b", &long] {
        sign_up(&client, name, PASSWORD).await.assert_ok();
    }
    assert_eq!(names(&client).await, Vec::<String>::new());
    for name in ["René", "joe+1@site.example", "أحمد", &"é".repeat(150)] {
        sign_up(&client, name, PASSWORD).await.assert_redirect("/accounts/login/");
    }
}

async fn a_name_that_is_taken_is_refused_in_any_case(on: Kind) {
    let client = site::client(on).await;
    for (first, second) in [("Ann", "aNN"), ("jörg", "JÖRG"), ("Admin", "Ａｄｍｉｎ")] {
        sign_up(&client, first, PASSWORD).await.assert_redirect("/accounts/login/");
        let again = sign_up(&client, second, PASSWORD).await;
        again.assert_ok().assert_text("A user with that username already exists.");
    }
    assert_eq!(names(&client).await, ["Ann", "jörg", "Admin"]);
}

async fn a_name_is_stored_in_its_normal_form(on: Kind) {
    let client = site::client(on).await;
    sign_up(&client, "Ａｄｍｉｎ", PASSWORD).await.assert_redirect("/accounts/login/");
    sign_up(&client, "oﬀice", PASSWORD).await.assert_redirect("/accounts/login/");
    assert_eq!(names(&client).await, ["Admin", "office"]);
}

async fn two_who_sign_up_at_once_with_one_name_make_one_user(on: Kind) {
    let client = site::client(on).await;
    for [one, other] in [["ann", "ann"], ["Bob", "bOB"]] {
        let visitors = [client.another(), client.another(), client.another(), client.another()];
        let names = [one, other, one, other];
        let answers =
            join_all(visitors.iter().zip(names).map(|(visitor, name)| sign_up(visitor, name, PASSWORD)));
        let (made, refused): (Vec<_>, Vec<_>) =
            answers.await.into_iter().partition(|one| one.status() == 302);
        assert_eq!((made.len(), refused.len()), (1, 3));
        for answer in refused {
            answer.assert_ok().assert_text("A user with that username already exists.");
        }
    }
    assert_eq!(names(&client).await.len(), 2);
}

async fn nobody_makes_oneself_a_superuser(on: Kind) {
    let client = site::client(on).await;
    let fields = [("username", "ann"), ("password1", PASSWORD), ("password2", PASSWORD)];
    for field in
        ["is_superuser", "is_staff", "is_active", "id", "last_login", "nickname", "email", "password"]
    {
        let page = client.post("/accounts/signup/", &[&fields[..], &[(field, "1")]].concat()).await;
        assert!(page.assert_ok().text().contains(&format!("This form has no field “{field}”.")));
    }
    assert!(names(&client).await.is_empty());
    client.post("/accounts/signup/", &fields).await.assert_redirect("/accounts/login/");
    let ann = User::objects(client.db()).get(User::USERNAME.eq("ann")).await.unwrap();
    assert!(!ann.is_superuser && !ann.is_staff && ann.is_active);
    assert_eq!((ann.nickname.as_deref(), ann.email.as_str(), ann.last_login), (None, "", None));
    assert!(ann.password.expose().starts_with("argon2$argon2id$"));
}

async fn a_name_with_markup_is_escaped_everywhere(on: Kind) {
    let client = site::client(on).await;
    let markup = "<script>alert(\"1\")</script>'&";
    site::user(&client, markup).await;
    client.login(markup, PASSWORD).await.assert_redirect("/accounts/profile/");
    for path in ["/accounts/profile/", "/accounts/logout/", "/template/greeting/", "/template/everything/"] {
        client.get(path).await.assert_ok().assert_no_text("<script>alert").assert_text("&lt;script&gt;alert");
    }
    for form in [client.login(markup, "wrong").await, sign_up(&client, markup, PASSWORD).await] {
        form.assert_ok().assert_no_text("<script>alert").assert_text("&lt;script&gt;alert");
    }
    client.get("/%3Cscript%3Ealert(1)").await.assert_status(404).assert_no_text("<script>alert");
}

async fn a_password_is_on_no_page_and_in_no_debug_output(on: Kind) {
    let client = site::client(on).await;
    let ann = site::user(&client, "ann").await;
    let wrong = client.login("ann", "not-her-password").await;
    let weak = sign_up(&client, "bob", "qwertyuiop").await;
    client.login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
    let pages =
        [wrong, weak, client.get("/template/everything/").await, client.get("/accounts/profile/").await];
    for page in &pages {
        for secret in ["argon2$", "not-her-password", "qwertyuiop", PASSWORD] {
            page.assert_ok().assert_no_text(secret);
        }
    }
    let shown = format!("{ann:?} {ann:#?} {}", nuages::serde_json::to_string(&ann).unwrap());
    assert!(!shown.contains("argon2") && !shown.contains("\"password\""), "{shown}");
    assert!(shown.contains("\"nickname\":null") && shown.contains("\"username\":\"ann\""), "{shown}");
}

/// Runs `createsuperuser` in this database.
fn createsuperuser(
    client: &Client,
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> (i32, String, String) {
    let url = client.settings().database_url.expose();
    let arguments = [&["createsuperuser"], arguments].concat();
    let mut command = process::manage(env!("CARGO_BIN_EXE_site"), url, &arguments);
    process::outcome(&command.envs(environment.iter().copied()).output().unwrap())
}

async fn createsuperuser_makes_one_from_its_environment(on: Kind) {
    let client = site::client(on).await;
    let name = ("NUAGES_SUPERUSER_USERNAME", "root");
    let rest = [("NUAGES_SUPERUSER_EMAIL", "root@site.example"), ("NUAGES_SUPERUSER_PASSWORD", PASSWORD)];
    let (code, said, _) = createsuperuser(&client, &["--noinput"], &[&[name], &rest[..]].concat());
    assert!(code == 0 && !said.contains(PASSWORD), "{said}");
    let root = User::objects(client.db()).get(User::USERNAME.eq("root")).await.unwrap();
    assert!(root.is_superuser && root.is_staff && root.is_active && root.email == "root@site.example");
    client.login("root", PASSWORD).await.assert_redirect("/accounts/profile/");
}

async fn createsuperuser_without_a_password_makes_one_who_cannot_log_in(on: Kind) {
    let client = site::client(on).await;
    let (code, said, _) = createsuperuser(&client, &["--noinput", "--username", "root"], &[]);
    assert!(code == 0 && said.contains("nobody can log in"), "{said}");
    let root = User::objects(client.db()).get(User::USERNAME.eq("root")).await.unwrap();
    assert!(root.is_superuser && !root.password.is_usable());
}

async fn createsuperuser_refuses_in_one_line(on: Kind) {
    let client = site::client(on).await;
    site::user(&client, "Root").await;
    let weak = [("NUAGES_SUPERUSER_PASSWORD", "password1")];
    let refusals = [
        (&["--noinput", "--username", "root"][..], &[][..], "already exists"),
        (&["--noinput", "--username", "a b"], &[], "valid username"),
        (&["--noinput"], &[], "NUAGES_SUPERUSER_USERNAME"),
        (&["--noinput", "--username", "eve"], &weak, "too common"),
        (&[], &[], "--noinput"),
    ];
    for (arguments, environment, words) in refusals {
        let (code, _, said) = createsuperuser(&client, arguments, environment);
        assert!(code == 1 && said.contains(words) && said.trim().lines().count() == 1, "{code} {said}");
        assert!(!said.contains("password1"), "{said}");
    }
    assert_eq!(names(&client).await, ["Root"]);
}
