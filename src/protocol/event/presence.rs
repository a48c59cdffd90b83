//! Frames of an agent's own presence: what it is, where it is logged in.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::shape::Described;
use super::super::to_text;
use super::super::wire::{Actor, Presence, Time};
use crate::engine::{Event, PresenceEvent};

/// Writes a change of presence for the agent that it is about; `None` when agents do not see its kind.
pub(super) fn agent_frame(event: &Event, change: &PresenceEvent, seq: u64) -> Option<String> {
    let at = Time(event.at);
    match change {
        PresenceEvent::Changed(view) => Some(to_text(&PresenceChanged {
            kind: "presence.changed",
            seq,
            at,
            presence: (&**view).into(),
        })),
        PresenceEvent::LoggedOut(_, session_id) => Some(to_text(&LoggedOut {
            kind: "session.logged_out",
            seq,
            at,
            session_id: session_id.0,
        })),
        PresenceEvent::QueueLogIn(log_in) => Some(to_text(&QueueLogInChanged {
            kind: "queue.login_changed",
            seq,
            at,
            queue_id: log_in.queue_id.0,
            logged_in: log_in.logged_in,
            by: event.actor.into(),
        })),
        PresenceEvent::Connected(_)
        | PresenceEvent::Disconnected(_)
        | PresenceEvent::Lost(_)
        | PresenceEvent::LeaseHeld(_)
        | PresenceEvent::LeaseExpired(_)
        | PresenceEvent::Noted(_) => None,
    }
}

/// The frames of this module.
pub(super) fn agents_frames() -> Vec<Described> {
    vec![
        Described::of::<PresenceChanged>("presence.changed", "The agent's presence has changed"),
        Described::of::<LoggedOut>("session.logged_out", "A session of the agent has ended"),
        Described::of::<QueueLogInChanged>(
            "queue.login_changed",
            "The agent takes offers of a queue again, or does no more",
        ),
    ]
}

#[derive(Serialize, ToSchema)]
struct PresenceChanged {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: u64,
    at: Time,
    presence: Presence,
}

#[derive(Serialize, ToSchema)]
struct QueueLogInChanged {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: u64,
    at: Time,
    queue_id: Uuid,
    logged_in: bool,
    by: Actor,
}

#[derive(Serialize, ToSchema)]
struct LoggedOut {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: u64,
    at: Time,
    session_id: Uuid,
}
