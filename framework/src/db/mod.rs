//! The database: connections, models, queries. The only room that names one.
//!
//! ```no_run
//! # async fn run() -> nuages::Result<()> {
//! let db = nuages::Database::connect("sqlite://site.db").await?;
//! db.execute_sql("PRAGMA optimize").await?;
//! # Ok(()) }
//! ```

mod aggregate;
mod any_order;
mod column;
mod condition;
mod connect;
mod connection;
pub(crate) mod counters;
#[cfg(feature = "sqlite")]
mod datetime;
mod dialect;
mod field;
mod foreign_key;
mod hooks;
mod insert;
pub mod inspect;
mod log;
mod many_to_many;
mod model;
mod operand;
mod page;
mod pool;
mod queryset;
mod row;
pub mod schema;
mod selection;
mod shell;
mod statement;
mod stream;
mod text;
mod through;
mod transaction;
mod value;

pub use aggregate::Aggregate;
pub(crate) use any_order::stray;
pub use column::{Assignment, Column, Ordering};
pub use condition::Condition;
pub use dialect::Dialect;
pub use field::{Field, Key, Number, Ordered};
pub use foreign_key::{ForeignKey, Related};
pub use many_to_many::ManyToMany;
pub(crate) use model::save_columns;
pub use model::{Fields, Keyed, Model, serialize_field};
pub use operand::{Operand, Term};
pub use page::{Page, PageNumber};
pub use queryset::QuerySet;
pub use row::Row;
pub use selection::{Aggregates, Columns, Selection};
pub(crate) use shell::Shell;
pub use statement::Statement;
pub(crate) use statement::{Prepared, quote};
pub use through::ManyToManyField;

/// What a column's value is bound as.
pub use sea_query::Value;

/// sea-query, which the SQL text is built with.
pub use sea_query;

use crate::belongings::Belongings;
use crate::error::{Error, Result};
pub(crate) use connect::Transport;
#[cfg(feature = "redis")]
pub(crate) use connect::is_elsewhere;
use connect::{Done, Pools};
use log::Log;
use poem::{FromRequest, Request, RequestBody};
use sea_query::InsertStatement;
use statement::Built;
use std::sync::Arc;
use transaction::Transaction;

/// A handle to the site's database; a clone shares the same connections.
///
/// In a view it is an extractor (`db: Database`); elsewhere `request.db()`. Inside
/// [`transaction`](Database::transaction) it is bound to one connection.
#[derive(Clone, Debug)]
pub struct Database {
    inner: Inner,
    log: Log,
}

#[derive(Clone, Debug)]
enum Inner {
    Pools(Arc<Pools>),
    Transaction(Transaction),
}

impl Database {
    /// Opens the database at a URL such as `sqlite://site.db`, `postgres://user@host/name` or
    /// `mysql://user@host/name`.
    ///
    /// # Errors
    /// [`Error::NotReady`] for a URL of an unknown kind, [`Error::Database`] if it is not reachable.
    pub async fn connect(url: &str) -> Result<Self> {
        let pools = Arc::new(Pools::connect(url).await?);
        Ok(Self { inner: Inner::Pools(pools), log: Log::default() })
    }

    /// Which SQL the database speaks.
    pub fn dialect(&self) -> Dialect {
        match &self.inner {
            Inner::Pools(pools) => pools.dialect(),
            Inner::Transaction(transaction) => transaction.dialect(),
        }
    }

    /// Runs a statement and reads each row of its answer.
    pub async fn fetch_all<S: Statement, T: Send>(
        &self,
        statement: &S,
        read: impl Fn(&Row<'_>) -> sqlx::Result<T> + Send,
    ) -> Result<Vec<T>> {
        self.fetch(S::WRITES, statement.build_for(self.dialect()), read).await
    }

    /// Runs a statement and reads the first row of its answer, if there is one.
    pub async fn fetch_optional<S: Statement, T: Send>(
        &self,
        statement: &S,
        read: impl Fn(&Row<'_>) -> sqlx::Result<T> + Send,
    ) -> Result<Option<T>> {
        let built = Built { first: !S::WRITES, ..statement.build_for(self.dialect()) };
        Ok(self.fetch(S::WRITES, built, read).await?.into_iter().next())
    }

    async fn fetch<T: Send>(
        &self,
        writes: bool,
        built: Built,
        read: impl Fn(&Row<'_>) -> sqlx::Result<T> + Send,
    ) -> Result<Vec<T>> {
        self.log.note(&built.sql);
        match &self.inner {
            Inner::Pools(pools) => {
                let mut connection = pools.lease(writes).await?;
                let rows = connection.fetch(built, read).await;
                Ok(connection.release_after(rows)?)
            }
            Inner::Transaction(transaction) => transaction.fetch(built, read).await,
        }
    }

    /// Runs a statement and says how many rows it changed, or found to be so already.
    pub async fn execute<S: Statement>(&self, statement: &S) -> Result<u64> {
        Ok(self.run(statement).await?.rows)
    }

    /// Inserts one row and answers the key that the database has counted up for it, in the column `key`.
    ///
    /// ```no_run
    /// use nuages::db::sea_query::Query;
    ///
    /// # async fn run(db: nuages::Database) -> nuages::Result<()> {
    /// let tag = Query::insert().into_table("blog_tag").columns(["name"]).values_panic(["jazz".into()]).take();
    /// let id: i64 = db.insert(&tag, "id").await?;
    /// # Ok(()) }
    /// ```
    pub async fn insert<K: Key>(&self, statement: &InsertStatement, key: &str) -> Result<K> {
        let found = match self.dialect().knows_returning() {
            true => {
                let statement = statement.clone().returning_col(key.to_owned()).take();
                self.fetch_optional(&statement, |row| row.get(key)).await?
            }
            false => self.run(statement).await?.key.and_then(|key| K::parse(&key.to_string())),
        };
        found.ok_or_else(|| Error::Refused(format!("the database counted up no `{key}` for the new row")))
    }

    async fn run<S: Statement>(&self, statement: &S) -> Result<Done> {
        let built = statement.build_for(self.dialect());
        self.log.note(&built.sql);
        match &self.inner {
            Inner::Pools(pools) => {
                let mut connection = pools.lease(S::WRITES).await?;
                let done = connection.execute(built).await;
                Ok(connection.release_after(done)?)
            }
            Inner::Transaction(transaction) => transaction.execute(built).await,
        }
    }

    /// Runs SQL text as it stands, one statement or several.
    ///
    /// Never put a visitor's input into it: that is what [`execute`](Database::execute) binds values for.
    pub async fn execute_sql(&self, sql: &str) -> Result<()> {
        self.log.note(sql);
        match &self.inner {
            Inner::Pools(pools) => {
                let mut connection = pools.lease(true).await?;
                let done = connection.execute_sql(sql).await;
                Ok(connection.release_after(done)?)
            }
            Inner::Transaction(transaction) => transaction.execute_sql(sql).await,
        }
    }

    /// Runs `work` in a transaction: committed if it answers `Ok`, rolled back otherwise.
    ///
    /// Inside one it makes a savepoint. On SQLite it takes the write lock at once (`BEGIN IMMEDIATE`). On MySQL whatever changes
    /// a table's shape commits what came before.
    ///
    /// ```no_run
    /// # async fn run(db: nuages::Database) -> nuages::Result<()> {
    /// db.transaction(async |db| db.execute_sql("DELETE FROM blog_post").await).await?;
    /// # Ok(()) }
    /// ```
    pub async fn transaction<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: AsyncFnOnce(Database) -> Result<T, E>,
        E: From<Error>,
    {
        self.log.note(if self.in_transaction() { "SAVEPOINT" } else { "BEGIN" });
        let transaction = match &self.inner {
            Inner::Pools(pools) => Transaction::begin(pools).await?,
            Inner::Transaction(outer) => outer.savepoint().await?,
        };
        self.perform(transaction, work).await
    }

    /// Runs `work`, which only reads, on the rows as they are now, whatever others write meanwhile. Nobody waits for it.
    pub(crate) async fn snapshot<T>(&self, work: impl AsyncFnOnce(Database) -> Result<T>) -> Result<T> {
        match &self.inner {
            Inner::Pools(pools) => self.perform(Transaction::begin_reading(pools).await?, work).await,
            Inner::Transaction(_) => work(self.clone()).await,
        }
    }

    async fn perform<T, E, F>(&self, transaction: Transaction, work: F) -> Result<T, E>
    where
        F: AsyncFnOnce(Database) -> Result<T, E>,
        E: From<Error>,
    {
        let hooks = transaction.pending();
        let inside = Self { inner: Inner::Transaction(transaction.clone()), log: self.log.clone() };
        match work(inside).await {
            Ok(value) => {
                self.log.note(if self.in_transaction() { "RELEASE SAVEPOINT" } else { "COMMIT" });
                transaction.commit().await?;
                hooks.keep();
                Ok(value)
            }
            Err(error) => {
                self.log.note("ROLLBACK");
                transaction.rollback().await?;
                Err(error)
            }
        }
    }

    /// Does this work once the transaction is committed, and never if it is rolled back; at once outside a transaction.
    ///
    /// For what cannot be taken back: a mail, a message to another server. It runs before
    /// [`transaction`](Database::transaction) answers, without a connection of its own.
    pub async fn on_commit(&self, work: impl Future<Output = ()> + Send + 'static) {
        match &self.inner {
            Inner::Pools(_) => work.await,
            Inner::Transaction(transaction) => transaction.on_commit(Box::pin(work)),
        }
    }

    /// The same database with a log of its own, which [`listen`](Database::listen) begins.
    pub(crate) fn with_log(self) -> Self {
        Self { log: Log::new(), ..self }
    }

    /// Notes all statements from now on, of every clone of this handle.
    pub(crate) fn listen(&self) {
        self.log.listen();
    }

    /// The statements since then.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.log.stop()
    }

    /// Closes every connection; later calls fail.
    pub async fn close(&self) {
        if let Inner::Pools(pools) = &self.inner {
            pools.close().await;
        }
    }

    /// Whether this handle is bound to a transaction.
    pub fn in_transaction(&self) -> bool {
        matches!(self.inner, Inner::Transaction(_))
    }

    fn pools(&self) -> Result<&Pools> {
        match &self.inner {
            Inner::Pools(pools) => Ok(pools),
            Inner::Transaction(_) => {
                Err(Error::Refused("a transaction has no pool; use the outer `Database`".into()))
            }
        }
    }

    /// The SQLite pool, for plain sqlx.
    ///
    /// # Errors
    /// [`Error::Refused`] if the site's database is another one, or inside a transaction.
    #[cfg(feature = "sqlite")]
    pub fn sqlite(&self) -> Result<&sqlx::SqlitePool> {
        self.pools()?.sqlite()
    }

    /// The PostgreSQL pool, for plain sqlx. Its `begin` is sqlx's own: a future dropped while it begins may
    /// lose a later write (sqlx issue 4385), which [`transaction`](Database::transaction) guards against.
    ///
    /// # Errors
    /// [`Error::Refused`] if the site's database is another one, or inside a transaction.
    #[cfg(feature = "postgres")]
    pub fn postgres(&self) -> Result<&sqlx::PgPool> {
        self.pools()?.postgres()
    }

    /// The pool of MySQL or MariaDB, for plain sqlx. The session has `ANSI_QUOTES`: text stands in single quotes. Its `begin`
    /// is sqlx's own, as for [`postgres`](Database::postgres).
    ///
    /// # Errors
    /// [`Error::Refused`] if the site's database is another one, or inside a transaction.
    #[cfg(feature = "mysql")]
    pub fn mysql(&self) -> Result<&sqlx::MySqlPool> {
        self.pools()?.mysql()
    }
}

impl<'a> FromRequest<'a> for Database {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self::of(request).clone())
    }
}

impl Database {
    /// The database that the handler gave to this request.
    ///
    /// # Panics
    /// If the request did not come through the framework's handler.
    pub(crate) fn of(request: &Request) -> &Self {
        Belongings::of(request)
    }
}
