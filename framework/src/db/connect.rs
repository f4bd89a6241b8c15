//! Connections: one pool per database, and for SQLite one connection that writes.

use super::pool::Pool;
use super::row::Row;
use super::statement::Built;
use crate::error::{Error, Result};
use futures_util::{StreamExt, TryStreamExt};
use sea_query_sqlx::SqlxValues;
use sqlx::{AssertSqlSafe, Database as Driver, Executor, IntoArguments};
use std::time::Duration;

/// How long a request waits for a connection before the answer is 503.
pub(super) const ACQUIRE: Duration = Duration::from_secs(5);

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

#[derive(Clone, Debug)]
pub(super) enum Pools {
    #[cfg(feature = "sqlite")]
    Sqlite { readers: Pool<sqlx::Sqlite>, writer: Pool<sqlx::Sqlite>, plain: sqlx::SqlitePool },
    #[cfg(feature = "postgres")]
    Postgres { pool: Pool<sqlx::Postgres>, plain: sqlx::PgPool },
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
            Self::Postgres { .. } => Dialect::Postgres,
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
            Self::Sqlite { readers, writer, .. } => {
                let mut lease = if writes { writer } else { readers }.lease().await?;
                let rows = rows(lease.connection(), built, move |row| read(&Row::sqlite(row))).await;
                Ok(lease.release_after(rows)?)
            }
            #[cfg(feature = "postgres")]
            Self::Postgres { pool, .. } => {
                let mut lease = pool.lease().await?;
                let rows = rows(lease.connection(), built, move |row| read(&Row::postgres(row))).await;
                Ok(lease.release_after(rows)?)
            }
        }
    }

    pub(super) async fn execute(&self, built: Built) -> Result<u64> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite { writer, .. } => {
                let mut lease = writer.lease().await?;
                let done = run(lease.connection(), built).await;
                Ok(lease.release_after(done)?.rows_affected())
            }
            #[cfg(feature = "postgres")]
            Self::Postgres { pool, .. } => {
                let mut lease = pool.lease().await?;
                let done = run(lease.connection(), built).await;
                Ok(lease.release_after(done)?.rows_affected())
            }
        }
    }

    pub(super) async fn execute_sql(&self, sql: &str) -> Result<()> {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite { writer, .. } => {
                let mut lease = writer.lease().await?;
                let done = sql.execute(lease.connection()).await;
                lease.release_after(done).map(drop)?;
            }
            #[cfg(feature = "postgres")]
            Self::Postgres { pool, .. } => {
                let mut lease = pool.lease().await?;
                let done = sql.execute(lease.connection()).await;
                lease.release_after(done).map(drop)?;
            }
        }
        Ok(())
    }

    pub(super) async fn close(&self) {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite { readers, writer, plain } => {
                readers.close().await;
                writer.close().await;
                plain.close().await;
            }
            #[cfg(feature = "postgres")]
            Self::Postgres { pool, plain } => {
                pool.close().await;
                plain.close().await;
            }
        }
    }

    #[cfg(feature = "sqlite")]
    pub(super) fn sqlite(&self) -> Result<&sqlx::SqlitePool> {
        match self {
            Self::Sqlite { plain, .. } => Ok(plain),
            #[cfg(feature = "postgres")]
            Self::Postgres { .. } => Err(other_database("SQLite")),
        }
    }

    #[cfg(feature = "postgres")]
    pub(super) fn postgres(&self) -> Result<&sqlx::PgPool> {
        match self {
            Self::Postgres { plain, .. } => Ok(plain),
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

/// Runs one statement and reads each row as it comes, so that none waits for the last.
pub(super) async fn rows<'e, D, E, T: Send>(
    executor: E,
    built: Built,
    read: impl Fn(&D::Row) -> sqlx::Result<T> + Send,
) -> sqlx::Result<Vec<T>>
where
    D: Driver,
    E: Executor<'e, Database = D>,
    SqlxValues: IntoArguments<D>,
{
    let query = sqlx::query_with(AssertSqlSafe(built.sql), SqlxValues(built.values));
    match built.first {
        true => executor.fetch_optional(query).await?.iter().map(read).collect(),
        false => executor.fetch(query).map(move |row| read(&row?)).try_collect().await,
    }
}

#[cfg(feature = "sqlite")]
pub(super) mod sqlite {
    use super::*;
    use sqlx::Sqlite;
    use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
    use std::str::FromStr;
    use std::time::Instant;

    /// Connections that read; there is one more that writes.
    const READERS: usize = 4;

    /// In memory there is one connection for all, since a table that is read cannot be written.
    pub(super) async fn connect(url: &str) -> Result<Pools> {
        let options = options(url)?;
        let in_memory = url.contains(":memory:") || url.contains("mode=memory");
        let writer = Pool::new(options.clone(), 1);
        first_connection(&writer).await?;
        let readers = if in_memory { writer.clone() } else { Pool::new(options.clone(), READERS) };
        Ok(Pools::Sqlite { readers, writer, plain: plain(options) })
    }

    /// SQLite does not wait while another process turns a new file to its write-ahead log, so we do.
    async fn first_connection(writer: &Pool<Sqlite>) -> Result<()> {
        let deadline = Instant::now() + ACQUIRE;
        loop {
            match writer.lease().await {
                Err(error) if is_busy(&error) && Instant::now() < deadline => {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                connected => {
                    connected?.release();
                    return Ok(());
                }
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
            .with_regexp())
    }

    /// Connects when it is asked for, which most sites never do.
    fn plain(options: SqliteConnectOptions) -> sqlx::SqlitePool {
        SqlitePoolOptions::new()
            .max_connections(READERS as u32)
            .test_before_acquire(false)
            .acquire_timeout(ACQUIRE)
            .connect_lazy_with(options)
    }
}

#[cfg(feature = "postgres")]
pub(super) mod postgres {
    use super::*;
    use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
    use std::str::FromStr;

    /// Connections to the server, and as many more for whoever uses plain sqlx.
    const CONNECTIONS: usize = 10;

    pub(super) async fn connect(url: &str) -> Result<Pools> {
        let options = PgConnectOptions::from_str(url)?;
        let pool = Pool::new(options.clone(), CONNECTIONS);
        // Says why there is none, if there is none.
        pool.lease().await?.release();
        Ok(Pools::Postgres { pool, plain: plain(options) })
    }

    /// Connects when it is asked for, which most sites never do.
    fn plain(options: PgConnectOptions) -> sqlx::PgPool {
        PgPoolOptions::new()
            .max_connections(CONNECTIONS as u32)
            .acquire_timeout(ACQUIRE)
            .connect_lazy_with(options)
    }
}
