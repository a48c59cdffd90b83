//! How chats enter a queue, their order and their bounds (ROUTE-1, -4, -20, AVAIL-5).

use deskbell::domain::{
    ChatState, CloseReason, Limits, Millis, Mode, PresenceReason, WhenNotLive, WithdrawReason,
};
use deskbell::engine::{ChatStateView, FieldFault, Reference, Refusal, Reply};

use crate::scenario::{RING_TIMEOUT, ROUND_PAUSE, Scenario, Units};

/// Two offices with a queue each, and one more queue in the first.
fn two_offices() -> Scenario {
    Scenario::office("support")
        .and_office("sales", WhenNotLive::Messenger)
        .people(["ana", "bo", "cy"])
        .queue("help", "support", ["ana"])
        .queue("billing", "support", ["bo"])
        .queue("orders", "sales", ["cy"])
}

/// One agent of capacity 1, whose only chat is that of a visitor named `first`.
fn busy() -> Scenario {
    let mut s = Scenario::office("support")
        .capacity(1)
        .agents(["ana"])
        .all_available();
    s.visitor("first").starts_chat();
    s.expect_offer("first").to("ana");
    s.agent("ana").accepts("first");
    s.expect_accepted("first").by("ana");
    s
}

#[test]
fn route_01_a_chat_enters_the_queue_that_the_visitor_chose() {
    let mut s = two_offices().all_available();

    s.visitor("v1").asks_for(None, Some("billing"));

    let view = s.expect_queued("v1");
    assert_eq!(view.queue_id, Some(s.queue_id("billing")));
    assert_eq!(view.office_id, s.office_id("support"));
    assert_eq!(view.state, ChatStateView::Settled(ChatState::Waiting));
    assert_eq!(view.position, Some(1));
    s.expect_offer("v1").to("bo");
    let Reply::Chat(chat) = s.reply() else {
        panic!("a chat is the answer");
    };
    assert_eq!(chat.state, ChatStateView::Offered);
}

#[test]
fn route_01_a_chat_enters_the_oldest_queue_of_the_office_that_the_visitor_chose() {
    let mut s = two_offices().all_available();

    s.visitor("v1").asks_for(Some("support"), None);
    assert_eq!(s.expect_queued("v1").queue_id, Some(s.queue_id("help")));
    s.expect_offer("v1").to("ana");
    s.visitor("v2").asks_for(Some("sales"), None);

    assert_eq!(s.expect_queued("v2").queue_id, Some(s.queue_id("orders")));
    s.expect_offer("v2").to("cy");
}

#[test]
fn route_01_a_chat_passes_by_a_queue_in_which_nobody_is_online() {
    let mut s = two_offices();
    s.agent("bo").comes_online();

    s.visitor("v1").asks_for(Some("support"), None);

    assert_eq!(s.expect_queued("v1").queue_id, Some(s.queue_id("billing")));
    s.expect_offer("v1").to("bo");
}

#[test]
fn route_01_a_chat_enters_the_first_of_the_widgets_offices_that_is_live() {
    let mut s = two_offices();
    s.agent("cy").comes_online();

    s.visitor("v1").asks_for(None, None);

    assert_eq!(s.expect_queued("v1").queue_id, Some(s.queue_id("orders")));
    s.expect_offer("v1").to("cy");
}

#[test]
fn route_01_a_chat_never_enters_nowhere() {
    let mut s = two_offices();
    s.agent("ana").comes_online();
    let widget = s.new_widget("shop", &["sales"]);
    s.set_up(widget);
    s.expect_set_up();

    let office = |s: &Scenario, name| FieldFault::Unknown(Reference::Office, s.office_id(name).0);
    let queue = |s: &Scenario, name| FieldFault::Unknown(Reference::Queue, s.queue_id(name).0);
    s.visitor("v1").asks_for(None, Some("nothing"));
    s.expect_refused(Refusal::BadFields(vec![queue(&s, "nothing")]));
    s.visitor("v1").asks_for(Some("nowhere"), None);
    s.expect_refused(Refusal::BadFields(vec![office(&s, "nowhere")]));
    s.visitor("v1").asks_for(Some("sales"), Some("help"));
    s.expect_refused(Refusal::BadFields(vec![queue(&s, "help")]));
    s.visitor("v1").asks_for(Some("nowhere"), Some("nothing"));
    let both = vec![office(&s, "nowhere"), queue(&s, "nothing")];
    s.expect_refused(Refusal::BadFields(both));
    s.visitor("v1").asks_for(Some("sales"), None);
    let mode = Mode::Messenger;
    s.expect_refused(Refusal::NotLive { mode });
    s.visitor("v1").asks_at_widget("shop");
    s.expect_refused(Refusal::NotLive { mode });
    s.visitor("v1").asks_at_widget("unheard of");
    s.expect_refused(Refusal::UnknownWidget);
}

#[test]
fn route_04_chats_are_offered_in_the_order_of_their_waiting_time() {
    let mut s = busy();
    for visitor in ["v1", "v2", "v3"] {
        s.wait(1.secs());
        s.visitor(visitor).starts_chat();
    }
    assert_eq!(s.chat("v1").position, Some(1));
    assert_eq!(s.chat("v3").position, Some(3));

    s.agent("ana").closes("first");
    s.expect_closed("first", CloseReason::AgentClosed);
    s.expect_offer("v1").to("ana");
    s.visitor("v1").ends();

    s.expect_withdrawn("v1", WithdrawReason::ChatClosed)
        .by("ana");
    s.expect_closed("v1", CloseReason::VisitorEnded);
    s.expect_offer("v2").to("ana");
    assert_eq!(s.chat("v2").position, Some(1));
    assert_eq!(s.chat("v3").position, Some(2));
}

#[test]
fn route_04_chats_of_the_same_instant_wait_in_the_order_of_their_ids() {
    let mut s = busy();
    s.visitor("v1").starts_chat();
    s.visitor("v2").starts_chat();

    s.agent("ana").closes("first");

    s.expect_closed("first", CloseReason::AgentClosed);
    s.expect_offer("v1").to("ana");
}

#[test]
fn route_20_a_chat_keeps_its_place_and_age_when_it_is_offered_again() {
    let mut s = Scenario::office("support")
        .capacity(1)
        .agents(["ana"])
        .all_available();
    s.visitor("v1").starts_chat();
    let first = s.expect_offer("v1").to("ana");
    s.wait(1.secs());
    s.visitor("v2").starts_chat();

    s.agent("ana").rejects("v1");
    s.expect_rejected("v1").by("ana");
    s.expect_round_paused("v1");
    s.expect_offer("v2").to("ana");
    assert_eq!(s.chat("v1").position, Some(1));
    s.agent("ana").accepts("v2");
    s.expect_accepted("v2").by("ana");
    s.agent("ana").closes("v2");
    s.expect_closed("v2", CloseReason::AgentClosed);
    s.wait(ROUND_PAUSE);

    s.expect_round_started("v1");
    let second = s.expect_offer("v1").to("ana");
    assert_eq!(second.waiting_since, first.waiting_since);
    assert_eq!(second.number.0, 2);
}

#[test]
fn avail_05_a_full_queue_refuses_one_more() {
    let mut s = Scenario::office("support")
        .queue_settings(|settings| settings.max_waiting = 2)
        .agents(["ana"])
        .all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.visitor("v2").starts_chat();
    s.expect_offer("v2").to("ana");
    s.event("the queue is full");

    s.visitor("v3").asks_for(None, None);
    s.expect_refused(Refusal::QueueFull);
    s.agent("ana").accepts("v1");
    s.expect_accepted("v1").by("ana");
    s.event("the queue takes chats again");
    s.visitor("v3").starts_chat();

    s.expect_offer("v3").to("ana");
    s.event("the queue is full");
}

#[test]
fn a_visitor_has_a_bounded_number_of_open_chats() {
    let limits = Limits {
        open_chats_per_visitor: 1,
        ..Limits::default()
    };
    let mut s = Scenario::empty(limits)
        .and_office("support", WhenNotLive::Messenger)
        .agents(["ana"])
        .all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");

    s.visitor("v1").asks_for_chat("another", None, None);
    s.expect_refused(Refusal::TooManyOpenChats);
    s.visitor("v1").ends();
    s.expect_withdrawn("v1", WithdrawReason::ChatClosed)
        .by("ana");
    s.expect_closed("v1", CloseReason::VisitorEnded);
    s.visitor("v1").asks_for_chat("another", None, None);

    s.expect_queued("another");
    s.expect_offer("another").to("ana");
}

#[test]
fn route_09_a_chat_whose_queue_lost_all_members_waits_for_the_next_one() {
    let mut s = Scenario::office("support").agents(["ana", "bo"]);
    s.agent("ana").comes_online();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.agent("ana").rejects("v1");
    s.expect_rejected("v1").by("ana");
    s.expect_round_paused("v1");

    s.sets_members("support", &[]);
    s.expect_members("support");
    for agent in ["ana", "bo"] {
        s.expect_changed(agent);
    }
    s.wait(ROUND_PAUSE);
    s.expect_round_started("v1");
    s.wait(10.mins());
    s.sets_members("support", &["ana"]);

    s.expect_members("support");
    s.expect_changed("ana");
    s.expect_offer("v1").to("ana");
}

#[test]
fn route_09_a_ring_and_a_pause_of_no_time_do_not_spin() {
    let mut s = Scenario::office("support")
        .queue_settings(|settings| {
            settings.ring_timeout = Some(Millis::ZERO);
            settings.round_pause = Millis::ZERO;
        })
        .agents(["ana"])
        .all_available();
    s.visitor("v1").starts_chat();

    s.expect_offer("v1").to("ana");
    s.wait(1.secs());
    s.expect_missed("v1").by("ana");
    s.expect_round_paused("v1");
    s.wait(1.secs());
    s.expect_round_started("v1");
    s.expect_offer("v1").to("ana");
}

#[test]
fn route_09_the_deadlines_of_a_long_time_fire_each_at_its_own_instant() {
    let mut s = Scenario::office("support").agents(["ana"]).all_available();
    s.visitor("v1").starts_chat();
    let start = s.now;
    s.expect_offer("v1").to("ana");

    s.wait(45.secs());

    s.expect_missed("v1").by("ana");
    assert_eq!(
        s.expect_round_paused("v1"),
        start + RING_TIMEOUT + ROUND_PAUSE
    );
    let started = s.event("a new round");
    assert_eq!(started.at, start + RING_TIMEOUT + ROUND_PAUSE);
    let offer = s.expect_offer("v1").to("ana");
    assert_eq!(offer.made_at, started.at);
    s.agent("ana").sets("away");
    s.expect_presence("ana", "away", PresenceReason::Chosen);
    s.expect_withdrawn("v1", WithdrawReason::AgentUnavailable)
        .by("ana");
    assert_eq!(s.engine.next_deadline(), None);
}
