//! Hours of agents: their start, their end, and who was faster (PRES-9).

use deskbell::domain::{Actor, LinkKind, PresenceReason, Timestamp, Weekday};

use crate::scenario::{GRACE, Scenario, Units, hours, hours_in};

/// It is nine; Ana works from ten to twelve and from one to five, and is connected.
fn ana_at_ten() -> Scenario {
    let mut s = Scenario::office("support")
        .agents(["ana"])
        .hours_of("ana", hours(&["10:00-12:00", "13:00-17:00"]));
    s.agent("ana").connects();
    s.expect_connected("ana");
    s
}

#[test]
fn pres_09_the_start_of_hours_sets_online_and_their_end_offline() {
    let mut s = ana_at_ten();
    let ten = Timestamp(crate::scenario::START.0 + 3_600_000);

    s.wait(60.mins());
    let view = s.expect_presence("ana", "online", PresenceReason::Schedule);
    assert_eq!(view.standing.global.since, ten);
    assert_eq!(view.standing.global.by, Actor::System);
    s.wait(120.mins());
    s.expect_presence("ana", "offline", PresenceReason::Schedule);
    s.wait(60.mins());
    s.expect_presence("ana", "online", PresenceReason::Schedule);
    s.wait(240.mins());
    let view = s.expect_presence("ana", "offline", PresenceReason::Schedule);
    assert_eq!(view.standing.global.since, ten + (7 * 60).mins());
}

#[test]
fn pres_09_a_boundary_has_not_passed_at_its_own_instant() {
    let mut s = ana_at_ten();
    let ten = Timestamp(crate::scenario::START.0 + 3_600_000);

    let to_ten = ten.since(s.now);
    s.wait_to_the_instant(to_ten);
    assert_eq!((s.now, s.agent("ana").is()), (ten, "offline"));
    s.wait(0.secs());

    s.expect_presence("ana", "online", PresenceReason::Schedule);
}

#[test]
fn pres_09_what_is_set_at_the_instant_of_a_boundary_holds_until_the_next() {
    let mut s = ana_at_ten();
    let to_ten = Timestamp(crate::scenario::START.0 + 3_600_000).since(s.now);
    s.wait_to_the_instant(to_ten);

    s.agent("ana").sets("away");
    s.expect_presence("ana", "away", PresenceReason::Chosen);
    s.wait(60.mins());

    assert_eq!(s.agent("ana").is(), "away");
    s.wait(60.mins());
    s.expect_presence("ana", "offline", PresenceReason::Schedule);
}

#[test]
fn pres_09_a_manual_change_holds_until_the_next_boundary() {
    let mut s = ana_at_ten();
    s.wait(60.mins());
    s.expect_presence("ana", "online", PresenceReason::Schedule);
    s.agent("ana").sets("away");
    s.expect_presence("ana", "away", PresenceReason::Chosen);
    s.wait(119.mins());
    assert_eq!(s.agent("ana").is(), "away");

    s.wait(1.mins());
    s.expect_presence("ana", "offline", PresenceReason::Schedule);
    s.agent("ana").sets("online");
    s.expect_presence("ana", "online", PresenceReason::Chosen);
    s.wait(60.mins());

    s.expect_presence("ana", "online", PresenceReason::Schedule);
}

#[test]
fn pres_09_hours_do_not_call_who_is_not_there() {
    let mut s = ana_at_ten();
    s.agent("ana").disconnects();
    s.expect_disconnected("ana");
    s.wait(GRACE);
    s.expect_lost("ana");

    s.wait(60.mins());

    assert_eq!(s.agent("ana").is(), "offline");
}

#[test]
fn pres_09_a_start_that_was_missed_comes_with_the_first_connection() {
    let mut s = Scenario::office("support")
        .agents(["ana"])
        .hours_of("ana", hours(&["10:00-12:00"]));
    s.wait(90.mins());

    s.agent("ana").connects();

    s.expect_connected("ana");
    let view = s.expect_presence("ana", "online", PresenceReason::Schedule);
    assert_eq!(view.standing.global.since, s.now);
}

#[test]
fn pres_09_a_start_that_was_missed_comes_with_a_lease() {
    let mut s = Scenario::office("support")
        .agents(["ana"])
        .hours_of("ana", hours(&["10:00-12:00"]));
    s.wait(90.mins());

    s.agent("ana").is_pinged();

    s.expect_leased("ana");
    s.expect_changed("ana");
    s.expect_presence("ana", "online", PresenceReason::Schedule);
}

#[test]
fn pres_09_a_start_that_was_missed_does_not_undo_what_was_set_since() {
    let mut s = Scenario::office("support")
        .agents(["ana"])
        .hours_of("ana", hours(&["10:00-12:00"]));
    s.wait(70.mins());
    s.agent("ana").sets("offline");
    s.expect_presence("ana", "offline", PresenceReason::Chosen);
    s.wait(10.mins());

    s.agent("ana").connects();

    s.expect_connected("ana");
    assert_eq!(s.agent("ana").is(), "offline");
}

#[test]
fn pres_09_a_log_out_holds_until_the_next_start() {
    let mut s = ana_at_ten();
    s.wait(70.mins());
    s.expect_presence("ana", "online", PresenceReason::Schedule);
    s.agent("ana").logs_out();
    s.expect_logged_out("ana");
    s.expect_presence("ana", "offline", PresenceReason::LoggedOut);
    s.agent("ana").disconnects();
    s.expect_disconnected("ana");
    s.wait(10.mins());
    s.expect_lost("ana");

    s.agent("ana").connects();
    s.expect_connected("ana");
    assert_eq!(s.agent("ana").is(), "offline");
    s.wait(100.mins());
    s.expect_presence("ana", "offline", PresenceReason::Schedule);
    s.wait(60.mins());

    s.expect_presence("ana", "online", PresenceReason::Schedule);
}

#[test]
fn pres_09_the_end_of_hours_comes_to_who_is_not_there_for_a_moment() {
    let mut s = ana_at_ten();
    s.wait(60.mins());
    s.expect_presence("ana", "online", PresenceReason::Schedule);
    s.wait(118.mins());
    s.agent("ana").disconnects();
    s.expect_disconnected("ana");
    s.wait(1.mins());
    s.expect_lost("ana");
    s.expect_presence("ana", "offline", PresenceReason::Disconnected);
    s.wait(1.mins());
    s.expect_presence("ana", "offline", PresenceReason::Schedule);

    s.agent("ana").connects();

    s.expect_connected("ana");
    assert_eq!(s.agent("ana").is(), "offline", "work was over meanwhile");
}

#[test]
fn pres_09_the_end_of_hours_takes_overrides_and_a_pause_with_it() {
    let mut s = ana_at_ten().pause("lunch", false, None);
    s.wait(60.mins());
    s.expect_presence("ana", "online", PresenceReason::Schedule);
    s.agent("ana").sets_in("support", "away");
    s.expect_presence_in("support", "ana", "away", PresenceReason::Override);
    s.agent("ana").pauses("lunch");
    s.expect_presence("ana", "away", PresenceReason::Paused);

    s.wait(120.mins());

    let view = s.expect_presence("ana", "offline", PresenceReason::Schedule);
    assert!(view.overrides.is_empty() && view.pausing.is_none());
}

#[test]
fn pres_09_hours_that_are_changed_count_from_their_next_boundary() {
    let mut s = ana_at_ten();
    s.wait(60.mins());
    s.expect_presence("ana", "online", PresenceReason::Schedule);

    s.changes_agent("ana", |ana| ana.hours = Some(hours(&["10:00-11:00"])));
    s.wait(60.mins());
    s.expect_presence("ana", "offline", PresenceReason::Schedule);
    s.changes_agent("ana", |ana| ana.hours = None);

    assert_eq!(s.engine.next_deadline(), None);
}

#[test]
fn pres_09_hours_follow_their_own_clock_through_a_change_of_it() {
    // In Prague the clock goes from 02:00 to 03:00 on 2026-03-29, a Sunday.
    let night = hours_in("Europe/Prague", &[Weekday::Sunday], &["01:30-03:30"]);
    let mut s = Scenario::office("support")
        .agents(["ana"])
        .hours_of("ana", night);
    let midnight = Timestamp(1_774_742_400_000);
    s.now = midnight;
    s.agent("ana").connects();
    s.expect_presence("ana", "offline", PresenceReason::Schedule);
    s.expect_connected("ana");

    s.wait(30.mins());
    let view = s.expect_presence("ana", "online", PresenceReason::Schedule);
    assert_eq!(view.standing.global.since, midnight + 30.mins());
    s.wait(60.mins());

    let view = s.expect_presence("ana", "offline", PresenceReason::Schedule);
    assert_eq!(
        view.standing.global.since,
        midnight + 90.mins(),
        "there is no hour from two to three"
    );
}

#[test]
fn pres_09_an_agent_without_a_place_in_its_hours_explains_itself_by_the_choice() {
    let mut s = ana_at_ten();
    s.wait(60.mins());
    s.expect_presence("ana", "online", PresenceReason::Schedule);

    assert_eq!(s.agent("ana").chain(None), [LinkKind::Choice]);
}
