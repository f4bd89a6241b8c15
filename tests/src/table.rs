//! A look at the tables as they are, past the framework's models.

use nuages::Database;
use nuages::db::Dialect;
use nuages::db::sea_query::{Alias, Expr, Query};

/// The text of an SQL expression in every row of a table.
///
/// # Panics
/// If the database refuses.
pub async fn texts(db: &Database, table: &'static str, expression: &'static str) -> Vec<String> {
    let mut query = Query::select();
    let text = match db.dialect() {
        #[cfg(feature = "mysql")]
        Dialect::MySql => "char",
        _ => "text",
    };
    let text = format!("CAST(({expression}) AS {text})");
    query.expr_as(Expr::cust(text), Alias::new("found")).from(table);
    let read = |row: &nuages::db::Row<'_>| row.get::<Option<String>>("found");
    let found = db.fetch_all(&query, read).await.unwrap_or_else(|error| panic!("{table}: {error}"));
    found.into_iter().map(Option::unwrap_or_default).collect()
}

/// The same, in the order of the column `id`.
///
/// # Panics
/// If the database refuses.
pub async fn texts_by_key(db: &Database, table: &'static str, expression: &'static str) -> Vec<String> {
    let mut query = Query::select();
    let text = format!("CAST(({expression}) AS text)");
    query.expr_as(Expr::cust(text), Alias::new("found")).from(table);
    query.order_by("id", nuages::db::sea_query::Order::Asc);
    let read = |row: &nuages::db::Row<'_>| row.get::<Option<String>>("found");
    let found = db.fetch_all(&query, read).await.unwrap_or_else(|error| panic!("{table}: {error}"));
    found.into_iter().map(|text| text.unwrap_or_else(|| "NULL".into())).collect()
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
