//! `--run`: builds a new site, makes its tables, serves it.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitCode, ExitStatus};

use crate::refusal::{Refusal, Result};
use crate::say;

/// Where a site serves unless it is told otherwise.
pub(crate) const ADDRESS: &str = "127.0.0.1:8000";

/// Builds, migrates and serves; ends with the code of the first step that fails, else of the server.
pub(crate) fn site(dir: &Path) -> Result<ExitCode> {
    signals::pass_on()?;
    say::out("Building it. The first time takes a few minutes: every crate it needs is compiled once.");
    for step in [&["build"][..], &["run", "--quiet", "--", "migrate"]] {
        let status = signals::wait(cargo(dir, step))?;
        if !status.success() {
            return Ok(gave_up(dir, step, status));
        }
    }
    say::out(&format!("\nThe site is ready. Next time: {}cargo run -- runserver\n", say::go_to(dir, " && ")));
    become_server(cargo(dir, &["run", "--quiet", "--", "runserver"]))
}

/// The cause was told above, by cargo or by the site itself.
fn gave_up(dir: &Path, step: &[&str], status: ExitStatus) -> ExitCode {
    say::err(&format!(
        "nuages: `cargo {}` did not finish; the site is there, to go on with: {}cargo run -- migrate && cargo run -- runserver",
        step.join(" "),
        say::go_to(dir, " && ")
    ));
    code_of(status)
}

fn cargo(dir: &Path, words: &[&str]) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.args(words).current_dir(dir);
    command
}

fn not_started(cause: std::io::Error) -> Refusal {
    Refusal::new(format!("cannot start cargo: {cause}; install Rust from https://rustup.rs"))
}

/// The server takes the place of this process (cargo does the same), so that a signal reaches it and nobody else.
#[cfg(unix)]
fn become_server(mut command: Command) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt;
    Err(not_started(command.exec()))
}

#[cfg(not(unix))]
fn become_server(mut command: Command) -> Result<ExitCode> {
    command.status().map(code_of).map_err(not_started)
}

#[cfg(unix)]
fn code_of(status: ExitStatus) -> ExitCode {
    use std::os::unix::process::ExitStatusExt;
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    ExitCode::from(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}

#[cfg(not(unix))]
fn code_of(status: ExitStatus) -> ExitCode {
    ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}

/// Whoever stops `nuages` stops what it started: cargo, and all that cargo started.
#[cfg(unix)]
mod signals {
    use std::os::unix::process::CommandExt;
    use std::process::{Command, ExitStatus, Stdio};
    use std::sync::atomic::{AtomicI32, Ordering};

    use rustix::process::{Pid, Signal, kill_process_group};

    use super::not_started;
    use crate::refusal::{Refusal, Result};

    static CHILD: AtomicI32 = AtomicI32::new(0);

    pub(super) fn pass_on() -> Result<()> {
        let handler = || match Pid::from_raw(CHILD.load(Ordering::SeqCst)) {
            Some(child) => drop(kill_process_group(child, Signal::TERM)),
            None => std::process::exit(130),
        };
        ctrlc::set_handler(handler)
            .map_err(|cause| Refusal::new(format!("cannot listen for Ctrl-C: {cause}")))
    }

    pub(super) fn wait(mut command: Command) -> Result<ExitStatus> {
        // A group of its own gets no keyboard; without one, nothing in it can wait for an answer.
        command.stdin(Stdio::null());
        let mut child = command.process_group(0).spawn().map_err(not_started)?;
        CHILD.store(child.id().cast_signed(), Ordering::SeqCst);
        let status = child.wait().map_err(not_started);
        CHILD.store(0, Ordering::SeqCst);
        status
    }
}

/// Windows tells every program of the console by itself; this one only has to wait.
#[cfg(not(unix))]
mod signals {
    use std::process::{Command, ExitStatus};

    use super::not_started;
    use crate::refusal::{Refusal, Result};

    pub(super) fn pass_on() -> Result<()> {
        ctrlc::set_handler(|| ()).map_err(|cause| Refusal::new(format!("cannot listen for Ctrl-C: {cause}")))
    }

    pub(super) fn wait(mut command: Command) -> Result<ExitStatus> {
        command.status().map_err(not_started)
    }
}
