//! Sessions in Django's table and Django's form, shared with a Django beside this site.
//!
//! The key stands in the table as it is, and a Django that saves a session at the same time writes over what we have saved:
//! that is how Django does it.

use super::changes::Changes;
use super::companion::Companion;
use super::expiry::Lifetime;
use super::store::{Loaded, Origin, SessionInfo, SessionStore, Version, new_key, public_id, user_id};
use crate::Model;
use crate::db::{Database, QuerySet};
use crate::error::{Error, Result};
use crate::migrations::Migration;
use crate::settings::Settings;
use crate::signing::Signer;
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use serde_json::{Map, Value};

const SALT: &str = "django.contrib.sessions.SessionStore";

/// A row of `django_session`.
#[derive(Clone, Debug, Model)]
#[model(app = "django_sessions", table = "django_session", default_permissions())]
pub(super) struct DjangoSession {
    /// The cookie's value.
    #[model(primary_key, max_length = 40)]
    pub session_key: String,
    /// What the session holds, signed.
    pub session_data: String,
    /// When it ends.
    #[model(index)]
    pub expire_date: DateTime<Utc>,
}

/// The table, for a site that has no Django beside it yet.
pub(super) fn migrations() -> Vec<Migration> {
    vec![Migration::new("0001_initial").create_table("django_session", |table| {
        table.text("session_key").max_length(40).primary_key();
        table.text("session_data");
        table.datetime("expire_date").index();
    })]
}

/// Sessions in the table `django_session`.
pub struct DjangoStore {
    db: Database,
    lifetime: Lifetime,
    signer: Signer,
}

impl DjangoStore {
    /// A store in this database, signed with the keys of the settings, which are those of the Django beside.
    pub fn new(db: Database, settings: &Settings) -> Self {
        Self { db, lifetime: Lifetime::of(settings), signer: Signer::new(settings.keys(), SALT) }
    }

    fn living(db: &Database, key: &str) -> QuerySet<DjangoSession> {
        DjangoSession::objects(db)
            .filter(DjangoSession::SESSION_KEY.eq(key) & DjangoSession::EXPIRE_DATE.gt(Utc::now()))
    }

    fn loaded(&self, row: DjangoSession) -> Loaded {
        let (data, now) = (self.decode(&row.session_data), Utc::now());
        // The row says when the session ends; it was saved as long before that as it would live from now on.
        let seen_at = now - (self.lifetime.end(&data, None, now) - row.expire_date);
        Loaded { data, version: Version::Text(row.session_data), created_at: None, seen_at, companion: None }
    }

    /// Data that nobody of ours has signed read as an empty session, as in Django, and are logged.
    fn decode(&self, text: &str) -> Map<String, Value> {
        self.signer.loads(text, None, Utc::now()).unwrap_or_else(|error| {
            tracing::warn!("a session's data cannot be read and counts as empty: {error}");
            Map::new()
        })
    }

    fn row(&self, key: &str, data: &Map<String, Value>) -> Result<DjangoSession> {
        let now = Utc::now();
        Ok(DjangoSession {
            session_key: key.to_owned(),
            session_data: self.signer.dumps_compressed(data, now)?,
            expire_date: self.lifetime.end(data, None, now),
        })
    }

    async fn insert(&self, replaces: Option<&str>, changes: &Changes) -> Result<String> {
        let key = new_key();
        let Some(old) = replaces else {
            self.row(&key, &changes.apply(Map::new())?)?.create(&self.db).await?;
            return Ok(key);
        };
        let replace = async |db: Database| {
            let row = Self::living(&db, old).select_for_update().first().await?;
            let before = self.loaded(row.ok_or(Error::SessionInterrupted)?);
            DjangoSession::objects(&db).filter(DjangoSession::SESSION_KEY.eq(old)).delete().await?;
            self.row(&key, &changes.apply(before.data)?)?.create(&db).await
        };
        self.db.transaction(replace).await?;
        Ok(key)
    }

    /// In one statement if nobody else has saved since this request read the session; otherwise on top of what they did.
    async fn apply(&self, key: &str, seen: Option<&Loaded>, changes: &Changes) -> Result<bool> {
        if let Some(seen) = seen
            && self.write(&self.db, key, seen, changes).await?
        {
            return Ok(true);
        }
        let again = async |db: Database| match Self::living(&db, key).select_for_update().first().await? {
            Some(row) => self.write(&db, key, &self.loaded(row), changes).await,
            None => Ok(false),
        };
        self.db.transaction(again).await
    }

    /// Writes the changes unless someone else has saved since `seen`; says whether it did.
    async fn write(&self, db: &Database, key: &str, seen: &Loaded, changes: &Changes) -> Result<bool> {
        let Version::Text(before) = &seen.version else { return Ok(false) };
        let row = self.row(key, &changes.apply(seen.data.clone())?)?;
        let rows = DjangoSession::objects(db)
            .filter(DjangoSession::SESSION_KEY.eq(key) & DjangoSession::SESSION_DATA.eq(before.as_str()))
            .update([
                DjangoSession::SESSION_DATA.set(row.session_data),
                DjangoSession::EXPIRE_DATE.set(row.expire_date),
            ])
            .await?;
        Ok(rows == 1)
    }

    /// Every living session is looked into: Django keeps no list by users.
    async fn rows_of(&self, user: &str) -> Result<Vec<(DjangoSession, Loaded)>> {
        let living = DjangoSession::objects(&self.db).filter(DjangoSession::EXPIRE_DATE.gt(Utc::now()));
        let all = living.all().await?.into_iter().map(|row| (row.clone(), self.loaded(row)));
        let mut rows: Vec<_> =
            all.filter(|(_, loaded)| user_id(&loaded.data).as_deref() == Some(user)).collect();
        rows.sort_by_key(|(_, loaded)| std::cmp::Reverse(loaded.seen_at));
        Ok(rows)
    }
}

impl SessionStore for DjangoStore {
    fn load<'a>(&'a self, key: &'a str, _: Option<&'a Companion>) -> BoxFuture<'a, Result<Option<Loaded>>> {
        Box::pin(async move { Ok(Self::living(&self.db, key).first().await?.map(|row| self.loaded(row))) })
    }

    fn create<'a>(
        &'a self,
        replaces: Option<&'a str>,
        changes: &'a Changes,
        _: &'a Origin,
    ) -> BoxFuture<'a, Result<String>> {
        Box::pin(self.insert(replaces, changes))
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
        let query = DjangoSession::objects(&self.db).filter(DjangoSession::SESSION_KEY.eq(key));
        Box::pin(async move { query.delete().await.map(drop) })
    }

    fn clear_expired(&self) -> BoxFuture<'_, Result<u64>> {
        let expired = DjangoSession::objects(&self.db).filter(DjangoSession::EXPIRE_DATE.lt(Utc::now()));
        Box::pin(expired.delete_in_batches())
    }

    fn lifetime(&self) -> Lifetime {
        self.lifetime
    }

    fn of_user<'a>(&'a self, user_id: &'a str) -> BoxFuture<'a, Result<Vec<SessionInfo>>> {
        Box::pin(async move {
            Ok(self.rows_of(user_id).await?.into_iter().map(|(row, loaded)| info(row, &loaded)).collect())
        })
    }

    fn end<'a>(&'a self, user_id: &'a str, id: &'a str) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let rows = self.rows_of(user_id).await?;
            let Some((row, _)) = rows.into_iter().find(|(row, _)| public_id(&row.session_key) == id) else {
                return Ok(false);
            };
            self.delete(&row.session_key).await.map(|()| true)
        })
    }
}

fn info(row: DjangoSession, loaded: &Loaded) -> SessionInfo {
    SessionInfo {
        id: public_id(&row.session_key),
        created_at: None,
        last_seen_at: loaded.seen_at,
        expires_at: row.expire_date,
        origin: Origin::default(),
    }
}
