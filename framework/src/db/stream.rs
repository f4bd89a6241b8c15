//! Rows that are read while the database still sends them.

use super::connect::Pools;
use super::log::Log;
use super::pool::Pool;
use super::statement::{Built, Statement};
use super::{Database, Row};
use crate::error::{Error, Result};
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};
use sea_query_sqlx::SqlxValues;
use sqlx::{AssertSqlSafe, Database as Driver, Executor, IntoArguments};
use tokio::sync::mpsc;

impl Database {
    /// Runs a select and reads its rows one after the other.
    pub(super) fn stream<S: Statement, T: Send + 'static>(
        &self,
        statement: &S,
        read: impl Fn(&Row<'_>) -> sqlx::Result<T> + Send + 'static,
    ) -> BoxStream<'static, Result<T>> {
        let built = statement.build_for(self.dialect());
        let log = self.log.clone();
        match self.pools() {
            #[cfg(feature = "sqlite")]
            Ok(Pools::Sqlite { readers, .. }) => {
                rows(readers.clone(), built, log, move |row| read(&Row::sqlite(row)))
            }
            #[cfg(feature = "postgres")]
            Ok(Pools::Postgres { pool, .. }) => {
                rows(pool.clone(), built, log, move |row| read(&Row::postgres(row)))
            }
            Err(_) => stream::once(async { Err(in_transaction()) }).boxed(),
        }
    }
}

/// One future reads and one stream answers, both polled by whoever reads the stream; so the future may own the
/// connection that the rows are borrowed from.
fn rows<D: Driver, T: Send + 'static>(
    pool: Pool<D>,
    built: Built,
    log: Log,
    read: impl Fn(&D::Row) -> sqlx::Result<T> + Send + 'static,
) -> BoxStream<'static, Result<T>>
where
    for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
    SqlxValues: IntoArguments<D>,
{
    let (sender, receiver) = mpsc::channel(1);
    let work = async move {
        log.note(&built.sql);
        let mut lease = pool.lease().await?;
        let query = sqlx::query_with(AssertSqlSafe(built.sql), SqlxValues(built.values));
        let outcome = send(lease.connection().fetch(query), read, sender).await;
        lease.release_after(outcome)
    };
    let received = stream::unfold(receiver, async |mut receiver| Some((receiver.recv().await?, receiver)));
    let failed = stream::once(work).filter_map(async |outcome| outcome.err().map(Error::from));
    stream::select(received.map(Ok), failed.map(Err)).boxed()
}

async fn send<R, T>(
    mut rows: BoxStream<'_, sqlx::Result<R>>,
    read: impl Fn(&R) -> sqlx::Result<T>,
    sender: mpsc::Sender<T>,
) -> sqlx::Result<()> {
    while let Some(row) = rows.try_next().await? {
        // Nobody stops listening: who drops the stream drops this too.
        let _ = sender.send(read(&row)?).await;
    }
    Ok(())
}

fn in_transaction() -> Error {
    Error::Refused(
        "a stream would hold the transaction's only connection; use `all` with a limit, or stream outside the transaction"
            .into(),
    )
}
