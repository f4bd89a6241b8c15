//! Attempts in a table: one statement counts, whoever else does at the same time.

use super::attempts::{Attempts, Tally};
use nuages::chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use nuages::db::sea_query::{Expr, ExprTrait, InsertStatement, OnConflict, Query};
use nuages::futures_util::future::BoxFuture;
use nuages::{Database, Model, Result};
use std::time::Duration;

/// What was attempted under one key, in the window that ends at `expire_date`.
#[derive(Clone, Debug, Model)]
#[model(app = "auth", table = "auth_attempts", default_permissions())]
pub struct AttemptRow {
    /// SHA-256 of what is attempted, and at what.
    #[model(max_length = 64, primary_key)]
    pub subject: String,
    /// How often.
    pub count: i32,
    /// When they no longer count.
    #[model(index)]
    pub expire_date: DateTime<Utc>,
}

/// Attempts in the table `auth_attempts`.
pub struct DatabaseAttempts {
    db: Database,
}

impl DatabaseAttempts {
    /// In this database.
    pub fn new(db: Database) -> Self {
        Self { db }
    }

    async fn count(&self, key: &str, window: Duration) -> Result<Tally> {
        let (now, window) =
            (Utc::now().trunc_subsecs(6), TimeDelta::from_std(window).unwrap_or(TimeDelta::MAX));
        let ends = now.checked_add_signed(window).unwrap_or(DateTime::<Utc>::MAX_UTC);
        let mut counting = counting(key, now, ends);
        let tally = match self.db.dialect().knows_returning() {
            true => {
                counting.returning(Query::returning().columns(["count", "expire_date"]));
                self.db.fetch_optional(&counting, read).await?
            }
            // Others may have counted in between: then the answer is too high rather than too low.
            false => {
                self.db.execute(&counting).await?;
                let mut row = Query::select();
                row.columns(["count", "expire_date"]).from(AttemptRow::TABLE);
                self.db.fetch_optional(&row.and_where(Expr::col("subject").eq(key)).take(), read).await?
            }
        };
        let (count, ends) = tally.unwrap_or((1, ends));
        let left = u64::try_from((ends - now).num_milliseconds()).unwrap_or(0);
        Ok(Tally { count: u64::try_from(count).unwrap_or(0), seconds_left: left.div_ceil(1000) })
    }
}

fn read(row: &nuages::db::Row<'_>) -> nuages::sqlx::Result<(i32, DateTime<Utc>)> {
    Ok((row.get("count")?, row.get("expire_date")?))
}

/// One more, or the first of a new window.
fn counting(key: &str, now: DateTime<Utc>, ends: DateTime<Utc>) -> InsertStatement {
    let old = |name: &'static str| Expr::col((AttemptRow::TABLE, name));
    let is_over = || old("expire_date").lte(now);
    // MySQL sets one after the other: the count looks at the former end.
    let conflict = OnConflict::column("subject")
        .value("count", Expr::case(is_over(), 1).finally(old("count").add(1)))
        .value("expire_date", Expr::case(is_over(), ends).finally(old("expire_date")))
        .to_owned();
    let mut insert = Query::insert();
    insert.into_table(AttemptRow::TABLE).columns(["subject", "count", "expire_date"]);
    insert.values_panic([key.into(), 1.into(), ends.into()]).on_conflict(conflict).take()
}

impl Attempts for DatabaseAttempts {
    fn add<'a>(&'a self, key: &'a str, window: Duration) -> BoxFuture<'a, Result<Tally>> {
        Box::pin(self.count(key, window))
    }

    fn take_back<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let mut less = Query::update();
            less.table(AttemptRow::TABLE).value("count", Expr::col("count").sub(1));
            less.and_where(Expr::col("subject").eq(key)).and_where(Expr::col("count").gt(0));
            self.db.execute(&less).await.map(drop)
        })
    }

    fn forget<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            AttemptRow::objects(&self.db).filter(AttemptRow::SUBJECT.eq(key)).delete().await.map(drop)
        })
    }

    fn clear_expired(&self) -> BoxFuture<'_, Result<u64>> {
        let over = AttemptRow::objects(&self.db).filter(AttemptRow::EXPIRE_DATE.lte(Utc::now()));
        Box::pin(over.delete_in_batches())
    }
}
