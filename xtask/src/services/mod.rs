//! The services that tests need: each private, on a free port, gone when we are.

mod browser;
mod django;
mod mariadb;
pub(crate) mod postgres;
mod redis;
mod server;

use std::net::TcpListener;

use crate::Result;
use crate::test::Feature;

/// Services that run until this is dropped.
pub(crate) struct Services {
    environment: Vec<(&'static str, String)>,
    _postgres: Option<postgres::Postgres>,
    _mariadb: Option<mariadb::MariaDb>,
    _redis: Option<redis::Redis>,
}

impl Services {
    /// Starts what these features need, after installing what is missing.
    pub(crate) fn start(features: &[Feature]) -> Result<Self> {
        let mut environment = Vec::new();
        if features.contains(&Feature::Browser) {
            environment.push(browser::driver()?);
        }
        if features.contains(&Feature::Django) {
            environment.push(django::python()?);
        }
        let postgres = features.contains(&Feature::Postgres).then(postgres::Postgres::start).transpose()?;
        environment.extend(postgres.as_ref().map(postgres::Postgres::environment));
        let mariadb = features.contains(&Feature::Mysql).then(mariadb::MariaDb::start).transpose()?;
        environment.extend(mariadb.as_ref().map(mariadb::MariaDb::environment));
        let redis = features.contains(&Feature::Redis).then(redis::Redis::start).transpose()?;
        environment.extend(redis.as_ref().map(redis::Redis::environment));
        Ok(Self { environment, _postgres: postgres, _mariadb: mariadb, _redis: redis })
    }

    /// What the tests are told: names and values for their environment.
    pub(crate) fn environment(&self) -> &[(&'static str, String)] {
        &self.environment
    }
}

/// A port that nobody listens on.
fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    listener.map(|address| address.port()).map_err(|error| format!("no free port: {error}"))
}
