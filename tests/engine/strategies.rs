//! How queues choose, and what bounds an agent's work (ROUTE-3, -4, -5, -10, -12, -14, -22, -23).

use deskbell::domain::{
    Capacity, ChatState, KeptFor, Level, Millis, OnMissedOffer, PresenceReason, Priority, Skills,
    Status, Strategy, WithdrawReason,
};
use deskbell::engine::{
    ChatEvent, ChatStateView, EventKind, FieldFault, OfferView, Refusal, SetupCommand, Use,
};

use crate::scenario::{RING_TIMEOUT, Scenario, Units, hours};

fn queue_of_three(strategy: Strategy) -> Scenario {
    Scenario::office("support")
        .queue_settings(|settings| settings.strategy = strategy)
        .agents(["ana", "bo", "cy"])
        .all_available()
}

fn offered(s: &mut Scenario, chat: &str) -> OfferView {
    s.visitor(chat).starts_chat();
    s.expect_offer(chat).view()
}

fn takes(s: &mut Scenario, chat: &str, agent: &str) {
    s.visitor(chat).starts_chat();
    s.expect_offer(chat).to(agent);
    s.agent(agent).accepts(chat);
    s.expect_accepted(chat).by(agent);
}

#[test]
fn route_03_round_robin_asks_one_after_the_other_however_busy() {
    let mut s = queue_of_three(Strategy::RoundRobin);
    let first = offered(&mut s, "v1").agent_id;
    let second = offered(&mut s, "v2").agent_id;
    let third = offered(&mut s, "v3").agent_id;

    let fourth = offered(&mut s, "v4").agent_id;

    assert!(
        first < second && second < third,
        "in the order of their ids"
    );
    assert_eq!(fourth, first);
}

#[test]
fn route_03_round_robin_passes_over_who_cannot_have_it_and_goes_on_from_there() {
    let mut s = queue_of_three(Strategy::RoundRobin);
    takes(&mut s, "v1", "ana");
    s.agent("bo").sets("away");
    s.event("away");

    s.visitor("v2").starts_chat();
    s.expect_offer("v2").to("cy");
    s.agent("bo").sets("online");
    s.event("online");
    s.visitor("v3").starts_chat();

    s.expect_offer("v3").to("ana");
}

#[test]
fn route_03_least_busy_goes_by_the_share_of_the_capacity() {
    let mut s = Scenario::office("support")
        .queue_settings(|settings| settings.strategy = Strategy::LeastBusy)
        .people(["ana"])
        .capacity(2)
        .people(["bo"])
        .queue("questions", "support", ["ana", "bo"])
        .all_available();
    takes(&mut s, "v1", "ana");
    takes(&mut s, "v2", "bo");

    // ana has one of four, bo one of two.
    s.visitor("v3").starts_chat();

    s.expect_offer("v3").to("ana");
}

#[test]
fn route_03_priority_tiers_ask_the_best_first_and_the_next_when_they_are_full() {
    let level = |number: i64| Level::try_from(number).unwrap();
    let s = Scenario::office("support").capacity(1).skill("German");
    let skill = s.engine.durable().skills[0].id;
    let mut s = s
        .queue_settings(|settings| {
            settings.strategy = Strategy::PriorityTiers;
            settings.required_skills.insert(skill, level(2));
        })
        .agents(["ana", "bo", "cy", "di"])
        .agent_with("ana", |agent| {
            agent.skills = Skills::from([(skill, level(3))]);
        })
        .agent_with("bo", |agent| {
            agent.skills = Skills::from([(skill, level(9))]);
        })
        .agent_with("cy", |agent| {
            agent.skills = Skills::from([(skill, level(1))]);
        })
        .all_available();

    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("bo");
    s.visitor("v2").starts_chat();
    s.expect_offer("v2").to("ana");
    // cy is not good enough, di has no such skill at all.
    s.visitor("v3").starts_chat();

    s.expect_nothing_more();
}

#[test]
fn route_03_broadcast_rings_at_all_and_the_first_accept_wins() {
    let mut s = queue_of_three(Strategy::Broadcast);
    s.visitor("v1").starts_chat();
    for agent in ["ana", "bo", "cy"] {
        s.expect_offer("v1").to(agent);
    }

    s.agent("bo").accepts_offer("v1", 2);

    s.expect_withdrawn("v1", WithdrawReason::AcceptedElsewhere)
        .by("ana");
    s.expect_offer_accepted("v1").by("bo");
    s.expect_withdrawn("v1", WithdrawReason::AcceptedElsewhere)
        .by("cy");
    s.expect_taken("v1").by("bo");
}

#[test]
fn route_03_broadcast_rings_at_who_comes_later_too() {
    let mut s = Scenario::office("support")
        .queue_settings(|settings| settings.strategy = Strategy::Broadcast)
        .agents(["ana", "bo"]);
    s.agent("ana").comes_online();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");

    s.agent("bo").comes_online();

    s.expect_offer("v1").to("bo");
}

#[test]
fn route_03_manual_offers_nothing_and_agents_pick() {
    let mut s = queue_of_three(Strategy::Manual);
    s.visitor("v1").starts_chat();
    s.expect_nothing_more();

    s.agent("cy").picks("v1");

    s.expect_taken("v1").by("cy");
}

#[test]
fn route_04_an_urgent_chat_goes_before_one_that_has_waited_for_less_than_its_worth() {
    let urgent = |settings: &mut deskbell::domain::QueueSettings| {
        settings.priority = Priority::try_from(2).unwrap();
        settings.ageing = Millis::from_secs(60);
    };
    let plain = |settings: &mut deskbell::domain::QueueSettings| {
        settings.priority = Priority::default();
        settings.ageing = Millis::from_secs(60);
    };
    // Two steps are worth two minutes: the chat that is three minutes older goes first, the younger one after it.
    for (older_by, first) in [(60, "urgent"), (180, "plain")] {
        let mut s = Scenario::office("support")
            .people(["ana"])
            .queue_settings(plain)
            .queue("plain", "support", ["ana"])
            .queue_settings(urgent)
            .queue("urgent", "support", ["ana"])
            .capacity(1);
        s.changes_agent("ana", |agent| {
            agent.capacity = Capacity::try_from(1).unwrap();
        });
        s.agent("ana").comes_online();
        takes(&mut s, "busy", "ana");
        s.visitor("plain").asks_for(None, Some("plain"));
        s.expect_queued("plain");
        s.wait(i64::from(older_by).secs());
        s.visitor("urgent").asks_for(None, Some("urgent"));
        s.expect_queued("urgent");

        s.agent("ana").closes("busy");

        s.expect_closed("busy", deskbell::domain::CloseReason::AgentClosed);
        s.expect_offer(first).to("ana");
    }
}

#[test]
fn route_05_who_misses_as_many_in_a_row_as_the_queue_allows_is_away() {
    let mut s = Scenario::office("support")
        .queue_settings(|settings| {
            settings.on_missed_offer = OnMissedOffer::Away;
            settings.missed_offers_before = 2;
        })
        .agents(["ana"])
        .all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.wait(RING_TIMEOUT);
    s.expect_missed("v1").by("ana");
    s.expect_round_paused("v1");
    assert_eq!(s.agent("ana").is(), "online");

    s.wait(10.secs());
    s.expect_round_started("v1");
    s.expect_offer("v1").to("ana");
    s.wait(RING_TIMEOUT);
    s.expect_missed("v1").by("ana");

    let presence = s.expect_changed("ana").standing.global;
    assert_eq!(presence.status, Status::Away);
    assert_eq!(presence.reason.as_str(), "missed_offers");
}

#[test]
fn route_05_an_answer_in_between_begins_the_count_anew() {
    let mut s = Scenario::office("support")
        .queue_settings(|settings| {
            settings.on_missed_offer = OnMissedOffer::Away;
            settings.missed_offers_before = 2;
        })
        .agents(["ana", "bo"])
        .all_available();
    for chat in ["v1", "v2"] {
        s.visitor(chat).starts_chat();
        s.expect_offer(chat).to("ana");
        s.wait(RING_TIMEOUT);
        s.expect_missed(chat).by("ana");
        s.expect_offer(chat).to("bo");
        s.agent("bo").accepts(chat);
        s.expect_accepted(chat).by("bo");
        if chat == "v1" {
            takes(&mut s, "between", "ana");
            s.agent("ana").closes("between");
            s.expect_closed("between", deskbell::domain::CloseReason::AgentClosed);
            s.wait(1.secs());
        }
    }

    assert_eq!(s.agent("ana").is(), "online");
}

#[test]
fn route_05_who_misses_an_offer_is_in_the_pause_that_the_queue_names() {
    let s = Scenario::office("support")
        .pause("missed", false, None)
        .people(["ana"]);
    let pause = s.engine.durable().pauses[0].id;
    let mut s = s
        .queue_settings(|settings| settings.on_missed_offer = OnMissedOffer::Pause(pause))
        .queue("questions", "support", ["ana"])
        .all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");

    s.wait(RING_TIMEOUT);

    s.expect_missed("v1").by("ana");
    let view = s.expect_changed("ana");
    assert_eq!(view.pausing.map(|pausing| pausing.pause_id), Some(pause));
    assert!(!view.paid);
}

#[test]
fn route_05_who_misses_offers_is_not_paid_for_it() {
    let s = Scenario::office("support")
        .pause("break", true, None)
        .people(["ana"]);
    let pause = s.engine.durable().pauses[0].id;
    let mut s = s.queue("questions", "support", ["ana"]);
    let view = s.engine.queue(s.queue_id("questions")).unwrap();
    let mut queue = view.queue;
    queue.settings.on_missed_offer = OnMissedOffer::Pause(pause);
    let update =
        |queue| SetupCommand::UpdateQueue(queue, view.member_ids.iter().copied().collect());

    s.set_up(update(queue.clone()));

    s.expect_refused(Refusal::BadFields(vec![FieldFault::PaidPause]));
    s.changes_pause("break", |pause| pause.paid = false);
    s.set_up(update(queue));
    s.forget_log();
    let mut paid = s.engine.durable().pauses[0].clone();
    paid.paid = true;
    s.set_up(SetupCommand::UpdatePause(paid));
    s.expect_refused(Refusal::InUse(Use::QueueSettings));
}

#[test]
fn route_12_where_an_offer_is_an_assignment_the_agent_has_the_chat() {
    let mut s = Scenario::office("support")
        .queue_settings(|settings| settings.auto_accept = true)
        .agents(["ana"])
        .all_available();

    s.visitor("v1").starts_chat();

    s.expect_offer("v1").to("ana");
    s.expect_accepted("v1").by("ana");
}

#[test]
fn route_12_an_agent_may_accept_by_itself_too() {
    let mut s = Scenario::office("support")
        .agents(["ana", "bo"])
        .agent_with("ana", |agent| agent.auto_accept = true)
        .all_available();

    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.expect_accepted("v1").by("ana");
    s.visitor("v2").starts_chat();

    s.expect_offer("v2").to("bo");
}

#[test]
fn route_10_a_returning_visitor_waits_for_its_last_agent_for_as_long_as_the_queue_says() {
    let mut s = Scenario::office("support")
        .queue_settings(|settings| settings.prefer_last_agent_for = Some(Millis::from_secs(20)))
        .capacity(1)
        .agents(["ana", "bo"])
        .all_available();
    takes(&mut s, "v1", "ana");

    s.visitor("v2").returns_to("ana");
    s.expect_queued("v2");
    s.expect_nothing_more();
    s.wait(20.secs());

    let ended = s.event("the end of the reservation");
    assert!(matches!(
        ended.kind,
        EventKind::Chat(ChatEvent::ReservationEnded(_))
    ));
    s.expect_offer("v2").to("bo");
}

#[test]
fn route_10_the_last_agent_is_asked_first_if_it_can_take_the_chat() {
    let mut s = Scenario::office("support")
        .queue_settings(|settings| settings.prefer_last_agent_for = Some(Millis::from_secs(20)))
        .agents(["ana", "bo"])
        .all_available();

    s.visitor("v1").returns_to("bo");

    s.expect_queued("v1");
    s.expect_offer("v1").to("bo");
}

#[test]
fn route_10_a_chat_that_ends_while_it_is_kept_leaves_no_deadline() {
    let mut s = Scenario::office("support")
        .queue_settings(|settings| settings.prefer_last_agent_for = Some(Millis::from_secs(20)))
        .agents(["ana", "bo"])
        .all_available();
    s.visitor("v1").returns_to("bo");
    s.expect_queued("v1");
    s.expect_offer("v1").to("bo");

    s.visitor("v1").ends();

    s.expect_withdrawn("v1", WithdrawReason::ChatClosed)
        .by("bo");
    s.expect_closed("v1", deskbell::domain::CloseReason::VisitorEnded);
    s.engine.forget_closed();
    assert_eq!(s.engine.check(), Ok(()));
    assert_eq!(s.engine.next_deadline(), None);
}

#[test]
fn route_10_a_chat_is_not_kept_for_somebody_who_is_not_there() {
    let mut s = Scenario::office("support")
        .queue_settings(|settings| settings.prefer_last_agent_for = Some(Millis::from_secs(20)))
        .agents(["ana", "bo"]);
    s.agent("ana").comes_online();

    s.visitor("v1").returns_to("bo");

    s.expect_queued("v1");
    s.expect_offer("v1").to("ana");
}

#[test]
fn route_14_a_contact_that_is_assigned_to_a_group_rings_at_one_of_it_only() {
    let mut s = Scenario::office("support")
        .capacity(1)
        .agents(["ana", "bo", "cy"])
        .all_available();

    s.visitor("v1").is_assigned_to(&["bo", "cy"]);
    s.expect_queued("v1");
    s.expect_offer("v1").to("bo");
    s.visitor("v2").is_assigned_to(&["bo"]);
    s.expect_queued("v2");
    // bo is there, but full: v2 waits for it, and ana has nothing.
    s.expect_nothing_more();
    let record = s.engine.durable().chats;
    let reserved = record
        .iter()
        .filter_map(|chat| chat.routing.reserved.as_ref());
    assert!(
        reserved.clone().count() == 2
            && reserved.clone().all(|r| r.kept_for == KeptFor::Assignment)
    );

    s.agent("bo").sets("offline");

    s.expect_changed("bo");
    s.expect_withdrawn("v1", WithdrawReason::AgentUnavailable)
        .by("bo");
    s.expect_offer("v1").to("cy");
    // Nobody of its group is there any more: v2 is for everybody.
    s.expect_offer("v2").to("ana");
}

#[test]
fn route_22_a_chat_in_which_nobody_writes_makes_room_for_another_up_to_the_ceiling() {
    let mut s = Scenario::office("support")
        .capacity(1)
        .agents(["ana"])
        .agent_with("ana", |agent| {
            agent.capacity_max = Some(Capacity::try_from(2).unwrap());
        })
        .all_available();
    takes(&mut s, "v1", "ana");
    s.visitor("v2").starts_chat();
    s.expect_nothing_more();

    s.wait(10.mins());
    s.expect_offer("v2").to("ana");
    s.agent("ana").accepts("v2");
    s.expect_accepted("v2").by("ana");
    s.wait(10.mins());
    s.visitor("v3").starts_chat();

    // Both are silent, but two is the ceiling.
    s.expect_nothing_more();
}

#[test]
fn route_22_a_chat_that_wakes_takes_back_what_rings_beyond_the_capacity() {
    let mut s = Scenario::office("support")
        .capacity(1)
        .agents(["ana"])
        .all_available();
    takes(&mut s, "v1", "ana");
    s.wait(10.mins());
    s.visitor("v2").starts_chat();
    s.expect_offer("v2").to("ana");

    s.visitor("v1").sends("m-9", "Are you still there?");

    s.expect_withdrawn("v2", WithdrawReason::AgentUnavailable)
        .by("ana");
    s.expect_message("v1");
}

#[test]
fn route_11_who_is_kept_a_chat_and_logs_out_of_its_queue_loses_it_when_it_is_there_no_more() {
    let mut s = Scenario::office("support")
        .agents(["ana"])
        .agent_with("ana", |agent| {
            agent.offers_when_invisible_after = Some(Millis::from_secs(20));
        })
        .all_available();
    s.visitor("v1").is_assigned_to(&["ana"]);
    s.expect_queued("v1");
    s.expect_offer("v1").to("ana");
    s.agent("ana").logs_out_of("support");
    s.expect_queue_log_in("ana", "support", false);

    // It would get late chats, but of queues that it has not logged out of.
    s.agent("ana").sets("invisible");

    s.expect_presence("ana", "invisible", PresenceReason::Chosen);
    s.expect_withdrawn("v1", WithdrawReason::AgentUnavailable)
        .by("ana");
}

#[test]
fn route_13_what_a_chat_that_wakes_takes_back_rings_at_who_can_take_it() {
    let mut s = Scenario::office("support")
        .capacity(1)
        .agents(["ana", "bo"])
        .all_available();
    takes(&mut s, "v1", "ana");
    s.agent("bo").sets("away");
    s.expect_presence("bo", "away", PresenceReason::Chosen);
    s.wait(10.mins());
    s.visitor("v2").starts_chat();
    s.expect_offer("v2").to("ana");
    s.agent("bo").sets("online");
    s.expect_presence("bo", "online", PresenceReason::Chosen);

    s.visitor("v1").sends("m-9", "Are you still there?");

    s.expect_withdrawn("v2", WithdrawReason::AgentUnavailable)
        .by("ana");
    s.expect_message("v1");
    s.expect_offer("v2").to("bo");
}

#[test]
fn route_22_who_comes_back_is_given_a_few_chats_a_minute() {
    let mut s = Scenario::office("support")
        .settings(|settings| settings.chats.ramp_per_minute = Some(1))
        .agents(["ana"]);
    s.agent("ana").comes_online();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.visitor("v2").starts_chat();
    s.expect_nothing_more();
    s.agent("ana").accepts("v1");
    s.expect_accepted("v1").by("ana");

    s.wait(60.secs());

    s.expect_offer("v2").to("ana");
}

#[test]
fn route_22_what_an_agent_does_at_the_instant_of_its_next_chat_does_not_take_it() {
    let mut s = Scenario::office("support")
        .settings(|settings| settings.chats.ramp_per_minute = Some(1))
        .agents(["ana"]);
    s.agent("ana").comes_online();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.visitor("v2").starts_chat();
    s.agent("ana").accepts("v1");
    s.expect_accepted("v1").by("ana");
    s.wait_to_the_instant(60.secs());

    s.agent("ana").sends("v1", "a1", "Hello");
    s.expect_message("v1");
    s.wait(0.secs());

    s.expect_offer("v2").to("ana");
}

#[test]
fn route_23_near_the_end_of_its_hours_an_agent_is_offered_nothing_new() {
    // A Monday at nine; the hours end at ten.
    let mut s = Scenario::office("support")
        .settings(|settings| {
            settings.chats.stop_offers_before_end = Some(Millis::from_secs(600));
        })
        .agents(["ana"])
        .hours_of("ana", hours(&["08:00-10:00"]))
        .all_available();
    s.wait(48.mins());
    takes(&mut s, "v1", "ana");

    s.wait(3.mins());
    s.visitor("v2").starts_chat();

    s.expect_nothing_more();
    assert_eq!(
        s.chat("v2").state,
        ChatStateView::Settled(ChatState::Waiting)
    );
}

#[test]
fn route_10_who_was_asked_only_for_its_own_sake_is_asked_no_longer_when_the_time_is_over() {
    let mut s = Scenario::office("support")
        .queue_settings(|settings| settings.prefer_last_agent_for = Some(Millis::from_secs(3)))
        .people(["ana", "bo"])
        .queue("support", "support", ["bo"])
        .queue("other", "support", ["ana"])
        .all_available();
    s.visitor("v1").returns_to("ana");
    s.expect_queued("v1");
    s.expect_offer("v1").to("ana");

    s.wait(3.secs());

    s.expect_reservation_ended("v1");
    s.expect_withdrawn("v1", WithdrawReason::AgentUnavailable)
        .by("ana");
    s.expect_offer("v1").to("bo");
}
