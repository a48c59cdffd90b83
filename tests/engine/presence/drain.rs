//! A status for when the chats have ended (PRES-21).

use deskbell::domain::{Actor, PresenceReason, ShownReason, WithdrawReason};

use crate::scenario::{Scenario, Units};

/// Ana has taken the chats of `v1` and `v2`, and that of `v3` rings at her.
fn busy() -> Scenario {
    let mut s = Scenario::office("support").agents(["ana"]).all_available();
    for visitor in ["v1", "v2"] {
        s.visitor(visitor).starts_chat();
        s.expect_offer(visitor).to("ana");
        s.agent("ana").accepts(visitor);
        s.expect_accepted(visitor).by("ana");
    }
    s.visitor("v3").starts_chat();
    s.expect_offer("v3").to("ana");
    s
}

#[test]
fn pres_21_no_new_offers_and_the_wanted_status_when_the_last_chat_ends() {
    let mut s = busy();

    s.agent("ana").sets_after_chats("offline");

    let view = s.expect_presence("ana", "away", PresenceReason::Draining);
    assert_eq!(view.wanted.unwrap().status.as_str(), "offline");
    for chat in ["v1", "v2"] {
        s.expect_seen(chat, "ana", "away");
    }
    s.expect_withdrawn("v3", WithdrawReason::AgentUnavailable)
        .by("ana");
    s.expect_shown("support", "messenger", ShownReason::NobodyOnline);
    s.agent("ana").closes("v1");
    s.expect_closed("v1", deskbell::domain::CloseReason::AgentClosed);
    assert_eq!(s.agent("ana").is(), "away");
    s.visitor("v2").ends();

    s.expect_closed("v2", deskbell::domain::CloseReason::VisitorEnded);
    let view = s.expect_presence("ana", "offline", PresenceReason::Drained);
    assert_eq!(view.wanted, None);
    assert_eq!(view.choice.set_by, Actor::Agent(s.agent_id("ana")));
}

#[test]
fn pres_21_without_a_chat_the_status_comes_at_once() {
    let mut s = Scenario::office("support").agents(["ana"]).all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");

    s.agent("ana").sets_after_chats("away");

    s.expect_presence("ana", "away", PresenceReason::Chosen);
    s.expect_withdrawn("v1", WithdrawReason::AgentUnavailable)
        .by("ana");
}

#[test]
fn pres_21_setting_a_status_meanwhile_ends_the_wish() {
    let mut s = busy();
    s.agent("ana").sets_after_chats("offline");
    s.expect_presence("ana", "away", PresenceReason::Draining);
    for chat in ["v1", "v2"] {
        s.expect_seen(chat, "ana", "away");
    }
    s.expect_withdrawn("v3", WithdrawReason::AgentUnavailable)
        .by("ana");

    s.agent("ana").sets("online");

    let view = s.expect_presence("ana", "online", PresenceReason::Chosen);
    assert_eq!(view.wanted, None);
    for chat in ["v1", "v2"] {
        s.expect_seen(chat, "ana", "online");
    }
    s.expect_offer("v3").to("ana");
}

#[test]
fn pres_21_the_wish_survives_a_restart_and_a_blink() {
    let mut s = busy();
    s.agent("ana").sets_after_chats("offline");
    s.expect_presence("ana", "away", PresenceReason::Draining);
    for chat in ["v1", "v2"] {
        s.expect_seen(chat, "ana", "away");
    }
    s.expect_withdrawn("v3", WithdrawReason::AgentUnavailable)
        .by("ana");

    s.restart_after(5.secs());
    s.expect_disconnected("ana");
    s.agent("ana").connects();
    s.expect_connected("ana");
    for chat in ["v1", "v2"] {
        s.visitor(chat).ends();
        s.expect_closed(chat, deskbell::domain::CloseReason::VisitorEnded);
    }

    s.expect_presence("ana", "offline", PresenceReason::Drained);
}
