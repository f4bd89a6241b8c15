//! Sessions in the site's database. The key is kept as its hash: a stolen copy of the table signs nobody in.

use super::changes::Changes;
use super::companion::Companion;
use super::expiry::Lifetime;
use super::store::{Loaded, Origin, SessionInfo, SessionStore, Version, decode, new_key, public_id, user_id};
use crate::Model;
use crate::db::{Database, Prepared, QuerySet, Row};
use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use sea_query::{Expr, ExprTrait, Query, SelectStatement};
use serde_json::{Map, Value};
use std::sync::{Arc, OnceLock};

/// A row of `sessions_session`.
#[derive(Clone, Debug, Model)]
#[model(app = "sessions", table = "sessions_session", default_permissions())]
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
pub struct DatabaseStore {
    db: Database,
    lifetime: Lifetime,
    /// The text of the query for a session and its companion: the same for all requests of a site, so built once.
    joined: OnceLock<Arc<str>>,
}

impl DatabaseStore {
    /// A store in this database.
    pub fn new(db: Database, lifetime: Lifetime) -> Self {
        Self { db, lifetime, joined: OnceLock::new() }
    }

    /// What the sessions of a user are called.
    #[cfg(feature = "redis")]
    pub(super) async fn ids_of(db: &Database, user_id: &str) -> Result<Vec<String>> {
        SessionRow::objects(db).filter(SessionRow::USER_ID.eq(user_id)).values(SessionRow::KEY_HASH).await
    }

    /// Tries again on top of what another request has saved meanwhile.
    async fn replace_in(db: &Database, mut row: SessionRow, name: &str, old: &str, new: &str) -> Result<()> {
        loop {
            let mut data = decode(&row.data);
            if data.get(name).and_then(Value::as_str) != Some(old) {
                return Ok(());
            }
            data.insert(name.to_owned(), new.into());
            let this = || SessionRow::objects(db).filter(SessionRow::KEY_HASH.eq(row.key_hash.as_str()));
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
            companion.join(&mut statement, USER_ID_COLUMN, self.db.dialect());
            Prepared::text(&statement, self.db.dialect())
        });
        let statement = Prepared::new(Arc::clone(text), vec![public_id(key).into(), Utc::now().into()]);
        self.db.fetch_optional(&statement, |row| read(row, Some(companion))).await
    }

    async fn insert(&self, replaces: Option<&str>, changes: &Changes, origin: &Origin) -> Result<String> {
        let key = new_key();
        let Some(old) = replaces else {
            let data = changes.apply(Map::new())?;
            self.new_row(&key, data, Utc::now(), origin)?.create(&self.db).await?;
            return Ok(key);
        };
        let replace = async |db: Database| {
            let before = locked(&db, old).await?.ok_or(Error::SessionInterrupted)?;
            SessionRow::objects(&db).filter(SessionRow::KEY_HASH.eq(public_id(old))).delete().await?;
            let (data, begun) = (changes.apply(before.data)?, before.created_at.unwrap_or_else(Utc::now));
            self.new_row(&key, data, begun, origin)?.create(&db).await
        };
        self.db.transaction(replace).await?;
        Ok(key)
    }

    fn new_row(
        &self,
        key: &str,
        data: Map<String, Value>,
        created_at: DateTime<Utc>,
        origin: &Origin,
    ) -> Result<SessionRow> {
        let now = Utc::now();
        Ok(SessionRow {
            key_hash: public_id(key),
            user_id: user_id(&data),
            data: serde_json::to_string(&data)?,
            version: 1,
            created_at,
            last_seen_at: now,
            expire_date: self.lifetime.end(&data, Some(created_at), now),
            user_agent: origin.user_agent.clone(),
            address: origin.address.clone(),
        })
    }

    /// In one statement if nobody else has saved since this request read the session; otherwise on top of what they did.
    async fn apply(&self, key: &str, seen: Option<&Loaded>, changes: &Changes) -> Result<bool> {
        if let Some(seen) = seen
            && self.write(&self.db, key, seen, changes).await?
        {
            return Ok(true);
        }
        self.db
            .transaction(async |db| match locked(&db, key).await? {
                Some(current) => self.write(&db, key, &current, changes).await,
                None => Ok(false),
            })
            .await
    }

    /// Writes the changes unless someone else has saved since `seen`; says whether it did.
    async fn write(&self, db: &Database, key: &str, seen: &Loaded, changes: &Changes) -> Result<bool> {
        let Version::Count(version) = seen.version else { return Ok(false) };
        let now = Utc::now();
        let data = changes.apply(seen.data.clone())?;
        let user_id =
            user_id(&data).map_or_else(|| SessionRow::USER_ID.set_null(), |id| SessionRow::USER_ID.set(id));
        let rows = SessionRow::objects(db)
            .filter(SessionRow::KEY_HASH.eq(public_id(key)) & SessionRow::VERSION.eq(version))
            .update([
                user_id,
                SessionRow::DATA.set(serde_json::to_string(&data)?),
                SessionRow::VERSION.set(version + 1),
                SessionRow::LAST_SEEN_AT.set(now),
                SessionRow::EXPIRE_DATE.set(self.lifetime.end(&data, seen.created_at, now)),
            ])
            .await?;
        Ok(rows == 1)
    }

    fn living_of(&self, user_id: &str) -> QuerySet<SessionRow> {
        SessionRow::objects(&self.db)
            .filter(SessionRow::USER_ID.eq(user_id) & SessionRow::EXPIRE_DATE.gt(Utc::now()))
    }
}

impl SessionStore for DatabaseStore {
    fn load<'a>(
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
    ) -> BoxFuture<'a, Result<String>> {
        Box::pin(self.insert(replaces, changes, origin))
    }

    fn update<'a>(
        &'a self,
        key: &'a str,
        seen: Option<&'a Loaded>,
        changes: &'a Changes,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(self.apply(key, seen, changes))
    }

    fn delete<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<()>> {
        let query = SessionRow::objects(&self.db).filter(SessionRow::KEY_HASH.eq(public_id(key)));
        Box::pin(async move { query.delete().await.map(drop) })
    }

    fn clear_expired(&self) -> BoxFuture<'_, Result<u64>> {
        let expired = SessionRow::objects(&self.db).filter(SessionRow::EXPIRE_DATE.lt(Utc::now()));
        Box::pin(expired.delete_in_batches())
    }

    fn lifetime(&self) -> Lifetime {
        self.lifetime
    }

    fn of_user<'a>(&'a self, user_id: &'a str) -> BoxFuture<'a, Result<Vec<SessionInfo>>> {
        Box::pin(async move {
            let rows = self.living_of(user_id).order_by(SessionRow::LAST_SEEN_AT.desc()).all().await?;
            Ok(rows.into_iter().map(info).collect())
        })
    }

    fn end<'a>(&'a self, user_id: &'a str, id: &'a str) -> BoxFuture<'a, Result<bool>> {
        let query = self.living_of(user_id).filter(SessionRow::KEY_HASH.eq(id));
        Box::pin(async move { Ok(query.delete().await? > 0) })
    }

    fn replace_value<'a>(
        &'a self,
        transaction: &'a Database,
        user_id: &'a str,
        name: &'a str,
        old: &'a str,
        new: &'a str,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let rows = SessionRow::objects(transaction).filter(SessionRow::USER_ID.eq(user_id)).all().await?;
            for row in rows {
                Self::replace_in(transaction, row, name, old, new).await?;
            }
            Ok(())
        })
    }
}

fn info(row: SessionRow) -> SessionInfo {
    SessionInfo {
        id: row.key_hash,
        created_at: Some(row.created_at),
        last_seen_at: row.last_seen_at,
        expires_at: row.expire_date,
        origin: Origin { user_agent: row.user_agent, address: row.address },
    }
}

const USER_ID_COLUMN: &str = r#""sessions_session"."user_id""#;
/// What a session is read from, in order; a companion's columns follow.
const COLUMNS: [&str; 4] = ["data", "version", "created_at", "last_seen_at"];

fn select_living(key: &str) -> SelectStatement {
    let column = |name| Expr::col((SessionRow::TABLE, name));
    let mut statement = Query::select();
    statement
        .columns(COLUMNS.map(|name| (SessionRow::TABLE, name)))
        .from(SessionRow::TABLE)
        .and_where(column("key_hash").eq(public_id(key)))
        .and_where(column("expire_date").gt(Utc::now()));
    statement
}

/// The session as it is now, held against other writers until the transaction ends.
async fn locked(db: &Database, key: &str) -> Result<Option<Loaded>> {
    let mut statement = select_living(key);
    statement.lock_exclusive();
    db.fetch_optional(&statement, |row| read(row, None)).await
}

fn read(row: &Row<'_>, companion: Option<&Companion>) -> sqlx::Result<Loaded> {
    let companion = match companion {
        Some(companion) if row.get::<i64>("found")? == 1 => {
            Some((companion.read)(&row.from(COLUMNS.len() + 1))?)
        }
        _ => None,
    };
    Ok(Loaded {
        data: decode(&row.get::<String>("data")?),
        version: Version::Count(row.get("version")?),
        created_at: Some(row.get("created_at")?),
        seen_at: row.get("last_seen_at")?,
        companion,
    })
}
