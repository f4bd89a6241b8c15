//! Every test that a table names must be there: in the table of Django's rows, and in that of the ASVS.

#![cfg(test)]

use std::fs;
use std::path::{Path, PathBuf};

/// Where tests are.
const FOLDERS: [&str; 7] = ["auth", "cli", "docs", "examples", "framework", "tests", "xtask"];

/// A row of a table whose last column names tests.
struct Row<'t> {
    id: &'t str,
    evidence: &'t str,
}

/// The rows of all tables that have such a column.
fn rows(text: &str) -> impl Iterator<Item = Row<'_>> {
    let tables = text.split("| test |\n").skip(1);
    let lines = tables.flat_map(|table| table.lines().take_while(|line| line.starts_with('|')));
    lines.filter_map(|line| line.strip_prefix("| ")?.strip_suffix('|')).filter_map(|line| {
        let (id, evidence) = (line.split(" | ").next()?, line.rsplit(" | ").next()?);
        Some(Row { id: id.trim(), evidence: evidence.trim() })
    })
}

impl<'t> Row<'t> {
    /// The tests, each with its file: `login::one`, `another` are both in `login`.
    fn tests(&self) -> Vec<(&'t str, &'t str)> {
        let mut place = "";
        let is_path = |text: &str| {
            text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_:".contains(c))
        };
        let names = self.evidence.split('`').skip(1).step_by(2).filter(|text| is_path(text));
        let placed = names.map(|name| match name.split_once("::") {
            Some((file, name)) => {
                place = file;
                (file, name)
            }
            None => (place, name),
        });
        placed.collect()
    }
}

/// The sources that may have tests, with what leads to them.
fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut found = Vec::new();
    let mut folders: Vec<_> = FOLDERS.iter().map(|name| root.join(name)).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension().and_then(|extension| extension.to_str()) {
                None if path.is_dir() && !path.ends_with("target") => folders.push(path),
                Some("rs") => found.push((path.with_extension(""), fs::read_to_string(&path).unwrap())),
                _ => {}
            }
        }
    }
    found
}

/// What is wrong with a table.
fn faults(text: &str, sources: &[(PathBuf, String)]) -> Vec<String> {
    let is_there = |(place, name): &(&str, &str)| {
        let function = format!("fn {name}(");
        sources.iter().any(|(path, text)| path.iter().any(|part| part == *place) && text.contains(&function))
    };
    let of_row = |row: Row<'_>| {
        let tests = row.tests();
        let mut faults: Vec<_> = tests
            .iter()
            .filter(|test| !is_there(test))
            .map(|(place, name)| format!("{}: there is no test `{place}::{name}`", row.id))
            .collect();
        if tests.is_empty() && !row.evidence.starts_with("none") {
            faults.push(format!("{}: name a test, or say `none` and why", row.id));
        }
        faults
    };
    rows(text).flat_map(of_row).collect()
}

#[test]
fn every_test_that_a_table_names_is_there() {
    let sources = sources();
    for text in [include_str!("django-parity.md"), include_str!("src/asvs.md")] {
        assert!(rows(text).count() > 100);
        assert_eq!(faults(text, &sources), Vec::<String>::new());
    }
}

#[test]
fn a_test_that_is_not_there_is_found() {
    let sources = [(PathBuf::from("tests/login"), "async fn one() {} fn two() {}".to_owned())];
    let table = "| row | test |\n|---|---|\n| A1 | `login::one`, `two` |\n| A2 | `login::three` |\n| A3 | |\n| A4 | none: why |\n";
    let wanted = ["A2: there is no test `login::three`", "A3: name a test, or say `none` and why"];
    assert_eq!(faults(table, &sources), wanted);
}

#[test]
fn the_counts_of_the_asvs_are_those_of_its_table() {
    let text = include_str!("src/asvs.md");
    let items = |level: &str, verdict: &str| {
        let is_one =
            |line: &&str| line.split(" | ").nth(1) == Some(level) && line.contains(&format!("**{verdict}**"));
        text.lines().filter(is_one).count()
    };
    for level in ["1", "2"] {
        let counts = ["met", "part", "not met", "n/a"].map(|verdict| items(level, verdict));
        let [met, part, not, none] = counts;
        let line =
            format!("| level {level} | {} | {met} | {part} | {not} | {none} |", counts.iter().sum::<usize>());
        assert!(text.contains(&line), "{line}");
    }
    let tested = rows(text).filter(|row| !row.evidence.starts_with("none")).count();
    assert!(text.contains(&format!("\n{tested} of them have a test.")), "{tested}");
}

#[test]
fn the_figures_of_the_throttle_are_the_settings() {
    let (text, settings) = (include_str!("src/accounts.md"), nuages::Settings::default());
    let within = |limit: u32| format!("| {limit} in {} seconds |", settings.throttle_window);
    assert_eq!(text.matches(&within(settings.throttle_per_account)).count(), 1);
    assert_eq!(text.matches(&within(settings.throttle_per_network)).count(), 2);
}
