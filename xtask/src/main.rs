//! The chores of this repository: `cargo xtask check`, `test`, `bench`, `deny`, `sbom`.

mod architecture;
mod bench;
mod cargo;
mod check;
mod dependencies;
mod install;
mod services;
mod tally;
mod test;

use std::path::Path;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A chore's outcome; the error is the one line to print.
type Result<T = ()> = std::result::Result<T, String>;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The chores of this repository")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Formatting, clippy, documentation, and the direction of imports
    Check,
    /// Every test, with the services that they need
    Test(test::Options),
    /// CPU time per request beside the floor's, and what it costs to start a site
    Bench(bench::Options),
    /// Licences, sources and known weaknesses of all dependencies; before each release, and once a week
    Deny(dependencies::DenyOptions),
    /// A list of the components of each crate that is released
    Sbom,
}

fn main() -> ExitCode {
    match run(Arguments::parse().chore) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(chore: Chore) -> Result {
    match chore {
        Chore::Check => check::run(),
        Chore::Test(options) => test::run(&options),
        Chore::Bench(options) => bench::run(&options),
        Chore::Deny(options) => dependencies::deny(&options),
        Chore::Sbom => dependencies::sbom(),
    }
}

/// The repository's root.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the repository")
}
