//! Who hears of what, and how it looks.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::*;
use crate::domain::ParticipantRole as Role;
use crate::domain::{
    Actor, Author, Body, ChatState, Choice, CloseReason, Contact, ContactFields, ContactId, FileId,
    InternalNote, Message, Millis, Mode, OfferNumber, OfferState, OfficeId, PresenceReason,
    QueueId, ReadMark, Reader, SessionId, ShownReason, Standing, Status, Timestamp, WithdrawReason,
};
use crate::engine::{
    self, AvailabilityChange, Cause, ChatStateView, DeletedMessage, EditedMessage, LifeEvent,
    MessageView, OfferEvent, OfferKey, OfferView, OfficeAvailability, Parties, PresenceView,
    SetupEvent,
};

const AT: Timestamp = Timestamp(1_772_357_400_000);

pub(crate) struct Links;

impl FileLinks for Links {
    fn link_to(&self, file_id: FileId) -> String {
        format!("/{file_id}")
    }
}

fn to_visitor(event: &Event) -> Option<String> {
    visitor_frame(event.chat()?, 8, &Links)
}

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn contact() -> Arc<Contact> {
    Arc::new(Contact {
        id: ContactId(id(2)),
        name: None,
        email: None,
        fields: ContactFields::default(),
    })
}

fn chat(state: ChatStateView, agents: &[u128]) -> ChatView {
    let card = |number: &u128| engine::AgentCard {
        id: AgentId(id(*number)),
        name: "Ana".parse().unwrap(),
        status: None,
    };
    ChatView {
        id: ChatId(id(1)),
        visitor_id: VisitorId(id(2)),
        office_id: OfficeId(id(3)),
        queue_id: Some(QueueId(id(4))),
        contact: contact(),
        known: None,
        state,
        agents: agents.iter().map(card).collect(),
        aside: None,
        last_seq: 0,
        last_note: 0,
        read_marks: Box::default(),
        started_at: AT,
        position: agents.is_empty().then_some(1),
        estimated_wait: agents.is_empty().then_some(Millis(89_001)),
        marks: Box::default(),
    }
}

fn parties() -> Parties {
    Parties {
        chat_id: ChatId(id(1)),
        visitor_id: VisitorId(id(2)),
        agents: vec![AgentId(id(5))],
    }
}

fn message() -> MessageView {
    MessageView {
        message: Message {
            id: "m-1".parse().unwrap(),
            seq: 1,
            author: Author::Agent(AgentId(id(5))),
            body: Body::Written(Arc::new("Hello".parse().unwrap())),
            sent_at: AT,
            edited_at: None,
        },
        author_name: Some("Ana".parse().unwrap()),
    }
}

fn edited() -> EditedMessage {
    EditedMessage {
        id: "m-1".parse().unwrap(),
        seq: 1,
        text: Some("Hello again".parse().unwrap()),
    }
}

fn deleted() -> DeletedMessage {
    DeletedMessage {
        id: "m-1".parse().unwrap(),
        seq: 1,
    }
}

fn offer() -> OfferView {
    OfferView {
        chat_id: ChatId(id(1)),
        number: OfferNumber(1),
        agent_id: AgentId(id(5)),
        state: OfferState::Ringing,
        made_at: AT,
        expires_at: None,
        waiting_since: AT,
        office_id: OfficeId(id(3)),
        queue_id: QueueId(id(4)),
        queue_name: "Sales".parse().unwrap(),
        contact: contact(),
        purpose: domain::Purpose::Answer,
        by: None,
        note: None,
        external_url: None,
    }
}

fn view(agent_id: AgentId) -> PresenceView {
    PresenceView {
        agent_id,
        choice: Choice {
            status: Status::Offline,
            status_id: None,
            set_at: AT,
            set_by: Actor::System,
            reason: PresenceReason::Initial,
        },
        overrides: BTreeMap::new(),
        standing: Standing::initial(AT),
        pausing: None,
        wanted: None,
        seated: true,
        leased: false,
        paid: true,
        over_limit_since: None,
        grounds: crate::domain::Grounds::NONE,
    }
}

fn availability() -> AvailabilityChange {
    AvailabilityChange {
        shown: OfficeAvailability {
            office_id: OfficeId(id(3)),
            mode: Mode::Messenger,
            reason: ShownReason::NoMembers,
            since: AT,
            valid_until: None,
            opens_at: None,
            agents: Vec::new(),
            waiting: None,
            estimated_wait: None,
        },
        cause: Cause::Setup,
        is_open: true,
        members: 0,
        online: Vec::new(),
    }
}

fn left(role: Role) -> ChatEvent {
    let departure = engine::Departure {
        agent: engine::AgentCard {
            id: AgentId(id(5)),
            name: "Ana".parse().unwrap(),
            status: None,
        },
        role,
        joined_at: AT,
        reason: domain::LeaveReason::Left,
    };
    ChatEvent::ParticipantLeft(parties(), departure)
}

/// Another agent reads along.
fn onlookers() -> engine::Onlookers {
    engine::Onlookers {
        agents: vec![AgentId(id(6))],
        rings: Some(true),
    }
}

/// A chat that waits while an agent reads it along.
fn read_along() -> ChatView {
    let waiting = chat(ChatStateView::Settled(ChatState::Waiting), &[]);
    let aside = engine::Aside {
        assistants: chat(waiting.state, &[5]).agents,
        listeners: Vec::new(),
        hand_over: None,
    };
    ChatView {
        aside: aside.boxed(),
        ..waiting
    }
}

fn hand_overs() -> Vec<(EventKind, bool, bool)> {
    let agent = AgentId(id(5));
    let active = ChatStateView::Settled(ChatState::Active { accepted_at: AT });
    let chats = |event, agents, visitor| (EventKind::Chat(event), agents, visitor);
    vec![
        chats(ChatEvent::ReplyBegun(ChatId(id(1))), false, false),
        chats(ChatEvent::ReservationEnded(ChatId(id(1))), false, false),
        chats(
            ChatEvent::Requeued(read_along(), domain::LeaveReason::AgentGone),
            true,
            true,
        ),
        chats(ChatEvent::Overflowed(read_along(), None), true, true),
        chats(
            ChatEvent::ParticipantJoined(chat(active, &[5]), agent, Role::Agent),
            true,
            true,
        ),
        chats(
            ChatEvent::ParticipantJoined(chat(active, &[5]), agent, Role::Listener),
            true,
            false,
        ),
        chats(left(Role::Agent), true, true),
        chats(left(Role::Assistant), true, false),
    ]
}

fn mark(reader: Reader, by_agents: Option<ReadMark>) -> ChatEvent {
    let raised = engine::MarkRaised {
        reader,
        mark: ReadMark::new(1, 2),
        by_agents,
    };
    ChatEvent::MarkRaised(parties(), raised)
}

fn note(author: AgentId) -> engine::NoteEvent {
    let note = InternalNote {
        id: "n-1".parse().unwrap(),
        number: 1,
        author,
        text: "Secret".parse().unwrap(),
        sent_at: AT,
    };
    engine::NoteEvent {
        chat_id: ChatId(id(1)),
        agents: vec![author],
        note: engine::NoteView {
            note,
            author_name: "Ana".parse().unwrap(),
        },
    }
}

/// One event of every kind, with whether agents and the visitor see it.
fn every_kind() -> Vec<(EventKind, bool, bool)> {
    let agent = AgentId(id(5));
    let key = OfferKey {
        chat_id: ChatId(id(1)),
        number: OfferNumber(1),
        agent_id: agent,
    };
    let active = ChatStateView::Settled(ChatState::Active { accepted_at: AT });
    let presence = |event, agents| (EventKind::Presence(event), agents, false);
    let offers = |event| (EventKind::Offer(event, onlookers()), true, false);
    let chats = |event, agents, visitor| (EventKind::Chat(event), agents, visitor);
    let office = domain::Office::new(OfficeId(id(3)), "Support".parse().unwrap(), AT);
    let card = chat(active, &[5]).agents.remove(0);
    vec![
        (
            EventKind::Setup(SetupEvent::OfficeCreated(Box::new(office))),
            false,
            false,
        ),
        (
            EventKind::Availability(Box::new(availability())),
            true,
            false,
        ),
        presence(PresenceEvent::Changed(Box::new(view(agent))), true),
        presence(PresenceEvent::LeaseHeld(agent), false),
        presence(PresenceEvent::LeaseExpired(agent), false),
        presence(PresenceEvent::Noted(agent), false),
        presence(PresenceEvent::Connected(agent), false),
        presence(PresenceEvent::Disconnected(agent), false),
        presence(PresenceEvent::Lost(agent), false),
        presence(PresenceEvent::LoggedOut(agent, SessionId(id(6))), true),
        offers(OfferEvent::Made(offer(), None)),
        offers(OfferEvent::Accepted(key)),
        offers(OfferEvent::Rejected(key, None)),
        offers(OfferEvent::Missed(key)),
        offers(OfferEvent::Withdrawn(key, WithdrawReason::ChatClosed)),
        chats(
            ChatEvent::Queued(chat(ChatStateView::Settled(ChatState::Waiting), &[])),
            false,
            true,
        ),
        chats(ChatEvent::RoundPaused(ChatId(id(1)), AT), false, false),
        chats(ChatEvent::RoundStarted(ChatId(id(1))), false, false),
        chats(ChatEvent::Accepted(chat(active, &[5]), agent), true, true),
        chats(ChatEvent::MessageSent(parties(), message()), true, true),
        chats(ChatEvent::MessageEdited(parties(), edited()), true, true),
        chats(ChatEvent::MessageDeleted(parties(), deleted()), true, true),
        chats(ChatEvent::AgentSeen(parties(), card), true, true),
        chats(mark(Reader::Visitor, None), true, true),
        chats(
            mark(Reader::Agent(agent), Some(ReadMark::new(1, 2))),
            true,
            true,
        ),
        chats(mark(Reader::Agent(agent), None), true, false),
        (EventKind::Note(note(agent)), true, false),
        chats(
            ChatEvent::Closed(parties(), CloseReason::AgentClosed),
            true,
            true,
        ),
        chats(
            ChatEvent::OfflineMessageLeft(chat(
                ChatStateView::Settled(ChatState::OfflineMessage),
                &[],
            )),
            false,
            false,
        ),
    ]
}

/// What is asked for and given away.
fn asked_for() -> Vec<(EventKind, bool, bool)> {
    let agent = AgentId(id(5));
    let active = || {
        chat(
            ChatStateView::Settled(ChatState::Active { accepted_at: AT }),
            &[5],
        )
    };
    let target = domain::Target::Agent(agent);
    let request = engine::HandOverRequest {
        purpose: domain::Purpose::Transfer,
        to: Some(target),
        by: active().agents.remove(0),
        note: None,
        offer: OfferNumber(2),
        asked: vec![AgentId(id(7))],
    };
    let transfer = engine::Transfer {
        by: AgentId(id(6)),
        to: target,
        agent_id: Some(agent),
        reason: domain::TransferReason::Accepted,
    };
    let ended = domain::HandOverEnd::Refused;
    let chats = |event, agents, visitor| (EventKind::Chat(event), agents, visitor);
    vec![
        chats(
            ChatEvent::HandOverRequested(parties(), request),
            true,
            false,
        ),
        chats(
            ChatEvent::HandOverEnded(parties(), domain::Purpose::Transfer, ended),
            true,
            false,
        ),
        chats(
            ChatEvent::Transferred(active(), transfer.into()),
            true,
            true,
        ),
    ]
}

/// Turns of a chat's life, and what happens to a queue.
fn turns() -> Vec<(EventKind, bool, bool)> {
    let (chat_id, agent) = (ChatId(id(1)), AgentId(id(5)));
    let active = ChatStateView::Settled(ChatState::Active { accepted_at: AT });
    let waiting = || chat(ChatStateView::Settled(ChatState::Waiting), &[]);
    let wrap_up = engine::WrapUpView {
        chat: chat(active, &[5]),
        agent_id: agent,
        wrap_up: domain::WrapUp {
            since: AT,
            until: AT,
        },
    };
    let rating = domain::Rating {
        score: domain::Score::MAX,
        comment: None,
    };
    let full = engine::QueueEvent {
        queue_id: QueueId(id(4)),
        is_full: true,
        waiting: 5,
        members: vec![AgentId(id(6)), agent],
    };
    let log_in = engine::QueueLogIn {
        agent_id: agent,
        queue_id: QueueId(id(4)),
        logged_in: false,
    };
    let chats = |event, agents, visitor| (EventKind::Chat(event), agents, visitor);
    let life = |event, agents, visitor| chats(ChatEvent::Life(event), agents, visitor);
    let target = domain::TargetKind::FirstReply;
    vec![
        (EventKind::Queue(full), true, false),
        (
            EventKind::Presence(PresenceEvent::QueueLogIn(log_in)),
            true,
            false,
        ),
        chats(ChatEvent::WaitOverrun(chat_id), false, false),
        chats(ChatEvent::FellSilent(chat_id), false, false),
        chats(
            ChatEvent::Deferred(waiting(), domain::DeferReason::Overflow),
            false,
            true,
        ),
        life(LifeEvent::Updated(parties(), Box::default()), true, false),
        life(LifeEvent::WrapUpStarted(wrap_up.into()), true, false),
        life(LifeEvent::WrapUpEnded(chat_id, agent), true, false),
        life(LifeEvent::IdleWarned(parties(), None), true, true),
        life(LifeEvent::VisitorSeen(chat_id), false, false),
        life(
            LifeEvent::Reopened(chat(active, &[5]).into(), Vec::new()),
            true,
            true,
        ),
        life(LifeEvent::TargetMissed(parties(), target), true, false),
        life(LifeEvent::Reminded(chat_id, vec![agent]), true, false),
        life(LifeEvent::Rated(parties(), rating), true, true),
    ]
}

fn samples() -> Vec<(EventKind, bool, bool)> {
    [every_kind(), hand_overs(), asked_for(), turns()].concat()
}

/// An event of every kind that concerns the chat, the visitor and the agents of the samples: of the visitor 2 and the agent
/// 5; 6 reads along.
pub(crate) fn every_event() -> impl Iterator<Item = Event> {
    samples().into_iter().map(|(kind, ..)| Event {
        at: AT,
        actor: Actor::Agent(AgentId(id(9))),
        kind,
    })
}

#[test]
fn whoever_hears_of_an_event_has_a_frame_and_nobody_else() {
    for (kind, agents, visitor) in samples() {
        let event = Event {
            at: AT,
            actor: Actor::System,
            kind,
        };
        let heard = audience(&event);

        let by_agents = heard.all_agents || !heard.agents.is_empty();
        assert_eq!(by_agents, agents, "{event:?}");
        assert_eq!(heard.visitor.is_some(), visitor, "{event:?}");
        assert_eq!(
            agent_frame(&event, 7, &Links).is_some(),
            agents,
            "{event:?}"
        );
        assert_eq!(to_visitor(&event).is_some(), visitor, "{event:?}");
        let seen_by_others = onlookers_frame(&event, 7);
        assert_eq!(
            seen_by_others.is_some(),
            !heard.onlookers.is_empty(),
            "{event:?}"
        );
    }
}

#[test]
fn an_agent_that_reads_a_waiting_chat_along_hears_that_it_rings_and_no_more() {
    let offer = OfferView {
        note: Some("Secret".parse().unwrap()),
        external_url: Some("https://crm.example/secret".into()),
        ..offer()
    };
    let event = Event {
        at: AT,
        actor: Actor::System,
        kind: EventKind::Offer(OfferEvent::Made(offer, None), onlookers()),
    };

    let heard = audience(&event);
    assert_eq!(heard.agents, [AgentId(id(5))]);
    assert_eq!(heard.onlookers, [AgentId(id(6))]);
    let frame: Value = serde_json::from_str(&onlookers_frame(&event, 7).unwrap()).unwrap();
    assert_eq!(
        frame,
        serde_json::json!({
            "type": "chat.ringing", "seq": 7, "at": "2026-03-01T09:30:00.000Z", "chat_id": id(1),
            "rings": true, "offer": 1, "agent_id": id(5), "state": "ringing",
        })
    );
}

#[test]
fn every_frame_bears_its_type_its_number_and_its_time_first() {
    for event in every_event() {
        let frames = [(agent_frame(&event, 7, &Links), 7), (to_visitor(&event), 8)];
        for (frame, seq) in frames {
            let Some(text) = frame else { continue };
            let frame: Value = serde_json::from_str(&text).unwrap();
            assert!(text.starts_with("{\"type\":\""), "{text}");
            assert_eq!(frame["seq"], seq, "{text}");
            assert_eq!(frame["at"], "2026-03-01T09:30:00.000Z", "{text}");
        }
    }
}

#[test]
fn a_visitor_is_told_which_agent_closed_its_chat_but_not_who_bans() {
    let by = |reason, actor| {
        let kind = EventKind::Chat(ChatEvent::Closed(parties(), reason));
        let event = Event {
            at: AT,
            actor,
            kind,
        };
        let frame = |text: Option<String>| -> Value {
            let frame: Value = serde_json::from_str(&text.unwrap()).unwrap();
            frame["by"].clone()
        };
        let to_agents = frame(agent_frame(&event, 7, &Links));
        (to_agents, frame(to_visitor(&event)))
    };
    let agent = Actor::Agent(AgentId(id(5)));
    let whole = serde_json::json!({"kind": "agent", "agent_id": id(5)});
    let nobody = serde_json::json!({"kind": "agent"});
    let same = |kind: &str| {
        let by = serde_json::json!({"kind": kind});
        (by.clone(), by)
    };

    assert_eq!(
        by(CloseReason::AgentClosed, agent),
        (whole.clone(), whole.clone())
    );
    assert_eq!(by(CloseReason::Banned, agent), (whole, nobody));
    assert_eq!(
        by(CloseReason::VisitorEnded, Actor::Visitor),
        same("visitor")
    );
    assert_eq!(by(CloseReason::VisitorIdle, Actor::System), same("system"));
}

#[test]
fn no_frame_of_a_visitor_names_an_agent_that_is_not_in_its_chat() {
    for event in every_event() {
        // Whoever closes a chat is in it.
        let closed = matches!(event.kind, EventKind::Chat(ChatEvent::Closed(..)));
        let frame = to_visitor(&event).unwrap_or_default();
        for stranger in [6, 7, 9] {
            let named = frame.contains(&id(stranger).to_string());
            assert!(closed || !named, "{stranger} is named: {frame}");
        }
    }
}

#[test]
fn typing_has_no_number() {
    let author = Author::Visitor;

    assert_eq!(
        typing_frame(author, None, ChatId(id(1)), true, None),
        r#"{"type":"chat.typing","chat_id":"00000000-0000-0000-0000-000000000001","author":{"kind":"visitor"},"typing":true}"#
    );
}
