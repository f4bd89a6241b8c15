//! Auth's forms in views of a site's own.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::test::Client;
use nuages::{FormData, Model, RequestExt, Result, Routes, context, redirect, render};
use nuages_auth::{AdminPasswordChangeForm, CurrentUser, ForceLogin, StaffUser, UserCreationForm};
use nuages_tests::accounts::{NEW, PROFILE, named, signed_in};
use nuages_tests::kind::Kind;
use nuages_tests::site::{self, PASSWORD, User};
use poem::web::Path;
use poem::{Request, Response, handler};

nuages_tests::promises!(
    the_staff_sets_a_password_or_takes_it_away,
    the_staff_sees_what_kind_of_hash_it_is_and_nothing_of_it,
    a_sign_up_form_with_more_fields_saves_those_of_the_model,
);

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
    let summary = user.password.summary();
    render(request, "own_form.html", context! { form, summary }).await
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

/// A page of the staff's about this user, and the user's.
async fn staff_page(on: Kind, name: &str) -> (Client, String) {
    let client = own_pages(on).await;
    let (mut boss, _) = (site::user(&client, "boss").await, site::user(&client, name).await);
    boss.is_staff = true;
    boss.save(client.db()).await.unwrap();
    client.force_login(&boss).await;
    (client, format!("/staff/password/{name}/"))
}

async fn own_pages(on: Kind) -> Client {
    let routes = Routes::new()
        .path("/staff/password/<str:name>/", set_password_of, "set_password_of")
        .path("/join/", join_us, "join_us")
        .path("/own/", mine, "own")
        .include("/accounts/", nuages_auth::all_urls::<User>());
    Client::new(site::project(on).urls(routes)).await
}

async fn the_staff_sets_a_password_or_takes_it_away(on: Kind) {
    let (client, path) = staff_page(on, "annabelle").await;
    let (path, hers) = (&*path, signed_in(&client, "annabelle").await);
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

async fn the_staff_sees_what_kind_of_hash_it_is_and_nothing_of_it(on: Kind) {
    let (client, path) = staff_page(on, "ann").await;
    let stored = named(&client, "ann").await.password.expose().to_owned();
    let page = client.get(&path).await;
    page.assert_ok().assert_text("argon2id, memory ");
    for secret in stored.rsplit('$').take(2) {
        page.assert_no_text(secret);
    }
    for (hash, said) in [
        ("", "no password set"),
        ("!", "no password set"),
        ("lament$cost$salt$hash", "unreadable: no hasher knows it"),
        ("pbkdf2_sha256$1000000$seasalt$x7plum", "pbkdf2_sha256, 1000000 iterations"),
    ] {
        site::set_hash(&client, "ann", hash).await;
        let page = client.get(&path).await;
        page.assert_ok()
            .assert_text(said)
            .assert_no_text("seasalt")
            .assert_no_text("x7plum")
            .assert_no_text("lament");
    }
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
