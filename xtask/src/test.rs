//! `cargo xtask test`: every test, with the services that it needs.

use std::process::Command;

use clap::{Args, ValueEnum};

use crate::Result;
use crate::cargo::{cargo, step};
use crate::install::find;
use crate::services::Services;
use crate::tally::{Tally, run_and_count};

/// What to leave out, and what to keep.
#[derive(Args)]
pub(crate) struct Options {
    /// Leave out the tests that need this
    #[arg(long, value_name = "NAME")]
    without: Vec<Feature>,
    /// Passed on to the test runner: names of tests, for one
    #[arg(last = true)]
    filter: Vec<String>,
}

/// Tests that a plain `cargo test` leaves out; each is a feature of `nuages-tests`.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub(crate) enum Feature {
    /// A PostgreSQL server
    Postgres,
    /// A MariaDB server
    Mysql,
    /// A Redis server
    Redis,
    /// Chromium and its driver
    Browser,
    /// A Django beside our site
    Django,
    /// Generating a project, and building it
    Generated,
}

impl Feature {
    fn all_but(without: &[Self]) -> Vec<Self> {
        let all = Self::value_variants().iter().copied();
        all.filter(|feature| !without.contains(feature)).collect()
    }

    /// The value of cargo's `--features`.
    pub(crate) fn flags(without: &[Self]) -> String {
        let flags =
            Self::all_but(without).into_iter().map(|feature| format!("nuages-tests/{}", feature.name()));
        flags.collect::<Vec<_>>().join(",")
    }

    fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
            Self::Redis => "redis",
            Self::Browser => "browser",
            Self::Django => "django",
            Self::Generated => "generated",
        }
    }
}

/// One run of a test runner.
struct Run {
    name: &'static str,
    command: Command,
    count: fn(&str) -> Tally,
}

/// Runs the tests and ends with one line: how many passed, how many failed.
pub(crate) fn run(options: &Options) -> Result {
    let services = Services::start(&Feature::all_but(&options.without))?;
    let mut tally = Tally::default();
    let mut outcome = Ok(());
    for mut run in runs(options, find(&["cargo-nextest"]).is_some()) {
        run.command.envs(services.environment().iter().cloned());
        outcome = outcome.and(step(run.name, || run_and_count(&mut run.command, run.count, &mut tally)));
    }
    drop(services);
    report(options, &tally);
    outcome
}

fn report(options: &Options, tally: &Tally) {
    for feature in &options.without {
        eprintln!("xtask: not run, as asked: {}", feature.name());
    }
    if !options.filter.is_empty() {
        eprintln!("xtask: only `{}`, and no examples in the documentation", options.filter.join(" "));
    }
    // Where nothing was built, nothing was counted.
    if *tally != Tally::default() {
        println!("{tally}");
    }
}

fn runs(options: &Options, nextest: bool) -> Vec<Run> {
    let filtered = !options.filter.is_empty();
    let features = Feature::flags(&options.without);
    let run = |name, words: &[&str], count| {
        let mut command = cargo(words);
        command.args(["--workspace", "--no-fail-fast", "--features", &features]);
        Run { name, command, count }
    };
    let mut runs = match (nextest, filtered) {
        (true, _) => vec![run("tests", &["nextest", "run"], Tally::of_nextest as fn(&str) -> Tally)],
        (false, true) => vec![run("tests", &["test", "--tests"], Tally::of_cargo_test)],
        (false, false) => vec![run("tests", &["test"], Tally::of_cargo_test)],
    };
    runs[0].command.args(&options.filter);
    // nextest does not run these, and no filter is meant for them.
    if nextest && !filtered {
        runs.push(run("examples in the documentation", &["test", "--doc"], Tally::of_cargo_test));
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cargo::name;

    #[test]
    fn nothing_is_left_out_unless_asked() {
        let all = ["postgres", "mysql", "redis", "browser", "django", "generated"]
            .map(|name| format!("nuages-tests/{name}"));
        assert_eq!(Feature::flags(&[]), all.join(","));
    }

    fn typed(filter: &[&str], nextest: bool) -> Vec<String> {
        let filter = filter.iter().map(|word| (*word).to_owned()).collect();
        let options = Options { without: Feature::all_but(&[Feature::Postgres]), filter };
        runs(&options, nextest).iter().map(|run| name(&run.command)).collect()
    }

    #[test]
    fn examples_in_the_documentation_run_with_either_runner() {
        let rest = "--workspace --no-fail-fast --features nuages-tests/postgres";
        let both = [format!("cargo nextest run {rest}"), format!("cargo test --doc {rest}")];
        assert_eq!(typed(&[], true), both);
        assert_eq!(typed(&[], false), [format!("cargo test {rest}")]);
    }

    #[test]
    fn a_filter_reaches_the_tests_alone() {
        let rest = "--workspace --no-fail-fast --features nuages-tests/postgres login";
        assert_eq!(typed(&["login"], true), [format!("cargo nextest run {rest}")]);
        assert_eq!(typed(&["login"], false), [format!("cargo test --tests {rest}")]);
    }

    #[test]
    fn what_is_left_out_is_no_feature() {
        let without = [Feature::Mysql, Feature::Browser, Feature::Django, Feature::Generated];
        assert_eq!(Feature::flags(&without), "nuages-tests/postgres,nuages-tests/redis");
    }
}
