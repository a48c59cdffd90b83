//! Who gets a chat (ROUTE-2, -3, -13).

use deskbell::domain::{CloseReason, WhenNotLive, WithdrawReason};

use crate::scenario::{RING_TIMEOUT, Scenario, Units};

fn ana_and_bo() -> Scenario {
    Scenario::office("support")
        .agents(["ana", "bo"])
        .all_available()
}

#[test]
fn route_02_only_an_eligible_member_of_the_queue_is_offered_a_chat() {
    type Change = fn(&mut Scenario);
    let rows: [(&str, usize, Change); 6] = [
        ("away", 1, |s| s.agent("ana").sets("away")),
        ("invisible", 1, |s| s.agent("ana").sets("invisible")),
        ("offline", 1, |s| s.agent("ana").sets("offline")),
        ("logged out", 2, |s| s.agent("ana").logs_out()),
        ("without a connection", 1, |s| s.agent("ana").disconnects()),
        ("not a member", 2, |s| s.sets_members("support", &["bo"])),
    ];
    for (name, events, change) in rows {
        let mut s = ana_and_bo();

        change(&mut s);
        for _ in 0..events {
            s.event(name);
        }
        s.visitor("v1").starts_chat();

        s.expect_offer("v1").to("bo");
    }
}

#[test]
fn route_02_an_offer_counts_as_load() {
    let mut s = Scenario::office("support")
        .capacity(2)
        .agents(["ana"])
        .all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.agent("ana").accepts("v1");
    s.expect_accepted("v1").by("ana");
    s.visitor("v2").starts_chat();
    s.expect_offer("v2").to("ana");

    s.visitor("v3").starts_chat();
    s.agent("ana").rejects("v2");

    s.expect_rejected("v2").by("ana");
    s.expect_round_paused("v2");
    s.expect_offer("v3").to("ana");
}

#[test]
fn route_02_the_default_capacity_is_four() {
    let mut s = Scenario::office("support").agents(["ana"]).all_available();
    for visitor in ["v1", "v2", "v3", "v4"] {
        s.visitor(visitor).starts_chat();
        s.expect_offer(visitor).to("ana");
    }

    s.visitor("v5").starts_chat();
}

#[test]
fn route_03_longest_idle_is_who_came_online_first() {
    let mut s = Scenario::office("support").agents(["ana", "bo", "cy"]);
    for agent in ["cy", "ana", "bo"] {
        s.agent(agent).comes_online();
        s.wait(1.secs());
    }

    for (visitor, agent) in [("v1", "cy"), ("v2", "ana"), ("v3", "bo")] {
        s.visitor(visitor).starts_chat();
        s.expect_offer(visitor).to(agent);
        s.agent(agent).accepts(visitor);
        s.expect_accepted(visitor).by(agent);
        s.wait(1.secs());
    }
}

#[test]
fn route_03_longest_idle_ties_are_broken_by_the_id() {
    let mut s = Scenario::office("support").agents(["ana", "bo"]);
    s.agent("bo").comes_online();
    s.agent("ana").comes_online();

    s.visitor("v1").starts_chat();

    s.expect_offer("v1").to("ana");
}

#[test]
fn route_03_longest_idle_prefers_an_agent_without_a_chat() {
    let mut s = ana_and_bo();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.agent("ana").accepts("v1");
    s.expect_accepted("v1").by("ana");
    s.visitor("v2").starts_chat();
    s.expect_offer("v2").to("bo");
    s.agent("bo").accepts("v2");
    s.expect_accepted("v2").by("bo");
    s.wait(1.secs());
    s.agent("bo").closes("v2");
    s.expect_closed("v2", CloseReason::AgentClosed);

    s.visitor("v3").starts_chat();

    s.expect_offer("v3").to("bo");
}

#[test]
fn route_03_longest_idle_counts_from_the_end_of_the_last_chat() {
    let mut s = ana_and_bo();
    for (visitor, agent) in [("v1", "ana"), ("v2", "bo")] {
        s.visitor(visitor).starts_chat();
        s.expect_offer(visitor).to(agent);
        s.agent(agent).accepts(visitor);
        s.expect_accepted(visitor).by(agent);
    }
    s.agent("bo").closes("v2");
    s.expect_closed("v2", CloseReason::AgentClosed);
    s.wait(1.secs());
    s.visitor("v1").ends();
    s.expect_closed("v1", CloseReason::VisitorEnded);

    s.visitor("v3").starts_chat();

    s.expect_offer("v3").to("bo");
}

#[test]
fn route_03_longest_idle_spreads_chats_that_come_at_once() {
    let mut s = ana_and_bo();

    for (visitor, agent) in [("v1", "ana"), ("v2", "bo"), ("v3", "ana"), ("v4", "bo")] {
        s.visitor(visitor).starts_chat();
        s.expect_offer(visitor).to(agent);
    }
}

#[test]
fn route_03_an_offer_that_is_withdrawn_does_not_cost_the_agent_its_turn() {
    let mut s = Scenario::office("support")
        .agents(["ana", "bo", "cy"])
        .all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.agent("cy").picks("v1");
    s.expect_withdrawn("v1", WithdrawReason::AcceptedElsewhere)
        .by("ana");
    s.expect_taken("v1").by("cy");

    s.visitor("v2").starts_chat();

    s.expect_offer("v2").to("ana");
}

#[test]
fn route_13_an_agent_who_comes_online_is_offered_what_waits_up_to_its_capacity() {
    let mut s = Scenario::office("support")
        .capacity(2)
        .agents(["ana", "bo"]);
    s.agent("bo").comes_online();
    for visitor in ["v1", "v2"] {
        s.visitor(visitor).starts_chat();
        s.expect_offer(visitor).to("bo");
    }
    for visitor in ["v3", "v4", "v5"] {
        s.visitor(visitor).starts_chat();
    }

    s.agent("ana").comes_online();

    s.expect_offer("v3").to("ana");
    s.expect_offer("v4").to("ana");
}

#[test]
fn route_13_whatever_frees_capacity_offers_the_next_chat_in_the_same_step() {
    type Change = fn(&mut Scenario);
    let rows: [(&str, Change); 6] = [
        ("the agent closes a chat", |s| {
            s.agent("ana").closes("mine");
            s.expect_closed("mine", CloseReason::AgentClosed);
        }),
        ("the visitor ends it", |s| {
            s.visitor("mine").ends();
            s.expect_closed("mine", CloseReason::VisitorEnded);
        }),
        ("the visitor of an offer ends it", |s| {
            s.visitor("offered").ends();
            s.expect_withdrawn("offered", WithdrawReason::ChatClosed)
                .by("ana");
            s.expect_closed("offered", CloseReason::VisitorEnded);
        }),
        ("a colleague picks what rings", |s| {
            s.agent("bo").picks("offered");
            s.expect_withdrawn("offered", WithdrawReason::AcceptedElsewhere)
                .by("ana");
            s.expect_taken("offered").by("bo");
        }),
        ("an offer is rejected", |s| {
            s.agent("ana").rejects("offered");
            s.expect_rejected("offered").by("ana");
            s.expect_round_paused("offered");
        }),
        ("an offer is missed", |s| {
            s.wait(RING_TIMEOUT);
            s.expect_missed("offered").by("ana");
            s.expect_round_paused("offered");
        }),
    ];
    for (_, change) in rows {
        let mut s = Scenario::office("support")
            .capacity(2)
            .agents(["ana", "bo"]);
        s.agent("ana").comes_online();
        s.visitor("mine").starts_chat();
        s.expect_offer("mine").to("ana");
        s.agent("ana").accepts("mine");
        s.expect_accepted("mine").by("ana");
        s.visitor("offered").starts_chat();
        s.expect_offer("offered").to("ana");
        s.visitor("next").starts_chat();

        change(&mut s);

        s.expect_offer("next").to("ana");
    }
}

#[test]
fn route_13_an_agent_of_several_queues_is_offered_the_oldest_chat_of_all() {
    let mut s = Scenario::office("support")
        .capacity(1)
        .people(["ana", "bo"])
        .queue("help", "support", ["ana"])
        .queue("billing", "support", ["ana", "bo"]);
    s.agent("ana").comes_online();
    s.visitor("v0").asks_for(None, Some("help"));
    s.expect_queued("v0");
    s.expect_offer("v0").to("ana");
    for (visitor, queue) in [("v1", "billing"), ("v2", "help"), ("v3", "billing")] {
        s.visitor(visitor).asks_for(None, Some(queue));
        s.expect_queued(visitor);
        s.wait(1.secs());
    }

    s.visitor("v0").ends();
    s.expect_withdrawn("v0", WithdrawReason::ChatClosed)
        .by("ana");
    s.expect_closed("v0", CloseReason::VisitorEnded);

    s.expect_offer("v1").to("ana");
    s.agent("bo").comes_online();
    s.expect_offer("v3").to("bo");
}

#[test]
fn route_13_an_offer_withdrawn_in_one_queue_makes_room_for_a_chat_of_another() {
    let mut s = Scenario::office("support")
        .capacity(1)
        .people(["ana"])
        .queue("help", "support", ["ana"])
        .queue("billing", "support", ["ana"]);
    s.agent("ana").comes_online();
    s.visitor("v1").asks_for(None, Some("help"));
    s.expect_queued("v1");
    s.expect_offer("v1").to("ana");
    s.visitor("v2").asks_for(None, Some("billing"));
    s.expect_queued("v2");

    s.sets_members("help", &[]);

    s.expect_members("help");
    s.expect_withdrawn("v1", WithdrawReason::RemovedFromQueue)
        .by("ana");
    s.expect_offer("v2").to("ana");
}

#[test]
fn route_13_a_new_member_is_offered_what_waits() {
    let mut s = Scenario::office("support")
        .and_office("sales", WhenNotLive::Messenger)
        .capacity(1)
        .people(["ana", "bo"])
        .queue("help", "support", ["ana"]);
    s.agent("ana").comes_online();
    s.agent("bo").comes_online();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.visitor("v2").starts_chat();

    s.sets_members("help", &["ana", "bo"]);

    s.expect_members("help");
    s.expect_changed("bo");
    s.expect_offer("v2").to("bo");
}
