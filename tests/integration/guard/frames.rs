//! Every frame that the server sends, word for word: what clients were built against does not change by accident.
//!
//! The frames are made of fixed values by the functions that the sockets use. A new kind of event does not compile
//! until it has a name here, and fails until there is a sample of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use deskbell::domain::{
    Actor, Agent, AgentId, Author, Capacity, ChatId, ChatState, Choice, CloseReason, ConnectionId,
    Contact, ContactFields, ContactId, Message, Millis, Mode, OfferNumber, OfferState, Office,
    OfficeId, PresenceReason, Queue, QueueId, QueueSettings, Reachability, Role, SessionId, Status,
    Timestamp, VisitorId, WhenNotLive, Widget, WidgetId, WidgetKey, WithdrawReason, effective,
};
use deskbell::engine::{
    AgentCard, AgentSnapshot, ChatEvent, ChatStateView, ChatView, Event, EventKind, MessageView,
    OfferEvent, OfferKey, OfferView, Parties, PasswordHash, PresenceEvent, PresenceView, QueueView,
    Refusal, Reply, SetupEvent, VisitorSnapshot,
};
use deskbell::faults::{FaultCode, Faults};
use deskbell::protocol::{Audience, Problem, answer, control, event};
use uuid::Uuid;

use super::{golden_folder, is_golden};

/// 2026-03-01, 09:30 UTC.
const AT: Timestamp = Timestamp(1_772_357_400_000);

fn later(seconds: i64) -> Timestamp {
    AT + Millis::from_secs(seconds)
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0189_0000_0000_7000_8000_0000_0000_0000 + number)
}

fn agent_id() -> AgentId {
    AgentId(id(5))
}

fn agent() -> Agent {
    Agent {
        id: agent_id(),
        name: "Ana".parse().unwrap(),
        email: "ana@acme.example".parse().unwrap(),
        role: Role::Agent,
        capacity: Capacity::DEFAULT,
        created_at: AT,
    }
}

fn contact() -> Arc<Contact> {
    let mut fields = ContactFields::default();
    fields.insert("plan", "gold").unwrap();
    Arc::new(Contact {
        id: ContactId(id(2)),
        name: Some("Vic".parse().unwrap()),
        email: Some("vic@home.example".parse().unwrap()),
        fields,
    })
}

fn chat(state: ChatStateView, has_agent: bool) -> ChatView {
    let card = AgentCard {
        id: agent_id(),
        name: "Ana".parse().unwrap(),
    };
    ChatView {
        id: ChatId(id(1)),
        visitor_id: VisitorId(id(2)),
        office_id: OfficeId(id(3)),
        queue_id: Some(QueueId(id(4))),
        contact: contact(),
        state,
        agents: has_agent.then_some(card).into_iter().collect(),
        last_seq: 1,
        started_at: AT,
        position: (!has_agent).then_some(1),
    }
}

fn active() -> ChatView {
    let accepted_at = later(5);
    chat(
        ChatStateView::Settled(ChatState::Active { accepted_at }),
        true,
    )
}

fn closed() -> ChatView {
    let state = ChatState::Closed {
        accepted_at: Some(later(5)),
        at: later(60),
        reason: CloseReason::AgentClosed,
    };
    chat(ChatStateView::Settled(state), true)
}

fn parties() -> Parties {
    Parties {
        chat_id: ChatId(id(1)),
        visitor_id: VisitorId(id(2)),
        agents: vec![agent_id()],
    }
}

fn message(author: Author) -> MessageView {
    let author_name = matches!(author, Author::Agent(_)).then(|| "Ana".parse().unwrap());
    MessageView {
        message: Message {
            id: "m-1".parse().unwrap(),
            seq: 1,
            author,
            text: "Hello \u{1F44B}\n<b>there</b>".parse().unwrap(),
            sent_at: later(6),
        },
        author_name,
    }
}

fn offer(state: OfferState) -> OfferView {
    OfferView {
        chat_id: ChatId(id(1)),
        number: OfferNumber(1),
        agent_id: agent_id(),
        state,
        made_at: later(1),
        expires_at: Some(later(31)),
        waiting_since: AT,
        office_id: OfficeId(id(3)),
        queue_id: QueueId(id(4)),
        queue_name: "General".parse().unwrap(),
        contact: contact(),
    }
}

fn presence() -> PresenceView {
    let choice = Choice {
        status: Status::Online,
        set_at: AT,
        set_by: Actor::Agent(agent_id()),
        reason: PresenceReason::Chosen,
    };
    PresenceView {
        agent_id: agent_id(),
        choice,
        effective: effective(choice, Reachability::Lost { since: later(90) }),
    }
}

fn office() -> Office {
    Office {
        id: OfficeId(id(3)),
        name: "Support".parse().unwrap(),
        when_not_live: WhenNotLive::Messenger,
        created_at: AT,
    }
}

fn queue() -> Queue {
    Queue {
        id: QueueId(id(4)),
        office_id: OfficeId(id(3)),
        name: "General".parse().unwrap(),
        settings: QueueSettings::default(),
        created_at: AT,
    }
}

fn queue_view() -> QueueView {
    QueueView {
        queue: queue(),
        member_ids: vec![agent_id()],
    }
}

fn widget() -> Widget {
    Widget {
        id: WidgetId(id(7)),
        key: WidgetKey::from_trusted("wk_1".to_owned()),
        name: "Site".parse().unwrap(),
        office_ids: vec![OfficeId(id(3))],
        allowed_domains: Vec::new(),
        messenger_text: "Write to us".parse().unwrap(),
        created_at: AT,
    }
}

/// The name of an event's file, without a wildcard, and whether it has one for agents and one for the visitor.
fn name(kind: &EventKind) -> (&'static str, bool, bool) {
    match kind {
        EventKind::Setup(
            SetupEvent::OfficeCreated(_)
            | SetupEvent::AgentCreated(..)
            | SetupEvent::QueueCreated(_)
            | SetupEvent::MembersChanged(_)
            | SetupEvent::WidgetCreated(_),
        ) => ("setup", false, false),
        EventKind::Presence(change) => match change {
            PresenceEvent::Changed(_) => ("presence.changed", true, false),
            PresenceEvent::LoggedOut(..) => ("session.logged_out", true, false),
            PresenceEvent::Connected(_) => ("connected", false, false),
            PresenceEvent::Disconnected(_) => ("disconnected", false, false),
            PresenceEvent::Lost(_) => ("lost", false, false),
        },
        EventKind::Offer(change) => match change {
            OfferEvent::Made(_) => ("offer.made", true, false),
            OfferEvent::Accepted(_) => ("offer.accepted", true, false),
            OfferEvent::Rejected(..) => ("offer.rejected", true, false),
            OfferEvent::Missed(_) => ("offer.missed", true, false),
            OfferEvent::Withdrawn(..) => ("offer.withdrawn", true, false),
        },
        EventKind::Chat(change) => match change {
            ChatEvent::Queued(_) => ("chat.queued", false, true),
            ChatEvent::Accepted(..) => ("chat.accepted", true, true),
            ChatEvent::MessageSent(..) => ("chat.message", true, true),
            ChatEvent::Closed(..) => ("chat.closed", true, true),
            ChatEvent::RoundPaused(..) => ("round_paused", false, false),
            ChatEvent::RoundStarted(_) => ("round_started", false, false),
            ChatEvent::OfflineMessageLeft(_) => ("offline_message", false, false),
        },
    }
}

/// A sample of every kind.
fn kinds() -> Vec<EventKind> {
    let key = OfferKey {
        chat_id: ChatId(id(1)),
        number: OfferNumber(1),
        agent_id: agent_id(),
    };
    let note = "At lunch".parse().unwrap();
    let hash = PasswordHash("hash".into());
    let chat_id = ChatId(id(1));
    let setup = [
        SetupEvent::OfficeCreated(office()),
        SetupEvent::AgentCreated(agent(), hash),
        SetupEvent::QueueCreated(queue_view()),
        SetupEvent::MembersChanged(queue_view()),
        SetupEvent::WidgetCreated(widget()),
    ];
    let presence = [
        PresenceEvent::Changed(presence()),
        PresenceEvent::LoggedOut(agent_id(), SessionId(id(6))),
        PresenceEvent::Connected(agent_id()),
        PresenceEvent::Disconnected(agent_id()),
        PresenceEvent::Lost(agent_id()),
    ];
    let offers = [
        OfferEvent::Made(offer(OfferState::Ringing)),
        OfferEvent::Accepted(key),
        OfferEvent::Rejected(key, Some(note)),
        OfferEvent::Missed(key),
        OfferEvent::Withdrawn(key, WithdrawReason::AcceptedElsewhere),
    ];
    let chats = [
        ChatEvent::Queued(chat(ChatStateView::Waiting, false)),
        ChatEvent::Accepted(active(), agent_id()),
        ChatEvent::MessageSent(parties(), message(Author::Agent(agent_id()))),
        ChatEvent::Closed(parties(), CloseReason::AgentClosed),
        ChatEvent::RoundPaused(chat_id, later(10)),
        ChatEvent::RoundStarted(chat_id),
        ChatEvent::OfflineMessageLeft(chat(ChatStateView::OfflineMessage, false)),
    ];
    let setup = setup.map(EventKind::Setup).into_iter();
    setup
        .chain(presence.map(EventKind::Presence))
        .chain(offers.map(EventKind::Offer))
        .chain(chats.map(EventKind::Chat))
        .collect()
}

/// How many names [`name`] gives.
const NAMES: usize = 18;

fn events() -> Vec<(String, String)> {
    let mut frames = Vec::new();
    let mut names = BTreeSet::new();
    for kind in kinds() {
        let (name, agents, visitor) = name(&kind);
        names.insert(name);
        let event = Event {
            at: later(60),
            actor: Actor::Agent(agent_id()),
            kind,
        };
        let (to_agents, to_visitor) = (
            event::agent_frame(&event, 1240),
            event::visitor_frame(&event, 7),
        );
        assert_eq!(to_agents.is_some(), agents, "{name}");
        assert_eq!(to_visitor.is_some(), visitor, "{name}");
        frames.extend(to_agents.map(|text| (format!("agent.{name}"), text)));
        frames.extend(to_visitor.map(|text| (format!("visitor.{name}"), text)));
    }
    assert_eq!(names.len(), NAMES, "a kind of event has no sample");
    frames
}

/// The frames that belong to the connection.
fn of_the_connection() -> Vec<(String, String)> {
    let (history, connection) = (id(8), ConnectionId(id(9)));
    let to_agent = AgentSnapshot {
        me: agent(),
        presence: presence(),
        offices: vec![office()],
        queues: vec![queue()],
        offers: vec![offer(OfferState::Ringing)],
        chats: vec![active()],
    };
    let to_visitor = VisitorSnapshot {
        visitor_id: VisitorId(id(2)),
        chats: vec![chat(ChatStateView::Offered, false), active()],
    };
    let named = |name: &str, text: String| (name.to_owned(), text);
    vec![
        named(
            "agent.welcome",
            control::welcome_agent(AT, history, 1240, connection, &to_agent),
        ),
        named(
            "visitor.welcome",
            control::welcome_visitor(AT, history, 7, connection, &to_visitor),
        ),
        named("resumed", control::resumed(AT, history, 1240, connection)),
        named("ping", control::PING.to_owned()),
        named("pong", control::PONG.to_owned()),
    ]
}

/// The answers to commands, and the notices that pass.
fn answers() -> Vec<(String, String)> {
    let (agents, visitor) = (Audience::Agent, Audience::Visitor);
    let ok = |name: &str, reply: &Reply, audience| {
        (
            format!("ok.{name}"),
            answer::ok_frame("c1", reply, audience),
        )
    };
    let error = |name: &str, id, problem: Problem| {
        (format!("error.{name}"), answer::error_frame(id, &problem))
    };
    let typing = |name: &str, author, by: Option<&str>, to| {
        let by = by.map(|name| name.parse().unwrap());
        let text = event::typing_frame(author, by.as_ref(), ChatId(id(1)), true, to);
        (format!("{name}.chat.typing"), text)
    };
    let gone = Refusal::OfferGone {
        taken_by: Some(agent_id()),
    };
    let mode = Mode::Messenger;
    let fault = Faults::one(
        "/message/text",
        FaultCode::Required,
        "this field is required",
    );
    let by_agent = message(Author::Agent(agent_id()));
    let rejected = offer(OfferState::Rejected);
    vec![
        ok("done", &Reply::Done, agents),
        ok("presence", &Reply::Presence(presence()), agents),
        ok("agent.chat", &Reply::Chat(closed()), agents),
        ok("visitor.chat", &Reply::Chat(closed()), visitor),
        ok("offer", &Reply::Offer(rejected), agents),
        ok("agent.message", &Reply::Message(by_agent), agents),
        ok(
            "visitor.message",
            &Reply::Message(message(Author::Visitor)),
            visitor,
        ),
        (
            "ok.refreshed".to_owned(),
            answer::refreshed_frame("c1", later(900)),
        ),
        error("refused", Some("c1"), Refusal::ChatClosed.into()),
        error("offer_gone", Some("c1"), gone.into()),
        error("not_live", Some("c1"), Refusal::NotLive { mode }.into()),
        error("invalid", Some("c1"), fault.into()),
        error("unreadable", None, Problem::not_found()),
        typing("agent", Author::Visitor, None, agents),
        typing("visitor", Author::Agent(agent_id()), Some("Ana"), visitor),
    ]
}

#[test]
fn every_frame_is_as_clients_know_it() {
    let frames = [events(), of_the_connection(), answers()].concat();
    let mut changed = Vec::new();
    let mut names = BTreeSet::new();

    for (name, text) in frames {
        let file = format!("{name}.json");
        if !is_golden(&format!("frames/{file}"), &format!("{text}\n")) {
            changed.push(format!("{file}: {text}"));
        }
        assert!(names.insert(file), "{name} stands for two frames");
    }

    assert!(
        changed.is_empty(),
        "these are not as in golden/frames; after a review, UPDATE_GOLDEN=1 rewrites them:\n{}",
        changed.join("\n")
    );
    let kept = std::fs::read_dir(golden_folder().join("frames")).unwrap();
    let kept = kept.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let left: Vec<String> = kept.filter(|file| !names.contains(file)).collect();
    assert!(left.is_empty(), "{left:?} belong to no frame");
}
