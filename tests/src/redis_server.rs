//! A Redis server of a test's own, for those that stop it.

use crate::redis_keys;
use rustix::process::{Pid, Signal, kill_process};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A server on a port of its own, which is killed when this is dropped.
pub struct RedisServer {
    port: u16,
    running: Option<Child>,
}

impl RedisServer {
    /// One that runs.
    ///
    /// # Panics
    /// If there is no `redis-server`.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let mut server = Self { port: listener.expect("there is a free port").port(), running: None };
        server.run();
        server
    }

    /// Runs it, empty, on the port that it has always had.
    ///
    /// # Panics
    /// If it does not answer for five seconds.
    pub fn run(&mut self) {
        let mut command = Command::new("redis-server");
        command.args(["--port", &self.port.to_string(), "--bind", "127.0.0.1", "--save", ""]);
        let child = command.stdout(Stdio::null()).current_dir(std::env::temp_dir()).spawn();
        self.running = Some(child.unwrap_or_else(|error| panic!("redis-server does not start: {error}")));
        for _ in 0..250 {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("redis-server does not answer");
    }

    /// Kills it.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.running.take() {
            drop(child.kill());
            drop(child.wait());
        }
    }

    /// Lets it answer nobody.
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets it go on where it was.
    pub fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        let child = self.running.as_ref().expect("it runs");
        let sent = kill_process(Pid::from_child(child), signal);
        sent.unwrap_or_else(|error| panic!("no signal reaches redis-server: {error}"));
    }

    /// Settings of a site that has it.
    pub fn settings(&self, settings: &mut nuages::Settings) {
        settings.redis_url = Some(format!("redis://127.0.0.1:{}", self.port).into());
        settings.session_redis_prefix = redis_keys::prefix();
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}
