//! A mail server that keeps what it gets, and a backend of a site's own.

use crate::tls::{acceptor, certificate};
use futures_util::future::BoxFuture;
use nuages::Settings;
use nuages::email::{EmailBackend, Letter, Undelivered};
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// How the server speaks TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaks {
    /// Not at all.
    Plainly,
    /// When it is asked to.
    StartTls,
    /// From the first byte.
    Tls,
}

/// A mail as it arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrived {
    /// Whom it comes back to.
    pub from: String,
    /// Who gets it.
    pub to: Vec<String>,
    /// Headers and body.
    pub text: String,
    /// What the client logged in with.
    pub login: Option<String>,
    /// Whether it came by TLS.
    pub by_tls: bool,
}

/// A mail server on a free port of this machine, until the test ends.
#[derive(Clone)]
pub struct MailServer {
    /// Where it listens.
    pub address: SocketAddr,
    state: Arc<State>,
}

struct State {
    speaks: Speaks,
    patience: Duration,
    arrived: Mutex<Vec<Arrived>>,
    replies: Mutex<VecDeque<&'static str>>,
}

impl MailServer {
    /// A server that takes all mail.
    pub async fn start(speaks: Speaks) -> Self {
        Self::start_at("127.0.0.1:0".parse().expect("it is an address"), speaks, Duration::ZERO).await
    }

    /// A server at this address that lets a client wait before it greets it.
    ///
    /// # Panics
    /// If it cannot listen there.
    pub async fn start_at(address: SocketAddr, speaks: Speaks, patience: Duration) -> Self {
        let listener = TcpListener::bind(address).await.expect("the address is free");
        let address = listener.local_addr().expect("it listens");
        let state = State { speaks, patience, arrived: Mutex::default(), replies: Mutex::default() };
        let server = Self { address, state: Arc::new(state) };
        tokio::spawn(accept(listener, Arc::clone(&server.state)));
        server
    }

    /// Answers the next recipient so; the one after it is welcome, unless this is called twice.
    pub fn answer(&self, reply: &'static str) {
        self.state.replies.lock().expect("nobody panicked").push_back(reply);
    }

    /// What has arrived.
    pub fn arrived(&self) -> Vec<Arrived> {
        self.state.arrived.lock().expect("nobody panicked").clone()
    }

    /// Waits until so many mails have arrived.
    ///
    /// # Panics
    /// If they have not after 20 seconds.
    pub async fn wait_for(&self, number: usize) -> Vec<Arrived> {
        let waiting = async {
            while self.arrived().len() < number {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), waiting).await.expect("the mail arrives");
        self.arrived()
    }

    /// Settings of a site that sends its mail here.
    pub fn settings(&self) -> Settings {
        Settings {
            debug: true,
            email_backend: Some(nuages::settings::EmailBackendKind::Smtp),
            email_host: Some("127.0.0.1".into()),
            email_port: Some(self.address.port()),
            email_use_tls: self.state.speaks == Speaks::StartTls,
            email_use_ssl: self.state.speaks == Speaks::Tls,
            email_ssl_cafile: Some(certificate()),
            email_timeout: 5,
            default_from_email: Some("Band <band@site.example>".into()),
            ..Settings::default()
        }
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    while let Ok((stream, _)) = listener.accept().await {
        let state = Arc::clone(&state);
        tokio::spawn(async move {
            tokio::time::sleep(state.patience).await;
            // A client may leave in the middle: that is its own business.
            let _ = welcome(stream, &state).await;
        });
    }
}

async fn welcome(stream: TcpStream, state: &State) -> io::Result<()> {
    if state.speaks == Speaks::Tls {
        let stream = acceptor().accept(stream).await?;
        return talk(&mut BufReader::new(stream), state, true, true).await.map(drop);
    }
    let mut plain = BufReader::new(stream);
    if talk(&mut plain, state, false, true).await? == End::StartTls {
        let stream = acceptor().accept(plain.into_inner()).await?;
        talk(&mut BufReader::new(stream), state, true, false).await?;
    }
    Ok(())
}

#[derive(PartialEq, Eq)]
enum End {
    Quit,
    StartTls,
}

async fn talk<S>(stream: &mut BufReader<S>, state: &State, by_tls: bool, greets: bool) -> io::Result<End>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut mail = Arrived { by_tls, ..Arrived::default() };
    if greets {
        say(stream, "220 mail.site.example").await?;
    }
    loop {
        let line = line(stream).await?;
        let (verb, rest) = line.split_once([' ', ':']).unwrap_or((&line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" if state.speaks == Speaks::StartTls && !by_tls => {
                say(stream, "250-mail.site.example\r\n250 STARTTLS").await?;
            }
            "EHLO" => say(stream, "250-mail.site.example\r\n250 AUTH PLAIN").await?,
            "STARTTLS" => {
                say(stream, "220 go ahead").await?;
                return Ok(End::StartTls);
            }
            "AUTH" => {
                mail.login = rest.split(' ').nth(1).map(str::to_owned);
                say(stream, "235 welcome").await?;
            }
            "MAIL" => {
                mail.from = address(rest);
                say(stream, "250 ok").await?;
            }
            "RCPT" => {
                let reply = state.replies.lock().expect("nobody panicked").pop_front();
                mail.to.push(address(rest));
                say(stream, reply.unwrap_or("250 ok")).await?;
            }
            "DATA" => {
                say(stream, "354 go on").await?;
                mail.text = data(stream).await?;
                state.arrived.lock().expect("nobody panicked").push(mail.clone());
                say(stream, "250 taken").await?;
            }
            "QUIT" | "" => return Ok(End::Quit),
            _ => say(stream, "250 ok").await?,
        }
    }
}

/// What stands in angle brackets.
fn address(text: &str) -> String {
    let inside = text.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inside.map(|(address, _)| address.to_owned()).unwrap_or_default()
}

async fn data<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> io::Result<String> {
    let mut text = String::new();
    loop {
        let line = line(stream).await?;
        if line == "." {
            return Ok(text);
        }
        text.push_str(line.strip_prefix('.').unwrap_or(&line));
        text.push_str("\r\n");
    }
}

async fn line<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> io::Result<String> {
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

async fn say<S: AsyncWrite + AsyncRead + Unpin>(stream: &mut BufReader<S>, reply: &str) -> io::Result<()> {
    stream.write_all(format!("{reply}\r\n").as_bytes()).await?;
    stream.flush().await
}

/// A backend of a site's own: it says to whom it has sent.
pub struct Postbox;

impl EmailBackend for Postbox {
    fn deliver<'a>(&'a self, letter: &'a Letter) -> BoxFuture<'a, Result<(), Undelivered>> {
        println!("posted to {}", letter.recipients().collect::<Vec<_>>().join(", "));
        Box::pin(async { Ok(()) })
    }
}
