//! A PostgreSQL of our own, in a temporary folder, for as long as the tests run.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::free_port;
use crate::Result;
use crate::cargo::name;
use crate::install::{find_or_install, is_root};

/// Keeps the server only for as long as our end of its stdin is open, so that it outlives us in no case:
/// not a panic, not Ctrl-C, not a kill. Signals to the group are for us to act upon.
const WATCH: &str = r#"folder=$1; shift
"$@" </dev/null &
trap '' INT TERM HUP
cat >/dev/null
kill -INT $!
wait $!
rm -rf "$folder""#;

/// PostgreSQL refuses to run as root; Debian's package makes this user.
const USER: &str = "postgres";

/// Settings for tests, whose data nobody misses.
const CARELESS: [&str; 3] = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];

const PATIENCE: Duration = Duration::from_secs(60);

/// A running server, stopped when this is dropped.
pub(crate) struct Postgres {
    port: u16,
    watch: Child,
    folder: TempDir,
}

impl Postgres {
    /// A server for tests, on a free port.
    pub(crate) fn start() -> Result<Self> {
        Self::start_on(free_port()?, &CARELESS)
    }

    /// A server on this port, with these settings beside its own.
    pub(crate) fn start_on(port: u16, settings: &[&str]) -> Result<Self> {
        let initdb = find_or_install(&["initdb"], &["postgresql"])?;
        let programs = fs::canonicalize(&initdb).unwrap_or(initdb);
        let programs = programs.parent().expect("a program lies in a folder");
        let folder = folder().map_err(|error| format!("no folder for PostgreSQL: {error}"))?;
        initialise(&programs.join("initdb"), folder.path())?;
        let watch = serve(&programs.join("postgres"), folder.path(), port, settings)?;
        let server = Self { port, watch, folder };
        server.wait_until_ready()?;
        Ok(server)
    }

    /// What the tests are told of it.
    pub(crate) fn environment(&self) -> (&'static str, String) {
        let url = format!("postgres://postgres@127.0.0.1:{}/postgres?sslmode=disable", self.port);
        ("NUAGES_TEST_POSTGRES", url)
    }

    /// Where its data is.
    pub(crate) fn data(&self) -> PathBuf {
        data(self.folder.path())
    }

    fn wait_until_ready(&self) -> Result {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            let log = fs::read_to_string(log(self.folder.path())).unwrap_or_default();
            if log.contains("ready to accept connections") {
                return Ok(());
            }
            if log.contains("FATAL") {
                return Err(format!("PostgreSQL does not start:\n{log}"));
            }
            sleep(Duration::from_millis(50));
        }
        Err(format!("PostgreSQL is not ready after {} s", PATIENCE.as_secs()))
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.watch.stdin.take());
        if let Err(error) = self.watch.wait() {
            eprintln!("xtask: PostgreSQL may still be running: {error}");
        }
    }
}

fn initialise(initdb: &Path, folder: &Path) -> Result {
    let mut command = as_user(initdb);
    command.arg("--pgdata").arg(data(folder)).current_dir(folder);
    command.args(["--username=postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"]);
    let output = command.output().map_err(|error| format!("{} does not start: {error}", name(&command)))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{} failed:\n{}", name(&command), String::from_utf8_lossy(&output.stderr)))
}

fn serve(postgres: &Path, folder: &Path, port: u16, settings: &[&str]) -> Result<Child> {
    let mut server = as_user(postgres);
    server.arg("-D").arg(data(folder)).arg("-k").arg(folder).args([
        "-h",
        "127.0.0.1",
        "-p",
        &port.to_string(),
    ]);
    for setting in settings.iter().chain(&["max_connections=200"]) {
        server.args(["-c", setting]);
    }
    watched(&server, folder).map_err(|error| format!("{} does not start: {error}", name(&server)))
}

fn watched(server: &Command, folder: &Path) -> std::io::Result<Child> {
    let log = File::create(log(folder))?;
    let mut watch = Command::new("sh");
    watch.args(["-c", WATCH, "sh"]).arg(folder).arg(server.get_program()).args(server.get_args());
    watch.stdin(Stdio::piped()).stdout(log.try_clone()?).stderr(log).current_dir(folder).spawn()
}

/// A command that root runs as `postgres`, and anyone else as oneself.
fn as_user(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", USER, "--regid", USER, "--clear-groups", "--"]).arg(program);
    command
}

fn folder() -> std::io::Result<TempDir> {
    let folder = tempfile::Builder::new().prefix("nuages-postgres-").tempdir()?;
    if is_root() {
        let status = Command::new("chown").arg(USER).arg(folder.path()).status()?;
        if !status.success() {
            return Err(std::io::Error::other(format!(
                "there is no user `{USER}`; make one for it to run as"
            )));
        }
    }
    Ok(folder)
}

fn data(folder: &Path) -> PathBuf {
    folder.join("data")
}

fn log(folder: &Path) -> PathBuf {
    folder.join("log")
}
