//! Connections, the grace after the last one, and coming back (PRES-7, PRES-19).

use deskbell::domain::{Actor, Limits, PresenceReason, Status};
use deskbell::engine::Refusal;

use super::ana_online;
use crate::scenario::{GRACE, RESTORE_WITHIN, RING_TIMEOUT, Scenario, Units};

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
    assert_eq!(view.standing.global.since, gone + GRACE);
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
        assert_eq!(view.standing.global.since, s.now);
        assert_eq!(view.choice.set_by, Actor::Agent(s.agent_id("ana")));
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
        view.standing.global, lost.standing.global,
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
