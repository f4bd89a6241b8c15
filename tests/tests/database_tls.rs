//! TLS on the way to PostgreSQL: a server that only knows how a connection begins.

#![cfg(feature = "postgres")]
#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::{Database, Result};
use nuages_tests::process::{manage, outcome};
use nuages_tests::tls::{acceptor, certificate};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What a client told the server of itself.
#[derive(Debug, PartialEq, Eq)]
enum Heard {
    Plainly,
    ByTls,
}

struct Server {
    port: u16,
    heard: UnboundedReceiver<Heard>,
}

impl Server {
    async fn start(speaks_tls: bool) -> Self {
        let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let (port, (tell, heard)) = (listener.local_addr().unwrap().port(), unbounded_channel());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(greet(stream, speaks_tls, tell.clone()));
            }
        });
        Self { port, heard }
    }

    /// Connects, which never ends well, and says what the server has heard.
    async fn connect(&mut self, host: &str, options: &str) -> Vec<Heard> {
        let url = format!("postgres://ann:canary@{host}:{}/site?{options}", self.port);
        let outcome: Result<_> = Database::connect(&url).await;
        let error = outcome.err().unwrap().to_string();
        assert!(!error.contains("canary"), "{error}");
        std::iter::from_fn(|| self.heard.try_recv().ok()).collect()
    }
}

/// The client asks for TLS (PostgreSQL's SSLRequest), and begins after the answer, if it likes it.
async fn greet(mut stream: TcpStream, speaks_tls: bool, tell: UnboundedSender<Heard>) -> std::io::Result<()> {
    let mut asked = [0; 8];
    stream.read_exact(&mut asked).await?;
    if asked[4..] != 80_877_103_u32.to_be_bytes() {
        return tell.send(Heard::Plainly).map_err(std::io::Error::other);
    }
    stream.write_all(if speaks_tls { b"S" } else { b"N" }).await?;
    let heard = match speaks_tls {
        true => says_who_it_is(acceptor().accept(stream).await?).await.then_some(Heard::ByTls),
        false => says_who_it_is(stream).await.then_some(Heard::Plainly),
    };
    heard.map_or(Ok(()), |heard| tell.send(heard).map_err(std::io::Error::other))
}

async fn says_who_it_is(mut stream: impl AsyncRead + Unpin) -> bool {
    let mut words = [0; 64];
    let length = stream.read(&mut words).await.unwrap_or_default();
    words[..length].windows(3).any(|word| word == b"ann")
}

fn with_ours(mode: &str) -> String {
    format!("sslmode={mode}&sslrootcert={}", certificate().display())
}

#[tokio::test]
async fn a_server_without_tls_hears_nothing_where_tls_is_asked_for() {
    let mut server = Server::start(false).await;
    for mode in ["verify-full", "verify-ca", "require"] {
        assert_eq!(server.connect("localhost", &with_ours(mode)).await, [], "{mode}");
    }
    assert_eq!(server.connect("localhost", "sslmode=prefer").await, [Heard::Plainly]);
}

#[tokio::test]
async fn a_database_is_spoken_to_if_its_certificate_and_name_are_right() {
    let mut server = Server::start(true).await;
    assert_eq!(server.connect("localhost", &with_ours("verify-full")).await, [Heard::ByTls]);
    assert_eq!(server.connect("localhost", "sslmode=verify-full").await, [], "nobody vouches for it");
    assert_eq!(
        server.connect("127.0.0.2", &with_ours("verify-full")).await,
        [],
        "it is another's certificate"
    );
    assert_eq!(server.connect("127.0.0.2", &with_ours("verify-ca")).await, [Heard::ByTls]);
}

#[test]
fn outside_debug_a_site_does_not_start_if_the_way_to_its_database_may_be_open() {
    let production = [("DEBUG", "false"), ("ALLOWED_HOSTS", "localhost")];
    for words in [&["check"][..], &["migrate"], &["runserver", "0"]] {
        let url = "postgres://ann:canary@db.invalid/site";
        let mut command = manage(env!("CARGO_BIN_EXE_site"), url, words);
        let (code, _, told) = outcome(&command.envs(production).output().unwrap());
        assert!(
            code == 3 && told.contains("?sslmode=verify-full") && !told.contains("canary"),
            "{code} {told}"
        );
        assert_eq!(told.trim().lines().count(), 1, "{told}");
    }
}
