//! Models written from a database that Django has made.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::test::Client;
use nuages::{Model, Project, Settings};
use nuages_tests::kind::Kind;
use nuages_tests::process::{manage, outcome};
use nuages_tests::site::SECRET_KEY;
use nuages_tests::table::run;

nuages_tests::promises!(
    the_models_are_what_stands_in_the_golden_file,
    the_models_read_and_write_the_tables,
    only_the_tables_that_are_named_are_written,
    a_table_that_is_not_there_is_refused,
);

/// The golden files are Rust that compiles.
#[allow(missing_docs, unreachable_pub, dead_code, reason = "they are written by a program")]
mod models {
    pub mod sqlite {
        include!("inspectdb/models.sqlite.rs.txt");
    }

    #[cfg(feature = "postgres")]
    pub mod postgres {
        include!("inspectdb/models.postgres.rs.txt");
    }
}

fn golden(on: Kind) -> (&'static str, &'static str) {
    match on {
        Kind::Sqlite => {
            (include_str!("inspectdb/django.sqlite.sql"), include_str!("inspectdb/models.sqlite.rs.txt"))
        }
        #[cfg(feature = "postgres")]
        Kind::Postgres => {
            (include_str!("inspectdb/django.postgres.sql"), include_str!("inspectdb/models.postgres.rs.txt"))
        }
    }
}

/// A database that Django has made.
async fn django(on: Kind) -> Client {
    let url = on.url();
    let pairs = [("DEBUG", "true"), ("SECRET_KEY", SECRET_KEY), ("DATABASE_URL", url.as_str())];
    let client = Client::new(Project::new(Settings::from_pairs(pairs))).await;
    run(client.db(), golden(on).0).await;
    client
}

fn inspectdb(client: &Client, arguments: &[&str]) -> (i32, String, String) {
    let url = client.settings().database_url.expose();
    let arguments = [&["inspectdb"], arguments].concat();
    outcome(&manage(env!("CARGO_BIN_EXE_site"), url, &arguments).output().unwrap())
}

async fn the_models_are_what_stands_in_the_golden_file(on: Kind) {
    let (code, said, wrong) = inspectdb(&django(on).await, &[]);
    assert_eq!((code, wrong.as_str()), (0, ""));
    assert_eq!(said, golden(on).1);
}

/// The models of two databases are two types each, which are used in the same words.
macro_rules! use_models {
    ($db:expr, $models:ident) => {{
        use models::$models::{Label, ShopItem, User, UserGroups, ZooItem};
        let ann = User {
            id: 0,
            password: String::new(),
            last_login: None,
            is_superuser: false,
            username: "ann".into(),
            first_name: String::new(),
            last_name: String::new(),
            email: String::new(),
            is_staff: false,
            is_active: true,
            date_joined: nuages::chrono::Utc::now(),
        };
        let ann = ann.create($db).await.unwrap();
        assert_eq!(User::objects($db).get(User::USERNAME.eq("ann")).await.unwrap().id, ann.id);
        Label { code: 7, user: "x".into() }.create($db).await.unwrap();
        assert_eq!(Label::objects($db).get(Label::CODE.eq(7)).await.unwrap().user, "x");
        let groups = UserGroups::objects($db).select_related(UserGroups::USER).all().await.unwrap();
        assert!(groups.is_empty() && ShopItem::objects($db).all().await.unwrap().is_empty());
        assert_eq!(ZooItem::THE_NAME.name(), "the Name");
    }};
}

async fn the_models_read_and_write_the_tables(on: Kind) {
    let client = django(on).await;
    match on {
        Kind::Sqlite => use_models!(client.db(), sqlite),
        #[cfg(feature = "postgres")]
        Kind::Postgres => use_models!(client.db(), postgres),
    }
}

async fn only_the_tables_that_are_named_are_written(on: Kind) {
    let client = django(on).await;
    let (code, said, _) = inspectdb(&client, &["shop_label", "django_migrations", "--app", "shop"]);
    assert_eq!(code, 0);
    assert_eq!(said.matches("pub struct").count(), 2);
    assert!(said.contains("pub struct Label {") && said.contains("pub struct DjangoMigrations {"), "{said}");
    assert_eq!(said.matches(r#"#[model(app = "shop", table = "#).count(), 2);
    let (_, said, _) = inspectdb(&client, &["auth_user_groups"]);
    assert!(said.contains("    // Points to `auth_user.id`.\n    pub user_id: i32,\n"), "{said}");
}

async fn a_table_that_is_not_there_is_refused(on: Kind) {
    let (code, said, wrong) = inspectdb(&django(on).await, &["shop_item", "shop_itme"]);
    assert_eq!((code, said.as_str()), (1, ""));
    assert!(wrong.contains("no table `shop_itme`") && wrong.trim().lines().count() == 1, "{wrong}");
}
