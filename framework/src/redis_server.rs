//! The Redis server of a site: one connection for all requests, made when it is wanted, and made again when it is lost.

use crate::error::{Error, Result};
use crate::settings::Settings;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, FromRedisValue, RedisError, RedisResult, ScriptInvocation};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long connecting may take, and how long an answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// All who want a connection wait for the same one.
type Connecting = Shared<BoxFuture<'static, RedisResult<MultiplexedConnection>>>;

/// A site's Redis server: one connection for all requests, made when it is wanted, and made again when it is lost.
pub struct RedisServer {
    client: Client,
    connection: Mutex<Option<Connecting>>,
}

impl RedisServer {
    /// The server that `redis_url` names.
    ///
    /// # Errors
    /// [`Error::NotReady`] if it names none.
    pub fn of(settings: &Settings) -> Result<Self> {
        let remedy = "set it to an address such as redis://127.0.0.1:6379/0";
        let url = settings.redis_url.as_ref().ok_or_else(|| {
            Error::NotReady(format!("a setting asks for a Redis server, and REDIS_URL is missing; {remedy}"))
        })?;
        let client = Client::open(url.expose()).map_err(|error| {
            Error::NotReady(format!("REDIS_URL names no Redis server: {error}; {remedy}"))
        })?;
        Ok(Self { client, connection: Mutex::default() })
    }

    /// Runs a script that may run twice: it does if the connection is found to be lost.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if the server does not answer within a second.
    pub async fn run<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> Result<T> {
        match self.invoke(script).await {
            Err(error) if error.is_connection_dropped() => self.invoke(script).await,
            outcome => outcome,
        }
        .map_err(|error| unavailable(&error))
    }

    /// Runs a script that must not run twice.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if the server does not answer within a second.
    pub async fn run_once<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> Result<T> {
        self.invoke(script).await.map_err(|error| unavailable(&error))
    }

    async fn invoke<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> RedisResult<T> {
        let connecting = self.connecting();
        let outcome = match connecting.clone().await {
            Ok(mut connection) => script.invoke_async(&mut connection).await,
            Err(error) => Err(error),
        };
        // Where no answer came, none will come over this connection.
        outcome.inspect_err(|error| {
            if error.is_io_error() || error.is_unrecoverable_error() {
                self.forget(&connecting);
            }
        })
    }

    fn connecting(&self) -> Connecting {
        self.slot().get_or_insert_with(|| connect(self.client.clone()).boxed().shared()).clone()
    }

    /// The next who asks connects anew, unless somebody does already.
    fn forget(&self, lost: &Connecting) {
        self.slot().take_if(|connecting| connecting.ptr_eq(lost));
    }

    fn slot(&self) -> MutexGuard<'_, Option<Connecting>> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn connect(client: Client) -> RedisResult<MultiplexedConnection> {
    let limits = AsyncConnectionConfig::new();
    let limits = limits.set_connection_timeout(Some(PATIENCE)).set_response_timeout(Some(PATIENCE));
    client.get_multiplexed_async_connection_with_config(&limits).await
}

fn unavailable(error: &RedisError) -> Error {
    Error::Unavailable(format!("Redis does not serve: {error}; check REDIS_URL and that the server runs"))
}
