//! What the site that takes over does as Django did: the same paths, the same answers.

use super::User;
use nuages::{Error, FormData, RequestExt, Result, Routes, context, messages, render};
use nuages_auth::{MaybeUser, UserPermissions, set_password_unchecked};
use poem::web::Path;
use poem::{Request, Response, get, handler, post};

pub(super) fn routes() -> Routes {
    Routes::new()
        .path("me/", get(me), "me")
        .path("may/<str:perm>/", get(may), "may")
        .path("password/", post(password), "password")
        .path("session/set/<str:name>/<str:value>/", get(set_value), "set_value")
        .path("session/read/<str:name>/", get(read_value), "read_value")
        .path("messages/add/<str:text>/", get(add_message), "add_message")
        .path("messages/", get(list_messages), "list_messages")
}

#[handler]
fn me(user: MaybeUser<User>) -> String {
    user.0.map_or_else(|| "nobody".into(), |user| user.username.clone())
}

#[handler]
async fn may(Path(perm): Path<String>, request: &Request, user: MaybeUser<User>) -> Result<String> {
    let Some(user) = user.0 else { return Ok("false".into()) };
    Ok(user.has_perm(request, &perm).await?.to_string())
}

#[handler]
async fn password(request: &Request, user: MaybeUser<User>, data: FormData) -> Result<&'static str> {
    let Some(user) = user.0 else { return Err(Error::PermissionDenied("sign in".into())) };
    set_password_unchecked(request, &mut User::clone(&user), data.get("password").unwrap_or_default())
        .await?;
    Ok("changed")
}

#[handler]
fn set_value(Path((name, value)): Path<(String, String)>, request: &Request) -> Result<&'static str> {
    request.session().set(&name, value)?;
    Ok("done")
}

#[handler]
async fn read_value(Path(name): Path<String>, request: &Request) -> Result<String> {
    Ok(request.session().get::<String>(&name).await?.unwrap_or_else(|| "nothing".into()))
}

#[handler]
fn add_message(Path(text): Path<String>, request: &Request) -> &'static str {
    messages::success(request, text);
    "done"
}

#[handler]
async fn list_messages(request: &Request) -> Result<Response> {
    render(request, "messages.html", context! {}).await
}
