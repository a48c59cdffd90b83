//! Offers: ring, accept, reject, miss, withdraw (ROUTE-5 to -11, -20).

use deskbell::domain::{
    ChatState, CloseReason, Millis, OfferState, PresenceReason, WithdrawReason,
};
use deskbell::engine::{ChatStateView, Refusal, Reply};

use crate::scenario::{GRACE, RING_TIMEOUT, ROUND_PAUSE, Scenario, Units};

/// Ana and Bo are online; the chat of `v1` rings at Ana.
fn ringing() -> Scenario {
    let mut s = Scenario::office("support")
        .agents(["ana", "bo"])
        .all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s
}

#[test]
fn route_05_an_accept_makes_the_agent_a_participant() {
    let mut s = ringing();

    s.agent("ana").accepts("v1");

    let chat = s.expect_accepted("v1").by("ana");
    assert_eq!(chat.agents[0].id, s.agent_id("ana"));
    assert_eq!(chat.position, None);
    assert_eq!(s.reply(), Reply::Chat(chat.clone()));
    assert_eq!(s.agent("ana").snapshot().chats, [chat]);
    assert!(s.agent("ana").snapshot().offers.is_empty());
    assert_eq!(
        s.engine.next_deadline(),
        Some(s.now + 10.mins() + Millis(1))
    );
}

#[test]
fn route_05_a_rejected_offer_goes_to_the_next_agent_at_once() {
    let mut s = ringing();

    s.agent("ana").rejects_offer("v1", 1, Some("not my field"));

    let reason = s.expect_rejected("v1").by("ana");
    assert_eq!(reason.as_deref(), Some("not my field"));
    assert_eq!(s.expect_offer("v1").to("bo").number.0, 2);
    let Reply::Offer(offer) = s.reply() else {
        panic!("an offer is the answer");
    };
    assert_eq!(offer.state, OfferState::Rejected);
}

#[test]
fn route_05_a_missed_offer_goes_to_the_next_longest_idle_agent() {
    let mut s = ringing();

    s.wait(RING_TIMEOUT);

    s.expect_missed("v1").by("ana");
    s.expect_offer("v1").to("bo");
}

#[test]
fn route_05_an_agent_who_refused_an_offer_goes_to_the_back_of_the_line() {
    type Refuse = fn(&mut Scenario);
    let rows: [Refuse; 2] = [
        |s| {
            s.wait(RING_TIMEOUT);
            s.expect_missed("v1").by("ana");
        },
        |s| {
            s.agent("ana").rejects("v1");
            s.expect_rejected("v1").by("ana");
        },
    ];
    for refuse in rows {
        let mut s = Scenario::office("support")
            .agents(["ana", "bo", "cy"])
            .all_available();
        s.visitor("v1").starts_chat();
        s.expect_offer("v1").to("ana");
        refuse(&mut s);
        s.expect_offer("v1").to("bo");

        s.visitor("v2").starts_chat();

        s.expect_offer("v2").to("cy");
    }
}

#[test]
fn route_05_without_a_ring_timeout_an_offer_rings_on() {
    let mut s = Scenario::office("support")
        .queue_settings(|settings| settings.ring_timeout = None)
        .agents(["ana", "bo"])
        .all_available();
    s.visitor("v1").starts_chat();
    let offer = s.expect_offer("v1").to("ana");
    assert_eq!(offer.expires_at, None);
    assert_eq!(s.engine.next_deadline(), None);

    s.wait((24 * 60).mins());
    s.agent("ana").accepts("v1");

    s.expect_accepted("v1").by("ana");
}

#[test]
fn route_06_an_offer_shows_who_asks_where_and_since_when() {
    let mut s = Scenario::office("support").agents(["ana"]);
    s.agent("ana").comes_online();
    let queued = s.now;
    s.visitor("v1").asks_with_message("m1", "Hello");
    s.expect_queued("v1");
    s.expect_message("v1");

    let offer = s.expect_offer("v1").to("ana");

    assert_eq!(offer.contact.name.as_ref().unwrap().as_str(), "v1");
    assert_eq!(offer.queue_name.as_str(), "support");
    assert_eq!(offer.queue_id, s.queue_id("support"));
    assert_eq!(offer.office_id, s.office_id("support"));
    assert_eq!((offer.waiting_since, offer.made_at), (queued, queued));
    assert_eq!(offer.expires_at, Some(queued + RING_TIMEOUT));
    assert_eq!(s.agent("ana").snapshot().offers, [offer]);
}

#[test]
fn route_06_an_offer_leads_to_the_queues_address() {
    let address = "https://crm.example/{{queue.name}}/{{agent.name}}?mail={{visitor.email}}";
    let mut s = Scenario::office("support")
        .queue_settings(|settings| settings.external_url = Some(address.parse().unwrap()))
        .agents(["ana"])
        .all_available();

    s.visitor("v1").starts_chat();

    let offer = s.expect_offer("v1").to("ana");
    let filled = "https://crm.example/support/ana?mail=v1%40example.com";
    assert_eq!(offer.external_url.as_deref(), Some(filled));
    assert_eq!(s.agent("ana").snapshot().offers, [offer]);
}

#[test]
fn route_07_a_member_picks_a_chat_that_rings_at_a_colleague() {
    let mut s = ringing();

    s.agent("bo").picks("v1");

    s.expect_withdrawn("v1", WithdrawReason::AcceptedElsewhere)
        .by("ana");
    s.expect_taken("v1").by("bo");
}

#[test]
fn route_07_a_member_picks_a_waiting_chat_in_a_pause_between_rounds() {
    let mut s = Scenario::office("support").agents(["ana"]).all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.agent("ana").rejects("v1");
    s.expect_rejected("v1").by("ana");
    s.expect_round_paused("v1");

    s.agent("ana").picks("v1");

    s.expect_taken("v1").by("ana");
    assert_eq!(
        s.engine.next_deadline(),
        Some(s.now + 10.mins() + Millis(1))
    );
}

#[test]
fn route_07_a_member_picks_whatever_its_status_is() {
    for status in ["away", "offline", "invisible"] {
        let mut s = ringing();
        s.agent("bo").sets(status);
        s.expect_presence("bo", status, PresenceReason::Chosen);

        s.agent("bo").picks("v1");

        s.expect_withdrawn("v1", WithdrawReason::AcceptedElsewhere)
            .by("ana");
        s.expect_taken("v1").by("bo");
    }
}

#[test]
fn route_07_picking_a_chat_that_rings_at_oneself_accepts_the_offer() {
    let mut s = Scenario::office("support")
        .capacity(1)
        .agents(["ana"])
        .all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");

    s.agent("ana").picks("v1");

    s.expect_accepted("v1").by("ana");
}

#[test]
fn route_07_a_pick_is_for_members_with_room() {
    let mut s = Scenario::office("support")
        .capacity(1)
        .agents(["ana", "bo"])
        .people(["cy"])
        .all_available();
    for (visitor, agent) in [("v1", "ana"), ("v2", "bo")] {
        s.visitor(visitor).starts_chat();
        s.expect_offer(visitor).to(agent);
        s.agent(agent).accepts(visitor);
        s.expect_accepted(visitor).by(agent);
    }
    s.visitor("v3").starts_chat();

    s.agent("ana").picks("v3");
    s.expect_refused(Refusal::AtCapacity);
    s.agent("cy").picks("v3");
    s.expect_refused(Refusal::NotAMember);
    s.agent("ana").picks("nothing");
    s.expect_refused(Refusal::UnknownChat);
}

#[test]
fn route_08_exactly_one_agent_wins_a_chat() {
    let mut s = ringing();

    s.agent("bo").picks("v1");
    s.expect_withdrawn("v1", WithdrawReason::AcceptedElsewhere)
        .by("ana");
    s.expect_taken("v1").by("bo");
    s.agent("ana").accepts_offer("v1", 1);
    let taken_by = Some(s.agent_id("bo"));
    s.expect_refused(Refusal::OfferGone { taken_by });
    s.agent("ana").picks("v1");

    s.expect_refused(Refusal::OfferGone { taken_by });
    assert_eq!(s.chat("v1").agents.len(), 1);
}

#[test]
fn route_08_an_offer_is_for_its_agent_only() {
    let mut s = ringing();

    s.agent("bo").accepts_offer("v1", 1);
    s.expect_refused(Refusal::OfferGone { taken_by: None });
    s.agent("bo").rejects_offer("v1", 1, None);

    s.expect_refused(Refusal::OfferGone { taken_by: None });
}

#[test]
fn route_08_an_accept_whose_answer_was_lost_is_answered_again() {
    let mut s = ringing();
    s.agent("ana").accepts("v1");
    s.expect_accepted("v1").by("ana");

    let chat = s.chat("v1");
    s.agent("ana").accepts_offer("v1", 1);
    assert_eq!(s.reply(), Reply::Chat(chat.clone()));
    s.agent("ana").picks("v1");
    assert_eq!(s.reply(), Reply::Chat(chat));

    s.agent("ana").accepts_offer("v1", 2);
    s.expect_refused(Refusal::UnknownOffer);
    s.expect_nothing_more();
}

#[test]
fn route_08_who_has_the_chat_cannot_accept_an_offer_that_somebody_refused() {
    let mut s = ringing();
    s.agent("ana").rejects("v1");
    s.expect_rejected("v1").by("ana");
    s.expect_offer("v1").to("bo");
    s.agent("bo").accepts("v1");
    s.expect_accepted("v1").by("bo");

    s.agent("bo").accepts_offer("v1", 1);

    let taken_by = Some(s.agent_id("bo"));
    s.expect_refused(Refusal::OfferGone { taken_by });
}

#[test]
fn route_09_when_all_have_refused_a_new_round_starts_after_the_pause() {
    let mut s = ringing();
    s.agent("ana").rejects("v1");
    s.expect_rejected("v1").by("ana");
    s.expect_offer("v1").to("bo");
    s.wait_to_the_instant(RING_TIMEOUT);
    s.agent("bo").rejects("v1");
    s.expect_rejected("v1").by("bo");
    assert_eq!(s.expect_round_paused("v1"), s.now + ROUND_PAUSE);
    assert_eq!(
        s.chat("v1").state,
        ChatStateView::Settled(ChatState::Waiting)
    );

    s.wait(ROUND_PAUSE);

    s.expect_round_started("v1");
    assert_eq!(s.expect_offer("v1").to("ana").number.0, 3);
}

#[test]
fn route_09_an_agent_who_comes_during_the_pause_is_asked_at_once() {
    let mut s = Scenario::office("support").agents(["ana", "bo"]);
    s.agent("ana").comes_online();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.agent("ana").rejects("v1");
    s.expect_rejected("v1").by("ana");
    s.expect_round_paused("v1");

    s.agent("bo").comes_online();
    s.expect_offer("v1").to("bo");
    s.wait(ROUND_PAUSE);
    s.agent("bo").rejects("v1");

    s.expect_rejected("v1").by("bo");
    assert_eq!(s.expect_round_paused("v1"), s.now + ROUND_PAUSE);
}

#[test]
fn route_09_a_round_without_anybody_waits_for_somebody() {
    let mut s = Scenario::office("support").agents(["ana"]).all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.agent("ana").rejects("v1");
    s.expect_rejected("v1").by("ana");
    s.expect_round_paused("v1");
    s.agent("ana").sets("away");
    s.expect_presence("ana", "away", PresenceReason::Chosen);

    s.wait(ROUND_PAUSE);
    s.expect_round_started("v1");
    s.agent("ana").sets("online");

    s.expect_presence("ana", "online", PresenceReason::Chosen);
    s.expect_offer("v1").to("ana");
}

#[test]
fn route_09_a_return_in_the_same_round_does_not_ask_a_refuser_again() {
    let mut s = Scenario::office("support").agents(["ana"]).all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.agent("ana").rejects("v1");
    s.expect_rejected("v1").by("ana");
    let until = s.expect_round_paused("v1");

    s.agent("ana").sets("away");
    s.expect_presence("ana", "away", PresenceReason::Chosen);
    s.agent("ana").sets("online");
    s.expect_presence("ana", "online", PresenceReason::Chosen);
    s.wait(ROUND_PAUSE);

    s.expect_round_started("v1");
    assert_eq!(s.expect_offer("v1").to("ana").made_at, until);
}

#[test]
fn route_11_an_agent_who_becomes_ineligible_loses_the_offer_at_once() {
    type Change = fn(&mut Scenario);
    let rows: [(&str, PresenceReason, Change); 4] = [
        ("away", PresenceReason::Chosen, |s| {
            s.agent("ana").sets("away");
        }),
        ("offline", PresenceReason::Chosen, |s| {
            s.agent("ana").sets("offline");
        }),
        ("invisible", PresenceReason::Chosen, |s| {
            s.agent("ana").sets("invisible");
        }),
        ("offline", PresenceReason::LoggedOut, |s| {
            s.agent("ana").logs_out();
            s.expect_logged_out("ana");
        }),
    ];
    for (status, reason, change) in rows {
        let mut s = ringing();

        change(&mut s);

        s.expect_presence("ana", status, reason);
        s.expect_withdrawn("v1", WithdrawReason::AgentUnavailable)
            .by("ana");
        s.expect_offer("v1").to("bo");
        s.agent("ana").accepts_offer("v1", 1);
        s.expect_refused(Refusal::OfferGone { taken_by: None });
    }
}

#[test]
fn route_11_an_offer_is_lost_when_the_grace_ends() {
    let mut s = Scenario::office("support")
        .queue_settings(|settings| settings.ring_timeout = None)
        .agents(["ana", "bo"])
        .all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");

    s.agent("ana").disconnects();
    s.expect_disconnected("ana");
    s.wait(GRACE);

    s.expect_lost("ana");
    s.expect_presence("ana", "offline", PresenceReason::Disconnected);
    s.expect_withdrawn("v1", WithdrawReason::AgentUnavailable)
        .by("ana");
    s.expect_offer("v1").to("bo");
}

#[test]
fn route_11_a_withdrawn_offer_does_not_count_as_missed() {
    let mut s = Scenario::office("support").agents(["ana"]).all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.agent("ana").sets("away");
    s.expect_presence("ana", "away", PresenceReason::Chosen);
    s.expect_withdrawn("v1", WithdrawReason::AgentUnavailable)
        .by("ana");

    s.agent("ana").sets("online");

    s.expect_presence("ana", "online", PresenceReason::Chosen);
    assert_eq!(s.expect_offer("v1").to("ana").number.0, 2);
}

#[test]
fn route_11_a_member_who_is_removed_loses_the_offer_and_the_next_is_asked() {
    let mut s = ringing();

    s.sets_members("support", &["bo"]);

    assert_eq!(s.expect_members("support").member_ids, [s.agent_id("bo")]);
    s.expect_withdrawn("v1", WithdrawReason::RemovedFromQueue)
        .by("ana");
    s.expect_changed("ana");
    s.expect_offer("v1").to("bo");
    s.agent("ana").picks("v1");
    s.expect_refused(Refusal::NotAMember);
}

#[test]
fn route_11_a_member_who_is_removed_keeps_its_chats() {
    let mut s = ringing();
    s.agent("ana").accepts("v1");
    s.expect_accepted("v1").by("ana");

    s.sets_members("support", &[]);
    s.expect_members("support");
    for agent in ["ana", "bo"] {
        s.expect_changed(agent);
    }
    s.agent("ana").sends("v1", "a1", "Hello");

    s.expect_message("v1");
}

#[test]
fn route_11_the_ring_timeout_and_the_end_of_the_grace_at_the_same_instant() {
    let mut s = Scenario::office("support")
        .queue_settings(|settings| settings.ring_timeout = Some(GRACE))
        .agents(["ana", "bo"])
        .all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.agent("ana").disconnects();
    s.expect_disconnected("ana");

    s.wait(GRACE);

    s.expect_missed("v1").by("ana");
    s.expect_offer("v1").to("bo");
    s.expect_lost("ana");
    s.expect_presence("ana", "offline", PresenceReason::Disconnected);
}

#[test]
fn route_20_an_accept_and_a_timeout_of_the_same_instant_the_accept_wins() {
    let mut s = ringing();

    s.wait_to_the_instant(RING_TIMEOUT);
    s.agent("ana").accepts("v1");

    s.expect_accepted("v1").by("ana");
}

#[test]
fn route_20_an_instant_later_the_timeout_has_won() {
    let mut s = ringing();
    let deadline = s.engine.next_deadline().unwrap();

    s.wait(RING_TIMEOUT);
    assert_eq!(s.now, deadline, "the engine asks to be called exactly then");
    s.agent("ana").accepts_offer("v1", 1);

    s.expect_missed("v1").by("ana");
    s.expect_offer("v1").to("bo");
    s.expect_refused(Refusal::OfferGone { taken_by: None });
}

#[test]
fn route_20_an_answer_to_an_old_offer_is_too_late_even_if_a_new_one_rings() {
    let mut s = Scenario::office("support").agents(["ana"]).all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.wait(RING_TIMEOUT);
    s.expect_missed("v1").by("ana");
    s.expect_round_paused("v1");
    s.wait(ROUND_PAUSE);
    s.expect_round_started("v1");
    assert_eq!(s.expect_offer("v1").to("ana").number.0, 2);

    s.agent("ana").accepts_offer("v1", 1);
    s.expect_refused(Refusal::OfferGone { taken_by: None });
    s.agent("ana").rejects_offer("v1", 1, None);
    s.expect_refused(Refusal::OfferGone { taken_by: None });
    s.agent("ana").accepts_offer("v1", 2);

    s.expect_accepted("v1").by("ana");
}

#[test]
fn route_20_an_offer_that_never_was_is_unknown() {
    let mut s = ringing();

    for number in [0, 2, u32::MAX] {
        s.agent("ana").accepts_offer("v1", number);
        s.expect_refused(Refusal::UnknownOffer);
        s.agent("ana").rejects_offer("v1", number, None);
        s.expect_refused(Refusal::UnknownOffer);
    }
    s.agent("ana").rejects_offer("nothing", 1, None);
    s.expect_refused(Refusal::UnknownChat);
}

#[test]
fn route_20_the_offer_of_a_chat_that_ended_is_gone() {
    let mut s = ringing();
    s.visitor("v1").ends();
    s.expect_withdrawn("v1", WithdrawReason::ChatClosed)
        .by("ana");
    s.expect_closed("v1", CloseReason::VisitorEnded);

    s.agent("ana").accepts_offer("v1", 1);
    s.expect_refused(Refusal::OfferGone { taken_by: None });
    s.agent("ana").picks("v1");
    s.expect_refused(Refusal::ChatClosed);
}

#[test]
fn route_11_who_has_work_to_do_after_a_chat_loses_what_rings() {
    let mut s = Scenario::office("support")
        .queue_settings(|queue| queue.closing.wrap_up = Some(Millis::from_secs(60)))
        .agents(["ana", "bo"])
        .all_available();
    s.agent("bo").sets("away");
    s.expect_changed("bo");
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.agent("ana").accepts("v1");
    s.expect_accepted("v1").by("ana");
    s.visitor("v2").starts_chat();
    s.expect_offer("v2").to("ana");
    s.agent("bo").sets("online");
    s.expect_changed("bo");

    s.agent("ana").closes("v1");

    s.expect_closed("v1", CloseReason::AgentClosed);
    s.expect_wrap_up("v1", "ana");
    s.expect_withdrawn("v2", WithdrawReason::AgentUnavailable)
        .by("ana");
    s.expect_offer("v2").to("bo");
}

#[test]
fn route_11_a_lease_that_takes_no_offers_keeps_none_ringing_after_the_grace() {
    let mut s = Scenario::office("support")
        .settings(|settings| settings.lease_ttl = Millis::from_secs(3_600))
        .queue_settings(|queue| queue.ring_timeout = None)
        .agents(["ana", "bo"])
        .all_available();
    s.agent("bo").sets("away");
    s.expect_changed("bo");
    s.agent("ana").is_pinged();
    s.forget_log();
    s.visitor("v1").starts_chat();
    s.forget_log();
    s.agent("bo").sets("online");
    s.expect_changed("bo");
    s.agent("ana").disconnects();
    s.expect_disconnected("ana");

    s.wait(2.mins());

    assert_eq!(s.agent("ana").is(), "online", "the lease holds it");
    s.expect_lost("ana");
    s.expect_withdrawn("v1", WithdrawReason::AgentUnavailable)
        .by("ana");
    s.expect_offer("v1").to("bo");
}

#[test]
fn route_05_what_the_agent_refuses_that_it_is_kept_for_goes_to_the_next() {
    let mut s = Scenario::office("support")
        .agents(["ana", "bo"])
        .all_available();
    s.visitor("v1").is_assigned_to(&["ana"]);
    s.expect_queued("v1");
    s.expect_offer("v1").to("ana");

    s.agent("ana").rejects("v1");

    s.expect_rejected("v1").by("ana");
    s.expect_offer("v1").to("bo");
    s.agent("bo").rejects("v1");
    s.expect_rejected("v1").by("bo");
    s.expect_round_paused("v1");
    s.wait(ROUND_PAUSE);
    s.expect_round_started("v1");
    s.expect_offer("v1").to("ana");
}

#[test]
fn pres_12_who_may_not_reply_takes_no_chat() {
    let mut s = Scenario::office("support")
        .settings(|settings| settings.offline_replies = false)
        .agents(["ana", "bo"])
        .all_available();
    s.agent("bo").sets("offline");
    s.expect_changed("bo");
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");

    s.agent("bo").picks("v1");

    s.expect_refused(Refusal::StatusForbidsChats);
    assert!(s.chat("v1").agents.is_empty());
}
