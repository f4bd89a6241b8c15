//! The site's pages: each asks for something else.

use super::{Article, Card};
use crate::site::User;
use nuages::chrono::Utc;
use nuages::{Error, Model, RequestExt, Result, Routes, context, render};
use nuages_auth::{
    self as auth, Authenticated, LoginNotRequired, MaybeUser, StaffUser, Superuser, UserPermissions,
    login_required, permission_required, permissions_required, recent_login, require_perm,
    require_recent_login, staff_required, superuser_required, two_factor_required, user_passes_async_test,
    user_passes_test,
};
use poem::web::Path;
use poem::{Request, Response, get, handler, post};
use std::sync::Arc;

pub(super) fn routes() -> Routes {
    Routes::new()
        .include("/accounts/", auth::urls::<User>())
        .include("/accounts/", auth::account_urls::<User>())
        .include("/open/", Routes::new().path("", get(seen), "open").login_not_required())
        .include("/for/", guarded())
        .include("/in/", demanding())
        .include("/", pages())
}

fn guarded() -> Routes {
    let both = ["press.publish_article", "press.pin_article"];
    Routes::new()
        .path("users/", login_required(get(seen).post(seen)), "for_users")
        .path("publishers/", permission_required("press.publish_article", get(seen)), "for_publishers")
        .path("both/", permissions_required(both, get(seen)), "for_both")
        .path("nonsense/", permission_required("publish", get(seen)), "for_nonsense")
        .path("staff/", staff_required(get(seen)), "for_staff")
        .path("superusers/", superuser_required(get(seen)), "for_superusers")
        .path("anns/", user_passes_test(|user: &User| user.username == "ann", get(seen)), "for_anns")
        .path("nicknamed/", user_passes_async_test(nicknamed, get(seen)), "for_nicknamed")
        .path("recent/", recent_login(5, get(seen).post(seen)), "for_recent")
        .path(
            "elsewhere/",
            login_required(get(seen)).login_url("https://login.example/in?lang=fr&next=x#form"),
            "e",
        )
        .path("same-host/", login_required(get(seen)).login_url("http://localhost/in/"), "same_host")
        .path(
            "own-field/",
            login_required(get(seen)).login_url("/in/").redirect_field_name("back"),
            "own_field",
        )
        .path("no-next/", login_required(get(seen)).without_next(), "no_next")
        .path("two-factor/", two_factor_required(get(seen)), "for_two_factor")
        .path("script/", login_required(get(seen)).forbid_strangers(), "script")
}

fn demanding() -> Routes {
    Routes::new()
        .path("perm/<str:perm>/", get(demands), "demands")
        .path("recent/", get(demands_recent), "demands_recent")
        .path("staff/", get(staff), "staff")
        .path("superuser/", get(superuser), "superuser")
}

fn pages() -> Routes {
    Routes::new()
        .path("may/<str:perm>/", get(may), "may")
        .path("may-all/<str:perms>/", get(may_all), "may_all")
        .path("may-in/<str:app>/", get(may_in), "may_in")
        .path("may-twice/", get(may_twice), "may_twice")
        .path("may-with/<str:title>/", get(may_with), "may_with")
        .path("all/", get(all), "all")
        .path("me/", get(me), "me")
        .path("template/<str:name>/", get(template), "template")
        .path("trust/<str:name>/<str:backend>/", post(trust), "trust")
        .path("card/<str:name>/", post(card), "card")
        .path("age/<int:seconds>/", post(age), "age")
        .path("forget-age/", post(forget_age), "forget_age")
        .path("set/<str:name>/", post(set), "set")
        .path("read/", get(read), "read")
}

#[handler]
fn seen() -> &'static str {
    "seen"
}

fn nicknamed(user: Arc<User>) -> nuages::futures_util::future::BoxFuture<'static, Result<bool>> {
    Box::pin(async move {
        tokio::task::yield_now().await;
        Ok(user.nickname.is_some())
    })
}

#[handler]
async fn demands(Path(perm): Path<String>, request: &Request) -> Result<&'static str> {
    require_perm(request, &perm).await?;
    Ok("seen")
}

#[handler]
async fn demands_recent(request: &Request) -> Result<&'static str> {
    require_recent_login(request, 5).await?;
    Ok("seen")
}

#[handler]
fn staff(user: StaffUser<User>) -> String {
    user.username.clone()
}

#[handler]
fn superuser(user: Superuser<User>) -> String {
    user.username.clone()
}

async fn user(request: &Request) -> Result<Arc<User>> {
    let user = auth::get_user::<User>(request).await?;
    user.ok_or_else(|| Error::PermissionDenied("sign in".into()))
}

#[handler]
async fn may(Path(perm): Path<String>, request: &Request) -> Result<String> {
    Ok(user(request).await?.has_perm(request, &perm).await?.to_string())
}

#[handler]
async fn may_all(Path(perms): Path<String>, request: &Request) -> Result<String> {
    Ok(user(request).await?.has_perms(request, perms.split(',')).await?.to_string())
}

#[handler]
async fn may_in(Path(app): Path<String>, request: &Request) -> Result<String> {
    Ok(user(request).await?.has_module_perms(request, &app).await?.to_string())
}

/// Asks again after the permission was given, in one request.
#[handler]
async fn may_twice(request: &Request) -> Result<String> {
    let user = user(request).await?;
    let before = user.has_perm(request, "press.pin_article").await?;
    user.add_permission(&request.db(), "press.pin_article").await?;
    let after = user.has_perm(request, "press.pin_article").await?;
    let fresh = User::find(&request.db(), &user.id).await?;
    Ok(format!("{before} {after} {}", fresh.has_perm(request, "press.pin_article").await?))
}

#[handler]
async fn may_with(Path(title): Path<String>, request: &Request) -> Result<String> {
    let article = Article { id: 1, title };
    Ok(user(request).await?.has_perm_for(request, "press.change_article", &article).await?.to_string())
}

#[handler]
async fn all(request: &Request) -> Result<String> {
    let granted = user(request).await?.get_all_permissions(request).await?;
    Ok(granted.iter().collect::<Vec<_>>().join(" "))
}

#[handler]
fn me(user: MaybeUser<User>) -> String {
    user.0.map_or_else(|| "nobody".into(), |user| user.username.clone())
}

#[handler]
async fn template(Path(name): Path<String>, request: &Request) -> Result<Response> {
    render(request, &format!("{name}.html"), context! {}).await
}

/// Signs in whoever is named, in the name of this backend.
#[handler]
async fn trust(Path((name, backend)): Path<(String, String)>, request: &Request) -> Result<&'static str> {
    let user = User::objects(&request.db()).get(User::USERNAME.eq(name)).await?;
    let backend = if backend == "model" { auth::MODEL_BACKEND } else { "press.Nothing" };
    auth::login(request, Authenticated::trust(user, backend)).await?;
    Ok("in")
}

#[handler]
async fn card(Path(name): Path<String>, request: &Request) -> Result<String> {
    match auth::authenticate_by::<User>(request, Card(name)).await? {
        Some(user) => {
            let backend = user.backend();
            auth::login(request, user).await?;
            Ok(backend.into())
        }
        None => Ok("nobody".into()),
    }
}

/// Lets the login be so many seconds ago.
#[handler]
fn age(Path(seconds): Path<i64>, request: &Request) -> Result<&'static str> {
    request.session().set("_auth_login_at", Utc::now().timestamp() - seconds)?;
    Ok("done")
}

/// Leaves the session as one that began before the time of the login was kept.
#[handler]
fn forget_age(request: &Request) -> &'static str {
    request.session().remove("_auth_login_at");
    "done"
}

#[handler]
fn set(Path(name): Path<String>, request: &Request) -> Result<&'static str> {
    request.session().set("colour", name)?;
    Ok("done")
}

#[handler]
async fn read(request: &Request) -> Result<String> {
    Ok(request.session().get("colour").await?.unwrap_or_else(|| "nothing".into()))
}
