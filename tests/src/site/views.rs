//! The site's pages: each does one thing that a promise is about.

use super::{Post, User};
use nuages::chrono::{TimeDelta, Utc};
use nuages::sessions::Expiry;
use nuages::{
    Database, EmailMessage, Error, FormData, Model, RequestExt, ResponseExt, Result, context, messages,
    redirect, render,
};
use nuages_auth::{CurrentUser, MaybeUser, NewUser, Passwords, authenticate, set_password};
use poem::http::StatusCode;
use poem::web::Path;
use poem::{Request, Response, handler};
use std::time::Duration;

/// Written to the log by `slow` when it begins.
pub const STARTED: &str = "the slow page begins";
/// Written to the database by `slow_write` when it is done.
pub const FINISHED: &str = "written to the end";

/// Answers without a look at anything.
#[handler]
pub(super) fn plain() -> &'static str {
    "plain"
}

/// Shows a template of this name.
#[handler]
pub(super) async fn template(Path(name): Path<String>, request: &Request) -> Result<Response> {
    let posts = match name.as_str() {
        "posts" => Post::objects(&request.db()).select_related(Post::AUTHOR).all().await?,
        _ => Vec::new(),
    };
    render(request, &format!("{name}.html"), context! { posts }).await
}

/// Sets a value, after a look at the session if `?look=` says so; then waits `?wait=` milliseconds; then ends as
/// `?end=` says.
#[handler]
pub(super) async fn set(Path((name, value)): Path<(String, String)>, request: &Request) -> Result<Response> {
    if query(request, "look").is_some() {
        request.session().keys().await?;
    }
    request.session().set(&name, value)?;
    wait(request).await;
    ending(query(request, "end").as_deref())
}

#[allow(clippy::panic, reason = "what a panic does is a promise too")]
fn ending(end: Option<&str>) -> Result<Response> {
    match end {
        Some("panic") => panic!("as asked"),
        Some("missing") => Err(Error::NotFound("as asked".into())),
        Some("forbidden") => Err(Error::PermissionDenied("as asked".into())),
        Some("broken") => Err(Error::Refused("as asked".into())),
        Some("busy") => Err(Error::Unavailable("as asked".into())),
        Some(status) => Ok(StatusCode::from_bytes(status.as_bytes()).map(answer).unwrap_or_default()),
        None => Ok(answer(StatusCode::OK)),
    }
}

fn answer(status: StatusCode) -> Response {
    Response::builder().status(status).body("done")
}

/// Waits `?wait=` milliseconds.
async fn wait(request: &Request) {
    let time = query(request, "wait").and_then(|wait| wait.parse().ok()).unwrap_or(0);
    tokio::time::sleep(Duration::from_millis(time)).await;
}

fn query(request: &Request, name: &str) -> Option<String> {
    let query: Vec<(String, String)> = request.params().ok()?;
    query.into_iter().find(|(found, _)| found == name).map(|(_, value)| value)
}

/// Reads a value.
#[handler]
pub(super) async fn read_value(Path(name): Path<String>, request: &Request) -> Result<String> {
    Ok(request.session().get::<String>(&name).await?.unwrap_or_else(|| "nothing".into()))
}

/// Ends the session.
#[handler]
pub(super) fn flush(request: &Request) -> &'static str {
    request.session().flush();
    "flushed"
}

/// Gives the session a new key; before that it reads `?read=` and waits `?wait=` milliseconds.
#[handler]
pub(super) async fn cycle(request: &Request) -> Result<String> {
    let read = request.session().get::<String>(&query(request, "read").unwrap_or_default()).await?;
    wait(request).await;
    request.session().cycle_key();
    Ok(read.unwrap_or_default())
}

/// Gives the session a new key and sets a value, without a look at what there is.
#[handler]
pub(super) async fn cycle_and_set(
    Path((name, value)): Path<(String, String)>,
    request: &Request,
) -> Result<&'static str> {
    request.session().cycle_key();
    request.session().set(&name, value)?;
    wait(request).await;
    Ok("done")
}

/// Forgets all values.
#[handler]
pub(super) fn clear(request: &Request) -> &'static str {
    request.session().clear();
    "cleared"
}

/// Counts in the session, after a look at it if `?look=` says so; waits `?wait=` milliseconds; says how many.
#[handler]
pub(super) async fn count(request: &Request) -> Result<String> {
    if query(request, "look").is_some() {
        request.session().keys().await?;
    }
    request.session().update("count", |count: &mut u32| *count += 1)?;
    wait(request).await;
    Ok(request.session().get::<u32>("count").await?.unwrap_or_default().to_string())
}

/// Gives the session a lifetime of its own, and something to hold.
#[handler]
pub(super) fn expire(Path(how): Path<String>, request: &Request) -> Result<&'static str> {
    let session = request.session();
    match how.as_str() {
        "browser" => session.set_expiry(Expiry::BrowserClose),
        "default" => session.set_expiry(Expiry::Default),
        "at" => session.set_expiry(Utc::now() + TimeDelta::hours(1)),
        seconds => session.set_expiry(Expiry::Seconds(seconds.parse().unwrap_or_default())),
    }
    session.set("colour", "blue")?;
    Ok("done")
}

/// How many seconds the session lives on.
#[handler]
pub(super) async fn lives(request: &Request) -> Result<String> {
    let end = request.session().expires_at().await?.ok_or_else(|| Error::NotFound("no session".into()))?;
    Ok((end - Utc::now()).num_seconds().to_string())
}

/// Whether the browser takes cookies.
#[handler]
pub(super) async fn test_cookie(request: &Request) -> Result<&'static str> {
    let session = request.session();
    if session.test_cookie_worked().await? {
        session.delete_test_cookie();
        return Ok("worked");
    }
    session.set_test_cookie();
    Ok("set")
}

/// Removes a value.
#[handler]
pub(super) fn remove(Path(name): Path<String>, request: &Request) -> &'static str {
    request.session().remove(&name);
    "removed"
}

/// Sends a signed cookie.
#[handler]
pub(super) fn sign(Path(value): Path<String>, request: &Request) -> Result<Response> {
    answer(StatusCode::OK).with_cookie(&request.new_signed_cookie("note", &value, "notes"))
}

/// What the signed cookie says, if it is no older than `?age=` seconds.
#[handler]
pub(super) fn signed(request: &Request) -> String {
    let age = query(request, "age").and_then(|age| age.parse().ok()).map(Duration::from_secs);
    request.signed_cookie("note", "notes", age).unwrap_or_else(|| "nothing".into())
}

/// Signs in whoever the form names, whoever is signed in now.
#[handler]
pub(super) async fn login_in_between(request: &Request, data: FormData) -> Result<Response> {
    let field = |name| data.get(name).unwrap_or_default();
    match authenticate::<User>(request, field("username"), field("password")).await? {
        Some(user) => nuages_auth::login(request, user).await?,
        None => return Err(Error::PermissionDenied("that is not the password".into())),
    }
    redirect(request, "me")
}

/// Leaves a message for the next page.
#[handler]
pub(super) fn message(Path(text): Path<String>, request: &Request) -> Result<Response> {
    messages::success(request, text);
    redirect(request, "/template/messages/")
}

/// Says who is signed in.
#[handler]
pub(super) fn me(user: MaybeUser<User>) -> String {
    user.as_ref().map_or_else(|| "nobody".into(), |user| user.username.clone())
}

/// Says who is signed in, to those who are.
#[handler]
pub(super) fn mine(user: CurrentUser<User>) -> String {
    format!("{} alone sees this", user.username)
}

/// Answers the body as it came.
#[handler]
pub(super) fn echo(body: String) -> String {
    body
}

/// Answers the form's field `text`.
#[handler]
pub(super) fn form(data: FormData) -> String {
    data.get("text").unwrap_or("no text").to_owned()
}

/// Sets a security header itself.
#[handler]
pub(super) fn own_headers() -> Response {
    Response::builder().header("X-Frame-Options", "SAMEORIGIN").body("framed")
}

/// A post, or 404.
#[handler]
pub(super) async fn post_detail(Path(id): Path<i64>, db: Database) -> Result<String> {
    Ok(Post::objects(&db).get(Post::ID.eq(id)).await?.title)
}

/// Gives the signed-in user the password that was sent, or says what is wrong with it.
#[handler]
pub(super) async fn new_password(
    user: CurrentUser<User>,
    request: &Request,
    data: FormData,
) -> Result<String> {
    let password = data.get("password").unwrap_or_default();
    match set_password(request, &mut User::clone(&user), password).await {
        Ok(()) => Ok("changed".into()),
        Err(error) => Ok(error.invalid()?.to_string()),
    }
}

/// Sends a mail to Ann.
#[handler]
pub(super) async fn mail(request: &Request, Path(subject): Path<String>) -> Result<&'static str> {
    request.send_mail(EmailMessage::new(subject, "Come at eight.").to("ann@site.example")).await?;
    Ok("sent")
}

/// Writes a word to the log, in a span of its own, and answers the request's id.
#[handler]
pub(super) fn log(Path(word): Path<String>, request: &Request) -> String {
    tracing::info_span!("own", step = 1).in_scope(|| tracing::info!("the word is {word}"));
    request.id().to_owned()
}

/// Takes a second.
#[handler]
pub(super) async fn slow() -> &'static str {
    println!("{STARTED}");
    tokio::time::sleep(Duration::from_secs(1)).await;
    "slow and done"
}

/// Writes to the session after so many milliseconds.
#[handler]
pub(super) async fn slow_write(Path(wait): Path<u64>, db: Database) -> Result<&'static str> {
    println!("{STARTED}");
    tokio::time::sleep(Duration::from_millis(wait)).await;
    let user = NewUser::<User>::new("late").set("first_name", FINISHED);
    let user = user.create(&db, &Passwords::default()).await?;
    Post::new(&user, FINISHED).create(&db).await?;
    tracing::info!("{FINISHED}");
    Ok(FINISHED)
}
