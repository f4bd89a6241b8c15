//! A transaction: one connection, held until it is committed or rolled back.

use super::connect::{self, Dialect, Pools};
use super::hooks::{Hooks, Pending};
use super::pool::Lease;
use super::row::Row;
use super::statement::Built;
use crate::error::{Error, Result};
use futures_util::future::BoxFuture;
use sqlx::AssertSqlSafe;
use std::sync::Arc;
use tokio::sync::Mutex;

#[derive(Debug)]
enum Connection {
    #[cfg(feature = "sqlite")]
    Sqlite(Lease<sqlx::Sqlite>),
    #[cfg(feature = "postgres")]
    Postgres(Lease<sqlx::Postgres>),
}

impl Connection {
    async fn execute_sql(&mut self, sql: String) -> Result<()> {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql));
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(held) => sql.execute(held.connection()).await.map(drop)?,
            #[cfg(feature = "postgres")]
            Self::Postgres(held) => sql.execute(held.connection()).await.map(drop)?,
        }
        Ok(())
    }

    fn release(self) {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(held) => held.release(),
            #[cfg(feature = "postgres")]
            Self::Postgres(held) => held.release(),
        }
    }
}

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
        let (mut connection, begin) = match pools {
            #[cfg(feature = "sqlite")]
            Pools::Sqlite { writer, .. } => (Connection::Sqlite(writer.lease().await?), "BEGIN IMMEDIATE"),
            #[cfg(feature = "postgres")]
            Pools::Postgres { pool, .. } => (Connection::Postgres(pool.lease().await?), "BEGIN"),
        };
        connection.execute_sql(begin.into()).await?;
        let connection = Arc::new(Mutex::new(Some(connection)));
        Ok(Self { connection, dialect: pools.dialect(), depth: 0, hooks: Hooks::default() })
    }

    pub(super) async fn savepoint(&self) -> Result<Self> {
        let inner = Self { depth: self.depth + 1, ..self.clone() };
        inner.execute_sql(&format!("SAVEPOINT level{}", inner.depth)).await?;
        Ok(inner)
    }

    pub(super) async fn commit(&self) -> Result<()> {
        match self.depth {
            0 => {
                self.end(self.commit_sql()).await?;
                self.hooks.run().await;
                Ok(())
            }
            depth => self.execute_sql(&format!("RELEASE SAVEPOINT level{depth}")).await,
        }
    }

    /// PostgreSQL answers the commit of a transaction in which a statement has failed by rolling it back, without an
    /// error; a statement in front of it fails then.
    fn commit_sql(&self) -> &'static str {
        match self.dialect {
            #[cfg(feature = "sqlite")]
            Dialect::Sqlite => "COMMIT",
            #[cfg(feature = "postgres")]
            Dialect::Postgres => "SELECT 1; COMMIT",
        }
    }

    pub(super) async fn rollback(&self) -> Result<()> {
        match self.depth {
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
        connection.execute_sql(sql.into()).await?;
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
        match &mut *self.connection.lock().await {
            #[cfg(feature = "sqlite")]
            Some(Connection::Sqlite(held)) => {
                Ok(connect::rows(held.connection(), built, move |row| read(&Row::sqlite(row))).await?)
            }
            #[cfg(feature = "postgres")]
            Some(Connection::Postgres(held)) => {
                Ok(connect::rows(held.connection(), built, move |row| read(&Row::postgres(row))).await?)
            }
            None => Err(ended()),
        }
    }

    pub(super) async fn execute(&self, built: Built) -> Result<u64> {
        match &mut *self.connection.lock().await {
            #[cfg(feature = "sqlite")]
            Some(Connection::Sqlite(held)) => {
                Ok(connect::run(held.connection(), built).await?.rows_affected())
            }
            #[cfg(feature = "postgres")]
            Some(Connection::Postgres(held)) => {
                Ok(connect::run(held.connection(), built).await?.rows_affected())
            }
            None => Err(ended()),
        }
    }

    pub(super) async fn execute_sql(&self, sql: &str) -> Result<()> {
        match &mut *self.connection.lock().await {
            Some(connection) => connection.execute_sql(sql.into()).await,
            None => Err(ended()),
        }
    }
}

fn ended() -> Error {
    Error::Refused("the transaction has ended; use the `Database` outside it".into())
}
