//! Inactivity: away, then offline, and back with the first act (PRES-6).

use deskbell::domain::{Actor, PresenceReason, Role, WhenNotLive};
use deskbell::engine::{FieldFault, Refusal};

use crate::scenario::{Scenario, Units};

/// Ana is online, and away after ten minutes without an act.
fn ten_minutes() -> Scenario {
    Scenario::office("support")
        .agents(["ana"])
        .settings(|settings| settings.inactivity.away_after = Some(10.mins()))
        .all_available()
}

#[test]
fn pres_06_an_agent_who_does_nothing_is_away() {
    let mut s = ten_minutes();
    s.agent("ana").acts();
    let acted = s.now;
    s.wait_to_the_instant(10.mins());
    assert_eq!(s.agent("ana").is(), "online");

    s.wait(1.secs());

    let view = s.expect_presence("ana", "away", PresenceReason::Inactivity);
    assert_eq!(view.standing.global.since, acted + 10.mins());
    assert_eq!(view.standing.global.by, Actor::System);
    assert_eq!(view.choice.reason, PresenceReason::Chosen);
}

#[test]
fn pres_06_an_act_on_any_connection_counts_for_all() {
    let mut s = ten_minutes();
    s.agent("ana").connects_as("phone");
    for _ in 0..5 {
        s.wait(9.mins());
        s.agent("ana").acts();
    }
    assert_eq!(s.agent("ana").is(), "online");
    s.agent("ana").disconnects_from("phone");
    s.wait(9.mins());
    assert_eq!(s.agent("ana").is(), "online");

    s.wait(1.mins());

    s.expect_presence("ana", "away", PresenceReason::Inactivity);
}

#[test]
fn pres_06_answering_a_chat_is_an_act() {
    let mut s = ten_minutes();
    s.wait(9.mins());
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.agent("ana").accepts("v1");
    s.expect_accepted("v1").by("ana");
    s.wait(9.mins());
    s.agent("ana").types("v1", true);
    s.expect_typing("v1");
    s.wait(9.mins());
    s.agent("ana").sends("v1", "a1", "Hello");
    s.expect_message("v1");

    s.wait(9.mins());

    assert_eq!(s.agent("ana").is(), "online");
}

#[test]
fn pres_06_neither_a_ping_nor_a_connection_nor_a_visitor_is_an_act_of_the_agent() {
    let mut s = ten_minutes();
    s.agent("ana").acts();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.agent("ana").accepts("v1");
    s.expect_accepted("v1").by("ana");
    s.wait(9.mins());

    s.agent("ana").is_pinged();
    s.expect_leased("ana");
    s.expect_changed("ana");
    s.agent("ana").connects_as("phone");
    s.agent("ana").disconnects_from("tab");
    s.visitor("v1").sends("m1", "Hello?");
    s.expect_message("v1");
    s.wait(1.mins());

    s.expect_presence("ana", "away", PresenceReason::Inactivity);
    s.expect_seen("v1", "ana", "away");
    s.agent("ana").is_pinged();
    s.expect_leased("ana");
    assert_eq!(s.agent("ana").is(), "away");
}

#[test]
fn pres_06_what_a_supervisor_does_about_others_is_an_act_of_its_own() {
    let mut s = ten_minutes().people(["ada"]).role("ada", Role::Admin);
    s.agent("ada").connects();
    s.expect_connected("ada");
    s.agent("ada").sets("online");
    s.expect_presence("ada", "online", PresenceReason::Chosen);
    s.wait(9.mins());

    s.agent("ada").sets_of("ana", "away");
    s.expect_presence("ana", "away", PresenceReason::Chosen);
    s.wait(9.mins());
    s.agent("ada").sets_office("support", None);
    s.wait(9.mins());

    assert_eq!(s.agent("ada").is(), "online");
}

#[test]
fn pres_06_the_second_step_is_offline() {
    let mut s = ten_minutes();
    s.changes_settings(|settings| settings.inactivity.offline_after = Some(30.mins()));
    s.agent("ana").acts();
    s.wait(10.mins());
    s.expect_presence("ana", "away", PresenceReason::Inactivity);

    s.wait(20.mins());

    s.expect_presence("ana", "offline", PresenceReason::Inactivity);
    assert_eq!(s.engine.next_deadline(), None);
}

#[test]
fn pres_06_offline_may_be_the_only_step_and_takes_who_is_away_too() {
    let mut s = ten_minutes();
    s.changes_settings(|settings| {
        settings.inactivity.away_after = None;
        settings.inactivity.offline_after = Some(20.mins());
    });
    s.agent("ana").sets("away");
    s.expect_presence("ana", "away", PresenceReason::Chosen);

    s.wait(20.mins());

    s.expect_presence("ana", "offline", PresenceReason::Inactivity);
}

#[test]
fn pres_06_an_invisible_agent_becomes_away_too() {
    let mut s = ten_minutes();
    s.agent("ana").sets("invisible");
    s.expect_presence("ana", "invisible", PresenceReason::Chosen);

    s.wait(10.mins());

    s.expect_presence("ana", "away", PresenceReason::Inactivity);
}

#[test]
fn pres_06_inactivity_beats_an_override_that_is_online() {
    let mut s = Scenario::office("support")
        .and_office("sales", WhenNotLive::Messenger)
        .people(["ana"])
        .queue("help", "support", ["ana"])
        .queue("orders", "sales", ["ana"])
        .settings(|settings| settings.inactivity.away_after = Some(10.mins()))
        .all_available();
    s.agent("ana").sets_in("sales", "online");
    s.expect_changed("ana");

    s.wait(10.mins());

    s.expect_presence_in("sales", "ana", "away", PresenceReason::Inactivity);
    assert_eq!(s.agent("ana").is_in("support"), "away");
}

#[test]
fn pres_06_without_resume_an_act_brings_nothing_back() {
    let mut s = ten_minutes();
    s.agent("ana").acts();
    s.wait(10.mins());
    s.expect_presence("ana", "away", PresenceReason::Inactivity);

    s.agent("ana").acts();
    assert_eq!(s.agent("ana").is(), "away");
    s.agent("ana").sets("online");

    s.expect_presence("ana", "online", PresenceReason::Chosen);
}

#[test]
fn pres_06_with_resume_the_first_act_brings_the_earlier_status_back() {
    for status in ["online", "invisible"] {
        let mut s = ten_minutes();
        s.changes_settings(|settings| settings.inactivity.resume = true);
        s.agent("ana").sets(status);
        if status == "invisible" {
            s.expect_presence("ana", status, PresenceReason::Chosen);
        }
        s.agent("ana").acts();
        s.wait(10.mins());
        s.expect_presence("ana", "away", PresenceReason::Inactivity);
        s.wait(60.mins());

        s.agent("ana").acts();

        let view = s.expect_presence("ana", status, PresenceReason::Resumed);
        assert_eq!(view.standing.global.since, s.now);
        s.wait(10.mins());
        s.expect_presence("ana", "away", PresenceReason::Inactivity);
    }
}

#[test]
fn pres_06_an_office_and_an_agent_narrow_the_delay() {
    let mut s = Scenario::office("support")
        .and_office("sales", WhenNotLive::Messenger)
        .people(["ana", "bo"])
        .queue("help", "support", ["ana", "bo"])
        .queue("orders", "sales", ["ana"])
        .settings(|settings| settings.inactivity.away_after = Some(10.mins()))
        .office_with("sales", |office| {
            office.inactivity.away_after = Some(5.mins());
        })
        .agent_with("bo", |agent| agent.inactivity.away_after = Some(2.mins()))
        .all_available();
    s.agent("ana").acts();
    s.agent("bo").acts();

    s.wait(2.mins());
    s.expect_presence("bo", "away", PresenceReason::Inactivity);
    s.wait(3.mins());
    s.expect_presence_in("sales", "ana", "away", PresenceReason::Inactivity);
    assert_eq!(s.agent("ana").is_in("support"), "online");
    s.wait(5.mins());

    s.expect_presence_in("support", "ana", "away", PresenceReason::Inactivity);
}

#[test]
fn pres_06_an_agent_who_joins_an_office_is_timed_there_at_once() {
    let mut s = Scenario::office("support")
        .and_office("sales", WhenNotLive::Messenger)
        .agents(["ana"])
        .settings(|settings| settings.inactivity.away_after = Some(60.mins()))
        .office_with("sales", |office| {
            office.inactivity.away_after = Some(5.mins());
        })
        .queue("orders", "sales", [])
        .all_available();
    s.agent("ana").acts();

    s.sets_members("orders", &["ana"]);
    s.expect_members("orders");
    s.expect_changed("ana");
    s.wait(5.mins());

    s.expect_presence_in("sales", "ana", "away", PresenceReason::Inactivity);
}

#[test]
fn pres_06_nobody_has_a_longer_delay_than_the_tenant_allows() {
    let mut s = ten_minutes();
    let mut ana = s.agent("ana").snapshot().me;
    ana.inactivity.away_after = Some(11.mins());

    s.set_up(deskbell::engine::SetupCommand::UpdateAgent(
        Box::new(ana),
        None,
    ));

    let faults = vec![FieldFault::BeyondTenant("away_after_s")];
    s.expect_refused(Refusal::BadFields(faults));
}

#[test]
fn pres_06_a_pause_counts_as_activity() {
    let mut s = ten_minutes();
    s.changes_settings(|settings| settings.inactivity.offline_after = Some(20.mins()));
    let mut s = s.pause("lunch", false, None);
    s.wait(9.mins());
    s.agent("ana").pauses("lunch");
    s.expect_presence("ana", "away", PresenceReason::Paused);

    s.wait(60.mins());
    s.agent("ana").ends_pause();
    s.expect_presence("ana", "online", PresenceReason::Chosen);
    s.wait(9.mins());

    assert_eq!(s.agent("ana").is(), "online");
    s.wait(1.mins());
    s.expect_presence("ana", "away", PresenceReason::Inactivity);
}

#[test]
fn pres_06_what_an_admin_sets_begins_the_time_anew() {
    let mut s = ten_minutes().people(["ada"]).role("ada", Role::Admin);
    s.agent("ana").acts();
    s.wait(10.mins());
    s.expect_presence("ana", "away", PresenceReason::Inactivity);

    s.agent("ada").sets_of("ana", "online");
    s.expect_presence("ana", "online", PresenceReason::Chosen);
    s.wait(10.mins());

    s.expect_presence("ana", "away", PresenceReason::Inactivity);
}
