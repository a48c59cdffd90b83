//! What a restart must not change (PRES-20, ROUTE-20).

use deskbell::domain::{
    AgentId, ChatState, CloseReason, Limits, PresenceReason, Reachability, Status, Timestamp,
};
use deskbell::engine::{Engine, StateRecord};
use uuid::Uuid;

use crate::scenario::{GRACE, RESTORE_WITHIN, RING_TIMEOUT, ROUND_PAUSE, Scenario, Units};

fn ana_and_bo() -> Scenario {
    Scenario::office("support")
        .agents(["ana", "bo"])
        .all_available()
}

#[test]
fn pres_20_after_a_crash_the_status_stands_for_a_fresh_grace() {
    let mut s = Scenario::office("support").agents(["ana"]).all_available();
    let before = s.agent("ana").presence_view();

    s.restart_after(10.mins());
    s.expect_disconnected("ana");
    s.wait_to_the_instant(GRACE);

    assert_eq!(s.agent("ana").presence_view(), before);
    s.agent("ana").connects();
    s.expect_connected("ana");
    s.wait(10.mins());
    assert_eq!(s.agent("ana").presence_view(), before);
}

#[test]
fn pres_20_after_a_crash_who_does_not_come_back_is_lost() {
    let mut s = Scenario::office("support").agents(["ana"]).all_available();

    s.restart_after(1.secs());
    s.expect_disconnected("ana");
    s.wait(GRACE);

    s.expect_lost("ana");
    s.expect_presence("ana", "offline", PresenceReason::Disconnected);
}

#[test]
fn pres_20_a_grace_goes_on_as_if_there_had_been_no_crash() {
    let mut s = Scenario::office("support").agents(["ana"]).all_available();
    s.agent("ana").disconnects();
    s.expect_disconnected("ana");
    s.wait(30.secs());

    s.restart_after(10.secs());
    s.wait(20.secs());

    s.expect_lost("ana");
    s.expect_presence("ana", "offline", PresenceReason::Disconnected);
    s.restart_after(1.secs());
    s.wait_to_the_instant(5.mins());
    s.agent("ana").connects();
    s.expect_connected("ana");
    s.expect_presence("ana", "online", PresenceReason::Reconnected);
    assert!(GRACE < RESTORE_WITHIN);
}

#[test]
fn pres_20_after_a_crash_nobody_is_offered_anything_before_it_is_back() {
    let mut s = ana_and_bo();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");

    s.restart_after(10.mins());

    s.expect_disconnected("ana");
    s.expect_disconnected("bo");
    s.expect_missed("v1").by("ana");
    s.agent("bo").connects();
    s.expect_connected("bo");
    s.expect_offer("v1").to("bo");
}

#[test]
fn pres_20_deadlines_that_fire_before_recovery_offer_nothing_to_the_disconnected() {
    let mut s = ana_and_bo();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    let stored = s.engine.durable();
    s.engine = Engine::restore(Limits::default(), stored, s.now).unwrap();

    s.wait(RING_TIMEOUT);

    s.expect_missed("v1").by("ana");
}

#[test]
fn route_20_an_offer_rings_on_through_a_restart() {
    let mut s = ana_and_bo();
    s.visitor("v1").starts_chat();
    let before = s.expect_offer("v1").to("ana");
    s.wait(10.secs());

    s.restart_after(5.secs());
    s.expect_disconnected("ana");
    s.expect_disconnected("bo");
    assert_eq!(s.agent("ana").snapshot().offers, [before]);
    s.agent("ana").accepts("v1");

    s.expect_accepted("v1").by("ana");
}

#[test]
fn route_09_a_pause_between_rounds_goes_on_through_a_restart() {
    let mut s = Scenario::office("support").agents(["ana"]).all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.agent("ana").rejects("v1");
    s.expect_rejected("v1").by("ana");
    let until = s.expect_round_paused("v1");

    s.restart_after(1.secs());
    s.expect_disconnected("ana");
    s.agent("ana").connects();
    s.expect_connected("ana");
    s.wait(ROUND_PAUSE);

    assert_eq!(s.event("a new round").at, until);
    assert_eq!(s.expect_offer("v1").to("ana").number.0, 2);
}

#[test]
fn chat_05_a_message_sent_again_after_a_restart_is_known() {
    let mut s = ana_and_bo();
    s.visitor("v1").asks_with_message("m1", "Hello");
    s.expect_queued("v1");
    s.expect_message("v1");
    s.expect_offer("v1").to("ana");
    s.agent("ana").accepts("v1");
    s.expect_accepted("v1").by("ana");

    s.restart_after(1.secs());
    s.expect_disconnected("ana");
    s.expect_disconnected("bo");
    s.visitor("v1").sends("m1", "Hello");
    s.visitor("v1").sends("m2", "Are you there?");

    assert_eq!(s.expect_message("v1").1.message.seq, 2);
}

#[test]
fn the_records_of_an_ended_offer_are_there_until_they_were_taken() {
    // In one long step an offer is missed, the round ends and the next begins.
    let mut s = Scenario::office("support").agents(["ana"]).all_available();
    s.visitor("v1").starts_chat();
    let first = s.expect_offer("v1").to("ana");

    s.wait(45.secs());
    s.expect_missed("v1").by("ana");
    s.expect_round_paused("v1");
    s.expect_round_started("v1");
    s.expect_offer("v1").to("ana");

    let chat_id = s.chat_id("v1");
    let subject = deskbell::engine::Subject::Offer(chat_id, first.number);
    let stale = [subject].into();
    assert_eq!(s.engine.records(&stale).offers.len(), 1);
    s.engine.forget_closed();
    assert!(s.engine.records(&stale).offers.is_empty());
}

#[test]
fn offers_that_were_withdrawn_do_not_pile_up() {
    let mut s = Scenario::office("support").agents(["ana"]).all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");

    for _ in 0..10 {
        s.agent("ana").sets("away");
        s.expect_presence("ana", "away", PresenceReason::Chosen);
        s.expect_withdrawn("v1", deskbell::domain::WithdrawReason::AgentUnavailable)
            .by("ana");
        s.agent("ana").sets("online");
        s.expect_presence("ana", "online", PresenceReason::Chosen);
        s.expect_offer("v1").to("ana");
        s.engine.forget_closed();
        assert_eq!(s.engine.durable().offers.len(), 1);
    }
}

#[test]
fn offers_that_matter_no_more_are_passed_over_in_a_restore() {
    let mut s = ana_and_bo();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.agent("ana").rejects("v1");
    s.expect_rejected("v1").by("ana");
    s.expect_offer("v1").to("bo");
    let record = s.engine.durable();
    let mut fuller = record.clone();
    let mut earlier = fuller.offers[0].clone();
    earlier.round = 0;
    fuller.offers[0] = earlier;

    let restored = Engine::restore(Limits::default(), fuller, s.now).unwrap();

    let kept = restored.durable().offers;
    assert_eq!(kept, record.offers[1..]);
    assert_eq!(restored, {
        let mut settled = restored.clone();
        settled.forget_closed();
        settled
    });
}

/// Ana has the chat of `v1`, that of `v2` rings at Bo, and that of `v3` waits.
fn a_full_record() -> StateRecord {
    let mut s = Scenario::office("support")
        .capacity(1)
        .agents(["ana", "bo"])
        .all_available();
    s.visitor("v1").asks_with_message("m1", "Hello");
    s.expect_queued("v1");
    s.expect_message("v1");
    s.expect_offer("v1").to("ana");
    s.agent("ana").accepts("v1");
    s.expect_accepted("v1").by("ana");
    s.visitor("v2").starts_chat();
    s.expect_offer("v2").to("bo");
    s.visitor("v3").starts_chat();
    s.engine.durable()
}

#[test]
fn an_engine_is_not_restored_from_records_that_contradict_each_other() {
    type Damage = fn(&mut StateRecord);
    let rows: [(&str, Damage); 9] = [
        ("a message is missing", |r| r.messages.clear()),
        ("an offer of nobody", |r| {
            let rings = r.offers.iter_mut().find(|offer| offer.ended_at.is_none());
            rings.unwrap().agent_id = AgentId(Uuid::nil());
        }),
        ("an offer number that is too great", |r| {
            let chat = r.chats.iter_mut().find(|c| c.state == ChatState::Waiting);
            chat.unwrap().last_offer.0 = 0;
        }),
        ("an offer at an agent over its capacity", |r| {
            let ana = r.agents[0].0.id;
            let rings = r.offers.iter_mut().find(|offer| offer.ended_at.is_none());
            rings.unwrap().agent_id = ana;
        }),
        ("an active chat of nobody", |r| {
            r.chats[0].participants.clear();
        }),
        ("a waiting chat of somebody", |r| {
            for chat in &mut r.chats {
                chat.state = ChatState::Waiting;
            }
        }),
        ("a chat of an unknown queue", |r| {
            r.chats[0].queue_id = Some(deskbell::domain::QueueId(Uuid::nil()));
        }),
        ("a member that is no agent", |r| {
            r.queues[0].1.insert(AgentId(Uuid::nil()));
        }),
        ("an offer at an agent who is lost", |r| {
            for (_, facts) in &mut r.agents {
                facts.facts.reachability = Reachability::Lost {
                    since: Timestamp(0),
                    becomes: Status::Offline,
                };
            }
        }),
    ];
    for (name, damage) in rows {
        let mut record = a_full_record();
        let before = record.clone();
        assert!(Engine::restore(Limits::default(), before, Timestamp(0)).is_ok());

        damage(&mut record);

        let restored = Engine::restore(Limits::default(), record, Timestamp(0));
        assert!(restored.is_err(), "{name}");
    }
}

#[test]
fn a_waiting_chat_that_somebody_refused_needs_its_pause() {
    let mut s = Scenario::office("support").agents(["ana"]).all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.agent("ana").rejects("v1");
    s.expect_rejected("v1").by("ana");
    s.expect_round_paused("v1");
    let mut record = s.engine.durable();
    record.chats[0].round_starts_at = None;

    let mut restored = Engine::restore(Limits::default(), record, s.now).unwrap();
    let connect =
        deskbell::engine::PresenceCommand::Connect(deskbell::domain::ConnectionId(Uuid::nil()));
    let applied = restored.apply(
        s.now,
        deskbell::engine::Command::Presence {
            agent_id: s.agent_id("ana"),
            by: None,
            command: connect,
        },
    );

    assert!(applied.is_ok(), "the connection starts the pause anew");
    assert!(restored.next_deadline().is_some());
}

#[test]
fn a_chat_that_is_over_is_no_part_of_what_is_restored() {
    let mut s = ana_and_bo();
    s.visitor("v1").asks_with_message("m1", "Hello");
    s.expect_queued("v1");
    s.expect_message("v1");
    s.expect_offer("v1").to("ana");
    s.agent("ana").accepts("v1");
    s.expect_accepted("v1").by("ana");
    s.agent("ana").closes("v1");
    s.expect_closed("v1", CloseReason::AgentClosed);

    let durable = s.engine.durable();

    assert!(durable.chats.is_empty() && durable.offers.is_empty() && durable.messages.is_empty());
}
