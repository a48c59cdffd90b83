//! Frames of events: each is written once for each audience and shared by all its connections.
//!
//! Owns who hears of which event, and what each is shown. An agent's frame bears the tenant's number, a visitor's
//! that of its own stream, which tells nothing about the tenant. [`audience`] names exactly those for whom the frame
//! functions give a text; what concerns nobody outside of the engine has no frame at all.

mod aside;
mod life;
mod presence;

use serde::Serialize;
use uuid::Uuid;

use super::wire::{
    Actor, AgentCard, Author, Chat, Message, MessageChange, Offer, OfficeShown, Time, VisitorChat,
    WatchedAgent,
};
use super::{FileLinks, to_text};
use crate::domain::{self, AgentId, ChatId, MessageId, Name, Timestamp, UnsentText, VisitorId};
use crate::engine::{
    self, ChatEvent, ChatFact, ChatView, Event, EventKind, OfferEvent, OfferKey, OfferView,
    PresenceEvent,
};

/// Who hears of an event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audiences {
    /// Agents, each with all its connections.
    pub agents: Vec<AgentId>,
    /// Whether every agent of the tenant hears of it.
    pub all_agents: bool,
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
        EventKind::Offer(change) => agent(change.key().agent_id),
        EventKind::Chat(change) => match change {
            ChatEvent::Queued(chat)
            | ChatEvent::Overflowed(chat, _)
            | ChatEvent::Deferred(chat, _) => Audiences {
                visitor: Some(chat.visitor_id),
                ..Audiences::default()
            },
            ChatEvent::Accepted(chat, _) => Audiences {
                agents: chat.agents.iter().map(|card| card.id).collect(),
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
        EventKind::Offer(change) => Some(offer_frame(change, seq, at)),
        EventKind::Chat(change) => match change {
            ChatEvent::Accepted(chat, agent_id) => Some(to_text(&Accepted {
                kind: "chat.accepted",
                seq,
                at,
                chat_id: chat.id.0,
                agent: card_of(chat, *agent_id),
                chat: Chat::from(chat),
            })),
            ChatEvent::MessageSent(..)
            | ChatEvent::MessageEdited(..)
            | ChatEvent::MessageDeleted(..)
            | ChatEvent::AgentSeen(..)
            | ChatEvent::Closed(..) => shared_frame(event.chat()?, seq, links),
            ChatEvent::MarkRaised(parties, raised) => {
                Some(aside::mark_frame(parties, raised, seq, event.at))
            }
            ChatEvent::Life(turn) => life::agent_frame(event, turn, seq),
            ChatEvent::Queued(_)
            | ChatEvent::Overflowed(..)
            | ChatEvent::Deferred(..)
            | ChatEvent::RoundPaused(..)
            | ChatEvent::RoundStarted(_)
            | ChatEvent::ReservationEnded(_)
            | ChatEvent::WaitOverrun(_)
            | ChatEvent::FellSilent(_)
            | ChatEvent::OfflineMessageLeft(_) => None,
        },
        EventKind::Note(note) => Some(aside::note_frame(note, seq, event.at)),
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
            reason: reason.as_str(),
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
        | ChatEvent::AgentSeen(..)
        | ChatEvent::Closed(..) => shared_frame(fact, seq, links),
        ChatEvent::MarkRaised(parties, raised) => {
            aside::visitors_mark_frame(parties, raised, seq, fact.at)
        }
        ChatEvent::Life(turn) => life::visitor_frame(fact, turn, seq),
        ChatEvent::RoundPaused(..)
        | ChatEvent::RoundStarted(_)
        | ChatEvent::ReservationEnded(_)
        | ChatEvent::WaitOverrun(_)
        | ChatEvent::FellSilent(_)
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
        ChatEvent::Closed(parties, reason) => Some(to_text(&Closed {
            kind: "chat.closed",
            seq,
            at,
            chat_id: parties.chat_id.0,
            reason: reason.as_str(),
            by: fact.actor.into(),
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
        | ChatEvent::MarkRaised(..)
        | ChatEvent::OfflineMessageLeft(_)
        | ChatEvent::Life(_) => None,
    }
}

fn offer_frame(change: &OfferEvent, seq: u64, at: Time) -> String {
    match change {
        OfferEvent::Made(view) => to_text(&OfferMade::new(view, seq, at)),
        OfferEvent::Accepted(key) => to_text(&OfferEnded::new("offer.accepted", *key, seq, at)),
        OfferEvent::Missed(key) => to_text(&OfferEnded::new("offer.missed", *key, seq, at)),
        OfferEvent::Rejected(key, reason) => {
            let reason = reason.as_ref().map(domain::Note::as_str);
            to_text(&OfferEndedFor::new("offer.rejected", *key, seq, at, reason))
        }
        OfferEvent::Withdrawn(key, reason) => to_text(&OfferEndedFor::new(
            "offer.withdrawn",
            *key,
            seq,
            at,
            Some(reason.as_str()),
        )),
    }
}

/// The agent that took the chat, as it stands among those that take part.
fn card_of(chat: &ChatView, agent_id: AgentId) -> Option<AgentCard> {
    chat.agents
        .iter()
        .find(|card| card.id == agent_id)
        .map(AgentCard::from)
}

#[derive(Serialize)]
struct AvailabilityChanged {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: u64,
    at: Time,
    office: OfficeShown,
}

#[derive(Serialize)]
struct PresenceWatched {
    #[serde(rename = "type")]
    kind: &'static str,
    at: Time,
    agents: Vec<WatchedAgent>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gone: Vec<Uuid>,
}

#[derive(Serialize)]
struct AgentSeen<N> {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: N,
    at: Time,
    chat_id: Uuid,
    agent: AgentCard,
}

#[derive(Serialize)]
struct Accepted {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: u64,
    at: Time,
    chat_id: Uuid,
    agent: Option<AgentCard>,
    chat: Chat,
}

#[derive(Serialize)]
struct AcceptedForVisitor {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: i64,
    at: Time,
    chat_id: Uuid,
    agent: Option<AgentCard>,
    chat: VisitorChat,
}

#[derive(Serialize)]
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

#[derive(Serialize)]
struct Deferred {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: i64,
    at: Time,
    chat_id: Uuid,
    reason: &'static str,
    chat: VisitorChat,
}

#[derive(Serialize)]
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
#[derive(Serialize)]
struct MessageSent<N, M> {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: N,
    at: Time,
    chat_id: Uuid,
    message: M,
}

#[derive(Serialize)]
struct MessageKey<'a> {
    id: &'a MessageId,
    seq: u32,
}

#[derive(Serialize)]
struct Closed<N> {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: N,
    at: Time,
    chat_id: Uuid,
    reason: &'static str,
    by: Actor,
}

#[derive(Serialize)]
struct TypingNotice<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    chat_id: Uuid,
    author: Author,
    typing: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
}

/// An offer's own fields beside those of every event.
#[derive(Serialize)]
struct OfferMade {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: u64,
    at: Time,
    chat_id: Uuid,
    offer: u32,
    agent_id: Uuid,
    state: super::wire::OfferState,
    made_at: Time,
    expires_at: Option<Time>,
    waiting_since: Time,
    office_id: Uuid,
    queue: super::wire::QueueCard,
    contact: super::wire::Contact,
}

impl OfferMade {
    fn new(view: &OfferView, seq: u64, at: Time) -> Self {
        let offer = Offer::from(view);
        Self {
            kind: "offer.made",
            seq,
            at,
            chat_id: offer.chat_id,
            offer: offer.offer,
            agent_id: offer.agent_id,
            state: offer.state,
            made_at: offer.made_at,
            expires_at: offer.expires_at,
            waiting_since: offer.waiting_since,
            office_id: offer.office_id,
            queue: offer.queue,
            contact: offer.contact,
        }
    }
}

#[derive(Serialize)]
struct OfferEnded {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: u64,
    at: Time,
    chat_id: Uuid,
    offer: u32,
    agent_id: Uuid,
}

impl OfferEnded {
    fn new(kind: &'static str, key: OfferKey, seq: u64, at: Time) -> Self {
        let (chat_id, offer, agent_id) = (key.chat_id.0, key.number.0, key.agent_id.0);
        Self {
            kind,
            seq,
            at,
            chat_id,
            offer,
            agent_id,
        }
    }
}

#[derive(Serialize)]
struct OfferEndedFor<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: u64,
    at: Time,
    chat_id: Uuid,
    offer: u32,
    agent_id: Uuid,
    reason: Option<&'a str>,
}

impl<'a> OfferEndedFor<'a> {
    fn new(kind: &'static str, key: OfferKey, seq: u64, at: Time, reason: Option<&'a str>) -> Self {
        let (chat_id, offer, agent_id) = (key.chat_id.0, key.number.0, key.agent_id.0);
        Self {
            kind,
            seq,
            at,
            chat_id,
            offer,
            agent_id,
            reason,
        }
    }
}

#[cfg(test)]
mod tests;
