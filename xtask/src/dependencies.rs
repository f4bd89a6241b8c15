//! `cargo xtask deny` and `cargo xtask sbom`: what we depend on, and whether we may.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cargo::{cargo, step, succeed};
use crate::install::find;
use crate::{Result, root};

/// A program that comes as a crate, with the version that we know.
struct Tool {
    program: &'static str,
    version: &'static str,
}

const DENY: Tool = Tool { program: "cargo-deny", version: "0.20.2" };
const CYCLONEDX: Tool = Tool { program: "cargo-cyclonedx", version: "0.5.9" };

/// What is released, with the folder of each.
const RELEASED: [(&str, &str); 5] = [
    ("nuages", "framework"),
    ("nuages-macros", "framework/macros"),
    ("nuages-auth", "auth"),
    ("nuages-auth-macros", "auth/macros"),
    ("nuages-cli", "cli"),
];

const UNRELEASED: [&str; 6] = ["benches", "docs", "examples/blog", "examples/existing-app", "tests", "xtask"];

/// The name of every list, without its ending, while it lies beside its `Cargo.toml`.
const BESIDE: &str = "nuages-sbom";

/// What to leave out.
#[derive(Args)]
pub(crate) struct DenyOptions {
    /// Leave the advisories out, which lie on a server
    #[arg(long)]
    offline: bool,
}

/// Checks licences, sources and advisories of all dependencies, as `deny.toml` says.
pub(crate) fn deny(options: &DenyOptions) -> Result {
    DENY.install()?;
    let offline: &[&str] = if options.offline { &["--offline"] } else { &[] };
    let which: &[&str] = if options.offline { &["bans", "licenses", "sources"] } else { &[] };
    step("dependencies", || {
        succeed(cargo(&["deny"]).args(offline).args(["check", "--allow", "duplicate"]).args(which))
    })
}

/// Writes the components of each crate that is released, in CycloneDX's JSON, to `target/sbom`.
pub(crate) fn sbom() -> Result {
    CYCLONEDX.install()?;
    step("components", || {
        let words =
            ["cyclonedx", "--format", "json", "--spec-version", "1.5", "--all-features", "--target", "all"];
        let written = succeed(cargo(&words).args(["--quiet", "--override-filename", BESIDE]));
        let folder = root().join("target/sbom");
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let kept =
            written.and_then(|()| RELEASED.iter().try_for_each(|(name, place)| keep(name, place, &folder)));
        remove_others()?;
        kept
    })
}

/// Keeps a list, without the path of this machine, which says nothing to others.
fn keep(name: &str, place: &str, folder: &Path) -> Result {
    let (from, to) = (beside(&root().join(place)), folder.join(format!("{name}.cdx.json")));
    let text = fs::read_to_string(&from).map_err(|error| format!("{}: {error}", from.display()))?;
    let text = text.replace(&root().display().to_string(), "");
    fs::write(&to, text).map_err(|error| format!("{}: {error}", to.display()))?;
    println!("{}", to.display());
    Ok(())
}

fn beside(folder: &Path) -> PathBuf {
    folder.join(format!("{BESIDE}.json"))
}

/// The tool writes a list for every crate of the workspace, also for those that are not released.
fn remove_others() -> Result {
    let released = RELEASED.iter().map(|(_, place)| *place);
    for file in UNRELEASED.into_iter().chain(released).map(|place| beside(&root().join(place))) {
        if file.exists() {
            fs::remove_file(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        }
    }
    Ok(())
}

impl Tool {
    /// Compiles it where it is missing, which takes some minutes.
    fn install(&self) -> Result {
        if find(&[self.program]).is_some() {
            return Ok(());
        }
        step(self.program, || {
            succeed(&mut cargo(&["install", "--locked", "--quiet", self.program, "--version", self.version]))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(place: &str) -> String {
        fs::read_to_string(root().join(place).join("Cargo.toml")).unwrap()
    }

    #[test]
    fn every_crate_that_is_released_has_its_components_listed() {
        for (name, place) in RELEASED {
            let text = manifest(place);
            assert!(
                text.contains(&format!("name = \"{name}\"")) && !text.contains("publish = false"),
                "{place}"
            );
        }
        assert!(UNRELEASED.into_iter().all(|place| manifest(place).contains("publish = false")));
        let workspace = manifest(".");
        let members =
            workspace.split_once("members = [").and_then(|(_, rest)| rest.split_once(']')).unwrap().0;
        assert_eq!(members.matches('"').count() / 2, RELEASED.len() + UNRELEASED.len(), "{members}");
    }

    #[test]
    fn a_list_tells_nothing_of_the_machine_that_wrote_it() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("crate");
        fs::create_dir(&place).unwrap();
        fs::write(beside(&place), format!("{{\"bom-ref\": \"path+file://{}/auth#a@1\"}}", root().display()))
            .unwrap();
        keep("a", place.to_str().unwrap(), folder.path()).unwrap();
        let kept = fs::read_to_string(folder.path().join("a.cdx.json")).unwrap();
        assert_eq!(kept, "{\"bom-ref\": \"path+file:///auth#a@1\"}");
    }
}
