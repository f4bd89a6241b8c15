//! Connections that go from query to query. sqlx's own pool asks each one whether it lives as it comes back, in a task of
//! its own: a second trip to SQLite's thread, or to PostgreSQL's server, for each query.

use super::connect::{ACQUIRE, Backend};
use sqlx::{ConnectOptions, Connection, Database as Driver};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A connection that lay idle for longer is asked whether it lives before it is used.
const IDLE: Duration = Duration::from_secs(30);
/// A connection that is older is closed when it comes back: a server that is left for another, or grows, gets its turn.
const LIFETIME: Duration = Duration::from_secs(30 * 60);

/// What a database is reached by.
pub(super) type Options<D> = <<D as Driver>::Connection as Connection>::Options;

/// At most so many connections; who comes first gets the next one.
pub(super) struct Pool<D: Driver>(Arc<Inner<D>>);

impl<D: Driver> Clone for Pool<D> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<D: Driver> fmt::Debug for Pool<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pool<{}>", D::NAME)
    }
}

struct Inner<D: Driver> {
    options: Options<D>,
    idle: Mutex<Vec<Open<D>>>,
    permits: Arc<Semaphore>,
}

struct Open<D: Driver> {
    connection: D::Connection,
    born: Instant,
    used: Instant,
}

impl<D: Backend> Pool<D> {
    /// A pool without connections yet.
    pub(super) fn new(options: Options<D>, most: usize) -> Self {
        let permits = Arc::new(Semaphore::new(most));
        Self(Arc::new(Inner { options, idle: Mutex::default(), permits }))
    }

    /// A connection, once one is free.
    ///
    /// # Errors
    /// [`sqlx::Error::PoolTimedOut`] if none is in time, [`sqlx::Error::PoolClosed`], and what connecting answers.
    pub(super) async fn lease(&self) -> sqlx::Result<Lease<D>> {
        let permit = self.permit().await?;
        let open = match self.0.take() {
            Some(open) if open.used.elapsed() < IDLE => open,
            Some(open) => self.0.awake(open).await?,
            None => self.0.connect().await?,
        };
        Ok(Lease { open: Some(open), home: Arc::clone(&self.0), _permit: permit })
    }

    async fn permit(&self) -> sqlx::Result<OwnedSemaphorePermit> {
        let permits = || Arc::clone(&self.0.permits);
        if let Ok(permit) = permits().try_acquire_owned() {
            return Ok(permit);
        }
        let permit = tokio::time::timeout(ACQUIRE, permits().acquire_owned()).await;
        permit.map_err(|_| sqlx::Error::PoolTimedOut)?.map_err(|_| sqlx::Error::PoolClosed)
    }

    /// Closes the connections, those in use when they come back.
    pub(super) async fn close(&self) {
        self.0.permits.close();
        while let Some(open) = self.0.take() {
            // It is gone in any case.
            let _ = open.connection.close().await;
        }
    }
}

impl<D: Backend> Inner<D> {
    fn take(&self) -> Option<Open<D>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    async fn awake(&self, mut open: Open<D>) -> sqlx::Result<Open<D>> {
        match open.connection.ping().await {
            Ok(()) => Ok(open),
            Err(_) => self.connect().await,
        }
    }

    async fn connect(&self) -> sqlx::Result<Open<D>> {
        let connect = async {
            let mut connection = self.options.connect().await?;
            D::greet(&mut connection).await.map(|()| connection)
        };
        let connection = tokio::time::timeout(ACQUIRE, connect).await;
        let connection = connection.map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut))??;
        Ok(Open { connection, born: Instant::now(), used: Instant::now() })
    }
}

/// A connection for as long as one needs it. It is closed when it is dropped, unless it was released: who is dropped in
/// between may leave it inside a transaction, and later writes on it would be acknowledged and lost (sqlx issue 4385).
pub(super) struct Lease<D: Driver> {
    open: Option<Open<D>>,
    home: Arc<Inner<D>>,
    _permit: OwnedSemaphorePermit,
}

impl<D: Driver> Lease<D> {
    pub(super) fn connection(&mut self) -> &mut D::Connection {
        &mut self.open.as_mut().expect("it is there until it is released").connection
    }

    /// Gives the connection back for the next one.
    pub(super) fn release(mut self) {
        let Some(open) = self.open.take() else { return };
        if open.born.elapsed() < LIFETIME && !self.home.permits.is_closed() {
            let mut idle = self.home.idle.lock().unwrap_or_else(PoisonError::into_inner);
            idle.push(Open { used: Instant::now(), ..open });
        }
    }

    /// Gives it back unless the outcome says that it is broken.
    pub(super) fn release_after<T>(self, outcome: sqlx::Result<T>) -> sqlx::Result<T> {
        let is_broken = |error: &sqlx::Error| {
            use sqlx::Error::{Io, Protocol, Tls, WorkerCrashed};
            matches!(error, Io(_) | Tls(_) | Protocol(_) | WorkerCrashed)
        };
        if !outcome.as_ref().is_err_and(is_broken) {
            self.release();
        }
        outcome
    }
}

impl<D: Driver> fmt::Debug for Lease<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lease<{}>", D::NAME)
    }
}
