//! Notes, marks of what was read, and what is not sent yet (CHAT-3, CHAT-5, CHAT-9).

use deskbell::domain::{
    CloseReason, Limits, PresenceReason, ReadMark, Reader, Role, Seen, WhenNotLive,
};
use deskbell::engine::{Engine, EventKind, Refusal, Reply};

use crate::scenario::{Scenario, Units, delivered, read};

/// The chat of `v1` is Ana's; Bo is a member of its queue, Cy of no queue.
fn active() -> Scenario {
    with_limits(Limits::default())
}

fn with_limits(limits: Limits) -> Scenario {
    let mut s = Scenario::empty(limits)
        .and_office("support", WhenNotLive::Messenger)
        .agents(["ana", "bo"])
        .all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.agent("ana").accepts("v1");
    s.expect_accepted("v1").by("ana");
    s
}

/// Ana has written two messages.
fn said() -> Scenario {
    let mut s = active();
    for id in ["a1", "a2"] {
        s.agent("ana").sends("v1", id, "Hello");
        s.expect_message("v1");
    }
    s
}

#[test]
fn chat_05_notes_are_numbered_apart_from_messages_and_reach_agents_only() {
    let mut s = said();

    s.agent("ana").notes("v1", "n1", "A *regular*");
    let first = s.expect_note("v1");
    s.agent("bo").notes("v1", "n2", "Be kind");
    let second = s.expect_note("v1");

    assert_eq!(first.note.note.number, 1);
    assert_eq!(
        first.note.note.text.content().len(),
        2,
        "its marks are read"
    );
    assert_eq!(second.note.note.number, 2);
    // Those in the chat hear of it, whoever writes.
    assert_eq!(second.agents, [s.agent_id("ana")]);
    assert_eq!(second.note.note.author, s.agent_id("bo"));
    assert_eq!(second.note.author_name.as_str(), "bo");
    let chat = s.chat("v1");
    assert_eq!((chat.last_note, chat.last_seq), (2, 2));
    s.expect_nothing_more();
}

/// The type of what a visitor may be told has no place for a note.
#[test]
fn chat_05_a_note_is_no_fact_that_a_visitor_is_told_of() {
    let mut s = active();

    s.agent("ana").notes("v1", "n1", "Secret");
    let event = s.event("a note");

    assert!(matches!(event.kind, EventKind::Note(_)));
    assert!(event.chat().is_none());
}

#[test]
fn chat_05_writing_a_note_twice_makes_one() {
    let mut s = active();
    s.agent("ana").notes("v1", "n1", "First");
    s.expect_note("v1");

    s.agent("ana").notes("v1", "n1", "Again");

    assert!(matches!(s.reply(), Reply::NoteWrittenBefore(..)));
    s.agent("bo").notes("v1", "n1", "Mine");
    s.expect_refused(Refusal::NoteIdTaken);
    // The ids of messages are others.
    s.agent("ana").sends("v1", "n1", "Hello");
    s.expect_message("v1");
}

#[test]
fn chat_05_a_chat_has_a_bounded_number_of_notes() {
    let mut s = with_limits(Limits {
        notes_per_chat: 1,
        ..Limits::default()
    });
    s.agent("ana").notes("v1", "n1", "First");
    s.expect_note("v1");

    s.agent("ana").notes("v1", "n2", "Second");

    s.expect_refused(Refusal::TooManyNotes);
}

#[test]
fn chat_05_notes_are_known_after_a_restart() {
    let mut s = active();
    s.agent("ana").notes("v1", "n1", "First");
    s.expect_note("v1");
    s.engine = Engine::restore(Limits::default(), s.engine.durable(), s.now).unwrap();

    s.agent("ana").notes("v1", "n1", "First");
    assert!(matches!(s.reply(), Reply::NoteWrittenBefore(..)));
    s.agent("ana").notes("v1", "n2", "Second");

    assert_eq!(s.expect_note("v1").note.note.number, 2);
}

#[test]
fn chat_05_whoever_may_not_read_a_chat_writes_no_note_in_it() {
    let mut s = active().people(["cy"]);

    s.agent("cy").notes("v1", "n1", "Hi");
    s.expect_refused(Refusal::UnknownChat);
    s.agent("cy").notes("v9", "n1", "Hi");
    s.expect_refused(Refusal::UnknownChat);
    s.changes_agent("cy", |cy| cy.role = Role::Supervisor);
    s.agent("cy").notes("v1", "n1", "Hi");

    assert_eq!(s.expect_note("v1").note.note.number, 1);
}

/// A waiting chat has no agents, and a note in it is read by whoever takes it.
#[test]
fn chat_03_a_note_may_be_written_before_anybody_takes_the_chat() {
    let mut s = Scenario::empty(Limits::default())
        .and_office("support", WhenNotLive::Messenger)
        .agents(["ana"])
        .all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");

    s.agent("ana").notes("v1", "n1", "I know her");

    assert!(s.expect_note("v1").agents.is_empty());
    assert_eq!(s.chat("v1").last_note, 1);
    s.agent("ana").accepts("v1");
    assert_eq!(s.expect_accepted("v1").by("ana").last_note, 1);
}

#[test]
fn chat_09_each_side_is_told_how_far_the_other_has_read() {
    let mut s = said();

    s.visitor("v1").marks(read(1));
    let (parties, raised) = s.expect_mark("v1");
    assert_eq!(
        (raised.reader, raised.mark),
        (Reader::Visitor, ReadMark::new(1, 1))
    );
    assert_eq!(
        raised.for_visitor(),
        Some(ReadMark::new(1, 1)),
        "its other windows"
    );
    assert_eq!(parties.agents, [s.agent_id("ana")]);

    s.agent("ana").marks("v1", delivered(2));
    let (_, raised) = s.expect_mark("v1");
    assert_eq!(raised.reader, Reader::Agent(s.agent_id("ana")));
    assert_eq!(raised.by_agents, Some(ReadMark::new(0, 2)));
    let chat = s.chat("v1");
    assert_eq!(chat.read_marks.visitor, ReadMark::new(1, 1));
    assert_eq!(chat.read_marks.by_agents(), ReadMark::new(0, 2));
    s.expect_nothing_more();
}

#[test]
fn chat_09_a_mark_that_does_not_rise_is_no_event() {
    let mut s = said();
    s.visitor("v1").marks(read(2));
    s.expect_mark("v1");

    for seen in [read(2), read(1), read(0), delivered(2), delivered(1)] {
        s.visitor("v1").marks(seen);
        assert_eq!(s.reply(), Reply::Done, "{seen:?}");
    }

    s.expect_nothing_more();
    assert_eq!(s.chat("v1").read_marks.visitor, ReadMark::new(2, 2));
}

/// The visitor is told of some agent, so of a second one only what is new.
#[test]
fn chat_09_the_visitor_hears_of_the_furthest_agent_only() {
    let mut s = said();
    s.agent("bo").sets("invisible");
    s.expect_presence("bo", "invisible", PresenceReason::Chosen);
    s.agent("bo").sends("v1", "b1", "May I?");
    s.forget_log();
    s.agent("ana").marks("v1", read(2));
    s.expect_mark("v1");

    s.agent("bo").marks("v1", read(1));
    let (parties, raised) = s.expect_mark("v1");

    assert_eq!(raised.for_visitor(), None);
    assert_eq!(parties.agents, [s.agent_id("ana"), s.agent_id("bo")]);
}

#[test]
fn chat_09_nobody_has_read_what_was_not_said_yet() {
    let mut s = said();
    let both = Seen {
        read: Some(3),
        delivered: Some(9),
    };
    let cases: [(_, &[&str]); 3] = [
        (read(3), &["seq"]),
        (delivered(3), &["delivered"]),
        (both, &["seq", "delivered"]),
    ];
    for (seen, fields) in cases {
        let refusal = Refusal::BeyondLastMessage {
            fields,
            last_seq: 2,
        };
        s.visitor("v1").marks(seen);
        s.expect_refused(refusal.clone());
        s.agent("ana").marks("v1", seen);
        s.expect_refused(refusal);
    }
}

#[test]
fn chat_09_only_who_is_in_the_chat_marks_it_while_it_is_open() {
    let mut s = said();

    s.agent("bo").marks("v1", read(1));
    s.expect_refused(Refusal::NotParticipant);
    s.visitor("v2").marks_in("v1", read(1));
    s.expect_refused(Refusal::UnknownChat);
    s.agent("ana").closes("v1");
    s.expect_closed("v1", CloseReason::AgentClosed);
    s.agent("ana").marks("v1", read(1));
    s.expect_refused(Refusal::ChatClosed);
    s.visitor("v1").marks(read(1));

    s.expect_refused(Refusal::ChatClosed);
}

/// Reading is not writing: a chat in which both sides only read falls silent, and whoever reads is not active by it.
#[test]
fn chat_09_reading_is_no_act() {
    let mut s = said();
    let before = s.engine.durable();
    s.wait(20.secs());

    s.agent("ana").marks("v1", read(2));
    s.expect_mark("v1");

    let after = s.engine.durable();
    assert_eq!(before.agents, after.agents, "no activity is noted");
    assert_eq!(before.chats, after.chats, "nor is anything written");
}

#[test]
fn chat_09_marks_are_known_after_a_restart() {
    let mut s = said();
    s.visitor("v1").marks(read(1));
    s.expect_mark("v1");
    s.agent("ana").marks("v1", delivered(2));
    s.expect_mark("v1");
    let before = s.chat("v1");

    s.engine = Engine::restore(Limits::default(), s.engine.durable(), s.now).unwrap();

    assert_eq!(s.chat("v1").read_marks, before.read_marks);
    s.visitor("v1").marks(read(1));
    s.expect_nothing_more();
}

/// What a visitor's client is told when it types.
fn shows(shows_unsent_text: bool) -> Reply {
    Reply::Typing { shows_unsent_text }
}

#[test]
fn chat_09_unsent_text_is_shown_only_where_the_tenant_wants_it() {
    let mut s = active();

    assert!(!s.visitor("v1").snapshot().shows_unsent_text);
    s.visitor("v1").writes("I hate");
    assert_eq!(s.expect_unsent("v1").1, None);
    assert_eq!(s.reply(), shows(false));
    s.changes_settings(|settings| settings.chats.show_unsent_text = true);
    s.visitor("v1").writes("I hate");
    assert_eq!(s.expect_unsent("v1").1.as_deref(), Some("I hate"));
    assert_eq!(s.reply(), shows(true));
    assert!(s.visitor("v1").snapshot().shows_unsent_text);
    // Whoever stops typing has nothing more to show.
    s.visitor("v1").types(false);
    assert_eq!(s.expect_unsent("v1").1, None);

    let stored = format!("{:?}", s.engine.durable());
    assert!(!stored.contains("hate"), "it is kept nowhere");
}
