//! Frames of the turns that a chat's life takes.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::shape::Described;
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

/// The frames of this module that agents are sent.
pub(super) fn agents_frames() -> Vec<Described> {
    vec![
        Described::of::<Updated>("chat.updated", "An agent said something else of the chat"),
        Described::of::<WrapUpStarted>("chat.wrap_up_started", "Work after the chat begins"),
        Described::of::<WrapUpEnded>("chat.wrap_up_ended", "Work after the chat is over"),
        Described::of::<Reopened<u64, Chat>>("chat.reopened", "The visitor wrote again"),
        Described::of::<TargetMissed>("chat.target_missed", "A target of the queue has passed"),
        Described::of::<Reminder>("chat.reminder", "The visitor waits for an answer"),
        Described::of::<IdleWarning<u64>>("chat.idle_warning", "The visitor is silent"),
        Described::of::<Rated<u64>>("chat.rated", "The visitor said how good the chat was"),
    ]
}

/// Those that visitors are sent.
pub(super) fn visitors_frames() -> Vec<Described> {
    vec![
        Described::of::<Reopened<i64, VisitorChat>>("chat.reopened", "The chat goes on"),
        Described::of::<IdleWarning<i64>>("chat.idle_warning", "The chat may end soon"),
        Described::of::<Rated<i64>>("chat.rated", "The visitor said how good the chat was"),
    ]
}

#[derive(Serialize, ToSchema)]
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

#[derive(Serialize, ToSchema)]
struct WrapUpStarted {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: u64,
    at: Time,
    chat_id: Uuid,
    #[serde(flatten)]
    wrap_up: WrapUp,
}

#[derive(Serialize, ToSchema)]
struct WrapUpEnded {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: u64,
    at: Time,
    chat_id: Uuid,
    agent_id: Uuid,
}

#[derive(Serialize, ToSchema)]
struct Reopened<N, T> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[schema(inline)]
    seq: N,
    at: Time,
    chat_id: Uuid,
    /// The chat enters the client's state again with this event, so it must be whole.
    chat: T,
}

#[derive(Serialize, ToSchema)]
struct TargetMissed {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: u64,
    at: Time,
    chat_id: Uuid,
    target: TargetKind,
}

#[derive(Serialize, ToSchema)]
struct Reminder {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: u64,
    at: Time,
    chat_id: Uuid,
}

#[derive(Serialize, ToSchema)]
struct IdleWarning<N> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[schema(inline)]
    seq: N,
    at: Time,
    chat_id: Uuid,
    closes_at: Option<Time>,
}

#[derive(Serialize, ToSchema)]
struct Rated<N> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[schema(inline)]
    seq: N,
    at: Time,
    chat_id: Uuid,
    score: u8,
}
