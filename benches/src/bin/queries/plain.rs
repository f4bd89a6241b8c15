//! The same work, written with sqlx alone.

use super::entry::Entry;
use nuages::chrono::{DateTime, Utc};
use nuages::sqlx::{self, PgPool, QueryBuilder, SqlitePool};
use nuages::{Database, Result};

type Row = (i64, String, String, i64, Option<f64>, bool, DateTime<Utc>);

const COLUMNS: &str = "SELECT id, title, body, views, rating, is_public, created_at FROM bench_entry";
/// Rows in one statement, as many as `bulk_create` takes.
const BATCH: usize = 30_000 / 7;

/// sqlx's own pool.
pub enum Plain {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// The same code for each of the pools, whose types have nothing in common.
macro_rules! on {
    ($plain:expr, $pool:ident => $work:expr) => {
        match $plain {
            Plain::Sqlite($pool) => $work,
            Plain::Postgres($pool) => $work,
        }
    };
}

impl Plain {
    pub fn of(db: &Database) -> Result<Self> {
        db.sqlite().cloned().map(Self::Sqlite).or_else(|_| db.postgres().cloned().map(Self::Postgres))
    }

    pub fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    pub async fn all(&self) -> Result<()> {
        let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE id <= $1"));
        let rows: Vec<Row> = on!(self, pool => sqlx::query_as(sql).bind(super::ROWS).fetch_all(pool).await?);
        super::wanted(rows.len())
    }

    pub async fn get(&self, count: i64) -> Result<()> {
        let sql = format!("{COLUMNS} WHERE id = $1");
        for id in 1..=count {
            let sql = sqlx::AssertSqlSafe(sql.as_str());
            let row: Row = on!(self, pool => sqlx::query_as(sql).bind(id).fetch_one(pool).await?);
            std::hint::black_box(row);
        }
        Ok(())
    }

    pub async fn create(&self, rows: Vec<Entry>) -> Result<()> {
        let mut keys: Vec<i64> = Vec::new();
        on!(self, pool => {
            let mut transaction = pool.begin().await?;
            for rows in rows.chunks(BATCH) {
                let sql = "INSERT INTO bench_entry (title, body, views, rating, is_public, created_at) ";
                let mut query = QueryBuilder::new(sql);
                query.push_values(rows, |mut values, row| {
                    values.push_bind(row.title.as_str()).push_bind(row.body.as_str()).push_bind(row.views);
                    values.push_bind(row.rating).push_bind(row.is_public).push_bind(row.created_at);
                });
                query.push(" RETURNING id");
                keys.extend(query.build_query_scalar::<i64>().fetch_all(&mut *transaction).await?);
            }
            transaction.commit().await?;
        });
        super::wanted(keys.len())
    }
}
