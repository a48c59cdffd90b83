//! How chats end (CHAT-4, CHAT-10).

use deskbell::domain::{Actor, ChatState, CloseReason, WithdrawReason};
use deskbell::engine::{ChatStateView, Refusal, Reply};

use crate::scenario::{Scenario, Units};

/// The chat of `v1` is Ana's; Bo is online too.
fn active() -> Scenario {
    let mut s = Scenario::office("support")
        .agents(["ana", "bo"])
        .all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.agent("ana").accepts("v1");
    s.expect_accepted("v1").by("ana");
    s
}

#[test]
fn chat_04_an_agent_that_takes_part_closes_the_chat() {
    let mut s = active();
    let accepted = s.now;
    s.wait(1.mins());

    s.agent("ana").closes("v1");

    let by = s.expect_closed("v1", CloseReason::AgentClosed);
    assert_eq!(by, Actor::Agent(s.agent_id("ana")));
    let Reply::Chat(chat) = s.reply() else {
        panic!("a chat is the answer");
    };
    let closed = ChatState::Closed {
        accepted_at: Some(accepted),
        at: s.now,
        reason: CloseReason::AgentClosed,
    };
    assert_eq!(chat.state, ChatStateView::Settled(closed));
    assert!(s.agent("ana").snapshot().chats.is_empty());
    assert!(s.visitor("v1").snapshot().chats.is_empty());
}

#[test]
fn chat_04_only_a_participant_closes_a_chat() {
    let mut s = active();

    s.agent("bo").closes("v1");
    s.expect_refused(Refusal::NotParticipant);
    s.agent("bo").closes("nothing");
    s.expect_refused(Refusal::UnknownChat);
}

#[test]
fn chat_04_a_chat_that_rings_cannot_be_closed_by_its_agent() {
    let mut s = Scenario::office("support").agents(["ana"]).all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");

    s.agent("ana").closes("v1");

    s.expect_refused(Refusal::NotParticipant);
}

#[test]
fn chat_04_a_chat_is_closed_once() {
    let mut s = active();
    s.agent("ana").closes("v1");
    s.expect_closed("v1", CloseReason::AgentClosed);

    s.agent("ana").closes("v1");
    s.expect_refused(Refusal::ChatClosed);
    s.visitor("v1").ends();
    s.expect_refused(Refusal::ChatClosed);
    s.engine.forget_closed();
    s.agent("ana").closes("v1");

    s.expect_refused(Refusal::UnknownChat);
}

#[test]
fn chat_10_the_visitor_ends_an_active_chat() {
    let mut s = active();

    s.visitor("v1").ends();

    let by = s.expect_closed("v1", CloseReason::VisitorEnded);
    assert_eq!(by, Actor::Visitor);
}

#[test]
fn chat_10_a_chat_that_the_visitor_ends_before_an_accept_is_abandoned() {
    let mut s = Scenario::office("support").agents(["ana"]).all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");

    s.visitor("v1").ends();

    s.expect_withdrawn("v1", WithdrawReason::ChatClosed)
        .by("ana");
    s.expect_closed("v1", CloseReason::VisitorEnded);
    let Reply::Chat(chat) = s.reply() else {
        panic!("a chat is the answer");
    };
    let ChatStateView::Settled(ChatState::Closed { accepted_at, .. }) = chat.state else {
        panic!("a closed chat is the answer");
    };
    assert_eq!(accepted_at, None);
    assert_eq!(s.engine.next_deadline(), None);
}

#[test]
fn chat_10_a_chat_is_abandoned_in_a_pause_between_rounds() {
    let mut s = Scenario::office("support").agents(["ana"]).all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.agent("ana").rejects("v1");
    s.expect_rejected("v1").by("ana");
    s.expect_round_paused("v1");

    s.visitor("v1").ends();

    s.expect_closed("v1", CloseReason::VisitorEnded);
    assert_eq!(s.engine.next_deadline(), None);
}

#[test]
fn a_visitor_ends_its_own_chats_only() {
    let mut s = active();

    s.visitor("v2").ends_chat("v1");
    s.expect_refused(Refusal::UnknownChat);
    s.visitor("v2").ends_chat("nothing");
    s.expect_refused(Refusal::UnknownChat);
}

#[test]
fn a_visitor_sees_its_open_chats() {
    let mut s = active();

    let snapshot = s.visitor("v1").snapshot();

    assert_eq!(snapshot.chats, [s.chat("v1")]);
    assert_eq!(snapshot.chats[0].agents[0].name.as_str(), "ana");
}

#[test]
fn what_is_over_is_forgotten_when_its_records_were_taken() {
    let mut s = active();
    s.visitor("v2").leaves_message(None, "Hello");
    s.expect_offline_message("v2");
    s.expect_message("v2");
    s.agent("ana").closes("v1");
    s.expect_closed("v1", CloseReason::AgentClosed);
    let (closed, left) = (s.chat_id("v1"), s.chat_id("v2"));
    assert!(s.engine.chat(closed).is_some() && s.engine.chat(left).is_some());

    s.engine.forget_closed();

    assert!(s.engine.chat(closed).is_none() && s.engine.chat(left).is_none());
}
