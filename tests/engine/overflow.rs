//! Queues that fill, close or keep a chat for too long, and visitors that do not want to wait (AVAIL-5).

use deskbell::domain::{
    ChatState, DeferReason, Entered, Millis, Overflow, QueueId, WhenNotLive, WithdrawReason,
};
use deskbell::engine::{AskByEmail, ChatEvent, ChatStateView, EventKind, QueueEvent, Refusal};

use crate::scenario::{Scenario, Units, hours};

fn queue_event(s: &mut Scenario) -> QueueEvent {
    match s.event("a queue's change").kind {
        EventKind::Queue(event) => event,
        other => panic!("not a queue's change: {other:?}"),
    }
}

/// ana is busy, so that what comes waits.
fn busy(settings: impl FnOnce(&mut deskbell::domain::QueueSettings)) -> Scenario {
    let mut s = Scenario::office("support")
        .settings(|settings| settings.chats.inactive_after = None)
        .capacity(1)
        .queue_settings(settings)
        .agents(["ana"])
        .all_available();
    s.visitor("busy").starts_chat();
    s.expect_offer("busy").to("ana");
    s.agent("ana").accepts("busy");
    s.expect_accepted("busy").by("ana");
    s
}

#[test]
fn avail_05_a_full_queue_takes_chats_again_below_its_mark() {
    let mut s = busy(|settings| {
        settings.max_waiting = 3;
        settings.reopen_at = Some(2);
    });
    for chat in ["v1", "v2", "v3"] {
        s.visitor(chat).starts_chat();
    }
    assert!(queue_event(&mut s).is_full);

    s.visitor("v4").asks_for(None, None);
    s.expect_refused(Refusal::QueueFull);
    s.visitor("v1").ends();
    s.event("the end");
    s.visitor("v4").asks_for(None, None);
    s.expect_refused(Refusal::QueueFull);
    s.visitor("v2").ends();
    s.event("the end");

    let event = queue_event(&mut s);
    assert_eq!((event.is_full, event.waiting), (false, 1));
    s.visitor("v4").asks_for(None, None);
    s.expect_queued("v4");
}

fn two_queues(settings: impl Fn(&mut deskbell::domain::QueueSettings, QueueId)) -> Scenario {
    let mut s = Scenario::office("support")
        .and_office("night", WhenNotLive::Messenger)
        .settings(|settings| settings.chats.inactive_after = None)
        .capacity(1)
        .people(["ana", "bo"])
        .queue("second", "night", ["bo"]);
    let second = s.queue_id("second");
    s = s
        .queue_settings(|queue| settings(queue, second))
        .queue("first", "support", ["ana"])
        .all_available();
    s.visitor("busy").asks_for(Some("support"), None);
    s.expect_queued("busy");
    s.expect_offer("busy").to("ana");
    s.agent("ana").accepts("busy");
    s.expect_accepted("busy").by("ana");
    s
}

#[test]
fn avail_05_what_finds_the_queue_full_goes_to_its_overflow() {
    let mut s = two_queues(|settings, second| {
        settings.max_waiting = 2;
        settings.overflow = Some(Overflow::Queue(second));
    });
    for chat in ["v0", "v1"] {
        s.visitor(chat).asks_for(Some("support"), None);
        s.expect_queued(chat);
    }
    assert!(queue_event(&mut s).is_full);

    s.visitor("v2").asks_for(Some("support"), None);

    let view = s.expect_queued("v2");
    assert_eq!(view.queue_id, Some(s.queue_id("second")));
    assert_eq!(view.office_id, s.office_id("night"));
    s.expect_offer("v2").to("bo");
    let chats = s.engine.durable().chats;
    let entry = chats.iter().find(|chat| chat.id == view.id).unwrap();
    assert_eq!(entry.routing.entry.unwrap().by, Entered::Overflow);
}

#[test]
fn avail_05_what_has_waited_for_too_long_goes_on_with_its_age() {
    let mut s = two_queues(|settings, second| {
        settings.max_wait = Some(Millis::from_secs(60));
        settings.overflow = Some(Overflow::Queue(second));
    });
    s.visitor("v1").asks_for(Some("support"), None);
    let queued = s.expect_queued("v1");

    s.wait(60.secs());

    let EventKind::Chat(ChatEvent::Overflowed(view, from)) = s.event("the overflow").kind else {
        panic!("the chat did not go on");
    };
    assert_eq!(from, queued.queue_id);
    assert_eq!(view.queue_id, Some(s.queue_id("second")));
    let offer = s.expect_offer("v1").to("bo");
    assert_eq!(offer.waiting_since, queued.started_at);
}

#[test]
fn avail_05_what_has_nowhere_to_go_stays_and_this_is_said_once() {
    let mut s = two_queues(|settings, second| {
        settings.max_wait = Some(Millis::from_secs(60));
        settings.overflow = Some(Overflow::Queue(second));
    });
    s.agent("bo").sets("offline");
    s.expect_changed("bo");
    s.visitor("v1").asks_for(Some("support"), None);
    s.expect_queued("v1");

    s.wait(10.mins());

    assert!(matches!(
        s.event("the overrun").kind,
        EventKind::Chat(ChatEvent::WaitOverrun(_))
    ));
    assert_eq!(
        s.chat("v1").state,
        ChatStateView::Settled(ChatState::Waiting)
    );
}

#[test]
fn avail_05_an_overflow_into_the_inbox_makes_an_offline_message() {
    let mut s = busy(|settings| {
        settings.max_wait = Some(Millis::from_secs(60));
        settings.overflow = Some(Overflow::Messenger);
    });
    s.visitor("v1").starts_chat();

    s.wait(60.secs());

    let EventKind::Chat(ChatEvent::Deferred(view, reason)) = s.event("the end of waiting").kind
    else {
        panic!("the chat went on waiting");
    };
    assert_eq!(reason, DeferReason::Overflow);
    assert_eq!(
        view.state,
        ChatStateView::Settled(ChatState::OfflineMessage)
    );
    assert!(s.visitor("v1").snapshot().chats.is_empty());
}

#[test]
fn avail_05_a_queue_out_of_its_hours_takes_no_chats_and_sends_on_what_waits() {
    // A Monday at nine; the queue closes at ten.
    let mut s = two_queues(|settings, second| {
        settings.hours = Some(hours(&["08:00-10:00"]));
        settings.overflow = Some(Overflow::Queue(second));
    });
    s.visitor("v1").asks_for(Some("support"), None);
    s.expect_queued("v1");

    s.wait(60.mins());

    assert!(matches!(
        s.event("the overflow").kind,
        EventKind::Chat(ChatEvent::Overflowed(..))
    ));
    s.expect_offer("v1").to("bo");
}

#[test]
fn avail_05_a_waiting_visitor_asks_for_the_answer_by_email_instead() {
    let mut s = Scenario::office("support").agents(["ana"]).all_available();
    s.visitor("v1").starts_without_email();
    s.expect_queued("v1");
    s.expect_offer("v1").to("ana");
    let ask = |email: Option<&str>| AskByEmail {
        name: None,
        email: email.map(|email| email.parse().unwrap()),
    };
    s.visitor("v1").asks_by_email(ask(None));
    s.expect_refused(Refusal::EmailRequired);

    s.visitor("v1").asks_by_email(ask(Some("v1@example.com")));

    s.expect_withdrawn("v1", WithdrawReason::Moved).by("ana");
    let EventKind::Chat(ChatEvent::Deferred(view, reason)) = s.event("the wish").kind else {
        panic!("the chat went on waiting");
    };
    assert_eq!(reason, DeferReason::AskedByEmail);
    assert_eq!(view.contact.email, Some("v1@example.com".parse().unwrap()));
    // Sent again because the answer was lost: the message is in the inbox, it is not over.
    s.visitor("v1").asks_by_email(ask(None));
    s.expect_refused(Refusal::NotWaiting);
}

#[test]
fn avail_05_a_chat_that_somebody_has_is_not_deferred() {
    let mut s = busy(|_| {});
    let ask = AskByEmail {
        name: None,
        email: Some("v@example.com".parse().unwrap()),
    };

    s.visitor("busy").asks_by_email(ask);

    s.expect_refused(Refusal::NotWaiting);
}

#[test]
fn avail_05_hours_that_close_a_queue_now_send_on_what_waits_there() {
    let mut s = two_queues(|settings, second| {
        settings.overflow = Some(Overflow::Queue(second));
    });
    s.visitor("v1").asks_for(Some("support"), None);
    s.expect_queued("v1");

    // It is Monday at nine.
    s.changes_queue("first", |settings| {
        settings.hours = Some(hours(&["10:00-12:00"]));
    });

    assert!(matches!(
        s.event("the overflow").kind,
        EventKind::Chat(ChatEvent::Overflowed(..))
    ));
    s.expect_offer("v1").to("bo");
}

/// `v1` has waited in the first queue for too long, and nobody is in the office of the second.
fn stranded() -> Scenario {
    let mut s = two_queues(|settings, second| {
        settings.max_wait = Some(Millis::from_secs(60));
        settings.overflow = Some(Overflow::Queue(second));
    });
    s.agent("bo").sets("offline");
    s.expect_changed("bo");
    s.visitor("v1").asks_for(Some("support"), None);
    s.expect_queued("v1");
    s.wait(2.mins());
    s.event("the overrun");
    s
}

#[test]
fn avail_05_what_had_to_stay_goes_on_as_soon_as_somebody_takes_it() {
    let mut s = stranded();

    s.agent("bo").sets("online");

    s.expect_changed("bo");
    let EventKind::Chat(ChatEvent::Overflowed(view, _)) = s.event("the overflow").kind else {
        panic!("the chat did not go on");
    };
    assert_eq!(view.queue_id, Some(s.queue_id("second")));
    s.expect_offer("v1").to("bo");
}

#[test]
fn avail_05_what_had_to_stay_goes_by_new_settings_at_once() {
    let mut s = stranded();

    s.changes_queue("first", |settings| {
        settings.overflow = Some(Overflow::Messenger);
    });

    let EventKind::Chat(ChatEvent::Deferred(_, reason)) = s.event("the end of waiting").kind else {
        panic!("the chat went on waiting");
    };
    assert_eq!(reason, DeferReason::Overflow);
}

#[test]
fn avail_05_a_longer_wait_keeps_what_had_to_stay_until_its_end() {
    let mut s = stranded();
    s.changes_queue("first", |settings| {
        settings.max_wait = Some(Millis::from_secs(300));
    });

    s.agent("bo").sets("online");
    s.expect_changed("bo");
    s.expect_nothing_more();

    s.wait(3.mins());
    assert!(matches!(
        s.event("the overflow").kind,
        EventKind::Chat(ChatEvent::Overflowed(..))
    ));
    s.expect_offer("v1").to("bo");
}

#[test]
fn avail_05_what_had_to_stay_goes_on_after_a_restart() {
    let mut s = stranded();
    s.restart_after(Millis(0));
    s.agent("bo").connects();
    s.forget_log();

    s.agent("bo").sets("online");

    s.expect_changed("bo");
    assert!(matches!(
        s.event("the overflow").kind,
        EventKind::Chat(ChatEvent::Overflowed(..))
    ));
    s.forget_log();
}

#[test]
fn avail_05_a_chain_leads_past_a_queue_whose_office_is_not_live() {
    let s = Scenario::office("support")
        .and_office("empty", WhenNotLive::Messenger)
        .and_office("night", WhenNotLive::Messenger)
        .people(["ana", "bo", "cy"])
        .queue("third", "night", ["cy"]);
    let third = s.queue_id("third");
    let s = s
        .queue_settings(|queue| queue.overflow = Some(Overflow::Queue(third)))
        .queue("second", "empty", ["bo"]);
    let second = s.queue_id("second");
    let mut s = s
        .queue_settings(|queue| {
            queue.max_waiting = 1;
            queue.overflow = Some(Overflow::Queue(second));
        })
        .queue("first", "support", ["ana"]);
    for agent in ["ana", "cy"] {
        s.agent(agent).comes_online();
    }
    s.forget_log();
    s.visitor("v0").asks_for(Some("support"), None);
    s.agent("ana").rejects("v0");
    s.forget_log();

    s.visitor("v1").asks_for(Some("support"), None);

    let view = s.expect_queued("v1");
    assert_eq!(view.queue_id, Some(third));
    s.expect_offer("v1").to("cy");
}

#[test]
fn avail_05_who_was_put_into_the_inbox_without_an_address_may_still_give_one() {
    let mut s = busy(|settings| {
        settings.max_wait = Some(Millis::from_secs(60));
        settings.overflow = Some(Overflow::Messenger);
    });
    s.visitor("v1").starts_without_email();
    s.expect_queued("v1");
    s.wait(60.secs());
    s.event("the end of waiting");
    let ask = AskByEmail {
        name: None,
        email: Some("v1@example.com".parse().unwrap()),
    };

    s.visitor("v1").asks_by_email(ask.clone());

    let EventKind::Chat(ChatEvent::Deferred(view, reason)) = s.event("the address").kind else {
        panic!("the address was not taken");
    };
    assert_eq!(reason, DeferReason::AskedByEmail);
    assert_eq!(view.contact.email, ask.email);
    s.visitor("v1").asks_by_email(ask);
    s.expect_refused(Refusal::NotWaiting);
}

#[test]
fn avail_05_what_was_refused_before_the_inbox_is_forgotten_there() {
    let mut s = Scenario::office("support")
        .queue_settings(|queue| {
            queue.max_wait = Some(Millis::from_secs(60));
            queue.overflow = Some(Overflow::Messenger);
        })
        .agents(["ana"])
        .all_available();
    s.visitor("v1").starts_chat();
    s.agent("ana").rejects("v1");
    let round = |s: &Scenario| {
        let chats = s.engine.durable().chats;
        chats.first().map(|chat| chat.round)
    };
    assert_eq!(round(&s), Some(1));
    s.agent("ana").sets("away");
    s.wait(60.secs());
    s.forget_log();

    s.agent("ana").picks("v1");

    s.forget_log();
    assert!(
        round(&s) > Some(2),
        "a round of its own began, and the inbox another"
    );
}

#[test]
fn chat_06_what_waited_in_a_queue_that_is_no_more_is_taken_up_as_its_offices_own() {
    let mut s = Scenario::office("support")
        .people(["ana"])
        .queue("stays", "support", ["ana"])
        .queue_settings(|queue| queue.overflow = Some(Overflow::Messenger))
        .queue("goes", "support", ["ana"])
        .all_available();
    let goes = s.queue_id("goes");
    s.agent("ana").logs_out_of("goes");
    s.visitor("v1").asks_for(Some("support"), Some("goes"));
    s.visitor("v1").asks_by_email(AskByEmail {
        name: None,
        email: Some("v1@example.com".parse().unwrap()),
    });
    assert_eq!(s.chat("v1").queue_id, Some(goes));
    s.archives_queue("goes");
    s.forget_log();

    s.agent("ana").picks("v1");

    let view = s.expect_taken("v1").by("ana");
    assert_eq!(view.queue_id, None, "it came through no queue that is");
}
