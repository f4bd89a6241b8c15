//! A look at the tables as they are, past the framework's models.

use nuages::Database;
#[cfg(feature = "mysql")]
use nuages::db::Dialect;
use nuages::db::sea_query::{Alias, Expr, Order, Query, SelectStatement};

/// The text of an SQL expression in every row of a table.
///
/// # Panics
/// If the database refuses.
pub async fn texts(db: &Database, table: &'static str, expression: &'static str) -> Vec<String> {
    let query = Query::select().expr_as(as_text(db, expression), Alias::new("found")).from(table).take();
    found(db, table, &query).await.into_iter().map(Option::unwrap_or_default).collect()
}

/// The same, in the order of the column `id`.
///
/// # Panics
/// If the database refuses.
pub async fn texts_by_key(db: &Database, table: &'static str, expression: &'static str) -> Vec<String> {
    let mut query = Query::select();
    query.expr_as(as_text(db, expression), Alias::new("found")).from(table).order_by("id", Order::Asc);
    let found = found(db, table, &query).await;
    found.into_iter().map(|text| text.unwrap_or_else(|| "NULL".into())).collect()
}

fn as_text(db: &Database, expression: &str) -> Expr {
    let text = match db.dialect() {
        #[cfg(feature = "mysql")]
        Dialect::MySql => "char",
        _ => "text",
    };
    Expr::cust(format!("CAST(({expression}) AS {text})"))
}

async fn found(db: &Database, table: &str, query: &SelectStatement) -> Vec<Option<String>> {
    let found = db.fetch_all(query, |row| row.get("found")).await;
    found.unwrap_or_else(|error| panic!("{table}: {error}"))
}

/// Everything that every session row holds, as text.
pub async fn sessions(db: &Database) -> Vec<String> {
    let all = "key_hash || '|' || coalesce(user_id, '') || '|' || data || '|' || user_agent || '|' || address \
               || '|' || version || '|' || created_at || '|' || last_seen_at || '|' || expire_date";
    texts(db, "sessions_session", all).await
}

/// Runs SQL.
///
/// # Panics
/// If the database refuses.
pub async fn run(db: &Database, sql: &str) {
    db.execute_sql(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}
