//! Who gets a mail to set a new password.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::email::EmailTemplates;
use nuages::test::Client;
use nuages::{Model, RequestExt, Result, Routes, context};
use nuages_auth::tokens::{PASSWORD_RESET, key_of_uid};
use nuages_auth::{AbstractUser, send_password_reset, users_for_reset};
use nuages_tests::kind::Kind;
use nuages_tests::site::{self, User};
use poem::web::Path;
use poem::{Request, get, handler};

nuages_tests::promises!(
    the_mail_goes_to_the_stored_address,
    only_active_users_with_a_password_may_reset_it,
    look_alikes_get_nothing,
    the_link_of_a_mail_proves_its_user,
    the_answer_is_the_same_for_all,
    a_foreign_host_gets_no_mail_sent,
    a_user_is_written_to_at_the_own_address,
);

#[handler]
async fn forgot(request: &Request, Path(email): Path<String>) -> &'static str {
    let templates = EmailTemplates { subject: "mail/subject.txt", body: "mail/body.txt", html: None };
    send_password_reset::<User>(request, &email, templates, context! { note => "2" }).await;
    "done"
}

#[handler]
async fn forgot_broken(request: &Request, Path(email): Path<String>) -> &'static str {
    let templates = EmailTemplates { subject: "mail/none.txt", body: "mail/none.txt", html: None };
    send_password_reset::<User>(request, &email, templates, context! {}).await;
    "done"
}

#[handler]
async fn greet(request: &Request) -> Result<&'static str> {
    for user in User::objects(&request.db()).all().await? {
        request.send_mail(user.email_message("Hello", "Come.").from("bob@site.example")).await?;
    }
    Ok("done")
}

async fn client(on: Kind) -> Client {
    let routes = Routes::new()
        .path("/forgot/<str:email>/", get(forgot), "forgot")
        .path("/broken/<str:email>/", get(forgot_broken), "broken")
        .path("/greet/", get(greet), "greet");
    let site =
        site::project(on).settings(|settings| settings.site_url = Some("https://www.site.example".into()));
    Client::new(site.urls(routes)).await
}

/// The address keeps its spelling.
async fn user(client: &Client, name: &str, email: &str) -> User {
    let mut user = site::user(client, name).await;
    user.email = email.into();
    user.save(client.db()).await.unwrap();
    user
}

async fn names_for(client: &Client, email: &str) -> Vec<String> {
    let users = users_for_reset::<User>(client.db(), email).await.unwrap();
    users.into_iter().map(|user| user.username.clone()).collect()
}

async fn the_mail_goes_to_the_stored_address(on: Kind) {
    let client = client(on).await;
    user(&client, "ann", "Ann@Site.Example").await;
    client.get("/forgot/aNN@site.example/").await.assert_ok();
    let [mail] = &client.outbox()[..] else { panic!("one mail") };
    assert_eq!(mail.recipients().collect::<Vec<_>>(), ["Ann@Site.Example"]);
    assert_eq!(mail.subject(), "A new password for ann");
    let end = "Nuages, https, www.site.example, Ann@Site.Example";
    assert!(mail.body().ends_with(end), "{}", mail.body());
}

async fn only_active_users_with_a_password_may_reset_it(on: Kind) {
    let client = client(on).await;
    let mut idle = user(&client, "idle", "a@site.example").await;
    idle.is_active = false;
    idle.save(client.db()).await.unwrap();
    let mut remote = user(&client, "remote", "a@site.example").await;
    remote.password = nuages_auth::PasswordHash::unusable();
    remote.save(client.db()).await.unwrap();
    user(&client, "ann", "a@site.example").await;
    user(&client, "bob", "").await;
    assert_eq!(names_for(&client, "a@site.example").await, ["ann"]);
    assert!(names_for(&client, "").await.is_empty());
    assert!(names_for(&client, "%").await.is_empty());
}

async fn look_alikes_get_nothing(on: Kind) {
    let client = client(on).await;
    user(&client, "mike", "mike@site.example").await;
    user(&client, "eve", "mı\u{307}ke@site.example").await;
    for typed in
        ["mıke@site.example", "mike@sıte.example", "mi\u{301}ke@site.example", "\u{43c}ike@site.example"]
    {
        assert!(names_for(&client, typed).await.is_empty(), "{typed}");
    }
    assert_eq!(names_for(&client, "MIKE@SITE.EXAMPLE").await, ["mike"]);
}

async fn the_link_of_a_mail_proves_its_user(on: Kind) {
    let client = client(on).await;
    let mut ann = user(&client, "ann", "ann@site.example").await;
    client.get("/forgot/ann@site.example/").await.assert_ok();
    let mail = client.outbox().remove(0);
    let link = mail.body().lines().find(|line| line.starts_with("https://www.site.example/reset/")).unwrap();
    let [uid, token] = link.split('/').skip(4).take(2).collect::<Vec<_>>()[..] else { panic!("{link}") };
    assert_eq!(key_of_uid::<User>(uid), Some(ann.id));
    let now = nuages::chrono::Utc::now();
    assert!(PASSWORD_RESET.check(&ann, token, client.settings(), now));
    ann.password = nuages_auth::PasswordHash::new("argon2$another");
    assert!(!PASSWORD_RESET.check(&ann, token, client.settings(), now), "it works once");
}

async fn the_answer_is_the_same_for_all(on: Kind) {
    let client = client(on).await;
    user(&client, "ann", "ann@site.example").await;
    for path in
        ["/forgot/nobody@site.example/", "/broken/ann@site.example/", "/forgot/x%0D%0ABcc:y@z.example/"]
    {
        client.get(path).await.assert_ok().assert_text("done");
    }
    assert!(client.outbox().is_empty());
}

async fn a_foreign_host_gets_no_mail_sent(on: Kind) {
    let client = client(on).await;
    user(&client, "ann", "ann@site.example").await;
    let mut request = client.request(poem::http::Method::GET, "/forgot/ann@site.example/");
    request.headers_mut().insert("host", "evil.example".parse().unwrap());
    client.send(request).await.assert_status(400);
    assert!(client.outbox().is_empty());
}

async fn a_user_is_written_to_at_the_own_address(on: Kind) {
    let client = client(on).await;
    user(&client, "ann", "ann@site.example").await;
    client.get("/greet/").await.assert_ok();
    let mail = client.outbox().remove(0);
    assert_eq!(mail.recipients().collect::<Vec<_>>(), ["ann@site.example"]);
    assert_eq!(mail.sender(), Some("bob@site.example"));
}
