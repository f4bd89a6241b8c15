//! PostgreSQL.

use super::{Backend, Connection, Dialect, Done, Lease, Transport, Trio, is_elsewhere};
use crate::db::Row;
use crate::error::Result;
use sqlx::Postgres;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgQueryResult, PgRow, PgSslMode};
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

/// The way to the server.
pub(super) fn transport(url: &str) -> Transport {
    let Ok(options) = PgConnectOptions::from_str(url) else { return Transport::Safe };
    let host = options.get_host().to_owned();
    if options.get_socket().is_some() || !is_elsewhere(&host) {
        return Transport::Safe;
    }
    let best = "sslmode=verify-full";
    let mode = match options.get_ssl_mode() {
        PgSslMode::VerifyFull => return Transport::Safe,
        PgSslMode::Allow | PgSslMode::Prefer => {
            return Transport::MayFallBack { host, best, plain: "sslmode=disable" };
        }
        PgSslMode::Disable => "sslmode=disable",
        PgSslMode::Require => "sslmode=require",
        PgSslMode::VerifyCa => "sslmode=verify-ca",
    };
    Transport::Chosen { host, mode, best }
}
