//! What a database remembers about its migrations: which are applied, and who its users were at first.

use super::schema;
use super::user::UserTable;
use crate::db::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use crate::db::{Database, Dialect};
use crate::error::{Error, Result};

const MIGRATIONS: &str = "nuages_migrations";
const SETTINGS: &str = "nuages_settings";
const USER_MODEL: &str = "user_model";

/// A migration that a database says it has had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The label of its app.
    pub app: String,
    /// Its name.
    pub name: String,
    /// The checksum that it had then.
    pub checksum: String,
}

/// The applied migrations; none in a database that was never migrated. Only reads.
pub(super) async fn applied(db: &Database) -> Result<Vec<Applied>> {
    if !exists(db, MIGRATIONS).await? {
        return Ok(Vec::new());
    }
    let query = Query::select().columns(["app", "name", "checksum"]).from(MIGRATIONS).take();
    let read = |row: &crate::db::Row<'_>| {
        Ok(Applied { app: row.get("app")?, name: row.get("name")?, checksum: row.get("checksum")? })
    };
    db.fetch_all(&query, read).await
}

/// The label of the user model that the database was first migrated with. Only reads.
pub(super) async fn user_model(db: &Database) -> Result<Option<String>> {
    if !exists(db, SETTINGS).await? {
        return Ok(None);
    }
    let query =
        Query::select().column("value").from(SETTINGS).and_where(Expr::col("name").eq(USER_MODEL)).take();
    db.fetch_optional(&query, |row| row.get("value")).await
}

/// What is wrong if the site's user model is not the one that the database was first migrated with.
pub(super) fn user_model_problem(
    recorded: Option<&str>,
    user: Option<&UserTable>,
) -> Option<(String, String)> {
    let (recorded, now) = (recorded?, user?.label());
    (recorded != now).then(|| {
        (
            format!(
                "the user model was `{recorded}` when this database was first migrated and is `{now}` now"
            ),
            format!(
                "put `{recorded}` back in `AuthUserModel`, or migrate a new database; nothing was touched"
            ),
        )
    })
}

/// Refuses another user model than the one that the database was first migrated with.
pub(super) async fn check_user_model(db: &Database, user: Option<&UserTable>) -> Result<()> {
    match user_model_problem(user_model(db).await?.as_deref(), user) {
        Some((problem, remedy)) => Err(Error::Refused(format!("{problem}; {remedy}"))),
        None => Ok(()),
    }
}

/// Makes the tables that remember, if they are not there. Call it under the lock.
pub(super) async fn prepare(db: &Database) -> Result<()> {
    let moment = schema::moment_type(db.dialect());
    db.execute_sql(&format!(
        "CREATE TABLE IF NOT EXISTS {MIGRATIONS} (app varchar(255) NOT NULL, name varchar(255) NOT NULL, \
         checksum varchar(64) NOT NULL, applied_at {moment} NOT NULL, PRIMARY KEY (app, name))"
    ))
    .await?;
    db.execute_sql(&format!(
        "CREATE TABLE IF NOT EXISTS {SETTINGS} (name varchar(100) NOT NULL PRIMARY KEY, value text NOT NULL)"
    ))
    .await
}

/// Remembers that a migration was applied.
pub(super) async fn remember(db: &Database, record: &Applied) -> Result<()> {
    let values = [record.app.as_str().into(), record.name.as_str().into(), record.checksum.as_str().into()];
    let values = values.into_iter().chain([Expr::val(chrono::Utc::now())]);
    let mut query = Query::insert();
    query.into_table(MIGRATIONS).columns(["app", "name", "checksum", "applied_at"]).values_panic(values);
    db.execute(&query).await.map(drop)
}

/// Forgets that a migration was applied.
pub(super) async fn forget(db: &Database, app: &str, name: &str) -> Result<()> {
    let mut query = Query::delete();
    query.from_table(MIGRATIONS).and_where(Expr::col("app").eq(app)).and_where(Expr::col("name").eq(name));
    db.execute(&query).await.map(drop)
}

/// Remembers the user model, unless one is remembered already.
pub(super) async fn remember_user_model(db: &Database, user: Option<&UserTable>) -> Result<()> {
    let (Some(user), None) = (user, user_model(db).await?) else { return Ok(()) };
    let mut query = Query::insert();
    query
        .into_table(SETTINGS)
        .columns(["name", "value"])
        .values_panic([USER_MODEL.into(), user.label().into()]);
    db.execute(&query).await.map(drop)
}

/// Forgets the user model; its table is gone.
pub(super) async fn forget_user_model(db: &Database) -> Result<()> {
    let mut query = Query::delete();
    query.from_table(SETTINGS).and_where(Expr::col("name").eq(USER_MODEL));
    db.execute(&query).await.map(drop)
}

async fn exists(db: &Database, table: &str) -> Result<bool> {
    let found = db.fetch_optional(&catalogue(db.dialect(), table), |_| Ok(())).await?;
    Ok(found.is_some())
}

fn catalogue(dialect: Dialect, table: &str) -> SelectStatement {
    let mut query = Query::select();
    query.expr(Expr::cust("1"));
    match dialect {
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite => query.from("sqlite_master").and_where(Expr::col("name").eq(table)),
        #[cfg(feature = "postgres")]
        Dialect::Postgres => query
            .from(("information_schema", "tables"))
            .and_where(Expr::cust("table_schema = current_schema()"))
            .and_where(Expr::col("table_name").eq(table)),
    };
    query
}
