//! The test site as a server on a real socket.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

/// A server, killed with the test.
pub struct Server {
    /// The process.
    pub child: Child,
    said: BufReader<ChildStdout>,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// Starts the server of this command, which is [`manage`](crate::process::manage)'s, and waits until it listens.
    ///
    /// # Panics
    /// If it does not start; and so does all else here where a test should fail.
    pub fn run(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
        let mut said = BufReader::new(child.stdout.take().expect("it is piped"));
        let line = next_line(&mut said);
        let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next());
        let address = address.and_then(|address| address.parse().ok()).expect("it says where it listens");
        Self { child, said, address }
    }

    /// Sends these bytes.
    pub fn send(&self, request: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(15))).expect("it is a time");
        stream.write_all(request.as_bytes()).expect("it takes them");
        stream
    }

    /// Asks for a page, on a connection of its own.
    pub fn get(&self, path: &str) -> TcpStream {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
    }

    /// Waits until it has said this line.
    pub fn wait_for(&mut self, line: &str) {
        while next_line(&mut self.said).trim() != line {}
    }

    /// Tells it to stop.
    pub fn terminate(&self) {
        let status = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(status.expect("there is a kill").success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn next_line(said: &mut impl BufRead) -> String {
    let mut line = String::new();
    let count = said.read_line(&mut line).expect("it writes text");
    assert!(count > 0, "the server has ended");
    line
}

/// The whole answer.
pub fn read(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    // A server that closes on rubbish may reset the connection.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}
