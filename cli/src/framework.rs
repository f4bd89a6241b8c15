//! Which framework a new site is built on: a checkout on this machine, or a version.

use std::fs;
use std::path::{Path, PathBuf};

use crate::refusal::{Refusal, Result, quoted};

const LOCK: &str = "Cargo.lock";

/// Finds what the template writes into Cargo.toml: an absolute path, or a version.
pub(crate) fn find(wanted: Option<&str>) -> Result<String> {
    match wanted {
        Some(version) if is_version(version) => Ok(version.into()),
        Some(path) => checkout(Path::new(path)),
        None => Ok(default()),
    }
}

/// The checkout that this program was built from, while it exists; else the program's own version.
fn default() -> String {
    let built_from = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    checkout(&built_from).unwrap_or_else(|_| env!("CARGO_PKG_VERSION").into())
}

/// Gives the site the checkout's lock file, so that it builds with the versions that were tested, offline too.
///
/// Cargo drops what a site does not need. A framework of a registry has no lock file for others; cargo makes one.
pub(crate) fn keep_versions(framework: &str, site: &Path) -> Result<()> {
    let lock = Path::new(framework).join(LOCK);
    if lock.is_file() {
        fs::copy(&lock, site.join(LOCK)).map_err(Refusal::at("copy", &lock))?;
    }
    Ok(())
}

fn checkout(path: &Path) -> Result<String> {
    let refusal = |why: &str| Refusal::new(format!("{} is not a checkout of Nuages: {why}", quoted(path)));
    let root: PathBuf = path.canonicalize().map_err(|cause| refusal(&cause.to_string()))?;
    for needed in ["framework/Cargo.toml", "auth/Cargo.toml"] {
        if !root.join(needed).is_file() {
            return Err(refusal(&format!(
                "it has no {needed}; give the repository's root, or a version such as 0.1"
            )));
        }
    }
    match root.to_str() {
        Some(text) if !text.contains(char::is_control) => Ok(text.into()),
        _ => Err(refusal("Cargo.toml cannot hold this path; move it to one that is plain text")),
    }
}

/// `1`, `0.1`, `0.1.0`, `0.1.0-beta.1`; a folder of such a name is written `./0.1`.
fn is_version(text: &str) -> bool {
    let (numbers, pre) = text.split_once('-').unwrap_or((text, "a"));
    let parts: Vec<&str> = numbers.split('.').collect();
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_pre =
        !pre.is_empty() && pre.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
    parts.len() <= 3 && parts.iter().all(is_number) && is_pre
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_taken_as_it_is() {
        for version in ["1", "0.1", "0.1.0", "0.1.0-beta.1"] {
            assert_eq!(find(Some(version)), Ok(version.into()));
        }
    }

    #[test]
    fn what_is_neither_version_nor_checkout_is_refused() {
        for text in ["", "1.", "1.2.3.4", "v1", "0.1-", "./0.1", "/nowhere", "1\"2", "^0.1"] {
            let refusal = find(Some(text)).expect_err(text).to_string();
            assert!(refusal.contains("is not a checkout of Nuages"), "{refusal}");
        }
    }

    #[test]
    fn the_checkout_of_this_program_is_the_default() {
        let root = PathBuf::from(find(None).unwrap());
        assert!(root.is_absolute() && root.join("project-template").is_dir());
    }
}
