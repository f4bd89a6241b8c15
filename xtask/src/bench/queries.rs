//! `--queries`: the query layer beside plain sqlx, by a program of `benches/`.

use std::process::Command;

use super::kit::program;
use crate::Result;
use crate::cargo::{cargo, step, succeed};
use crate::services::postgres::Postgres;

/// Builds the program, and runs it on each database.
pub(super) fn run(postgres: bool) -> Result {
    let build = ["build", "--release", "--quiet", "-p", "bench-blog", "--bin", "queries"];
    step("build", || succeed(&mut cargo(&build)))?;
    let folder = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    measure(&format!("sqlite://{}/queries.db", folder.path().display()))?;
    if postgres {
        let server = Postgres::start()?;
        let (_, url) = server.environment();
        measure(&url)?;
    }
    Ok(())
}

fn measure(url: &str) -> Result {
    succeed(Command::new(program("queries")).env("DATABASE_URL", url))
}
