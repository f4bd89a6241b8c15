//! Sessions in the site's database. The key is kept as its hash: a stolen copy of the table signs nobody in.

use super::USER_ID;
use super::store::{Changes, Companion, Loaded, Origin, SessionStore};
use crate::Model;
use crate::db::schema::Kind;
use crate::db::{Database, Dialect, Prepared, Row};
use crate::error::{Error, Result};
use crate::signing;
use chrono::{DateTime, Duration, Utc};
use futures_util::future::BoxFuture;
use sea_query::{Expr, ExprTrait, JoinType, Query, SelectStatement};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::sync::{Arc, OnceLock};

/// A row of `sessions_session`.
#[derive(Clone, Debug, Model)]
#[model(app = "sessions", table = "sessions_session")]
pub(super) struct SessionRow {
    /// SHA-256 of the cookie's value, in hexadecimal.
    #[model(primary_key, max_length = 64)]
    pub key_hash: String,
    /// The signed-in user's key, as text.
    #[model(max_length = 255, index)]
    pub user_id: Option<String>,
    /// What the session holds, as JSON.
    pub data: String,
    /// Counts the saves.
    pub version: i64,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was last used.
    pub last_seen_at: DateTime<Utc>,
    /// When it ends.
    #[model(index)]
    pub expire_date: DateTime<Utc>,
    /// The browser's name for itself.
    #[model(max_length = 200)]
    pub user_agent: String,
    /// The visitor's address.
    #[model(max_length = 64)]
    pub address: String,
}

/// Sessions in the table `sessions_session`.
#[derive(Clone, Debug)]
pub struct DatabaseStore {
    db: Database,
    joined: JoinedText,
}

/// The text of the query for a session and its companion: the same for all requests of a site, so built once.
pub(super) type JoinedText = Arc<OnceLock<Arc<str>>>;

impl DatabaseStore {
    /// A store in this database.
    pub fn new(db: Database) -> Self {
        Self::with_text(db, JoinedText::default())
    }

    pub(super) fn with_text(db: Database, joined: JoinedText) -> Self {
        Self { db, joined }
    }

    /// Replaces a value in all sessions of a user that hold it.
    pub async fn replace_value(&self, user_id: &str, name: &str, old: &str, new: &str) -> Result<()> {
        let rows = SessionRow::objects(&self.db).filter(SessionRow::USER_ID.eq(user_id)).all().await?;
        for row in rows {
            self.replace_in(row, name, old, new).await?;
        }
        Ok(())
    }

    /// Tries again on top of what another request has saved meanwhile.
    async fn replace_in(&self, mut row: SessionRow, name: &str, old: &str, new: &str) -> Result<()> {
        loop {
            let mut data = decode(&row.data);
            if data.get(name).and_then(Value::as_str) != Some(old) {
                return Ok(());
            }
            data.insert(name.to_owned(), new.into());
            let this =
                || SessionRow::objects(&self.db).filter(SessionRow::KEY_HASH.eq(row.key_hash.as_str()));
            let (text, version) = (serde_json::to_string(&data)?, SessionRow::VERSION.set(row.version + 1));
            let seen = this().filter(SessionRow::VERSION.eq(row.version));
            if seen.update([SessionRow::DATA.set(text), version]).await? == 1 {
                return Ok(());
            }
            let Some(now) = this().first().await? else { return Ok(()) };
            row = now;
        }
    }

    async fn load_row(&self, key: &str, companion: Option<&Companion>) -> Result<Option<Loaded>> {
        let Some(companion) = companion else {
            return self.db.fetch_optional(&select_living(key), |row| read(row, None)).await;
        };
        let text = self.joined.get_or_init(|| {
            let mut statement = select_living(key);
            join(&mut statement, companion, self.db.dialect());
            Prepared::text(&statement, self.db.dialect())
        });
        let statement = Prepared::new(Arc::clone(text), vec![hash(key).into(), Utc::now().into()]);
        self.db.fetch_optional(&statement, |row| read(row, Some(companion))).await
    }

    async fn insert(
        &self,
        replaces: Option<&str>,
        changes: &Changes,
        origin: &Origin,
        age: i64,
    ) -> Result<String> {
        let key = signing::random_string(32, signing::LOWER_ALPHANUMERIC);
        let Some(old) = replaces else {
            new_row(&key, changes.apply(Map::new()), origin, age)?.create(&self.db).await?;
            return Ok(key);
        };
        let replace = async |db: Database| {
            let data = locked(&db, old).await?.ok_or(Error::SessionInterrupted)?.data;
            SessionRow::objects(&db).filter(SessionRow::KEY_HASH.eq(hash(old))).delete().await?;
            new_row(&key, changes.apply(data), origin, age)?.create(&db).await
        };
        self.db.transaction(replace).await?;
        Ok(key)
    }

    /// In one statement if nobody else has saved since this request read the session; otherwise on top of what they did.
    async fn apply(&self, key: &str, seen: Option<&Loaded>, changes: &Changes, age: i64) -> Result<bool> {
        if let Some(seen) = seen
            && write(&self.db, key, seen, changes, age).await?
        {
            return Ok(true);
        }
        self.db
            .transaction(async |db| match locked(&db, key).await? {
                Some(current) => write(&db, key, &current, changes, age).await,
                None => Ok(false),
            })
            .await
    }
}

impl SessionStore for DatabaseStore {
    fn load_with<'a>(
        &'a self,
        key: &'a str,
        companion: Option<&'a Companion>,
    ) -> BoxFuture<'a, Result<Option<Loaded>>> {
        Box::pin(self.load_row(key, companion))
    }

    fn create<'a>(
        &'a self,
        replaces: Option<&'a str>,
        changes: &'a Changes,
        origin: &'a Origin,
        age: i64,
    ) -> BoxFuture<'a, Result<String>> {
        Box::pin(self.insert(replaces, changes, origin, age))
    }

    fn update<'a>(
        &'a self,
        key: &'a str,
        seen: Option<&'a Loaded>,
        changes: &'a Changes,
        age: i64,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(self.apply(key, seen, changes, age))
    }

    fn delete<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<()>> {
        let query = SessionRow::objects(&self.db).filter(SessionRow::KEY_HASH.eq(hash(key)));
        Box::pin(async move { query.delete().await.map(drop) })
    }

    fn clear_expired(&self) -> BoxFuture<'_, Result<u64>> {
        Box::pin(SessionRow::objects(&self.db).filter(SessionRow::EXPIRE_DATE.lt(Utc::now())).delete())
    }
}

fn hash(key: &str) -> String {
    signing::hex(&Sha256::digest(key))
}

fn select_living(key: &str) -> SelectStatement {
    let column = |name| Expr::col((SessionRow::TABLE, name));
    let mut statement = Query::select();
    statement
        .columns([(SessionRow::TABLE, "data"), (SessionRow::TABLE, "version")])
        .from(SessionRow::TABLE)
        .and_where(column("key_hash").eq(hash(key)))
        .and_where(column("expire_date").gt(Utc::now()));
    statement
}

/// The session as it is now, held against other writers until the transaction ends.
async fn locked(db: &Database, key: &str) -> Result<Option<Loaded>> {
    let mut statement = select_living(key);
    statement.lock_exclusive();
    db.fetch_optional(&statement, |row| read(row, None)).await
}

fn join(statement: &mut SelectStatement, companion: &Companion, dialect: Dialect) {
    let key = Expr::col(("companion", companion.key));
    // As text: the values of the statement are those of `select_living` alone.
    let found = Expr::cust(format!(r#"CASE WHEN "companion"."{}" IS NULL THEN 0 ELSE 1 END"#, companion.key));
    statement.expr_as(found, "found").columns(companion.columns.iter().map(|name| ("companion", *name)));
    let user_id = Expr::cust(user_id_as(companion.kind, dialect));
    statement.join_as(JoinType::LeftJoin, companion.table, "companion", key.eq(user_id));
}

/// The text of the session's user id, in the type of the user's key. At text that is none PostgreSQL would fail, and MySQL
/// take the digits that it begins with.
fn user_id_as(kind: Kind, dialect: Dialect) -> &'static str {
    match (kind, dialect) {
        #[cfg(feature = "postgres")]
        (Kind::SmallInt | Kind::Integer | Kind::BigInt, Dialect::Postgres) => {
            r#"CASE WHEN "sessions_session"."user_id" ~ '^[0-9]{1,18}$' THEN CAST("sessions_session"."user_id" AS bigint) END"#
        }
        #[cfg(feature = "postgres")]
        (Kind::Uuid, Dialect::Postgres) => {
            r#"CASE WHEN "sessions_session"."user_id" ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN CAST("sessions_session"."user_id" AS uuid) END"#
        }
        #[cfg(feature = "sqlite")]
        (Kind::SmallInt | Kind::Integer | Kind::BigInt, Dialect::Sqlite) => {
            r#"CAST("sessions_session"."user_id" AS bigint)"#
        }
        #[cfg(feature = "sqlite")]
        (Kind::Uuid, Dialect::Sqlite) => UUID_TEXT,
        #[cfg(feature = "mysql")]
        (Kind::SmallInt | Kind::Integer | Kind::BigInt, Dialect::MySql) => {
            r#"CASE WHEN "sessions_session"."user_id" REGEXP '^[0-9]{1,18}$' THEN CAST("sessions_session"."user_id" AS signed) END"#
        }
        #[cfg(feature = "mysql")]
        (Kind::Uuid, Dialect::MySql) => UUID_TEXT,
        _ => r#""sessions_session"."user_id""#,
    }
}

/// Where a UUID is kept as its 32 digits.
#[cfg(any(feature = "sqlite", feature = "mysql"))]
const UUID_TEXT: &str = r#"replace("sessions_session"."user_id", '-', '')"#;

fn read(row: &Row<'_>, companion: Option<&Companion>) -> sqlx::Result<Loaded> {
    let data = decode(&row.get::<String>("data")?);
    let companion = match companion {
        Some(companion) if row.get::<i64>("found")? == 1 => Some((companion.read)(&row.from(3))?),
        _ => None,
    };
    Ok(Loaded { data, version: row.get("version")?, companion })
}

/// Text that is no JSON object reads as an empty session, as in Django, and is logged.
fn decode(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap_or_else(|error| {
        tracing::warn!("a session's data cannot be read and counts as empty: {error}");
        Map::new()
    })
}

fn new_row(key: &str, data: Map<String, Value>, origin: &Origin, age: i64) -> Result<SessionRow> {
    let now = Utc::now();
    Ok(SessionRow {
        key_hash: hash(key),
        user_id: user_id(&data),
        data: serde_json::to_string(&data)?,
        version: 1,
        created_at: now,
        last_seen_at: now,
        expire_date: now + Duration::seconds(age),
        user_agent: origin.user_agent.clone(),
        address: origin.address.clone(),
    })
}

/// Writes the changes unless someone else has saved since `seen`; says whether it did.
async fn write(db: &Database, key: &str, seen: &Loaded, changes: &Changes, age: i64) -> Result<bool> {
    let data = changes.apply(seen.data.clone());
    let now = Utc::now();
    let user_id =
        user_id(&data).map_or_else(|| SessionRow::USER_ID.set_null(), |id| SessionRow::USER_ID.set(id));
    let rows = SessionRow::objects(db)
        .filter(SessionRow::KEY_HASH.eq(hash(key)) & SessionRow::VERSION.eq(seen.version))
        .update([
            user_id,
            SessionRow::DATA.set(serde_json::to_string(&data)?),
            SessionRow::VERSION.set(seen.version + 1),
            SessionRow::LAST_SEEN_AT.set(now),
            SessionRow::EXPIRE_DATE.set(now + Duration::seconds(age)),
        ])
        .await?;
    Ok(rows == 1)
}

fn user_id(data: &Map<String, Value>) -> Option<String> {
    match data.get(USER_ID)? {
        Value::String(id) => Some(id.clone()),
        other => Some(other.to_string()),
    }
}
