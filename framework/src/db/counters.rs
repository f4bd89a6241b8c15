//! The counters behind keys that a database counts up.

use super::{Database, Dialect};
use crate::error::Result;
use sea_query::{Expr, ExprTrait, Query};

/// The counter of a table's key, where a database keeps it apart: `$1` is the table, `$2` the key.
#[cfg(feature = "postgres")]
const SEQUENCE: &str = "(SELECT pg_get_serial_sequence(quote_ident($1), $2)::regclass AS counter) AS found";

/// Makes a counter go on after the highest key that there is, if it is behind it.
///
/// SQLite and MySQL do so by themselves.
pub(crate) async fn catch_up(db: &Database, table: &str, key: &str) -> Result<()> {
    match db.dialect() {
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite => Ok(()),
        #[cfg(feature = "postgres")]
        Dialect::Postgres => {
            let highest = Query::select().expr_as(Expr::col(key.to_owned()).max(), "highest").from(table.to_owned()).take();
            let Some(Some(highest)) = db.fetch_optional(&highest, |row| row.get::<Option<i64>>("highest")).await? else {
                return Ok(());
            };
            // `nextval` uses up a number, which nobody misses.
            let sql = format!("SELECT setval(counter, $3) FROM {SEQUENCE} WHERE $3 > nextval(counter)");
            set(db, &sql, vec![table.into(), key.into(), highest.into()]).await
        }
    }
}

/// Makes a counter begin at 1; the table is empty.
pub(crate) async fn restart(db: &Database, table: &str, #[cfg_attr(not(feature = "postgres"), expect(unused_variables))] key: &str) -> Result<()> {
    match db.dialect() {
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite => {
            let forget = Query::delete().from_table("sqlite_sequence").and_where(Expr::col("name").eq(table)).take();
            db.execute(&forget).await.map(drop)
        }
        #[cfg(feature = "postgres")]
        Dialect::Postgres => {
            let sql = format!("SELECT setval(counter, 1, false) FROM {SEQUENCE}");
            set(db, &sql, vec![table.into(), key.into()]).await
        }
    }
}

#[cfg(feature = "postgres")]
async fn set(db: &Database, sql: &str, values: Vec<super::Value>) -> Result<()> {
    db.fetch_all(&super::Prepared::new(sql.into(), values), |_| Ok(())).await.map(drop)
}
