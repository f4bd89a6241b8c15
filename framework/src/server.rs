//! The server: listening, time limits, a graceful stop. poem is the router; the connections are ours, because poem 3.1
//! sets no limit for half-sent headers and listens with a backlog of 128.

use crate::error::{Error, Result};
use crate::layer::Next;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use poem::http::uri::Scheme;
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Addr, Request, Response};
use socket2::{Domain, Protocol, Socket, Type};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

/// A request's headers must be here within this time.
const HEADERS: Duration = Duration::from_secs(10);
/// Requests that run when the server is told to stop may run for so long.
const GRACE: Duration = Duration::from_secs(10);
/// Bytes that a request's headers may have; more is answered by 431.
const HEADER_BYTES: usize = 32 * 1024;
/// Connections that may wait to be accepted.
const BACKLOG: i32 = 4096;

/// Listens at this address.
///
/// # Errors
/// [`Error::Refused`] if the port is in use or may not be opened.
pub(crate) fn listen(address: SocketAddr) -> Result<TcpListener> {
    bind(address).map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => Error::Refused(format!(
            "{address} is in use; stop the other server, or name another port: cargo run -- runserver 8001"
        )),
        _ => Error::Refused(format!("cannot listen at {address}: {error}")),
    })
}

fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// Serves until `stop` is done; then lets what runs finish, for a while.
pub(crate) async fn serve(
    listener: TcpListener,
    handler: Next,
    stop: impl Future<Output = ()>,
) -> Result<()> {
    let (connections, local) = (GracefulShutdown::new(), listener.local_addr()?);
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, remote)) => connect(stream, local, remote, handler.clone(), &connections),
                // Out of file descriptors, most likely: wait for some to be closed.
                Err(error) => {
                    tracing::warn!("cannot accept a connection: {error}");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
        }
    }
    drop(listener);
    if tokio::time::timeout(GRACE, connections.shutdown()).await.is_err() {
        tracing::warn!("some requests ran for longer than {} s and were cut off", GRACE.as_secs());
    }
    Ok(())
}

fn connect(
    stream: TcpStream,
    local: SocketAddr,
    remote: SocketAddr,
    handler: Next,
    connections: &GracefulShutdown,
) {
    let _ = stream.set_nodelay(true);
    let (local, remote) = (LocalAddr(Addr::SocketAddr(local)), RemoteAddr(Addr::SocketAddr(remote)));
    let service = hyper::service::service_fn(move |request| {
        let request = Request::from((request, local.clone(), remote.clone(), Scheme::HTTP));
        let answer = ToItsEnd(Some(handler.run(request)));
        async move { Ok::<_, Infallible>(hyper::Response::from(answer.await)) }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .max_buf_size(HEADER_BYTES)
        // Head and body in one buffer: one write of a page costs less than one of two parts.
        .writev(false)
        .serve_connection(TokioIo::new(stream), service);
    let connection = connections.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!("a connection ended: {error}");
        }
    });
}

/// A request that runs to its end in a task of its own when the client leaves: what was begun in the database is not
/// left half done.
struct ToItsEnd(Option<Pin<Box<dyn Future<Output = Response> + Send>>>);

impl Future for ToItsEnd {
    type Output = Response;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Response> {
        let mut future = self.0.take().expect("it is not polled again after its end");
        let answer = future.as_mut().poll(context);
        // Not put back after a panic: nobody can run it to its end then.
        if answer.is_pending() {
            self.0 = Some(future);
        }
        answer
    }
}

impl Drop for ToItsEnd {
    fn drop(&mut self) {
        if let (Some(future), Ok(runtime)) = (self.0.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(future);
        }
    }
}
