//! The stored form of an event, which only refers to rows.
//!
//! A stored event cannot be changed, so it holds no name, address or text. Each kind has a version; a reader
//! raises older ones. There is only version 1 so far. `history.rs` makes events whole again.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::domain::{Actor, AgentId, ChatId};
use crate::engine::{ChatEvent, EventKind, OfferEvent, PresenceEvent, SetupEvent};

/// The version of the payloads that this build writes.
pub(super) const VERSION: i16 = 1;

/// An event's row, but for its numbers.
pub(super) struct Row {
    pub(super) kind: &'static str,
    pub(super) chat_id: Option<Uuid>,
    pub(super) agent_id: Option<Uuid>,
    pub(super) payload: Value,
}

impl Row {
    fn new(kind: &'static str, payload: Value) -> Self {
        Self {
            kind,
            chat_id: None,
            agent_id: None,
            payload,
        }
    }

    fn of_chat(mut self, id: ChatId) -> Self {
        self.chat_id = Some(id.0);
        self
    }

    fn of_agent(mut self, id: AgentId) -> Self {
        self.agent_id = Some(id.0);
        self
    }
}

/// The stored form of an event.
pub(super) fn to_row(kind: &EventKind) -> Row {
    match kind {
        EventKind::Setup(event) => setup_row(event),
        EventKind::Presence(event) => presence_row(event),
        EventKind::Offer(event) => offer_row(event),
        EventKind::Chat(event) => chat_row(event),
    }
}

fn setup_row(event: &SetupEvent) -> Row {
    match event {
        SetupEvent::OfficeCreated(office) => {
            Row::new("office.created", json!({"office_id": office.id}))
        }
        SetupEvent::AgentCreated(agent, _) => {
            Row::new("agent.created", json!({"agent_id": agent.id})).of_agent(agent.id)
        }
        SetupEvent::QueueCreated(view) => Row::new(
            "queue.created",
            json!({"queue_id": view.queue.id, "member_ids": view.member_ids}),
        ),
        SetupEvent::MembersChanged(view) => Row::new(
            "queue.members_changed",
            json!({"queue_id": view.queue.id, "member_ids": view.member_ids}),
        ),
        SetupEvent::WidgetCreated(widget) => {
            Row::new("widget.created", json!({"widget_id": widget.id}))
        }
    }
}

fn presence_row(event: &PresenceEvent) -> Row {
    let row = match event {
        PresenceEvent::Changed(view) => Row::new(
            "presence.changed",
            json!({
                "status": view.choice.status.as_str(),
                "effective": view.effective.status.as_str(),
                "reason": view.effective.reason.as_str(),
                "since": view.effective.since,
            }),
        ),
        PresenceEvent::Connected(_) => Row::new("presence.connected", json!({})),
        PresenceEvent::Disconnected(_) => Row::new("presence.disconnected", json!({})),
        PresenceEvent::Lost(_) => Row::new("presence.lost", json!({})),
        PresenceEvent::LoggedOut(_, session_id) => {
            Row::new("session.logged_out", json!({"session_id": session_id}))
        }
    };
    row.of_agent(event.agent_id())
}

fn offer_row(event: &OfferEvent) -> Row {
    let key = event.key();
    let number = key.number;
    let row = match event {
        OfferEvent::Made(_) => Row::new("offer.made", json!({"offer": number})),
        OfferEvent::Accepted(_) => Row::new("offer.accepted", json!({"offer": number})),
        OfferEvent::Rejected(_, _) => Row::new("offer.rejected", json!({"offer": number})),
        OfferEvent::Missed(_) => Row::new("offer.missed", json!({"offer": number})),
        OfferEvent::Withdrawn(_, _) => Row::new("offer.withdrawn", json!({"offer": number})),
    };
    row.of_chat(key.chat_id).of_agent(key.agent_id)
}

fn chat_row(event: &ChatEvent) -> Row {
    let row = match event {
        ChatEvent::Queued(chat) => Row::new("chat.queued", json!({"position": chat.position})),
        ChatEvent::RoundPaused(_, until) => Row::new("chat.round_paused", json!({"until": until})),
        ChatEvent::RoundStarted(_) => Row::new("chat.round_started", json!({})),
        ChatEvent::Accepted(chat, agent_id) => {
            let agents: Vec<AgentId> = chat.agents.iter().map(|agent| agent.id).collect();
            Row::new(
                "chat.accepted",
                json!({"agents": agents, "last_seq": chat.last_seq}),
            )
            .of_agent(*agent_id)
        }
        ChatEvent::MessageSent(parties, view) => Row::new(
            "chat.message",
            json!({"seq": view.message.seq, "agents": parties.agents}),
        ),
        ChatEvent::Closed(parties, reason) => Row::new(
            "chat.closed",
            json!({"reason": reason.as_str(), "agents": parties.agents}),
        ),
        ChatEvent::OfflineMessageLeft(_) => Row::new("chat.offline_message", json!({})),
    };
    row.of_chat(event.chat_id())
}

/// Who acted, as two columns.
pub(super) fn actor_columns(actor: Actor) -> (&'static str, Option<Uuid>) {
    match actor {
        Actor::Agent(id) => ("agent", Some(id.0)),
        Actor::Visitor => ("visitor", None),
        Actor::System => ("system", None),
    }
}

/// The reverse of [`actor_columns`].
pub(super) fn actor_from(kind: &str, agent_id: Option<Uuid>) -> Option<Actor> {
    match (kind, agent_id) {
        ("agent", Some(id)) => Some(Actor::Agent(AgentId(id))),
        ("visitor", None) => Some(Actor::Visitor),
        ("system", None) => Some(Actor::System),
        _ => None,
    }
}
