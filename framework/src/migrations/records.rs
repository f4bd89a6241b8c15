//! What a database remembers about its migrations: which are applied, and who its users were at first.

use super::schema;
use super::user::UserTable;
use crate::db::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use crate::db::{Database, Dialect};
use crate::error::{Error, Result};

const MIGRATIONS: &str = "nuages_migrations";
const SETTINGS: &str = "nuages_settings";
const USER_MODEL: &str = "user_model";
const HALF_DONE: &str = "half_done";
const SWAPPED: &str = "users_came_from";

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
    setting(db, USER_MODEL).await
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
                "put `{recorded}` back in `AuthUserModel`, or move the users with `swapuser {recorded} {now}`; nothing was touched"
            ),
        )
    })
}

/// Refuses another user model than the one that the database was first migrated with, unless migrations lead from it.
pub(super) async fn check_user_model(
    db: &Database,
    user: Option<&UserTable>,
    leads_from: impl Fn(&str) -> bool,
) -> Result<()> {
    let recorded = user_model(db).await?.filter(|label| !leads_from(label));
    match user_model_problem(recorded.as_deref(), user) {
        Some((problem, remedy)) => Err(Error::Refused(format!("{problem}; {remedy}"))),
        None => Ok(()),
    }
}

/// Makes the tables that remember, if they are not there. Call it under the lock.
pub(super) async fn prepare(db: &Database) -> Result<()> {
    let moment = schema::moment_type(db.dialect());
    let migrations = format!(
        "app varchar(255) NOT NULL, name varchar(255) NOT NULL, checksum varchar(64) NOT NULL, \
         applied_at {moment} NOT NULL, PRIMARY KEY (app, name)"
    );
    make(db, MIGRATIONS, &migrations).await?;
    make(db, SETTINGS, "name varchar(100) NOT NULL PRIMARY KEY, value text NOT NULL").await
}

/// Asks first: on MySQL even a `CREATE TABLE` that does nothing commits what came before.
async fn make(db: &Database, table: &str, columns: &str) -> Result<()> {
    if exists(db, table).await? {
        return Ok(());
    }
    let options = schema::table_options(db.dialect());
    db.execute_sql(&format!("CREATE TABLE {table} ({columns}){options}")).await
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
    match (user, user_model(db).await?) {
        (Some(user), None) => set_user_model(db, user).await,
        _ => Ok(()),
    }
}

/// The users are those of another model from now on.
pub(super) async fn set_user_model(db: &Database, user: &UserTable) -> Result<()> {
    set(db, USER_MODEL, &user.label()).await
}

/// Remembers that the users of a table were moved, or forgets it.
pub(super) async fn remember_swap(db: &Database, table: &str, is_undone: bool) -> Result<()> {
    match is_undone {
        false => set(db, SWAPPED, table).await,
        true => delete(db, SWAPPED).await,
    }
}

/// Whether the users came from this table.
pub(super) async fn was_swapped(db: &Database, table: &str) -> Result<bool> {
    Ok(setting(db, SWAPPED).await?.as_deref() == Some(table))
}

/// What was begun and has not ended. Only reads.
pub(super) async fn half_done(db: &Database) -> Result<Option<String>> {
    if !exists(db, SETTINGS).await? {
        return Ok(None);
    }
    setting(db, HALF_DONE).await
}

/// Remembers what is begun.
pub(super) async fn set_half_done(db: &Database, what: &str) -> Result<()> {
    set(db, HALF_DONE, what).await
}

/// Remembers that it has ended.
pub(super) async fn forget_half_done(db: &Database) -> Result<()> {
    delete(db, HALF_DONE).await
}

async fn set(db: &Database, name: &str, value: &str) -> Result<()> {
    delete(db, name).await?;
    let mut query = Query::insert();
    query.into_table(SETTINGS).columns(["name", "value"]).values_panic([name.into(), value.into()]);
    db.execute(&query).await.map(drop)
}

async fn delete(db: &Database, name: &str) -> Result<()> {
    let mut query = Query::delete();
    query.from_table(SETTINGS).and_where(Expr::col("name").eq(name));
    db.execute(&query).await.map(drop)
}

async fn setting(db: &Database, name: &str) -> Result<Option<String>> {
    let query = Query::select().column("value").from(SETTINGS).and_where(Expr::col("name").eq(name)).take();
    db.fetch_optional(&query, |row| row.get("value")).await
}

/// Forgets the user model; its table is gone.
pub(super) async fn forget_user_model(db: &Database) -> Result<()> {
    delete(db, USER_MODEL).await
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
        #[cfg(feature = "mysql")]
        Dialect::MySql => query
            .from(("information_schema", "tables"))
            .and_where(Expr::cust("table_schema = database()"))
            .and_where(Expr::col("table_name").eq(table)),
    };
    query
}
