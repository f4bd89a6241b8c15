//! A folder to work in, the program to run there, and a look at what it left.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "a test may; clippy knows only those inside a `#[test]`")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

pub fn desk() -> TempDir {
    tempfile::tempdir().unwrap()
}

pub fn nuages(desk: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nuages"));
    command.current_dir(desk);
    command
}

pub fn startproject(desk: &Path, words: &[&str]) -> Output {
    nuages(desk).arg("startproject").args(words).output().unwrap()
}

#[track_caller]
pub fn made(desk: &Path, words: &[&str]) -> String {
    let output = startproject(desk, words);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(text(&output.stderr), "");
    text(&output.stdout)
}

/// The one line that a refusal says.
#[track_caller]
pub fn refused(desk: &Path, words: &[&str]) -> String {
    let output = startproject(desk, words);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(text(&output.stdout), "");
    let said = text(&output.stderr);
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

#[track_caller]
pub fn misused(desk: &Path, words: &[&str]) -> String {
    let output = nuages(desk).args(words).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    text(&output.stderr)
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[track_caller]
pub fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path.as_ref()).unwrap_or_else(|cause| panic!("{}: {cause}", path.as_ref().display()))
}

pub fn template(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../project-template").join(file)
}

pub fn files(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    collect(root, root, &mut found);
    found.sort();
    found
}

pub fn collect(root: &Path, folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, found);
        } else {
            found.push(path.strip_prefix(root).unwrap().display().to_string().replace('\\', "/"));
        }
    }
}

#[track_caller]
pub fn assert_empty(folder: &Path) {
    let left: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(left.is_empty(), "left behind: {left:?}");
}

pub fn checkout(root: &Path) {
    for part in ["framework", "auth"] {
        fs::create_dir_all(root.join(part)).unwrap();
        fs::write(root.join(part).join("Cargo.toml"), "").unwrap();
    }
}
