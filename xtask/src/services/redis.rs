//! A Redis of our own.

use super::free_port;
use super::server::{Folder, Kind, Server};
use crate::Result;
use crate::install::find_or_install;

const REDIS: Kind = Kind {
    name: "Redis",
    user: ["nobody", "nogroup"],
    signal: "TERM",
    ready: "Ready to accept connections",
    broken: "Failed listening",
};

/// Nothing is kept on a disk: nobody misses it.
const CARELESS: [&str; 4] = ["--save", "", "--appendonly", "no"];

/// A running server, stopped when this is dropped.
pub(crate) struct Redis {
    port: u16,
    _server: Server,
}

impl Redis {
    /// A server for tests, on a free port.
    pub(crate) fn start() -> Result<Self> {
        let redis = find_or_install(&["redis-server"], &["redis-server"])?;
        let (folder, port) = (Folder::new(&REDIS)?, free_port()?);
        let mut server = folder.command(&redis);
        server
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--dir"])
            .arg(folder.path())
            .args(CARELESS);
        Ok(Self { port, _server: Server::start(folder, &server)? })
    }

    /// What the tests are told of it.
    pub(crate) fn environment(&self) -> (&'static str, String) {
        ("NUAGES_TEST_REDIS", format!("redis://127.0.0.1:{}", self.port))
    }
}
