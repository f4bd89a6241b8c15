//! Finds programs, and installs the packages that they come in.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Result;
use crate::cargo::succeed;

/// Where Debian keeps servers, and few but root look.
const SERVERS: &str = "/usr/sbin";
/// Where Debian keeps PostgreSQL's own programs, one folder for each version.
const POSTGRES_VERSIONS: &str = "/usr/lib/postgresql";

/// The path of the first of these programs that there is.
pub(crate) fn find(names: &[&str]) -> Option<PathBuf> {
    let folders = folders();
    let mut candidates = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    candidates.find(|path| path.is_file())
}

/// The same, and where none is there, installs `packages` and looks again.
pub(crate) fn find_or_install(names: &[&str], packages: &[&str]) -> Result<PathBuf> {
    if let Some(path) = find(names) {
        return Ok(path);
    }
    install(names[0], packages)?;
    find(names).ok_or_else(|| format!("{} is not there, though its package is installed", names[0]))
}

/// Whether we are root, who may install and whom databases refuse.
pub(crate) fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// Installs packages for what is wanted, or says how a person can.
pub(crate) fn install(wanted: &str, packages: &[&str]) -> Result {
    let command = format!("apt-get install -y --no-install-recommends {}", packages.join(" "));
    if !is_root() || find(&["apt-get"]).is_none() {
        return Err(format!(
            "{wanted} is missing; install it with `sudo {command}`, or leave its tests out by --without"
        ));
    }
    eprintln!("xtask: {command}");
    succeed(apt().arg("update"))?;
    succeed(apt().args(["install", "-y", "--no-install-recommends"]).args(packages))
}

fn apt() -> Command {
    let mut apt = Command::new("apt-get");
    apt.arg("-qq").env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
    apt
}

fn folders() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.push(SERVERS.into());
    folders.extend(versions(Path::new(POSTGRES_VERSIONS)));
    folders
}

/// The programs of each version under a folder, the newest first.
fn versions(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    found.sort_by_key(|path| std::cmp::Reverse(number(path)));
    found.into_iter().map(|path| path.join("bin")).collect()
}

fn number(path: &Path) -> u32 {
    path.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_on_the_path_is_found() {
        assert!(find(&["sh"]).is_some());
    }

    #[test]
    fn the_second_name_will_do_when_the_first_is_not_there() {
        assert!(find(&["no-such-program", "sh"]).is_some());
        assert_eq!(find(&["no-such-program"]), None);
    }

    #[test]
    fn the_newest_version_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        for version in ["9", "17", "15"] {
            std::fs::create_dir(folder.path().join(version)).unwrap();
        }
        assert_eq!(versions(folder.path())[0], folder.path().join("17/bin"));
    }
}
