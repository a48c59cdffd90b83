//! How long a chat will wait, and what a queue remembers for it (AVAIL-5).

use deskbell::domain::{Capacity, CloseReason, Millis, Strategy};

use crate::scenario::{Scenario, Units};

fn office(capacity: i64) -> Scenario {
    Scenario::office("support").capacity(capacity)
}

/// A chat that the agent has for so long.
fn handles(s: &mut Scenario, chat: &str, agent: &str, takes: Millis) {
    s.visitor(chat).starts_chat();
    s.expect_offer(chat).to(agent);
    s.agent(agent).accepts(chat);
    s.expect_accepted(chat).by(agent);
    s.wait_to_the_instant(takes);
    s.agent(agent).closes(chat);
    s.expect_closed(chat, CloseReason::AgentClosed);
}

fn holds(s: &mut Scenario, chat: &str, agent: &str) {
    s.visitor(chat).starts_chat();
    s.expect_offer(chat).to(agent);
    s.agent(agent).accepts(chat);
    s.expect_accepted(chat).by(agent);
}

fn waits(s: &Scenario, chat: &str) -> Option<i64> {
    let wait = s.chat(chat).estimated_wait?;
    assert_eq!(wait.0 % 1000, 0);
    Some(wait.as_secs())
}

fn remembered(s: &Scenario) -> Option<Millis> {
    s.engine.durable().queues[0].2.handling
}

#[test]
fn avail_05_nothing_is_estimated_before_a_chat_has_ended() {
    let mut s = office(1).agents(["ana"]).all_available();
    holds(&mut s, "v1", "ana");
    s.visitor("v2").starts_chat();

    assert_eq!(waits(&s, "v2"), None);
    assert_eq!(s.chat("v2").position, Some(1));
}

#[test]
fn avail_05_a_chat_waits_for_as_many_to_end_as_stand_before_it_and_its_own() {
    let mut s = office(1).agents(["ana"]).all_available();
    handles(&mut s, "v0", "ana", 60.secs());
    holds(&mut s, "v1", "ana");
    for chat in ["v2", "v3"] {
        s.visitor(chat).starts_chat();
    }

    assert_eq!((waits(&s, "v2"), waits(&s, "v3")), (Some(60), Some(120)));
    assert_eq!(waits(&s, "v1"), None, "it does not wait");
    s.visitor("v2").ends();
    s.expect_closed("v2", CloseReason::VisitorEnded);
    assert_eq!(waits(&s, "v3"), Some(60));
    assert_eq!(remembered(&s), Some(60.secs()), "nobody has had v2");
}

#[test]
fn avail_05_the_more_are_there_the_shorter_it_is_and_with_nobody_it_is_unknown() {
    let mut s = office(1).agents(["ana", "bo"]).all_available();
    handles(&mut s, "v0", "ana", 60.secs());
    holds(&mut s, "v1", "bo");
    holds(&mut s, "v2", "ana");
    s.visitor("v3").starts_chat();
    assert_eq!(waits(&s, "v3"), Some(30), "two at once");

    s.changes_agent("bo", |bo| bo.capacity = Capacity::try_from(2).unwrap());
    s.expect_offer("v3").to("bo");
    assert_eq!(waits(&s, "v3"), Some(0), "it rings");
    for agent in ["ana", "bo"] {
        s.agent(agent).sets("away");
    }
    s.forget_log();
    assert_eq!(waits(&s, "v3"), None);
}

#[test]
fn avail_05_each_chat_counts_for_an_eighth_and_the_longest_for_four_hours() {
    let mut s = office(1).agents(["ana"]).all_available();
    handles(&mut s, "v1", "ana", 60.secs());
    assert_eq!(remembered(&s), Some(60.secs()));

    handles(&mut s, "v2", "ana", 140.secs());
    assert_eq!(remembered(&s), Some(70.secs()));
    handles(&mut s, "v3", "ana", 30.secs());
    assert_eq!(remembered(&s), Some(65.secs()));

    handles(&mut s, "v4", "ana", (24 * 60).mins());
    let expected = 65_000 + (4 * 3_600_000 - 65_000) / 8;
    assert_eq!(remembered(&s), Some(Millis(expected)));
}

#[test]
fn avail_05_what_a_queue_has_learnt_survives_a_restart() {
    let mut s = office(1).agents(["ana"]).all_available();
    handles(&mut s, "v1", "ana", 60.secs());
    holds(&mut s, "v2", "ana");
    s.visitor("v3").starts_chat();
    assert_eq!(waits(&s, "v3"), Some(60));

    s.restart_after(1.secs());
    s.agent("ana").connects();
    s.forget_log();

    assert_eq!(s.chat("v3").position, Some(1));
    assert_eq!(waits(&s, "v3"), Some(60));
}

#[test]
fn avail_05_where_agents_pick_a_chat_waits_for_its_turn_all_the_same() {
    let mut s = Scenario::office("support")
        .queue_settings(|settings| settings.strategy = Strategy::Manual)
        .capacity(1)
        .agents(["ana"])
        .all_available();
    s.visitor("v1").starts_chat();
    s.agent("ana").picks("v1");
    s.expect_taken("v1").by("ana");
    s.wait_to_the_instant(60.secs());
    s.agent("ana").closes("v1");
    s.expect_closed("v1", CloseReason::AgentClosed);

    s.visitor("v2").starts_chat();

    assert_eq!(waits(&s, "v2"), Some(60));
}

#[test]
fn avail_03_the_poll_tells_what_one_more_would_wait_if_the_tenant_shows_it() {
    let mut s = office(1).agents(["ana"]).all_available();
    let told = |s: &Scenario| {
        let shown = s.engine.availability();
        shown[&s.office_id("support")].estimated_wait
    };
    handles(&mut s, "v1", "ana", 100.secs());
    holds(&mut s, "v2", "ana");
    assert_eq!(told(&s), None, "it does not show it");

    s.changes_settings(|settings| settings.show_queue = true);

    assert_eq!(told(&s), Some(90.secs()), "in steps of 15 s");
    s.visitor("v3").starts_chat();
    assert_eq!(told(&s), Some(195.secs()));
}

#[test]
fn avail_05_a_visitor_asks_for_the_places_of_its_waiting_chats() {
    let mut s = office(1).agents(["ana"]).all_available();
    holds(&mut s, "v1", "ana");
    s.visitor("v2").starts_chat();
    s.visitor("v3").starts_chat();
    let visitor_id = s.chat("v3").visitor_id;

    let waiting = s.engine.waiting_of(visitor_id);

    assert_eq!(waiting.len(), 1);
    assert_eq!(
        (waiting[0].chat_id, waiting[0].position),
        (s.chat_id("v3"), 2)
    );
    let active = s.chat("v1").visitor_id;
    assert_eq!(s.engine.waiting_of(active), []);
}
