//! A row of another table that is wanted with the session: the user.

use crate::db::schema::Kind;
use crate::db::{Dialect, Row};
use sea_query::{Expr, ExprTrait, JoinType, SelectStatement};
use std::any::Any;
use std::sync::Arc;

/// A row of another table that is wanted with the session: the user.
#[derive(Clone, Debug)]
pub struct Companion {
    /// The table.
    pub table: &'static str,
    /// Its key, which the session's user id is compared with.
    pub key: &'static str,
    /// The kind of its key.
    pub kind: Kind,
    /// The columns that `read` wants, in order.
    pub columns: Vec<&'static str>,
    /// Reads the row.
    pub read: fn(&Row<'_>) -> sqlx::Result<Arc<dyn Any + Send + Sync>>,
}

impl Companion {
    /// Adds the companion to a query for a session; `user_id` is the SQL of the user's key as text. A column `found` says whether
    /// there is one, and its columns follow.
    pub(super) fn join(&self, statement: &mut SelectStatement, user_id: &str, dialect: Dialect) {
        let key = Expr::col(("companion", self.key));
        // As text: the values of the statement are those of the session's query alone.
        let found = Expr::cust(format!(r#"CASE WHEN "companion"."{}" IS NULL THEN 0 ELSE 1 END"#, self.key));
        statement.expr_as(found, "found").columns(self.columns.iter().map(|name| ("companion", *name)));
        let user_id = Expr::cust(as_key(user_id, self.kind, dialect));
        statement.join_as(JoinType::LeftJoin, self.table, "companion", key.eq(user_id));
    }
}

/// The text of a user's key, in the type of the key. At text that is none PostgreSQL would fail, and MySQL take the digits
/// that it begins with.
fn as_key(text: &str, kind: Kind, dialect: Dialect) -> String {
    match (kind, dialect) {
        #[cfg(feature = "postgres")]
        (Kind::SmallInt | Kind::Integer | Kind::BigInt, Dialect::Postgres) => {
            format!(r"CASE WHEN {text} ~ '^[0-9]{{1,18}}$' THEN CAST({text} AS bigint) END")
        }
        #[cfg(feature = "postgres")]
        (Kind::Uuid, Dialect::Postgres) => format!(
            r"CASE WHEN {text} ~ '^[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}$' THEN CAST({text} AS uuid) END"
        ),
        #[cfg(feature = "sqlite")]
        (Kind::SmallInt | Kind::Integer | Kind::BigInt, Dialect::Sqlite) => format!("CAST({text} AS bigint)"),
        #[cfg(feature = "sqlite")]
        (Kind::Uuid, Dialect::Sqlite) => format!("replace({text}, '-', '')"),
        #[cfg(feature = "mysql")]
        (Kind::SmallInt | Kind::Integer | Kind::BigInt, Dialect::MySql) => {
            format!("CASE WHEN {text} REGEXP '^[0-9]{{1,18}}$' THEN CAST({text} AS signed) END")
        }
        #[cfg(feature = "mysql")]
        (Kind::Uuid, Dialect::MySql) => format!("replace({text}, '-', '')"),
        _ => text.to_owned(),
    }
}
