//! A site that takes over the database of a Django site, and that database.

#[cfg(feature = "django")]
mod beside;
mod views;

#[cfg(feature = "django")]
pub use beside::Django;

use crate::kind::Kind;
use crate::site;
use nuages::db::inspect;
use nuages::migrations::{TableBuilder, table_of, user};
use nuages::test::Client;
use nuages::{App, Database, ForeignKey, Migration, Model, Project, Result, Routes, Settings};
use nuages_auth::{AbstractUser, UserFields};

/// A user as Django's own `auth_user` has them.
#[derive(Clone, Debug, Model, AbstractUser)]
#[model(app = "accounts", table = "auth_user")]
pub struct User {
    /// Django's fields.
    #[model(flatten)]
    pub fields: UserFields,
}

/// Something that the Django site never had.
#[derive(Clone, Debug, Model)]
#[model(app = "blog")]
pub struct Post {
    /// The key.
    pub id: i64,
    /// The title.
    #[model(max_length = 200)]
    pub title: String,
    /// Who wrote it.
    pub author: ForeignKey<User>,
}

/// The site that takes over.
pub fn project(settings: Result<Settings>) -> Project {
    let urls = Routes::new()
        .include("/accounts/", nuages_auth::urls::<User>())
        .include("/accounts/", nuages_auth::account_urls::<User>())
        .include("/", views::routes());
    Project::new(settings)
        .templates(nuages::dir!("templates"))
        .app(nuages::sessions::app())
        .app(nuages::messages::app())
        .app(nuages_auth::app::<User>())
        .app(App::new("accounts").model::<User>().migrations([accounts()]))
        .app(App::new("blog").model::<Post>().migrations([blog()]))
        .urls(urls)
}

/// A visitor of the site, whose database is a Django site's, with nothing of ours in it.
///
/// # Panics
/// If the database refuses.
pub async fn client(on: Kind) -> Client {
    let client = Client::new(project(site::settings(on, true))).await;
    empty(on, client.db()).await;
    crate::table::run(client.db(), made_by_django(on)).await;
    client
}

/// What Django 5.2 has made: `migrate`, and a user `ann` with the usual password, a group and a permission of her own. Her
/// hash has fewer rounds than is usual, so that the tests do not wait for it. On MySQL it is a user model of the site's own,
/// as Django advises, in a table of the same name: its key has 64 bits.
pub fn made_by_django(on: Kind) -> &'static str {
    match on {
        Kind::Sqlite => include_str!("django/django.sqlite.sql"),
        #[cfg(feature = "postgres")]
        Kind::Postgres => include_str!("django/django.postgres.sql"),
        #[cfg(feature = "mysql")]
        Kind::MySql => include_str!("django/django.mysql.sql"),
    }
}

/// Drops all tables.
///
/// # Panics
/// If the database refuses.
pub async fn empty(on: Kind, db: &Database) {
    let names = inspect::names(db).await.unwrap_or_else(|error| panic!("{error}"));
    let sql = match on {
        Kind::Sqlite => {
            let drops = names.iter().map(|name| format!("DROP TABLE {name};")).collect::<String>();
            format!("PRAGMA foreign_keys = OFF; {drops} PRAGMA foreign_keys = ON")
        }
        #[cfg(feature = "postgres")]
        Kind::Postgres => format!("DROP TABLE {} CASCADE", names.join(", ")),
        #[cfg(feature = "mysql")]
        Kind::MySql => {
            let names = names.join(", ");
            format!("SET foreign_key_checks = 0; DROP TABLE {names}; SET foreign_key_checks = 1")
        }
    };
    crate::table::run(db, &sql).await;
}

fn accounts() -> Migration {
    Migration::new("0001_initial")
        .depends_on("auth", "0001_initial")
        .create_table("auth_user", |table| {
            table.for_model("User");
            table.big_auto("id");
            table.text("username").max_length(150).unique();
            table.text("password").max_length(128);
            table.text("first_name").max_length(150);
            table.text("last_name").max_length(150);
            table.text("email").max_length(254);
            table.boolean("is_staff");
            table.boolean("is_active");
            table.boolean("is_superuser");
            table.datetime("last_login").null();
            table.datetime("date_joined");
        })
        .unique_lower("auth_user", "username")
        .create_table("auth_user_groups", |table| between(table, "group"))
        .create_table("auth_user_user_permissions", |table| between(table, "permission"))
}

fn between(table: &mut TableBuilder, other: &str) {
    let (model, key) = if other == "group" {
        ("User_groups", "group_id")
    } else {
        ("User_user_permissions", "permission_id")
    };
    table.for_model(model);
    table.big_auto("id");
    table.foreign_key("user_id", user());
    table.foreign_key(key, table_of("auth", &format!("auth_{other}")));
    table.unique_together(["user_id", key]);
}

fn blog() -> Migration {
    Migration::new("0001_initial").depends_on_user().create_table("blog_post", |table| {
        table.for_model("Post");
        table.big_auto("id");
        table.text("title").max_length(200);
        table.foreign_key("author_id", user());
    })
}
