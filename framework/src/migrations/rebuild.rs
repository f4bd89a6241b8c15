//! What SQLite must not lose while it writes tables anew.

use crate::db::Database;
use crate::db::sea_query::{Expr, ExprTrait, Query};
use crate::error::{Error, Result};
use std::collections::BTreeSet;

/// Foreign keys cannot be switched off inside a transaction, so this goes before it.
pub(super) const SWITCH: [&str; 2] = ["PRAGMA foreign_keys = ON", "PRAGMA foreign_keys = OFF"];

/// How things stood when the migration began.
pub(super) struct Before {
    dangling: BTreeSet<(String, String)>,
    triggers: Vec<Trigger>,
}

/// A trigger goes with its table, and is made again.
#[derive(PartialEq)]
struct Trigger {
    table: String,
    sql: String,
}

impl Before {
    /// Looks at the database.
    ///
    /// # Errors
    /// [`Error::Refused`] if foreign keys are on: writing a table anew would then delete the rows that point to it.
    pub(super) async fn look(db: &Database) -> Result<Self> {
        let query = Query::select().column("foreign_keys").from("pragma_foreign_keys").take();
        if db.fetch_optional(&query, |row| row.get::<i64>("foreign_keys")).await? != Some(0) {
            let text =
                "SQLite still checks foreign keys, so no table can be written anew; run `migrate` again";
            return Err(Error::Refused(text.into()));
        }
        Ok(Self { dangling: dangling(db).await?, triggers: triggers(db).await? })
    }

    /// Makes triggers again, and refuses foreign keys that point nowhere since.
    pub(super) async fn compare(self, db: &Database) -> Result<()> {
        let now = triggers(db).await?;
        for trigger in self.triggers.iter().filter(|trigger| !now.contains(trigger)) {
            if has_table(db, &trigger.table).await? {
                db.execute_sql(&trigger.sql).await?;
            }
        }
        match dangling(db).await?.difference(&self.dangling).next() {
            Some((table, parent)) => Err(Error::Refused(format!(
                "rows of `{table}` point to rows of `{parent}` that are not there; correct them first, with `run_sql` for example"
            ))),
            None => Ok(()),
        }
    }
}

/// Tables with foreign keys that point nowhere, and where to.
async fn dangling(db: &Database) -> Result<BTreeSet<(String, String)>> {
    let query =
        Query::select().columns(["table", "parent"]).distinct().from("pragma_foreign_key_check").take();
    let found = db.fetch_all(&query, |row| Ok((row.get("table")?, row.get("parent")?))).await?;
    Ok(found.into_iter().collect())
}

async fn triggers(db: &Database) -> Result<Vec<Trigger>> {
    let mut query = Query::select();
    query.columns(["tbl_name", "sql"]).from("sqlite_master").and_where(Expr::col("type").eq("trigger"));
    db.fetch_all(&query, |row| Ok(Trigger { table: row.get("tbl_name")?, sql: row.get("sql")? })).await
}

async fn has_table(db: &Database, name: &str) -> Result<bool> {
    let mut query = Query::select();
    query.column("name").from("sqlite_master").and_where(Expr::col("type").eq("table"));
    query.and_where(Expr::col("name").eq(name));
    Ok(db.fetch_optional(&query, |_| Ok(())).await?.is_some())
}
