//! What people do with their accounts, from the sign-up to the end.

#![allow(clippy::unwrap_used, reason = "a test may")]

use futures_util::future::join_all;
use nuages::Model;
use nuages::test::{Answer, Client};
use nuages_auth::ForceLogin;
use nuages_auth::events::EventRow;
use nuages_tests::accounts::{DEAD, PROFILE, link, named, open, open_with, signed_in, user, who};
use nuages_tests::kind::Kind;
use nuages_tests::place::attributes;
use nuages_tests::site::{PASSWORD, User};
use nuages_tests::table;

nuages_tests::promises!(
    nobody_logs_in_before_the_address_is_confirmed,
    the_link_of_the_mail_changes_nothing_before_the_button,
    a_confirmation_works_once_and_only_whole,
    a_deactivated_user_does_not_come_back_by_the_old_link,
    an_address_that_cannot_be_gets_no_mail,
    another_address_needs_the_password,
    another_address_is_confirmed_by_a_mail_to_it_and_the_old_one_is_told,
    a_change_of_address_works_once_and_for_that_address_alone,
    an_address_that_was_taken_meanwhile_is_refused,
    people_change_their_names_and_nothing_else,
    an_account_ends_with_its_sessions_and_events,
    an_account_that_others_depend_on_stays,
    who_is_not_remembered_is_forgotten_with_the_browser,
    who_is_signed_in_is_sent_past_the_login,
    a_login_page_that_leads_to_itself_says_so,
    a_logout_clears_what_the_browser_has_kept,
);

const EMAIL: &str = "/accounts/email_change/";

/// A site that asks for the address at sign-up.
async fn confirming(on: Kind) -> Client {
    open_with(on, |settings| settings.signup_confirm_email = true).await
}

async fn sign_up(client: &Client, name: &str, email: &str) -> Answer {
    let fields = [("username", name), ("email", email), ("password1", PASSWORD), ("password2", PASSWORD)];
    client.post("/accounts/signup/", &fields).await
}

/// The words of a user's events, oldest first; of nobody's without a user.
async fn events(client: &Client, user: Option<&User>) -> Vec<String> {
    let id = user.map(|user| user.id.to_string());
    let rows = EventRow::objects(client.db()).order_by(EventRow::ID.asc()).all().await.unwrap();
    rows.into_iter().filter(|row| row.user_id == id).map(|row| row.kind).collect()
}

async fn nobody_logs_in_before_the_address_is_confirmed(on: Kind) {
    let client = confirming(on).await;
    sign_up(&client, "ann", "ann@site.example").await.assert_ok().assert_text("Look into your mail");
    let [mail] = &client.outbox()[..] else { panic!("one mail") };
    assert_eq!(mail.recipients().collect::<Vec<_>>(), ["ann@site.example"]);
    client.login("ann", PASSWORD).await.assert_ok().assert_text("Please enter a correct username");
    client.post(&link(&client), &[]).await.assert_redirect("/accounts/login/");
    client.get("/accounts/login/").await.assert_text("Your address is confirmed.");
    client.login("ann", PASSWORD).await.assert_redirect(PROFILE);
    assert_eq!(who(&client).await, "ann");
}

async fn the_link_of_the_mail_changes_nothing_before_the_button(on: Kind) {
    let client = confirming(on).await;
    sign_up(&client, "ann", "ann@site.example").await.assert_ok();
    let robot = client.another();
    for _ in 0..3 {
        robot.get(&link(&client)).await.assert_ok().assert_text("Yes, this is my address");
    }
    assert!(!named(&client, "ann").await.is_active);
    client.post_bare(&link(&client), &[]).await.assert_status(403);
    assert!(!named(&client, "ann").await.is_active);
}

async fn a_confirmation_works_once_and_only_whole(on: Kind) {
    let client = confirming(on).await;
    sign_up(&client, "ann", "ann@site.example").await.assert_ok();
    let anns = link(&client);
    sign_up(&client, "eve", "eve@site.example").await.assert_ok();
    let parts: Vec<_> = anns.split('/').collect();
    let (uid, token, cut) = (parts[4], parts[5], &parts[5][1..]);
    let eves = nuages_auth::tokens::uid(&named(&client, "eve").await);
    for (uid, token) in
        [(uid, cut), ("AA", token), (&eves, token), ("%00", "%00"), (uid, "-"), ("LTE", token)]
    {
        let path = format!("/accounts/signup/confirm/{uid}/{token}/");
        client.get(&path).await.assert_ok().assert_text(DEAD);
        client.post(&path, &[]).await.assert_ok().assert_text(DEAD);
    }
    // A link of one kind is none of another.
    client.get(&format!("/accounts/reset/{uid}/{token}/")).await.assert_ok().assert_text(DEAD);
    let tabs = [client.another(), client.another(), client.another()];
    let answers = join_all(tabs.iter().map(|tab| tab.post(&anns, &[]))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status() == 302).count(), 1, "{answers:?}");
    client.get(&anns).await.assert_ok().assert_text(DEAD);
    client.post(&anns, &[]).await.assert_ok().assert_text(DEAD);
    assert!(named(&client, "ann").await.is_active && !named(&client, "eve").await.is_active);
}

async fn a_deactivated_user_does_not_come_back_by_the_old_link(on: Kind) {
    let client = confirming(on).await;
    for (name, logs_in) in [("ann", true), ("eve", false)] {
        sign_up(&client, name, &format!("{name}@site.example")).await.assert_ok();
        let link = link(&client);
        client.post(&link, &[]).await.assert_redirect("/accounts/login/");
        if logs_in {
            signed_in(&client, name).await;
        }
        let row = User::objects(client.db()).filter(User::USERNAME.eq(name));
        row.update([User::IS_ACTIVE.set(false)]).await.unwrap();
        client.post(&link, &[]).await.assert_ok().assert_text(DEAD);
        assert!(!named(&client, name).await.is_active, "{name}");
    }
}

async fn an_address_that_cannot_be_gets_no_mail(on: Kind) {
    let client = confirming(on).await;
    for email in ["", "ann", "ann@site.example\r\nBcc: eve@site.example", "ann\0@site.example", "a@b@c"] {
        sign_up(&client, "ann", email).await.assert_ok().assert_text("id_email_error");
    }
    assert_eq!((client.outbox().len(), User::objects(client.db()).count().await.unwrap()), (0, 0));
}

async fn ask_for(client: &Client, email: &str, password: &str) -> Answer {
    client.post(EMAIL, &[("new_email", email), ("password", password)]).await
}

async fn another_address_needs_the_password(on: Kind) {
    let client = open(on).await;
    client.get(EMAIL).await.assert_redirect(&format!("/accounts/login/?next={EMAIL}"));
    client.force_login(&user(&client, "ann").await).await;
    client.get(EMAIL).await.assert_ok().assert_text("new_email");
    let wrong = ask_for(&client, "new@site.example", "not-her-password").await;
    wrong.assert_ok().assert_text("The password is not right.").assert_no_text("not-her-password");
    ask_for(&client, "new@site.example", "").await.assert_ok().assert_text("id_password_error");
    ask_for(&client, "ann@site.example", PASSWORD).await.assert_ok().assert_text("your address already");
    for email in ["", "new", "new@site.example\r\nBcc: eve@site.example", "new\0@site.example"] {
        ask_for(&client, email, PASSWORD).await.assert_ok().assert_text("id_new_email_error");
    }
    assert!(client.outbox().is_empty());
}

async fn another_address_is_confirmed_by_a_mail_to_it_and_the_old_one_is_told(on: Kind) {
    let client = open(on).await;
    client.force_login(&user(&client, "ann").await).await;
    ask_for(&client, "New@Site.Example", PASSWORD).await.assert_redirect(PROFILE);
    let [mail] = &client.outbox()[..] else { panic!("one mail") };
    assert_eq!(mail.recipients().collect::<Vec<_>>(), ["New@site.example"]);
    let link = link(&client);
    // Whoever reads the mail need not be signed in there.
    let phone = client.another();
    phone.get(&link).await.assert_ok().assert_text("New@site.example").assert_text("Change my address");
    assert_eq!(named(&client, "ann").await.email, "ann@site.example");
    phone.post(&link, &[]).await.assert_redirect(PROFILE);
    assert_eq!(
        (named(&client, "ann").await.email.as_str(), who(&phone).await),
        ("New@site.example", "nobody".into())
    );
    let [_, notice] = &client.outbox()[..] else { panic!("and a notice") };
    assert_eq!(notice.recipients().collect::<Vec<_>>(), ["ann@site.example"]);
    assert!(notice.subject().starts_with("Your e-mail address was changed"), "{}", notice.subject());
}

async fn a_change_of_address_works_once_and_for_that_address_alone(on: Kind) {
    let client = open(on).await;
    client.force_login(&user(&client, "ann").await).await;
    ask_for(&client, "new@site.example", PASSWORD).await.assert_redirect(PROFILE);
    let path = link(&client);
    ask_for(&client, "other@site.example", PASSWORD).await.assert_redirect(PROFILE);
    let other = link(&client);
    let (parts, others): (Vec<_>, Vec<_>) = (path.split('/').collect(), other.split('/').collect());
    for (uid, email, token) in [
        (parts[3], others[4], parts[5]),
        (parts[3], "AA", parts[5]),
        ("AA", parts[4], parts[5]),
        ("%00", "%00", "%00"),
    ] {
        let path = format!("/accounts/email_change/{uid}/{email}/{token}/");
        client.get(&path).await.assert_ok().assert_text(DEAD);
        client.post(&path, &[]).await.assert_ok().assert_text(DEAD);
    }
    let tabs = [client.another(), client.another(), client.another()];
    let answers = join_all(tabs.iter().map(|tab| tab.post(&path, &[]))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status() == 302).count(), 1, "{answers:?}");
    for path in [&path, &other] {
        client.post(path, &[]).await.assert_ok().assert_text(DEAD);
    }
    assert_eq!(named(&client, "ann").await.email, "new@site.example");
    assert_eq!(client.outbox().len(), 3, "two links and one notice");
}

async fn an_address_that_was_taken_meanwhile_is_refused(on: Kind) {
    let client = open(on).await;
    client.force_login(&user(&client, "ann").await).await;
    user(&client, "bob").await;
    table::run(client.db(), "CREATE UNIQUE INDEX one_address ON accounts_user (email)").await;
    ask_for(&client, "bob@site.example", PASSWORD).await.assert_redirect(PROFILE);
    client.post(&link(&client), &[]).await.assert_redirect(PROFILE);
    client.get(PROFILE).await.assert_text("Somebody else has this address by now.");
    assert_eq!(named(&client, "ann").await.email, "ann@site.example");
}

async fn people_change_their_names_and_nothing_else(on: Kind) {
    let client = open(on).await;
    client.get(PROFILE).await.assert_redirect(&format!("/accounts/login/?next={PROFILE}"));
    client.force_login(&user(&client, "ann").await).await;
    let names = [("first_name", "Ann"), ("last_name", "<b>Lee</b>")];
    client.post(PROFILE, &names).await.assert_redirect(PROFILE);
    let page = client.get(PROFILE).await;
    page.assert_text("Your profile is changed.").assert_text("Ann &lt;b&gt;Lee").assert_no_text("<b>Lee");
    for field in ["is_superuser", "is_staff", "is_active", "username", "email", "password", "id", "nickname"]
    {
        let page = client.post(PROFILE, &[&names[..], &[(field, "1")]].concat()).await;
        page.assert_ok().assert_text(&format!("This form has no field “{field}”."));
    }
    let long = "a".repeat(151);
    for name in [&*long, "a\0b"] {
        client
            .post(PROFILE, &[("first_name", name), ("last_name", "")])
            .await
            .assert_ok()
            .assert_text("id_first_name_error");
    }
    let ann = named(&client, "ann").await;
    assert_eq!(
        (ann.first_name.as_str(), ann.last_name.as_str(), ann.email.as_str()),
        ("Ann", "<b>Lee</b>", "ann@site.example")
    );
    assert!(ann.is_active && !ann.is_superuser && !ann.is_staff);
}

async fn an_account_ends_with_its_sessions_and_events(on: Kind) {
    let client = open(on).await;
    let (ann, bob) = (user(&client, "ann").await, user(&client, "bob").await);
    client.get("/accounts/delete/").await.assert_redirect("/accounts/login/?next=/accounts/delete/");
    let (laptop, phone, bobs) =
        (signed_in(&client, "ann").await, signed_in(&client, "ann").await, signed_in(&client, "bob").await);
    laptop.get("/accounts/delete/").await.assert_ok().assert_text("This cannot be taken back.");
    let wrong = laptop.post("/accounts/delete/", &[("password", "not-her-password")]).await;
    wrong.assert_ok().assert_text("The password is not right.");
    laptop.post("/accounts/delete/", &[("password", "")]).await.assert_ok();
    assert_eq!(who(&phone).await, "ann");
    let done = laptop.post("/accounts/delete/", &[("password", PASSWORD)]).await;
    done.assert_ok().assert_text("Your account is deleted");
    assert_eq!(
        [who(&laptop).await, who(&phone).await, who(&bobs).await],
        ["nobody", "nobody", "bob"].map(String::from)
    );
    assert!(!User::objects(client.db()).filter(User::USERNAME.eq("ann")).exists().await.unwrap());
    assert_eq!(table::sessions(client.db()).await.len(), 1, "Bob's");
    assert!(events(&client, Some(&ann)).await.is_empty());
    assert_eq!(
        (events(&client, None).await, events(&client, Some(&bob)).await),
        (vec!["account_deleted".into()], vec!["login".into()])
    );
    let [mail] = &client.outbox()[..] else { panic!("one mail") };
    assert_eq!(mail.recipients().collect::<Vec<_>>(), ["ann@site.example"]);
}

async fn an_account_that_others_depend_on_stays(on: Kind) {
    let client = open(on).await;
    let ann = user(&client, "ann").await;
    table::run(
        client.db(),
        "CREATE TABLE held (user_id BIGINT NOT NULL, FOREIGN KEY (user_id) REFERENCES accounts_user (id))",
    )
    .await;
    table::run(client.db(), &format!("INSERT INTO held (user_id) VALUES ({})", ann.id)).await;
    let browser = signed_in(&client, "ann").await;
    browser.post("/accounts/delete/", &[("password", PASSWORD)]).await.assert_redirect(PROFILE);
    browser.get(PROFILE).await.assert_ok().assert_text("Your account cannot be deleted while others depend");
    assert_eq!(events(&client, Some(&ann)).await, ["login"]);
    assert!(client.outbox().is_empty());
}

async fn who_is_not_remembered_is_forgotten_with_the_browser(on: Kind) {
    let client = open(on).await;
    user(&client, "ann").await;
    client.get("/accounts/login/").await.assert_text("name=\"remember_me\"");
    for (remember, lives) in [(&[("remember_me", "on")][..], true), (&[], false)] {
        let fields = [&[("username", "ann"), ("password", PASSWORD)], remember].concat();
        let answer = client.another().post("/accounts/login/", &fields).await;
        let attributes = attributes(&answer, "sessionid");
        assert_eq!(attributes.contains(&"Max-Age=1209600".into()), lives, "{attributes:?}");
        assert_eq!(
            attributes.iter().any(|one| one.starts_with("Max-Age") || one.starts_with("Expires")),
            lives
        );
    }
}

async fn who_is_signed_in_is_sent_past_the_login(on: Kind) {
    let client = open_with(on, |settings| settings.redirect_authenticated_user = true).await;
    user(&client, "ann").await;
    client.get("/accounts/login/").await.assert_ok();
    client.login("ann", PASSWORD).await.assert_redirect(PROFILE);
    client.get("/accounts/login/").await.assert_redirect(PROFILE);
    client.get("/accounts/login/?next=/plain/").await.assert_redirect("/plain/");
    // What somebody else has put into the address is never worse than nothing.
    for next in
        ["//evil.example/", "https://evil.example/", "/accounts/login/", "/accounts/login/?next=/plain/"]
    {
        let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
        client.get(&format!("/accounts/login/?next={next}")).await.assert_redirect(PROFILE);
    }
    assert_eq!(client.login("ann", "not-her-password").await.status(), 302);
    let plain = open(on).await;
    plain.force_login(&user(&plain, "ann").await).await;
    plain.get("/accounts/login/").await.assert_ok();
}

async fn a_login_page_that_leads_to_itself_says_so(on: Kind) {
    let client = open_with(on, |settings| {
        settings.redirect_authenticated_user = true;
        settings.login_redirect_url = "login".into();
    });
    let client = client.await;
    client.force_login(&user(&client, "ann").await).await;
    client.get("/accounts/login/").await.assert_status(500);
    client.get("/accounts/login/?next=/plain/").await.assert_redirect("/plain/");
}

async fn a_logout_clears_what_the_browser_has_kept(on: Kind) {
    let client = open(on).await;
    client.force_login(&user(&client, "ann").await).await;
    assert_eq!(client.get("/accounts/logout/").await.header("clear-site-data"), None);
    let answer = client.post("/accounts/logout/", &[]).await;
    assert_eq!(answer.header("clear-site-data"), Some("\"cache\", \"storage\""));
    assert!(answer.header("cache-control").unwrap().contains("no-store"));
}
