//! A connection, whichever database it goes to, and what is done on it.

use super::connect::{Backend, Done};
use super::dialect::each;
use super::pool::Lease;
use super::row::Row;
use super::statement::Built;
use futures_util::{StreamExt, TryStreamExt};
use sea_query_sqlx::SqlxValues;
use sqlx::{AssertSqlSafe, Executor, IntoArguments};

/// A connection for as long as one needs it; see [`Lease`].
#[derive(Debug)]
pub(super) enum Connection {
    #[cfg(feature = "sqlite")]
    Sqlite(Lease<sqlx::Sqlite>),
    #[cfg(feature = "postgres")]
    Postgres(Lease<sqlx::Postgres>),
    #[cfg(feature = "mysql")]
    MySql(Lease<sqlx::MySql>),
}

impl Connection {
    /// Runs a statement and reads each row of its answer.
    pub(super) async fn fetch<T: Send>(
        &mut self,
        built: Built,
        read: impl Fn(&Row<'_>) -> sqlx::Result<T> + Send,
    ) -> sqlx::Result<Vec<T>> {
        each!(Self, self, lease => fetch(lease.connection(), built, read).await)
    }

    /// Runs a statement without an answer.
    pub(super) async fn execute(&mut self, built: Built) -> sqlx::Result<Done> {
        each!(Self, self, lease => execute(lease.connection(), built).await)
    }

    /// Runs SQL text as it stands.
    pub(super) async fn execute_sql(&mut self, sql: &str) -> sqlx::Result<()> {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        each!(Self, self, lease => sql.execute(lease.connection()).await.map(drop))
    }

    /// Gives the connection back for the next one.
    pub(super) fn release(self) {
        each!(Self, self, lease => lease.release());
    }

    /// Gives it back unless the outcome says that it is broken.
    pub(super) fn release_after<T>(self, outcome: sqlx::Result<T>) -> sqlx::Result<T> {
        each!(Self, self, lease => lease.release_after(outcome))
    }
}

async fn execute<'e, D, E>(executor: E, built: Built) -> sqlx::Result<Done>
where
    D: Backend,
    E: Executor<'e, Database = D>,
    SqlxValues: IntoArguments<D>,
{
    let query = sqlx::query_with(AssertSqlSafe(built.sql), SqlxValues(built.values));
    Ok(D::done(&executor.execute(query).await?))
}

/// Reads each row as it comes, so that none waits for the last.
async fn fetch<'e, D, E, T: Send>(
    executor: E,
    built: Built,
    read: impl Fn(&Row<'_>) -> sqlx::Result<T> + Send,
) -> sqlx::Result<Vec<T>>
where
    D: Backend,
    E: Executor<'e, Database = D>,
    SqlxValues: IntoArguments<D>,
{
    let query = sqlx::query_with(AssertSqlSafe(built.sql), SqlxValues(built.values));
    match built.first {
        true => executor.fetch_optional(query).await?.iter().map(|row| read(&D::row(row))).collect(),
        false => executor.fetch(query).map(move |row| read(&D::row(&row?))).try_collect().await,
    }
}
