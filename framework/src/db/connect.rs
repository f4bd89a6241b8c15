//! Connections: one pool per database, and for SQLite one connection that writes.

use super::row::Row;
use super::statement::Built;
use crate::error::{Error, Result};
use sea_query_sqlx::SqlxValues;
use sqlx::{AssertSqlSafe, Database as Driver, Executor, IntoArguments};
use std::time::Duration;

/// How long a request waits for a connection before the answer is 503.
const ACQUIRE: Duration = Duration::from_secs(5);

/// Which SQL a database speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite.
    #[cfg(feature = "sqlite")]
    Sqlite,
    /// PostgreSQL.
    #[cfg(feature = "postgres")]
    Postgres,
}

/// A collation of every SQLite connection: equal if Rust finds the same letters in lower case.
#[cfg(feature = "sqlite")]
pub(super) const ANY_CASE: &str = "nuages_any_case";

#[derive(Clone, Debug)]
pub(super) enum Pools {
    #[cfg(feature = "sqlite")]
    Sqlite { readers: sqlx::SqlitePool, writer: sqlx::SqlitePool },
    #[cfg(feature = "postgres")]
    Postgres(sqlx::PgPool),
}

impl Pools {
    pub(super) async fn connect(url: &str) -> Result<Self> {
        match url.split_once(':').map(|(scheme, _)| scheme) {
            #[cfg(feature = "sqlite")]
            Some("sqlite") => sqlite::connect(url).await,
            #[cfg(feature = "postgres")]
            Some("postgres" | "postgresql") => postgres::connect(url).await,
            #[cfg(not(feature = "sqlite"))]
            Some("sqlite") => Err(left_out("sqlite")),
            #[cfg(not(feature = "postgres"))]
            Some("postgres" | "postgresql") => Err(left_out("postgres")),
            _ => Err(Error::NotReady(
                "DATABASE_URL must begin with `sqlite://` or `postgres://`; for example sqlite://site.db"
                    .into(),
            )),
        }
    }

    pub(super) fn dialect(&self) -> Dialect {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite { .. } => Dialect::Sqlite,
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    pub(super) async fn fetch<T: Send>(
        &self,
        #[cfg_attr(not(feature = "sqlite"), expect(unused_variables))] writes: bool,
        built: Built,
        read: impl Fn(&Row<'_>) -> sqlx::Result<T> + Send,
    ) -> Result<Vec<T>> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite { readers, writer } => {
                sqlite::fetch(if writes { writer } else { readers }, built, read).await
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(pool) => postgres::fetch(pool, built, read).await,
        }
    }

    pub(super) async fn execute(&self, built: Built) -> Result<u64> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite { writer, .. } => Ok(run(writer, built).await?.rows_affected()),
            #[cfg(feature = "postgres")]
            Self::Postgres(pool) => Ok(run(pool, built).await?.rows_affected()),
        }
    }

    pub(super) async fn execute_sql(&self, sql: &str) -> Result<()> {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite { writer, .. } => sql.execute(writer).await.map(drop)?,
            #[cfg(feature = "postgres")]
            Self::Postgres(pool) => sql.execute(pool).await.map(drop)?,
        }
        Ok(())
    }

    pub(super) async fn close(&self) {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite { readers, writer } => {
                readers.close().await;
                writer.close().await;
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(pool) => pool.close().await,
        }
    }

    #[cfg(feature = "sqlite")]
    pub(super) fn sqlite(&self) -> Result<&sqlx::SqlitePool> {
        match self {
            Self::Sqlite { readers, .. } => Ok(readers),
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => Err(other_database("SQLite")),
        }
    }

    #[cfg(feature = "postgres")]
    pub(super) fn postgres(&self) -> Result<&sqlx::PgPool> {
        match self {
            Self::Postgres(pool) => Ok(pool),
            #[cfg(feature = "sqlite")]
            Self::Sqlite { .. } => Err(other_database("PostgreSQL")),
        }
    }
}

#[cfg(not(all(feature = "sqlite", feature = "postgres")))]
fn left_out(feature: &str) -> Error {
    let text =
        "DATABASE_URL names a database that nuages was built without; add to its features in Cargo.toml: ";
    Error::NotReady(format!("{text}{feature}"))
}

#[cfg(all(feature = "sqlite", feature = "postgres"))]
fn other_database(wanted: &str) -> Error {
    Error::Refused(format!("the site's database is not {wanted}; see DATABASE_URL"))
}

/// Runs one statement on a pool or a connection.
pub(super) async fn run<'e, D, E>(executor: E, built: Built) -> sqlx::Result<D::QueryResult>
where
    D: Driver,
    E: Executor<'e, Database = D>,
    SqlxValues: IntoArguments<D>,
{
    executor.execute(sqlx::query_with(AssertSqlSafe(built.sql), SqlxValues(built.values))).await
}

/// Runs one statement and collects its rows.
async fn rows<'e, D, E>(executor: E, built: Built) -> sqlx::Result<Vec<D::Row>>
where
    D: Driver,
    E: Executor<'e, Database = D>,
    SqlxValues: IntoArguments<D>,
{
    let query = sqlx::query_with(AssertSqlSafe(built.sql), SqlxValues(built.values));
    match built.first {
        true => Ok(executor.fetch_optional(query).await?.into_iter().collect()),
        false => executor.fetch_all(query).await,
    }
}

#[cfg(feature = "sqlite")]
pub(super) mod sqlite {
    use super::*;
    use sqlx::Sqlite;
    use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
    use std::str::FromStr;
    use std::time::Instant;

    pub(super) async fn connect(url: &str) -> Result<Pools> {
        let options = options(url)?;
        if url.contains(":memory:") || url.contains("mode=memory") {
            let pool = pool(1).connect_with(options).await?;
            return Ok(Pools::Sqlite { readers: pool.clone(), writer: pool });
        }
        let writer = first_connection(&options).await?;
        Ok(Pools::Sqlite { readers: pool(4).min_connections(0).connect_lazy_with(options), writer })
    }

    /// SQLite does not wait while another process turns a new file to its write-ahead log, so we do.
    async fn first_connection(options: &SqliteConnectOptions) -> Result<sqlx::SqlitePool> {
        let deadline = Instant::now() + ACQUIRE;
        loop {
            match pool(1).connect_with(options.clone()).await {
                Err(error) if is_busy(&error) && Instant::now() < deadline => {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                connected => return Ok(connected?),
            }
        }
    }

    /// SQLITE_BUSY, whatever its extended code says besides.
    fn is_busy(error: &sqlx::Error) -> bool {
        let code = error.as_database_error().and_then(|error| error.code()?.parse::<i32>().ok());
        code.is_some_and(|code| code & 0xff == 5)
    }

    /// Write-ahead log, so that readers and the writer do not wait for each other. `NORMAL` survives a killed
    /// process; a power loss may cost the last commits, never the file.
    fn options(url: &str) -> Result<SqliteConnectOptions> {
        Ok(SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(Duration::from_secs(5))
            .foreign_keys(true)
            .collation(ANY_CASE, |one, other| one.to_lowercase().cmp(&other.to_lowercase())))
    }

    fn pool(connections: u32) -> SqlitePoolOptions {
        SqlitePoolOptions::new()
            .max_connections(connections)
            .test_before_acquire(false)
            .max_lifetime(None)
            .idle_timeout(None)
            .acquire_timeout(ACQUIRE)
    }

    pub(in super::super) async fn fetch<'e, T: Send>(
        executor: impl Executor<'e, Database = Sqlite>,
        built: Built,
        read: impl Fn(&Row<'_>) -> sqlx::Result<T>,
    ) -> Result<Vec<T>> {
        let rows = rows(executor, built).await?;
        Ok(rows.iter().map(|row| read(&Row::sqlite(row))).collect::<sqlx::Result<_>>()?)
    }
}

#[cfg(feature = "postgres")]
pub(super) mod postgres {
    use super::*;
    use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
    use sqlx::{ConnectOptions, Connection, Postgres};
    use std::str::FromStr;

    /// A connection that lay idle for longer is asked whether it lives before it is used.
    const IDLE: Duration = Duration::from_secs(30);

    pub(super) async fn connect(url: &str) -> Result<Pools> {
        let options = PgConnectOptions::from_str(url)?;
        try_once(&options).await?;
        let pool = PgPoolOptions::new()
            .max_connections(10)
            .test_before_acquire(false)
            .acquire_timeout(ACQUIRE)
            .before_acquire(|connection, meta| {
                Box::pin(async move {
                    if meta.idle_for > IDLE {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_with(options)
            .await?;
        Ok(Pools::Postgres(pool))
    }

    /// Says why there is no connection; the pool would try again until its time is up, and say only that.
    async fn try_once(options: &PgConnectOptions) -> Result<()> {
        let connection = tokio::time::timeout(ACQUIRE, options.connect()).await;
        Ok(connection.map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut))??.close().await?)
    }

    pub(in super::super) async fn fetch<'e, T: Send>(
        executor: impl Executor<'e, Database = Postgres>,
        built: Built,
        read: impl Fn(&Row<'_>) -> sqlx::Result<T>,
    ) -> Result<Vec<T>> {
        let rows = rows(executor, built).await?;
        Ok(rows.iter().map(|row| read(&Row::postgres(row))).collect::<sqlx::Result<_>>()?)
    }
}
