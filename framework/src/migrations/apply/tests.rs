#![cfg(feature = "sqlite")]

use super::*;
use crate::checks::Level;
use crate::db::schema::Kind;
use crate::migrations::{RunSql, user, user_model_checker};
use crate::{Settings, command};
use std::sync::Arc;
use tempfile::TempDir;

const USER: UserTable = UserTable {
    app: "accounts",
    model: "User",
    table: "accounts_user",
    key: "id",
    login: "username",
    kind: Kind::BigInt,
};

#[derive(Clone)]
struct Site(Vec<(&'static str, Vec<Migration>)>, UserTable);

impl Histories for Site {
    fn migrations(&self) -> Vec<(&str, &[Migration])> {
        self.0.iter().map(|(app, migrations)| (*app, migrations.as_slice())).collect()
    }

    fn user_table(&self) -> Option<&UserTable> {
        Some(&self.1)
    }

    fn after_migrate<'a>(&'a self, db: &'a Database) -> BoxFuture<'a, Result<()>> {
        Box::pin(db.execute_sql("CREATE TABLE IF NOT EXISTS hooked (id integer)"))
    }
}

fn site() -> Site {
    let accounts = Migration::new("0001_initial").create_table("accounts_user", |table| {
        table.big_auto("id");
        table.text("username").max_length(150).unique();
    });
    let nickname = Migration::new("0002_user_nickname")
        .unique_lower("accounts_user", "username")
        .add_column("accounts_user", |column| column.text("nickname").null().unique());
    let blog = Migration::new("0001_initial").depends_on_user().create_table("blog_post", |table| {
        table.big_auto("id");
        table.text("title").max_length(200);
        table.foreign_key("author_id", user()).index();
    });
    Site(vec![("blog", vec![blog]), ("accounts", vec![accounts, nickname])], USER)
}

fn with(mut site: Site, migration: Migration) -> Site {
    site.0[0].1.push(migration);
    site
}

fn url(folder: &TempDir) -> String {
    format!("sqlite://{}", folder.path().join("site.db").display())
}

async fn database() -> (TempDir, Database) {
    let folder = tempfile::tempdir().unwrap();
    let db = Database::connect(&url(&folder)).await.unwrap();
    (folder, db)
}

async fn tables(db: &Database) -> Vec<String> {
    let query = crate::db::sea_query::Query::select().column("name").from("sqlite_master").take();
    let mut names = db.fetch_all(&query, |row| row.get::<String>("name")).await.unwrap();
    names.retain(|name| !name.starts_with("sqlite_"));
    names.sort();
    names
}

async fn go(db: &Database, site: &Site, goal: Goal<'_>) -> Result<Vec<Step>> {
    let runner = Runner::open(db, site).await?;
    let steps = runner.steps(goal).await?;
    for step in &steps {
        assert!(runner.run(*step).await?);
    }
    Ok(steps)
}

#[tokio::test]
async fn migrating_makes_the_tables_once() {
    let (_folder, db) = database().await;
    let done = migrate(&db, &site()).await.unwrap();
    assert_eq!(done, ["accounts.0001_initial", "blog.0001_initial", "accounts.0002_user_nickname"]);
    assert!(tables(&db).await.contains(&"blog_post".into()));
    assert!(tables(&db).await.contains(&"hooked".into()));
    assert!(migrate(&db, &site()).await.unwrap().is_empty());
    assert!(unapplied(&db, &site()).await.unwrap().is_empty());
}

#[tokio::test]
async fn asking_what_is_missing_only_reads() {
    let (_folder, db) = database().await;
    let missing = unapplied(&db, &site()).await.unwrap();
    assert_eq!(missing[0], ("accounts".to_owned(), "0001_initial".to_owned()));
    assert_eq!(missing.len(), 3);
    assert!(tables(&db).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_may_migrate_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let migrators = (0..8).map(|_| {
        let url = url(&folder);
        tokio::spawn(async move {
            let db = Database::connect(&url).await?;
            migrate(&db, &site()).await
        })
    });
    let mut done = Vec::new();
    for migrator in migrators.collect::<Vec<_>>() {
        done.extend(migrator.await.unwrap().unwrap());
    }
    done.sort();
    assert_eq!(done, ["accounts.0001_initial", "accounts.0002_user_nickname", "blog.0001_initial"]);
}

#[tokio::test]
async fn a_migration_that_fails_leaves_nothing() {
    let (_folder, db) = database().await;
    migrate(&db, &site()).await.unwrap();
    let before = tables(&db).await;
    let broken = Migration::new("0002_broken")
        .create_table("blog_tag", |table| drop(table.big_auto("id").build()))
        .run_sql(RunSql::same("INSERT INTO nowhere VALUES (1)"));
    let text = migrate(&db, &with(site(), broken.clone())).await.unwrap_err().to_string();
    assert!(text.starts_with("applying blog.0002_broken failed and changed nothing"), "{text}");
    assert_eq!(tables(&db).await, before);
    assert_eq!(unapplied(&db, &with(site(), broken)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_first_migration_that_fails_leaves_an_empty_database() {
    let (_folder, db) = database().await;
    let broken = Migration::new("0001_initial").run_sql(RunSql::same("nonsense"));
    assert!(migrate(&db, &Site(vec![("blog", vec![broken])], USER)).await.is_err());
    assert!(tables(&db).await.is_empty());
}

#[tokio::test]
async fn a_migration_changed_after_it_was_applied_is_refused() {
    let (_folder, db) = database().await;
    migrate(&db, &site()).await.unwrap();
    let mut edited = site();
    edited.0[0].1[0] = edited.0[0].1[0].clone().add_column("blog_post", |column| column.text("slug").null());
    let error = migrate(&db, &edited).await.unwrap_err();
    assert_eq!(error.exit_code(), 1);
    assert!(error.to_string().contains("put src/blog/migrations/m0001_initial.rs back as it was"), "{error}");
}

#[tokio::test]
async fn another_user_model_is_refused_and_nothing_is_touched() {
    let (_folder, db) = database().await;
    migrate(&db, &site()).await.unwrap();
    let before = tables(&db).await;
    let mut other = with(site(), Migration::new("0002_more"));
    other.1 = UserTable { app: "people", model: "Person", table: "people_person", ..USER };
    let text = migrate(&db, &other).await.unwrap_err().to_string();
    assert!(
        text.contains("was `accounts.User` when this database was first migrated and is `people.Person` now")
    );
    assert_eq!(tables(&db).await, before);
}

#[tokio::test]
async fn the_check_finds_another_user_model() {
    let (folder, db) = database().await;
    migrate(&db, &site()).await.unwrap();
    let url = url(&folder);
    let settings =
        Settings::from_pairs([("DEBUG", "true"), ("SECRET_KEY", "x"), ("DATABASE_URL", &*url)]).unwrap();
    let context = command::Context::new(Arc::new(settings));
    let same = user_model_checker(USER).look(context.clone()).await.unwrap();
    assert!(same.is_empty());
    let other = UserTable { app: "people", model: "Person", ..USER };
    let found = user_model_checker(other).look(context).await.unwrap();
    assert_eq!((found[0].id, found[0].level), ("auth.E100", Level::Error));
    assert!(found[0].hint.contains("put `accounts.User` back"), "{}", found[0]);
}

#[tokio::test]
async fn one_can_go_back_to_zero_and_forward_again() {
    let (_folder, db) = database().await;
    migrate(&db, &site()).await.unwrap();
    let full = tables(&db).await;
    assert_eq!(go(&db, &site(), Goal::Named("accounts", "0001")).await.unwrap().len(), 1);
    assert_eq!(go(&db, &site(), Goal::Named("accounts", "zero")).await.unwrap().len(), 2);
    assert_eq!(
        tables(&db).await,
        ["hooked", "nuages_migrations", "nuages_settings", "sqlite_autoindex"].map(String::from)[..3]
    );
    migrate(&db, &site()).await.unwrap();
    assert_eq!(tables(&db).await, full);
}

#[tokio::test]
async fn after_zero_the_user_model_may_be_another() {
    let (_folder, db) = database().await;
    migrate(&db, &site()).await.unwrap();
    go(&db, &site(), Goal::Named("accounts", "zero")).await.unwrap();
    let person = UserTable { app: "people", model: "Person", table: "people_person", ..USER };
    let people = Migration::new("0001_initial")
        .create_table("people_person", |table| drop(table.big_auto("id").build()));
    migrate(&db, &Site(vec![("people", vec![people])], person)).await.unwrap();
}

#[tokio::test]
async fn a_column_is_added_to_a_table_with_rows_and_keeps_them() {
    let (_folder, db) = database().await;
    migrate(&db, &site()).await.unwrap();
    db.execute_sql("INSERT INTO accounts_user (username) VALUES ('ann'); INSERT INTO blog_post (title, author_id) VALUES ('Hello', 1)")
        .await
        .unwrap();
    let more = Migration::new("0002_more")
        .add_column("blog_post", |column| column.datetime("seen_at").default_now())
        .add_column("blog_post", |column| column.text("mood").max_length(9).default("it's").index())
        .add_column("blog_post", |column| column.foreign_key("editor_id", user()).null());
    migrate(&db, &with(site(), more.clone())).await.unwrap();
    let query = crate::db::sea_query::Query::select()
        .columns(["mood", "seen_at"].map(|name| ("blog_post", name)))
        .from("blog_post")
        .take();
    let read = |row: &crate::db::Row<'_>| {
        Ok((row.get::<String>("mood")?, row.get::<chrono::DateTime<chrono::Utc>>("seen_at")?))
    };
    let (mood, seen_at) = db.fetch_optional(&query, read).await.unwrap().unwrap();
    assert_eq!(mood, "it's");
    assert!(seen_at > chrono::Utc::now() - chrono::Duration::minutes(5));
    go(&db, &with(site(), more), Goal::Named("blog", "0001")).await.unwrap();
    assert!(db.execute_sql("SELECT editor_id FROM blog_post").await.is_err());
}

#[tokio::test]
async fn names_that_differ_in_case_alone_are_one_name() {
    let (_folder, db) = database().await;
    migrate(&db, &site()).await.unwrap();
    db.execute_sql("INSERT INTO accounts_user (username) VALUES ('Ann')").await.unwrap();
    let twin = db.execute_sql("INSERT INTO accounts_user (username) VALUES ('ann')").await;
    assert!(twin.unwrap_err().is_unique_violation());
}
