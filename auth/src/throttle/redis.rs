//! Attempts in a Redis server, which takes them away itself when they are over.

use super::attempts::{Attempts, Tally};
use nuages::futures_util::future::BoxFuture;
use nuages::redis::Script;
use nuages::{RedisServer, Result, Settings};
use std::sync::LazyLock;
use std::time::Duration;

static ADD: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local count = redis.call('INCR', KEYS[1])
         if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
         return {count, redis.call('PTTL', KEYS[1])}",
    )
});
static TAKE_BACK: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if tonumber(redis.call('GET', KEYS[1]) or '0') > 1 then return redis.call('DECR', KEYS[1]) end
         return redis.call('DEL', KEYS[1])",
    )
});
static FORGET: LazyLock<Script> = LazyLock::new(|| Script::new("return redis.call('DEL', KEYS[1])"));

/// Attempts in the Redis server of `redis_url`, under `session_redis_prefix`.
pub struct RedisAttempts {
    server: RedisServer,
    prefix: String,
}

impl RedisAttempts {
    /// In the server that the settings name. It is connected to when it is first used.
    ///
    /// # Errors
    /// [`nuages::Error::NotReady`] if `redis_url` is missing or wrong.
    pub fn new(settings: &Settings) -> Result<Self> {
        Ok(Self { server: RedisServer::of(settings)?, prefix: settings.session_redis_prefix.clone() })
    }

    fn key(&self, key: &str) -> String {
        format!("{}attempts:{key}", self.prefix)
    }
}

impl Attempts for RedisAttempts {
    fn add<'a>(&'a self, key: &'a str, window: Duration) -> BoxFuture<'a, Result<Tally>> {
        Box::pin(async move {
            let milliseconds = u64::try_from(window.as_millis()).unwrap_or(u64::MAX);
            let mut call = ADD.key(self.key(key));
            // An attempt that is counted twice errs on the safe side.
            let (count, left): (u64, i64) = self.server.run(call.arg(milliseconds)).await?;
            Ok(Tally { count, seconds_left: left.max(0).unsigned_abs().div_ceil(1000) })
        })
    }

    fn take_back<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move { self.server.run_once::<i64>(&TAKE_BACK.key(self.key(key))).await.map(drop) })
    }

    fn forget<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move { self.server.run::<i64>(&FORGET.key(self.key(key))).await.map(drop) })
    }

    fn clear_expired(&self) -> BoxFuture<'_, Result<u64>> {
        Box::pin(async { Ok(0) })
    }
}
