//! ROUTE-11 and ROUTE-21: agents that have a chat and do nothing for it.

use deskbell::domain::{
    LeaveReason, Millis, OnAgentGone, ParticipantRole, PresenceReason, Purpose,
};

use super::with;
use crate::scenario::{ROUND_PAUSE, Scenario, To, Units};

const GONE: Millis = Millis::from_secs(120);
const WITHIN: Millis = Millis::from_secs(45);

fn requeued_when_gone() -> Scenario {
    with(|s| s.settings(|settings| settings.chats.on_agent_gone = OnAgentGone::Requeue(GONE)))
}

fn first_reply_within() -> Scenario {
    with(|s| s.queue_settings(|queue| queue.first_reply_within = Some(WITHIN)))
}

fn goes_offline(s: &mut Scenario, who: &str) {
    s.agent(who).sets("offline");
    s.forget_log();
}

#[test]
fn route_11_the_chats_of_an_agent_that_is_gone_stay_with_it_by_default() {
    let mut s = with(|s| s);

    goes_offline(&mut s, "ana");
    s.wait(Millis::from_secs(24 * 60 * 60));

    assert_eq!(s.agents_of("v1"), ["ana"]);
}

#[test]
fn route_11_after_a_while_they_go_back_to_the_front_of_the_queue() {
    let mut s = requeued_when_gone();
    let started_at = s.chat("v1").started_at;
    s.visitor("v2").starts_chat();
    goes_offline(&mut s, "ana");
    for who in ["bo", "cy"] {
        s.agent(who).sets("away");
    }
    s.forget_log();

    s.wait_to_the_instant(GONE);
    s.forget_log();
    assert_eq!(s.agents_of("v1"), ["ana"]);
    s.wait(0.secs());

    s.expect_left("v1", "ana", LeaveReason::AgentGone);
    let view = s.expect_requeued("v1", LeaveReason::AgentGone);
    assert_eq!(view.position, Some(1));
    s.agent("bo").sets("online");
    s.expect_presence("bo", "online", PresenceReason::Chosen);
    assert_eq!(s.expect_offer("v1").to("bo").waiting_since, started_at);
    s.expect_offer("v2").to("bo");
}

#[test]
fn route_11_an_agent_that_is_back_in_time_keeps_them_also_over_a_restart() {
    let mut s = requeued_when_gone();
    goes_offline(&mut s, "ana");
    s.wait(60.secs());
    s.restart_after(1.secs());
    s.forget_log();
    s.agent("ana").comes_online();
    s.wait(GONE);
    s.forget_log();
    assert_eq!(s.agents_of("v1"), ["ana"]);

    goes_offline(&mut s, "ana");
    s.restart_after(1.secs());
    s.forget_log();
    s.wait(GONE);

    s.forget_log();
    assert!(s.agents_of("v1").is_empty());
}

#[test]
fn route_11_who_is_invisible_or_away_keeps_them() {
    for status in ["invisible", "away"] {
        let mut s = requeued_when_gone();
        s.agent("ana").sets(status);
        s.expect_presence("ana", status, PresenceReason::Chosen);
        if status == "away" {
            s.expect_seen("v1", "ana", "away");
        }

        s.wait(GONE);

        assert_eq!(s.agents_of("v1"), ["ana"]);
    }
}

#[test]
fn route_11_of_several_only_the_one_that_is_gone_loses_the_chat() {
    let mut s = requeued_when_gone();
    s.agent("ana").invites("v1", To::Agent("bo"));
    s.expect_requested("v1", Purpose::Invite);
    s.expect_offer("v1").to("bo");
    s.agent("bo").accepts("v1");
    s.expect_offer_accepted("v1").by("bo");
    s.expect_joined("v1", "bo", ParticipantRole::Agent);
    s.expect_notice("v1");
    goes_offline(&mut s, "ana");

    s.wait(GONE);

    s.expect_left("v1", "ana", LeaveReason::AgentGone);
    s.expect_notice("v1");
    assert_eq!(s.agents_of("v1"), ["bo"]);
}

#[test]
fn route_11_a_change_of_the_setting_reaches_who_is_gone_already() {
    let mut s = with(|s| s);
    goes_offline(&mut s, "ana");
    s.wait(GONE);

    s.changes_settings(|settings| settings.chats.on_agent_gone = OnAgentGone::Requeue(GONE));
    s.wait(1.secs());

    s.expect_left("v1", "ana", LeaveReason::AgentGone);
    s.expect_requeued("v1", LeaveReason::AgentGone);
    s.expect_offer("v1").to("bo");
}

#[test]
fn route_11_what_came_through_no_queue_goes_to_the_first_one_that_its_office_gets() {
    let mut s = Scenario::office("support")
        .settings(|settings| settings.chats.on_agent_gone = OnAgentGone::Requeue(GONE))
        .people(["ana", "bo"])
        .queue("old", "support", ["ana"])
        .all_available();
    s.visitor("v1").leaves_message(None, "Is anybody there?");
    s.agent("ana").picks("v1");
    s.archives_queue("old");
    goes_offline(&mut s, "ana");
    s.wait(GONE);
    assert_eq!(
        s.agents_of("v1"),
        ["ana"],
        "there is no queue that it could wait in"
    );

    let mut s = s.queue("new", "support", ["bo"]);
    s.forget_log();
    s.wait(1.secs());

    s.expect_left("v1", "ana", LeaveReason::AgentGone);
    let view = s.expect_requeued("v1", LeaveReason::AgentGone);
    assert_eq!(view.queue_id, Some(s.queue_id("new")));
    s.expect_offer("v1").to("bo");
}

#[test]
fn route_21_an_agent_that_does_not_write_loses_the_chat_to_somebody_else() {
    let mut s = first_reply_within();
    let started_at = s.chat("v1").started_at;

    s.wait(WITHIN);

    s.expect_left("v1", "ana", LeaveReason::NoFirstReply);
    s.expect_requeued("v1", LeaveReason::NoFirstReply);
    assert_eq!(s.expect_offer("v1").to("bo").waiting_since, started_at);
}

#[test]
fn route_21_a_message_stops_the_clock() {
    let mut s = first_reply_within();
    s.agent("ana").sends("v1", "a1", "Hello");
    s.expect_message("v1");

    s.wait(WITHIN);

    assert_eq!(s.agents_of("v1"), ["ana"]);
}

#[test]
fn route_21_typing_stops_the_clock_for_good_also_over_a_restart() {
    let mut s = first_reply_within();
    s.agent("ana").types("v1", true);
    s.expect_reply_begun("v1");
    s.expect_typing("v1");
    s.agent("ana").types("v1", false);
    s.expect_typing("v1");
    s.agent("ana").types("v1", true);
    s.expect_typing("v1");

    s.restart_after(1.secs());
    s.forget_log();
    s.wait(WITHIN);

    s.forget_log();
    assert_eq!(s.agents_of("v1"), ["ana"]);
}

#[test]
fn route_21_the_only_agent_is_asked_again_in_the_next_round() {
    let mut s = first_reply_within();
    for who in ["bo", "cy"] {
        s.agent(who).sets("away");
    }
    s.forget_log();

    s.wait(WITHIN);

    s.expect_left("v1", "ana", LeaveReason::NoFirstReply);
    s.expect_requeued("v1", LeaveReason::NoFirstReply);
    s.expect_round_paused("v1");
    s.wait(ROUND_PAUSE);
    s.expect_round_started("v1");
    s.expect_offer("v1").to("ana");
}

#[test]
fn route_21_the_clock_runs_anew_for_whom_the_chat_was_given_to() {
    let mut s = first_reply_within();
    s.agent("ana").sends("v1", "a1", "Hello");
    s.agent("ana").transfers("v1", To::Agent("bo"));
    s.agent("bo").accepts("v1");
    s.forget_log();

    s.wait(WITHIN);

    s.expect_left("v1", "bo", LeaveReason::NoFirstReply);
    s.expect_requeued("v1", LeaveReason::NoFirstReply);
    s.expect_offer("v1").to("cy");
}
