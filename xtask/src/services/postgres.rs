//! A PostgreSQL of our own.

use std::fs;
use std::path::PathBuf;

use super::free_port;
use super::server::{Folder, Kind, Server};
use crate::Result;
use crate::install::find_or_install;

const POSTGRES: Kind = Kind {
    name: "PostgreSQL",
    user: ["postgres", "postgres"],
    signal: "INT",
    ready: "ready to accept connections",
    broken: "FATAL",
};

/// Settings for tests, whose data nobody misses.
const CARELESS: [&str; 3] = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];

/// A running server, stopped when this is dropped.
pub(crate) struct Postgres {
    port: u16,
    server: Server,
}

impl Postgres {
    /// A server for tests, on a free port.
    pub(crate) fn start() -> Result<Self> {
        Self::start_on(free_port()?, &CARELESS)
    }

    /// A server on this port, with these settings beside its own.
    pub(crate) fn start_on(port: u16, settings: &[&str]) -> Result<Self> {
        let initdb = find_or_install(&["initdb"], &["postgresql"])?;
        let programs = fs::canonicalize(&initdb).unwrap_or(initdb);
        let programs = programs.parent().expect("a program lies in a folder");
        let folder = Folder::new(&POSTGRES)?;
        let mut initdb = folder.command(&programs.join("initdb"));
        initdb.arg("--pgdata").arg(folder.data()).args(["--username=postgres", "--auth=trust", "--no-sync"]);
        folder.make_data(initdb.args(["--encoding=UTF8", "--locale=C.UTF-8"]))?;
        let mut postgres = folder.command(&programs.join("postgres"));
        postgres.arg("-D").arg(folder.data()).arg("-k").arg(folder.path());
        postgres.args(["-h", "127.0.0.1", "-p", &port.to_string()]);
        for setting in settings.iter().chain(&["max_connections=200"]) {
            postgres.args(["-c", setting]);
        }
        Ok(Self { port, server: Server::start(folder, &postgres)? })
    }

    /// What the tests are told of it.
    pub(crate) fn environment(&self) -> (&'static str, String) {
        let url = format!("postgres://postgres@127.0.0.1:{}/postgres?sslmode=disable", self.port);
        ("NUAGES_TEST_POSTGRES", url)
    }

    /// Where its data is.
    pub(crate) fn data(&self) -> PathBuf {
        self.server.data()
    }
}
