//! CHAT-1: transfers.

use deskbell::domain::{
    ChatState, CloseReason, HandOverEnd, IfUnavailable, LeaveReason, Millis, PresenceReason,
    Purpose, Release, Status, Strategy, Target, TransferReason, WithdrawReason,
};
use deskbell::engine::{ChatStateView, Refusal};

use super::anas_chat;
use crate::scenario::{RING_TIMEOUT, ROUND_PAUSE, Scenario, To, Units};

/// Ana gives the chat to Bo, at whom it rings.
fn given_to_bo() -> Scenario {
    let mut s = anas_chat();
    s.agent("ana").transfers("v1", To::Agent("bo"));
    s.expect_requested("v1", Purpose::Transfer);
    let offer = s.expect_offer("v1").to("bo");
    assert_eq!(offer.purpose, Purpose::Transfer);
    assert_eq!(offer.by.unwrap().name.as_str(), "ana");
    assert_eq!(offer.note.unwrap().as_str(), "Knows more");
    s
}

#[test]
fn chat_01_the_senders_part_ends_when_the_target_accepts() {
    let mut s = given_to_bo();
    assert_eq!(s.agents_of("v1"), ["ana"]);

    s.agent("bo").accepts("v1");

    s.expect_offer_accepted("v1").by("bo");
    s.expect_left("v1", "ana", LeaveReason::Transferred);
    let (view, transfer) = s.expect_transferred("v1", TransferReason::Accepted);
    assert_eq!(transfer.agent_id, Some(s.agent_id("bo")));
    assert_eq!(view.hand_over(), None);
    assert_eq!(s.agents_of("v1"), ["bo"]);
    assert!(s.agent("ana").snapshot().chats.is_empty());
    s.agent("ana").sends("v1", "a1", "One more thing");
    s.expect_refused(Refusal::NotParticipant);
}

#[test]
fn chat_01_a_pending_transfer_is_shown_to_agents_and_the_sender_goes_on() {
    let mut s = given_to_bo();

    let pending = s.chat("v1").hand_over().unwrap();
    assert_eq!(pending.to, Target::Agent(s.agent_id("bo")));
    assert_eq!(pending.by, s.agent_id("ana"));
    s.agent("ana").sends("v1", "a1", "One moment");
    s.expect_message("v1");
}

#[test]
fn chat_01_a_refused_or_missed_transfer_returns_to_the_sender() {
    type Refuse = fn(&mut Scenario);
    let rows: [Refuse; 2] = [
        |s| {
            s.agent("bo").rejects("v1");
            s.expect_rejected("v1").by("bo");
        },
        |s| {
            s.wait(RING_TIMEOUT);
            s.expect_missed("v1").by("bo");
        },
    ];
    for refuse in rows {
        let mut s = given_to_bo();

        refuse(&mut s);

        s.expect_hand_over_ended("v1", HandOverEnd::Refused);
        assert_eq!(s.agents_of("v1"), ["ana"]);
        assert_eq!(s.chat("v1").hand_over(), None);
        // Another try is a new one.
        s.agent("ana").transfers("v1", To::Agent("bo"));
        s.expect_requested("v1", Purpose::Transfer);
        s.expect_offer("v1").to("bo");
    }
}

#[test]
fn chat_01_a_target_that_goes_away_gives_the_chat_back() {
    let mut s = given_to_bo();

    s.agent("bo").sets("away");

    s.expect_presence("bo", "away", PresenceReason::Chosen);
    s.expect_withdrawn("v1", WithdrawReason::AgentUnavailable)
        .by("bo");
    s.expect_hand_over_ended("v1", HandOverEnd::Unavailable);
    s.forget_log();
    assert_eq!(s.agents_of("v1"), ["ana"]);
}

#[test]
fn chat_01_the_sender_and_a_supervisor_take_a_transfer_back() {
    for who in ["ana", "dora"] {
        let mut s = given_to_bo();

        s.agent(who).cancels("v1");

        s.expect_withdrawn("v1", WithdrawReason::Cancelled).by("bo");
        s.expect_hand_over_ended("v1", HandOverEnd::Cancelled);
        s.agent("ana").cancels("v1");
        s.expect_refused(Refusal::NoHandOver);
    }
    let mut s = given_to_bo();
    s.agent("cy").cancels("v1");
    s.expect_refused(Refusal::NotParticipant);
}

#[test]
fn chat_01_the_end_of_the_chat_ends_the_transfer() {
    let mut s = given_to_bo();

    s.visitor("v1").ends();

    s.expect_withdrawn("v1", WithdrawReason::ChatClosed)
        .by("bo");
    s.expect_closed("v1", CloseReason::VisitorEnded);
}

#[test]
fn chat_01_to_a_queue_the_sender_lets_go_at_once_and_the_chat_keeps_its_age() {
    let mut s = anas_chat();
    let started_at = s.chat("v1").started_at;
    s.wait(60.secs());

    s.agent("ana").transfers("v1", To::Queue("billing"));

    s.expect_left("v1", "ana", LeaveReason::Transferred);
    let (view, transfer) = s.expect_transferred("v1", TransferReason::Released);
    assert_eq!(view.state, ChatStateView::Settled(ChatState::Waiting));
    assert_eq!(view.queue_id, Some(s.queue_id("billing")));
    assert_eq!(view.office_id, s.office_id("money"));
    assert_eq!(transfer.agent_id, None);
    let offer = s.expect_offer("v1").to("eve");
    assert_eq!(offer.waiting_since, started_at);
    assert_eq!(offer.queue_name.as_str(), "billing");
    s.agent("eve").accepts("v1");
    s.expect_accepted("v1").by("eve");
    let ChatStateView::Settled(ChatState::Active { accepted_at }) = s.chat("v1").state else {
        panic!("it is active");
    };
    assert_eq!(accepted_at, started_at, "the first accept stands");
}

#[test]
fn chat_01_to_its_own_queue_it_does_not_come_back_to_the_sender_in_this_round() {
    let mut s = anas_chat();

    s.agent("ana").transfers("v1", To::Queue("support"));

    s.expect_left("v1", "ana", LeaveReason::Transferred);
    s.expect_transferred("v1", TransferReason::Released);
    s.expect_offer("v1").to("bo");
    s.agent("bo").rejects("v1");
    s.expect_rejected("v1").by("bo");
    s.expect_offer("v1").to("cy");
    s.agent("cy").rejects("v1");
    s.expect_rejected("v1").by("cy");
    s.expect_round_paused("v1");
    s.wait(ROUND_PAUSE);
    s.expect_round_started("v1");
    s.expect_offer("v1").to("ana");
}

#[test]
fn chat_01_on_accept_to_a_queue_asks_one_after_the_other_and_then_returns() {
    let mut s = anas_chat();

    s.agent("ana").transfers_when(
        "v1",
        To::Queue("support"),
        Release::OnAccept,
        IfUnavailable::Fail,
    );

    s.expect_requested("v1", Purpose::Transfer);
    s.expect_offer("v1").to("bo");
    s.agent("bo").rejects("v1");
    s.expect_rejected("v1").by("bo");
    s.expect_offer("v1").to("cy");
    assert_eq!(s.chat("v1").position, None);
    s.agent("cy").rejects("v1");
    s.expect_rejected("v1").by("cy");
    s.expect_hand_over_ended("v1", HandOverEnd::Refused);
    assert_eq!(s.agents_of("v1"), ["ana"]);
}

#[test]
fn chat_01_on_accept_to_a_queue_of_another_office_moves_the_chat_when_it_is_accepted() {
    let mut s = anas_chat();
    s.agent("ana").transfers_when(
        "v1",
        To::Queue("billing"),
        Release::OnAccept,
        IfUnavailable::Fail,
    );
    s.expect_requested("v1", Purpose::Transfer);
    s.expect_offer("v1").to("eve");
    assert_eq!(s.chat("v1").office_id, s.office_id("support"));

    s.agent("eve").accepts("v1");

    s.expect_offer_accepted("v1").by("eve");
    s.expect_left("v1", "ana", LeaveReason::Transferred);
    let (view, _) = s.expect_transferred("v1", TransferReason::Accepted);
    assert_eq!(view.office_id, s.office_id("money"));
    assert_eq!(view.queue_id, Some(s.queue_id("billing")));
}

#[test]
fn chat_01_nobody_available_is_refused_unless_the_caller_lets_it_wait() {
    let mut s = anas_chat();
    s.agent("eve").sets("away");
    s.expect_presence("eve", "away", PresenceReason::Chosen);
    for to in [To::Queue("billing"), To::Agent("eve")] {
        s.agent("ana").transfers("v1", to);
        s.expect_refused(Refusal::NobodyAvailable);
    }

    let queue = IfUnavailable::Queue;
    s.agent("ana")
        .transfers_when("v1", To::Queue("billing"), Release::AtOnce, queue);

    s.expect_left("v1", "ana", LeaveReason::Transferred);
    let (view, _) = s.expect_transferred("v1", TransferReason::Released);
    assert_eq!(view.position, Some(1));
    s.agent("eve").sets("online");
    s.expect_presence("eve", "online", PresenceReason::Chosen);
    s.expect_offer("v1").to("eve");
}

#[test]
fn chat_01_on_accept_waits_for_an_agent_that_is_not_there_while_the_sender_goes_on() {
    let mut s = anas_chat();
    s.agent("eve").sets("away");
    s.expect_presence("eve", "away", PresenceReason::Chosen);

    let queue = IfUnavailable::Queue;
    s.agent("ana")
        .transfers_when("v1", To::Agent("eve"), Release::OnAccept, queue);

    s.expect_requested("v1", Purpose::Transfer);
    assert_eq!(s.agents_of("v1"), ["ana"]);
    s.restart_after(1.secs());
    s.forget_log();
    s.agent("eve").comes_online();
    s.forget_log();
    assert_eq!(s.agent("eve").snapshot().offers.len(), 1);
}

#[test]
fn chat_01_at_once_to_an_agent_keeps_the_chat_for_it_until_it_refuses() {
    let mut s = anas_chat();

    s.agent("ana")
        .transfers_when("v1", To::Agent("eve"), Release::AtOnce, IfUnavailable::Fail);

    s.expect_left("v1", "ana", LeaveReason::Transferred);
    let (view, _) = s.expect_transferred("v1", TransferReason::Released);
    assert_eq!(view.queue_id, Some(s.queue_id("support")));
    s.expect_offer("v1").to("eve");
    s.agent("eve").rejects("v1");
    s.expect_rejected("v1").by("eve");
    // The sender has left, so it goes to the queue, and not to the sender first.
    s.expect_reservation_ended("v1");
    s.expect_offer("v1").to("bo");
}

#[test]
fn chat_01_a_chat_kept_for_an_agent_that_goes_is_anybodys() {
    let mut s = anas_chat();
    s.agent("ana")
        .transfers_when("v1", To::Agent("eve"), Release::AtOnce, IfUnavailable::Fail);
    s.expect_left("v1", "ana", LeaveReason::Transferred);
    s.expect_transferred("v1", TransferReason::Released);
    s.expect_offer("v1").to("eve");

    s.agent("eve").sets("offline");

    s.expect_presence("eve", "offline", PresenceReason::Chosen);
    s.expect_withdrawn("v1", WithdrawReason::AgentUnavailable)
        .by("eve");
    s.expect_offer("v1").to("bo");
}

#[test]
fn chat_01_what_cannot_be_transferred_is_told_by_its_own_code() {
    let mut s = given_to_bo();
    let cases: [(&str, To, Refusal); 3] = [
        ("ana", To::Agent("ana"), Refusal::ToYourself),
        ("ana", To::Agent("cy"), Refusal::HandOverPending),
        ("cy", To::Agent("bo"), Refusal::NotParticipant),
    ];
    for (who, to, refusal) in cases {
        s.agent(who).transfers("v1", to);
        s.expect_refused(refusal);
    }
    s.agent("ana").transfers("v1", To::Agent("nobody"));
    let stranger = Target::Agent(s.agent_id("nobody"));
    s.expect_refused(Refusal::UnknownTarget(stranger));
    s.agent("ana").transfers("v1", To::Queue("nowhere"));
    let nowhere = Target::Queue(s.queue_id("nowhere"));
    s.expect_refused(Refusal::UnknownTarget(nowhere));
    s.visitor("v1").ends();
    s.forget_log();
    s.agent("ana").transfers("v1", To::Agent("bo"));
    s.expect_refused(Refusal::ChatClosed);
}

#[test]
fn pres_10_an_invisible_agent_is_added_by_a_colleague_and_is_online_in_that_chat() {
    // Whether or not it wants to hear of what has waited for long in its queues.
    let late_offers = [None, Some(Millis::from_secs(600))];
    let releases = [Release::OnAccept, Release::AtOnce];
    for (release, late) in releases
        .into_iter()
        .flat_map(|r| late_offers.map(|l| (r, l)))
    {
        let mut s = anas_chat();
        s.changes_agent("eve", |eve| eve.offers_when_invisible_after = late);
        s.forget_log();
        s.agent("eve").sets("invisible");
        s.expect_presence("eve", "invisible", PresenceReason::Chosen);

        s.agent("ana")
            .transfers_when("v1", To::Agent("eve"), release, IfUnavailable::Fail);
        s.forget_log();
        s.agent("eve").accepts("v1");

        s.forget_log();
        let chat = s.chat("v1");
        assert_eq!(chat.agents[0].id, s.agent_id("eve"));
        assert_eq!(chat.agents[0].status, Some(Status::Online));
    }
}

#[test]
fn chat_01_who_picks_from_a_queue_comes_in_by_the_transfer() {
    let mut s = Scenario::office("support")
        .agents(["ana", "bo"])
        .people(["eve", "fay"])
        .queue("billing", "support", ["eve", "fay"])
        .all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.agent("ana").accepts("v1");
    s.expect_accepted("v1").by("ana");
    s.agent("ana").transfers_when(
        "v1",
        To::Queue("billing"),
        Release::OnAccept,
        IfUnavailable::Fail,
    );
    s.expect_requested("v1", Purpose::Transfer);
    s.expect_offer("v1").to("eve");

    s.agent("bo").picks("v1");
    s.expect_refused(Refusal::OfferGone {
        taken_by: Some(s.agent_id("ana")),
    });
    s.agent("fay").picks("v1");

    s.expect_withdrawn("v1", WithdrawReason::AcceptedElsewhere)
        .by("eve");
    s.expect_left("v1", "ana", LeaveReason::Transferred);
    s.expect_transferred("v1", TransferReason::Accepted);
    assert_eq!(s.agents_of("v1"), ["fay"]);
}

#[test]
fn chat_01_a_target_that_is_archived_gives_the_chat_back() {
    let mut s = given_to_bo();

    s.archives_agent("bo");

    s.forget_log();
    assert_eq!(s.chat("v1").hand_over(), None);
    assert_eq!(s.agents_of("v1"), ["ana"]);

    s.agent("ana").transfers_when(
        "v1",
        To::Queue("billing"),
        Release::OnAccept,
        IfUnavailable::Fail,
    );
    s.forget_log();
    s.archives_queue("billing");
    s.forget_log();
    assert_eq!(s.chat("v1").hand_over(), None);
}

/// Ana and Bo have the chat, and nobody else of their queue is there.
fn shared() -> Scenario {
    let mut s = anas_chat();
    s.agent("ana").invites("v1", To::Agent("bo"));
    s.agent("bo").accepts("v1");
    s.agent("cy").sets("offline");
    s.forget_log();
    s
}

#[test]
fn chat_01_a_transfer_that_waits_is_not_refused_by_who_gave_the_chat_away() {
    let mut s = shared();

    s.agent("ana").transfers_when(
        "v1",
        To::Queue("support"),
        Release::AtOnce,
        IfUnavailable::Queue,
    );
    assert!(s.chat("v1").hand_over().is_some(), "it waits for somebody");
    s.forget_log();
    s.agent("cy").sets("online");

    s.expect_changed("cy");
    s.expect_offer("v1").to("cy");
}

#[test]
fn chat_01_who_is_gone_while_it_rings_has_refused_nothing() {
    let mut s = shared();
    s.agent("cy").sets("online");
    s.agent("ana").transfers_when(
        "v1",
        To::Queue("support"),
        Release::AtOnce,
        IfUnavailable::Queue,
    );
    s.forget_log();

    s.agent("cy").sets("offline");

    s.expect_changed("cy");
    s.expect_withdrawn("v1", WithdrawReason::AgentUnavailable)
        .by("cy");
    assert!(s.chat("v1").hand_over().is_some(), "it waits for somebody");
}

#[test]
fn chat_01_who_gave_a_chat_away_takes_it_back_before_somebody_has_it() {
    let mut s = shared();
    s.agent("ana").transfers_when(
        "v1",
        To::Agent("eve"),
        Release::AtOnce,
        IfUnavailable::Queue,
    );
    s.forget_log();

    s.agent("ana").cancels("v1");

    s.expect_withdrawn("v1", WithdrawReason::Cancelled)
        .by("eve");
    s.expect_hand_over_ended("v1", HandOverEnd::Cancelled);
    s.agent("eve").accepts_offer("v1", 3);
    s.expect_refused(Refusal::OfferGone { taken_by: None });
}

#[test]
fn route_08_who_comes_too_late_for_an_invitation_is_told_who_came() {
    let mut s = anas_chat();
    s.changes_queue("support", |queue| queue.strategy = Strategy::Broadcast);
    s.agent("ana").invites("v1", To::Queue("support"));
    s.forget_log();
    let numbers: Vec<_> = s
        .engine
        .durable()
        .offers
        .iter()
        .map(|o| (o.agent_id, o.number))
        .collect();
    let of = |name: &str| {
        let id = s.agent_id(name);
        let (_, number) = numbers.iter().rfind(|(agent, _)| *agent == id).unwrap();
        number.0
    };
    let (bo, cy) = (of("bo"), of("cy"));
    s.agent("bo").accepts_offer("v1", bo);
    s.forget_log();

    s.agent("cy").accepts_offer("v1", cy);

    let taken_by = Some(s.agent_id("bo"));
    s.expect_refused(Refusal::OfferGone { taken_by });
}

#[test]
fn chat_01_what_came_through_no_queue_is_given_to_nobody_when_the_last_queue_goes() {
    let mut s = Scenario::office("support")
        .people(["ana", "bo"])
        .queue("only", "support", ["ana", "bo"])
        .all_available();
    s.visitor("v1").leaves_message(None, "Is anybody there?");
    s.agent("ana").picks("v1");
    s.agent("ana").transfers("v1", To::Agent("bo"));
    s.forget_log();

    s.archives_queue("only");

    s.expect_withdrawn("v1", WithdrawReason::Cancelled).by("bo");
    s.expect_hand_over_ended("v1", HandOverEnd::Unavailable);
    s.forget_log();
    assert_eq!(s.agents_of("v1"), ["ana"]);
}
