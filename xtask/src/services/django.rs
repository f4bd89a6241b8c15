//! A Python that has Django, in a virtual environment of the target folder.

use std::path::Path;
use std::process::Command;

use crate::cargo::succeed;
use crate::install::{find_or_install, install};
use crate::{Result, root};

/// What the tests import.
const PACKAGES: [&str; 2] = ["Django==5.2.*", "psycopg[binary]"];

/// The variable that tells the tests where it is, made now if it is not there yet.
pub(super) fn python() -> Result<(&'static str, String)> {
    let folder = root().join("target/django");
    let python = folder.join("bin/python");
    if !imports(&python, "django, psycopg") {
        make(&folder, &python)?;
    }
    Ok(("NUAGES_TEST_DJANGO", python.display().to_string()))
}

fn imports(python: &Path, names: &str) -> bool {
    let import = Command::new(python).args(["-c", &format!("import {names}")]).output();
    import.is_ok_and(|output| output.status.success())
}

fn make(folder: &Path, python: &Path) -> Result {
    let system = find_or_install(&["python3"], &["python3", "python3-venv"])?;
    // Debian's python3 comes without what makes virtual environments.
    if !imports(&system, "ensurepip") {
        install("python3-venv", &["python3-venv"])?;
    }
    eprintln!("xtask: {} with {}", folder.display(), PACKAGES.join(" and "));
    succeed(Command::new(system).args(["-m", "venv", "--clear"]).arg(folder))?;
    succeed(Command::new(python).args(["-m", "pip", "install", "--quiet"]).args(PACKAGES))
}
