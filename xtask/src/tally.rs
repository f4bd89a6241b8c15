//! Counts what the test runners say has passed and failed.

use std::fmt::{self, Display};
use std::io::{BufRead, BufReader, Read};
use std::ops::AddAssign;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::thread;

use crate::Result;
use crate::cargo::name;

/// How many tests passed and failed.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Tally {
    passed: usize,
    failed: usize,
}

impl Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, more: Self) {
        self.passed += more.passed;
        self.failed += more.failed;
    }
}

impl Tally {
    /// What a line of cargo test says: `test result: ok. 3 passed; 0 failed; …`.
    pub(crate) fn of_cargo_test(line: &str) -> Self {
        if !line.starts_with("test result:") {
            return Self::default();
        }
        Self { passed: before(line, "passed"), failed: before(line, "failed") }
    }

    /// What a line of nextest says: `Summary [ 0.1s] 3/5 tests run: 2 passed, 1 timed out, …`.
    pub(crate) fn of_nextest(line: &str) -> Self {
        if !line.trim_start().starts_with("Summary [") {
            return Self::default();
        }
        let passed = before(line, "passed");
        // Those that did not come to run have not passed either.
        Self { passed, failed: before(line, "test").saturating_sub(passed) }
    }
}

/// The number in front of the first word that begins with `word`.
fn before(line: &str, word: &str) -> usize {
    let words: Vec<&str> = line.split_whitespace().collect();
    let found = words.windows(2).find(|pair| pair[1].starts_with(word));
    let number = found.and_then(|pair| pair[0].rsplit('/').next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Runs a test runner to its end; shows what it writes, and counts.
pub(crate) fn run_and_count(command: &mut Command, count: fn(&str) -> Tally, tally: &mut Tally) -> Result {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.map_err(|error| format!("{} does not start: {error}", name(command)))?;
    let (lines, received) = channel();
    let out = follow(child.stdout.take().expect("stdout is piped"), lines.clone(), |line| println!("{line}"));
    let err = follow(child.stderr.take().expect("stderr is piped"), lines, |line| eprintln!("{line}"));
    received.iter().for_each(|line| *tally += count(&line));
    let shown = out.join().and(err.join()).is_ok();
    let status = child.wait().map_err(|error| format!("{} is lost: {error}", name(command)))?;
    if status.success() && shown { Ok(()) } else { Err(format!("{} failed", name(command))) }
}

fn follow(
    stream: impl Read + Send + 'static,
    lines: Sender<String>,
    show: fn(&str),
) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        // Not `lines()`: a test may write bytes that are no text.
        for line in BufReader::new(stream).split(b'\n').map_while(std::result::Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            show(&line);
            if lines.send(line).is_err() {
                return;
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_cargo_test_add_up() {
        let mut tally = Tally::default();
        for line in [
            "running 4 tests",
            "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s",
        ] {
            tally += Tally::of_cargo_test(line);
        }
        assert_eq!(tally, Tally { passed: 4, failed: 2 });
    }

    #[test]
    fn whatever_did_not_pass_in_nextest_has_failed() {
        let line =
            "     Summary [   1.205s] 8 tests run: 5 passed (1 slow), 2 failed, 1 timed out, 3 skipped";
        assert_eq!(Tally::of_nextest(line), Tally { passed: 5, failed: 3 });
        let line = "     Summary [   1.205s] 3/8 tests run: 2 passed, 1 failed, 0 skipped";
        assert_eq!(Tally::of_nextest(line), Tally { passed: 2, failed: 6 });
        let line = "     Summary [   0.100s] 1 test run: 1 passed, 0 skipped";
        assert_eq!(Tally::of_nextest(line), Tally { passed: 1, failed: 0 });
    }

    #[test]
    fn what_nextest_shows_of_a_test_is_not_counted_again() {
        let line = "    test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 33 filtered out";
        assert_eq!(Tally::of_nextest(line), Tally::default());
    }

    #[test]
    fn a_runner_that_fails_is_an_error_and_still_counts() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo 'test result: FAILED. 2 passed; 1 failed'; exit 1"]);
        let mut tally = Tally::default();
        assert!(run_and_count(&mut command, Tally::of_cargo_test, &mut tally).is_err());
        assert_eq!(tally, Tally { passed: 2, failed: 1 });
    }
}
