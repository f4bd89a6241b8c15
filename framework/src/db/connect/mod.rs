//! Connections: one pool per database, and for SQLite one connection that writes.

#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;
mod transport;

use super::connection::Connection;
use super::dialect::{Dialect, each};
#[cfg(any(feature = "postgres", feature = "mysql"))]
use super::pool::Options;
use super::pool::{Lease, Pool};
use super::row::Row;
use crate::error::{Error, Result};
#[cfg(any(feature = "postgres", feature = "mysql"))]
use sqlx::pool::PoolOptions;
use std::time::Duration;

#[cfg(feature = "mysql")]
pub(super) use mysql::SQL_MODE as MYSQL_MODE;
pub(crate) use transport::Transport;
#[cfg(any(feature = "postgres", feature = "mysql", feature = "redis"))]
pub(crate) use transport::is_elsewhere;

/// How long a request waits for a connection before the answer is 503.
pub(super) const ACQUIRE: Duration = Duration::from_secs(5);

/// Connections to a server, and as many more for whoever uses plain sqlx.
#[cfg(any(feature = "postgres", feature = "mysql"))]
const CONNECTIONS: u32 = 10;

/// What one of sqlx's databases is to us; all else about connections is the same for each.
pub(super) trait Backend: sqlx::Database {
    const DIALECT: Dialect;
    fn connection(lease: Lease<Self>) -> Connection;
    fn row(row: &Self::Row) -> Row<'_>;
    fn done(result: &Self::QueryResult) -> Done;

    /// What a new connection is told first.
    fn greet(_connection: &mut Self::Connection) -> impl Future<Output = sqlx::Result<()>> + Send {
        async { Ok(()) }
    }
}

/// What a statement without an answer has done.
pub(super) struct Done {
    pub(super) rows: u64,
    /// The key that was counted up, where the database tells it without being asked.
    pub(super) key: Option<u64>,
}

#[derive(Debug)]
pub(super) enum Pools {
    #[cfg(feature = "sqlite")]
    Sqlite(Trio<sqlx::Sqlite>),
    #[cfg(feature = "postgres")]
    Postgres(Trio<sqlx::Postgres>),
    #[cfg(feature = "mysql")]
    MySql(Trio<sqlx::MySql>),
}

/// Where connections come from; those who read and those who write have the same pool but on SQLite. The plain one is sqlx's,
/// and connects when it is asked for, which most sites never do.
#[derive(Debug)]
pub(super) struct Trio<D: sqlx::Database> {
    readers: Pool<D>,
    writer: Pool<D>,
    plain: sqlx::Pool<D>,
}

impl<D: Backend> Trio<D> {
    /// The pools for a server. The first connection says why there is none, if there is none.
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    async fn server(options: Options<D>, plain: PoolOptions<D>) -> Result<Self> {
        let pool = Pool::new(options.clone(), CONNECTIONS as usize);
        pool.lease().await?.release();
        let plain = plain.max_connections(CONNECTIONS).acquire_timeout(ACQUIRE).connect_lazy_with(options);
        Ok(Self { readers: pool.clone(), writer: pool, plain })
    }

    fn dialect(&self) -> Dialect {
        D::DIALECT
    }

    async fn lease(&self, writes: bool) -> sqlx::Result<Connection> {
        let pool = if writes { &self.writer } else { &self.readers };
        Ok(D::connection(pool.lease().await?))
    }

    async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
        self.plain.close().await;
    }
}

impl Pools {
    #[allow(unreachable_patterns, reason = "each database is left out in some build")]
    pub(super) async fn connect(url: &str) -> Result<Self> {
        match url.split_once(':').map_or("", |(scheme, _)| scheme) {
            #[cfg(feature = "sqlite")]
            "sqlite" => Ok(Self::Sqlite(sqlite::connect(url).await?)),
            #[cfg(feature = "postgres")]
            "postgres" | "postgresql" => Ok(Self::Postgres(postgres::connect(url).await?)),
            #[cfg(feature = "mysql")]
            "mysql" | "mariadb" => Ok(Self::MySql(mysql::connect(url).await?)),
            "sqlite" => left_out("sqlite"),
            "postgres" | "postgresql" => left_out("postgres"),
            "mysql" | "mariadb" => left_out("mysql"),
            _ => Err(Error::NotReady(
                "DATABASE_URL must begin with `sqlite://`, `postgres://` or `mysql://`; for example sqlite://site.db"
                    .into(),
            )),
        }
    }

    pub(super) fn dialect(&self) -> Dialect {
        each!(Self, self, pools => pools.dialect())
    }

    /// A connection for someone who writes, or only reads.
    pub(super) async fn lease(&self, writes: bool) -> sqlx::Result<Connection> {
        each!(Self, self, pools => pools.lease(writes).await)
    }

    pub(super) async fn close(&self) {
        each!(Self, self, pools => pools.close().await);
    }
}

/// The pool of one database, for plain sqlx.
macro_rules! plain {
    ($feature:literal, $name:ident, $variant:ident, $driver:ty, $title:literal) => {
        #[cfg(feature = $feature)]
        impl Pools {
            #[allow(unreachable_patterns, reason = "it may be the only database in the build")]
            pub(super) fn $name(&self) -> Result<&sqlx::Pool<$driver>> {
                match self {
                    Self::$variant(pools) => Ok(&pools.plain),
                    _ => Err(Error::Refused(
                        concat!("the site's database is not ", $title, "; see DATABASE_URL").into(),
                    )),
                }
            }
        }
    };
}
plain!("sqlite", sqlite, Sqlite, sqlx::Sqlite, "SQLite");
plain!("postgres", postgres, Postgres, sqlx::Postgres, "PostgreSQL");
plain!("mysql", mysql, MySql, sqlx::MySql, "MySQL or MariaDB");

fn left_out(feature: &str) -> Result<Pools> {
    let text =
        "DATABASE_URL names a database that nuages was built without; add to its features in Cargo.toml: ";
    Err(Error::NotReady(format!("{text}{feature}")))
}
