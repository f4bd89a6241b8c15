//! Loaded sessions in a Redis server that may be away.
//!
//! Who finds no session in its place puts a promise there, reads the database, and fills the place if the promise still stands.
//! Who changes a session in the database empties its place afterwards, which breaks promises: so nobody fills it with
//! what was read before.

use super::entry::Entry;
use super::trust::Trust;
use crate::error::Result;
use crate::redis_server::RedisServer;
use crate::sessions::store::Loaded;
use crate::settings::Settings;
use crate::signing;
use chrono::{DateTime, Utc};
use redis::{Script, ScriptInvocation};
use std::sync::LazyLock;

/// Milliseconds that a session stays at most; whatever goes wrong ends with that.
const STAY: i64 = 60_000;
/// Milliseconds that a promise holds.
const PROMISE: i64 = 5_000;
/// Milliseconds that a closed place stays closed: no promise of before is left then, and nothing that was filled by one.
pub(super) const CLOSED: i64 = STAY + PROMISE;

/// What stands in a closed place: it is not filled.
const CLOSED_MARK: &str = "-";

static LOAD: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("load.lua")));
static FILL: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("fill.lua")));
static REMOVE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("remove.lua")));
static CLOSE: LazyLock<Script> =
    LazyLock::new(|| Script::new("redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])"));

pub(super) struct Cache {
    server: RedisServer,
    prefix: String,
    trust: Trust,
}

/// What is in a session's place.
pub(super) enum Found {
    Session(Box<Loaded>),
    /// Nothing; it is ours to fill by this promise.
    Promise(String),
    /// Nothing that can be used, and it is not ours to fill.
    Nothing,
}

impl Cache {
    pub(super) fn of(settings: &Settings) -> Result<Self> {
        let prefix = settings.session_redis_prefix.clone();
        Ok(Self { server: RedisServer::of(settings)?, prefix, trust: Trust::default() })
    }

    pub(super) async fn load(&self, id: &str) -> Found {
        if !self.trust.is_given() {
            return Found::Nothing;
        }
        let promise = format!("?{}", signing::random_string(16, signing::ALPHANUMERIC));
        let mut call = self.call(&LOAD, id);
        call.arg(&promise).arg(PROMISE);
        match self.server.run::<Option<Vec<u8>>>(&call).await {
            Ok(Some(bytes)) => {
                Entry::read(&bytes).map_or(Found::Nothing, |loaded| Found::Session(loaded.into()))
            }
            Ok(None) => Found::Promise(promise),
            Err(error) => {
                self.trust.after_a_failed_read(&error);
                Found::Nothing
            }
        }
    }

    /// Keeps a session that was read after the promise, until it ends at most.
    pub(super) async fn fill(&self, id: &str, promise: &str, loaded: &Loaded, end: DateTime<Utc>) {
        let stay = (end - Utc::now()).num_milliseconds().min(STAY);
        let Some(entry) = Entry::text(loaded).filter(|_| stay > 0) else { return };
        let mut call = self.call(&FILL, id);
        call.arg(promise).arg(entry).arg(stay);
        if let Err(error) = self.server.run::<()>(&call).await {
            self.trust.after_a_failed_read(&error);
        }
    }

    /// Empties the place of a session that has changed.
    pub(super) async fn remove(&self, id: &str) {
        let mut call = self.call(&REMOVE, id);
        call.arg(CLOSED_MARK);
        self.change(&call).await;
    }

    /// Keeps the place of a session empty that has ended, or is about to change.
    pub(super) async fn close(&self, id: &str) {
        let mut call = self.call(&CLOSE, id);
        call.arg(CLOSED_MARK).arg(CLOSED);
        self.change(&call).await;
    }

    /// Where that fails, what is in Redis may be of yesterday.
    async fn change(&self, call: &ScriptInvocation<'_>) {
        if let Err(error) = self.server.run::<()>(call).await {
            self.trust.after_a_failed_change(&error);
        }
    }

    fn call(&self, script: &'static Script, id: &str) -> ScriptInvocation<'static> {
        script.key(format!("{}cached_session:{id}", self.prefix))
    }
}
