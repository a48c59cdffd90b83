//! What an agent is to begin with, sets for itself, and how it ends (PRES-1, -2, -3, -8).

use deskbell::domain::{Actor, PresenceReason, Status, WithdrawReason};
use deskbell::engine::{Refusal, Reply};

use super::ana_online;
use crate::scenario::{GRACE, Scenario, Units};

#[test]
fn pres_01_a_new_agent_is_offline() {
    let mut s = Scenario::office("support").agents(["ana"]);

    let view = s.agent("ana").presence_view();

    assert_eq!(view.standing.global.status, Status::Offline);
    assert_eq!(view.standing.global.reason, PresenceReason::Initial);
    assert_eq!(view.choice.set_by, Actor::System);
}

#[test]
fn pres_01_a_new_agent_who_connects_stays_offline() {
    let mut s = Scenario::office("support").agents(["ana"]);

    s.agent("ana").connects();

    s.expect_connected("ana");
    assert_eq!(s.agent("ana").is(), "offline");
}

#[test]
fn pres_02_an_agent_sets_its_own_status() {
    let mut s = ana_online();

    for (status, value) in [
        ("away", Status::Away),
        ("invisible", Status::Invisible),
        ("offline", Status::Offline),
        ("online", Status::Online),
    ] {
        s.wait(5.secs());
        s.agent("ana").sets(status);

        let view = s.expect_presence("ana", status, PresenceReason::Chosen);
        assert_eq!(view.choice.status, value);
        assert_eq!(view.choice.set_by, Actor::Agent(s.agent_id("ana")));
        assert_eq!(view.choice.set_at, s.now);
        assert_eq!(view.standing.global.since, s.now);
        assert_eq!(s.reply(), Reply::Presence(view));
    }
}

#[test]
fn pres_02_setting_the_same_status_again_changes_nothing() {
    let mut s = ana_online();
    let before = s.agent("ana").presence_view();
    s.wait(5.secs());

    s.agent("ana").sets("online");

    assert_eq!(s.reply(), Reply::Presence(Box::new(before)));
}

#[test]
fn pres_02_choosing_what_one_is_for_another_reason_is_on_record() {
    let mut s = Scenario::office("support").agents(["ana"]);
    s.agent("ana").connects();
    s.expect_connected("ana");

    s.agent("ana").sets("offline");
    s.expect_presence("ana", "offline", PresenceReason::Chosen);
    s.agent("ana").logs_out();

    s.expect_logged_out("ana");
    s.expect_presence("ana", "offline", PresenceReason::LoggedOut);
}

#[test]
fn pres_02_a_status_without_a_connection_stands_for_the_grace() {
    let mut s = Scenario::office("support").agents(["ana"]);

    s.agent("ana").sets("online");
    s.expect_presence("ana", "online", PresenceReason::Chosen);
    s.wait_to_the_instant(GRACE);
    assert_eq!(s.agent("ana").is(), "online");
    s.wait(0.secs());

    s.expect_lost("ana");
    s.expect_presence("ana", "offline", PresenceReason::Disconnected);
}

#[test]
fn pres_02_a_status_set_after_the_connection_was_lost_stands_for_a_grace_again() {
    let mut s = ana_online();
    s.agent("ana").disconnects();
    s.expect_disconnected("ana");
    s.wait(GRACE);
    s.expect_lost("ana");
    s.expect_presence("ana", "offline", PresenceReason::Disconnected);

    s.agent("ana").sets("online");
    s.expect_presence("ana", "online", PresenceReason::Chosen);
    s.wait(GRACE);

    s.expect_lost("ana");
    s.expect_presence("ana", "offline", PresenceReason::Disconnected);
}

#[test]
fn pres_02_going_offline_without_a_connection_has_no_grace() {
    let mut s = ana_online();
    s.agent("ana").disconnects();
    s.expect_disconnected("ana");
    s.wait(GRACE);
    s.expect_lost("ana");
    s.expect_presence("ana", "offline", PresenceReason::Disconnected);

    s.agent("ana").sets("offline");

    s.expect_presence("ana", "offline", PresenceReason::Chosen);
    assert_eq!(s.engine.next_deadline(), None);
}

#[test]
fn pres_03_an_agent_who_goes_away_keeps_its_chats_and_gets_no_offers() {
    let mut s = ana_online();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.agent("ana").accepts("v1");
    s.expect_accepted("v1").by("ana");
    s.visitor("v2").starts_chat();
    s.expect_offer("v2").to("ana");

    s.agent("ana").sets("away");

    s.expect_presence("ana", "away", PresenceReason::Chosen);
    s.expect_seen("v1", "ana", "away");
    s.expect_withdrawn("v2", WithdrawReason::AgentUnavailable)
        .by("ana");
    s.agent("ana").sends("v1", "a1", "Still here.");
    s.expect_message("v1");
}

#[test]
fn pres_08_logging_out_sets_offline_whatever_else_is_connected() {
    let mut s = ana_online();
    s.agent("ana").connects_as("phone");
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");

    s.agent("ana").logs_out();

    s.expect_logged_out("ana");
    s.expect_presence("ana", "offline", PresenceReason::LoggedOut);
    s.expect_withdrawn("v1", WithdrawReason::AgentUnavailable)
        .by("ana");
    s.agent("ana").disconnects_from("tab");
    s.agent("ana").disconnects_from("phone");
    s.expect_disconnected("ana");
    s.wait(GRACE);
    s.expect_lost("ana");
    s.agent("ana").connects();
    s.expect_connected("ana");
    assert_eq!(
        s.agent("ana").is(),
        "offline",
        "a log-out is not undone by a connection"
    );
}

#[test]
fn pres_08_logging_out_of_a_second_session_is_on_record_and_changes_no_status() {
    let mut s = ana_online();
    s.agent("ana").logs_out();
    s.expect_logged_out("ana");
    s.expect_presence("ana", "offline", PresenceReason::LoggedOut);

    s.agent("ana").logs_out();

    s.expect_logged_out("ana");
}

#[test]
fn pres_08_logging_out_after_the_connection_was_lost_is_final() {
    let mut s = ana_online();
    s.agent("ana").disconnects();
    s.expect_disconnected("ana");
    s.wait(GRACE);
    s.expect_lost("ana");
    s.expect_presence("ana", "offline", PresenceReason::Disconnected);

    s.agent("ana").logs_out();
    s.expect_logged_out("ana");
    s.expect_presence("ana", "offline", PresenceReason::LoggedOut);
    s.agent("ana").connects();

    s.expect_connected("ana");
    assert_eq!(s.agent("ana").is(), "offline");
}

#[test]
fn presence_of_an_agent_that_does_not_exist_is_refused() {
    let mut s = Scenario::office("support").agents(["ana"]);
    let agent_id = deskbell::domain::AgentId(uuid::Uuid::nil());
    let connection = deskbell::domain::ConnectionId(uuid::Uuid::nil());

    s.does(deskbell::engine::Command::Presence {
        agent_id,
        by: None,
        command: deskbell::engine::PresenceCommand::Connect(connection),
    });

    s.expect_refused(Refusal::UnknownAgent);
}
