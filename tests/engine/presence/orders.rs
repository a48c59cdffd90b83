//! Orders of events that nobody planned.

use deskbell::domain::{CloseReason, PresenceReason, Role, Seat};
use deskbell::engine::{Command, PresenceCommand, Refusal};

use super::ana_online;
use crate::scenario::{GRACE, Scenario, Units};

#[test]
fn an_agent_can_be_archived_whatever_it_is_in_the_middle_of() {
    type Deed = fn(&mut Scenario);
    let rows: [(&str, Deed); 8] = [
        ("a pause", |s| s.agent("ana").pauses("lunch")),
        ("a grace", |s| s.agent("ana").disconnects()),
        ("a lease", |s| s.agent("ana").is_pinged_for_offers()),
        ("a custom status", |s| s.agent("ana").sets("phone")),
        ("an override", |s| s.agent("ana").sets_in("support", "away")),
        ("late offers", |s| s.agent("ana").sets("invisible")),
        ("a seat of its own", |s| {
            s.changes_agent("ana", |ana| ana.seat = Seat::Assigned);
        }),
        ("an offer", |s| {
            s.visitor("v1").asks_for(None, None);
        }),
    ];
    for (name, deed) in rows {
        let mut s = Scenario::office("support")
            .agents(["ana", "bo"])
            .pause(
                "lunch",
                false,
                Some((5.mins(), deskbell::domain::Overrun::End)),
            )
            .status("phone", deskbell::domain::Status::Online, |status| {
                status.longest_a_day = Some(1.mins());
            })
            .settings(|settings| {
                settings.seats = 1;
                settings.inactivity.away_after = Some(10.mins());
            })
            .agent_with("ana", |ana| {
                ana.offers_when_invisible_after = Some(1.mins());
            })
            .all_available();
        deed(&mut s);
        s.wait(1.secs());

        s.archives_agent("ana");

        s.forget_log();
        assert_eq!(s.agent("bo").is(), "online", "{name}: the seat is Bo's");
        s.wait(120.mins());
        s.forget_log();
    }
}

#[test]
fn nothing_can_be_said_of_an_agent_that_was_archived() {
    let mut s = ana_online();
    s.archives_agent("ana");
    s.forget_log();
    let agent_id = s.agent_id("ana");

    for command in [
        PresenceCommand::Act,
        PresenceCommand::Ping { takes_offers: true },
        PresenceCommand::EndPause,
    ] {
        s.does(Command::Presence {
            agent_id,
            by: None,
            command,
        });
        s.expect_refused(Refusal::UnknownAgent);
    }
    s.agent("ana").disconnects();
    s.expect_refused(Refusal::UnknownAgent);
}

#[test]
fn a_manager_who_was_archived_manages_nobody() {
    let mut s = ana_online().people(["ada"]).role("ada", Role::Admin);
    s.archives_agent("ada");
    s.forget_log();

    s.agent("ada").sets_of("ana", "away");
    s.expect_refused(Refusal::NotYourAgent);
    s.agent("ada").sets_office("support", Some("away"));
    s.expect_refused(Refusal::NotYourAgent);
}

#[test]
fn the_last_chat_can_end_after_the_agent_that_drains_was_lost() {
    let mut s = ana_online();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.agent("ana").accepts("v1");
    s.expect_accepted("v1").by("ana");
    s.agent("ana").sets_after_chats("away");
    s.expect_presence("ana", "away", PresenceReason::Draining);
    s.expect_seen("v1", "ana", "away");
    s.agent("ana").disconnects();
    s.expect_disconnected("ana");
    s.wait(GRACE);
    s.expect_lost("ana");
    s.expect_presence("ana", "offline", PresenceReason::Disconnected);
    s.expect_seen("v1", "ana", "offline");

    s.visitor("v1").ends();
    s.expect_closed("v1", CloseReason::VisitorEnded);
    s.expect_changed("ana");
    assert_eq!(s.agent("ana").is(), "offline");
    s.agent("ana").connects();

    s.expect_connected("ana");
    s.expect_presence("ana", "away", PresenceReason::Drained);
}

#[test]
fn the_end_of_a_grace_of_a_pause_and_of_a_lease_can_fall_on_one_instant() {
    let mut s = ana_online()
        .pause(
            "lunch",
            false,
            Some((GRACE, deskbell::domain::Overrun::End)),
        )
        .settings(|settings| settings.lease_ttl = GRACE);
    s.agent("ana").pauses("lunch");
    s.expect_presence("ana", "away", PresenceReason::Paused);
    s.agent("ana").is_pinged();
    s.expect_leased("ana");
    s.expect_changed("ana");
    s.agent("ana").disconnects();
    s.expect_disconnected("ana");

    s.wait(GRACE);

    s.expect_lost("ana");
    s.expect_lease_expired("ana");
    s.expect_changed("ana");
    s.expect_changed("ana");
    assert_eq!(s.agent("ana").is(), "offline");
    s.agent("ana").connects();
    s.expect_connected("ana");
    s.expect_presence("ana", "online", PresenceReason::Reconnected);
}

#[test]
fn two_agents_can_arrive_at_the_last_seat_in_one_instant() {
    let mut s = Scenario::office("support")
        .agents(["ana", "bo"])
        .settings(|settings| settings.seats = 1);
    for name in ["bo", "ana"] {
        s.agent(name).comes_online();
    }

    let online = ["ana", "bo"].map(|name| s.agent(name).is() == "online");

    assert_eq!(online.iter().filter(|online| **online).count(), 1);
}

#[test]
fn an_agent_leaves_its_only_queue_in_the_middle_of_a_chat_there() {
    let mut s = ana_online();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.agent("ana").accepts("v1");
    s.expect_accepted("v1").by("ana");
    s.agent("ana").sets_in("support", "away");
    s.expect_changed("ana");
    s.expect_seen("v1", "ana", "away");

    s.sets_members("support", &[]);

    s.expect_members("support");
    s.expect_changed("ana");
    s.expect_seen("v1", "ana", "online");
    s.agent("ana").closes("v1");
    s.expect_closed("v1", CloseReason::AgentClosed);
    s.archives_queue("support");
    s.expect_set_up();
}
