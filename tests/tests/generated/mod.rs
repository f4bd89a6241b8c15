//! A generated site: its folder, its program, and its server.

#![allow(
    unreachable_pub,
    dead_code,
    reason = "a module of a test has no outside, and no test uses all of it"
)]

mod visitor;

#[allow(unused_imports, reason = "one test visits no page")]
pub use visitor::Visitor;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// What every test may build into, so that nothing is built twice.
fn target() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows where it is");
    test.ancestors().nth(3).expect("a test is in `debug/deps`").to_owned()
}

fn cargo(folder: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(folder).env("CARGO_TARGET_DIR", target()).stdin(Stdio::null());
    // What cargo sets for this test is about this test.
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_of_this_test(&name.to_string_lossy())) {
        command.env_remove(name);
    }
    command
}

fn is_of_this_test(name: &str) -> bool {
    ["CARGO_PKG_", "CARGO_CRATE_", "CARGO_BIN_", "CARGO_MANIFEST_"].iter().any(|part| name.starts_with(part))
}

/// A site in a folder of its own, always the same one, so that cargo knows it again.
pub struct Site {
    name: &'static str,
    folder: PathBuf,
}

impl Site {
    /// What `nuages startproject NAME` and these words make.
    pub fn generate(name: &'static str, words: &[&str]) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("generated").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).expect("what the last run left can be removed");
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the workspace");
        let mut command = cargo(root);
        command.args(["run", "--quiet", "--package", "nuages-cli", "--", "startproject", name]);
        succeeds(command.arg(&folder).args(words));
        let site = Self { name, folder };
        site.keep_room_for_deeper_views();
        site
    }

    /// The compiler follows what waits in a view for 128 steps; a new site may need so many of them at most, since its views become deeper.
    fn keep_room_for_deeper_views(&self) {
        let path = self.folder.join("src/lib.rs");
        let text = fs::read_to_string(&path).expect("a site has a lib.rs");
        fs::write(&path, format!("#![recursion_limit = \"112\"]\n{text}")).expect("lib.rs can be written");
    }

    /// Runs cargo in the site's folder, and fails unless it succeeds without a warning.
    #[track_caller]
    pub fn cargo(&self, words: &[&str]) -> String {
        let (code, out, err) = told(cargo(&self.folder).args(words));
        assert!(code == 0 && !err.contains("warning:"), "cargo {}: {code}\n{out}\n{err}", words.join(" "));
        out
    }

    /// The site's program, already built, in the site's folder.
    pub fn program(&self, words: &[&str]) -> Command {
        let mut command = Command::new(target().join("debug").join(self.name));
        command.args(words).current_dir(&self.folder).env_clear().stdin(Stdio::null());
        command
    }

    /// What one of the site's commands says, which has to succeed.
    #[track_caller]
    pub fn run(&self, words: &[&str]) -> String {
        succeeds(&mut self.program(words))
    }

    pub fn read(&self, file: &str) -> String {
        fs::read_to_string(self.folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    /// Replaces the only place that reads so.
    #[track_caller]
    pub fn edit(&self, file: &str, from: &str, to: &str) {
        let text = self.read(file);
        assert_eq!(text.matches(from).count(), 1, "`{from}` in {file}");
        fs::write(self.folder.join(file), text.replace(from, to)).expect("the file can be written");
    }

    /// Writes a file, and the folder that it lies in.
    pub fn write(&self, file: &str, text: &str) {
        let path = self.folder.join(file);
        fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("the folder can be made");
        fs::write(path, text).expect("the file can be written");
    }

    /// Removes a file, or a folder with all that is in it.
    pub fn remove(&self, name: &str) {
        let path = self.folder.join(name);
        let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    pub fn crate_name(&self) -> String {
        self.name.replace('-', "_")
    }

    pub fn database_url(&self) -> String {
        format!("sqlite://{}", self.folder.join("db.sqlite3").display())
    }

    /// Starts the server on a free port.
    pub fn serve(&self) -> Server {
        self.serve_with(&[])
    }

    /// The same with these settings; what it logs is kept.
    pub fn serve_with(&self, environment: &[(&str, &str)]) -> Server {
        let log = self.folder.join("server.log");
        let file = fs::File::create(&log).expect("the log can be written");
        let mut command = self.program(&["runserver", "127.0.0.1:0"]);
        command.envs(environment.iter().copied()).stderr(file);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the site's program starts");
        let mut line = String::new();
        let stdout = child.stdout.as_mut().expect("its stdout is a pipe");
        BufReader::new(stdout).read_line(&mut line).expect("the server says where it is");
        let address = line.strip_prefix("Serving http://").and_then(|rest| rest.split('/').next());
        let address = address.unwrap_or_else(|| panic!("the server did not start; it said `{line}`")).into();
        Server { child, address, log }
    }
}

/// A running server, stopped when this is dropped.
pub struct Server {
    child: Child,
    pub address: String,
    log: PathBuf,
}

impl Server {
    /// What the server has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).expect("the log can be read")
    }

    /// Asks the server to stop, and answers with its exit code.
    pub fn stop(mut self) -> Option<i32> {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        assert!(asked.expect("there is a `kill`").success());
        self.child.wait().expect("the server ends").code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to stop.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Exit code, stdout and stderr.
pub fn told(command: &mut Command) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command.output().expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (status.code().unwrap_or(-1), text(stdout), text(stderr))
}

#[track_caller]
fn succeeds(command: &mut Command) -> String {
    let (code, out, err) = told(command);
    assert_eq!(code, 0, "{command:?}\n{out}\n{err}");
    out
}
