//! A site that is served, and what is asked of its pages.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nuages_tests::browser::Browser;
use serde_json::json;
use tempfile::TempDir;

/// What links in mail begin with.
const SITE: &str = "https://site.example";
/// How long a mail may take: it is sent after the answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// A site on a port, a database and a mailbox of its own, stopped when this is dropped.
pub(crate) struct Served {
    program: &'static str,
    environment: Vec<(&'static str, &'static str)>,
    server: Child,
    url: String,
    folder: TempDir,
}

impl Served {
    pub(crate) fn start(program: &'static str, environment: &[(&'static str, &'static str)]) -> Self {
        let (folder, environment) = (tempfile::tempdir().expect("a temporary folder"), environment.to_vec());
        let command = |words: &[&str]| command(program, &folder, &environment, words);
        let migrated = command(&["migrate"]).stdout(Stdio::null()).status();
        assert!(migrated.expect("the program starts").success(), "`{program} migrate` failed");
        let server = command(&["runserver", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn();
        let mut server = server.expect("the program starts");
        let url = address(&mut server);
        Self { program, environment, server, url, folder }
    }

    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// Runs one of the site's commands.
    pub(crate) fn run(&self, words: &[&str]) {
        let ended = command(self.program, &self.folder, &self.environment, words).status();
        assert!(ended.expect("the program starts").success(), "`{}` failed", words.join(" "));
    }

    /// The address in the next mail; the mail is gone afterwards.
    pub(crate) fn link_in_mail(&self) -> String {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Some(path) = self.mails().iter().find_map(|mail| path_in(mail)) {
                self.empty_the_mailbox();
                return self.at(&path);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("no mail with a link has come");
    }

    /// Throws away what has come.
    pub(crate) fn empty_the_mailbox(&self) {
        for mail in self.mails() {
            std::fs::remove_file(mail).expect("a mail can be thrown away");
        }
    }

    fn mails(&self) -> Vec<PathBuf> {
        let Ok(files) = std::fs::read_dir(self.folder.path().join("mail")) else { return Vec::new() };
        files.map(|file| file.expect("the mailbox can be read").path()).collect()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let stopped = self.server.kill().and_then(|()| self.server.wait());
        if let Err(error) = stopped {
            eprintln!("{} may still be running: {error}", self.program);
        }
    }
}

/// A program of the workspace, which knows nothing of our own environment's settings.
fn command(program: &str, folder: &TempDir, environment: &[(&str, &str)], words: &[&str]) -> Command {
    let path = built().join(program);
    assert!(path.exists(), "{} is missing; run: cargo build --workspace", path.display());
    let database = format!("sqlite://{}", folder.path().join("site.db").display());
    let mut command = Command::new(path);
    command.args(words).current_dir(folder.path()).env_clear().env("RUST_LOG", "warn");
    command.env("DEBUG", "true").env("DATABASE_URL", database).env("SITE_URL", SITE);
    command.env("EMAIL_BACKEND", "file").env("EMAIL_FILE_PATH", folder.path().join("mail"));
    command.envs(environment.iter().copied());
    command
}

/// The folder of the programs: this test stands one below.
fn built() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows where it is");
    test.ancestors().nth(2).expect("a test is in `deps`").to_owned()
}

/// What the server says once it listens: `Serving http://127.0.0.1:41234/ (quit with Control-C)`.
fn address(server: &mut Child) -> String {
    let mut line = String::new();
    let stdout = server.stdout.as_mut().expect("its stdout is a pipe");
    BufReader::new(stdout).read_line(&mut line).expect("the server says where it is");
    let url = line.split(' ').find(|word| word.starts_with("http://"));
    url.unwrap_or_else(|| panic!("the server did not start; it said `{line}`")).trim_end_matches('/').into()
}

/// The path of the link in a mail, whose long lines are broken as quoted-printable text is. A line that ends has all of it.
fn path_in(mail: &Path) -> Option<String> {
    let text = std::fs::read_to_string(mail).ok()?.replace("=\r\n", "").replace("=3D", "=");
    let (path, _) = text.split_once(SITE)?.1.split_once("\r\n")?;
    (path.len() > 1).then(|| path.to_owned())
}

pub(crate) async fn says(browser: &Browser, words: &str) {
    let text = browser.text().await;
    assert!(text.contains(words), "the page does not say `{words}`, but:\n{text}");
}

pub(crate) async fn fits(browser: &Browser) {
    let fits = browser.run("return document.documentElement.scrollWidth <= innerWidth").await;
    assert_eq!(fits, json!(true), "{} is wider than the screen", browser.url().await);
}

/// Keeps what is on the screen in `target/screenshots`.
pub(crate) async fn picture(browser: &Browser, name: &str) {
    let target = built().parent().map(Path::to_owned).expect("the programs are inside the target folder");
    let folder = target.join("screenshots");
    std::fs::create_dir_all(&folder).expect("a folder for the pictures");
    browser.screenshot(folder.join(format!("{name}.png"))).await;
}
