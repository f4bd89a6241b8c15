//! PostgreSQL.

use super::{Backend, Connection, Dialect, Done, Lease, Trio};
use crate::db::Row;
use crate::error::Result;
use sqlx::Postgres;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgQueryResult, PgRow};
use std::str::FromStr;

impl Backend for Postgres {
    const DIALECT: Dialect = Dialect::Postgres;

    fn connection(lease: Lease<Self>) -> Connection {
        Connection::Postgres(lease)
    }

    fn row(row: &PgRow) -> Row<'_> {
        Row::postgres(row)
    }

    fn done(result: &PgQueryResult) -> Done {
        Done { rows: result.rows_affected(), key: None }
    }
}

pub(super) async fn connect(url: &str) -> Result<Trio<Postgres>> {
    Trio::server(PgConnectOptions::from_str(url)?, PgPoolOptions::new()).await
}
