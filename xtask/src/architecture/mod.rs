//! The rules of the house: imports point down, no two rooms need each other, files stay readable.

mod code;
mod doors;
mod house;
mod source;
#[cfg(test)]
mod tests;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use crate::Result;
use house::{House, Rooms};
use source::Source;

/// Folders whose code keeps the rules that are about one file.
const FOLDERS: [&str; 7] = ["framework", "auth", "cli", "xtask", "tests", "examples", "benches"];

const LONGEST_FILE: usize = 400;

/// From top to bottom; a room may name its own level and those below. A new room is added here.
const FRAMEWORK: &[&[&str]] = &[
    &["around"],
    &["project", "test"],
    &["management"],
    &["handler", "server"],
    &[
        "sessions",
        "csrf",
        "csp",
        "messages",
        "static_files",
        "file_response",
        "forms",
        "urls",
        "hosts",
        "proxies",
        "headers",
        "error_pages",
        "request",
        "request_id",
        "body_limit",
    ],
    &["app"],
    &["migrations", "fixtures", "command", "layer", "checks"],
    &["db", "templates", "email"],
    &["cookies", "signing", "settings", "error", "log", "belongings", "private", "redis_server"],
];

const HOUSES: [House; 3] = [
    House {
        source: "framework/src",
        rooms: Rooms::Levels(FRAMEWORK),
        own_name: "nuages",
        never_names: &["nuages_auth"],
        contents_page: true,
    },
    House {
        source: "auth/src",
        rooms: Rooms::Any,
        own_name: "nuages_auth",
        never_names: &[],
        contents_page: true,
    },
    House {
        source: "cli/src",
        rooms: Rooms::Any,
        own_name: "nuages_cli",
        never_names: &["nuages", "nuages_auth"],
        contents_page: false,
    },
];

/// A rule that is broken: where, and how.
#[derive(Debug, PartialEq)]
struct Broken {
    file: PathBuf,
    line: usize,
    what: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file.display(), self.line, self.what)
    }
}

/// Reads all code under `root` and returns one line for each rule that is broken.
pub(crate) fn check(root: &Path) -> Result<Vec<String>> {
    let mut broken = Vec::new();
    let sources = read(root, &mut broken)?;
    broken.extend(sources.iter().flat_map(file_rules));
    for house in &HOUSES {
        let own: Vec<_> = sources.iter().filter(|source| source.file.starts_with(house.source)).collect();
        broken.extend(house.check(&own));
    }
    Ok(broken.iter().map(Broken::to_string).collect())
}

fn read(root: &Path, broken: &mut Vec<Broken>) -> Result<Vec<Source>> {
    let mut files = Vec::new();
    for folder in FOLDERS.iter().map(|folder| root.join(folder)).filter(|folder| folder.is_dir()) {
        find(&folder, &mut files).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let mut sources = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        let name = file.strip_prefix(root).expect("it was found under the root");
        match Source::parse(name, &text) {
            Ok(source) => sources.push(source),
            Err(unreadable) => broken.push(unreadable),
        }
    }
    Ok(sources)
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<std::io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::path);
    for path in entries.iter().map(fs::DirEntry::path) {
        if path.is_dir() && !path.ends_with("target") {
            find(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

/// The rules that one file can break by itself.
fn file_rules(source: &Source) -> Vec<Broken> {
    let mut broken = source.unfinished();
    if source.lines > LONGEST_FILE {
        let what = format!("{} lines, and {LONGEST_FILE} are the most; make two files of it", source.lines);
        broken.push(source.broken(LONGEST_FILE + 1, what));
    }
    broken
}
