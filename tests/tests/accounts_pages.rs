//! What people do with their accounts, from the sign-up to the end, and what is written down of it.

#![allow(clippy::unwrap_used, reason = "a test may")]

use futures_util::future::join_all;
use nuages::test::{Answer, Client};
use nuages::{FormData, Model, RequestExt, Result, Routes, Settings, context, redirect, render};
use nuages_auth::events::EventRow;
use nuages_auth::{
    AbstractUser, AdminPasswordChangeForm, AuthApp, CurrentUser, ForceLogin, StaffUser, UserCreationForm,
};
use nuages_tests::kind::Kind;
use nuages_tests::place::attributes;
use nuages_tests::site::{self, PASSWORD, User};
use nuages_tests::table;
use poem::web::Path;
use poem::{Request, Response, handler};
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

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
    users_see_what_happened_to_their_accounts,
    each_action_is_one_event,
    listeners_hear_of_what_happens_and_break_nothing,
    no_secret_is_in_the_log_or_the_table,
    a_logout_clears_what_the_browser_has_kept,
    the_staff_sets_a_password_or_takes_it_away,
    a_sign_up_form_with_more_fields_saves_those_of_the_model,
);

const NEW: &str = "amber-lantern-43";
const SITE: &str = "https://www.site.example";
const DEAD: &str = "The link does not work";
const PROFILE: &str = "/accounts/profile/";
const EMAIL: &str = "/accounts/email_change/";

async fn open(on: Kind) -> Client {
    open_with(on, |_| {}).await
}

async fn open_with(on: Kind, change: impl FnOnce(&mut Settings)) -> Client {
    let project = site::project(on).settings(|settings| {
        settings.site_url = Some(SITE.into());
        change(settings);
    });
    Client::new(project).await
}

/// A site that asks for the address at sign-up.
async fn confirming(on: Kind) -> Client {
    open_with(on, |settings| settings.signup_confirm_email = true).await
}

async fn user(client: &Client, name: &str) -> User {
    let mut user = site::user(client, name).await;
    user.email = format!("{name}@site.example");
    user.save(client.db()).await.unwrap();
    user
}

async fn named(client: &Client, name: &str) -> User {
    User::objects(client.db()).get(User::USERNAME.eq(name)).await.unwrap()
}

async fn signed_in(client: &Client, name: &str) -> Client {
    let browser = client.another();
    browser.login(name, PASSWORD).await.assert_redirect(PROFILE);
    browser
}

async fn sign_up(client: &Client, name: &str, email: &str) -> Answer {
    let fields = [("username", name), ("email", email), ("password1", PASSWORD), ("password2", PASSWORD)];
    client.post("/accounts/signup/", &fields).await
}

/// The path of the link in the last mail.
fn link(client: &Client) -> String {
    let mail = client.outbox().pop().unwrap();
    mail.body().lines().find_map(|line| line.strip_prefix(SITE)).unwrap().to_owned()
}

async fn who(client: &Client) -> String {
    client.get("/me/").await.assert_ok().text().to_owned()
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

async fn users_see_what_happened_to_their_accounts(on: Kind) {
    let client = open(on).await;
    for name in ["ann", "bob"] {
        user(&client, name).await;
    }
    client.get("/accounts/activity/").await.assert_redirect("/accounts/login/?next=/accounts/activity/");
    client.another().login("ann", "not-her-password").await.assert_ok();
    client.another().login("bob", "not-his-password").await.assert_ok();
    let browser = signed_in(&client, "ann").await;
    let page = browser.get("/accounts/activity/").await;
    page.assert_ok().assert_text("Logged in").assert_text("A login failed").assert_no_text("bob");
    assert_eq!(page.text().matches("A login failed").count(), 1, "those of others are not shown");
    assert!(page.header("cache-control").unwrap().contains("no-store"));
}

/// Everything that one does with an account, and the words for it.
async fn a_life(client: &Client) -> Vec<&'static str> {
    client.another().login("ann", "not-her-password").await.assert_ok();
    let (laptop, phone) = (signed_in(client, "ann").await, signed_in(client, "ann").await);
    let change = [("old_password", PASSWORD), ("new_password1", NEW), ("new_password2", NEW)];
    laptop.post("/accounts/password_change/", &change).await.assert_status(302);
    client.another().login("ann", NEW).await.assert_redirect(PROFILE);
    laptop.post("/accounts/sessions/", &[("end", "others")]).await.assert_status(302);
    laptop
        .post(EMAIL, &[("new_email", "new@site.example"), ("password", NEW)])
        .await
        .assert_redirect(PROFILE);
    laptop.post(&link(client), &[]).await.assert_redirect(PROFILE);
    laptop.post("/accounts/logout/", &[]).await.assert_ok();
    phone.post("/accounts/logout/", &[]).await.assert_ok();
    phone.post("/accounts/password_reset/", &[("email", "new@site.example")]).await.assert_status(302);
    let page = phone.get(&link(client)).await.location().unwrap().to_owned();
    let set = [("new_password1", PASSWORD), ("new_password2", PASSWORD)];
    phone.post(&page, &set).await.assert_redirect("/accounts/reset/done/");
    vec![
        "login_failed",
        "login",
        "login",
        "password_changed",
        "login",
        "session_ended",
        "email_change_requested",
        "email_changed",
        "logout",
        "password_reset",
    ]
}

async fn each_action_is_one_event(on: Kind) {
    let client = open(on).await;
    let ann = user(&client, "ann").await;
    let words = a_life(&client).await;
    assert_eq!(events(&client, Some(&ann)).await, words);
    client.login("nobody", PASSWORD).await.assert_ok();
    sign_up_plain(&client, "bob").await;
    assert_eq!(events(&client, None).await, ["password_reset_requested", "login_failed"]);
    assert_eq!(events(&client, Some(&named(&client, "bob").await)).await, ["signup"]);
}

async fn sign_up_plain(client: &Client, name: &str) {
    let fields = [("username", name), ("password1", PASSWORD), ("password2", PASSWORD)];
    client.post("/accounts/signup/", &fields).await.assert_redirect("/accounts/login/");
}

async fn listeners_hear_of_what_happens_and_break_nothing(on: Kind) {
    let heard: Arc<Mutex<Vec<(String, bool)>>> = Arc::default();
    let list = Arc::clone(&heard);
    let auth = AuthApp::<User>::new()
        .on_event(|_, _| async { Err(nuages::Error::NotFound("as asked".into())) })
        .on_event(move |event, db| {
            let list = Arc::clone(&list);
            async move {
                let is_there = User::objects(&db).exists().await?;
                list.lock()
                    .unwrap()
                    .push((event.kind.word().to_owned(), is_there && event.user_id.is_some()));
                Ok(())
            }
        });
    let project = site::with_auth(on, auth.app()).settings(|settings| settings.site_url = Some(SITE.into()));
    let client = Client::new(project).await;
    user(&client, "ann").await;
    let words = a_life(&client).await;
    let heard = heard.lock().unwrap();
    let of_ann: Vec<_> =
        heard.iter().filter(|(_, is_hers)| *is_hers).map(|(word, _)| word.as_str()).collect();
    assert_eq!((of_ann, heard.len()), (words.clone(), words.len() + 1));
}

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Writes into [`LOG`].
struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn no_secret_is_in_the_log_or_the_table(on: Kind) {
    let level = tracing_subscriber::filter::LevelFilter::DEBUG;
    drop(tracing_subscriber::fmt().with_max_level(level).with_writer(|| Log).with_ansi(false).try_init());
    let client = open(on).await;
    let before = user(&client, "ann").await;
    let browser = signed_in(&client, "ann").await;
    let key = browser.cookie("sessionid").unwrap();
    a_life(&client).await;
    let links = client.outbox().into_iter().filter_map(|mail| {
        let path = mail.body().lines().find_map(|line| line.strip_prefix(SITE))?.to_owned();
        path.split('/').nth_back(1).map(str::to_owned)
    });
    let hash = named(&client, "ann").await.password_hash().expose().to_owned();
    let secrets =
        [PASSWORD, NEW, "not-her-password", &key, &hash, before.password.expose(), site::SECRET_KEY];
    let secrets: Vec<_> =
        secrets.map(str::to_owned).into_iter().chain(links.filter(|token| !token.is_empty())).collect();
    assert!(secrets.len() > 8, "the tokens are among them: {secrets:?}");
    let log = String::from_utf8_lossy(&LOG.lock().unwrap()).into_owned();
    assert!(log.contains("event=\"login_failed\"") && log.contains("event=\"password_reset\""), "{log}");
    let columns =
        "coalesce(user_id, '') || '|' || kind || '|' || address || '|' || user_agent || '|' || session";
    let rows = table::texts(client.db(), "auth_event", columns).await.join("\n");
    for secret in &secrets {
        assert!(!rows.contains(secret.as_str()), "{secret}: {rows}");
        let line = log.lines().find(|line| line.contains(secret.as_str()));
        assert!(line.is_none(), "{secret}: {line:?}");
    }
}

async fn a_logout_clears_what_the_browser_has_kept(on: Kind) {
    let client = open(on).await;
    client.force_login(&user(&client, "ann").await).await;
    assert_eq!(client.get("/accounts/logout/").await.header("clear-site-data"), None);
    let answer = client.post("/accounts/logout/", &[]).await;
    assert_eq!(answer.header("clear-site-data"), Some("\"cache\", \"storage\""));
    assert!(answer.header("cache-control").unwrap().contains("no-store"));
}

/// A page of the staff's.
#[handler]
async fn set_password_of(
    _: StaffUser<User>,
    Path(name): Path<String>,
    request: &Request,
    data: FormData,
) -> Result<Response> {
    let user = User::objects(&request.db()).get(User::USERNAME.eq(name)).await?;
    let form = AdminPasswordChangeForm::new(request, &user, data);
    if form.is_valid().await? {
        form.save(request).await?;
        return redirect(request, "/plain/");
    }
    render(request, "own_form.html", context! { form }).await
}

/// A sign-up of the site's own.
#[handler]
async fn join_us(request: &Request, data: FormData) -> Result<Response> {
    let form = UserCreationForm::<User>::new(request, data)
        .with_field("email", |field| field)
        .with_field("first_name", |field| field.optional())
        .with_field("invitation", |field| field.help("From whom?"));
    if form.is_valid().await? && form.value("invitation") == "Django" && form.save().await?.is_some() {
        return redirect(request, "/plain/");
    }
    render(request, "own_form.html", context! { form }).await
}

#[handler]
async fn mine(user: CurrentUser<User>) -> String {
    user.username.clone()
}

async fn own_pages(on: Kind) -> Client {
    let routes = Routes::new()
        .path("/staff/password/<str:name>/", set_password_of, "set_password_of")
        .path("/join/", join_us, "join_us")
        .path("/own/", mine, "own")
        .include("/accounts/", nuages_auth::urls::<User>())
        .include("/accounts/", nuages_auth::account_urls::<User>());
    Client::new(site::project(on).urls(routes)).await
}

async fn the_staff_sets_a_password_or_takes_it_away(on: Kind) {
    let client = own_pages(on).await;
    let (mut boss, _) = (site::user(&client, "boss").await, site::user(&client, "annabelle").await);
    boss.is_staff = true;
    boss.save(client.db()).await.unwrap();
    client.force_login(&boss).await;
    let (path, hers) = ("/staff/password/annabelle/", signed_in(&client, "annabelle").await);
    client.get(path).await.assert_ok().assert_text("usable_password").assert_text("password1");
    let set = |one, two| [("usable_password", "true"), ("password1", one), ("password2", two)];
    client.post(path, &set("", "")).await.assert_ok().assert_text("This field is required.");
    client.post(path, &set(NEW, "another")).await.assert_ok().assert_text("didn’t match");
    client.post(path, &set("annabelle1", "annabelle1")).await.assert_ok().assert_text("too similar");
    assert_eq!(hers.get("/own/").await.text(), "annabelle");
    client.post(path, &set(NEW, NEW)).await.assert_redirect("/plain/");
    hers.get("/own/").await.assert_redirect("/accounts/login/?next=/own/");
    hers.login("annabelle", NEW).await.assert_redirect(PROFILE);
    let none = [("usable_password", "false"), ("password1", ""), ("password2", "")];
    client.post(path, &none).await.assert_redirect("/plain/");
    assert!(!named(&client, "annabelle").await.password.is_usable());
    hers.get("/own/").await.assert_redirect("/accounts/login/?next=/own/");
    hers.login("annabelle", NEW).await.assert_ok();
    assert_eq!(client.get("/own/").await.text(), "boss");
}

async fn a_sign_up_form_with_more_fields_saves_those_of_the_model(on: Kind) {
    let client = own_pages(on).await;
    let page = client.get("/join/").await;
    page.assert_ok()
        .assert_text("name=\"email\"")
        .assert_text("name=\"invitation\"")
        .assert_text("From whom?");
    let fields = |email, invitation| {
        let names =
            [("username", "ann"), ("first_name", "Ann"), ("email", email), ("invitation", invitation)];
        [&names[..], &[("password1", PASSWORD), ("password2", PASSWORD)]].concat()
    };
    client.post("/join/", &fields("nowhere", "Django")).await.assert_ok().assert_text("id_email_error");
    client
        .post("/join/", &fields("ann@site.example", ""))
        .await
        .assert_ok()
        .assert_text("id_invitation_error");
    client.post("/join/", &fields("ann@site.example", "Django")).await.assert_redirect("/plain/");
    let ann = named(&client, "ann").await;
    assert_eq!((ann.first_name.as_str(), ann.email.as_str()), ("Ann", "ann@site.example"));
}
