//! Transactions in which rows come and go in any order, and the search for those that point nowhere.

use super::schema::{ColumnDef, Table};
use super::{Database, Dialect, Value};
use crate::error::Result;
use sea_query::{Expr, ExprTrait, JoinType, Query};

impl Database {
    /// Runs `work` in a transaction at whose end foreign keys are checked, so that a row may come before the one that it
    /// points to, and go after it.
    pub(crate) async fn in_any_order<T>(&self, work: impl AsyncFnOnce(Database) -> Result<T>) -> Result<T> {
        self.transaction(async |db| match db.dialect() {
            #[cfg(feature = "sqlite")]
            Dialect::Sqlite => {
                db.execute_sql("PRAGMA defer_foreign_keys = ON").await?;
                work(db).await
            }
            #[cfg(feature = "postgres")]
            Dialect::Postgres => {
                db.execute_sql("SET CONSTRAINTS ALL DEFERRED").await?;
                work(db).await
            }
            #[cfg(feature = "mysql")]
            Dialect::MySql => {
                db.execute_sql("SET foreign_key_checks = 0").await?;
                let done = work(db.clone()).await;
                // For those who have the connection next, whatever the outcome.
                let checks = db.execute_sql("SET foreign_key_checks = 1").await;
                let done = done?;
                checks?;
                check(&db).await.map(|()| done)
            }
        })
        .await
    }
}

/// MySQL never looks again at what it did not check.
#[cfg(feature = "mysql")]
async fn check(db: &Database) -> Result<()> {
    for table in super::inspect::tables(db).await? {
        for column in &table.columns {
            let Some((_, to)) = stray(db, &table, column, column).await? else { continue };
            let (target, _) = column.points_to().unwrap_or_default();
            let (table, column) = (&table.name, &column.name);
            let text = format!(
                "a row of `{table}` points by `{column}` to the row {to:?} of `{target}`, which is not there"
            );
            return Err(crate::Error::Refused(text));
        }
    }
    Ok(())
}

/// A row that points nowhere by this column: its `key`, and what it points to.
pub(crate) async fn stray(
    db: &Database,
    table: &Table,
    key: &ColumnDef,
    column: &ColumnDef,
) -> Result<Option<(Value, Value)>> {
    let Some((target, target_key)) = column.points_to() else { return Ok(None) };
    let found = || Expr::col(("target", target_key.to_owned()));
    let own = |column: &ColumnDef| Expr::col((table.name.clone(), column.name.clone()));
    let mut query = Query::select();
    query.expr_as(own(key), "row").expr_as(own(column), "to").from(table.name.clone());
    query.join_as(JoinType::LeftJoin, target.to_owned(), "target", found().eq(own(column)));
    query.and_where(found().is_null()).and_where(own(column).is_not_null()).limit(1);
    db.fetch_optional(&query, |row| Ok((key.kind.read(row, "row")?, column.kind.read(row, "to")?))).await
}
