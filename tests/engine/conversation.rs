//! Messages and typing (CHAT-5, CHAT-9).

use deskbell::domain::{Author, CloseReason, Limits, WhenNotLive};
use deskbell::engine::{Refusal, Reply};

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

#[test]
fn chat_05_messages_go_both_ways_in_one_order() {
    let mut s = active();

    s.visitor("v1").sends("v-1", "Hello");
    let (parties, first) = s.expect_message("v1");
    assert_eq!(parties.agents, [s.agent_id("ana")]);
    assert_eq!(
        (first.message.seq, first.message.author),
        (1, Author::Visitor)
    );
    assert_eq!(first.author_name, None);
    assert_eq!(s.reply(), Reply::Message(first));
    s.wait(1.secs());
    s.agent("ana").sends("v1", "a-1", "Hi there");

    let (_, second) = s.expect_message("v1");
    assert_eq!(second.message.seq, 2);
    assert_eq!(second.message.author, Author::Agent(s.agent_id("ana")));
    assert_eq!(second.author_name.as_ref().unwrap().as_str(), "ana");
    assert_eq!(second.message.sent_at, s.now);
    assert_eq!(second.message.text().unwrap().source().as_str(), "Hi there");
    assert_eq!(s.chat("v1").last_seq, 2);
}

#[test]
fn chat_05_a_visitor_writes_while_it_waits() {
    let mut s = Scenario::office("support").agents(["ana"]).all_available();
    s.visitor("v1").asks_with_message("m1", "Is anybody there?");
    s.expect_queued("v1");
    assert_eq!(s.expect_message("v1").1.message.seq, 1);
    s.expect_offer("v1").to("ana");

    s.visitor("v1").sends("m2", "Hello?");

    let (parties, view) = s.expect_message("v1");
    assert_eq!(view.message.seq, 2);
    assert!(parties.agents.is_empty());
    s.agent("ana").accepts("v1");
    assert_eq!(s.expect_accepted("v1").by("ana").last_seq, 2);
}

#[test]
fn chat_05_sending_a_message_twice_makes_one_message() {
    let mut s = active();
    s.visitor("v1").sends("m1", "Hello");
    s.expect_message("v1");
    s.agent("ana").sends("v1", "a1", "Hi");
    s.expect_message("v1");

    s.visitor("v1").sends("m1", "Hello");
    let chat_id = s.chat_id("v1");
    assert_eq!(
        s.reply(),
        Reply::AlreadySent(chat_id, "m1".parse().unwrap())
    );
    s.agent("ana").sends("v1", "a1", "Hi");

    assert_eq!(
        s.reply(),
        Reply::AlreadySent(chat_id, "a1".parse().unwrap())
    );
    assert_eq!(s.chat("v1").last_seq, 2);
}

#[test]
fn chat_05_the_first_message_of_a_chat_sent_again_is_known() {
    let mut s = Scenario::office("support").agents(["ana"]).all_available();
    s.visitor("v1").asks_with_message("m1", "Hello");
    s.expect_queued("v1");
    s.expect_message("v1");
    s.expect_offer("v1").to("ana");

    s.visitor("v1").sends("m1", "Hello");

    assert!(matches!(s.reply(), Reply::AlreadySent(..)));
}

#[test]
fn chat_05_a_message_sent_again_after_the_close_is_known() {
    let mut s = active();
    s.visitor("v1").sends("m1", "Hello");
    s.expect_message("v1");
    s.agent("ana").sends("v1", "a1", "Hi");
    s.expect_message("v1");
    s.agent("ana").closes("v1");
    s.expect_closed("v1", CloseReason::AgentClosed);

    s.visitor("v1").sends("m1", "Hello");
    assert!(matches!(s.reply(), Reply::AlreadySent(..)));
    s.agent("ana").sends("v1", "a1", "Hi");

    assert!(matches!(s.reply(), Reply::AlreadySent(..)));
}

#[test]
fn chat_05_an_id_of_another_author_is_taken() {
    let mut s = active();
    s.visitor("v1").sends("m1", "Hello");
    s.expect_message("v1");

    s.agent("ana").sends("v1", "m1", "Hi");

    s.expect_refused(Refusal::MessageIdTaken);
}

#[test]
fn chat_05_the_same_id_in_another_chat_is_another_message() {
    let mut s = active();
    s.visitor("v2").starts_chat();
    s.expect_offer("v2").to("bo");
    s.visitor("v1").sends("m1", "Hello");
    s.expect_message("v1");

    s.visitor("v2").sends("m1", "Hello");

    assert_eq!(s.expect_message("v2").1.message.seq, 1);
}

#[test]
fn chat_05_a_message_to_a_closed_chat_is_refused() {
    let mut s = active();
    s.agent("ana").closes("v1");
    s.expect_closed("v1", CloseReason::AgentClosed);

    s.agent("ana").sends("v1", "a1", "Bye");
    s.expect_refused(Refusal::ChatClosed);
    s.visitor("v1").sends("m1", "Bye");
    s.expect_refused(Refusal::ChatClosed);
    s.visitor("v1").types(true);
    s.expect_refused(Refusal::ChatClosed);
}

#[test]
fn chat_05_who_takes_no_part_writes_nothing() {
    let mut s = active();

    s.agent("bo").sends("v1", "b1", "Hi");
    s.expect_refused(Refusal::NotParticipant);
    s.agent("bo").types("v1", true);
    s.expect_refused(Refusal::NotParticipant);
    s.visitor("v2").sends_to("v1", "m1", "Hi");
    s.expect_refused(Refusal::UnknownChat);
    s.visitor("v1").sends_to("nothing", "m1", "Hi");
    s.expect_refused(Refusal::UnknownChat);
    s.agent("bo").sends("nothing", "b1", "Hi");
    s.expect_refused(Refusal::UnknownChat);
}

#[test]
fn chat_05_an_agent_writes_only_after_it_has_accepted() {
    let mut s = active();
    s.visitor("v2").starts_chat();
    s.expect_offer("v2").to("bo");

    s.agent("bo").sends("v2", "b1", "Hi");

    s.expect_refused(Refusal::NotParticipant);
}

#[test]
fn chat_05_a_stranger_cannot_learn_of_a_message_by_its_id() {
    let mut s = active();
    s.visitor("v1").sends("m1", "Hello");
    s.expect_message("v1");

    s.visitor("v2").sends_to("v1", "m1", "Hello");

    s.expect_refused(Refusal::UnknownChat);
}

#[test]
fn chat_05_a_chat_has_a_bounded_number_of_messages() {
    let mut s = with_limits(Limits {
        messages_per_chat: 2,
        ..Limits::default()
    });
    for id in ["m1", "m2"] {
        s.visitor("v1").sends(id, "Hello");
        s.expect_message("v1");
    }

    s.agent("ana").sends("v1", "a1", "Hi");
    s.expect_refused(Refusal::ChatFull);
    s.visitor("v1").sends("m2", "Hello");

    assert!(matches!(s.reply(), Reply::AlreadySent(..)));
}

#[test]
fn chat_09_typing_is_shown_both_ways_and_is_not_kept() {
    let mut s = active();
    let before = s.engine.clone();

    s.visitor("v1").types(true);
    assert_eq!(s.expect_typing("v1"), (Author::Visitor, true));
    s.agent("ana").types("v1", false);

    let ana = Author::Agent(s.agent_id("ana"));
    assert_eq!(s.expect_typing("v1"), (ana, false));
    assert_eq!(s.engine, before);
}
