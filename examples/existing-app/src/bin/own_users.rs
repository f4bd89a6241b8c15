//! The same application, which had users of its own before: in a table `member` with a key that is text, an address to log in with, and
//! hashes of Argon2. They log in as they are, and keep their table.

use nuages::chrono::{DateTime, Utc};
use nuages::{App, Migration, Model, Project, Routes, Settings};
use nuages_auth::{AbstractUser, CurrentUser, PasswordHash};
use poem::listener::TcpListener;
use poem::web::{Data, Json};
use poem::{EndpointExt, Result, Route, Server, error::InternalServerError, get, handler};
use sqlx::SqlitePool;
use std::error::Error;

/// A row of the table that was there before.
#[derive(Clone, Debug, Model, AbstractUser)]
#[model(app = "members", table = "member")]
#[user(username_field = "email", required_fields = "number")]
struct Member {
    #[model(primary_key, column = "member_no", max_length = 36)]
    number: String,
    #[model(column = "mail", max_length = 254, unique)]
    email: String,
    #[model(column = "pw_hash")]
    password: PasswordHash,
    #[model(column = "full_name", max_length = 100)]
    name: String,
    #[model(column = "enabled")]
    is_active: bool,
    #[model(column = "seen_at")]
    last_login: Option<DateTime<Utc>>,
}

/// What the table is, for a database that has none; on the others `migrate --fake-initial` finds it there.
fn members() -> App {
    let initial = Migration::new("0001_initial").create_table("member", |table| {
        table.for_model("Member");
        table.text("member_no").max_length(36).primary_key();
        table.text("mail").max_length(254).unique();
        table.text("pw_hash").max_length(128);
        table.text("full_name").max_length(100);
        table.boolean("enabled");
        table.datetime("seen_at").null();
    });
    App::new("members").model::<Member>().migrations([initial])
}

fn project() -> Project {
    Project::new(Settings::from_env())
        .app(nuages::sessions::app())
        .app(nuages::messages::app())
        .app(nuages_auth::app::<Member>())
        .app(members())
        .urls(Routes::new().include("/accounts/", nuages_auth::urls::<Member>()))
}

/// What the application did before, by its own connection.
#[handler]
async fn count(Data(pool): Data<&SqlitePool>) -> Result<Json<i64>> {
    let count = sqlx::query_scalar("SELECT count(*) FROM member WHERE enabled").fetch_one(pool).await;
    Ok(Json(count.map_err(InternalServerError)?))
}

#[handler]
async fn me(member: CurrentUser<Member>) -> Json<[String; 3]> {
    Json([member.number.clone(), member.email.clone(), member.name.clone()])
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    if std::env::args().len() > 1 {
        return Ok(project().run_command().await?);
    }
    let url = std::env::var("DATABASE_URL").unwrap_or("sqlite://members.db".into());
    let pool = SqlitePool::connect(&url).await?;
    let app = Route::new().at("/members/", get(count)).at("/me/", get(me)).data(pool);
    let app = app.with(project().middleware().await?);
    let address = std::env::var("ADDRESS").unwrap_or("127.0.0.1:3000".into());
    Server::new(TcpListener::bind(address)).run(app).await?;
    Ok(())
}
