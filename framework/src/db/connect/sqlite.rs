//! SQLite: a file, many who read it, and one connection that writes.

use super::{ACQUIRE, Backend, Connection, Dialect, Done, Lease, Pool, Trio};
use crate::db::Row;
use crate::error::Result;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteQueryResult, SqliteRow,
    SqliteSynchronous,
};
use sqlx::{Sqlite, SqlitePool};
use std::str::FromStr;
use std::time::{Duration, Instant};

/// Connections that read; there is one more that writes.
const READERS: u32 = 4;

impl Backend for Sqlite {
    const DIALECT: Dialect = Dialect::Sqlite;

    fn connection(lease: Lease<Self>) -> Connection {
        Connection::Sqlite(lease)
    }

    fn row(row: &SqliteRow) -> Row<'_> {
        Row::sqlite(row)
    }

    fn done(result: &SqliteQueryResult) -> Done {
        Done { rows: result.rows_affected(), key: None }
    }
}

/// In memory there is one connection for all, since a table that is read cannot be written.
pub(super) async fn connect(url: &str) -> Result<Trio<Sqlite>> {
    let options = options(url)?;
    let in_memory = url.contains(":memory:") || url.contains("mode=memory");
    let writer = Pool::new(options.clone(), 1);
    first_connection(&writer).await?;
    let readers = if in_memory { writer.clone() } else { Pool::new(options.clone(), READERS as usize) };
    Ok(Trio { readers, writer, plain: plain(options) })
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

fn plain(options: SqliteConnectOptions) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(READERS)
        .test_before_acquire(false)
        .acquire_timeout(ACQUIRE)
        .connect_lazy_with(options)
}
