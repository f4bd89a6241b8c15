//! Sessions in the site's database, with a Redis server in front that answers for it.

mod cache;
mod entry;
mod trust;

use super::changes::Changes;
use super::companion::Companion;
use super::database::DatabaseStore;
use super::expiry::Lifetime;
use super::store::{Loaded, Origin, SessionInfo, SessionStore, public_id};
use crate::db::Database;
use crate::error::Result;
use crate::settings::Settings;
use cache::{Cache, Found};
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;

/// Sessions in the table `sessions_session`, with a Redis server in front that answers for it, for up to a minute each.
///
/// The database is what counts: every change is made there first, and Redis may be lost at any moment without losing a session or
/// failing a page. A session that was changed or ended is taken out of Redis before the answer is sent, and nobody can
/// put back what they have read before; so logging out is at once, on all servers of the site.
///
/// Three things can bring back an old state, for about a minute at most: a process that is killed between the database's answer
/// and Redis'; a process that cannot reach Redis while others can (it reads the database alone meanwhile, but the
/// others do not know of its changes); and a Redis that comes back with what it held some seconds before. Rows that somebody
/// changes past this store are seen after a minute as well.
///
/// The user's row is not kept in Redis: where the session comes from there, the user is a query as ever.
pub struct CachedDatabaseStore {
    database: DatabaseStore,
    cache: Cache,
}

impl CachedDatabaseStore {
    /// A store in this database, with the Redis server of `redis_url` in front, under `session_redis_prefix`.
    ///
    /// # Errors
    /// [`Error::NotReady`](crate::Error::NotReady) if the URL is missing or wrong.
    pub fn new(db: Database, settings: &Settings) -> Result<Self> {
        let database = DatabaseStore::new(db, Lifetime::of(settings));
        Ok(Self { database, cache: Cache::of(settings)? })
    }

    async fn load_first(&self, key: &str, companion: Option<&Companion>) -> Result<Option<Loaded>> {
        let id = public_id(key);
        let found = self.cache.load(&id).await;
        if let Found::Session(loaded) = found {
            return Ok(Some(*loaded).filter(|loaded| self.end(loaded) > Utc::now()));
        }
        let loaded = self.database.load(key, companion).await?;
        if let (Found::Promise(promise), Some(loaded)) = (found, &loaded) {
            self.cache.fill(&id, &promise, loaded, self.end(loaded)).await;
        }
        Ok(loaded)
    }

    fn end(&self, loaded: &Loaded) -> DateTime<Utc> {
        self.database.lifetime().end(&loaded.data, loaded.created_at, loaded.seen_at)
    }
}

// Where the database fails, nobody knows what has become of the session there: its place in Redis is emptied in any case.
impl SessionStore for CachedDatabaseStore {
    fn load<'a>(
        &'a self,
        key: &'a str,
        companion: Option<&'a Companion>,
    ) -> BoxFuture<'a, Result<Option<Loaded>>> {
        Box::pin(self.load_first(key, companion))
    }

    fn create<'a>(
        &'a self,
        replaces: Option<&'a str>,
        changes: &'a Changes,
        origin: &'a Origin,
    ) -> BoxFuture<'a, Result<String>> {
        Box::pin(async move {
            let outcome = self.database.create(replaces, changes, origin).await;
            if let Some(old) = replaces {
                self.cache.close(&public_id(old)).await;
            }
            outcome
        })
    }

    fn update<'a>(
        &'a self,
        key: &'a str,
        seen: Option<&'a Loaded>,
        changes: &'a Changes,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let outcome = self.database.update(key, seen, changes).await;
            self.cache.remove(&public_id(key)).await;
            outcome
        })
    }

    fn delete<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let outcome = self.database.delete(key).await;
            self.cache.close(&public_id(key)).await;
            outcome
        })
    }

    fn clear_expired(&self) -> BoxFuture<'_, Result<u64>> {
        self.database.clear_expired()
    }

    fn lifetime(&self) -> Lifetime {
        self.database.lifetime()
    }

    fn of_user<'a>(&'a self, user_id: &'a str) -> BoxFuture<'a, Result<Vec<SessionInfo>>> {
        self.database.of_user(user_id)
    }

    fn end<'a>(&'a self, user_id: &'a str, id: &'a str) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let outcome = self.database.end(user_id, id).await;
            // An id that is none of the user's may be another's.
            if !matches!(outcome, Ok(false)) {
                self.cache.close(id).await;
            }
            outcome
        })
    }

    /// Nobody says here when the transaction ends: until it must have, these sessions are read from the database.
    fn replace_value<'a>(
        &'a self,
        transaction: &'a Database,
        user_id: &'a str,
        name: &'a str,
        old: &'a str,
        new: &'a str,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for id in DatabaseStore::ids_of(transaction, user_id).await? {
                self.cache.close(&id).await;
            }
            self.database.replace_value(transaction, user_id, name, old, new).await
        })
    }
}
