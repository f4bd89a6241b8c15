//! What is written down of what people do with their accounts.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::Model;
use nuages::test::Client;
use nuages_auth::events::EventRow;
use nuages_auth::{AbstractUser, AuthApp};
use nuages_tests::accounts::{NEW, ORIGIN, PROFILE, link, links, named, open, signed_in, user};
use nuages_tests::kind::Kind;
use nuages_tests::site::{self, PASSWORD, User};
use nuages_tests::table;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

nuages_tests::promises!(
    users_see_what_happened_to_their_accounts,
    each_action_is_one_event,
    listeners_hear_of_what_happens_and_break_nothing,
    no_secret_is_in_the_log_or_the_table,
);

/// The words of a user's events, oldest first; of nobody's without a user.
async fn events(client: &Client, user: Option<&User>) -> Vec<String> {
    let id = user.map(|user| user.id.to_string());
    let rows = EventRow::objects(client.db()).order_by(EventRow::ID.asc()).all().await.unwrap();
    rows.into_iter().filter(|row| row.user_id == id).map(|row| row.kind).collect()
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
        .post("/accounts/email_change/", &[("new_email", "new@site.example"), ("password", NEW)])
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
    let project =
        site::with_auth(on, auth.app()).settings(|settings| settings.site_url = Some(ORIGIN.into()));
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
    let tokens = links(&client).into_iter().filter_map(|path| path.split('/').nth_back(1).map(str::to_owned));
    let hash = named(&client, "ann").await.password_hash().expose().to_owned();
    let secrets =
        [PASSWORD, NEW, "not-her-password", &key, &hash, before.password.expose(), site::SECRET_KEY];
    let secrets: Vec<_> = secrets.map(str::to_owned).into_iter().chain(tokens).collect();
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
