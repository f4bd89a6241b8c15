//! The counters behind keys that a database counts up.

use super::{Database, Dialect};
use crate::error::Result;
use sea_query::{Expr, ExprTrait, Query};

/// Makes a counter go on after the highest key that there is, if it is behind it.
///
/// SQLite and MySQL do so by themselves.
pub(crate) async fn catch_up(db: &Database, table: &str, key: &str) -> Result<()> {
    match db.dialect() {
        #[cfg(feature = "postgres")]
        Dialect::Postgres => set(db, table, key, "$3 > coalesce(pg_sequence_last_value(counter), 0)").await,
        #[allow(unreachable_patterns, reason = "each database is left out in some build")]
        _ => Ok(()),
    }
}

/// Makes a counter begin at 1 again, or after the highest key that there is. Not in a transaction, which MySQL would commit.
pub(crate) async fn restart(db: &Database, table: &str, key: &str) -> Result<()> {
    match db.dialect() {
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite => {
            let counter = Expr::col("name").eq(table);
            db.execute(&Query::delete().from_table("sqlite_sequence").and_where(counter).take())
                .await
                .map(drop)
        }
        #[cfg(feature = "postgres")]
        Dialect::Postgres => set(db, table, key, "true").await,
        #[cfg(feature = "mysql")]
        Dialect::MySql => {
            db.execute_sql(&format!("ALTER TABLE {} AUTO_INCREMENT = 1", super::quote(table))).await
        }
    }
}

/// Puts PostgreSQL's counter on the highest key (`$3`), under a condition.
#[cfg(feature = "postgres")]
async fn set(db: &Database, table: &str, key: &str, condition: &str) -> Result<()> {
    let highest =
        Query::select().expr_as(Expr::col(key.to_owned()).max(), "highest").from(table.to_owned()).take();
    let highest = db.fetch_optional(&highest, |row| row.get::<Option<i64>>("highest")).await?.flatten();
    let sql = format!(
        "SELECT setval(counter, coalesce($3, 1), $3 IS NOT NULL)
        FROM (SELECT pg_get_serial_sequence(quote_ident($1), $2)::regclass AS counter) AS found WHERE {condition}"
    );
    let set = super::Prepared::new(sql.into(), vec![table.into(), key.into(), highest.into()]);
    db.fetch_all(&set, |_| Ok(())).await.map(drop)
}
