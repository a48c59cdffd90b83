//! Overrides for offices, and what admins and supervisors set for others (PRES-3, PRES-4, PRES-5).

use deskbell::domain::{Actor, PresenceReason, Role, ShownReason, Status, WhenNotLive};
use deskbell::engine::{Refusal, Reply, SetupCommand, Use};

use crate::scenario::{Scenario, Units};

/// Ana is online in both offices, Bo in support alone; Sue supervises sales, Ada is an admin.
fn two_offices() -> Scenario {
    let s = Scenario::office("support")
        .and_office("sales", WhenNotLive::Messenger)
        .people(["ana", "bo", "sue", "ada"])
        .role("sue", Role::Supervisor)
        .role("ada", Role::Admin)
        .queue("help", "support", ["ana", "bo"])
        .queue("orders", "sales", ["ana"]);
    let sales = s.office_id("sales");
    s.agent_with("sue", |agent| agent.office_ids = [sales].into())
        .all_available()
}

#[test]
fn pres_04_an_agent_is_online_in_one_office_and_away_in_the_other() {
    let mut s = two_offices();

    s.agent("ana").sets_in("sales", "away");

    let view = s.expect_presence_in("sales", "ana", "away", PresenceReason::Override);
    let (support, sales) = (s.office_id("support"), s.office_id("sales"));
    assert_eq!(view.standing.offices[&support].status, Status::Online);
    assert_eq!(view.standing.global.status, Status::Online);
    assert_eq!(
        view.overrides[&sales].set_by,
        Actor::Agent(s.agent_id("ana"))
    );
    assert_eq!(view.standing.offices[&sales].since, s.now);
    s.visitor("v1").asks_for(Some("sales"), None);
    s.expect_refused(Refusal::NotLive {
        mode: deskbell::domain::Mode::Messenger,
    });
    s.visitor("v2").starts_chat();
    s.expect_offer("v2").to("ana");
}

#[test]
fn pres_04_an_agent_who_is_away_is_online_in_one_office() {
    let mut s = two_offices();
    s.agent("ana").sets("away");
    s.expect_presence("ana", "away", PresenceReason::Chosen);

    s.agent("ana").sets_in("sales", "online");

    s.expect_presence_in("sales", "ana", "online", PresenceReason::Override);
    assert_eq!(s.agent("ana").is_in("support"), "away");
    s.visitor("v1").asks_for(Some("sales"), None);
    s.expect_queued("v1");
    s.expect_offer("v1").to("ana");
    s.visitor("v2").asks_for(Some("support"), None);
    s.expect_queued("v2");
    s.expect_offer("v2").to("bo");
}

#[test]
fn pres_04_an_override_that_is_cleared_gives_way_to_the_global_status() {
    let mut s = two_offices();
    s.agent("ana").sets_in("sales", "away");
    s.expect_presence_in("sales", "ana", "away", PresenceReason::Override);
    s.wait(5.secs());

    s.agent("ana").clears("sales");

    let view = s.expect_presence_in("sales", "ana", "online", PresenceReason::Chosen);
    assert!(view.overrides.is_empty());
    s.agent("ana").clears("sales");
    assert_eq!(s.reply(), Reply::Presence(view));
}

#[test]
fn pres_04_an_override_is_for_offices_to_which_the_agent_belongs() {
    let mut s = two_offices();

    s.agent("bo").sets_in("sales", "away");
    s.expect_refused(Refusal::NotInOffice);
    s.agent("bo").clears("sales");
    s.expect_refused(Refusal::NotInOffice);
    s.agent("bo").sets_in("nowhere", "away");
    s.expect_refused(Refusal::UnknownOffice);
}

#[test]
fn pres_04_setting_the_same_override_again_changes_nothing() {
    let mut s = two_offices();
    s.agent("ana").sets_in("sales", "away");
    s.expect_presence_in("sales", "ana", "away", PresenceReason::Override);
    let before = s.agent("ana").presence_view();
    s.wait(5.secs());

    s.agent("ana").sets_in("sales", "away");

    assert_eq!(s.agent("ana").presence_view(), before);
}

#[test]
fn pres_03_the_global_status_clears_every_override() {
    let mut s = two_offices();
    s.agent("ana").sets_in("sales", "away");
    s.expect_presence_in("sales", "ana", "away", PresenceReason::Override);
    s.agent("ana").sets_in("support", "invisible");
    s.expect_presence_in("support", "ana", "invisible", PresenceReason::Override);

    s.agent("ana").sets("online");

    let view = s.expect_presence_in("sales", "ana", "online", PresenceReason::Chosen);
    assert!(view.overrides.is_empty());
    assert_eq!(s.agent("ana").is_in("support"), "online");
}

#[test]
fn pres_03_going_offline_ends_an_override_too() {
    let mut s = two_offices();
    s.agent("ana").sets("away");
    s.expect_presence("ana", "away", PresenceReason::Chosen);
    s.agent("ana").sets_in("sales", "online");
    s.expect_presence_in("sales", "ana", "online", PresenceReason::Override);

    s.agent("ana").logs_out();

    s.expect_logged_out("ana");
    s.expect_presence_in("sales", "ana", "offline", PresenceReason::LoggedOut);
}

#[test]
fn pres_05_an_admin_sets_the_status_of_anybody_and_is_on_record() {
    let mut s = two_offices();
    s.wait(1.mins());

    s.agent("ada").sets_of("ana", "away");
    let view = s.expect_presence("ana", "away", PresenceReason::Chosen);
    assert_eq!(view.choice.set_by, Actor::Agent(s.agent_id("ada")));
    assert_eq!(view.standing.global.by, Actor::Agent(s.agent_id("ada")));
    s.agent("ada").sets_of_in("ana", "sales", "online");
    let view = s.expect_presence_in("sales", "ana", "online", PresenceReason::Override);
    let sales = s.office_id("sales");
    assert_eq!(
        view.overrides[&sales].set_by,
        Actor::Agent(s.agent_id("ada"))
    );
    s.agent("ada").clears_of("ana", "sales");
    s.expect_presence_in("sales", "ana", "away", PresenceReason::Chosen);
}

#[test]
fn pres_05_a_supervisor_sets_the_status_of_the_agents_of_its_offices_alone() {
    let mut s = two_offices();

    s.agent("sue").sets_of("ana", "away");
    s.expect_presence("ana", "away", PresenceReason::Chosen);
    s.agent("sue").sets_of("bo", "away");
    s.expect_refused(Refusal::NotYourAgent);
    s.agent("sue").sets_office("support", Some("away"));
    s.expect_refused(Refusal::NotYourAgent);
}

#[test]
fn pres_05_an_agent_sets_nobody_elses_status() {
    let mut s = two_offices();

    s.agent("bo").sets_of("ana", "away");
    s.expect_refused(Refusal::NotYourAgent);
    s.agent("bo").pauses_other("ana", "lunch");
    s.expect_refused(Refusal::NotYourAgent);
    s.agent("bo").sets_office("support", Some("away"));
    s.expect_refused(Refusal::NotYourAgent);
}

#[test]
fn pres_05_a_whole_office_goes_away_in_one_step_and_comes_back() {
    let mut s = two_offices();

    s.agent("ada").sets_office("support", Some("away"));

    let ana = s.expect_presence_in("support", "ana", "away", PresenceReason::Override);
    let bo = s.expect_presence_in("support", "bo", "away", PresenceReason::Override);
    assert_eq!(s.agent("ana").is_in("sales"), "online");
    assert_eq!(bo.standing.global.status, Status::Online);
    let support = s.office_id("support");
    assert_eq!(
        ana.overrides[&support].set_by,
        Actor::Agent(s.agent_id("ada"))
    );
    assert_eq!(s.reply(), Reply::Presences(vec![*ana, *bo]));
    let (event, _) = s.expect_shown("support", "messenger", ShownReason::NobodyOnline);
    assert_eq!(event.actor, Actor::Agent(s.agent_id("ada")));
    s.expect_nothing_else_shown();

    s.agent("ada").sets_office("support", None);

    s.expect_presence_in("support", "ana", "online", PresenceReason::Chosen);
    s.expect_presence_in("support", "bo", "online", PresenceReason::Chosen);
    s.expect_shown("support", "live", ShownReason::AgentOnline);
    s.expect_nothing_else_shown();
}

#[test]
fn pres_05_a_whole_office_online_calls_nobody_to_work() {
    let mut s = two_offices();
    s.agent("bo").logs_out();
    s.expect_logged_out("bo");
    s.expect_presence("bo", "offline", PresenceReason::LoggedOut);
    s.agent("ana").sets("away");
    s.expect_presence("ana", "away", PresenceReason::Chosen);

    s.agent("ada").sets_office("support", Some("online"));

    s.expect_presence_in("support", "ana", "online", PresenceReason::Override);
    assert_eq!(s.agent("bo").is_in("support"), "offline");
}

#[test]
fn pres_05_a_supervisor_sets_its_whole_office() {
    let mut s = two_offices();

    s.agent("sue").sets_office("sales", Some("away"));

    s.expect_presence_in("sales", "ana", "away", PresenceReason::Override);
    s.expect_presence_in("sales", "sue", "away", PresenceReason::Override);
}

#[test]
fn pres_04_an_agent_who_leaves_an_office_leaves_its_override_there() {
    let mut s = two_offices();
    s.agent("ana").sets_in("sales", "away");
    s.expect_presence_in("sales", "ana", "away", PresenceReason::Override);

    s.sets_members("orders", &[]);
    s.expect_members("orders");
    let view = s.expect_changed("ana");
    assert!(view.overrides.is_empty());
    s.sets_members("orders", &["ana"]);
    s.expect_members("orders");
    s.expect_changed("ana");

    assert_eq!(s.agent("ana").is_in("sales"), "online");
}

#[test]
fn pres_04_an_office_that_is_archived_takes_its_overrides_with_it() {
    let mut s = two_offices();
    s.agent("sue").sets_in("sales", "away");
    s.expect_presence_in("sales", "sue", "away", PresenceReason::Override);
    s.archives_queue("orders");
    s.expect_set_up();
    s.expect_changed("ana");

    s.archives_office("sales");

    s.expect_set_up();
    s.expect_set_up();
    let view = s.expect_changed("sue");
    assert!(view.overrides.is_empty() && view.standing.offices.is_empty());
}

#[test]
fn rule_02_an_office_with_something_in_its_inbox_stays() {
    let mut s = Scenario::office("support").people(["ana"]);
    s.visitor("v1").leaves_message(None, "Is anybody there?");
    let site = s.engine.durable().widgets[0].id;
    s.set_up(SetupCommand::ArchiveWidget(site, None));
    s.forget_log();

    s.archives_office("support");

    s.expect_refused(Refusal::InUse(Use::Chat));
}
