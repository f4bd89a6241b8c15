//! One process at a time: what migrations are run under.

#[cfg(feature = "sqlite")]
use super::rebuild::SWITCH;
#[cfg(feature = "mysql")]
use crate::db::sea_query::{Expr, Query};
use crate::db::{Database, Dialect};
#[cfg(feature = "mysql")]
use crate::error::Error;
use crate::error::Result;

/// The number of the PostgreSQL lock; any would do, as long as it stays.
#[cfg(feature = "postgres")]
const LOCK: &str = "SELECT pg_advisory_xact_lock(5719823716048)";

/// The name of the MySQL lock, which all databases of a server share; it has room for 64 letters.
#[cfg(feature = "mysql")]
const LOCK_NAME: &str = "CONCAT('nuages_migrate ', SHA1(DATABASE()))";

/// How long a process waits for others that migrate, and how long it waits otherwise (in `db`).
#[cfg(feature = "sqlite")]
const PATIENCE: [&str; 2] = ["PRAGMA busy_timeout = 60000", "PRAGMA busy_timeout = 5000"];

/// Runs `work` in a transaction that no other process can be in at the same time.
pub(super) async fn locked<T>(
    db: &Database,
    rebuilds: bool,
    work: impl AsyncFnOnce(Database) -> Result<T>,
) -> Result<T> {
    prepare_connection(db, true, rebuilds).await?;
    let done = db
        .transaction(async |db| {
            lock(&db).await?;
            let done = work(db.clone()).await;
            unlock(&db, done).await
        })
        .await;
    prepare_connection(db, false, false).await?;
    done
}

/// SQLite's write lock is taken by the beginning of the transaction.
async fn lock(db: &Database) -> Result<()> {
    match db.dialect() {
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite => Ok(()),
        #[cfg(feature = "postgres")]
        Dialect::Postgres => db.execute_sql(LOCK).await,
        #[cfg(feature = "mysql")]
        Dialect::MySql => {
            let lock =
                Query::select().expr_as(Expr::cust(format!("GET_LOCK({LOCK_NAME}, 60)")), "got").take();
            match db.fetch_optional(&lock, |row| row.get::<Option<i64>>("got")).await? {
                Some(Some(1)) => Ok(()),
                _ => Err(Error::Unavailable("others have been migrating for a minute; try again".into())),
            }
        }
    }
}

/// MySQL's lock belongs to the connection, not to the transaction, and may not be free before what was done can be seen.
#[allow(unreachable_patterns, reason = "each database is left out in some build")]
async fn unlock<T>(db: &Database, done: Result<T>) -> Result<T> {
    match db.dialect() {
        #[cfg(feature = "mysql")]
        Dialect::MySql => {
            let end = if done.is_ok() { "COMMIT" } else { "ROLLBACK" };
            let unlocked = db.execute_sql(&format!("{end}; DO RELEASE_LOCK({LOCK_NAME})")).await;
            done.and_then(|done| unlocked.map(|()| done))
        }
        _ => done,
    }
}

/// On SQLite the one connection that writes waits longer than usual, and checks no foreign keys if tables are to be
/// written anew.
#[cfg_attr(not(feature = "sqlite"), expect(unused_variables))]
async fn prepare_connection(db: &Database, waits: bool, rebuilds: bool) -> Result<()> {
    match db.dialect() {
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite => {
            db.execute_sql(PATIENCE[usize::from(!waits)]).await?;
            db.execute_sql(SWITCH[usize::from(rebuilds)]).await
        }
        #[cfg(feature = "postgres")]
        Dialect::Postgres => Ok(()),
        #[cfg(feature = "mysql")]
        Dialect::MySql => Ok(()),
    }
}
