//! Another user model for a database that has users.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::db::inspect;
use nuages::db::schema::{ColumnDef, Kind};
use nuages::migrations::{
    Goal, Histories, Migration, Runner, TableBuilder, UserTable, migrate, table_of, user,
};
use nuages::test::Client;
use nuages::{Database, Project, Result, Settings};
use nuages_tests::kind::Kind as On;
use nuages_tests::site::SECRET_KEY;
use nuages_tests::table::{run, texts_by_key};

nuages_tests::promises!(
    users_move_with_keys_passwords_groups_and_all_that_points_to_them,
    they_can_go_back_and_forth,
    a_database_without_users_ends_with_the_same_tables,
    a_stock_django_database_is_taken_over,
    users_that_are_there_already_are_not_overwritten,
    names_that_differ_in_capitals_alone_are_kept,
    another_user_model_without_a_way_is_refused,
);

struct Site(Vec<(&'static str, Vec<Migration>)>, UserTable);

impl Histories for Site {
    fn migrations(&self) -> Vec<(&str, &[Migration])> {
        self.0.iter().map(|(app, migrations)| (*app, migrations.as_slice())).collect()
    }

    fn user_table(&self) -> Option<&UserTable> {
        Some(&self.1)
    }
}

const USER: UserTable = UserTable {
    app: "accounts",
    model: "User",
    table: "accounts_user",
    key: "id",
    login: "username",
    kind: Kind::BigInt,
};
const PERSON: UserTable = UserTable { app: "people", model: "Person", table: "people_person", ..USER };

async fn empty(on: On) -> Client {
    let url = on.url();
    let pairs = [("DEBUG", "true"), ("SECRET_KEY", SECRET_KEY), ("DATABASE_URL", url.as_str())];
    Client::new(Project::new(Settings::from_pairs(pairs))).await
}

fn django_columns(table: &mut TableBuilder) {
    table.text("password").max_length(128);
    table.datetime("last_login").null();
    table.boolean("is_superuser");
    table.text("username").max_length(150).unique();
    table.text("email").max_length(254);
    table.boolean("is_active");
    table.datetime("date_joined");
}

fn accounts() -> Migration {
    Migration::new("0001_initial")
        .depends_on("auth", "0001_initial")
        .create_table("accounts_user", |table| {
            table.for_model("User");
            table.big_auto("id");
            django_columns(table);
        })
        .unique_lower("accounts_user", "username")
        .create_table("accounts_user_groups", groups)
}

fn members(table: &mut TableBuilder) {
    table.for_model("Person_groups");
    table.big_auto("id");
    table.foreign_key("person_id", user());
    table.foreign_key("group_id", table_of("auth", "auth_group"));
    table.unique_together(["person_id", "group_id"]);
}

fn groups(table: &mut TableBuilder) {
    table.for_model("User_groups");
    table.big_auto("id");
    table.foreign_key("user_id", user());
    table.foreign_key("group_id", table_of("auth", "auth_group"));
    table.unique_together(["user_id", "group_id"]);
}

fn auth() -> Migration {
    Migration::new("0001_initial").create_table("auth_group", |table| {
        table.auto("id");
        table.text("name").max_length(150).unique();
    })
}

fn blog() -> Migration {
    Migration::new("0001_initial").depends_on_user().create_table("blog_post", |table| {
        table.for_model("Post");
        table.big_auto("id");
        table.text("title").max_length(200);
        table.foreign_key("author_id", user());
    })
}

fn later() -> Migration {
    Migration::new("0002_note").depends_on_user().create_table("blog_note", |table| {
        table.big_auto("id");
        table.foreign_key("reader_id", user());
    })
}

fn people() -> Vec<Migration> {
    let made = Migration::new("0001_initial")
        .depends_on("auth", "0001_initial")
        .create_table("people_person", |table| {
            table.for_model("Person");
            table.big_auto("id");
            django_columns(table);
            table.text("nickname").max_length(30);
            table.text("city").null();
        })
        .unique_lower("people_person", "username")
        .create_table("people_person_groups", members);
    let moved = Migration::new("0002_swap_user").depends_on("accounts", "0001_initial").swap_user(
        "accounts.User",
        "accounts_user",
        |table| {
            table.big_auto("id");
            django_columns(table);
        },
    );
    vec![made, moved]
}

fn before() -> Site {
    Site(vec![("auth", vec![auth()]), ("accounts", vec![accounts()]), ("blog", vec![blog()])], USER)
}

fn after() -> Site {
    let blog = vec![blog(), later()];
    Site(
        vec![("auth", vec![auth()]), ("accounts", vec![accounts()]), ("blog", blog), ("people", people())],
        PERSON,
    )
}

const USERS: &str = "INSERT INTO accounts_user (password, is_superuser, username, email, is_active, date_joined) VALUES \
                     ('argon2$one', (1 = 1), 'ann', 'a@b.example', (1 = 1), '2020-01-01 00:00:00'), \
                     ('pbkdf2$two', (1 = 0), 'bob', '', (1 = 1), '2021-01-01 00:00:00')";

/// A site of two users, one of them in a group, and three posts.
async fn lived_in(on: On) -> Client {
    let client = empty(on).await;
    let db = client.db();
    migrate(db, &before()).await.unwrap();
    run(db, USERS).await;
    run(db, "INSERT INTO auth_group (name) VALUES ('editors')").await;
    run(db, "INSERT INTO accounts_user_groups (user_id, group_id) VALUES (2, 1)").await;
    run(db, "INSERT INTO blog_post (title, author_id) VALUES ('a', 1), ('b', 2), ('c', 2)").await;
    run(db, "DELETE FROM accounts_user WHERE username = 'nobody'").await;
    client
}

async fn go(db: &Database, site: &Site, goal: Goal<'_>) -> Result<()> {
    let runner = Runner::open(db, site).await?;
    for step in runner.steps(goal).await? {
        runner.run(step).await?;
    }
    Ok(())
}

async fn recorded(db: &Database) -> Vec<String> {
    nuages_tests::table::texts(db, "nuages_settings", "CASE WHEN name = 'user_model' THEN value ELSE '' END")
        .await
}

async fn assert_moved(db: &Database) {
    assert_eq!(texts_by_key(db, "people_person", "username").await, ["ann", "bob"]);
    assert_eq!(texts_by_key(db, "people_person", "password").await, ["argon2$one", "pbkdf2$two"]);
    assert_eq!(texts_by_key(db, "people_person", "nickname").await, ["", ""]);
    assert_eq!(texts_by_key(db, "people_person_groups", "person_id").await, ["2"]);
    assert_eq!(texts_by_key(db, "blog_post", "author_id").await, ["1", "2", "2"]);
    db.execute_sql("SELECT 1 FROM accounts_user").await.unwrap_err();
    db.execute_sql("INSERT INTO blog_post (title, author_id) VALUES ('lost', 99)").await.unwrap_err();
    assert!(recorded(db).await.contains(&"people.Person".to_owned()));
}

async fn users_move_with_keys_passwords_groups_and_all_that_points_to_them(on: On) {
    let client = lived_in(on).await;
    let db = client.db();
    migrate(db, &after()).await.unwrap();
    assert_moved(db).await;
    let new = "INSERT INTO people_person (password, is_superuser, username, email, is_active, date_joined, nickname) \
               VALUES ('', (1 = 0), 'cleo', '', (1 = 1), '2022-01-01 00:00:00', 'c')";
    run(db, new).await;
    assert_eq!(texts_by_key(db, "people_person", "id").await, ["1", "2", "3"]);
    db.execute_sql(&new.replace("cleo", "Ann")).await.unwrap_err();
    run(db, "INSERT INTO blog_note (reader_id) VALUES (3)").await;
    run(db, "DELETE FROM people_person WHERE username = 'bob'").await;
    assert_eq!(texts_by_key(db, "blog_post", "title").await, ["a"]);
    assert_eq!(texts_by_key(db, "people_person_groups", "id").await, Vec::<String>::new());
    assert_eq!(migrate(db, &after()).await.unwrap(), Vec::<String>::new());
}

async fn they_can_go_back_and_forth(on: On) {
    let client = lived_in(on).await;
    let db = client.db();
    for _ in 0..2 {
        migrate(db, &after()).await.unwrap();
        assert_moved(db).await;
        go(db, &after(), Goal::Named("people", "0001_initial")).await.unwrap();
        assert_eq!(texts_by_key(db, "accounts_user", "username").await, ["ann", "bob"]);
        assert_eq!(texts_by_key(db, "accounts_user_groups", "user_id").await, ["2"]);
        assert_eq!(texts_by_key(db, "people_person", "id").await, Vec::<String>::new());
        assert_eq!(texts_by_key(db, "blog_post", "author_id").await, ["1", "2", "2"]);
        db.execute_sql("INSERT INTO blog_post (title, author_id) VALUES ('lost', 99)").await.unwrap_err();
        assert!(recorded(db).await.contains(&"accounts.User".to_owned()));
    }
    go(db, &after(), Goal::Named("people", "zero")).await.unwrap();
    go(db, &after(), Goal::Named("blog", "0001_initial")).await.unwrap();
    assert_eq!(migrate(db, &before()).await.unwrap(), Vec::<String>::new());
}

async fn columns(db: &Database, table: &str) -> Vec<ColumnDef> {
    let mut columns = inspect::table(db, table).await.unwrap().unwrap().columns;
    columns.sort_by(|one, other| one.name.cmp(&other.name));
    columns
}

async fn a_database_without_users_ends_with_the_same_tables(on: On) {
    let (fresh, moved) = (empty(on).await, lived_in(on).await);
    for client in [&fresh, &moved] {
        migrate(client.db(), &after()).await.unwrap();
    }
    let names = inspect::names(fresh.db()).await.unwrap();
    assert_eq!(names, inspect::names(moved.db()).await.unwrap());
    assert!(!names.contains(&"accounts_user".to_owned()));
    for table in names {
        assert_eq!(columns(fresh.db(), &table).await, columns(moved.db(), &table).await, "{table}");
    }
    for app in ["people", "blog", "accounts", "auth"] {
        go(fresh.db(), &after(), Goal::Named(app, "zero")).await.unwrap();
    }
    let left = inspect::names(fresh.db()).await.unwrap();
    assert_eq!(left, ["nuages_migrations", "nuages_settings"]);
}

/// Tables as Django 5.2 makes them, and one of an app that nobody here knows.
fn django(on: On) -> String {
    let postgres = "integer NOT NULL PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY";
    let (key, moment, truth, defer, end) = match on {
        On::Sqlite => ("integer NOT NULL PRIMARY KEY AUTOINCREMENT", "datetime", "bool", DEFERRED, ""),
        #[allow(unreachable_patterns, reason = "SQLite may be the only one")]
        _ if on.is_mysql() => {
            ("integer NOT NULL PRIMARY KEY AUTO_INCREMENT", "datetime(6)", "bool", "", BINARY)
        }
        #[allow(unreachable_patterns, reason = "SQLite may be the only one")]
        _ => (postgres, "timestamp with time zone", "boolean", DEFERRED, ""),
    };
    let big = if on == On::Sqlite { key.to_owned() } else { key.replace("integer", "bigint") };
    let user = format!("FOREIGN KEY (user_id) REFERENCES auth_user (id){defer}");
    let group = format!("FOREIGN KEY (group_id) REFERENCES auth_group (id){defer}");
    format!(
        "CREATE TABLE auth_user (id {key}, password varchar(128) NOT NULL, last_login {moment} NULL, \
         is_superuser {truth} NOT NULL, username varchar(150) NOT NULL UNIQUE, email varchar(254) NOT NULL, \
         is_active {truth} NOT NULL, date_joined {moment} NOT NULL){end}; \
         CREATE TABLE auth_user_groups (id {big}, user_id integer NOT NULL, group_id integer NOT NULL, {user}, {group}){end}; \
         CREATE UNIQUE INDEX auth_user_groups_user_id_group_id_94350c0c_uniq ON auth_user_groups (user_id, group_id); \
         CREATE INDEX auth_user_groups_user_id_6a12ed8b ON auth_user_groups (user_id); \
         CREATE TABLE django_admin_log (id {key}, user_id integer NOT NULL, message text NOT NULL, {user}){end}; \
         CREATE TABLE django_content_type (id {key}, app_label varchar(100) NOT NULL, model varchar(100) NOT NULL){end}",
    )
}

const DEFERRED: &str = " DEFERRABLE INITIALLY DEFERRED";
const BINARY: &str = " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";

fn from_django() -> Site {
    let swap = Migration::new("0002_swap_user").swap_user("auth.User", "auth_user", |table| {
        table.auto("id");
        django_columns(table);
    });
    Site(vec![("auth", vec![auth()]), ("accounts", vec![accounts(), swap]), ("blog", vec![later()])], USER)
}

async fn a_stock_django_database_is_taken_over(on: On) {
    let client = empty(on).await;
    let db = client.db();
    go(db, &from_django(), Goal::App("auth")).await.unwrap();
    run(db, &django(on).replace("utf8mb4_bin", "utf8mb4_general_ci")).await;
    run(db, &USERS.replace("accounts_user", "auth_user")).await;
    run(db, "INSERT INTO auth_group (name) VALUES ('editors')").await;
    run(db, "INSERT INTO auth_user_groups (user_id, group_id) VALUES (2, 1)").await;
    run(db, "INSERT INTO django_admin_log (user_id, message) VALUES (1, 'hello')").await;
    run(db, "INSERT INTO django_content_type (app_label, model) VALUES ('auth', 'user')").await;
    migrate(db, &from_django()).await.unwrap();
    assert_eq!(texts_by_key(db, "accounts_user", "password").await, ["argon2$one", "pbkdf2$two"]);
    assert_eq!(texts_by_key(db, "accounts_user_groups", "user_id").await, ["2"]);
    assert_eq!(texts_by_key(db, "django_content_type", "app_label || '.' || model").await, ["accounts.user"]);
    db.execute_sql("INSERT INTO django_admin_log (user_id, message) VALUES (99, 'lost')").await.unwrap_err();
    run(db, "INSERT INTO blog_note (reader_id) VALUES (2)").await;
    let fresh = empty(on).await;
    migrate(fresh.db(), &from_django()).await.unwrap();
    for table in ["accounts_user", "accounts_user_groups"] {
        assert_eq!(columns(db, table).await, columns(fresh.db(), table).await, "{table}");
    }
    go(db, &from_django(), Goal::Named("accounts", "0001_initial")).await.unwrap();
    assert_eq!(texts_by_key(db, "auth_user", "username").await, ["ann", "bob"]);
    assert_eq!(texts_by_key(db, "django_admin_log", "user_id").await, ["1"]);
    assert_eq!(texts_by_key(db, "django_content_type", "app_label || '.' || model").await, ["auth.user"]);
    go(fresh.db(), &from_django(), Goal::Named("accounts", "0001_initial")).await.unwrap();
    assert!(!inspect::names(fresh.db()).await.unwrap().contains(&"auth_user".to_owned()));
}

async fn users_that_are_there_already_are_not_overwritten(on: On) {
    let client = lived_in(on).await;
    let db = client.db();
    go(db, &after(), Goal::Named("people", "0001_initial")).await.unwrap();
    let one =
        USERS.replace("accounts_user (", "people_person (nickname, ").replace("VALUES (", "VALUES ('', ");
    run(db, one.split(", ('pbkdf2").next().unwrap()).await;
    let refused = migrate(db, &after()).await.unwrap_err().to_string();
    assert!(refused.contains("`people_person` has rows already"), "{refused}");
    assert_eq!(texts_by_key(db, "accounts_user", "username").await, ["ann", "bob"]);
}

async fn names_that_differ_in_capitals_alone_are_kept(on: On) {
    let client = empty(on).await;
    let db = client.db();
    go(db, &from_django(), Goal::App("auth")).await.unwrap();
    run(db, &django(on)).await;
    run(db, &USERS.replace("accounts_user", "auth_user").replace("'bob'", "'Ann'")).await;
    migrate(db, &from_django()).await.unwrap();
    assert_eq!(texts_by_key(db, "accounts_user", "username").await, ["ann", "Ann"]);
}

async fn another_user_model_without_a_way_is_refused(on: On) {
    let client = lived_in(on).await;
    let mut site = after();
    site.0[3].1.pop();
    let refused = migrate(client.db(), &site).await.unwrap_err().to_string();
    assert!(refused.contains("swapuser accounts.User people.Person"), "{refused}");
    assert_eq!(texts_by_key(client.db(), "accounts_user", "username").await, ["ann", "bob"]);
}
