//! A transaction: one connection, held until it is committed or rolled back.

use super::connect::{Done, Pools};
use super::connection::Connection;
use super::dialect::Dialect;
use super::hooks::{Hooks, Pending};
use super::row::Row;
use super::statement::Built;
use crate::error::{Error, Result};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use tokio::sync::{Mutex, MutexGuard};

/// A running transaction, or a savepoint inside one.
#[derive(Clone, Debug)]
pub(super) struct Transaction {
    connection: Arc<Mutex<Option<Connection>>>,
    dialect: Dialect,
    depth: usize,
    hooks: Hooks,
}

impl Transaction {
    pub(super) async fn begin(pools: &Pools) -> Result<Self> {
        Self::begin_on(pools, true, pools.dialect().begin()).await
    }

    /// Sees the rows as they are when it begins, and writes none.
    pub(super) async fn begin_reading(pools: &Pools) -> Result<Self> {
        Self::begin_on(pools, false, pools.dialect().begin_reading()).await
    }

    async fn begin_on(pools: &Pools, writes: bool, begin: &str) -> Result<Self> {
        let dialect = pools.dialect();
        let mut connection = pools.lease(writes).await?;
        connection.execute_sql(begin).await?;
        let connection = Arc::new(Mutex::new(Some(connection)));
        Ok(Self { connection, dialect, depth: 0, hooks: Hooks::default() })
    }

    pub(super) async fn savepoint(&self) -> Result<Self> {
        let inner = Self { depth: self.depth + 1, ..self.clone() };
        inner.execute_sql(&format!("SAVEPOINT level{}", inner.depth)).await?;
        Ok(inner)
    }

    pub(super) async fn commit(&self) -> Result<()> {
        match self.depth {
            0 => {
                self.end(self.dialect.commit()).await?;
                self.hooks.run().await;
                Ok(())
            }
            depth => self.execute_sql(&format!("RELEASE SAVEPOINT level{depth}")).await,
        }
    }

    /// Nothing is left to be undone where the database itself has ended the transaction.
    pub(super) async fn rollback(&self) -> Result<()> {
        match self.depth {
            _ if self.connection.lock().await.is_none() => Ok(()),
            0 => self.end("ROLLBACK").await,
            depth => {
                self.execute_sql(&format!("ROLLBACK TO SAVEPOINT level{depth}")).await?;
                self.execute_sql(&format!("RELEASE SAVEPOINT level{depth}")).await
            }
        }
    }

    /// Does this work once the outermost transaction is committed.
    pub(super) fn on_commit(&self, work: BoxFuture<'static, ()>) {
        self.hooks.push(work);
    }

    pub(super) fn pending(&self) -> Pending {
        self.hooks.pending()
    }

    async fn end(&self, sql: &str) -> Result<()> {
        let mut connection = self.connection.lock().await.take().ok_or_else(ended)?;
        connection.execute_sql(sql).await?;
        connection.release();
        Ok(())
    }

    pub(super) fn dialect(&self) -> Dialect {
        self.dialect
    }

    pub(super) async fn fetch<T: Send>(
        &self,
        built: Built,
        read: impl Fn(&Row<'_>) -> sqlx::Result<T> + Send,
    ) -> Result<Vec<T>> {
        let mut slot = self.connection.lock().await;
        let done = slot.as_mut().ok_or_else(ended)?.fetch(built, read).await;
        self.settle(slot, done)
    }

    pub(super) async fn execute(&self, built: Built) -> Result<Done> {
        let mut slot = self.connection.lock().await;
        let done = slot.as_mut().ok_or_else(ended)?.execute(built).await;
        self.settle(slot, done)
    }

    pub(super) async fn execute_sql(&self, sql: &str) -> Result<()> {
        let mut slot = self.connection.lock().await;
        let done = slot.as_mut().ok_or_else(ended)?.execute_sql(sql).await;
        self.settle(slot, done)
    }

    /// Gives the connection up if nothing of the transaction is left: what came next would be outside any, and stay.
    fn settle<T>(&self, mut slot: MutexGuard<'_, Option<Connection>>, done: sqlx::Result<T>) -> Result<T> {
        if done.as_ref().is_err_and(|error| self.dialect.has_rolled_back(error)) {
            drop(slot.take());
        }
        Ok(done?)
    }
}

fn ended() -> Error {
    Error::Refused(
        "the transaction has ended, or the database has rolled it back; use the `Database` outside it".into(),
    )
}

impl Dialect {
    /// SQLite takes the write lock at once.
    #[allow(unreachable_patterns, reason = "each database is left out in some build")]
    fn begin(self) -> &'static str {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => "BEGIN IMMEDIATE",
            _ => "BEGIN",
        }
    }

    fn begin_reading(self) -> &'static str {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => "BEGIN",
            #[cfg(feature = "postgres")]
            Self::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            #[cfg(feature = "mysql")]
            Self::MySql => {
                "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"
            }
        }
    }

    /// PostgreSQL answers the commit of a transaction in which a statement has failed by rolling it back, without an
    /// error; a statement in front of it fails then.
    #[allow(unreachable_patterns, reason = "each database is left out in some build")]
    fn commit(self) -> &'static str {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres => "SELECT 1; COMMIT",
            _ => "COMMIT",
        }
    }
    /// Whether the database has ended the whole transaction with this error, as MySQL does at a deadlock.
    #[allow(unreachable_patterns, reason = "each database is left out in some build")]
    fn has_rolled_back(
        self,
        #[cfg_attr(not(feature = "mysql"), expect(unused_variables))] error: &sqlx::Error,
    ) -> bool {
        match self {
            #[cfg(feature = "mysql")]
            Self::MySql => {
                let code = error.as_database_error().and_then(|error| error.code());
                code.as_deref() == Some("40001")
            }
            _ => false,
        }
    }
}
