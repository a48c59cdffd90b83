//! One socket: one task that reads, hands on, and drains its send queue before it flushes.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::SinkExt;

use crate::auth::Tokens;
use crate::clock::Clock;
use crate::domain::{ChatId, ConnectionId, Millis, VisitorId, WidgetId};
use crate::engine::{Command, VisitorCommand};
use crate::protocol::control::{PONG, close};
use crate::protocol::{Audience, ErrorCode, FileLinks, Problem, answer, frame};
use crate::random::Random;
use crate::telemetry::names;

use super::attach::{attach, names_something};
use super::board::Board;
use super::close::Close;
use super::dispatch::{self, Request};
use super::handshake::{Identity, Opening, SocketSettings, identify, shake_hands};
use super::heartbeat::Heartbeat;
use super::hub::Hub;
use super::mail::{Answer, Call, CallError, Mail, Outcome, Probe, ReplyTo};
use super::resolve::resolve;
use super::send_queue::{Connection, Outgoing, Party, QueueBounds};

/// A frame's text, shared by all connections that are sent it.
pub(super) type FrameText = axum::extract::ws::Utf8Bytes;

/// How long a closing connection may take to hear of it.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

/// What sockets work with.
pub struct SocketContext {
    /// The tenants.
    pub hub: Hub,
    /// The widgets.
    pub board: Arc<Board>,
    /// The connections of the node.
    pub heartbeat: Arc<Heartbeat>,
    /// Checks tokens.
    pub tokens: Arc<Tokens>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Ids.
    pub random: Random,
    /// Bounds.
    pub settings: SocketSettings,
    /// How many sockets are open, those that have not said hello among them.
    pub open: AtomicUsize,
}

/// Why a socket's task ends.
pub(super) enum Ending {
    /// The other side has gone.
    Gone,
    /// The server closes it for a reason of its own.
    Close(Close),
    /// The server closes it since what came was no frame of this protocol.
    Violation(close::Close),
}

impl Ending {
    /// The text of what was received; `None` for a protocol's own ping or pong.
    pub(super) fn text(
        received: Option<Result<Message, axum::Error>>,
    ) -> Result<Option<FrameText>, Self> {
        match received {
            Some(Ok(Message::Text(text))) => Ok(Some(text)),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(None),
            Some(Ok(Message::Binary(_))) => Err(Self::Close(Close::Binary)),
            Some(Ok(Message::Close(_))) | None => Err(Self::Gone),
            Some(Err(error)) => {
                let inner = error.into_inner();
                Err(match inner.downcast_ref::<tungstenite::Error>() {
                    Some(tungstenite::Error::Capacity(_)) => Self::Violation(close::TOO_LARGE),
                    Some(tungstenite::Error::Utf8(_)) => Self::Violation((1007, "not UTF-8")),
                    _ => Self::Gone,
                })
            }
        }
    }
}

/// Serves one socket until it ends.
pub async fn serve(context: Arc<SocketContext>, mut socket: WebSocket, opening: Opening) {
    let _counted = Counted::new(&context.open);
    let ending = match shake_hands(&context, &mut socket, &opening).await {
        Err(ending) => ending,
        Ok((identity, resume)) => {
            let connection = connection(&context, &identity);
            context.heartbeat.add(&connection);
            let letter = Mail::Attach(Arc::clone(&connection), resume);
            context.hub.send(identity.tenant_id, letter);
            let attached = Attached {
                context: &context,
                connection: &connection,
            };
            let mut driver = Driver {
                budget: FrameBudget::new(&context),
                context: &context,
                opening: &opening,
                identity,
                connection: &connection,
                socket: &mut socket,
            };
            let ending = driver.drive().await;
            drop(attached);
            say_goodbye(&mut socket, ending).await;
            context.heartbeat.remove(connection.id);
            return;
        }
    };
    say_goodbye(&mut socket, ending).await;
}

fn connection(context: &SocketContext, identity: &Identity) -> Arc<Connection> {
    let bounds = QueueBounds {
        frames_max: context.settings.send_queue_frames_max,
        bytes_max: context.settings.send_queue_bytes_max,
    };
    Arc::new(Connection::new(
        ConnectionId(context.random.uuid_v7(context.clock.now())),
        identity.tenant_id,
        identity.party,
        bounds,
        identity.expires_at,
        context.clock.monotonic(),
    ))
}

/// Sends the close frame and waits a little for the other side's.
async fn say_goodbye(socket: &mut WebSocket, ending: Ending) {
    let (code, reason) = match ending {
        Ending::Gone => return,
        Ending::Close(close) => close.code_and_reason(),
        Ending::Violation((code, reason)) => (code, reason.to_owned()),
    };
    metrics::counter!(names::SOCKET_CLOSES, "code" => code.to_string()).increment(1);
    let farewell = async {
        let frame = CloseFrame {
            code,
            reason: reason.into(),
        };
        if socket.send(Message::Close(Some(frame))).await.is_ok() {
            // The other side's close ends the handshake; what else it still sends is of no interest.
            while let Some(Ok(_)) = socket.recv().await {}
        }
    };
    let _ = tokio::time::timeout(CLOSE_WITHIN, farewell).await;
}

/// Counts a socket from its upgrade to its end.
struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn new(open: &'a AtomicUsize) -> Self {
        open.fetch_add(1, Ordering::Relaxed);
        Self(open)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Tells the tenant when the connection ends, also by a panic: otherwise its agent would stay online for ever.
struct Attached<'a> {
    context: &'a SocketContext,
    connection: &'a Arc<Connection>,
}

impl Drop for Attached<'_> {
    fn drop(&mut self) {
        self.connection.end();
        self.context.hub.detach(Arc::clone(self.connection));
    }
}

/// One connection's loop.
struct Driver<'a> {
    context: &'a Arc<SocketContext>,
    opening: &'a Opening,
    identity: Identity,
    connection: &'a Arc<Connection>,
    socket: &'a mut WebSocket,
    budget: FrameBudget,
}

impl Driver<'_> {
    async fn drive(&mut self) -> Ending {
        loop {
            // Past the bound no further request is read until one is answered: the client waits, not the server.
            let may_ask = self.connection.in_flight.load(Ordering::Relaxed)
                < self.context.settings.in_flight_max;
            tokio::select! {
                biased;
                () = self.connection.pushed() => {
                    if let Err(ending) = self.drain().await {
                        return ending;
                    }
                }
                received = self.socket.recv(), if may_ask => {
                    if let Err(ending) = self.received(received).await {
                        return ending;
                    }
                }
            }
        }
    }

    /// Sends all that waits, then flushes once. A stalled write is given up when the queue overflows meanwhile.
    async fn drain(&mut self) -> Result<(), Ending> {
        loop {
            let (frames, close) = self.connection.take();
            if frames.is_empty() {
                return close.map_or(Ok(()), |close| Err(Ending::Close(close)));
            }
            let connection = Arc::clone(self.connection);
            tokio::select! {
                written = self.write(frames) => written?,
                () = connection.closing() => {
                    let close = self.connection.take().1;
                    return Err(close.map_or(Ending::Gone, Ending::Close));
                }
            }
        }
    }

    async fn write(&mut self, frames: VecDeque<Outgoing>) -> Result<(), Ending> {
        for outgoing in frames {
            let text = match outgoing {
                Outgoing::Frame(text) | Outgoing::Passing(_, text) => text,
                Outgoing::Reply(id, probe, outcome) => {
                    self.connection.in_flight.fetch_sub(1, Ordering::Relaxed);
                    let store = self.context.hub.store();
                    let outcome = resolve(store, self.identity.tenant_id, &probe, outcome).await;
                    let links = self.context.hub.links().of(self.identity.tenant_id);
                    reply_frame(&id, self.opening.audience, outcome, &links)
                }
            };
            self.socket
                .feed(Message::Text(text))
                .await
                .map_err(|_| Ending::Gone)?;
        }
        self.socket.flush().await.map_err(|_| Ending::Gone)
    }

    async fn received(
        &mut self,
        received: Option<Result<Message, axum::Error>>,
    ) -> Result<(), Ending> {
        let text = Ending::text(received)?;
        let now = self.context.clock.monotonic();
        self.connection.heard(now);
        if !self.budget.take(now) {
            return Err(Ending::Close(Close::RateLimited));
        }
        if let Some(text) = text {
            self.request(&text).await;
        }
        Ok(())
    }

    async fn request(&mut self, text: &str) {
        let (id, request) = match self.read(text) {
            Ok(read) => read,
            Err(fault) => {
                return self.push(answer::error_frame(fault.id.as_deref(), &fault.problem));
            }
        };
        match request {
            Request::Nothing => {}
            Request::Pong => {
                self.connection
                    .push(Outgoing::Frame(FrameText::from_static(PONG)));
            }
            Request::Refuse(problem) => self.push(answer::error_frame(id.as_deref(), &problem)),
            Request::Watch(watched) => {
                let id: Box<str> = id.unwrap_or_default().into();
                let mail = Mail::Watch(Arc::clone(self.connection), id, watched);
                self.context.hub.send(self.identity.tenant_id, mail);
            }
            Request::RefreshToken(token) => self.refresh(id.as_deref().unwrap_or(""), &token),
            Request::Call(call) if !self.may_ask(&call.command) => {
                let detail = "too many chats started; wait a minute";
                let problem = Problem::new(ErrorCode::RateLimited, detail);
                self.push(answer::error_frame(id.as_deref(), &problem));
            }
            Request::Call(mut call) => {
                let id: Box<str> = id.unwrap_or_default().into();
                if let Err(error) = self.attach(&mut call).await {
                    return self.push(answer::error_frame(Some(&id), &problem(&error)));
                }
                let probe = Probe::of(&call.command);
                self.connection.in_flight.fetch_add(1, Ordering::Relaxed);
                let reply_to = ReplyTo::Socket(Arc::clone(self.connection), id, Box::new(probe));
                let mail = Mail::Call(call, reply_to);
                self.context.hub.send(self.identity.tenant_id, mail);
            }
        }
    }

    /// Looks up what the call names. The next frame waits meanwhile, since messages keep their order.
    async fn attach(&mut self, call: &mut Call) -> Result<(), CallError> {
        if !names_something(call) {
            return Ok(());
        }
        let (store, now) = (self.context.hub.store(), self.context.clock.now());
        // On the heap, since it is rare: inside, it would be part of the task of every idle connection.
        Box::pin(attach(store, self.identity.tenant_id, call, now)).await
    }

    /// Starting chats is limited as over HTTP; everything else by the frames' own budget.
    fn may_ask(&self, command: &Command) -> bool {
        match command {
            Command::Visitor {
                visitor_id,
                command: VisitorCommand::Start(_),
                ..
            } => (self.opening.may_start)(*visitor_id),
            _ => true,
        }
    }

    fn read(&self, text: &str) -> Result<(Option<String>, Request), frame::FrameFault> {
        match (self.opening.audience, self.identity.party) {
            (Audience::Agent, party) => frame::parse_agent(text).map(|frame| {
                (
                    frame.id,
                    dispatch::of_agent(party, self.connection.id, self.identity.role, frame.kind),
                )
            }),
            (Audience::Visitor, Party::Visitor(visitor_id)) => self.read_visitor(visitor_id, text),
            (Audience::Visitor, Party::Agent(..)) => Ok((None, Request::Nothing)),
        }
    }

    fn read_visitor(
        &self,
        visitor_id: VisitorId,
        text: &str,
    ) -> Result<(Option<String>, Request), frame::FrameFault> {
        // A visitor's identity always names the widget that it came through.
        let widget_id = self
            .identity
            .widget_id
            .unwrap_or(WidgetId(uuid::Uuid::nil()));
        let vouched = &self.identity.vouched;
        let new_chat = || ChatId(self.context.random.uuid_v7(self.context.clock.now()));
        frame::parse_visitor(text).map(|frame| {
            (
                frame.id,
                dispatch::of_visitor(
                    visitor_id,
                    widget_id,
                    vouched,
                    self.opening,
                    new_chat,
                    frame.kind,
                ),
            )
        })
    }

    /// A new token for the same person goes on; anything else ends the connection.
    fn refresh(&mut self, id: &str, token: &str) {
        match identify(self.context, self.opening, token) {
            Ok(fresh)
                if fresh.tenant_id == self.identity.tenant_id
                    && fresh.party == self.identity.party =>
            {
                let expires_at = fresh.expires_at;
                self.identity = fresh;
                self.connection.renew_token(expires_at);
                self.push(answer::refreshed_frame(id, expires_at));
            }
            _ => self.connection.close_after(Close::Unauthenticated),
        }
    }

    fn push(&self, frame: String) {
        self.connection.push(Outgoing::Frame(frame.into()));
    }
}

/// The answer to a request, once it is known for certain.
fn reply_frame(id: &str, audience: Audience, outcome: Outcome, links: &dyn FileLinks) -> FrameText {
    let frame = match outcome {
        Ok(Answer::Fresh(reply) | Answer::Repeated(reply)) => {
            answer::ok_frame(id, &reply, audience, links)
        }
        // A socket's requests carry no idempotency key.
        Ok(Answer::Remembered(_)) => answer::error_frame(Some(id), &unavailable()),
        Err(error) => answer::error_frame(Some(id), &problem(&error)),
    };
    frame.into()
}

fn problem(error: &CallError) -> Problem {
    match error {
        CallError::Refused(refusal) => refusal.clone().into(),
        CallError::IdempotencyMismatch | CallError::Unavailable { .. } => unavailable(),
        CallError::UnknownTenant => Problem::not_found(),
    }
}

fn unavailable() -> Problem {
    Problem::new(
        ErrorCode::Unavailable,
        "nothing is known of the outcome; send it again",
    )
}

/// A token bucket of frames.
struct FrameBudget {
    per_second: i64,
    burst_millis: i64,
    /// How many milliseconds' worth of frames are left.
    left: i64,
    seen: Millis,
}

impl FrameBudget {
    fn new(context: &SocketContext) -> Self {
        let burst_millis = i64::from(context.settings.frames_burst) * 1000;
        Self {
            per_second: i64::from(context.settings.frames_per_second_max),
            burst_millis,
            left: burst_millis,
            seen: context.clock.monotonic(),
        }
    }

    fn take(&mut self, now: Millis) -> bool {
        let gained = (now.0 - self.seen.0).max(0).saturating_mul(self.per_second);
        self.seen = now;
        self.left = self.left.saturating_add(gained).min(self.burst_millis) - 1000;
        self.left >= 0
    }
}
