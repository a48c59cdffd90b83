//! Invisible agents, and the offers that come to them late (PRES-10, PRES-11).

use deskbell::domain::{
    Millis, ParticipantRole, PresenceReason, ShownReason, Status, Strategy, WithdrawReason,
};
use deskbell::engine::{Refusal, Reply};

use crate::scenario::{Scenario, Units};

#[test]
fn pres_10_an_invisible_agent_gets_no_offers_and_goes_on_in_its_chats() {
    let mut s = Scenario::office("support")
        .agents(["ana", "bo"])
        .all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.agent("ana").accepts("v1");
    s.expect_accepted("v1").by("ana");

    s.agent("ana").sets("invisible");
    s.expect_presence("ana", "invisible", PresenceReason::Chosen);
    s.visitor("v2").starts_chat();

    s.expect_offer("v2").to("bo");
    s.agent("ana").sends("v1", "a1", "Still here.");
    s.expect_message("v1");
}

/// Ana is invisible, Bo online; Ana wants chats that have waited for half a minute.
fn ana_invisible() -> Scenario {
    let mut s = Scenario::office("support")
        .queue_settings(|queue| queue.ring_timeout = None)
        .agents(["ana", "bo"])
        .agent_with("ana", |ana| {
            ana.offers_when_invisible_after = Some(30.secs());
        })
        .all_available();
    s.agent("ana").sets("invisible");
    s.expect_presence("ana", "invisible", PresenceReason::Chosen);
    s
}

#[test]
fn pres_10_an_invisible_agent_is_offline_to_visitors_and_online_inside_its_chats() {
    let mut s = Scenario::office("support").agents(["ana"]).all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.agent("ana").accepts("v1");
    s.expect_accepted("v1").by("ana");

    s.agent("ana").sets("invisible");

    s.expect_presence("ana", "invisible", PresenceReason::Chosen);
    let card = s.visitor("v1").snapshot().chats[0].agents[0].clone();
    assert_eq!(
        card.status,
        Some(Status::Online),
        "nothing changed in the chat"
    );
    s.expect_shown("support", "messenger", ShownReason::NobodyOnline);
    s.agent("ana").sets("away");
    s.expect_presence("ana", "away", PresenceReason::Chosen);
    s.expect_seen("v1", "ana", "away");
    s.agent("ana").sets("invisible");
    s.expect_presence("ana", "invisible", PresenceReason::Chosen);
    s.expect_seen("v1", "ana", "online");
}

#[test]
fn pres_10_going_invisible_takes_back_what_rings() {
    let mut s = Scenario::office("support").agents(["ana"]).all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");

    s.agent("ana").sets("invisible");

    s.expect_presence("ana", "invisible", PresenceReason::Chosen);
    s.expect_withdrawn("v1", WithdrawReason::AgentUnavailable)
        .by("ana");
}

#[test]
fn pres_10_an_invisible_agent_joins_a_chat_by_replying() {
    let mut s = ana_invisible();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("bo");

    s.agent("ana").sends("v1", "a1", "Hello");

    s.expect_withdrawn("v1", WithdrawReason::AcceptedElsewhere)
        .by("bo");
    let view = s.expect_taken("v1").by("ana");
    assert_eq!(view.agents[0].status, Some(Status::Online));
    s.expect_message("v1");
}

#[test]
fn pres_10_an_invisible_agent_joins_a_chat_that_somebody_has() {
    let mut s = ana_invisible();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("bo");
    s.agent("bo").accepts("v1");
    s.expect_accepted("v1").by("bo");

    s.agent("ana").sends("v1", "a1", "May I?");

    let view = s.expect_joined("v1", "ana", ParticipantRole::Agent);
    assert_eq!(view.agents.len(), 2);
    s.expect_notice("v1");
    s.expect_message("v1");
    s.agent("ana").sends("v1", "a1", "May I?");
    assert!(matches!(s.reply(), Reply::AlreadySent(..)));
}

#[test]
fn pres_10_joining_by_a_reply_needs_room_and_a_place_in_the_queue() {
    let mut s = Scenario::office("support")
        .capacity(1)
        .people(["ana", "bo", "cy"])
        .queue("help", "support", ["ana", "bo"])
        .all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.agent("ana").accepts("v1");
    s.expect_accepted("v1").by("ana");
    for name in ["ana", "cy"] {
        s.agent(name).sets("invisible");
        s.expect_presence(name, "invisible", PresenceReason::Chosen);
    }
    s.visitor("v2").starts_chat();
    s.expect_offer("v2").to("bo");

    s.agent("ana").sends("v2", "a1", "Hello");
    s.expect_refused(Refusal::AtCapacity);
    s.agent("cy").sends("v2", "c1", "Hello");
    s.expect_refused(Refusal::NotParticipant);
}

#[test]
fn pres_10_who_is_away_does_not_join_by_replying() {
    let mut s = ana_invisible();
    s.agent("ana").sets("away");
    s.expect_presence("ana", "away", PresenceReason::Chosen);
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("bo");

    s.agent("ana").sends("v1", "a1", "Hello");

    s.expect_refused(Refusal::NotParticipant);
}

#[test]
fn pres_11_a_chat_that_nobody_answers_is_offered_to_the_invisible() {
    let mut s = ana_invisible();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("bo");
    s.agent("bo").logs_out();
    s.expect_logged_out("bo");
    s.expect_presence("bo", "offline", PresenceReason::LoggedOut);
    s.expect_withdrawn("v1", WithdrawReason::AgentUnavailable)
        .by("bo");
    s.wait_to_the_instant(30.secs());
    assert!(s.agent("ana").snapshot().offers.is_empty());

    s.wait(0.secs());

    s.expect_offer("v1").to("ana");
    s.agent("ana").accepts("v1");
    s.expect_accepted("v1").by("ana");
}

#[test]
fn pres_11_a_chat_that_rings_unanswered_rings_at_the_invisible_too() {
    let mut s = ana_invisible();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("bo");

    s.wait(30.secs());
    s.expect_offer("v1").to("ana");
    s.agent("bo").accepts("v1");

    s.expect_offer_accepted("v1").by("bo");
    s.expect_withdrawn("v1", WithdrawReason::AcceptedElsewhere)
        .by("ana");
    s.expect_taken("v1").by("bo");
}

#[test]
fn pres_11_what_happens_at_the_instant_at_which_a_chat_becomes_late_does_not_take_its_offer() {
    let mut s = ana_invisible();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("bo");
    s.wait(10.secs());
    s.visitor("v2").starts_chat();
    s.expect_offer("v2").to("bo");
    s.agent("bo").logs_out();
    s.expect_logged_out("bo");
    s.expect_presence("bo", "offline", PresenceReason::LoggedOut);
    for chat in ["v1", "v2"] {
        s.expect_withdrawn(chat, WithdrawReason::AgentUnavailable)
            .by("bo");
    }
    s.wait(20.secs());
    s.expect_offer("v1").to("ana");
    s.wait_to_the_instant(Millis(9_999));

    s.agent("ana").accepts("v1");
    s.expect_accepted("v1").by("ana");
    s.wait(0.secs());

    s.expect_offer("v2").to("ana");
}

#[test]
fn pres_11_online_agents_come_before_the_invisible() {
    let mut s = ana_invisible();
    s.agent("bo").disconnects();
    s.expect_disconnected("bo");
    s.visitor("v1").starts_chat();
    s.wait(20.secs());
    s.agent("bo").connects();

    s.expect_connected("bo");
    s.expect_offer("v1").to("bo");
}

#[test]
fn pres_11_who_did_not_ask_for_late_offers_gets_none() {
    let mut s = ana_invisible();
    s.changes_agent("ana", |ana| ana.offers_when_invisible_after = None);
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("bo");

    s.wait(60.mins());

    assert!(s.agent("ana").snapshot().offers.is_empty());
}

#[test]
fn pres_11_a_late_offer_is_taken_back_when_it_is_not_wanted_any_more() {
    type Change = fn(&mut Scenario);
    let rows: [(&str, Change); 4] = [
        ("offline", |s| {
            s.agent("ana").sets("offline");
            s.expect_presence("ana", "offline", PresenceReason::Chosen);
        }),
        ("no late offers", |s| {
            s.changes_agent("ana", |ana| ana.offers_when_invisible_after = None);
        }),
        ("a pause", |s| {
            s.agent("ana").pauses("lunch");
            s.expect_presence("ana", "invisible", PresenceReason::Chosen);
        }),
        ("no room", |s| {
            s.changes_agent("ana", |ana| ana.capacity = 1.try_into().unwrap());
        }),
    ];
    for (name, change) in rows {
        let mut s = ana_invisible().pause("lunch", false, None);
        if name == "no room" {
            s.visitor("v0").starts_chat();
            s.expect_offer("v0").to("bo");
            s.agent("ana").sends("v0", "a1", "Hello");
            s.expect_withdrawn("v0", WithdrawReason::AcceptedElsewhere)
                .by("bo");
            s.expect_taken("v0").by("ana");
            s.expect_message("v0");
        }
        s.visitor("v1").starts_chat();
        s.expect_offer("v1").to("bo");
        s.wait(30.secs());
        s.expect_offer("v1").to("ana");

        change(&mut s);

        s.expect_withdrawn("v1", WithdrawReason::AgentUnavailable)
            .by("ana");
    }
}

#[test]
fn pres_11_an_invisible_agent_who_drains_gets_no_late_offers() {
    let mut s = ana_invisible();
    s.visitor("v0").starts_chat();
    s.expect_offer("v0").to("bo");
    s.agent("ana").sends("v0", "a1", "Hello");
    s.expect_withdrawn("v0", WithdrawReason::AcceptedElsewhere)
        .by("bo");
    s.expect_taken("v0").by("ana");
    s.expect_message("v0");
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("bo");
    s.wait(30.secs());
    s.expect_offer("v1").to("ana");

    s.agent("ana").sets_after_chats("offline");

    s.expect_presence("ana", "invisible", PresenceReason::Chosen);
    s.expect_withdrawn("v1", WithdrawReason::AgentUnavailable)
        .by("ana");
}

#[test]
fn pres_11_an_agent_who_goes_invisible_late_is_offered_what_has_waited() {
    let mut s = ana_invisible();
    s.agent("ana").sets("away");
    s.expect_presence("ana", "away", PresenceReason::Chosen);
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("bo");
    s.wait(60.secs());

    s.agent("ana").sets("invisible");

    s.expect_presence("ana", "invisible", PresenceReason::Chosen);
    s.expect_offer("v1").to("ana");
}

#[test]
fn pres_11_the_next_of_the_invisible_is_asked_when_the_first_rejects() {
    let mut s = Scenario::office("support")
        .queue_settings(|queue| queue.ring_timeout = None)
        .agents(["ana", "bo", "cy"])
        .agent_with("ana", |ana| {
            ana.offers_when_invisible_after = Some(30.secs());
        })
        .agent_with("cy", |cy| cy.offers_when_invisible_after = Some(30.secs()))
        .all_available();
    for name in ["ana", "cy"] {
        s.agent(name).sets("invisible");
        s.expect_presence(name, "invisible", PresenceReason::Chosen);
    }
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("bo");
    s.wait(30.secs());
    s.expect_offer("v1").to("ana");

    s.agent("ana").rejects("v1");

    s.expect_rejected("v1").by("ana");
    s.expect_offer("v1").to("cy");
}

/// Ana and cy are invisible and want late offers of a broadcast, to which ana may say yes at once; bo alone is online.
fn broadcast_to_two_invisible(ana_accepts: bool) -> Scenario {
    let mut s = Scenario::office("support")
        .queue_settings(|queue| {
            queue.strategy = Strategy::Broadcast;
            queue.ring_timeout = None;
        })
        .agents(["ana", "bo", "cy"])
        .agent_with("ana", |ana| {
            ana.offers_when_invisible_after = Some(30.secs());
            ana.auto_accept = ana_accepts;
        })
        .agent_with("cy", |cy| cy.offers_when_invisible_after = Some(30.secs()))
        .all_available();
    for name in ["ana", "cy"] {
        s.agent(name).sets("invisible");
        s.expect_presence(name, "invisible", PresenceReason::Chosen);
    }
    s
}

/// The only one that was online is not any more.
fn bo_goes_away(s: &mut Scenario) {
    s.expect_offer("v1").to("bo");
    s.agent("bo").sets("away");
    s.expect_presence("bo", "away", PresenceReason::Chosen);
    s.expect_withdrawn("v1", WithdrawReason::AgentUnavailable)
        .by("bo");
}

#[test]
fn pres_11_a_broadcast_rings_at_all_of_the_invisible_whoever_else_is_there() {
    let mut s = broadcast_to_two_invisible(false);
    s.visitor("v1").starts_chat();
    bo_goes_away(&mut s);

    s.wait(30.secs());

    s.expect_offer("v1").to("ana");
    s.expect_offer("v1").to("cy");
}

#[test]
fn pres_11_a_broadcast_that_is_assigned_rings_at_no_further_invisible_agent() {
    let mut s = broadcast_to_two_invisible(true);
    s.visitor("v1").starts_chat();
    bo_goes_away(&mut s);

    s.wait(30.secs());

    s.expect_offer("v1").to("ana");
    s.expect_accepted("v1").by("ana");
    assert!(s.agent("cy").snapshot().offers.is_empty());
}

#[test]
fn pres_20_late_offers_come_through_a_restart() {
    let mut s = ana_invisible();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("bo");
    s.wait(10.secs());

    s.restart_after(5.secs());
    s.expect_disconnected("ana");
    s.expect_disconnected("bo");
    s.agent("ana").connects();
    s.expect_connected("ana");
    s.wait(15.secs());

    s.expect_offer("v1").to("ana");
}
