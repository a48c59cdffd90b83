//! Every frame that the server sends, word for word: what clients were built against does not change by accident.
//!
//! The frames are made of fixed values by the functions that the sockets use. A new kind of event does not compile
//! until it has a name here, and fails until there is a sample of it.

use std::collections::BTreeSet;

use deskbell::domain::{
    Actor, AgentId, Author, ChatId, ChatState, CloseReason, ConnectionId, DeferReason, HandOverEnd,
    LeaveReason, Mode, OfferNumber, OfferState, ParticipantRole, Purpose, QueueId, Rating, Score,
    SessionId, Target, TargetKind, TransferReason, VisitorId, WithdrawReason,
};
use deskbell::engine::{
    AgentSnapshot, ChatEvent, ChatStateView, Departure, Event, EventKind, HandOverRequest,
    LifeEvent, OfferEvent, OfferKey, OfficeView, Onlookers, PasswordHash, PresenceEvent,
    QueueEvent, Refusal, Reply, SetupEvent, Transfer, VisitorSnapshot,
};
use deskbell::faults::{FaultCode, Faults};
use deskbell::protocol::{Audience, Problem, answer, control, event};

use super::samples::{
    AT, Links, active, agent, agent_id, availability, card, chat, closed, custom_status, deleted,
    edited, elsewhere, emptied, id, later, log_in, mark, marks, message, note, notices, offer,
    office, parties, pause, place, presence, press, queue, queue_view, row, upload, widget,
    with_file, wrap_up,
};
use super::{golden_folder, is_golden};
use crate::support::documents::check_frame;

/// The name of an event's file, without a wildcard, and whether it has one for agents and one for the visitor.
fn name(kind: &EventKind) -> (&'static str, bool, bool) {
    match kind {
        // No client is told of the set-up; each has it fresh at its next welcome.
        EventKind::Setup(_) => ("setup", false, false),
        EventKind::Availability(_) => ("availability.changed", true, false),
        EventKind::Presence(change) => match change {
            PresenceEvent::Changed(_) => ("presence.changed", true, false),
            PresenceEvent::LoggedOut(..) => ("session.logged_out", true, false),
            PresenceEvent::QueueLogIn(_) => ("queue.login_changed", true, false),
            PresenceEvent::Connected(_) => ("connected", false, false),
            PresenceEvent::Disconnected(_) => ("disconnected", false, false),
            PresenceEvent::Lost(_) => ("lost", false, false),
            PresenceEvent::LeaseHeld(_) => ("lease_held", false, false),
            PresenceEvent::LeaseExpired(_) => ("lease_expired", false, false),
            PresenceEvent::Noted(_) => ("noted", false, false),
        },
        EventKind::Queue(_) => ("queue.updated", true, false),
        EventKind::Offer(change, _) => match change {
            OfferEvent::Made(..) => ("offer.made", true, false),
            OfferEvent::Accepted(_) => ("offer.accepted", true, false),
            OfferEvent::Rejected(..) => ("offer.rejected", true, false),
            OfferEvent::Missed(_) => ("offer.missed", true, false),
            OfferEvent::Withdrawn(..) => ("offer.withdrawn", true, false),
        },
        EventKind::Chat(change) => match change {
            ChatEvent::Queued(_) => ("chat.queued", false, true),
            ChatEvent::Accepted(..) => ("chat.accepted", true, true),
            ChatEvent::MessageSent(..) => ("chat.message", true, true),
            ChatEvent::MessageEdited(..) => ("chat.message_edited", true, true),
            ChatEvent::MessageDeleted(..) => ("chat.message_deleted", true, true),
            ChatEvent::MarkRaised(..) => ("chat.read", true, true),
            ChatEvent::AgentSeen(..) => ("chat.agent_seen", true, true),
            ChatEvent::Closed(..) => ("chat.closed", true, true),
            ChatEvent::RoundPaused(..) => ("round_paused", false, false),
            ChatEvent::RoundStarted(_) => ("round_started", false, false),
            ChatEvent::ReservationEnded(_) => ("reservation_ended", false, false),
            ChatEvent::Overflowed(..) => ("chat.overflowed", true, true),
            ChatEvent::WaitOverrun(_) => ("wait_overrun", false, false),
            ChatEvent::FellSilent(_) => ("fell_silent", false, false),
            ChatEvent::Deferred(..) => ("chat.deferred", false, true),
            ChatEvent::ReplyBegun(_) => ("reply_begun", false, false),
            ChatEvent::HandOverRequested(_, request) => match request.purpose {
                Purpose::Answer | Purpose::Transfer => ("chat.transfer_requested", true, false),
                Purpose::Invite => ("chat.invite_requested", true, false),
                Purpose::Assist => ("chat.assist_requested", true, false),
            },
            ChatEvent::HandOverEnded(..) => ("chat.hand_over_ended", true, false),
            ChatEvent::Transferred(..) => ("chat.transferred", true, true),
            ChatEvent::ParticipantJoined(_, _, role) => match role {
                ParticipantRole::Agent => ("chat.participant_joined", true, true),
                ParticipantRole::Assistant => ("chat.participant_joined.assistant", true, false),
                ParticipantRole::Listener => ("chat.participant_joined.listener", true, false),
            },
            ChatEvent::ParticipantLeft(_, departure) => match departure.role {
                ParticipantRole::Agent => ("chat.participant_left", true, true),
                ParticipantRole::Assistant => ("chat.participant_left.assistant", true, false),
                ParticipantRole::Listener => ("chat.participant_left.listener", true, false),
            },
            ChatEvent::Requeued(..) => ("chat.requeued", true, true),
            ChatEvent::OfflineMessageLeft(_) => ("offline_message", false, false),
            ChatEvent::Life(turn) => name_of_turn(turn),
        },
        EventKind::Note(_) => ("chat.note", true, false),
    }
}

fn name_of_turn(turn: &LifeEvent) -> (&'static str, bool, bool) {
    match turn {
        LifeEvent::Updated(..) => ("chat.updated", true, false),
        LifeEvent::WrapUpStarted(_) => ("chat.wrap_up_started", true, false),
        LifeEvent::WrapUpEnded(..) => ("chat.wrap_up_ended", true, false),
        LifeEvent::IdleWarned(..) => ("chat.idle_warning", true, true),
        LifeEvent::VisitorSeen(_) => ("visitor_seen", false, false),
        LifeEvent::Reopened(..) => ("chat.reopened", true, true),
        LifeEvent::TargetMissed(..) => ("chat.target_missed", true, false),
        LifeEvent::Reminded(..) => ("chat.reminder", true, false),
        LifeEvent::Rated(..) => ("chat.rated", true, true),
    }
}

/// A sample of every kind.
fn kinds() -> Vec<EventKind> {
    let key = OfferKey {
        chat_id: ChatId(id(1)),
        number: OfferNumber(1),
        agent_id: agent_id(),
    };
    let reason = "At lunch".parse().unwrap();
    let chat_id = ChatId(id(1));
    let presence = [
        PresenceEvent::Changed(Box::new(presence())),
        PresenceEvent::LoggedOut(agent_id(), SessionId(id(6))),
        PresenceEvent::QueueLogIn(log_in()),
        PresenceEvent::Connected(agent_id()),
        PresenceEvent::Disconnected(agent_id()),
        PresenceEvent::Lost(agent_id()),
        PresenceEvent::LeaseHeld(agent_id()),
        PresenceEvent::LeaseExpired(agent_id()),
        PresenceEvent::Noted(agent_id()),
    ];
    let offers = [
        OfferEvent::Made(offer(OfferState::Ringing), None),
        OfferEvent::Accepted(key),
        OfferEvent::Rejected(key, Some(reason)),
        OfferEvent::Missed(key),
        OfferEvent::Withdrawn(key, WithdrawReason::AcceptedElsewhere),
    ];
    let chats = [
        ChatEvent::Queued(chat(ChatStateView::Settled(ChatState::Waiting), false)),
        ChatEvent::Accepted(active(), agent_id()),
        ChatEvent::MessageSent(parties(), message(Author::Agent(agent_id()))),
        ChatEvent::MessageEdited(parties(), edited()),
        ChatEvent::MessageDeleted(parties(), deleted()),
        ChatEvent::MarkRaised(parties(), mark()),
        ChatEvent::AgentSeen(parties(), active().agents.remove(0)),
        ChatEvent::Closed(parties(), CloseReason::AgentClosed),
        ChatEvent::RoundPaused(chat_id, later(10)),
        ChatEvent::RoundStarted(chat_id),
        ChatEvent::ReservationEnded(chat_id),
        ChatEvent::WaitOverrun(chat_id),
        ChatEvent::FellSilent(chat_id),
        ChatEvent::Overflowed(
            chat(ChatStateView::Settled(ChatState::Waiting), false),
            None,
        ),
        ChatEvent::Deferred(
            chat(ChatStateView::Settled(ChatState::OfflineMessage), false),
            DeferReason::AskedByEmail,
        ),
        ChatEvent::ReplyBegun(chat_id),
        ChatEvent::OfflineMessageLeft(chat(
            ChatStateView::Settled(ChatState::OfflineMessage),
            false,
        )),
    ];
    setup_events()
        .map(EventKind::Setup)
        .into_iter()
        .chain(presence.map(EventKind::Presence))
        .chain([EventKind::Availability(Box::new(availability()))])
        .chain([EventKind::Queue(full_queue())])
        .chain(offers.map(|event| {
            let seen = onlookers(&event);
            EventKind::Offer(event, seen)
        }))
        .chain(chats.into_iter().chain(hand_overs()).map(EventKind::Chat))
        .chain([EventKind::Note(note())])
        .chain(turns().map(|turn| EventKind::Chat(ChatEvent::Life(turn))))
        .collect()
}

/// Another agent reads the chat along.
fn onlookers(event: &OfferEvent) -> Onlookers {
    Onlookers {
        agents: vec![AgentId(id(11))],
        rings: Some(matches!(event, OfferEvent::Made(..))),
    }
}

fn setup_events() -> [SetupEvent; 5] {
    [
        SetupEvent::OfficeCreated(Box::new(office())),
        SetupEvent::AgentCreated(Box::new(agent()), PasswordHash("hash".into())),
        SetupEvent::QueueCreated(queue_view()),
        SetupEvent::MembersChanged(queue_view()),
        SetupEvent::WidgetCreated(widget()),
    ]
}

fn full_queue() -> QueueEvent {
    QueueEvent {
        queue_id: queue_view().queue.id,
        is_full: true,
        waiting: 5,
        members: vec![agent_id()],
    }
}

/// A sample of every kind of hand-over.
fn hand_overs() -> Vec<ChatEvent> {
    let target = Target::Queue(QueueId(id(4)));
    let request = |purpose, to| HandOverRequest {
        purpose,
        to,
        by: card(),
        note: Some("Knows more".parse().unwrap()),
        offer: OfferNumber(2),
        asked: vec![AgentId(id(11))],
    };
    let transfer = Transfer {
        by: AgentId(id(11)),
        to: target,
        agent_id: Some(agent_id()),
        reason: TransferReason::Accepted,
    };
    let waiting = chat(ChatStateView::Settled(ChatState::Waiting), false);
    let mut events = vec![
        ChatEvent::HandOverRequested(parties(), request(Purpose::Transfer, Some(target))),
        ChatEvent::HandOverRequested(parties(), request(Purpose::Invite, Some(target))),
        ChatEvent::HandOverRequested(parties(), request(Purpose::Assist, None)),
        ChatEvent::HandOverEnded(parties(), Purpose::Transfer, HandOverEnd::Refused),
        ChatEvent::Transferred(active(), transfer.into()),
        ChatEvent::Requeued(waiting, LeaveReason::AgentGone),
    ];
    for role in ParticipantRole::ALL {
        events.push(ChatEvent::ParticipantJoined(active(), agent_id(), *role));
        let departure = Departure {
            agent: card(),
            role: *role,
            joined_at: AT,
            reason: LeaveReason::Left,
        };
        events.push(ChatEvent::ParticipantLeft(parties(), departure));
    }
    events
}

/// Every turn that a chat's life takes.
fn turns() -> [LifeEvent; 9] {
    let chat_id = ChatId(id(1));
    let rating = Rating {
        score: Score::MAX,
        comment: Some("Ana was quick".parse().unwrap()),
    };
    [
        LifeEvent::Updated(parties(), Box::new(marks())),
        LifeEvent::WrapUpStarted(Box::new(wrap_up())),
        LifeEvent::WrapUpEnded(chat_id, agent_id()),
        LifeEvent::IdleWarned(parties(), Some(later(90))),
        LifeEvent::VisitorSeen(chat_id),
        LifeEvent::Reopened(Box::new(active()), vec![AgentId(id(13))]),
        LifeEvent::TargetMissed(parties(), TargetKind::FirstReply),
        LifeEvent::Reminded(chat_id, vec![agent_id()]),
        LifeEvent::Rated(parties(), rating),
    ]
}

/// How many names [`name`] gives.
const NAMES: usize = 56;

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
            event::agent_frame(&event, 1240, &Links),
            event
                .chat()
                .and_then(|fact| event::visitor_frame(fact, 7, &Links)),
        );
        assert_eq!(to_agents.is_some(), agents, "{name}");
        assert_eq!(to_visitor.is_some(), visitor, "{name}");
        let to_onlookers = event::onlookers_frame(&event, 1240);
        frames.extend(to_onlookers.map(|text| (format!("onlooker.{name}"), text)));
        frames.extend(to_agents.map(|text| (format!("agent.{name}"), text)));
        frames.extend(to_visitor.map(|text| (format!("visitor.{name}"), text)));
    }
    assert_eq!(names.len(), NAMES, "a kind of event has no sample");
    frames
}

/// What the service says, for each reason.
fn said_by_the_service() -> Vec<(String, String)> {
    let frame = |(reason, view)| {
        let event = Event {
            at: later(60),
            actor: Actor::System,
            kind: EventKind::Chat(ChatEvent::MessageSent(parties(), view)),
        };
        let text = event::agent_frame(&event, 1240, &Links).unwrap();
        (format!("notice.{reason}"), text)
    };
    notices().into_iter().map(frame).collect()
}

/// The frames that belong to the connection.
fn of_the_connection() -> Vec<(String, String)> {
    let (history, connection) = (id(8), ConnectionId(id(9)));
    let to_agent = AgentSnapshot {
        me: agent(),
        presence: presence(),
        offices: vec![OfficeView {
            office: office(),
            mode: Mode::Live,
        }],
        statuses: vec![custom_status()],
        pauses: vec![pause()],
        queues: vec![queue()],
        logged_out: [queue().id].into(),
        offers: vec![offer(OfferState::Ringing)],
        chats: vec![active()],
        wrap_ups: vec![wrap_up()],
    };
    let to_visitor = VisitorSnapshot {
        visitor_id: VisitorId(id(2)),
        chats: vec![chat(ChatStateView::Offered, false), active()],
        shows_unsent_text: false,
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

/// Who types.
fn typing(name: &str, author: Author, by: Option<&str>, unsent: Option<&str>) -> (String, String) {
    let by = by.map(|name| name.parse().unwrap());
    let unsent = unsent.map(|text| text.parse().unwrap());
    let chat_id = ChatId(id(1));
    let text = event::typing_frame(author, by.as_ref(), chat_id, true, unsent.as_ref());
    (format!("{name}.chat.typing"), text)
}

/// The answers to commands.
fn answers() -> Vec<(String, String)> {
    let (agents, visitor) = (Audience::Agent, Audience::Visitor);
    let ok = |name: &str, reply: &Reply, audience| {
        (
            format!("ok.{name}"),
            answer::ok_frame("c1", reply, audience, &Links),
        )
    };
    let error = |name: &str, id, problem: Problem| {
        (format!("error.{name}"), answer::error_frame(id, &problem))
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
        ok(
            "typing",
            &Reply::Typing {
                shows_unsent_text: true,
            },
            visitor,
        ),
        ok("presence", &Reply::Presence(Box::new(presence())), agents),
        ok("agent.chat", &Reply::Chat(closed()), agents),
        ok("visitor.chat", &Reply::Chat(closed()), visitor),
        ok("offer", &Reply::Offer(rejected), agents),
        ok("agent.message", &Reply::Message(by_agent), agents),
        ok(
            "visitor.message",
            &Reply::Message(message(Author::Visitor)),
            visitor,
        ),
        ok("pressed", &Reply::Message(press()), visitor),
        ok("file", &Reply::Message(with_file(upload())), agents),
        ok(
            "file_elsewhere",
            &Reply::Message(with_file(elsewhere())),
            visitor,
        ),
        ok("note", &Reply::Note(note().note), agents),
        ok("emptied", &Reply::Message(emptied()), agents),
        ok("presences", &Reply::Presences(vec![presence()]), agents),
        (
            "ok.watching".to_owned(),
            answer::watching_frame("c1", &[row()]),
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
    ]
}

/// The notices that pass.
fn passing() -> Vec<(String, String)> {
    vec![
        (
            "agent.presence.watched".to_owned(),
            event::watched_frame(later(61), &[(&row(), false)], &[AgentId(id(13))]),
        ),
        (
            "visitor.chat.place".to_owned(),
            event::place_frame(later(61), &place()),
        ),
        typing("agent", Author::Visitor, None, None),
        typing("agent.unsent", Author::Visitor, None, Some("I hate th")),
        typing("visitor", Author::Agent(agent_id()), Some("Ana"), None),
    ]
}

/// Holds a sample against the document of the sockets, under the name by which that knows it.
fn is_described(name: &str, text: &str) {
    let frame = serde_json::from_str(text).unwrap();
    let (party, asked) = match name {
        "ok.done" => ("agent", Some("chat.leave")),
        "ok.typing" => ("visitor", Some("chat.typing")),
        "ok.presence" => ("agent", Some("presence.set")),
        "ok.agent.chat" => ("agent", Some("chat.accept")),
        "ok.visitor.chat" => ("visitor", Some("chat.end")),
        "ok.offer" => ("agent", Some("chat.reject")),
        "ok.visitor.message" | "ok.pressed" | "ok.file_elsewhere" => ("visitor", Some("chat.send")),
        "ok.agent.message" | "ok.file" => ("agent", Some("chat.send")),
        "ok.note" => ("agent", Some("chat.note")),
        "ok.emptied" => ("agent", Some("chat.delete")),
        "ok.watching" => ("agent", Some("presence.watch")),
        "ok.refreshed" => ("agent", Some("token.refresh")),
        // Over HTTP alone.
        "ok.presences" => return,
        name if name.starts_with("visitor.") => ("visitor", None),
        _ => ("agent", None),
    };
    check_frame(party, asked, &frame);
}

#[test]
fn every_frame_is_as_clients_know_it() {
    let frames = [
        events(),
        said_by_the_service(),
        of_the_connection(),
        answers(),
        passing(),
    ]
    .concat();
    let mut changed = Vec::new();
    let mut names = BTreeSet::new();

    for (name, text) in frames {
        is_described(&name, &text);
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
