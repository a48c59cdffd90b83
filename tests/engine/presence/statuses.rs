//! Custom statuses: what they are built on, whether they have a part in chats, and how long a day (PRES-12, PRES-13).

use deskbell::domain::{PresenceReason, Status, WithdrawReason};
use deskbell::engine::Refusal;

use crate::scenario::{GRACE, Scenario, Units};

/// Ana has taken the chat of `v1`.
fn ana_in_a_chat() -> Scenario {
    let mut s = Scenario::office("support")
        .agents(["ana"])
        .status("training", Status::Away, |_| {})
        .status("paperwork", Status::Online, |status| {
            status.handles_chats = false;
            status.paid = false;
        })
        .status("phone", Status::Online, |status| {
            status.longest_a_day = Some(10.mins());
        })
        .all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.agent("ana").accepts("v1");
    s.expect_accepted("v1").by("ana");
    s
}

#[test]
fn pres_13_a_custom_status_is_what_its_base_is() {
    let mut s = ana_in_a_chat();

    s.agent("ana").sets("training");

    let view = s.expect_presence("ana", "away", PresenceReason::Chosen);
    assert!(view.choice.status_id.is_some() && view.paid);
    s.expect_seen("v1", "ana", "away");
    s.agent("ana").sends("v1", "a1", "Still here.");
    s.expect_message("v1");
}

#[test]
fn pres_13_a_status_without_a_part_in_chats_is_offline_and_refuses_replies() {
    let mut s = ana_in_a_chat();
    s.visitor("v2").starts_chat();
    s.expect_offer("v2").to("ana");

    s.agent("ana").sets("paperwork");

    let view = s.expect_presence("ana", "offline", PresenceReason::StatusForbidsChats);
    assert_eq!(view.choice.status, Status::Online);
    assert!(!view.paid);
    s.expect_seen("v1", "ana", "offline");
    s.expect_withdrawn("v2", WithdrawReason::AgentUnavailable)
        .by("ana");
    s.agent("ana").sends("v1", "a1", "Hello");
    s.expect_refused(Refusal::StatusForbidsChats);
    s.agent("ana").picks("v2");
    s.expect_refused(Refusal::StatusForbidsChats);
}

#[test]
fn pres_13_a_status_without_a_part_in_chats_is_offline_and_not_invisible() {
    let mut s = Scenario::office("support")
        .agents(["ana", "bo"])
        .status("hidden", Status::Invisible, |status| {
            status.handles_chats = false;
        })
        .all_available();
    s.agent("ana").sets("hidden");
    s.expect_presence("ana", "offline", PresenceReason::StatusForbidsChats);
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("bo");

    s.agent("ana").sends("v1", "a1", "Hello");

    s.expect_refused(Refusal::NotParticipant);
}

#[test]
fn pres_13_a_status_can_be_set_for_one_office() {
    let mut s = ana_in_a_chat();

    s.agent("ana").sets_in("support", "paperwork");

    let reason = PresenceReason::StatusForbidsChats;
    let view = s.expect_presence_in("support", "ana", "offline", reason);
    assert_eq!(view.standing.global.status, Status::Online);
    s.expect_seen("v1", "ana", "offline");
}

#[test]
fn pres_13_a_status_that_changes_changes_whoever_is_in_it() {
    let mut s = ana_in_a_chat();
    s.agent("ana").sets("training");
    s.expect_presence("ana", "away", PresenceReason::Chosen);
    s.expect_seen("v1", "ana", "away");

    s.changes_status("training", |status| status.base = Status::Online);
    s.expect_presence("ana", "online", PresenceReason::Chosen);
    s.expect_seen("v1", "ana", "online");
    s.changes_status("training", |status| status.handles_chats = false);
    s.expect_presence("ana", "offline", PresenceReason::StatusForbidsChats);
    s.expect_seen("v1", "ana", "offline");
    s.changes_status("training", |status| status.paid = false);
    assert!(!s.expect_changed("ana").paid);
}

#[test]
fn pres_13_who_is_in_a_status_that_is_archived_goes_on_in_its_base() {
    let mut s = ana_in_a_chat();
    s.agent("ana").sets("paperwork");
    s.expect_presence("ana", "offline", PresenceReason::StatusForbidsChats);
    s.expect_seen("v1", "ana", "offline");

    s.archives_status("paperwork");

    let view = s.expect_presence("ana", "online", PresenceReason::Chosen);
    assert!(view.choice.status_id.is_none() && view.paid);
    s.expect_seen("v1", "ana", "online");
    s.agent("ana").sets("paperwork");
    s.expect_refused(Refusal::UnknownStatus);
}

#[test]
fn pres_13_longer_in_a_status_than_a_day_allows_is_marked() {
    let mut s = ana_in_a_chat();
    s.agent("ana").sets("phone");
    s.expect_changed("ana");
    s.wait(4.mins());
    s.agent("ana").sets("online");
    s.expect_changed("ana");
    s.wait(60.mins());
    s.agent("ana").sets("phone");
    s.expect_changed("ana");
    s.wait(5.mins());
    assert_eq!(s.agent("ana").presence_view().over_limit_since, None);

    s.wait(1.mins());

    assert!(s.expect_changed("ana").over_limit_since.is_some());
    s.agent("ana").sets("online");
    assert_eq!(s.expect_changed("ana").over_limit_since, None);
}

#[test]
fn pres_13_the_time_in_a_status_counts_from_midnight_of_the_tenants_calendar() {
    let mut s = Scenario::office("support")
        .agents(["ana"])
        .settings(|settings| settings.time_zone = "Europe/Berlin".parse().unwrap())
        .status("phone", Status::Online, |status| {
            status.longest_a_day = Some(10.mins());
        })
        .all_available();
    s.agent("ana").sets("phone");
    s.expect_changed("ana");
    s.wait(11.mins());
    assert!(s.expect_changed("ana").over_limit_since.is_some());

    // It is nine in Greenwich and ten in Berlin.
    s.wait(((14 * 60) - 12).mins());
    assert!(s.agent("ana").presence_view().over_limit_since.is_some());
    s.wait(1.mins());

    assert_eq!(s.expect_changed("ana").over_limit_since, None);
    s.wait(10.mins());
    assert!(s.expect_changed("ana").over_limit_since.is_some());
}

#[test]
fn pres_13_who_is_not_there_uses_no_time_of_its_status() {
    let mut s = Scenario::office("support")
        .agents(["ana"])
        .status("phone", Status::Online, |status| {
            status.longest_a_day = Some(10.mins());
        })
        .all_available();
    s.agent("ana").sets("phone");
    s.expect_changed("ana");
    s.agent("ana").disconnects();
    s.expect_disconnected("ana");
    s.wait(GRACE);
    s.expect_lost("ana");
    s.expect_presence("ana", "offline", PresenceReason::Disconnected);

    s.wait(14.mins());

    assert_eq!(s.agent("ana").presence_view().over_limit_since, None);
    assert_eq!(s.engine.next_deadline(), None);
}

#[test]
fn pres_12_who_is_offline_may_still_reply() {
    let mut s = ana_in_a_chat();
    s.agent("ana").sets("offline");
    s.expect_presence("ana", "offline", PresenceReason::Chosen);
    s.expect_seen("v1", "ana", "offline");

    s.agent("ana").sends("v1", "a1", "By the way");

    s.expect_message("v1");
}

#[test]
fn pres_12_without_offline_replies_who_is_offline_writes_nothing() {
    let mut s = ana_in_a_chat();
    s.changes_settings(|settings| settings.offline_replies = false);
    s.agent("ana").sets("away");
    s.expect_presence("ana", "away", PresenceReason::Chosen);
    s.expect_seen("v1", "ana", "away");
    s.agent("ana").sends("v1", "a1", "Away is not offline");
    s.expect_message("v1");
    s.agent("ana").sets("offline");
    s.expect_presence("ana", "offline", PresenceReason::Chosen);
    s.expect_seen("v1", "ana", "offline");

    s.agent("ana").sends("v1", "a2", "By the way");
    s.expect_refused(Refusal::StatusForbidsChats);
    s.agent("ana").sends("v1", "a1", "Away is not offline");

    assert!(matches!(
        s.reply(),
        deskbell::engine::Reply::AlreadySent(..)
    ));
}

#[test]
fn pres_13_what_a_message_is_changed_to_is_a_reply_too() {
    let mut s = ana_in_a_chat();
    s.agent("ana").sends("v1", "a1", "Hello");
    s.agent("ana").sets("paperwork");
    s.forget_log();

    s.agent("ana").edits("v1", "a1", "Something else");

    s.expect_refused(Refusal::StatusForbidsChats);
}
