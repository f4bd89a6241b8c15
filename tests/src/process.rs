//! The test site as a real process.

use crate::site::SECRET_KEY;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Output, Stdio};

/// A command of the site's binary on this database, with an environment of its own. `binary` is
/// `env!("CARGO_BIN_EXE_site")`.
pub fn manage(binary: &str, database_url: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary);
    command.args(arguments).env_clear().stdin(Stdio::null()).current_dir(env!("CARGO_MANIFEST_DIR"));
    command.envs([("DEBUG", "true"), ("SECRET_KEY", SECRET_KEY), ("DATABASE_URL", database_url)]);
    command.env("RUST_LOG", "error");
    command
}

/// Exit code, stdout and stderr of a command that has ended.
///
/// # Panics
/// If it was killed by a signal.
pub fn outcome(output: &Output) -> (i32, String, String) {
    let code = output.status.code().expect("it ended by itself");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (code, text(&output.stdout), text(&output.stderr))
}

/// A terminal: the end at which a person types, and the one that a process has as its stdin.
///
/// # Panics
/// If the system has none.
pub fn terminal() -> (File, File) {
    let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("the system has terminals");
    grantpt(&person).and_then(|()| unlockpt(&person)).expect("it is ours");
    let name = ptsname(&person, Vec::new()).expect("it has a name");
    let process =
        OpenOptions::new().read(true).open(OsStr::from_bytes(name.as_bytes())).expect("it can be opened");
    (File::from(person), process)
}

/// Runs a command of the site's binary as a person at a terminal does, who types these lines; passwords too, which are read
/// from the terminal whatever stdin is. As [`outcome`].
///
/// # Panics
/// If the command cannot be started.
pub fn typed(command: &Command, lines: &[&str]) -> (i32, String, String) {
    let (mut person, process) = terminal();
    // Makes it the terminal of a session of its own.
    let mut session = Command::new("setsid");
    session.args(["--ctty", "--wait"]).arg(command.get_program()).args(command.get_args()).env_clear();
    session.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    session.current_dir(env!("CARGO_MANIFEST_DIR")).stdin(process);
    person.write_all((lines.join("\n") + "\n").as_bytes()).expect("the terminal takes it");
    outcome(&session.output().expect("setsid is there"))
}
