//! Status, connections, grace, log-out (PRES).

use deskbell::domain::{Actor, Limits, PresenceReason, Status, WithdrawReason};
use deskbell::engine::{Refusal, Reply};

use crate::scenario::{GRACE, RESTORE_WITHIN, RING_TIMEOUT, Scenario, Units};

/// Ana is connected and online.
fn ana_online() -> Scenario {
    Scenario::office("support").agents(["ana"]).all_available()
}

#[test]
fn pres_01_a_new_agent_is_offline() {
    let mut s = Scenario::office("support").agents(["ana"]);

    let view = s.agent("ana").presence_view();

    assert_eq!(view.effective.status, Status::Offline);
    assert_eq!(view.effective.reason, PresenceReason::Initial);
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
        assert_eq!(view.effective.since, s.now);
        assert_eq!(s.reply(), Reply::Presence(view));
    }
}

#[test]
fn pres_02_setting_the_same_status_again_changes_nothing() {
    let mut s = ana_online();
    let before = s.agent("ana").presence_view();
    s.wait(5.secs());

    s.agent("ana").sets("online");

    assert_eq!(s.reply(), Reply::Presence(before));
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
    s.expect_withdrawn("v2", WithdrawReason::AgentUnavailable)
        .by("ana");
    s.agent("ana").sends("v1", "a1", "Still here.");
    s.expect_message("v1");
}

#[test]
fn pres_07_closing_one_of_several_connections_changes_nothing() {
    let mut s = ana_online();
    s.agent("ana").connects_as("phone");

    s.agent("ana").disconnects_from("tab");
    s.wait(10.mins());

    assert_eq!(s.agent("ana").is(), "online");
    assert_eq!(s.engine.next_deadline(), None);
}

#[test]
fn pres_07_a_connection_that_opens_twice_is_one() {
    let mut s = ana_online();
    s.agent("ana").connects_as("tab");

    s.agent("ana").disconnects_from("tab");

    s.expect_disconnected("ana");
}

#[test]
fn pres_07_the_end_of_a_connection_that_never_was_changes_nothing() {
    let mut s = ana_online();

    s.agent("ana").disconnects_from("phone");
    s.agent("ana").disconnects_from("tab");
    s.expect_disconnected("ana");
    s.agent("ana").disconnects_from("tab");
}

#[test]
fn pres_07_the_last_connection_gone_keeps_the_status_for_the_grace() {
    let mut s = ana_online();
    let before = s.agent("ana").presence_view();

    s.agent("ana").disconnects();
    s.expect_disconnected("ana");
    s.wait_to_the_instant(GRACE);

    assert_eq!(s.agent("ana").presence_view(), before);
    s.agent("ana").connects();
    s.expect_connected("ana");
    assert_eq!(s.agent("ana").presence_view(), before);
    assert_eq!(s.engine.next_deadline(), None);
}

#[test]
fn pres_07_after_the_grace_the_agent_is_offline_because_it_disconnected() {
    let mut s = ana_online();
    s.agent("ana").disconnects();
    s.expect_disconnected("ana");
    let gone = s.now;

    s.wait(10.mins());

    s.expect_lost("ana");
    let view = s.expect_presence("ana", "offline", PresenceReason::Disconnected);
    assert_eq!(view.choice.status, Status::Online, "what it chose stands");
    assert_eq!(view.effective.since, gone + GRACE);
}

#[test]
fn pres_07_a_connection_in_time_brings_the_earlier_status_back() {
    for status in ["online", "away", "invisible"] {
        let mut s = Scenario::office("support").agents(["ana"]);
        s.agent("ana").connects();
        s.expect_connected("ana");
        s.agent("ana").sets(status);
        s.expect_presence("ana", status, PresenceReason::Chosen);
        s.agent("ana").disconnects();
        s.expect_disconnected("ana");
        s.wait_to_the_instant(GRACE);
        s.wait_to_the_instant(RESTORE_WITHIN);
        s.expect_lost("ana");
        s.expect_presence("ana", "offline", PresenceReason::Disconnected);

        s.agent("ana").connects();

        s.expect_connected("ana");
        let view = s.expect_presence("ana", status, PresenceReason::Reconnected);
        assert_eq!(view.effective.since, s.now);
        assert_eq!(view.choice.set_by, Actor::System);
    }
}

#[test]
fn pres_07_a_connection_too_late_leaves_the_agent_offline() {
    let mut s = ana_online();
    s.agent("ana").disconnects();
    s.expect_disconnected("ana");
    s.wait(GRACE);
    s.expect_lost("ana");
    let lost = s.expect_presence("ana", "offline", PresenceReason::Disconnected);
    s.wait(RESTORE_WITHIN);

    s.agent("ana").connects();

    s.expect_connected("ana");
    let view = s.expect_presence("ana", "offline", PresenceReason::Disconnected);
    assert_eq!(
        view.effective, lost.effective,
        "it is offline since the loss"
    );
    assert_eq!(view.choice.status, Status::Offline);
    s.agent("ana").disconnects();
    s.expect_disconnected("ana");
    s.wait(GRACE);
    s.expect_lost("ana");
    s.agent("ana").connects();
    s.expect_connected("ana");
    assert_eq!(s.agent("ana").is(), "offline");
}

#[test]
fn pres_07_a_status_that_was_set_meanwhile_is_not_overwritten() {
    let mut s = ana_online();
    s.agent("ana").disconnects();
    s.expect_disconnected("ana");
    s.wait(GRACE);
    s.expect_lost("ana");
    s.expect_presence("ana", "offline", PresenceReason::Disconnected);
    s.agent("ana").sets("offline");
    s.expect_presence("ana", "offline", PresenceReason::Chosen);

    s.agent("ana").connects();

    s.expect_connected("ana");
    assert_eq!(s.agent("ana").is(), "offline");
}

#[test]
fn pres_07_a_status_that_was_set_in_the_grace_begins_a_new_one() {
    let mut s = ana_online();
    s.agent("ana").disconnects();
    s.expect_disconnected("ana");
    s.wait(50.secs());

    s.agent("ana").sets("away");
    s.expect_presence("ana", "away", PresenceReason::Chosen);
    s.wait(50.secs());
    assert_eq!(s.agent("ana").is(), "away");
    s.wait(10.secs());

    s.expect_lost("ana");
    s.expect_presence("ana", "offline", PresenceReason::Disconnected);
}

#[test]
fn pres_07_no_new_offer_from_the_moment_the_last_connection_is_gone() {
    let mut s = ana_online();
    s.agent("ana").disconnects();
    s.expect_disconnected("ana");

    s.visitor("v1").starts_chat();
    s.wait(5.secs());
    s.agent("ana").connects();

    s.expect_connected("ana");
    s.expect_offer("v1").to("ana");
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
fn pres_10_an_invisible_agent_gets_no_offers_and_goes_on_in_its_chats() {
    let mut s = Scenario::office("support")
        .agents(["ana", "bo"])
        .all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.agent("ana").accepts("v1");
    s.expect_accepted("v1").by("ana");

    s.agent("ana").sets("invisible");
    s.expect_presence("ana", "invisible", PresenceReason::Chosen);
    s.visitor("v2").starts_chat();

    s.expect_offer("v2").to("bo");
    s.agent("ana").sends("v1", "a1", "Still here.");
    s.expect_message("v1");
}

#[test]
fn pres_19_ten_blinks_within_the_grace_change_no_presence() {
    let mut s = ana_online();
    let before = s.agent("ana").presence_view();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");

    for _ in 0..10 {
        s.agent("ana").disconnects();
        s.expect_disconnected("ana");
        s.wait(1.secs());
        s.agent("ana").connects();
        s.expect_connected("ana");
    }

    assert_eq!(s.agent("ana").presence_view(), before);
    s.agent("ana").accepts("v1");
    s.expect_accepted("v1").by("ana");
}

#[test]
fn pres_19_an_offer_rings_on_through_a_blink_and_can_be_missed_in_it() {
    let mut s = ana_online();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");

    s.agent("ana").disconnects();
    s.expect_disconnected("ana");
    s.wait(RING_TIMEOUT);

    s.expect_missed("v1").by("ana");
    s.agent("ana").connects();
    s.expect_connected("ana");
    s.expect_round_paused("v1");
}

#[test]
fn presence_of_an_agent_that_does_not_exist_is_refused() {
    let mut s = Scenario::office("support").agents(["ana"]);
    let agent_id = deskbell::domain::AgentId(uuid::Uuid::nil());
    let connection = deskbell::domain::ConnectionId(uuid::Uuid::nil());

    s.does(deskbell::engine::Command::Presence {
        agent_id,
        command: deskbell::engine::PresenceCommand::Connect(connection),
    });

    s.expect_refused(Refusal::UnknownAgent);
}

#[test]
fn an_agent_has_a_bounded_number_of_connections() {
    let limits = Limits {
        connections_per_agent: 2,
        ..Limits::default()
    };
    let mut s = Scenario::empty(limits)
        .and_office("support", deskbell::domain::WhenNotLive::Messenger)
        .agents(["ana"]);
    s.agent("ana").connects_as("one");
    s.expect_connected("ana");
    s.agent("ana").connects_as("two");

    s.agent("ana").connects_as("three");

    s.expect_refused(Refusal::TooManyConnections);
    s.agent("ana").connects_as("two");
    s.agent("ana").disconnects_from("one");
    s.agent("ana").connects_as("three");
}
