//! A server of our own, in a temporary folder, for as long as we live.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::Result;
use crate::cargo::name;
use crate::install::is_root;

/// Keeps the server only for as long as our end of its stdin is open, so that it outlives us in no case:
/// not a panic, not Ctrl-C, not a kill. Signals to the group are for us to act upon.
const WATCH: &str = r#"folder=$1; signal=$2; shift 2
"$@" </dev/null &
trap '' INT TERM HUP
cat >/dev/null
kill -s "$signal" $!
wait $!
rm -rf "$folder""#;

const PATIENCE: Duration = Duration::from_secs(60);

/// What a server is, before it runs.
pub(super) struct Kind {
    /// What people call it.
    pub(super) name: &'static str,
    /// The user and the group that it runs as when we are root, whom databases refuse.
    pub(super) user: [&'static str; 2],
    /// What ends it soon and in order.
    pub(super) signal: &'static str,
    /// What its log says when it may be asked, and when it never will.
    pub(super) ready: &'static str,
    pub(super) broken: &'static str,
}

/// A running server, stopped when this is dropped.
pub(super) struct Server {
    watch: Child,
    folder: Folder,
}

impl Server {
    /// Starts it, and waits until it is ready.
    pub(super) fn start(folder: Folder, command: &Command) -> Result<Self> {
        let watch = folder.watched(command);
        let watch = watch.map_err(|error| format!("{} does not start: {error}", name(command)))?;
        let server = Self { watch, folder };
        server.wait_until_ready().map(|()| server)
    }

    /// Where its data is.
    pub(super) fn data(&self) -> PathBuf {
        self.folder.data()
    }

    fn wait_until_ready(&self) -> Result {
        let (start, Kind { name, ready, broken, .. }) = (Instant::now(), self.folder.kind);
        while start.elapsed() < PATIENCE {
            let log = fs::read_to_string(self.folder.log()).unwrap_or_default();
            if log.contains(ready) {
                return Ok(());
            }
            if log.contains(broken) {
                return Err(format!("{name} does not start:\n{log}"));
            }
            sleep(Duration::from_millis(50));
        }
        Err(format!("{name} is not ready after {} s", PATIENCE.as_secs()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.watch.stdin.take());
        if let Err(error) = self.watch.wait() {
            eprintln!("xtask: {} may still be running: {error}", self.folder.kind.name);
        }
    }
}

/// The folder of one server.
pub(super) struct Folder {
    kind: &'static Kind,
    path: TempDir,
}

impl Folder {
    /// A new one, which belongs to the server's user.
    pub(super) fn new(kind: &'static Kind) -> Result<Self> {
        let Kind { name, user: [user, _], .. } = kind;
        let prefix = format!("nuages-{}-", name.to_lowercase());
        let path = tempfile::Builder::new().prefix(&prefix).tempdir();
        let path = path.map_err(|error| format!("no folder for {name}: {error}"))?;
        if is_root() {
            let chown = Command::new("chown").arg(user).arg(path.path()).status();
            if !chown.is_ok_and(|status| status.success()) {
                return Err(format!("there is no user `{user}` for {name} to run as; make one"));
            }
        }
        Ok(Self { kind, path })
    }

    pub(super) fn path(&self) -> &Path {
        self.path.path()
    }

    pub(super) fn data(&self) -> PathBuf {
        self.path().join("data")
    }

    fn log(&self) -> PathBuf {
        self.path().join("log")
    }

    /// A command in this folder that root runs as the server's user, and anyone else as oneself.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(if is_root() { Path::new("setpriv") } else { program });
        if is_root() {
            let [user, group] = self.kind.user;
            command.args(["--reuid", user, "--regid", group, "--clear-groups", "--"]).arg(program);
        }
        command.current_dir(self.path());
        command
    }

    /// Runs what makes the data, to its end.
    pub(super) fn make_data(&self, command: &mut Command) -> Result {
        let output =
            command.output().map_err(|error| format!("{} does not start: {error}", name(command)))?;
        if output.status.success() {
            return Ok(());
        }
        Err(format!("{} failed:\n{}", name(command), String::from_utf8_lossy(&output.stderr)))
    }

    fn watched(&self, server: &Command) -> std::io::Result<Child> {
        let log = File::create(self.log())?;
        let mut watch = Command::new("sh");
        watch.args(["-c", WATCH, "sh"]).arg(self.path()).arg(self.kind.signal);
        watch.arg(server.get_program()).args(server.get_args());
        watch.stdin(Stdio::piped()).stdout(log.try_clone()?).stderr(log).current_dir(self.path()).spawn()
    }
}
