//! The stored form of an event, which only refers to rows.
//!
//! A stored event cannot be changed, so it holds no name, address or text. Each kind has a version; a reader
//! raises older ones. `history.rs` makes the events of chats whole again, `evidence.rs` reads those of presence and
//! availability, whose forms have files of their own here.

pub(super) mod asides;
pub(super) mod availability;
pub(super) mod decision;
pub(super) mod handover;
pub(super) mod life;
pub(super) mod presence;
pub(super) mod shown;

use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use crate::domain::{
    Actor, AgentId, Author, BanId, ChatId, DispositionId, OfficeId, PauseId, QueueId,
    RoutingRuleId, SkillId, StatusId, WidgetId,
};
use crate::engine::{
    ChatEvent, ChatView, EventKind, MessageView, OfferEvent, Onlookers, Parties, PresenceEvent,
    QueueView, SetupEvent,
};

use shown::Shown;

/// An event's row, but for its numbers.
pub(super) struct Row {
    pub(super) kind: &'static str,
    pub(super) version: i16,
    pub(super) chat_id: Option<Uuid>,
    pub(super) agent_id: Option<Uuid>,
    pub(super) office_id: Option<Uuid>,
    /// JSON as text: a tree of values in between would cost more than the rest of the row.
    pub(super) payload: serde_json::Result<String>,
}

impl Row {
    fn new(kind: &'static str, payload: impl Serialize) -> Self {
        Self {
            kind,
            version: 1,
            chat_id: None,
            agent_id: None,
            office_id: None,
            payload: serde_json::to_string(&payload),
        }
    }

    fn version(mut self, version: i16) -> Self {
        self.version = version;
        self
    }

    fn of_chat(mut self, id: ChatId) -> Self {
        self.chat_id = Some(id.0);
        self
    }

    fn of_agent(mut self, id: AgentId) -> Self {
        self.agent_id = Some(id.0);
        self
    }

    fn of_office(mut self, id: OfficeId) -> Self {
        self.office_id = Some(id.0);
        self
    }
}

/// The stored form of an event.
pub(super) fn to_row(kind: &EventKind) -> Row {
    match kind {
        EventKind::Setup(event) => setup_row(event),
        EventKind::Presence(event) => presence_row(event),
        EventKind::Availability(change) => {
            let payload = availability::Stored::of(change);
            Row::new("availability.changed", payload).of_office(change.shown.office_id)
        }
        EventKind::Queue(event) => Row::new(
            "queue.updated",
            json!({"queue_id": event.queue_id, "is_full": event.is_full, "waiting": event.waiting}),
        ),
        EventKind::Offer(event, seen) => offer_row(event, seen),
        EventKind::Chat(event) => chat_row(event),
        EventKind::Note(event) => asides::note_row(event),
    }
}

fn setup_row(event: &SetupEvent) -> Row {
    match event {
        SetupEvent::SettingsChanged(_) => Row::new("settings.changed", json!({})),
        SetupEvent::OfficeCreated(office) => office_row("office.created", office.id),
        SetupEvent::OfficeChanged(office) => office_row("office.changed", office.id),
        SetupEvent::OfficeArchived(id) => office_row("office.archived", *id),
        SetupEvent::AgentCreated(agent, _) => agent_row("agent.created", agent.id),
        SetupEvent::AgentChanged(agent, _) => agent_row("agent.changed", agent.id),
        SetupEvent::AgentArchived(id) => agent_row("agent.archived", *id),
        SetupEvent::QueueCreated(view) => queue_row("queue.created", view),
        SetupEvent::QueueChanged(view) => queue_row("queue.changed", view),
        SetupEvent::MembersChanged(view) => queue_row("queue.members_changed", view),
        SetupEvent::QueueArchived(id) => archived_queue_row(*id),
        SetupEvent::WidgetCreated(widget) => widget_row("widget.created", widget.id),
        SetupEvent::WidgetChanged(widget) => widget_row("widget.changed", widget.id),
        SetupEvent::WidgetArchived(id) => widget_row("widget.archived", *id),
        SetupEvent::StatusCreated(status) => status_row("status.created", status.id),
        SetupEvent::StatusChanged(status) => status_row("status.changed", status.id),
        SetupEvent::StatusArchived(id) => status_row("status.archived", *id),
        SetupEvent::PauseCreated(pause) => pause_row("pause.created", pause.id),
        SetupEvent::PauseChanged(pause) => pause_row("pause.changed", pause.id),
        SetupEvent::PauseArchived(id) => pause_row("pause.archived", *id),
        SetupEvent::SkillCreated(skill) => skill_row("skill.created", skill.id),
        SetupEvent::SkillChanged(skill) => skill_row("skill.changed", skill.id),
        SetupEvent::SkillArchived(id) => skill_row("skill.archived", *id),
        SetupEvent::DispositionCreated(new) => disposition_row("disposition.created", new.id),
        SetupEvent::DispositionChanged(new) => disposition_row("disposition.changed", new.id),
        SetupEvent::DispositionArchived(id) => disposition_row("disposition.archived", *id),
        SetupEvent::RoutingRuleCreated(rule) => rule_row("routing_rule.created", rule.id),
        SetupEvent::RoutingRuleChanged(rule) => rule_row("routing_rule.changed", rule.id),
        SetupEvent::RoutingRuleArchived(id) => rule_row("routing_rule.archived", *id),
        SetupEvent::BanCreated(ban) => ban_row("ban.created", ban.id),
        SetupEvent::BanChanged(ban) => ban_row("ban.changed", ban.id),
        SetupEvent::BanLifted(id) => ban_row("ban.lifted", *id),
    }
}

fn office_row(kind: &'static str, id: OfficeId) -> Row {
    Row::new(kind, json!({"office_id": id})).of_office(id)
}

fn agent_row(kind: &'static str, id: AgentId) -> Row {
    Row::new(kind, json!({"agent_id": id})).of_agent(id)
}

fn queue_row(kind: &'static str, view: &QueueView) -> Row {
    Row::new(
        kind,
        json!({"queue_id": view.queue.id, "member_ids": view.member_ids}),
    )
}

fn archived_queue_row(id: QueueId) -> Row {
    Row::new("queue.archived", json!({"queue_id": id}))
}

fn widget_row(kind: &'static str, id: WidgetId) -> Row {
    Row::new(kind, json!({"widget_id": id}))
}

fn status_row(kind: &'static str, id: StatusId) -> Row {
    Row::new(kind, json!({"status_id": id}))
}

fn pause_row(kind: &'static str, id: PauseId) -> Row {
    Row::new(kind, json!({"pause_id": id}))
}

fn skill_row(kind: &'static str, id: SkillId) -> Row {
    Row::new(kind, json!({"skill_id": id}))
}

fn disposition_row(kind: &'static str, id: DispositionId) -> Row {
    Row::new(kind, json!({"disposition_id": id}))
}

fn rule_row(kind: &'static str, id: RoutingRuleId) -> Row {
    Row::new(kind, json!({"rule_id": id}))
}

fn ban_row(kind: &'static str, id: BanId) -> Row {
    Row::new(kind, json!({"ban_id": id}))
}

fn presence_row(event: &PresenceEvent) -> Row {
    let row = match event {
        PresenceEvent::Changed(view) => {
            let payload = presence::Stored::of(view);
            Row::new("presence.changed", payload).version(presence::VERSION)
        }
        PresenceEvent::Connected(_) => Row::new("presence.connected", json!({})),
        PresenceEvent::Disconnected(_) => Row::new("presence.disconnected", json!({})),
        PresenceEvent::Lost(_) => Row::new("presence.lost", json!({})),
        PresenceEvent::LeaseHeld(_) => Row::new("presence.lease_held", json!({})),
        PresenceEvent::LeaseExpired(_) => Row::new("presence.lease_expired", json!({})),
        PresenceEvent::QueueLogIn(log_in) => Row::new(
            "queue.login_changed",
            json!({"queue_id": log_in.queue_id, "logged_in": log_in.logged_in}),
        ),
        PresenceEvent::Noted(_) => Row::new("presence.noted", json!({})),
        PresenceEvent::LoggedOut(_, session_id) => {
            Row::new("session.logged_out", json!({"session_id": session_id}))
        }
    };
    row.of_agent(event.agent_id())
}

/// Who read the chat along is nobody's business later; whether it rang on is.
fn offer_row(event: &OfferEvent, seen: &Onlookers) -> Row {
    let key = event.key();
    let number = key.number;
    let ended = |kind| Row::new(kind, json!({"offer": number, "rings": seen.rings}));
    let row = match event {
        OfferEvent::Made(view, decision) => {
            let decision = decision.as_deref();
            let payload = decision::stored(number, view, decision);
            Row::new("offer.made", payload).version(decision::VERSION)
        }
        OfferEvent::Accepted(_) => ended("offer.accepted"),
        OfferEvent::Rejected(_, _) => ended("offer.rejected"),
        OfferEvent::Missed(_) => ended("offer.missed"),
        OfferEvent::Withdrawn(_, _) => ended("offer.withdrawn"),
    };
    row.of_chat(key.chat_id).of_agent(key.agent_id)
}

/// What of a chat only the engine reads: nobody was told of it, so it is nothing to read back.
pub(super) const ENGINES_OWN: [&str; 7] = [
    "chat.round_paused",
    "chat.round_started",
    "chat.wait_overrun",
    "chat.fell_silent",
    "chat.reservation_ended",
    "chat.reply_begun",
    "chat.visitor_seen",
];

fn chat_row(event: &ChatEvent) -> Row {
    let row = match event {
        ChatEvent::Queued(chat) => Row::new("chat.queued", Shown::of(chat)),
        ChatEvent::RoundPaused(_, until) => Row::new("chat.round_paused", json!({"until": until})),
        ChatEvent::RoundStarted(_) => Row::new("chat.round_started", json!({})),
        ChatEvent::Overflowed(chat, from) => overflowed_row(chat, *from),
        ChatEvent::WaitOverrun(_) => Row::new("chat.wait_overrun", json!({})),
        ChatEvent::FellSilent(_) => Row::new("chat.fell_silent", json!({})),
        ChatEvent::Deferred(_, reason) => {
            Row::new("chat.deferred", json!({"reason": reason.as_str()}))
        }
        ChatEvent::ReservationEnded(_) => Row::new("chat.reservation_ended", json!({})),
        ChatEvent::ReplyBegun(_) => Row::new("chat.reply_begun", json!({})),
        ChatEvent::Accepted(chat, agent_id) => {
            Row::new("chat.accepted", Shown::of(chat)).of_agent(*agent_id)
        }
        ChatEvent::HandOverRequested(parties, request) => handover::requested(parties, request),
        ChatEvent::HandOverEnded(parties, purpose, end) => handover::ended(parties, *purpose, *end),
        ChatEvent::Transferred(chat, transfer) => handover::transferred(chat, transfer),
        ChatEvent::ParticipantJoined(chat, agent_id, role) => {
            handover::joined(chat, *agent_id, *role)
        }
        ChatEvent::ParticipantLeft(parties, departure) => handover::left(parties, departure),
        ChatEvent::Requeued(chat, reason) => handover::requeued(chat, *reason),
        ChatEvent::MessageSent(parties, view) => message_row(parties, view),
        ChatEvent::MessageEdited(parties, edited) => Row::new(
            "chat.message_edited",
            json!({"seq": edited.seq, "agents": parties.agents}),
        ),
        ChatEvent::MessageDeleted(parties, deleted) => Row::new(
            "chat.message_deleted",
            json!({"seq": deleted.seq, "agents": parties.agents}),
        ),
        ChatEvent::MarkRaised(parties, raised) => asides::mark_row(parties, raised),
        ChatEvent::AgentSeen(parties, card) => Row::new(
            "chat.agent_seen",
            json!({"status": card.status, "agents": parties.agents}),
        )
        .of_agent(card.id),
        ChatEvent::Closed(parties, reason) => Row::new(
            "chat.closed",
            json!({"reason": reason.as_str(), "agents": parties.agents}),
        ),
        ChatEvent::OfflineMessageLeft(_) => Row::new("chat.offline_message", json!({})),
        ChatEvent::Life(event) => life::to_row(event),
    };
    row.of_chat(event.chat_id())
}

/// Where it went from and to, and how it stood for those who read it along.
fn overflowed_row(chat: &ChatView, from: Option<QueueId>) -> Row {
    #[derive(Serialize)]
    struct Overflowed {
        from: Option<QueueId>,
        to: Option<QueueId>,
        #[serde(flatten)]
        chat: Shown,
    }
    let (to, chat) = (chat.queue_id, Shown::of(chat));
    Row::new("chat.overflowed", Overflowed { from, to, chat })
}

fn message_row(parties: &Parties, view: &MessageView) -> Row {
    let (author, agent_id) = author_columns(view.message.author);
    let payload = json!({"seq": view.message.seq, "agents": parties.agents, "author": author});
    Row {
        agent_id,
        ..Row::new("chat.message", payload)
    }
}

/// Who acted, as two columns.
pub(super) fn actor_columns(actor: Actor) -> (&'static str, Option<Uuid>) {
    match actor {
        Actor::Agent(id) => ("agent", Some(id.0)),
        Actor::Visitor => ("visitor", None),
        Actor::System => ("system", None),
    }
}

/// Who wrote a message, as two columns.
pub(super) fn author_columns(author: Author) -> (&'static str, Option<Uuid>) {
    match author {
        Author::Agent(id) => ("agent", Some(id.0)),
        Author::Visitor => ("visitor", None),
        Author::System => ("system", None),
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

/// The reverse of [`author_columns`].
pub(super) fn author_from(kind: &str, agent_id: Option<Uuid>) -> Option<Author> {
    match (kind, agent_id) {
        ("agent", Some(id)) => Some(Author::Agent(AgentId(id))),
        ("visitor", None) => Some(Author::Visitor),
        ("system", None) => Some(Author::System),
        _ => None,
    }
}
