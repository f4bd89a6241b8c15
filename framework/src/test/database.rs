//! A database for one test, dropped with it.

use crate::db::Database;
use crate::signing;

pub(super) struct Temporary {
    db: Database,
    url: String,
    remains: Remains,
}

/// What has to be cleared away.
enum Remains {
    #[cfg(feature = "sqlite")]
    File(std::path::PathBuf),
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    Database { server: String, drop: String },
}

impl Temporary {
    /// A new database of the kind that the site has.
    pub(super) async fn like(url: &str) -> Self {
        let name = format!("nuages_test_{}", signing::random_string(12, signing::LOWER_ALPHANUMERIC));
        let (url, remains) = make(url, name).await;
        let db =
            Database::connect(&url).await.unwrap_or_else(|error| panic!("no database for the test: {error}"));
        Self { db: db.with_log(), url, remains }
    }

    pub(super) fn db(&self) -> &Database {
        &self.db
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }
}

async fn make(site: &str, name: String) -> (String, Remains) {
    match site.split(':').next() {
        #[cfg(feature = "sqlite")]
        Some("sqlite") => {
            let path = std::env::temp_dir().join(format!("{name}.sqlite3"));
            (format!("sqlite://{}", path.display()), Remains::File(path))
        }
        #[cfg(feature = "postgres")]
        Some("postgres" | "postgresql") => {
            on_server(site, &name, format!("DROP DATABASE {name} WITH (FORCE)")).await
        }
        #[cfg(feature = "mysql")]
        Some("mysql" | "mariadb") => on_server(site, &name, format!("DROP DATABASE {name}")).await,
        _ => panic!("DATABASE_URL names a database that nuages was built without"),
    }
}

#[cfg(any(feature = "postgres", feature = "mysql"))]
async fn on_server(site: &str, name: &str, drop: String) -> (String, Remains) {
    run(site, &format!("CREATE DATABASE {name}")).await;
    (with_name(site, name), Remains::Database { server: site.to_owned(), drop })
}

/// The same server, another database.
#[cfg(any(feature = "postgres", feature = "mysql"))]
fn with_name(url: &str, name: &str) -> String {
    let (address, options) = url.split_once('?').map_or((url, String::new()), |(a, o)| (a, format!("?{o}")));
    let (server, _) = address.rsplit_once('/').unwrap_or((address, ""));
    format!("{server}/{name}{options}")
}

#[cfg(any(feature = "postgres", feature = "mysql"))]
async fn run(server: &str, sql: &str) {
    let db =
        Database::connect(server).await.unwrap_or_else(|error| panic!("no server for the test: {error}"));
    db.execute_sql(sql).await.unwrap_or_else(|error| panic!("`{sql}` failed: {error}"));
    db.close().await;
}

impl Drop for Temporary {
    fn drop(&mut self) {
        match &self.remains {
            #[cfg(feature = "sqlite")]
            Remains::File(path) => {
                for ending in ["", "-wal", "-shm"] {
                    let _ = std::fs::remove_file(format!("{}{ending}", path.display()));
                }
            }
            #[cfg(any(feature = "postgres", feature = "mysql"))]
            Remains::Database { server, drop } => drop_database(server.clone(), drop.clone()),
        }
    }
}

/// In a thread and runtime of its own, since a test's runtime may be ending.
#[cfg(any(feature = "postgres", feature = "mysql"))]
fn drop_database(server: String, sql: String) {
    let work = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime can be made").block_on(run(&server, &sql));
    };
    let _ = std::thread::spawn(work).join();
}
