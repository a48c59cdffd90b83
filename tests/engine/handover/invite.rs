//! CHAT-2: several agents in a chat.

use deskbell::domain::{CloseReason, HandOverEnd, LeaveReason, ParticipantRole, Purpose};
use deskbell::engine::{Refusal, Reply};

use super::{NoLinks, anas_chat};
use crate::scenario::{Scenario, To};

/// Ana has invited Bo, who has accepted.
fn both() -> Scenario {
    let mut s = anas_chat();
    s.agent("ana").invites("v1", To::Agent("bo"));
    s.expect_requested("v1", Purpose::Invite);
    let offer = s.expect_offer("v1").to("bo");
    assert_eq!(offer.purpose, Purpose::Invite);
    s.agent("bo").accepts("v1");
    s.expect_offer_accepted("v1").by("bo");
    let view = s.expect_joined("v1", "bo", ParticipantRole::Agent);
    assert_eq!(view.agents.len(), 2);
    s.expect_notice("v1");
    s
}

#[test]
fn chat_02_from_the_accept_on_both_chat() {
    let mut s = both();

    assert_eq!(s.agents_of("v1"), ["ana", "bo"]);
    for (who, id) in [("ana", "a1"), ("bo", "b1")] {
        s.agent(who).sends("v1", id, "Hello");
        let (parties, _) = s.expect_message("v1");
        assert_eq!(parties.agents.len(), 2);
    }
}

#[test]
fn chat_02_an_invitation_of_a_queue_goes_to_one_after_the_other() {
    let mut s = anas_chat();

    s.agent("ana").invites("v1", To::Queue("support"));

    s.expect_requested("v1", Purpose::Invite);
    s.expect_offer("v1").to("bo");
    s.agent("bo").rejects("v1");
    s.expect_rejected("v1").by("bo");
    s.expect_offer("v1").to("cy");
    s.agent("cy").rejects("v1");
    s.expect_rejected("v1").by("cy");
    s.expect_hand_over_ended("v1", HandOverEnd::Refused);
    assert_eq!(s.agents_of("v1"), ["ana"]);
}

#[test]
fn chat_02_an_invited_queue_leaves_the_chat_where_it_belongs() {
    let mut s = anas_chat();
    s.agent("ana").invites("v1", To::Queue("billing"));
    s.expect_requested("v1", Purpose::Invite);
    s.expect_offer("v1").to("eve");

    s.agent("eve").accepts("v1");

    s.expect_offer_accepted("v1").by("eve");
    let view = s.expect_joined("v1", "eve", ParticipantRole::Agent);
    s.expect_notice("v1");
    assert_eq!(view.queue_id, Some(s.queue_id("support")));
    assert_eq!(view.office_id, s.office_id("support"));
}

#[test]
fn chat_02_one_of_several_leaves_and_the_last_cannot() {
    let mut s = both();

    s.agent("ana").leaves("v1");

    s.expect_left("v1", "ana", LeaveReason::Left);
    s.expect_notice("v1");
    assert_eq!(s.reply(), Reply::Done);
    s.agent("bo").leaves("v1");
    s.expect_refused(Refusal::LastAgent);
    s.agent("ana").leaves("v1");
    s.expect_refused(Refusal::NotParticipant);
}

#[test]
fn chat_02_who_closes_while_others_answer_leaves_and_the_last_to_close_ends_the_chat() {
    let mut s = both();

    s.agent("ana").closes("v1");
    s.expect_left("v1", "ana", LeaveReason::Left);
    s.expect_notice("v1");
    assert_eq!(s.agents_of("v1"), ["bo"]);
    s.agent("bo").closes("v1");

    s.expect_closed("v1", CloseReason::AgentClosed);
}

#[test]
fn chat_02_who_leaves_takes_its_own_invitation_back() {
    let mut s = both();
    s.agent("ana").invites("v1", To::Agent("cy"));
    s.expect_requested("v1", Purpose::Invite);
    s.expect_offer("v1").to("cy");

    s.agent("ana").leaves("v1");

    s.expect_withdrawn("v1", deskbell::domain::WithdrawReason::Cancelled)
        .by("cy");
    s.expect_hand_over_ended("v1", HandOverEnd::Cancelled);
    s.expect_left("v1", "ana", LeaveReason::Left);
    s.expect_notice("v1");
}

#[test]
fn chat_02_a_participant_cannot_be_invited_again() {
    let mut s = both();

    s.agent("ana").invites("v1", To::Agent("bo"));

    s.expect_refused(Refusal::AlreadyInChat);
}

#[test]
fn chat_02_one_of_several_that_transfers_at_once_leaves_the_chat_with_the_others() {
    let mut s = both();
    s.agent("ana").transfers("v1", To::Queue("billing"));

    s.expect_left("v1", "ana", LeaveReason::Transferred);
    s.expect_requested("v1", Purpose::Transfer);
    s.expect_offer("v1").to("eve");
    s.agent("eve").accepts("v1");

    s.expect_offer_accepted("v1").by("eve");
    s.expect_transferred("v1", deskbell::domain::TransferReason::Accepted);
    assert_eq!(s.agents_of("v1"), ["bo", "eve"]);
}

#[test]
fn chat_02_the_visitor_is_told_who_comes_and_goes() {
    let mut s = both();
    s.agent("ana").leaves("v1");

    let left = s.event("ana gone");
    s.expect_notice("v1");
    let heard = deskbell::protocol::event::audience(&left);
    assert_eq!(heard.visitor, Some(s.chat("v1").visitor_id));
    let fact = left.chat().unwrap();
    let frame = deskbell::protocol::event::visitor_frame(fact, 1, &NoLinks).unwrap();
    assert!(frame.contains("\"reason\":\"left\""), "{frame}");
}
