//! What an absence makes of a status, and what comes back (PRES-7, PRES-8, PRES-19).

use deskbell::domain::{Actor, PresenceReason, Role, ShownReason, Status, WhenNotLive};

use super::ana_online;
use crate::scenario::{GRACE, RESTORE_WITHIN, Scenario, Units};

fn ana_lost() -> Scenario {
    let mut s = ana_online().people(["ada"]).role("ada", Role::Admin);
    s.agent("ana").disconnects();
    s.expect_disconnected("ana");
    s.wait(GRACE);
    s.expect_lost("ana");
    s.expect_presence("ana", "offline", PresenceReason::Disconnected);
    s
}

#[test]
fn pres_07_overrides_come_back_with_the_status() {
    let mut s = Scenario::office("support")
        .and_office("sales", WhenNotLive::Messenger)
        .people(["ana"])
        .queue("help", "support", ["ana"])
        .queue("orders", "sales", ["ana"])
        .all_available();
    s.agent("ana").sets_in("sales", "away");
    s.expect_presence_in("sales", "ana", "away", PresenceReason::Override);
    s.agent("ana").disconnects();
    s.expect_disconnected("ana");
    s.wait(GRACE);
    s.expect_lost("ana");
    s.expect_presence_in("sales", "ana", "offline", PresenceReason::Disconnected);

    s.agent("ana").connects();

    s.expect_connected("ana");
    s.expect_presence_in("sales", "ana", "away", PresenceReason::Reconnected);
    assert_eq!(s.agent("ana").is_in("support"), "online");
}

#[test]
fn pres_07_too_late_overrides_a_pause_and_a_wish_are_gone_too() {
    let mut s = ana_online().pause("lunch", false, None);
    s.agent("ana").sets_in("support", "online");
    s.expect_changed("ana");
    s.agent("ana").pauses("lunch");
    s.expect_presence("ana", "away", PresenceReason::Paused);
    s.agent("ana").disconnects();
    s.expect_disconnected("ana");
    s.wait(GRACE);
    s.expect_lost("ana");
    s.expect_presence("ana", "offline", PresenceReason::Disconnected);
    s.wait(RESTORE_WITHIN);

    s.agent("ana").connects();

    s.expect_connected("ana");
    let view = s.expect_presence("ana", "offline", PresenceReason::Disconnected);
    assert!(view.overrides.is_empty() && view.pausing.is_none());
}

#[test]
fn pres_07_the_tenant_may_want_away_instead_of_offline() {
    let mut s = ana_online();
    s.changes_settings(|settings| settings.disconnect.becomes = Status::Away);
    s.agent("ana").disconnects();
    s.expect_disconnected("ana");
    s.wait(GRACE);

    s.expect_lost("ana");
    s.expect_presence("ana", "away", PresenceReason::Disconnected);
    s.expect_shown("support", "messenger", ShownReason::NobodyOnline);
    s.agent("ana").connects();
    s.expect_connected("ana");
    s.expect_presence("ana", "online", PresenceReason::Reconnected);
}

#[test]
fn pres_07_without_a_grace_the_status_stands_until_inactivity() {
    let mut s = ana_online();
    s.changes_settings(|settings| {
        settings.disconnect.grace = None;
        settings.inactivity.away_after = Some(60.mins());
    });
    s.agent("ana").acts();
    s.agent("ana").disconnects();
    s.expect_disconnected("ana");
    s.wait(59.mins());
    assert_eq!(s.agent("ana").is(), "online");
    s.visitor("v1").starts_chat();
    assert!(
        s.agent("ana").snapshot().offers.is_empty(),
        "nobody is there"
    );

    s.wait(1.mins());

    s.expect_presence("ana", "away", PresenceReason::Inactivity);
}

#[test]
fn pres_07_a_grace_that_is_made_shorter_may_have_passed() {
    let mut s = ana_online();
    s.agent("ana").disconnects();
    s.expect_disconnected("ana");
    s.wait(30.secs());

    s.changes_settings(|settings| settings.disconnect.grace = Some(10.secs()));
    s.wait(0.secs());

    s.expect_lost("ana");
    s.expect_presence("ana", "offline", PresenceReason::Disconnected);
}

#[test]
fn pres_07_what_somebody_else_set_meanwhile_stands_however_late_the_agent_comes() {
    for late in [1.mins(), 60.mins()] {
        let mut s = ana_lost();
        s.agent("ada").sets_of("ana", "away");
        s.expect_presence("ana", "offline", PresenceReason::Disconnected);
        s.wait(late);

        s.agent("ana").connects();

        s.expect_connected("ana");
        let view = s.expect_presence("ana", "away", PresenceReason::Chosen);
        assert_eq!(view.choice.set_by, Actor::Agent(s.agent_id("ada")));
    }
}

#[test]
fn pres_07_an_override_that_was_set_meanwhile_stands_too() {
    let mut s = ana_lost();
    s.agent("ada").sets_office("support", Some("away"));
    s.expect_changed("ana");
    s.wait(60.mins());

    s.agent("ana").connects();

    s.expect_connected("ana");
    let view = s.expect_presence_in("support", "ana", "away", PresenceReason::Override);
    assert_eq!(view.standing.global.status, Status::Offline);
}

#[test]
fn pres_07_what_was_set_for_an_agent_before_its_first_connection_stands() {
    let mut s = Scenario::office("support")
        .agents(["ana"])
        .people(["ada"])
        .role("ada", Role::Admin);
    s.wait(60.mins());
    s.agent("ada").sets_of("ana", "online");
    s.expect_presence("ana", "offline", PresenceReason::Disconnected);

    s.agent("ana").connects();

    s.expect_connected("ana");
    s.expect_presence("ana", "online", PresenceReason::Chosen);
}

#[test]
fn pres_07_what_somebody_else_sets_holds_nobody_who_is_not_there() {
    let mut s = ana_lost();

    s.agent("ada").sets_of("ana", "online");

    let view = s.expect_changed("ana");
    assert_eq!(view.choice.set_by, Actor::Agent(s.agent_id("ada")));
    assert_eq!(s.agent("ana").is(), "offline");
}

#[test]
fn pres_07_a_status_that_is_set_again_without_a_connection_stands_for_a_grace_again() {
    let mut s = Scenario::office("support").agents(["ana"]);
    s.agent("ana").sets("online");
    s.expect_presence("ana", "online", PresenceReason::Chosen);
    for _ in 0..3 {
        s.wait(50.secs());
        s.agent("ana").sets("online");
    }
    s.wait_to_the_instant(GRACE);
    assert_eq!(s.agent("ana").is(), "online");

    s.wait(0.secs());

    s.expect_lost("ana");
    s.expect_presence("ana", "offline", PresenceReason::Disconnected);
}

#[test]
fn pres_08_revoking_a_session_leaves_the_status() {
    let mut s = ana_online();
    let before = s.agent("ana").presence_view();

    s.agent("ana").has_a_session_revoked();

    s.expect_logged_out("ana");
    assert_eq!(s.agent("ana").presence_view(), before);
}

#[test]
fn pres_19_ten_blinks_make_no_event_that_others_see() {
    let mut s = ana_online();
    let before = s.engine.availability();

    for _ in 0..10 {
        s.agent("ana").disconnects();
        s.expect_disconnected("ana");
        s.wait(5.secs());
        s.agent("ana").connects();
        s.expect_connected("ana");
        s.wait(5.secs());
    }

    s.expect_nothing_else_shown();
    assert_eq!(s.engine.availability(), before);
}

#[test]
fn pres_20_overrides_pauses_and_comebacks_go_on_through_a_restart() {
    let mut s = ana_online().pause(
        "lunch",
        false,
        Some((5.mins(), deskbell::domain::Overrun::End)),
    );
    s.agent("ana").sets_in("support", "invisible");
    s.expect_presence_in("support", "ana", "invisible", PresenceReason::Override);
    s.agent("ana").pauses("lunch");
    s.expect_presence("ana", "away", PresenceReason::Paused);
    let before = s.agent("ana").presence_view();

    s.restart_after(2.mins());
    s.expect_disconnected("ana");
    assert_eq!(s.agent("ana").presence_view(), before);
    s.agent("ana").connects();
    s.expect_connected("ana");
    s.wait(3.mins());

    s.expect_presence("ana", "online", PresenceReason::Chosen);
    assert_eq!(s.agent("ana").is_in("support"), "invisible");
}

#[test]
fn pres_20_inactivity_goes_on_through_a_restart() {
    let mut s = ana_online();
    s.changes_settings(|settings| settings.inactivity.away_after = Some(10.mins()));
    s.wait(20.secs());
    s.agent("ana").acts();
    s.wait(5.mins());

    s.restart_after(1.secs());
    s.expect_disconnected("ana");
    s.agent("ana").connects();
    s.expect_connected("ana");
    s.wait(4.mins());
    assert_eq!(s.agent("ana").is(), "online");
    s.wait(1.mins());

    s.expect_presence("ana", "away", PresenceReason::Inactivity);
}

#[test]
fn pres_20_hours_that_begin_while_the_process_is_down_begin_when_it_is_back() {
    let hours = crate::scenario::hours(&["10:00-12:00"]);
    let mut s = ana_online().hours_of("ana", hours);
    s.agent("ana").sets("away");
    s.expect_presence("ana", "away", PresenceReason::Chosen);

    s.restart_after(90.mins());

    // Nobody has connected yet, but it has not been lost either.
    s.expect_disconnected("ana");
    s.expect_presence("ana", "online", PresenceReason::Schedule);
}
