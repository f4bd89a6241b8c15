//! MySQL and MariaDB.

use super::{Backend, Connection, Dialect, Done, Lease, Transport, Trio, is_elsewhere};
use crate::db::Row;
use crate::error::Result;
use sqlx::mysql::{
    MySqlConnectOptions, MySqlConnection, MySqlPoolOptions, MySqlQueryResult, MySqlRow, MySqlSslMode,
};
use sqlx::{Executor, MySql};
use std::str::FromStr;

macro_rules! sql_mode {
    () => {
        "SET SESSION sql_mode = 'TRADITIONAL,ANSI_QUOTES,PIPES_AS_CONCAT'"
    };
}

/// How our SQL is to be read, whatever the server's own settings are. An error is an error, as in `TRADITIONAL`; a name in
/// double quotes is a name, and `||` joins texts, as on the other databases.
pub(in crate::db) const SQL_MODE: &str = sql_mode!();

/// What else a session is told: each statement is kept unless there is a transaction, which needs InnoDB, and sees what is
/// committed by then.
const SESSION: &str = concat!(
    sql_mode!(),
    ", autocommit = 1, default_storage_engine = 'InnoDB'; SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"
);

impl Backend for MySql {
    const DIALECT: Dialect = Dialect::MySql;

    fn connection(lease: Lease<Self>) -> Connection {
        Connection::MySql(lease)
    }

    fn row(row: &MySqlRow) -> Row<'_> {
        Row::mysql(row)
    }

    /// The rows that were found, not those that are different now: sqlx asks for that.
    fn done(result: &MySqlQueryResult) -> Done {
        Done { rows: result.rows_affected(), key: Some(result.last_insert_id()) }
    }

    async fn greet(connection: &mut MySqlConnection) -> sqlx::Result<()> {
        connection.execute(SESSION).await.map(drop)
    }
}

pub(super) async fn connect(url: &str) -> Result<Trio<MySql>> {
    let plain = MySqlPoolOptions::new()
        .after_connect(|connection, _| Box::pin(<MySql as Backend>::greet(connection)));
    Trio::server(options(url)?, plain).await
}

/// Letters compare as in our tables, with case and accents. The time zone is UTC, which is sqlx's own wish.
fn options(url: &str) -> Result<MySqlConnectOptions> {
    let options = MySqlConnectOptions::from_str(url)?.charset("utf8mb4").collation("utf8mb4_bin");
    Ok(options.pipes_as_concat(false).no_engine_substitution(false))
}

/// The way to the server.
pub(super) fn transport(url: &str) -> Transport {
    let Ok(options) = MySqlConnectOptions::from_str(url) else { return Transport::Safe };
    let host = options.get_host().to_owned();
    if options.get_socket().is_some() || !is_elsewhere(&host) {
        return Transport::Safe;
    }
    let best = "ssl-mode=VERIFY_IDENTITY";
    let mode = match options.get_ssl_mode() {
        MySqlSslMode::VerifyIdentity => return Transport::Safe,
        MySqlSslMode::Preferred => {
            return Transport::MayFallBack { host, best, plain: "ssl-mode=DISABLED" };
        }
        MySqlSslMode::Disabled => "ssl-mode=DISABLED",
        MySqlSslMode::Required => "ssl-mode=REQUIRED",
        MySqlSslMode::VerifyCa => "ssl-mode=VERIFY_CA",
    };
    Transport::Chosen { host, mode, best }
}
