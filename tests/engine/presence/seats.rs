//! Seats: who may be online when there are more agents than seats (PRES-15).

use deskbell::domain::{LinkKind, PresenceReason, Seat, ShownReason, WithdrawReason};
use deskbell::engine::{FieldFault, Refusal, SetupCommand};

use crate::scenario::{GRACE, Scenario, Units};

/// Two seats for three; Ana and Bo came first.
fn two_seats() -> Scenario {
    Scenario::office("support")
        .agents(["ana", "bo", "cy"])
        .settings(|settings| settings.seats = 2)
        .all_available()
}

#[test]
fn pres_15_seats_go_by_order_of_arrival() {
    let mut s = two_seats();

    let cy = s.agent("cy").presence_view();

    assert_eq!(s.agent("ana").is(), "online");
    assert_eq!(s.agent("bo").is(), "online");
    assert_eq!(cy.standing.global.reason, PresenceReason::NoSeat);
    assert_eq!(cy.choice.status.as_str(), "online", "what it chose is kept");
    assert!(!cy.seated);
    assert_eq!(
        s.agent("cy").chain(None),
        [LinkKind::Choice, LinkKind::Seat]
    );
}

#[test]
fn pres_15_a_seat_that_is_freed_moves_on_at_once() {
    let mut s = two_seats();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");

    s.agent("ana").logs_out();

    s.expect_logged_out("ana");
    s.expect_presence("ana", "offline", PresenceReason::LoggedOut);
    s.expect_withdrawn("v1", WithdrawReason::AgentUnavailable)
        .by("ana");
    s.expect_offer("v1").to("bo");
    assert!(
        s.expect_presence("cy", "online", PresenceReason::Chosen)
            .seated
    );
}

#[test]
fn pres_15_a_seat_is_freed_by_a_loss_and_by_an_archived_agent() {
    let mut s = two_seats();
    s.agent("bo").disconnects();
    s.expect_disconnected("bo");
    s.wait(GRACE);
    s.expect_lost("bo");
    s.expect_presence("bo", "offline", PresenceReason::Disconnected);
    s.expect_presence("cy", "online", PresenceReason::Chosen);
    s.agent("bo").connects();
    s.expect_connected("bo");
    s.expect_presence("bo", "offline", PresenceReason::NoSeat);

    s.archives_agent("ana");

    s.expect_presence("ana", "offline", PresenceReason::LoggedOut);
    s.expect_presence("bo", "online", PresenceReason::Reconnected);
    s.expect_set_up();
    s.expect_set_up();
}

#[test]
fn pres_15_nobody_loses_a_seat_by_a_pause_or_by_being_away() {
    let mut s = two_seats().pause("lunch", false, None);
    s.agent("ana").pauses("lunch");
    s.expect_presence("ana", "away", PresenceReason::Paused);
    s.agent("bo").sets("away");
    s.expect_presence("bo", "away", PresenceReason::Chosen);
    s.agent("bo").disconnects();
    s.expect_disconnected("bo");

    assert_eq!(s.agent("cy").is(), "offline");
    s.agent("ana").ends_pause();

    s.expect_presence("ana", "online", PresenceReason::Chosen);
}

#[test]
fn pres_15_an_agent_without_a_seat_may_still_reply_and_its_office_is_not_live_by_it() {
    let mut s = Scenario::office("support")
        .agents(["ana"])
        .settings(|settings| settings.offline_replies = false)
        .all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.agent("ana").accepts("v1");
    s.expect_accepted("v1").by("ana");

    s.changes_settings(|settings| settings.seats = 0);

    s.expect_presence("ana", "offline", PresenceReason::NoSeat);
    s.expect_seen("v1", "ana", "offline");
    s.expect_shown("support", "messenger", ShownReason::NobodyOnline);
    s.agent("ana").sends("v1", "a1", "Still here.");
    s.expect_message("v1");
}

#[test]
fn pres_15_a_seat_of_its_own_is_kept_for_its_agent() {
    let mut s = Scenario::office("support")
        .agents(["ana", "bo", "cy"])
        .settings(|settings| settings.seats = 2)
        .agent_with("cy", |cy| cy.seat = Seat::Assigned);
    s.agent("ana").comes_online();
    s.agent("bo").comes_online();

    assert_eq!(s.agent("bo").is(), "offline", "the second seat is kept");
    s.agent("cy").comes_online();

    assert_eq!(s.agent("cy").is(), "online");
    assert_eq!(s.agent("ana").is(), "online");
}

#[test]
fn pres_15_assigning_a_seat_takes_it_from_who_came_last() {
    let mut s = two_seats();

    s.changes_agent("cy", |cy| cy.seat = Seat::Assigned);

    s.expect_presence("bo", "offline", PresenceReason::NoSeat);
    s.expect_presence("cy", "online", PresenceReason::Chosen);
}

#[test]
fn pres_15_a_new_agent_with_a_seat_of_its_own_takes_it_from_who_came_last() {
    let mut s = two_seats();
    let SetupCommand::CreateAgent(mut dee, password) = s.new_agent("dee", "dee@example.com") else {
        panic!("a new agent");
    };
    dee.seat = Seat::Assigned;

    s.set_up(SetupCommand::CreateAgent(dee, password));

    s.expect_set_up();
    s.expect_presence("bo", "offline", PresenceReason::NoSeat);
}

#[test]
fn pres_15_there_are_never_fewer_seats_than_are_assigned() {
    let mut s = two_seats();
    for name in ["ana", "bo"] {
        s.changes_agent(name, |agent| agent.seat = Seat::Assigned);
    }
    let mut cy = s.agent("cy").snapshot().me;
    cy.seat = Seat::Assigned;
    s.set_up(SetupCommand::UpdateAgent(Box::new(cy), None));
    s.expect_refused(Refusal::BadFields(vec![FieldFault::NoSeatLeft]));

    let mut settings = *s.engine.settings();
    settings.seats = 1;
    s.set_up(SetupCommand::UpdateSettings(settings));

    let faults = vec![FieldFault::SeatsBelowAssigned(2)];
    s.expect_refused(Refusal::BadFields(faults));
}

#[test]
fn pres_15_more_seats_let_who_waits_in_and_fewer_put_who_came_last_out() {
    let mut s = two_seats();

    s.changes_settings(|settings| settings.seats = 3);
    s.expect_presence("cy", "online", PresenceReason::Chosen);
    s.changes_settings(|settings| settings.seats = 1);

    s.expect_presence("bo", "offline", PresenceReason::NoSeat);
    s.expect_presence("cy", "offline", PresenceReason::NoSeat);
}

#[test]
fn pres_15_who_is_away_is_told_that_its_seat_is_gone() {
    let mut s = two_seats();
    s.agent("bo").sets("away");
    s.expect_presence("bo", "away", PresenceReason::Chosen);

    s.changes_settings(|settings| settings.seats = 1);

    assert!(
        !s.expect_presence("bo", "away", PresenceReason::Chosen)
            .seated
    );
}

#[test]
fn pres_15_no_lease_adds_a_seat() {
    let mut s = Scenario::office("support")
        .agents(["ana", "bo"])
        .settings(|settings| settings.seats = 1);
    s.agent("ana").comes_online();

    s.agent("bo").is_pinged_for_offers();

    s.expect_leased("bo");
    s.expect_changed("bo");
    s.expect_presence("bo", "offline", PresenceReason::NoSeat);
}

#[test]
fn pres_20_the_order_of_arrival_survives_a_restart() {
    let mut s = two_seats();

    s.restart_after(1.secs());
    for name in ["ana", "bo", "cy"] {
        s.expect_disconnected(name);
    }
    s.agent("cy").connects();
    s.expect_connected("cy");
    assert_eq!(s.agent("cy").is(), "offline");
    s.wait(GRACE);

    s.expect_lost("ana");
    s.expect_presence("ana", "offline", PresenceReason::Disconnected);
    s.expect_presence("cy", "online", PresenceReason::Chosen);
    s.expect_lost("bo");
    s.expect_presence("bo", "offline", PresenceReason::Disconnected);
}
