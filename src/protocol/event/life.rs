//! Frames of the turns that a chat's life takes.

use serde::Serialize;
use uuid::Uuid;

use super::super::to_text;
use super::super::wire::{Actor, Chat, ChatMarks, TargetKind, Time, VisitorChat, WrapUp};
use crate::domain::Timestamp;
use crate::engine::{ChatFact, LifeEvent};

/// Writes a turn for agents; `None` when they do not see its kind.
pub(super) fn agent_frame(fact: ChatFact<'_>, turn: &LifeEvent, seq: u64) -> Option<String> {
    let at = Time(fact.at);
    match turn {
        LifeEvent::Updated(parties, marks) => Some(to_text(&Updated {
            kind: "chat.updated",
            seq,
            at,
            chat_id: parties.chat_id.0,
            marks: (&**marks).into(),
            by: fact.actor.into(),
        })),
        LifeEvent::WrapUpStarted(view) => Some(to_text(&WrapUpStarted {
            kind: "chat.wrap_up_started",
            seq,
            at,
            chat_id: view.chat.id.0,
            wrap_up: (&**view).into(),
        })),
        LifeEvent::WrapUpEnded(chat_id, agent_id) => Some(to_text(&WrapUpEnded {
            kind: "chat.wrap_up_ended",
            seq,
            at,
            chat_id: chat_id.0,
            agent_id: agent_id.0,
        })),
        LifeEvent::Reopened(chat, _) => Some(to_text(&Reopened {
            kind: "chat.reopened",
            seq,
            at,
            chat_id: chat.id.0,
            chat: Chat::from(&**chat),
        })),
        LifeEvent::TargetMissed(parties, kind) => Some(to_text(&TargetMissed {
            kind: "chat.target_missed",
            seq,
            at,
            chat_id: parties.chat_id.0,
            target: TargetKind(kind.as_str()),
        })),
        LifeEvent::Reminded(chat_id, _) => Some(to_text(&Reminder {
            kind: "chat.reminder",
            seq,
            at,
            chat_id: chat_id.0,
        })),
        LifeEvent::IdleWarned(..) | LifeEvent::Rated(..) => shared_frame(fact.at, turn, seq),
        LifeEvent::VisitorSeen(_) => None,
    }
}

/// Writes a turn for the visitor of its chat; `None` when visitors do not see its kind.
pub(super) fn visitor_frame(fact: ChatFact<'_>, turn: &LifeEvent, seq: i64) -> Option<String> {
    match turn {
        LifeEvent::Reopened(chat, _) => Some(to_text(&Reopened {
            kind: "chat.reopened",
            seq,
            at: Time(fact.at),
            chat_id: chat.id.0,
            chat: VisitorChat::from(&**chat),
        })),
        LifeEvent::IdleWarned(..) | LifeEvent::Rated(..) => shared_frame(fact.at, turn, seq),
        LifeEvent::Updated(..)
        | LifeEvent::WrapUpStarted(_)
        | LifeEvent::WrapUpEnded(..)
        | LifeEvent::VisitorSeen(_)
        | LifeEvent::TargetMissed(..)
        | LifeEvent::Reminded(..) => None,
    }
}

/// The turns that look alike for both audiences but for their number.
fn shared_frame<N: Serialize>(at: Timestamp, turn: &LifeEvent, seq: N) -> Option<String> {
    let at = Time(at);
    match turn {
        LifeEvent::IdleWarned(parties, closes_at) => Some(to_text(&IdleWarning {
            kind: "chat.idle_warning",
            seq,
            at,
            chat_id: parties.chat_id.0,
            closes_at: closes_at.map(Time),
        })),
        LifeEvent::Rated(parties, rating) => Some(to_text(&Rated {
            kind: "chat.rated",
            seq,
            at,
            chat_id: parties.chat_id.0,
            score: rating.score.get(),
        })),
        _ => None,
    }
}

#[derive(Serialize)]
struct Updated {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: u64,
    at: Time,
    chat_id: Uuid,
    #[serde(flatten)]
    marks: ChatMarks,
    by: Actor,
}

#[derive(Serialize)]
struct WrapUpStarted {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: u64,
    at: Time,
    chat_id: Uuid,
    #[serde(flatten)]
    wrap_up: WrapUp,
}

#[derive(Serialize)]
struct WrapUpEnded {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: u64,
    at: Time,
    chat_id: Uuid,
    agent_id: Uuid,
}

#[derive(Serialize)]
struct Reopened<N, T> {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: N,
    at: Time,
    chat_id: Uuid,
    /// The chat enters the client's state again with this event, so it must be whole.
    chat: T,
}

#[derive(Serialize)]
struct TargetMissed {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: u64,
    at: Time,
    chat_id: Uuid,
    target: TargetKind,
}

#[derive(Serialize)]
struct Reminder {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: u64,
    at: Time,
    chat_id: Uuid,
}

#[derive(Serialize)]
struct IdleWarning<N> {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: N,
    at: Time,
    chat_id: Uuid,
    closes_at: Option<Time>,
}

#[derive(Serialize)]
struct Rated<N> {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: N,
    at: Time,
    chat_id: Uuid,
    score: u8,
}
