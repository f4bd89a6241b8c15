//! `cargo xtask bench`: our application beside the hand-written floor, by the peers' benchmark kit; then what it costs
//! to start a site.

mod figures;
mod kit;
mod logins;
mod queries;

use std::path::PathBuf;

use clap::Args;

use crate::Result;
use crate::cargo::step;
use kit::Kit;

/// The session stores beside the default whose rows the kit can count.
const STORES: [&str; 1] = ["django"];

/// What to measure, and for how long.
#[derive(Args)]
pub(crate) struct Options {
    /// The folder of the benchmark kit [default: ../shared/bench]
    #[arg(long, value_name = "DIR")]
    kit: Option<PathBuf>,
    /// Measure only the query layer beside plain sqlx, which needs no kit
    #[arg(long, conflicts_with_all = ["kit", "peers", "stores", "rounds", "secs", "only"])]
    queries: bool,
    /// Measure only failed logins of four kinds, whose times must be alike; needs no kit
    #[arg(long, conflicts_with_all = ["kit", "queries", "postgres", "peers", "stores", "rounds", "secs", "only"])]
    logins: bool,
    /// Measure on PostgreSQL too, on a server of our own
    #[arg(long)]
    postgres: bool,
    /// Measure axum-login too
    #[arg(long)]
    peers: bool,
    /// Measure our application with the session store `django` too, on SQLite
    #[arg(long)]
    stores: bool,
    /// How often each workload is timed
    #[arg(long, default_value_t = 3)]
    rounds: u32,
    /// Seconds for each timing
    #[arg(long, default_value_t = 10)]
    secs: u32,
    /// Only these workloads, such as W1,W4c
    #[arg(long, value_name = "LIST")]
    only: Option<String>,
}

impl Options {
    /// The applications, as the kit and our own entry call them.
    fn apps(&self) -> Vec<String> {
        let databases: &[&str] = if self.postgres { &["sqlite", "pg"] } else { &["sqlite"] };
        let names: &[&str] = if self.peers { &["ours", "floor", "axum"] } else { &["ours", "floor"] };
        let apps = databases.iter().flat_map(|db| names.iter().map(move |name| format!("{name}-{db}")));
        let stores = STORES.iter().filter(|_| self.stores).map(|store| format!("ours-sqlite-{store}"));
        apps.chain(stores).collect()
    }

    fn timing(&self) -> Vec<String> {
        let mut words = vec![format!("--rounds={}", self.rounds), format!("--secs={}", self.secs)];
        words.extend(self.only.iter().map(|list| format!("--w={list}")));
        words
    }
}

/// Builds, seeds, checks and times; prints the kit's tables and our figures.
pub(crate) fn run(options: &Options) -> Result {
    if options.queries {
        return queries::run(options.postgres);
    }
    if options.logins {
        return logins::run();
    }
    let kit = Kit::open(options.kit.as_deref(), options.postgres)?;
    let apps = options.apps();
    for chore in ["build", "seed", "check", "misc"] {
        step(chore, || kit.run(chore, &apps, &[]))?;
    }
    step("bench", || kit.run("bench", &apps, &options.timing()))?;
    kit.run("report", &[], &[])?;
    figures::print(&kit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Typed {
        #[command(flatten)]
        options: Options,
    }

    fn apps(words: &[&str]) -> String {
        Typed::parse_from([&["bench"], words].concat()).options.apps().join(" ")
    }

    #[test]
    fn peers_and_postgres_are_measured_when_asked_for() {
        assert_eq!(apps(&[]), "ours-sqlite floor-sqlite");
        assert_eq!(apps(&["--peers"]), "ours-sqlite floor-sqlite axum-sqlite");
        assert_eq!(apps(&["--stores"]), "ours-sqlite floor-sqlite ours-sqlite-django");
        assert_eq!(apps(&["--postgres"]), "ours-sqlite floor-sqlite ours-pg floor-pg");
    }

    #[test]
    fn a_folder_without_a_kit_is_named() {
        let error = Kit::open(Some("/no/such/folder".as_ref()), false).err();
        assert!(error.is_some_and(|error| error.contains("/no/such/folder") && error.contains("--kit")));
    }
}
