//! `--logins`: failed logins of four kinds, by a program of `benches/`.

use std::process::Command;

use super::kit::{environment, program};
use crate::Result;
use crate::cargo::{cargo, step, succeed};

/// Builds the program, and runs it.
pub(super) fn run() -> Result {
    let build = ["build", "--release", "--quiet", "-p", "bench-blog", "--bin", "logins"];
    step("build", || succeed(&mut cargo(&build)))?;
    let folder = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    let url = format!("sqlite://{}/logins.db", folder.path().display());
    let mut logins = Command::new(program("logins"));
    succeed(logins.envs(environment(&url)).env("ALLOWED_HOSTS", "localhost"))
}
