//! Rows that are read while the database still sends them.

use super::connect::Backend;
use super::connection::Connection;
use super::dialect::each;
use super::statement::{Built, Statement};
use super::{Database, Inner, Row};
use crate::error::{Error, Result};
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};
use sea_query_sqlx::SqlxValues;
use sqlx::{AssertSqlSafe, Executor, IntoArguments};
use std::sync::Arc;
use tokio::sync::mpsc;

impl Database {
    /// Runs a select and reads its rows one after the other.
    ///
    /// One future reads and one stream answers, both polled by whoever reads the stream; so the future may own the
    /// connection that the rows are borrowed from.
    pub(super) fn stream<S: Statement, T: Send + 'static>(
        &self,
        statement: &S,
        read: impl Fn(&Row<'_>) -> sqlx::Result<T> + Send + 'static,
    ) -> BoxStream<'static, Result<T>> {
        let Inner::Pools(pools) = &self.inner else {
            return stream::once(async { Err(in_transaction()) }).boxed();
        };
        let (built, pools, log) = (statement.build_for(self.dialect()), Arc::clone(pools), self.log.clone());
        let (sender, receiver) = mpsc::channel(1);
        let work = async move {
            log.note(&built.sql);
            let mut connection = pools.lease(false).await?;
            let outcome = connection.send(built, read, sender).await;
            connection.release_after(outcome)
        };
        let received =
            stream::unfold(receiver, async |mut receiver| Some((receiver.recv().await?, receiver)));
        let failed = stream::once(work).filter_map(async |outcome| outcome.err().map(Error::from));
        stream::select(received.map(Ok), failed.map(Err)).boxed()
    }
}

impl Connection {
    /// Sends each row of a select to whoever listens.
    async fn send<T>(
        &mut self,
        built: Built,
        read: impl Fn(&Row<'_>) -> sqlx::Result<T>,
        sender: mpsc::Sender<T>,
    ) -> sqlx::Result<()> {
        each!(Self, self, lease => send(lease.connection(), built, read, sender).await)
    }
}

async fn send<'e, D, E, T>(
    executor: E,
    built: Built,
    read: impl Fn(&Row<'_>) -> sqlx::Result<T>,
    sender: mpsc::Sender<T>,
) -> sqlx::Result<()>
where
    D: Backend,
    E: Executor<'e, Database = D>,
    SqlxValues: IntoArguments<D>,
{
    let query = sqlx::query_with(AssertSqlSafe(built.sql), SqlxValues(built.values));
    let mut rows = executor.fetch(query);
    while let Some(row) = rows.try_next().await? {
        let value = read(&D::row(&row))?;
        // Nobody stops listening: who drops the stream drops this too.
        let _ = sender.send(value).await;
    }
    Ok(())
}

fn in_transaction() -> Error {
    Error::Refused(
        "a stream would hold the transaction's only connection; use `all` with a limit, or stream outside the transaction"
            .into(),
    )
}
