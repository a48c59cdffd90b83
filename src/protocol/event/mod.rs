//! Frames of events: each is written once for each audience and shared by all its connections.
//!
//! Owns who hears of which event, and what each is shown. An agent's frame bears the tenant's number, a visitor's
//! that of its own stream, which tells nothing about the tenant. [`audience`] names exactly those for whom the frame
//! functions give a text; what concerns nobody outside of the engine has no frame at all.

mod aside;
mod described;
mod handover;
mod life;
mod offer;
mod place;
mod presence;

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::wire::{
    self, Actor, AgentCard, Author, Chat, DeferReason, Message, MessageChange, OfficeShown, Time,
    VisitorChat, WatchedAgent,
};
use super::{FileLinks, to_text};
use crate::domain::{
    self, AgentId, ChatId, CloseReason, MessageId, Name, Timestamp, UnsentText, VisitorId,
};
use crate::engine::{self, ChatEvent, ChatFact, ChatView, Event, EventKind, PresenceEvent};

pub use described::{AgentEvent, VisitorEvent};
pub(super) use described::{agents_frames, visitors_frames};
pub use place::place_frame;

/// Who hears of an event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audiences {
    /// Agents, each with all its connections.
    pub agents: Vec<AgentId>,
    /// Whether every agent of the tenant hears of it.
    pub all_agents: bool,
    /// Agents that read a waiting chat along: they hear less of an offer than its own agent.
    pub onlookers: Vec<AgentId>,
    /// The visitor, with all its connections.
    pub visitor: Option<VisitorId>,
}

/// Names who hears of an event.
#[must_use]
pub fn audience(event: &Event) -> Audiences {
    let agent = |id| Audiences {
        agents: vec![id],
        ..Audiences::default()
    };
    match &event.kind {
        EventKind::Setup(_) => Audiences::default(),
        EventKind::Presence(change) => match change {
            PresenceEvent::Changed(view) => agent(view.agent_id),
            PresenceEvent::LoggedOut(id, _) => agent(*id),
            PresenceEvent::QueueLogIn(log_in) => agent(log_in.agent_id),
            PresenceEvent::Connected(_)
            | PresenceEvent::Disconnected(_)
            | PresenceEvent::Lost(_)
            | PresenceEvent::LeaseHeld(_)
            | PresenceEvent::LeaseExpired(_)
            | PresenceEvent::Noted(_) => Audiences::default(),
        },
        EventKind::Availability(_) => Audiences {
            all_agents: true,
            ..Audiences::default()
        },
        EventKind::Queue(change) => Audiences {
            agents: change.members.clone(),
            ..Audiences::default()
        },
        EventKind::Offer(change, seen) => Audiences {
            onlookers: seen.agents.clone(),
            ..agent(change.key().agent_id)
        },
        EventKind::Chat(change) => match change {
            ChatEvent::Queued(chat) | ChatEvent::Deferred(chat, _) => Audiences {
                visitor: Some(chat.visitor_id),
                ..Audiences::default()
            },
            ChatEvent::Accepted(chat, _) | ChatEvent::Overflowed(chat, _) => Audiences {
                agents: chat.hearers().collect(),
                visitor: Some(chat.visitor_id),
                ..Audiences::default()
            },
            ChatEvent::MessageSent(parties, _)
            | ChatEvent::MessageEdited(parties, _)
            | ChatEvent::MessageDeleted(parties, _)
            | ChatEvent::AgentSeen(parties, _)
            | ChatEvent::Closed(parties, _) => Audiences {
                agents: parties.agents.clone(),
                visitor: Some(parties.visitor_id),
                ..Audiences::default()
            },
            ChatEvent::HandOverRequested(..)
            | ChatEvent::HandOverEnded(..)
            | ChatEvent::Transferred(..)
            | ChatEvent::ParticipantJoined(..)
            | ChatEvent::ParticipantLeft(..)
            | ChatEvent::Requeued(..) => handover::audience(change).unwrap_or_default(),
            ChatEvent::MarkRaised(parties, raised) => aside::audience_of_mark(parties, raised),
            ChatEvent::Life(turn) => Audiences {
                agents: turn.agents(),
                visitor: turn.visitor(),
                ..Audiences::default()
            },
            ChatEvent::RoundPaused(..)
            | ChatEvent::RoundStarted(_)
            | ChatEvent::ReservationEnded(_)
            | ChatEvent::WaitOverrun(_)
            | ChatEvent::FellSilent(_)
            | ChatEvent::ReplyBegun(_)
            | ChatEvent::OfflineMessageLeft(_) => Audiences::default(),
        },
        EventKind::Note(note) => aside::audience_of_note(note),
    }
}

/// Writes an event for agents; `None` when agents do not see its kind.
#[must_use]
pub fn agent_frame(event: &Event, seq: u64, links: &dyn FileLinks) -> Option<String> {
    let at = Time(event.at);
    match &event.kind {
        EventKind::Setup(_) => None,
        EventKind::Presence(change) => presence::agent_frame(event, change, seq),
        EventKind::Availability(change) => Some(to_text(&AvailabilityChanged {
            kind: "availability.changed",
            seq,
            at,
            office: (&**change).into(),
        })),
        EventKind::Queue(change) => Some(to_text(&QueueUpdated {
            kind: "queue.updated",
            seq,
            at,
            queue_id: change.queue_id.0,
            is_full: change.is_full,
            waiting: change.waiting,
        })),
        EventKind::Offer(change, seen) => Some(offer::agent_frame(change, seen, seq, at)),
        EventKind::Chat(_) => chat_frame(event.chat()?, seq, links),
        EventKind::Note(note) => Some(aside::note_frame(note, seq, event.at)),
    }
}

/// Writes an event for those that read a waiting chat along and hear of it as that; `None` for what they are told as every
/// other agent in the chat is.
#[must_use]
pub fn onlookers_frame(event: &Event, seq: u64) -> Option<String> {
    match &event.kind {
        EventKind::Offer(change, seen) => offer::onlookers_frame(change, seen, seq, Time(event.at)),
        EventKind::Setup(_)
        | EventKind::Presence(_)
        | EventKind::Availability(_)
        | EventKind::Queue(_)
        | EventKind::Chat(_)
        | EventKind::Note(_) => None,
    }
}

/// Writes what happened in a chat for agents.
fn chat_frame(fact: ChatFact<'_>, seq: u64, links: &dyn FileLinks) -> Option<String> {
    let at = Time(fact.at);
    match fact.change {
        ChatEvent::Accepted(chat, agent_id) => Some(to_text(&Accepted {
            kind: "chat.accepted",
            seq,
            at,
            chat_id: chat.id.0,
            agent: card_of(chat, *agent_id),
            chat: Chat::from(chat),
        })),
        ChatEvent::Overflowed(chat, from) => Some(to_text(&Overflowed {
            kind: "chat.overflowed",
            seq,
            at,
            chat_id: chat.id.0,
            from_queue_id: from.map(|id| id.0),
            chat: Chat::from(chat),
        })),
        ChatEvent::MessageSent(..)
        | ChatEvent::MessageEdited(..)
        | ChatEvent::MessageDeleted(..)
        | ChatEvent::AgentSeen(..) => shared_frame(fact, seq, links),
        ChatEvent::Closed(parties, reason) => {
            Some(closed_frame(parties, *reason, fact.actor.into(), seq, at))
        }
        ChatEvent::HandOverRequested(..)
        | ChatEvent::HandOverEnded(..)
        | ChatEvent::Transferred(..)
        | ChatEvent::ParticipantJoined(..)
        | ChatEvent::ParticipantLeft(..)
        | ChatEvent::Requeued(..) => handover::agent_frame(fact.at, fact.change, seq),
        ChatEvent::MarkRaised(parties, raised) => {
            Some(aside::mark_frame(parties, raised, seq, fact.at))
        }
        ChatEvent::Life(turn) => life::agent_frame(fact, turn, seq),
        ChatEvent::Queued(_)
        | ChatEvent::Deferred(..)
        | ChatEvent::RoundPaused(..)
        | ChatEvent::RoundStarted(_)
        | ChatEvent::ReservationEnded(_)
        | ChatEvent::WaitOverrun(_)
        | ChatEvent::FellSilent(_)
        | ChatEvent::ReplyBegun(_)
        | ChatEvent::OfflineMessageLeft(_) => None,
    }
}

/// Writes what happened in a chat for its visitor; `None` when visitors do not see its kind. What happened elsewhere, or
/// between agents only, is no [`ChatFact`].
#[must_use]
pub fn visitor_frame(
    fact: ChatFact<'_>,
    visitor_seq: i64,
    links: &dyn FileLinks,
) -> Option<String> {
    let (seq, at) = (visitor_seq, Time(fact.at));
    match fact.change {
        ChatEvent::Queued(chat) | ChatEvent::Overflowed(chat, _) => Some(to_text(&Queued {
            kind: "chat.queued",
            seq,
            at,
            chat_id: chat.id.0,
            position: chat.position,
            chat: chat.into(),
        })),
        ChatEvent::Deferred(chat, reason) => Some(to_text(&Deferred {
            kind: "chat.deferred",
            seq,
            at,
            chat_id: chat.id.0,
            reason: DeferReason(reason.as_str()),
            chat: chat.into(),
        })),
        ChatEvent::Accepted(chat, agent_id) => Some(to_text(&AcceptedForVisitor {
            kind: "chat.accepted",
            seq,
            at,
            chat_id: chat.id.0,
            agent: card_of(chat, *agent_id),
            chat: chat.into(),
        })),
        ChatEvent::MessageSent(..)
        | ChatEvent::MessageEdited(..)
        | ChatEvent::MessageDeleted(..)
        | ChatEvent::AgentSeen(..) => shared_frame(fact, seq, links),
        ChatEvent::Closed(parties, reason) => {
            let by = ended_by(*reason, fact.actor);
            Some(closed_frame(parties, *reason, by, seq, at))
        }
        ChatEvent::Transferred(..)
        | ChatEvent::ParticipantJoined(..)
        | ChatEvent::ParticipantLeft(..)
        | ChatEvent::Requeued(..) => handover::visitor_frame(fact, seq),
        ChatEvent::MarkRaised(parties, raised) => {
            aside::visitors_mark_frame(parties, raised, seq, fact.at)
        }
        ChatEvent::Life(turn) => life::visitor_frame(fact, turn, seq),
        ChatEvent::HandOverRequested(..)
        | ChatEvent::HandOverEnded(..)
        | ChatEvent::RoundPaused(..)
        | ChatEvent::RoundStarted(_)
        | ChatEvent::ReservationEnded(_)
        | ChatEvent::WaitOverrun(_)
        | ChatEvent::FellSilent(_)
        | ChatEvent::ReplyBegun(_)
        | ChatEvent::OfflineMessageLeft(_) => None,
    }
}

/// Writes who types, and for agents what the visitor has written so far. It passes: it has no number and is not repeated.
#[must_use]
pub fn typing_frame(
    author: domain::Author,
    author_name: Option<&Name>,
    chat_id: ChatId,
    typing: bool,
    unsent: Option<&UnsentText>,
) -> String {
    to_text(&TypingNotice {
        kind: "chat.typing",
        chat_id: chat_id.0,
        author: Author::new(author, author_name),
        typing,
        text: unsent.map(UnsentText::as_str),
    })
}

/// Writes the lines of "who is online" that have changed since the last tick, with the name where it may be new, and
/// who is not on the list any more. It passes: who has missed one watches anew.
#[must_use]
pub fn watched_frame(
    at: Timestamp,
    rows: &[(&engine::PresenceRow, bool)],
    gone: &[AgentId],
) -> String {
    let line = |(row, named): &(&engine::PresenceRow, bool)| WatchedAgent::new(row, *named);
    to_text(&PresenceWatched {
        kind: "presence.watched",
        at: Time(at),
        agents: rows.iter().map(line).collect(),
        gone: gone.iter().map(|id| id.0).collect(),
    })
}

/// The events that look alike for both audiences but for their number.
fn shared_frame<N: Serialize>(fact: ChatFact<'_>, seq: N, links: &dyn FileLinks) -> Option<String> {
    let at = Time(fact.at);
    match fact.change {
        ChatEvent::MessageSent(parties, view) => Some(to_text(&MessageSent {
            kind: "chat.message",
            seq,
            at,
            chat_id: parties.chat_id.0,
            message: Message::new(view, links),
        })),
        ChatEvent::MessageEdited(parties, edited) => Some(to_text(&MessageSent {
            kind: "chat.message_edited",
            seq,
            at,
            chat_id: parties.chat_id.0,
            message: MessageChange::new(edited, at),
        })),
        ChatEvent::MessageDeleted(parties, deleted) => Some(to_text(&MessageSent {
            kind: "chat.message_deleted",
            seq,
            at,
            chat_id: parties.chat_id.0,
            message: MessageKey {
                id: &deleted.id,
                seq: deleted.seq,
            },
        })),
        ChatEvent::AgentSeen(parties, card) => Some(to_text(&AgentSeen {
            kind: "chat.agent_seen",
            seq,
            at,
            chat_id: parties.chat_id.0,
            agent: card.into(),
        })),
        ChatEvent::Queued(_)
        | ChatEvent::Overflowed(..)
        | ChatEvent::Deferred(..)
        | ChatEvent::WaitOverrun(_)
        | ChatEvent::FellSilent(_)
        | ChatEvent::RoundPaused(..)
        | ChatEvent::RoundStarted(_)
        | ChatEvent::ReservationEnded(_)
        | ChatEvent::Accepted(..)
        | ChatEvent::HandOverRequested(..)
        | ChatEvent::HandOverEnded(..)
        | ChatEvent::Transferred(..)
        | ChatEvent::ParticipantJoined(..)
        | ChatEvent::ParticipantLeft(..)
        | ChatEvent::Requeued(..)
        | ChatEvent::MarkRaised(..)
        | ChatEvent::Closed(..)
        | ChatEvent::Life(_)
        | ChatEvent::ReplyBegun(_)
        | ChatEvent::OfflineMessageLeft(_) => None,
    }
}

/// Writes a chat's end.
fn closed_frame<N: Serialize>(
    parties: &engine::Parties,
    reason: CloseReason,
    by: Actor,
    seq: N,
    at: Time,
) -> String {
    to_text(&Closed {
        kind: "chat.closed",
        seq,
        at,
        chat_id: parties.chat_id.0,
        reason: wire::CloseReason(reason.as_str()),
        by,
    })
}

/// Who ended a chat, as its visitor is told: it knows those who answered it. Of anybody else, as who bans is, it learns
/// no more than that an agent did it.
fn ended_by(reason: CloseReason, actor: domain::Actor) -> Actor {
    let by = Actor::from(actor);
    match reason {
        // Only an agent that answers a chat closes it.
        CloseReason::AgentClosed => by,
        CloseReason::VisitorEnded | CloseReason::VisitorIdle | CloseReason::Banned => Actor {
            agent_id: None,
            ..by
        },
    }
}

/// The agent that took the chat, as it stands among those that take part.
fn card_of(chat: &ChatView, agent_id: AgentId) -> Option<AgentCard> {
    chat.agents
        .iter()
        .find(|card| card.id == agent_id)
        .map(AgentCard::from)
}

#[derive(Serialize, ToSchema)]
struct AvailabilityChanged {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: u64,
    at: Time,
    office: OfficeShown,
}

#[derive(Serialize, ToSchema)]
struct PresenceWatched {
    #[serde(rename = "type")]
    kind: &'static str,
    at: Time,
    agents: Vec<WatchedAgent>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gone: Vec<Uuid>,
}

#[derive(Serialize, ToSchema)]
struct AgentSeen<N> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[schema(inline)]
    seq: N,
    at: Time,
    chat_id: Uuid,
    agent: AgentCard,
}

#[derive(Serialize, ToSchema)]
struct Accepted {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: u64,
    at: Time,
    chat_id: Uuid,
    agent: Option<AgentCard>,
    chat: Chat,
}

#[derive(Serialize, ToSchema)]
struct AcceptedForVisitor {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: i64,
    at: Time,
    chat_id: Uuid,
    agent: Option<AgentCard>,
    chat: VisitorChat,
}

#[derive(Serialize, ToSchema)]
struct Queued {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: i64,
    at: Time,
    chat_id: Uuid,
    position: Option<u32>,
    /// The chat enters the client's state with this event, so it must be whole.
    chat: VisitorChat,
}

/// For agents that read along while it waits.
#[derive(Serialize, ToSchema)]
struct Overflowed {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: u64,
    at: Time,
    chat_id: Uuid,
    from_queue_id: Option<Uuid>,
    chat: Chat,
}

#[derive(Serialize, ToSchema)]
struct Deferred {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: i64,
    at: Time,
    chat_id: Uuid,
    reason: DeferReason,
    chat: VisitorChat,
}

#[derive(Serialize, ToSchema)]
struct QueueUpdated {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: u64,
    at: Time,
    queue_id: Uuid,
    is_full: bool,
    waiting: u32,
}

/// What is told of a message: all of it, or what has changed.
#[derive(Serialize, ToSchema)]
struct MessageSent<N, M> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[schema(inline)]
    seq: N,
    at: Time,
    chat_id: Uuid,
    #[schema(inline)]
    message: M,
}

#[derive(Serialize, ToSchema)]
struct MessageKey<'a> {
    #[schema(value_type = String)]
    id: &'a MessageId,
    seq: u32,
}

#[derive(Serialize, ToSchema)]
struct Closed<N> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[schema(inline)]
    seq: N,
    at: Time,
    chat_id: Uuid,
    reason: wire::CloseReason,
    by: Actor,
}

#[derive(Serialize, ToSchema)]
struct TypingNotice<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    chat_id: Uuid,
    author: Author,
    typing: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    text: Option<&'a str>,
}

#[cfg(test)]
pub(crate) mod tests;
