//! Leases: presence that another system holds (PRES-14).

use deskbell::domain::{Actor, PresenceReason, ShownReason, WithdrawReason};

use crate::scenario::{GRACE, Scenario, Units};

/// 150 s.
const TTL: i64 = 150;

fn ana() -> Scenario {
    Scenario::office("support").agents(["ana"])
}

fn leased() -> Scenario {
    let mut s = ana();
    s.agent("ana").is_pinged();
    s.expect_leased("ana");
    s.expect_changed("ana");
    s.expect_presence("ana", "online", PresenceReason::Leased);
    s
}

#[test]
fn pres_14_the_first_ping_takes_an_agent_online_without_a_connection() {
    let mut s = ana();

    s.agent("ana").is_pinged();

    s.expect_leased("ana");
    assert!(
        s.expect_presence("ana", "offline", PresenceReason::Initial)
            .leased
    );
    let view = s.expect_presence("ana", "online", PresenceReason::Leased);
    assert_eq!(view.choice.set_by, Actor::System);
    s.expect_shown("support", "live", ShownReason::AgentOnline);
}

#[test]
fn pres_14_each_ping_holds_for_the_time_of_a_lease_and_then_the_agent_is_offline() {
    let mut s = leased();
    for _ in 0..5 {
        s.wait_to_the_instant(TTL.secs());
        s.agent("ana").is_pinged();
        s.expect_leased("ana");
    }
    let last = s.now;

    s.wait(TTL.secs());

    s.expect_lease_expired("ana");
    let view = s.expect_presence("ana", "offline", PresenceReason::LeaseExpired);
    assert_eq!(view.standing.global.since, last + TTL.secs());
    assert!(!view.leased);
}

#[test]
fn pres_14_the_time_of_a_lease_is_the_tenants() {
    let mut s = ana().settings(|settings| settings.lease_ttl = 60.secs());
    s.agent("ana").is_pinged();
    s.expect_leased("ana");
    s.expect_changed("ana");
    s.expect_presence("ana", "online", PresenceReason::Leased);

    s.wait(60.secs());

    s.expect_lease_expired("ana");
    s.expect_presence("ana", "offline", PresenceReason::LeaseExpired);
}

#[test]
fn pres_14_a_leased_agent_gets_offers_only_if_the_lease_says_so() {
    let mut s = Scenario::office("support")
        .queue_settings(|queue| queue.ring_timeout = None)
        .agents(["ana"]);
    s.agent("ana").is_pinged();
    s.expect_leased("ana");
    s.expect_changed("ana");
    s.expect_presence("ana", "online", PresenceReason::Leased);
    s.visitor("v1").starts_chat();

    s.agent("ana").is_pinged_for_offers();

    s.expect_leased("ana");
    s.expect_offer("v1").to("ana");
    s.wait(TTL.secs());
    s.expect_lease_expired("ana");
    s.expect_presence("ana", "offline", PresenceReason::LeaseExpired);
    s.expect_withdrawn("v1", WithdrawReason::AgentUnavailable)
        .by("ana");
}

#[test]
fn pres_14_a_renewal_does_not_undo_what_was_set() {
    for status in ["away", "offline", "invisible"] {
        let mut s = leased();
        s.agent("ana").sets(status);
        s.expect_presence("ana", status, PresenceReason::Chosen);

        for round in 0..3 {
            s.wait(100.secs());
            if round == 0 && status != "offline" {
                // Setting it began a grace, which the lease outlasts.
                s.expect_lost("ana");
            }
            s.agent("ana").is_pinged();
            s.expect_leased("ana");
        }

        assert_eq!(s.agent("ana").is(), status);
    }
}

#[test]
fn pres_14_a_new_lease_brings_the_earlier_status_back() {
    let mut s = leased();
    s.agent("ana").sets("away");
    s.expect_presence("ana", "away", PresenceReason::Chosen);
    s.wait(TTL.secs());
    s.expect_lost("ana");
    s.expect_lease_expired("ana");
    s.expect_presence("ana", "offline", PresenceReason::LeaseExpired);

    s.agent("ana").is_pinged();

    s.expect_leased("ana");
    s.expect_presence("ana", "away", PresenceReason::Reconnected);
}

#[test]
fn pres_14_a_connection_holds_the_agent_when_the_pings_stop() {
    let mut s = leased();
    s.agent("ana").connects();
    s.expect_connected("ana");

    s.wait(TTL.secs());

    s.expect_lease_expired("ana");
    assert!(
        !s.expect_presence("ana", "online", PresenceReason::Leased)
            .leased
    );
}

#[test]
fn pres_14_a_lease_holds_the_agent_when_the_last_connection_is_gone() {
    let mut s = Scenario::office("support").agents(["ana"]).all_available();
    s.agent("ana").is_pinged();
    s.expect_leased("ana");
    s.expect_changed("ana");
    s.agent("ana").disconnects();
    s.expect_disconnected("ana");
    s.wait(GRACE);
    s.expect_lost("ana");
    assert_eq!(s.agent("ana").is(), "online");

    s.visitor("v1").starts_chat();
    s.wait(90.secs());

    s.expect_lease_expired("ana");
    s.expect_presence("ana", "offline", PresenceReason::LeaseExpired);
}

#[test]
fn pres_07_a_lease_that_takes_offers_gets_them_without_a_connection() {
    let mut s = Scenario::office("support").agents(["ana"]).all_available();
    s.agent("ana").is_pinged_for_offers();
    s.expect_leased("ana");
    s.expect_changed("ana");
    s.agent("ana").disconnects();
    s.expect_disconnected("ana");

    s.visitor("v1").starts_chat();

    s.expect_offer("v1").to("ana");
}

#[test]
fn pres_14_a_ping_after_a_log_out_does_not_call_back() {
    let mut s = leased();
    s.agent("ana").logs_out();
    s.expect_logged_out("ana");
    s.expect_presence("ana", "offline", PresenceReason::LoggedOut);

    s.agent("ana").is_pinged();

    s.expect_leased("ana");
    assert_eq!(s.agent("ana").is(), "offline");
}

#[test]
fn pres_20_a_lease_goes_on_through_a_restart() {
    let mut s = leased();
    s.wait(100.secs());

    s.restart_after(20.secs());
    assert_eq!(s.agent("ana").is(), "online");
    s.wait(30.secs());

    s.expect_lease_expired("ana");
    s.expect_presence("ana", "offline", PresenceReason::LeaseExpired);
}
