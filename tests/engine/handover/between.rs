//! Hand-overs with somebody between two states: whose connection blinks, who takes back what it has let go of, whose
//! queue asks nobody.

use deskbell::domain::{
    CloseReason, HandOverEnd, IfUnavailable, LeaveReason, Millis, PresenceReason, Purpose, Release,
    Strategy, TransferReason, VisitorIdle,
};
use deskbell::engine::Refusal;

use super::{anas_chat, with};
use crate::scenario::{Scenario, To, Units};

/// Ana and Bo answer the chat.
fn chat_of_two() -> Scenario {
    let mut s = anas_chat();
    s.agent("ana").invites("v1", To::Agent("bo"));
    s.agent("bo").accepts("v1");
    s.forget_log();
    s
}

#[test]
fn chat_01_whose_connection_blinks_is_still_to_be_asked_after_another_has_refused() {
    for ask in [
        |s: &mut Scenario| {
            let on_accept = Release::OnAccept;
            let to = To::Queue("support");
            s.agent("ana")
                .transfers_when("v1", to, on_accept, IfUnavailable::Fail);
        },
        |s: &mut Scenario| s.agent("ana").invites("v1", To::Queue("support")),
        |s: &mut Scenario| {
            s.agent("ana")
                .asks_for_help("v1", Some(To::Queue("support")));
        },
    ] {
        let mut s = anas_chat();
        s.agent("cy").disconnects();
        s.expect_disconnected("cy");
        ask(&mut s);
        s.forget_log();

        s.agent("bo").rejects("v1");

        s.expect_rejected("v1").by("bo");
        assert!(s.chat("v1").hand_over().is_some(), "cy may come back");
        s.agent("cy").connects();
        s.expect_connected("cy");
        s.expect_offer("v1").to("cy");
    }
}

#[test]
fn chat_01_who_takes_back_what_it_has_let_go_of_is_in_the_chat() {
    let mut s = chat_of_two();
    s.agent("ana").transfers_when(
        "v1",
        To::Queue("billing"),
        Release::AtOnce,
        IfUnavailable::Queue,
    );
    s.expect_left("v1", "ana", LeaveReason::Transferred);
    s.sets_members("billing", &["ana", "eve"]);
    s.forget_log();

    s.agent("ana").picks("v1");

    s.expect_withdrawn("v1", deskbell::domain::WithdrawReason::AcceptedElsewhere)
        .by("eve");
    s.expect_transferred("v1", TransferReason::Accepted);
    assert_eq!(s.agents_of("v1"), ["ana", "bo"]);
    s.agent("ana").sends("v1", "a1", "Here I am again");
    s.expect_message("v1");
}

#[test]
fn chat_01_the_sender_is_not_asked_for_what_it_lets_go_of_while_others_answer() {
    let mut s = chat_of_two();
    s.agent("cy").sets("away");
    s.expect_presence("cy", "away", PresenceReason::Chosen);

    s.agent("ana").transfers_when(
        "v1",
        To::Queue("support"),
        Release::AtOnce,
        IfUnavailable::Queue,
    );

    s.expect_left("v1", "ana", LeaveReason::Transferred);
    s.expect_requested("v1", Purpose::Transfer);
    assert_eq!(s.agents_of("v1"), ["bo"]);
    s.agent("cy").sets("online");
    s.expect_presence("cy", "online", PresenceReason::Chosen);
    s.expect_offer("v1").to("cy");
}

#[test]
fn route_03_a_queue_in_which_agents_pick_is_asked_for_nobody() {
    let mut s = anas_chat();
    s.changes_queue("billing", |settings| settings.strategy = Strategy::Manual);

    let to = || To::Queue("billing");
    for if_unavailable in [IfUnavailable::Fail, IfUnavailable::Queue] {
        s.agent("ana")
            .transfers_when("v1", to(), Release::OnAccept, if_unavailable);
        s.expect_refused(Refusal::NobodyAvailable);
    }
    s.agent("ana").invites("v1", to());
    s.expect_refused(Refusal::NobodyAvailable);
    s.agent("ana").asks_for_help("v1", Some(to()));
    s.expect_refused(Refusal::NobodyAvailable);

    // Let go of, it waits there, and whoever looks may take it.
    s.agent("ana").transfers("v1", to());
    s.expect_left("v1", "ana", LeaveReason::Transferred);
    s.expect_transferred("v1", TransferReason::Released);
    assert_eq!(s.chat("v1").position, Some(1));
    s.agent("eve").picks("v1");
    assert_eq!(s.agents_of("v1"), ["eve"]);
    s.forget_log();
}

#[test]
fn route_03_a_search_ends_where_agents_pick_from_now_on() {
    let mut s = anas_chat();
    s.agent("eve").disconnects();
    s.expect_disconnected("eve");
    s.agent("ana").transfers_when(
        "v1",
        To::Queue("billing"),
        Release::OnAccept,
        IfUnavailable::Queue,
    );
    s.expect_requested("v1", Purpose::Transfer);

    s.changes_queue("billing", |settings| settings.strategy = Strategy::Manual);

    s.expect_hand_over_ended("v1", HandOverEnd::Unavailable);
}

#[test]
fn avail_05_a_chat_that_is_handed_over_does_not_wait() {
    let mut s = anas_chat();
    s.changes_queue("billing", |settings| settings.max_waiting = 1);
    s.agent("ana").transfers_when(
        "v1",
        To::Queue("billing"),
        Release::OnAccept,
        IfUnavailable::Fail,
    );
    s.expect_requested("v1", Purpose::Transfer);
    s.expect_offer("v1").to("eve");

    s.visitor("v2").asks_for(None, Some("billing"));

    s.expect_queued("v2");
    s.forget_log();
}

fn idle() -> VisitorIdle {
    VisitorIdle {
        warning: Some(10.secs()),
        close: Some(15.secs()),
        reopen_within: None,
    }
}

#[test]
fn chat_10_time_that_a_visitor_waits_for_the_next_agent_does_not_count() {
    let mut s = with(|s| s.queue_settings(|settings| settings.visitor_idle = idle()));
    s.agent("ana").sends("v1", "a1", "Let me look");
    s.expect_message("v1");
    for agent in ["bo", "cy"] {
        s.agent(agent).sets("away");
        s.expect_presence(agent, "away", PresenceReason::Chosen);
    }
    s.agent("ana").transfers_when(
        "v1",
        To::Queue("support"),
        Release::AtOnce,
        IfUnavailable::Queue,
    );
    s.wait(60.secs());
    s.forget_log();

    s.agent("bo").picks("v1");
    s.forget_log();
    s.wait(60.secs());
    s.expect_nothing_more();
    s.agent("bo").sends("v1", "b1", "Are you there?");
    s.expect_message("v1");
    s.wait(10.secs());

    s.expect_idle_warning("v1");
    s.wait(5.secs());
    s.expect_closed("v1", CloseReason::VisitorIdle);
}

#[test]
fn chat_10_who_takes_over_a_chat_begins_its_time_anew() {
    let mut s = with(|s| s.queue_settings(|settings| settings.visitor_idle = idle()));
    s.agent("ana").sends("v1", "a1", "Let me ask");
    s.expect_message("v1");
    s.agent("ana").transfers("v1", To::Agent("bo"));
    s.wait(12.secs());
    s.forget_log();

    s.agent("bo").accepts("v1");
    s.forget_log();

    s.wait(9.secs());
    s.expect_nothing_more();
    s.wait(1.secs());
    s.expect_idle_warning("v1");
}

#[test]
fn chat_10_a_warning_that_comes_late_is_one_all_the_same() {
    let mut s = with(|s| s.queue_settings(|settings| settings.visitor_idle = idle()));
    s.changes_queue("support", |settings| {
        settings.visitor_idle = VisitorIdle::default();
    });
    s.agent("ana").sends("v1", "a1", "Are you there?");
    s.expect_message("v1");
    s.wait(60.mins());

    s.changes_queue("support", |settings| settings.visitor_idle = idle());
    s.wait(Millis(1));

    let closes_at = s.expect_idle_warning("v1").unwrap();
    assert!(closes_at > s.now, "the visitor has time to answer");
    s.wait(5.secs());
    s.expect_closed("v1", CloseReason::VisitorIdle);
}

#[test]
fn chat_04_an_outcome_named_by_one_of_two_stands_when_the_other_closes() {
    let mut s = with(|mut s| {
        let sold = s.disposition("sold");
        s.queue_settings(|settings| {
            settings.closing.dispositions = [sold].into();
            settings.closing.disposition_required = true;
        })
    });
    s.agent("ana").invites("v1", To::Agent("bo"));
    s.agent("bo").accepts("v1");
    s.forget_log();

    s.agent("ana").closes_with("v1", &["sold"]);
    s.expect_marked("v1");
    s.expect_left("v1", "ana", LeaveReason::Left);
    s.forget_log();
    s.agent("bo").closes("v1");

    s.expect_closed("v1", CloseReason::AgentClosed);
}
