//! A plain poem application: notes, in a table of its own, and an API for them.
//! With users: `before.rs` is what it was.

use nuages::{Project, Routes, Settings};
use nuages_auth::{CurrentUser, stock};
use poem::listener::TcpListener;
use poem::web::{Data, Html, Json};
use poem::{EndpointExt, Result, Route, Server, error::InternalServerError, get, handler};
use serde::Deserialize;
use sqlx::SqlitePool;
use std::error::Error;

fn project() -> Project {
    Project::new(Settings::from_env())
        .app(nuages::sessions::app())
        .app(nuages::messages::app())
        .app(nuages_auth::app::<stock::User>())
        .app(stock::app())
        .urls(Routes::new().include("/accounts/", nuages_auth::all_urls::<stock::User>()))
}

#[derive(Deserialize)]
struct Note {
    text: String,
}

/// A page for people.
#[handler]
async fn index(Data(pool): Data<&SqlitePool>) -> Result<Html<String>> {
    let count: i64 =
        sqlx::query_scalar("SELECT count(*) FROM note").fetch_one(pool).await.map_err(InternalServerError)?;
    Ok(Html(format!("<h1>Notes</h1><p>There are {count}.</p>")))
}

/// An API for programs.
#[handler]
async fn list(Data(pool): Data<&SqlitePool>) -> Result<Json<Vec<String>>> {
    let notes = sqlx::query_scalar("SELECT text FROM note ORDER BY id").fetch_all(pool).await;
    Ok(Json(notes.map_err(InternalServerError)?))
}

#[handler]
async fn add_note(
    _user: CurrentUser<stock::User>,
    Data(pool): Data<&SqlitePool>,
    Json(Note { text }): Json<Note>,
) -> Result<Json<&'static str>> {
    let query = sqlx::query("INSERT INTO note (text) VALUES (?)").bind(text);
    query.execute(pool).await.map_err(InternalServerError)?;
    Ok(Json("noted"))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    if std::env::args().len() > 1 {
        return Ok(project().run_command().await?);
    }
    let url = std::env::var("DATABASE_URL").unwrap_or("sqlite://notes.db".into());
    let pool = SqlitePool::connect(&format!("{url}?mode=rwc")).await?;
    sqlx::query("CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, text TEXT)").execute(&pool).await?;
    let app = Route::new().at("/", get(index)).at("/api/notes/", get(list).post(add_note)).data(pool);
    let app = app.with(project().middleware().await?);
    let address = std::env::var("ADDRESS").unwrap_or("127.0.0.1:3000".into());
    Server::new(TcpListener::bind(address)).run(app).await?;
    Ok(())
}
