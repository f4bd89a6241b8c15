//! `createsuperuser` and `changepassword` as a person at a terminal meets them, and settings about passwords that are wrong.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::Model;
use nuages::test::Client;
use nuages_tests::kind::Kind;
use nuages_tests::process::{manage, outcome, typed};
use nuages_tests::site::{self, PASSWORD, User};
use std::process::Command;

nuages_tests::promises!(
    changepassword_asks_twice_and_ends_the_users_sessions,
    changepassword_gives_up_after_three_tries,
    changepassword_is_for_whoever_runs_it_unless_someone_is_named,
    changepassword_of_nobody_is_refused,
    changepassword_without_a_terminal_is_refused,
    createsuperuser_asks_until_the_rules_are_kept,
    createsuperuser_suggests_the_name_on_this_machine,
    createsuperuser_hears_all_that_is_wrong_in_one_line,
    a_setting_that_names_what_is_not_there_keeps_the_site_from_starting,
);

const NEW: &str = "amber-lantern-43";

fn command(client: &Client, arguments: &[&str]) -> Command {
    manage(env!("CARGO_BIN_EXE_site"), client.settings().database_url.expose(), arguments)
}

async fn opens(client: &Client, name: &str, password: &str) -> bool {
    client.another().login(name, password).await.status() == 302
}

async fn changepassword_asks_twice_and_ends_the_users_sessions(on: Kind) {
    let client = site::client(on).await;
    site::user(&client, "ann").await;
    client.login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
    let answers = [NEW, "another", NEW, NEW];
    let (code, said, wrong) = typed(&command(&client, &["changepassword", "Ann"]), &answers);
    assert_eq!(code, 0, "{said} {wrong}");
    assert!(said.contains("Changing the password of `ann`") && said.contains("Password changed"), "{said}");
    assert_eq!(wrong, "The two passwords did not match.\n");
    assert!(opens(&client, "ann", NEW).await && !opens(&client, "ann", PASSWORD).await);
    client.get("/me/").await.assert_text("nobody");
}

async fn changepassword_gives_up_after_three_tries(on: Kind) {
    let client = site::client(on).await;
    site::user(&client, "ann").await;
    let answers = ["plum", "plum", "", "", "password1", "password1", NEW, NEW];
    let (code, _, wrong) = typed(&command(&client, &["changepassword", "ann"]), &answers);
    assert_eq!(code, 1, "{wrong}");
    for words in ["too short", "cannot be blank", "too common", "after 3 tries; `ann` keeps the old one"] {
        assert!(wrong.contains(words), "{wrong}");
    }
    assert!(opens(&client, "ann", PASSWORD).await && !wrong.contains("password1"));
}

async fn changepassword_is_for_whoever_runs_it_unless_someone_is_named(on: Kind) {
    let client = site::client(on).await;
    site::user(&client, "ann").await;
    let (code, _, wrong) = typed(command(&client, &["changepassword"]).env("USER", "ann"), &[NEW, NEW]);
    assert_eq!(code, 0, "{wrong}");
    assert!(opens(&client, "ann", NEW).await);
    let (code, _, wrong) = typed(&command(&client, &["changepassword"]), &[]);
    assert!(code == 2 && wrong.contains("name the user"), "{wrong}");
}

async fn changepassword_of_nobody_is_refused(on: Kind) {
    let client = site::client(on).await;
    let (code, _, wrong) = outcome(&command(&client, &["changepassword", "eve"]).output().unwrap());
    assert_eq!((code, wrong.as_str()), (1, "error: there is no user `eve`\n"));
}

async fn changepassword_without_a_terminal_is_refused(on: Kind) {
    let client = site::client(on).await;
    site::user(&client, "ann").await;
    let (code, _, wrong) = outcome(&command(&client, &["changepassword", "ann"]).output().unwrap());
    assert!(code == 1 && wrong.contains("no terminal to ask at"), "{wrong}");
}

async fn createsuperuser_asks_until_the_rules_are_kept(on: Kind) {
    let client = site::client(on).await;
    site::user(&client, "ann").await;
    let names = ["", "a b", "ANN", "annabelle"];
    let answers = ["nowhere", "annabelle@site.example", "annabelle1", "annabelle1", PASSWORD, PASSWORD];
    let answers = [&names[..], &answers].concat();
    let (code, said, wrong) = typed(&command(&client, &["createsuperuser"]), &answers);
    assert!(code == 0 && said.contains("Superuser created successfully."), "{said} {wrong}");
    for words in [
        "This cannot be blank.",
        "Enter a valid username.",
        "A user with that username already exists.",
        "Enter a valid email address.",
        "The password is too similar to the username.",
    ] {
        assert!(wrong.contains(words), "{wrong}");
    }
    let user = User::objects(client.db()).get(User::USERNAME.eq("annabelle")).await.unwrap();
    assert!(user.is_superuser && user.email == "annabelle@site.example");
    assert!(opens(&client, "annabelle", PASSWORD).await);
}

async fn createsuperuser_suggests_the_name_on_this_machine(on: Kind) {
    let client = site::client(on).await;
    let answers = ["", "", PASSWORD, PASSWORD];
    let mut command = command(&client, &["createsuperuser"]);
    let (code, said, wrong) = typed(command.env("USER", "Ann"), &answers);
    assert!(code == 0 && said.contains("leave blank to use `ann`"), "{said} {wrong}");
    assert!(opens(&client, "ann", PASSWORD).await);
    // It is taken now, so nothing is suggested.
    let (_, said, _) = typed(&command, &["bob", "", PASSWORD, PASSWORD]);
    assert!(!said.contains("leave blank to use"), "{said}");
}

async fn createsuperuser_hears_all_that_is_wrong_in_one_line(on: Kind) {
    let client = site::client(on).await;
    let mut command = command(&client, &["createsuperuser", "--noinput", "--username", "a b"]);
    command.envs([("NUAGES_SUPERUSER_EMAIL", "nowhere"), ("NUAGES_SUPERUSER_PASSWORD", "plum")]);
    let (code, _, wrong) = outcome(&command.output().unwrap());
    assert!(code == 1 && wrong.trim().lines().count() == 1, "{code} {wrong}");
    for words in
        ["username: Enter a valid username.", "email: Enter a valid", "password: This password is too short"]
    {
        assert!(wrong.contains(words), "{wrong}");
    }
    assert_eq!(User::objects(client.db()).count().await.unwrap(), 0);
}

async fn a_setting_that_names_what_is_not_there_keeps_the_site_from_starting(on: Kind) {
    let client = site::client(on).await;
    let settings = [
        ("PASSWORD_HASHERS", "argon2,md4", "`md4` is no password hasher; use argon2, pbkdf2_sha256,"),
        ("PASSWORD_HASHERS", "unsalted_md5,argon2", "`unsalted_md5` only reads old passwords"),
        ("AUTH_PASSWORD_VALIDATORS", "length:12", "`length` is no password validator; use"),
        ("AUTH_PASSWORD_VALIDATORS", "minimum_length:many", "write the length as a whole number"),
        ("AUTH_PASSWORD_VALIDATORS", "common_password:/no/such/list", "correct the path"),
        ("AUTH_PASSWORD_VALIDATORS", "breached_password:/no/such/file", "correct the path"),
        ("AUTH_PASSWORD_VALIDATORS", "breached_password:Cargo.toml", "does not begin with a SHA-1"),
    ];
    for (name, value, words) in settings {
        for arguments in [&["runserver", "0"][..], &["check"], &["createsuperuser", "--noinput"]] {
            let (code, _, wrong) = outcome(&command(&client, arguments).env(name, value).output().unwrap());
            assert!(
                code == 3 && wrong.contains(name) && wrong.contains(words),
                "{arguments:?} {code} {wrong}"
            );
            assert_eq!(wrong.trim().lines().count(), 1, "{wrong}");
        }
    }
}
