//! Chromium's driver: a process that starts a browser and does what it is told over HTTP.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Keeps the driver only for as long as our end of its stdin is open, so that it outlives no test.
const WATCH: &str = r#"folder=$1; shift
"$@" </dev/null &
trap '' INT TERM HUP
cat >/dev/null
kill -KILL $!
wait $!
for again in 1 2 3 4 5; do rm -rf "$folder" && break; sleep 1; done"#;

const PATIENCE: Duration = Duration::from_secs(30);

/// A driver, stopped when this is dropped.
pub(super) struct Driver {
    port: u16,
    watch: Child,
    folder: TempDir,
}

impl Driver {
    pub(super) fn start() -> Self {
        let program = std::env::var_os("NUAGES_TEST_CHROMEDRIVER")
            .expect("NUAGES_TEST_CHROMEDRIVER is the path of chromedriver; `cargo xtask test` sets it");
        let folder =
            tempfile::Builder::new().prefix("nuages-browser-").tempdir().expect("a temporary folder");
        let port = free_port();
        let mut watch = Command::new("sh");
        watch.args(["-c", WATCH, "sh"]).arg(folder.path()).arg(program).arg(format!("--port={port}"));
        watch.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let watch = watch.spawn().expect("sh starts the driver");
        let driver = Self { port, watch, folder };
        driver.wait_until_ready();
        driver
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Where the browser keeps what it remembers.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Closes a browser, without a runtime, which a `drop` does not have.
    pub(super) fn quit(&self, session: &str) -> std::io::Result<()> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(stream, "DELETE /session/{session} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n")?;
        // It answers when the browser is gone.
        stream.read(&mut [0; 64]).map(drop)
    }

    fn wait_until_ready(&self) {
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(start.elapsed() < PATIENCE, "chromedriver does not answer; does it start by hand?");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        drop(self.watch.stdin.take());
        if let Err(error) = self.watch.wait() {
            eprintln!("chromedriver may still be running: {error}");
        }
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("a listener has an address").port()
}
