//! Runs cargo, says what it runs, and how long that took.

use std::process::Command;
use std::time::Instant;

use crate::{Result, root};

/// The cargo that started us, in the repository's root.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    command
}

/// Runs a step to its end under a heading with its name.
pub(crate) fn step(name: &str, work: impl FnOnce() -> Result) -> Result {
    eprintln!("xtask: {name}");
    let start = Instant::now();
    let outcome = work();
    let seconds = start.elapsed().as_secs_f64();
    match &outcome {
        Ok(()) => eprintln!("xtask: {name}: done in {seconds:.1} s"),
        Err(message) => eprintln!("xtask: {name}: failed in {seconds:.1} s: {message}"),
    }
    outcome.map_err(|_| format!("{name} failed"))
}

/// Runs a command to its end; anything but success is an error.
pub(crate) fn succeed(command: &mut Command) -> Result {
    let status = command.status().map_err(|error| format!("{} does not start: {error}", name(command)))?;
    if status.success() { Ok(()) } else { Err(format!("{} failed", name(command))) }
}

/// The command as one would type it, without its path.
pub(crate) fn name(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
