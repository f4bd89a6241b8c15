//! Sessions in a Redis server. The key is kept as its hash: a stolen copy of what Redis holds signs nobody in.
//!
//! A session is a hash, `nuages:session:<public id>`, which Redis takes away when the session ends; `nuages:user:<key>` are the
//! sessions of a user. Every save is one script, so that no other comes between its look and its write.

mod record;

use super::changes::Changes;
use super::companion::Companion;
use super::expiry::Lifetime;
use super::store::{Loaded, Origin, SessionInfo, SessionStore, new_key, public_id};
use crate::db::Database;
use crate::error::{Error, Result};
use crate::redis_server::RedisServer;
use crate::settings::Settings;
use chrono::Utc;
use futures_util::future::BoxFuture;
use record::{Fields, Record, version_text};
use redis::{Script, ScriptInvocation};
use serde_json::{Map, Value};
use std::cmp::Reverse;
use std::sync::LazyLock;

type Data = Map<String, Value>;

/// So often a save begins again because somebody else has saved meanwhile.
const ATTEMPTS: usize = 1000;

macro_rules! script {
    ($file:literal) => {
        LazyLock::new(|| Script::new(concat!(include_str!("redis/common.lua"), include_str!($file))))
    };
}

static LOAD: LazyLock<Script> = script!("redis/load.lua");
static SAVE: LazyLock<Script> = script!("redis/save.lua");
static REMOVE: LazyLock<Script> = script!("redis/remove.lua");
static OF_USER: LazyLock<Script> = script!("redis/of_user.lua");

/// Sessions in a Redis server (5 or later; no cluster), shared by all sites that name the same prefix.
///
/// Sessions are as safe as what Redis holds: one that writes nothing to a disk forgets them when it restarts, and one that
/// is told to make room (`maxmemory-policy`) may do so at the cost of sessions; `noeviction` does not. While
/// the server is away, pages that need the session answer 503, and the others as ever.
///
/// A password's new hash, which goes into a user's sessions beside the database's transaction, stays there if that is rolled
/// back: the user then signs in again.
pub struct RedisStore {
    server: RedisServer,
    prefix: String,
    lifetime: Lifetime,
}

impl RedisStore {
    /// A store in the Redis server of `redis_url`, under `session_redis_prefix`. It connects when it is first used.
    ///
    /// # Errors
    /// [`Error::NotReady`] if the URL is missing or wrong.
    pub fn new(settings: &Settings) -> Result<Self> {
        let prefix = settings.session_redis_prefix.clone();
        Ok(Self { server: RedisServer::of(settings)?, prefix, lifetime: Lifetime::of(settings) })
    }

    fn call(&self, script: &'static Script, arguments: &[&str]) -> ScriptInvocation<'static> {
        let mut call = script.arg(&self.prefix);
        call.arg(arguments);
        call
    }

    async fn read(&self, id: &str) -> Result<Option<Loaded>> {
        let fields: Option<Fields> = self.server.run(&self.call(&LOAD, &[id])).await?;
        Ok(fields.map(|fields| Record::read(fields).loaded()))
    }

    async fn insert(&self, replaces: Option<&str>, changes: &Changes, origin: &Origin) -> Result<String> {
        let key = new_key();
        let id = public_id(&key);
        match replaces {
            Some(old) => self.follow(&public_id(old), &id, changes, origin).await?,
            None => {
                let record = Record::first(changes.apply(Map::new())?, None, origin);
                let call = self.save("", "", &id, &record, record.fields()?);
                self.server.run::<String>(&call).await?;
            }
        }
        Ok(key)
    }

    /// Ends a session, and makes another of what it holds, in one step.
    async fn follow(&self, old: &str, new: &str, changes: &Changes, origin: &Origin) -> Result<()> {
        for _ in 0..ATTEMPTS {
            let before = self.read(old).await?.ok_or(Error::SessionInterrupted)?;
            let record = Record::first(changes.apply(before.data)?, before.created_at, origin);
            let call = self.save(old, &version_text(&before.version), new, &record, record.fields()?);
            match self.server.run_once::<String>(&call).await?.as_str() {
                "saved" => return Ok(()),
                "gone" => return Err(Error::SessionInterrupted),
                _ => {}
            }
        }
        Err(too_many())
    }

    /// Changes a session, on top of what others save meanwhile; `false` if it is gone. No new data: nothing is to be done.
    async fn change(
        &self,
        id: &str,
        seen: Option<&Loaded>,
        change: impl Fn(Data) -> serde_json::Result<Option<Data>>,
    ) -> Result<bool> {
        let mut seen = seen.cloned();
        for _ in 0..ATTEMPTS {
            let before = match seen.take() {
                Some(seen) => seen,
                None => match self.read(id).await? {
                    Some(now) => now,
                    None => return Ok(false),
                },
            };
            let Some(data) = change(before.data.clone())? else { return Ok(true) };
            let record = Record::next(data, &before);
            let call = self.save(id, &version_text(&before.version), id, &record, record.state()?);
            match self.server.run_once::<String>(&call).await?.as_str() {
                "saved" => return Ok(true),
                "gone" => return Ok(false),
                _ => {}
            }
        }
        Err(too_many())
    }

    fn save(
        &self,
        old: &str,
        version: &str,
        new: &str,
        record: &Record,
        fields: Vec<(&'static str, String)>,
    ) -> ScriptInvocation<'static> {
        let now = Utc::now();
        let left = self.lifetime.end(&record.data, record.created_at, now) - now;
        let left = left.num_milliseconds().to_string();
        let mut call = self.call(&SAVE, &[old, version, new, &left, &record.user_id()]);
        call.arg(fields);
        call
    }

    async fn list(&self, user_id: &str) -> Result<Vec<SessionInfo>> {
        let found: Vec<(String, i64, Fields)> = self.server.run(&self.call(&OF_USER, &[user_id])).await?;
        let sessions = found.into_iter().map(|(id, left, fields)| Record::read(fields).info(id, left));
        let mut sessions: Vec<_> = sessions.collect();
        sessions.sort_by_key(|session| Reverse(session.last_seen_at));
        Ok(sessions)
    }
}

impl SessionStore for RedisStore {
    fn load<'a>(&'a self, key: &'a str, _: Option<&'a Companion>) -> BoxFuture<'a, Result<Option<Loaded>>> {
        Box::pin(async move { self.read(&public_id(key)).await })
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
        Box::pin(
            async move { self.change(&public_id(key), seen, |data| changes.apply(data).map(Some)).await },
        )
    }

    fn delete<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<()>> {
        let call = self.call(&REMOVE, &[&public_id(key), ""]);
        Box::pin(async move { self.server.run(&call).await })
    }

    /// Redis has removed them.
    fn clear_expired(&self) -> BoxFuture<'_, Result<u64>> {
        Box::pin(async { Ok(0) })
    }

    fn lifetime(&self) -> Lifetime {
        self.lifetime
    }

    fn of_user<'a>(&'a self, user_id: &'a str) -> BoxFuture<'a, Result<Vec<SessionInfo>>> {
        Box::pin(self.list(user_id))
    }

    fn end<'a>(&'a self, user_id: &'a str, id: &'a str) -> BoxFuture<'a, Result<bool>> {
        let call = self.call(&REMOVE, &[id, user_id]);
        Box::pin(async move { Ok(!user_id.is_empty() && self.server.run_once(&call).await?) })
    }

    fn replace_value<'a>(
        &'a self,
        _: &'a Database,
        user_id: &'a str,
        name: &'a str,
        old: &'a str,
        new: &'a str,
    ) -> BoxFuture<'a, Result<()>> {
        let replace = move |mut data: Data| {
            let value = data.get_mut(name).filter(|value| value.as_str() == Some(old));
            Ok(value.map(|value| *value = new.into()).map(|()| data))
        };
        Box::pin(async move {
            for session in self.list(user_id).await? {
                self.change(&session.id, None, replace).await?;
            }
            Ok(())
        })
    }
}

fn too_many() -> Error {
    Error::Unavailable("too many requests change this session at once; try again".into())
}
