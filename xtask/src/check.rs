//! `cargo xtask check`: what holds without running anything.

use crate::cargo::{cargo, step, succeed};
use crate::test::Feature;
use crate::{Result, architecture, root};

/// Runs every check, so that one run shows all that is wrong.
pub(crate) fn run() -> Result {
    let features = Feature::flags(&[]);
    let outcomes = [
        step("formatting", formatting),
        step("architecture", house_rules),
        step("clippy", || clippy(&features)),
        step("documentation", || documentation(&features)),
    ];
    let wrong: Vec<String> = outcomes.into_iter().filter_map(Result::err).collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join(", ")) }
}

fn formatting() -> Result {
    succeed(&mut cargo(&["fmt", "--all", "--check"]))
}

fn house_rules() -> Result {
    let broken = architecture::check(root())?;
    broken.iter().for_each(|broken| eprintln!("{broken}"));
    if broken.is_empty() { Ok(()) } else { Err(format!("{} rules of the house are broken", broken.len())) }
}

fn clippy(features: &str) -> Result {
    let arguments = ["clippy", "--workspace", "--all-targets", "--features", features];
    succeed(cargo(&arguments).args(["--", "-D", "warnings"]))
}

fn documentation(features: &str) -> Result {
    // Libraries only: the program `nuages` would be written over the library of that name.
    let arguments = ["doc", "--workspace", "--lib", "--no-deps", "--features", features];
    succeed(cargo(&arguments).env("RUSTDOCFLAGS", "-D warnings"))
}
