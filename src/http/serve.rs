//! The listener: takes connections and runs HTTP/1.1 on them.
//!
//! Owns what axum's own loop leaves unbounded: how many connections are open, how long a header may take, and how
//! long a shutdown waits for clients. Must not look into a request. A WebSocket counts as open until it is closed,
//! but once it is upgraded its end is `realtime`'s.

use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use futures_util::future::{Either, ready};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tower::Service;

use super::poll::Polls;
use super::{AppState, router};
use crate::config::Http;
use crate::lifecycle::Tasks;

/// How long nothing is accepted after the system refused a connection: it has run out of descriptors or memory, and
/// trying again at once would only burn a core.
const ACCEPT_PAUSE: Duration = Duration::from_millis(500);
/// How long a shutdown waits for the rest of a connection's first header: it is here within a round trip, or the client
/// holds it back.
const FIRST_REQUEST: Duration = Duration::from_secs(1);

/// What the listener bounds.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Open connections; one more waits in the system's backlog.
    pub connections_max: usize,
    /// How long a header may take, and how long a connection may be idle before it; then it is closed.
    pub header_timeout: Duration,
    /// How long a shutdown waits for answers that are under way; then their connections are closed.
    pub farewell: Duration,
}

impl Bounds {
    /// The configured bounds, for a shutdown of this length.
    #[must_use]
    pub fn new(config: &Http, shutdown_limit: Duration) -> Self {
        Self {
            connections_max: config.connections_max,
            header_timeout: Duration::from_secs(config.header_timeout_s),
            // The last quarter is for what ends after the connections.
            farewell: shutdown_limit * 3 / 4,
        }
    }
}

/// Serves until `end` begins. Connections are tasks of their own, which end by themselves: idle ones at once, the
/// others with their answer or when the bound is reached.
pub async fn serve(
    listener: TcpListener,
    app: AppState,
    bounds: Bounds,
    end: CancellationToken,
    tasks: Tasks,
) {
    let answers = Answers {
        polls: Some(Arc::new(Polls::new(app.clone()))),
        router: router(app),
    };
    listen(listener, answers, bounds, end, tasks).await;
}

/// What answers requests: polls first, then the router.
#[derive(Clone)]
struct Answers {
    polls: Option<Arc<Polls>>,
    router: Router,
}

async fn listen(
    listener: TcpListener,
    answers: Answers,
    bounds: Bounds,
    end: CancellationToken,
    tasks: Tasks,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(bounds.header_timeout);
    let mut door = Door {
        listener,
        room: Arc::new(Semaphore::new(bounds.connections_max)),
        is_full: false,
    };
    while let Some(Some((stream, peer))) = end.run_until_cancelled(door.next()).await {
        // A token of its own, so that requests do not meet at the lock of a shared one.
        let connection = Connection {
            http: http.clone(),
            answers: answers.clone(),
            peer,
            farewell: bounds.farewell,
            end: end.child_token(),
            hard: tasks.hard().child_token(),
        };
        tasks.spawn_isolated("connection", connection.run(stream));
    }
}

/// Where connections come in.
struct Door {
    listener: TcpListener,
    room: Arc<Semaphore>,
    /// Whether the last connection had to wait: only the first of them is logged.
    is_full: bool,
}

impl Door {
    /// Waits for room, then for a connection. `None` never comes: nobody closes the semaphore.
    async fn next(&mut self) -> Option<(Counted, SocketAddr)> {
        let permit = self.room().await?;
        loop {
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    // Answers are written whole; waiting to fill a packet would only delay them. A connection that
                    // is gone already fails here, and again at its first read.
                    let _ = stream.set_nodelay(true);
                    return Some((Counted { stream, permit }, peer));
                }
                Err(error) if is_the_peers(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "cannot accept connections; trying again");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    async fn room(&mut self) -> Option<OwnedSemaphorePermit> {
        if let Ok(permit) = Arc::clone(&self.room).try_acquire_owned() {
            self.is_full = false;
            return Some(permit);
        }
        if !std::mem::replace(&mut self.is_full, true) {
            tracing::warn!("http.connections_max is reached; further connections wait");
        }
        Arc::clone(&self.room).acquire_owned().await.ok()
    }
}

/// Whether only this one connection has failed, before it was accepted.
fn is_the_peers(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}

/// A connection that has been accepted, and what it runs with.
struct Connection {
    http: http1::Builder,
    answers: Answers,
    peer: SocketAddr,
    farewell: Duration,
    end: CancellationToken,
    hard: CancellationToken,
}

impl Connection {
    /// Answers requests until the client, a bound or the shutdown ends it. Errors are the client's: it went away, or
    /// what it sent is not HTTP, and then hyper has answered 400.
    async fn run(self, stream: Counted) {
        let Self {
            http,
            answers,
            peer,
            farewell,
            end,
            hard,
        } = self;
        let has_begun = Arc::new(AtomicBool::new(false));
        let begun = Arc::clone(&has_begun);
        let service = service_fn(move |mut request: hyper::Request<Incoming>| {
            begun.store(true, Ordering::Relaxed);
            let polls = answers.polls.as_ref();
            if let Some(answer) = polls.and_then(|polls| polls.answer(&request, peer)) {
                return Either::Left(ready(Ok(answer)));
            }
            request.extensions_mut().insert(ConnectInfo(peer));
            // A router is always ready, and shared: its clone is a reference count.
            Either::Right(answers.router.clone().call(request.map(Body::new)))
        });
        let connection = http.serve_connection(TokioIo::new(stream), service);
        let mut connection = pin!(connection.with_upgrades());
        tokio::select! {
            _ = connection.as_mut() => return,
            () = end.cancelled() => {}
        }
        connection.as_mut().graceful_shutdown();
        let rest = async {
            if !has_begun.load(Ordering::Relaxed) {
                let first = farewell.min(FIRST_REQUEST);
                let ended = tokio::time::timeout(first, connection.as_mut()).await;
                if ended.is_ok() || !has_begun.load(Ordering::Relaxed) {
                    return;
                }
            }
            let _ = tokio::time::timeout(farewell, connection).await;
        };
        hard.run_until_cancelled(rest).await;
    }
}

/// A stream that counts as open until it is closed, also when a WebSocket has taken it over.
struct Counted {
    stream: TcpStream,
    #[expect(dead_code, reason = "gives its place back when it is dropped")]
    permit: OwnedSemaphorePermit,
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::lifecycle::{ExitStatus, Signals};

    const LONG: Duration = Duration::from_secs(30);
    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";

    struct Running {
        address: SocketAddr,
        end: CancellationToken,
        tasks: Tasks,
    }

    async fn start(connections_max: usize, header_timeout: Duration) -> Running {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let who = async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.port().to_string();
        let bounds = Bounds {
            connections_max,
            header_timeout,
            farewell: LONG,
        };
        let (end, tasks) = (CancellationToken::new(), Tasks::new());
        let router = Router::new().route("/", get(who));
        let answers = Answers {
            polls: None,
            router,
        };
        let serving = listen(listener, answers, bounds, end.clone(), tasks.clone());
        tasks.spawn("http", serving);
        Running {
            address,
            end,
            tasks,
        }
    }

    impl Running {
        async fn connect(&self) -> TcpStream {
            TcpStream::connect(self.address).await.unwrap()
        }

        async fn stop(self) -> ExitStatus {
            self.end.cancel();
            self.tasks.stop();
            self.tasks.run(Signals::none(), LONG / 2).await
        }
    }

    /// Asks once and gives the end of the answer.
    async fn ask(stream: &mut TcpStream) -> String {
        stream.write_all(REQUEST).await.unwrap();
        let mut bytes = [0; 1024];
        let count = stream.read(&mut bytes).await.unwrap();
        let text = std::str::from_utf8(&bytes[..count]).unwrap();
        text.rsplit("\r\n").next().unwrap().to_owned()
    }

    #[tokio::test]
    async fn a_handler_knows_its_peer_and_a_connection_is_kept() {
        let running = start(10, LONG).await;
        let mut stream = running.connect().await;
        let port = stream.local_addr().unwrap().port().to_string();

        assert_eq!(ask(&mut stream).await, port);
        assert_eq!(ask(&mut stream).await, port);
    }

    #[tokio::test]
    async fn a_header_that_does_not_come_to_its_end_closes_the_connection() {
        let running = start(10, Duration::from_millis(50)).await;
        let mut stream = running.connect().await;
        stream.write_all(b"GET / HT").await.unwrap();

        let mut answer = Vec::new();
        let closed = tokio::time::timeout(LONG, stream.read_to_end(&mut answer)).await;

        assert!(closed.is_ok());
    }

    #[tokio::test]
    async fn one_connection_more_than_there_may_be_waits() {
        let running = start(1, LONG).await;
        let mut first = running.connect().await;
        ask(&mut first).await;
        let mut second = running.connect().await;
        second.write_all(REQUEST).await.unwrap();
        let early = tokio::time::timeout(Duration::from_millis(50), second.readable()).await;
        assert!(early.is_err());

        drop(first);

        assert!(!ask(&mut second).await.is_empty());
    }

    #[tokio::test]
    async fn neither_idle_nor_silent_connections_delay_a_shutdown() {
        let running = start(10, LONG).await;
        let (mut idle, mut half) = (running.connect().await, running.connect().await);
        let silent = running.connect().await;
        ask(&mut idle).await;
        half.write_all(b"GET / HT").await.unwrap();
        // By then the server has read the half of a header as well.
        ask(&mut idle).await;

        assert_eq!(running.stop().await, ExitStatus::Clean);
        drop((idle, half, silent));
    }
}
