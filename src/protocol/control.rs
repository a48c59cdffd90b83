//! Frames that belong to the connection itself: the first answer, the heartbeat, the end.
//!
//! Owns the snapshots' shape and the close codes. Must not decide when any of them is sent.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::shape::Described;
use super::to_text;
use super::wire::{
    Agent, Chat, CustomStatus, Offer, OfficeCard, Pause, Presence, Time, VisitorChat, WrapUp,
};
use crate::domain::{ConnectionId, Name, Timestamp};
use crate::engine::{AgentSnapshot, VisitorSnapshot};

/// The server's heartbeat, and the client's.
pub const PING: &str = r#"{"type":"ping"}"#;
/// The answer to a heartbeat.
pub const PONG: &str = r#"{"type":"pong"}"#;
/// The sub-protocol that both sides name in the upgrade.
pub const SUB_PROTOCOL: &str = "deskbell.v1";

/// The close codes with their reasons. From 4000 to 4099 except for 4001 and 4003 a client comes back by itself.
pub mod close {
    /// A code and its reason, which a client shows to nobody but its developer.
    pub type Close = (u16, &'static str);

    /// A binary frame.
    pub const BINARY: Close = (1003, "frames are text");
    /// An oversized frame.
    pub const TOO_LARGE: Close = (1009, "the frame is too large");
    /// The server restarts; the reason is made by [`restart_reason`].
    pub const RESTART: u16 = 1012;
    /// Two pings went unanswered.
    pub const SILENT: Close = (4000, "two pings went unanswered");
    /// The token is bad or has expired, or the session was revoked.
    pub const UNAUTHENTICATED: Close = (4001, "the token is bad, expired or revoked");
    /// The page may not use the widget.
    pub const FORBIDDEN: Close = (4003, "this page may not use the widget");
    /// The client does not read what it is sent.
    pub const TOO_SLOW: Close = (4008, "too slow to read what is sent");
    /// Too many frames or connections.
    pub const RATE_LIMITED: Close = (4029, "too many frames");
    /// No hello in time.
    pub const NO_HELLO: Close = (4408, "no hello in time");

    /// All of them but that of a restart, whose reason tells a time.
    pub const ALL: [Close; 8] = [
        BINARY,
        TOO_LARGE,
        SILENT,
        UNAUTHENTICATED,
        FORBIDDEN,
        TOO_SLOW,
        RATE_LIMITED,
        NO_HELLO,
    ];

    /// The reason of a restart: when to come back.
    #[must_use]
    pub fn restart_reason(retry_after_ms: u64) -> String {
        format!("retry_after_ms={retry_after_ms}")
    }
}

#[derive(Serialize, ToSchema)]
struct Welcome<N, T> {
    #[serde(rename = "type")]
    kind: &'static str,
    at: Time,
    history_id: Uuid,
    #[schema(inline)]
    seq: N,
    connection_id: Uuid,
    #[schema(inline)]
    snapshot: T,
}

#[derive(Serialize, ToSchema)]
struct AgentState<'a> {
    me: Agent,
    presence: Presence,
    offices: Vec<OfficeCard>,
    statuses: Vec<CustomStatus>,
    pauses: Vec<Pause>,
    queues: Vec<QueueOfOffice<'a>>,
    offers: Vec<Offer>,
    chats: Vec<Chat>,
    wrap_ups: Vec<WrapUp>,
}

#[derive(Serialize, ToSchema)]
struct QueueOfOffice<'a> {
    id: Uuid,
    #[schema(value_type = String)]
    name: &'a Name,
    office_id: Uuid,
    logged_in: bool,
}

#[derive(Serialize, ToSchema)]
struct VisitorState {
    visitor_id: Uuid,
    chats: Vec<VisitorChat>,
    shows_unsent_text: bool,
}

#[derive(Serialize, ToSchema)]
struct Resumed {
    #[serde(rename = "type")]
    kind: &'static str,
    at: Time,
    history_id: Uuid,
    seq: i64,
    connection_id: Uuid,
}

/// The frames of the connection itself that agents are sent.
pub(super) fn agents_frames() -> [Described; 2] {
    [
        Described::of::<Welcome<u64, AgentState<'_>>>("welcome", WELCOME),
        Described::of::<Resumed>("resumed", RESUMED),
    ]
}

/// Those that visitors are sent.
pub(super) fn visitors_frames() -> [Described; 2] {
    [
        Described::of::<Welcome<i64, VisitorState>>("welcome", WELCOME),
        Described::of::<Resumed>("resumed", RESUMED),
    ]
}

const WELCOME: &str = "The first frame, with all that a client starts from";
const RESUMED: &str = "The first frame of a client that is sent what it missed instead";

/// Writes an agent's first frame with all that its client starts from.
#[must_use]
pub fn welcome_agent(
    at: Timestamp,
    history_id: Uuid,
    seq: u64,
    connection_id: ConnectionId,
    snapshot: &AgentSnapshot,
) -> String {
    let offices = snapshot.offices.iter();
    let queues = snapshot.queues.iter();
    to_text(&Welcome {
        kind: "welcome",
        at: Time(at),
        history_id,
        seq,
        connection_id: connection_id.0,
        snapshot: AgentState {
            me: (&snapshot.me).into(),
            presence: (&snapshot.presence).into(),
            offices: offices.map(OfficeCard::from).collect(),
            statuses: snapshot.statuses.iter().map(CustomStatus::from).collect(),
            pauses: snapshot.pauses.iter().map(Pause::from).collect(),
            queues: queues
                .map(|queue| QueueOfOffice {
                    id: queue.id.0,
                    name: &queue.name,
                    office_id: queue.office_id.0,
                    logged_in: !snapshot.logged_out.contains(&queue.id),
                })
                .collect(),
            offers: snapshot.offers.iter().map(Offer::from).collect(),
            chats: snapshot.chats.iter().map(Chat::from).collect(),
            wrap_ups: snapshot.wrap_ups.iter().map(WrapUp::from).collect(),
        },
    })
}

/// Writes a visitor's first frame with all that its client starts from.
#[must_use]
pub fn welcome_visitor(
    at: Timestamp,
    history_id: Uuid,
    seq: i64,
    connection_id: ConnectionId,
    snapshot: &VisitorSnapshot,
) -> String {
    to_text(&Welcome {
        kind: "welcome",
        at: Time(at),
        history_id,
        seq,
        connection_id: connection_id.0,
        snapshot: VisitorState {
            visitor_id: snapshot.visitor_id.0,
            chats: snapshot.chats.iter().map(VisitorChat::from).collect(),
            shows_unsent_text: snapshot.shows_unsent_text,
        },
    })
}

/// Writes the first frame of a client that is sent what it missed instead of a snapshot.
#[must_use]
pub fn resumed(at: Timestamp, history_id: Uuid, seq: i64, connection_id: ConnectionId) -> String {
    to_text(&Resumed {
        kind: "resumed",
        at: Time(at),
        history_id,
        seq,
        connection_id: connection_id.0,
    })
}
