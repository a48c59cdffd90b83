//! Logging in to queues and out of them (ROUTE-2, ROUTE-7).

use deskbell::domain::{Actor, Role, WithdrawReason};
use deskbell::engine::{Command, PresenceCommand, Refusal};

use crate::scenario::{Scenario, Units};

fn ana_and_bo() -> Scenario {
    Scenario::office("support")
        .agents(["ana", "bo"])
        .all_available()
}

#[test]
fn route_02_who_has_logged_out_of_the_queue_is_not_asked() {
    let mut s = ana_and_bo();
    s.agent("ana").logs_out_of("support");
    let by = s.expect_queue_log_in("ana", "support", false);
    assert_eq!(by, Actor::Agent(s.agent_id("ana")));

    s.visitor("v1").starts_chat();

    s.expect_offer("v1").to("bo");
}

#[test]
fn route_11_logging_out_takes_back_what_rings_in_that_queue_only() {
    let mut s = Scenario::office("support")
        .people(["ana", "bo"])
        .queue("sales", "support", ["ana", "bo"])
        .queue("returns", "support", ["ana"])
        .all_available();
    s.visitor("v1").asks_for(None, Some("sales"));
    s.expect_queued("v1");
    s.expect_offer("v1").to("ana");
    s.visitor("v2").asks_for(None, Some("returns"));
    s.expect_queued("v2");
    s.expect_offer("v2").to("ana");

    s.agent("ana").logs_out_of("sales");

    s.expect_queue_log_in("ana", "sales", false);
    let reason = WithdrawReason::LoggedOutOfQueue;
    s.expect_withdrawn("v1", reason).by("ana");
    s.expect_offer("v1").to("bo");
}

#[test]
fn route_13_logging_in_is_offered_what_waits_at_once() {
    let mut s = Scenario::office("support").agents(["ana"]).all_available();
    s.agent("ana").logs_out_of("support");
    s.expect_queue_log_in("ana", "support", false);
    s.visitor("v1").starts_chat();

    s.agent("ana").logs_in_to("support");

    s.expect_queue_log_in("ana", "support", true);
    s.expect_offer("v1").to("ana");
}

#[test]
fn route_07_who_has_logged_out_may_still_pick() {
    let mut s = ana_and_bo();
    s.agent("ana").logs_out_of("support");
    s.expect_queue_log_in("ana", "support", false);
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("bo");

    s.agent("ana").picks("v1");

    let reason = WithdrawReason::AcceptedElsewhere;
    s.expect_withdrawn("v1", reason).by("bo");
    s.expect_taken("v1").by("ana");
}

#[test]
fn a_log_out_survives_a_restart_and_ends_with_the_membership() {
    let mut s = ana_and_bo();
    s.agent("ana").logs_out_of("support");
    s.forget_log();

    s.restart_after(1.secs());
    s.forget_log();
    assert_eq!(s.agent("ana").snapshot().logged_out.len(), 1);
    s.sets_members("support", &["bo"]);
    s.sets_members("support", &["ana", "bo"]);
    s.forget_log();

    assert!(s.agent("ana").snapshot().logged_out.is_empty());
}

#[test]
fn logging_in_twice_is_no_event_and_a_stranger_has_no_log_in() {
    let mut s = Scenario::office("support")
        .people(["ana", "bo"])
        .queue("support", "support", ["ana"])
        .all_available();

    s.agent("ana").logs_in_to("support");
    s.expect_nothing_more();
    s.agent("bo").logs_out_of("support");
    s.expect_refused(Refusal::NotAMember);
    s.agent("ana").logs_out_of("nowhere");
    s.expect_refused(Refusal::UnknownQueue);
}

#[test]
fn pres_05_a_supervisor_logs_the_agents_of_its_offices_out() {
    let mut s = Scenario::office("support")
        .people(["ana", "sue", "bo"])
        .queue("support", "support", ["ana", "sue", "bo"])
        .role("sue", Role::Supervisor)
        .all_available();
    let queue_id = s.queue_id("support");
    let mut log_out = |by: &str| {
        let command = Command::Presence {
            agent_id: s.agent_id("ana"),
            by: Some(s.agent_id(by)),
            command: PresenceCommand::LogOutQueue(queue_id),
        };
        s.does(command);
    };

    log_out("bo");
    log_out("sue");

    s.expect_refused(Refusal::NotYourAgent);
    let by = s.expect_queue_log_in("ana", "support", false);
    assert_eq!(by, Actor::Agent(s.agent_id("sue")));
}
