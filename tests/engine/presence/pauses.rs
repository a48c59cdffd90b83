//! Pauses, paid and unpaid, and what happens when one lasts for too long (PRES-17, PRES-18).

use deskbell::domain::{Actor, Overrun, PresenceReason, Role, ShownReason, WithdrawReason};
use deskbell::engine::Refusal;

use crate::scenario::{Scenario, Units};

fn with_pauses() -> Scenario {
    Scenario::office("support")
        .agents(["ana"])
        .pause("coffee", true, None)
        .pause("lunch", false, Some((30.mins(), Overrun::Flag)))
        .pause("smoke", false, Some((5.mins(), Overrun::End)))
        .all_available()
}

#[test]
fn pres_17_a_paused_agent_is_away() {
    let mut s = with_pauses();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");

    s.agent("ana").pauses("coffee");

    let view = s.expect_presence("ana", "away", PresenceReason::Paused);
    let pausing = view.pausing.unwrap();
    assert!(pausing.paid && view.paid);
    assert_eq!(
        (pausing.since, pausing.set_by),
        (s.now, Actor::Agent(s.agent_id("ana")))
    );
    s.expect_withdrawn("v1", WithdrawReason::AgentUnavailable)
        .by("ana");
    s.expect_shown("support", "messenger", ShownReason::NobodyOnline);
    s.wait(5.secs());
    s.agent("ana").ends_pause();
    s.expect_presence("ana", "online", PresenceReason::Chosen);
    s.expect_offer("v1").to("ana");
}

#[test]
fn pres_18_an_unpaid_pause_is_unpaid_time() {
    let mut s = with_pauses();

    s.agent("ana").pauses("smoke");

    assert!(
        !s.expect_presence("ana", "away", PresenceReason::Paused)
            .paid
    );
    s.agent("ana").ends_pause();
    assert!(
        s.expect_presence("ana", "online", PresenceReason::Chosen)
            .paid
    );
}

#[test]
fn pres_17_a_pause_that_lasts_for_too_long_ends() {
    let mut s = with_pauses();
    s.agent("ana").pauses("smoke");
    s.expect_presence("ana", "away", PresenceReason::Paused);
    s.wait_to_the_instant(5.mins());
    assert_eq!(s.agent("ana").is(), "away");

    s.wait(1.secs());

    let view = s.expect_presence("ana", "online", PresenceReason::Chosen);
    assert_eq!(view.standing.global.by, Actor::System);
}

#[test]
fn pres_17_a_pause_that_lasts_for_too_long_is_marked_and_goes_on() {
    let mut s = with_pauses();
    s.agent("ana").pauses("lunch");
    s.expect_presence("ana", "away", PresenceReason::Paused);

    s.wait(30.mins());

    let view = s.expect_presence("ana", "away", PresenceReason::Paused);
    assert!(view.pausing.unwrap().overdue);
    s.wait(300.mins());
    assert_eq!(s.agent("ana").is(), "away");
    assert_eq!(s.engine.next_deadline(), None);
}

#[test]
fn pres_17_another_pause_takes_the_place_of_the_first() {
    let mut s = with_pauses();
    s.agent("ana").pauses("smoke");
    s.expect_presence("ana", "away", PresenceReason::Paused);
    s.wait(4.mins());

    s.agent("ana").pauses("coffee");
    s.expect_presence("ana", "away", PresenceReason::Paused);
    s.wait(10.mins());
    assert_eq!(s.agent("ana").is(), "away");
    s.agent("ana").pauses("coffee");

    let since = s.agent("ana").presence_view().pausing.unwrap().since;
    assert!(since < s.now, "the pause that stands goes on");
}

#[test]
fn pres_17_a_pause_goes_on_as_it_began_whatever_becomes_of_its_kind() {
    let mut s = with_pauses();
    s.agent("ana").pauses("smoke");
    s.expect_presence("ana", "away", PresenceReason::Paused);

    s.changes_pause("smoke", |pause| {
        pause.longest = None;
        pause.paid = true;
    });
    s.archives_pause("smoke");
    assert!(!s.agent("ana").presence_view().paid);
    s.wait(5.mins());

    s.expect_presence("ana", "online", PresenceReason::Chosen);
    s.agent("ana").pauses("smoke");
    s.expect_refused(Refusal::UnknownPause);
}

#[test]
fn pres_17_there_is_nothing_to_end_without_a_pause() {
    let mut s = with_pauses();

    s.agent("ana").ends_pause();

    s.expect_refused(Refusal::NotPaused);
}

#[test]
fn pres_03_the_global_status_ends_a_pause() {
    let mut s = with_pauses();
    s.agent("ana").pauses("smoke");
    s.expect_presence("ana", "away", PresenceReason::Paused);

    s.agent("ana").sets("online");

    let view = s.expect_presence("ana", "online", PresenceReason::Chosen);
    assert_eq!(view.pausing, None);
    assert_eq!(s.engine.next_deadline(), None);
}

#[test]
fn pres_05_an_admin_pauses_an_agent() {
    let mut s = with_pauses().people(["ada"]).role("ada", Role::Admin);

    s.agent("ada").pauses_other("ana", "coffee");

    let view = s.expect_presence("ana", "away", PresenceReason::Paused);
    assert_eq!(
        view.pausing.unwrap().set_by,
        Actor::Agent(s.agent_id("ada"))
    );
    assert_eq!(view.standing.global.by, Actor::Agent(s.agent_id("ada")));
}

#[test]
fn pres_17_a_pause_takes_nothing_from_who_is_not_online() {
    let mut s = with_pauses();
    s.agent("ana").sets("invisible");
    s.expect_presence("ana", "invisible", PresenceReason::Chosen);

    s.agent("ana").pauses("coffee");

    assert!(
        s.expect_presence("ana", "invisible", PresenceReason::Chosen)
            .pausing
            .is_some()
    );
}
