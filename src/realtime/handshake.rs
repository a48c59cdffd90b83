//! Who is at the other end: the first frame of a connection, or what came with the upgrade.

use axum::extract::ws::{Message, WebSocket};

use crate::domain::{
    Country, Millis, Role, Source, TenantId, Timestamp, VisitorId, Vouched, Widget, WidgetId,
};
use crate::protocol::control::PONG;
use crate::protocol::frame::{self, AgentFrameKind, FrameFault, Hello, VisitorFrameKind};
use crate::protocol::{Audience, ErrorCode, Problem, answer};

use super::close::Close;
use super::connection::{Ending, SocketContext};
use super::mail::Resume;
use super::send_queue::Party;

/// A client that says so much without a hello has nothing to say.
const FRAMES_BEFORE_HELLO_MAX: usize = 20;

/// How a socket was opened.
pub struct Opening {
    /// Whose socket it is.
    pub audience: Audience,
    /// Where it was opened from.
    pub source: Source,
    /// The country that it was opened from, if a proxy says so.
    pub country: Option<Country>,
    /// The token of the `Authorization` header, if there was one.
    pub token: Option<String>,
    /// `history_id` and `after` of the address.
    pub resume: Option<(uuid::Uuid, i64)>,
    /// Whether the page that opened it may use a widget.
    pub may_embed: Box<dyn Fn(&Widget) -> bool + Send + Sync>,
    /// Whether a visitor may start another chat now.
    pub may_start: Box<dyn Fn(VisitorId) -> bool + Send + Sync>,
}

/// Who was let in.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    pub(super) tenant_id: TenantId,
    pub(super) party: Party,
    pub(super) role: Role,
    /// The widget that a visitor came through.
    pub(super) widget_id: Option<WidgetId>,
    /// What a visitor's own site has signed of it.
    pub(super) vouched: Vouched,
    pub(super) expires_at: Timestamp,
}

/// Waits for a good hello. Until then nothing but heartbeats is answered.
pub(super) async fn shake_hands(
    context: &SocketContext,
    socket: &mut WebSocket,
    opening: &Opening,
) -> Result<(Identity, Option<Resume>), Ending> {
    if let Some(token) = &opening.token {
        let identity = identify(context, opening, token)?;
        let resume = opening
            .resume
            .map(|(history_id, after)| Resume { history_id, after });
        return Ok((identity, resume));
    }
    tokio::select! {
        // Covers the answers too: whoever reads none of them is not waited for.
        () = context.clock.sleep(context.settings.hello_timeout) => {
            Err(Ending::Close(Close::NoHello))
        }
        greeted = wait_for_hello(context, socket, opening) => greeted,
    }
}

async fn wait_for_hello(
    context: &SocketContext,
    socket: &mut WebSocket,
    opening: &Opening,
) -> Result<(Identity, Option<Resume>), Ending> {
    for _ in 0..FRAMES_BEFORE_HELLO_MAX {
        let Some(text) = Ending::text(socket.recv().await)? else {
            continue;
        };
        let reply = match first_frame(opening.audience, &text) {
            Ok(First::Hello(hello)) => {
                let Some(token) = &hello.token else {
                    return Err(Ending::Close(Close::Unauthenticated));
                };
                let identity = identify(context, opening, token)?;
                let resume = hello.resume.map(|resume| Resume {
                    history_id: resume.history_id,
                    after: resume.after,
                });
                return Ok((identity, resume));
            }
            Ok(First::Ping) => PONG.to_owned(),
            Ok(First::Pong) => continue,
            Ok(First::Other(id)) => {
                let detail = "the first frame is hello";
                let problem = Problem::new(ErrorCode::Unauthenticated, detail);
                answer::error_frame(id.as_deref(), &problem)
            }
            Err(mut fault) => {
                // The faults say what is wrong with it, this says that it is not too late.
                fault
                    .problem
                    .detail
                    .push_str("; a good hello is still awaited");
                answer::error_frame(fault.id.as_deref(), &fault.problem)
            }
        };
        socket
            .send(Message::Text(reply.into()))
            .await
            .map_err(|_| Ending::Gone)?;
    }
    Err(Ending::Close(Close::RateLimited))
}

enum First {
    Hello(Hello),
    Ping,
    Pong,
    Other(Option<String>),
}

fn first_frame(audience: Audience, text: &str) -> Result<First, FrameFault> {
    match audience {
        Audience::Agent => frame::parse_agent(text).map(|frame| match frame.kind {
            AgentFrameKind::Hello(hello) => First::Hello(hello),
            AgentFrameKind::Ping => First::Ping,
            AgentFrameKind::Pong => First::Pong,
            _ => First::Other(frame.id),
        }),
        Audience::Visitor => frame::parse_visitor(text).map(|frame| match frame.kind {
            VisitorFrameKind::Hello(hello) => First::Hello(hello),
            VisitorFrameKind::Ping => First::Ping,
            VisitorFrameKind::Pong => First::Pong,
            _ => First::Other(frame.id),
        }),
    }
}

/// Checks a token, and for a visitor the page that it comes from.
pub(super) fn identify(
    context: &SocketContext,
    opening: &Opening,
    token: &str,
) -> Result<Identity, Ending> {
    let refused = Ending::Close(Close::Unauthenticated);
    let now = context.clock.now();
    match opening.audience {
        Audience::Agent => {
            let Ok(claims) = context.tokens.verify_agent(token, now) else {
                return Err(refused);
            };
            if context.hub.sessions().is_revoked(claims.session_id) {
                return Err(refused);
            }
            Ok(Identity {
                tenant_id: claims.tenant_id,
                party: Party::Agent(claims.agent_id, claims.session_id),
                role: claims.role,
                widget_id: None,
                vouched: Vouched::default(),
                expires_at: claims.expires_at,
            })
        }
        Audience::Visitor => {
            let Ok(claims) = context.tokens.verify_visitor(token, now) else {
                return Err(refused);
            };
            let entry = context
                .board
                .find_of_tenant(claims.tenant_id, claims.widget_id);
            if !entry.is_some_and(|entry| (opening.may_embed)(&entry.widget)) {
                return Err(Ending::Close(Close::Forbidden));
            }
            Ok(Identity {
                tenant_id: claims.tenant_id,
                party: Party::Visitor(claims.visitor_id),
                role: Role::Agent,
                widget_id: Some(claims.widget_id),
                vouched: claims.vouched,
                expires_at: claims.expires_at,
            })
        }
    }
}

/// The bounds of one socket.
#[derive(Clone, Copy, Debug)]
pub struct SocketSettings {
    /// How long a socket may stay silent before its hello.
    pub hello_timeout: Millis,
    /// Frames that may wait for a slow reader.
    pub send_queue_frames_max: usize,
    /// Bytes that may wait for a slow reader.
    pub send_queue_bytes_max: usize,
    /// Requests of one socket under way; no further frame is read until one is answered.
    pub in_flight_max: u32,
    /// Frames a second that are sustained.
    pub frames_per_second_max: u32,
    /// Frames at once; past this bound the socket closes with `4029`.
    pub frames_burst: u32,
}
