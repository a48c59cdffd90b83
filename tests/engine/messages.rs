//! Buttons, notices, changing and deleting messages (CHAT-5).

use deskbell::domain::{
    Author, Body, CloseReason, Limits, ParticipantRole, SystemNotice, WhenNotLive,
};
use deskbell::engine::{Engine, Refusal, Reply};

use crate::scenario::{Scenario, Units};

/// The chat of `v1` is Ana's; Bo is online too.
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

/// Ana has asked, in her message `a1`.
fn asked() -> Scenario {
    let mut s = active();
    let link = Some("https://acme.example/terms");
    let buttons = [("yes", "Yes, *please*", None), ("terms", "The terms", link)];
    s.agent("ana").asks("v1", "a1", &buttons);
    s.expect_message("v1");
    s
}

/// What it says, and which button it is the press of.
fn said(body: &Body) -> (&str, Option<(&str, &str)>) {
    let Body::Written(written) = body else {
        panic!("{body:?} was not written");
    };
    let pressed = written.pressed.as_ref();
    let pressed = pressed.map(|p| (p.message_id.as_str(), p.button_id.as_str()));
    (written.text.as_ref().unwrap().source().as_str(), pressed)
}

#[test]
fn chat_05_pressing_a_button_sends_what_stands_on_it() {
    let mut s = asked();

    s.visitor("v1").presses("m1", "a1", "yes");

    let (_, view) = s.expect_message("v1");
    assert_eq!(
        (view.message.seq, view.message.author),
        (2, Author::Visitor)
    );
    assert_eq!(
        said(&view.message.body),
        ("Yes, *please*", Some(("a1", "yes")))
    );
    let text = view.message.text().unwrap();
    assert_eq!(text.marked(), None, "a button's text has no marks");
}

#[test]
fn chat_05_pressing_under_the_same_id_twice_makes_one_message() {
    let mut s = asked();
    s.visitor("v1").presses("m1", "a1", "yes");
    s.expect_message("v1");

    s.visitor("v1").presses("m1", "a1", "yes");
    assert!(matches!(s.reply(), Reply::AlreadySent(..)));
    s.visitor("v1").presses("m2", "a1", "yes");

    assert_eq!(s.expect_message("v1").1.message.seq, 3, "another press");
}

#[test]
fn chat_05_only_a_button_that_is_there_is_pressed() {
    let mut s = asked();
    s.visitor("v1").sends("m1", "Hm");
    s.expect_message("v1");

    for (message, button) in [("a1", "no"), ("a2", "yes"), ("m1", "yes"), ("a1", "terms")] {
        s.visitor("v1").presses("m2", message, button);
        s.expect_refused(Refusal::UnknownButton);
    }
    s.agent("ana").deletes("v1", "a1");
    s.expect_deleted("v1");
    s.visitor("v1").presses("m2", "a1", "yes");

    s.expect_refused(Refusal::UnknownButton);
}

#[test]
fn chat_05_a_chat_has_a_bounded_number_of_messages_with_buttons() {
    let mut s = with_limits(Limits {
        messages_with_buttons_per_chat: 1,
        ..Limits::default()
    });
    s.agent("ana").asks("v1", "a1", &[("yes", "Yes", None)]);
    s.expect_message("v1");

    s.agent("ana").asks("v1", "a2", &[("yes", "Yes", None)]);
    s.expect_refused(Refusal::TooManyButtons);
    s.agent("ana").deletes("v1", "a1");
    s.expect_deleted("v1");
    s.agent("ana").asks("v1", "a2", &[("yes", "Yes", None)]);

    s.expect_message("v1");
}

#[test]
fn chat_05_buttons_are_known_after_a_restart() {
    let mut s = asked();
    s.engine = Engine::restore(Limits::default(), s.engine.durable(), s.now).unwrap();

    s.visitor("v1").presses("m1", "a1", "yes");

    let (_, view) = s.expect_message("v1");
    assert_eq!(said(&view.message.body).0, "Yes, *please*");
}

#[test]
fn chat_05_an_edited_message_keeps_its_number() {
    let mut s = active();
    s.visitor("v1").sends("m1", "Helo");
    s.expect_message("v1");
    s.agent("ana").sends("v1", "a1", "Hi");
    s.expect_message("v1");
    s.wait(1.secs());
    let chat_id = s.chat_id("v1");

    s.visitor("v1").edits("m1", "Hello");
    let (parties, edited) = s.expect_edited("v1");
    assert_eq!(parties.agents, [s.agent_id("ana")]);
    assert_eq!((edited.id.as_str(), edited.seq), ("m1", 1));
    assert_eq!(edited.text.unwrap().source().as_str(), "Hello");
    let id = "m1".parse().unwrap();
    assert_eq!(s.reply(), Reply::MessageChanged(chat_id, id));
    s.agent("ana").edits("v1", "a1", "Hi!");

    assert_eq!(s.expect_edited("v1").1.seq, 2);
    assert_eq!(s.chat("v1").last_seq, 2);
}

#[test]
fn chat_05_only_the_author_changes_a_message() {
    let mut s = active();
    s.visitor("v1").sends("m1", "Hello");
    s.expect_message("v1");
    s.agent("ana").sends("v1", "a1", "Hi");
    s.expect_message("v1");

    s.agent("ana").edits("v1", "m1", "Bye");
    s.expect_refused(Refusal::NotAuthor);
    s.agent("ana").deletes("v1", "m1");
    s.expect_refused(Refusal::NotAuthor);
    s.visitor("v1").edits("a1", "Bye");
    s.expect_refused(Refusal::NotAuthor);
    s.visitor("v1").deletes("a1");
    s.expect_refused(Refusal::NotAuthor);
    s.agent("bo").edits("v1", "a1", "Bye");
    s.expect_refused(Refusal::NotParticipant);
    s.visitor("v2").edits_in("v1", "m1", "Bye");
    s.expect_refused(Refusal::UnknownChat);
    s.visitor("v1").edits("m2", "Bye");
    s.expect_refused(Refusal::UnknownMessage);
    s.agent("ana").deletes("v1", "m2");
    s.expect_refused(Refusal::UnknownMessage);
}

#[test]
fn chat_05_a_deleted_message_holds_nothing_and_stays_so() {
    let mut s = active();
    s.visitor("v1").sends("m1", "Hello");
    s.expect_message("v1");
    s.visitor("v1").deletes("m1");
    let deleted = s.expect_deleted("v1");
    assert_eq!((deleted.id.as_str(), deleted.seq), ("m1", 1));

    s.visitor("v1").deletes("m1");
    assert!(matches!(s.reply(), Reply::MessageChanged(..)));
    s.visitor("v1").edits("m1", "Hello");
    s.expect_refused(Refusal::MessageDeleted);
    s.engine = Engine::restore(Limits::default(), s.engine.durable(), s.now).unwrap();
    s.visitor("v1").edits("m1", "Hello");
    s.expect_refused(Refusal::MessageDeleted);
    s.visitor("v1").sends("m1", "Hello");

    assert!(
        matches!(s.reply(), Reply::AlreadySent(..)),
        "its id is taken"
    );
    assert_eq!(s.chat("v1").last_seq, 1);
}

#[test]
fn chat_05_the_press_of_a_button_is_deleted_but_not_changed() {
    let mut s = asked();
    s.visitor("v1").presses("m1", "a1", "yes");
    s.expect_message("v1");

    s.visitor("v1").edits("m1", "No");
    s.expect_refused(Refusal::MessageFixed);
    s.visitor("v1").deletes("m1");

    s.expect_deleted("v1");
}

#[test]
fn chat_05_nothing_is_changed_in_a_closed_chat() {
    let mut s = active();
    s.visitor("v1").sends("m1", "Hello");
    s.expect_message("v1");
    s.agent("ana").closes("v1");
    s.expect_closed("v1", CloseReason::AgentClosed);

    s.visitor("v1").edits("m1", "Bye");
    s.expect_refused(Refusal::ChatClosed);
    s.visitor("v1").deletes("m1");
    s.expect_refused(Refusal::ChatClosed);
    s.agent("ana").deletes("v1", "m1");
    s.expect_refused(Refusal::ChatClosed);
}

/// Bo, who is invisible, writes into Ana's chat.
fn joined(limits: Limits, messages: u32) -> Scenario {
    let mut s = with_limits(limits);
    s.agent("bo").sets("invisible");
    s.forget_log();
    for number in 1..=messages {
        s.visitor("v1").sends(&format!("m{number}"), "Hello");
        s.expect_message("v1");
    }
    s.agent("bo").sends("v1", "b1", "May I?");
    s.expect_joined("v1", "bo", ParticipantRole::Agent);
    s
}

#[test]
fn chat_05_whoever_joins_is_announced_by_the_service() {
    let mut s = joined(Limits::default(), 1);

    let bo = s.agent_id("bo");
    match s.expect_notice("v1") {
        SystemNotice::AgentJoined { agent } => {
            assert_eq!((agent.agent_id, agent.name.as_str()), (bo, "bo"));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(s.expect_message("v1").1.message.seq, 3);
}

#[test]
fn chat_05_nobody_changes_what_the_service_says() {
    let mut s = joined(Limits::default(), 1);
    s.expect_notice("v1");
    s.expect_message("v1");

    s.agent("ana").edits("v1", "notice~2", "Nobody has joined");
    s.expect_refused(Refusal::MessageFixed);
    s.visitor("v1").deletes("notice~2");
    s.expect_refused(Refusal::MessageFixed);
    s.engine = Engine::restore(Limits::default(), s.engine.durable(), s.now).unwrap();
    s.agent("bo").deletes("v1", "notice~2");

    s.expect_refused(Refusal::MessageFixed);
}

#[test]
fn chat_05_the_last_place_of_a_chat_is_left_to_people() {
    let limits = Limits {
        messages_per_chat: 2,
        ..Limits::default()
    };

    let mut s = joined(limits, 1);

    let (_, view) = s.expect_message("v1");
    assert_eq!(
        (view.message.seq, said(&view.message.body).0),
        (2, "May I?")
    );
}
