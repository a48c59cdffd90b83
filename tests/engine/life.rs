//! The life of a chat: wrap-up, dispositions and marks, idle visitors, reopening, targets, reminders, ratings, bans
//! (CHAT-4, -7, -8, -10, -12, -13).

use deskbell::domain::{
    ChatState, CloseReason, Closing, Millis, Priority, QueueSettings, RatingComment, Reminder,
    Role, Score, TargetKind, Targets, VisitorIdle,
};
use deskbell::engine::{ChatStateView, Refusal, Reply};

use crate::scenario::{Scenario, Units};

const DAY_LESS_40_S: Millis = Millis::from_secs(24 * 60 * 60 - 40);

/// The chat of `v1` is Ana's; Bo is online too.
fn active(change: impl FnOnce(&mut QueueSettings)) -> Scenario {
    let mut s = Scenario::office("support")
        .queue_settings(change)
        .agents(["ana", "bo"])
        .all_available();
    taken(&mut s, "v1", "ana");
    s
}

/// A visitor starts a chat, and an agent at whom it rings takes it.
fn taken(s: &mut Scenario, visitor: &str, agent: &str) {
    s.visitor(visitor).starts_chat();
    s.expect_offer(visitor).to(agent);
    s.agent(agent).accepts(visitor);
    s.expect_accepted(visitor).by(agent);
}

fn wrap_up(settings: &mut QueueSettings) {
    settings.closing.wrap_up = Some(30.secs());
}

fn state(s: &Scenario, chat: &str) -> ChatState {
    match s.chat(chat).state {
        ChatStateView::Settled(state) => state,
        ChatStateView::Offered => panic!("{chat} rings"),
    }
}

#[test]
fn chat_04_its_agent_is_in_wrap_up_after_a_chat_for_as_long_as_the_queue_says() {
    let mut s = active(wrap_up);

    s.agent("ana").closes("v1");

    s.expect_closed("v1", CloseReason::AgentClosed);
    let view = s.expect_wrap_up("v1", "ana");
    assert_eq!(view.wrap_up.until, s.now + 30.secs());
    assert!(matches!(state(&s, "v1"), ChatState::WrapUp { .. }));
    assert_eq!(s.agent("ana").snapshot().wrap_ups, [view]);
    assert!(s.agent("ana").snapshot().chats.is_empty());
    assert!(s.visitor("v1").snapshot().chats.is_empty());
    s.wait_to_the_instant(30.secs());
    s.expect_nothing_more();
    s.wait(0.secs());
    s.expect_wrap_up_ended("v1", "ana");
    assert!(matches!(state(&s, "v1"), ChatState::Closed { .. }));
    assert!(s.agent("ana").snapshot().wrap_ups.is_empty());
}

#[test]
fn chat_04_who_is_in_wrap_up_is_offered_nothing_until_it_ends_it() {
    let mut s = Scenario::office("support")
        .queue_settings(wrap_up)
        .agents(["ana"])
        .all_available();
    taken(&mut s, "v1", "ana");
    s.agent("ana").closes("v1");
    s.expect_closed("v1", CloseReason::AgentClosed);
    s.expect_wrap_up("v1", "ana");

    s.visitor("v2").starts_chat();
    s.expect_nothing_more();
    s.agent("ana").ends_wrap_up("v1");

    s.expect_wrap_up_ended("v1", "ana");
    s.expect_offer("v2").to("ana");
}

#[test]
fn chat_04_wrap_up_comes_after_every_end_and_survives_a_restart() {
    let mut s = active(wrap_up);
    s.visitor("v1").ends();
    s.expect_closed("v1", CloseReason::VisitorEnded);
    s.expect_wrap_up("v1", "ana");

    s.restart_after(10.secs());
    s.forget_log();
    assert_eq!(s.agent("ana").snapshot().wrap_ups.len(), 1);
    s.wait(20.secs());

    s.expect_wrap_up_ended("v1", "ana");
}

#[test]
fn chat_04_a_wrap_up_that_runs_out_while_the_server_is_down_is_over_when_it_is_back() {
    let mut s = active(wrap_up);
    s.agent("ana").closes("v1");
    s.expect_closed("v1", CloseReason::AgentClosed);
    s.expect_wrap_up("v1", "ana");

    s.restart_after(45.secs());

    assert!(s.agent("ana").snapshot().wrap_ups.is_empty());
    assert!(matches!(state(&s, "v1"), ChatState::Closed { .. }));
    s.forget_log();
}

#[test]
fn chat_04_nobody_ends_a_wrap_up_that_is_not_its_own() {
    let mut s = active(wrap_up);
    s.agent("ana").ends_wrap_up("v1");
    s.expect_refused(Refusal::NotInWrapUp);
    s.agent("ana").closes("v1");
    s.expect_closed("v1", CloseReason::AgentClosed);
    s.expect_wrap_up("v1", "ana");

    s.agent("bo").ends_wrap_up("v1");
    s.expect_refused(Refusal::NotInWrapUp);
    s.agent("bo").ends_wrap_up("nothing");
    s.expect_refused(Refusal::UnknownChat);
}

#[test]
fn chat_04_a_chat_that_nobody_answered_has_no_wrap_up() {
    let mut s = Scenario::office("support")
        .queue_settings(wrap_up)
        .agents(["ana"])
        .all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");

    s.visitor("v1").ends();

    s.forget_log();
    assert!(matches!(state(&s, "v1"), ChatState::Closed { .. }));
}

/// The chat of `v1` is Ana's, in a queue that knows these outcomes.
fn with_dispositions(change: impl FnOnce(&mut Closing)) -> Scenario {
    let mut s = Scenario::office("support");
    let known = ["sold", "lost"].map(|name| s.disposition(name));
    let mut s = s
        .queue_settings(|settings| {
            settings.closing.dispositions = known.into_iter().collect();
            change(&mut settings.closing);
        })
        .agents(["ana", "bo"])
        .all_available();
    taken(&mut s, "v1", "ana");
    s
}

#[test]
fn chat_04_a_chat_is_not_closed_without_an_outcome_where_its_queue_asks_for_one() {
    let mut s = with_dispositions(|_| ());

    s.agent("ana").closes("v1");
    s.expect_refused(Refusal::DispositionRequired);
    s.agent("ana").closes_with("v1", &[]);
    s.expect_refused(Refusal::DispositionRequired);
    s.agent("ana").closes_with("v1", &["sold"]);

    let marks = s.expect_marked("v1");
    assert_eq!(marks.attributes.dispositions.len(), 1);
    s.expect_closed("v1", CloseReason::AgentClosed);
}

#[test]
fn chat_04_an_outcome_may_be_selected_before_the_close() {
    let mut s = with_dispositions(|_| ());
    s.agent("ana").selects("v1", &["lost"]);
    s.expect_marked("v1");

    s.agent("ana").closes("v1");

    s.expect_closed("v1", CloseReason::AgentClosed);
    let lost = s.disposition("lost");
    assert!(s.chat("v1").marks.attributes.dispositions.contains(&lost));
}

#[test]
fn chat_04_a_queue_may_ask_for_no_outcome_or_take_several() {
    let mut s = with_dispositions(|closing| closing.disposition_required = false);
    s.agent("ana").closes("v1");
    s.expect_closed("v1", CloseReason::AgentClosed);

    let mut s = with_dispositions(|closing| closing.several_dispositions = true);
    s.agent("ana").closes_with("v1", &["sold", "lost"]);
    let marks = s.expect_marked("v1");
    assert_eq!(marks.attributes.dispositions.len(), 2);
    s.expect_closed("v1", CloseReason::AgentClosed);
}

#[test]
fn chat_04_outcomes_that_its_queue_does_not_have_are_named() {
    let mut s = with_dispositions(|_| ());

    s.agent("ana")
        .closes_with("v1", &["other", "sold", "another"]);
    s.expect_refused(Refusal::UnknownDispositions { places: 0b101 });
    s.agent("ana").closes_with("v1", &["sold", "lost"]);
    s.expect_refused(Refusal::SeveralDispositions);
    s.agent("ana").selects("v1", &["sold", "other"]);
    s.expect_refused(Refusal::UnknownDispositions { places: 0b10 });
}

#[test]
fn chat_04_an_outcome_is_set_in_wrap_up_and_after_it() {
    let mut s = with_dispositions(|closing| {
        closing.wrap_up = Some(30.secs());
        closing.disposition_required = false;
    });
    s.agent("ana").closes("v1");
    s.expect_closed("v1", CloseReason::AgentClosed);
    s.expect_wrap_up("v1", "ana");

    s.agent("ana").selects("v1", &["sold"]);
    s.expect_marked("v1");
    let shown = s.agent("ana").snapshot().wrap_ups.remove(0);
    assert_eq!(shown.chat.marks.attributes.dispositions.len(), 1);
    s.agent("ana").ends_wrap_up("v1");
    s.expect_wrap_up_ended("v1", "ana");
    s.agent("ana").selects("v1", &["lost"]);

    s.expect_marked("v1");
}

#[test]
fn chat_07_a_chat_is_marked_tagged_and_given_fields() {
    let mut s = active(|_| ());
    let tag = s.tag("vip");

    s.agent("ana").updates("v1", |update| {
        update.important = Some(true);
        update.tags = Some(vec![tag]);
        update.fields = [("plan".into(), Some("gold".into())), ("old".into(), None)].into();
    });
    let marks = s.expect_marked("v1");
    assert!(marks.attributes.important && marks.attributes.tags.contains(&tag));
    assert_eq!(*s.chat("v1").marks, marks);
    // What is so already is no news.
    s.agent("ana")
        .updates("v1", |update| update.important = Some(true));
    s.expect_nothing_more();
    s.agent("ana").updates("v1", |update| {
        update.fields = [("plan".into(), None)].into();
    });

    let marks = s.expect_marked("v1");
    assert!(marks.attributes.important && marks.attributes.fields.bytes() == 0);
}

#[test]
fn chat_07_a_chat_has_so_many_fields_and_no_more() {
    let mut s = active(|_| ());
    let field = |n: usize| (format!("f{n}").into(), Some("x".into()));
    s.agent("ana")
        .updates("v1", |update| update.fields = (0..20).map(field).collect());
    s.expect_marked("v1");

    s.agent("ana")
        .updates("v1", |update| update.fields = [field(20)].into());
    s.expect_refused(Refusal::TooManyFields);
    s.agent("ana").updates("v1", |update| {
        update.fields = [field(20), ("f0".into(), None)].into();
    });

    s.expect_marked("v1");
}

#[test]
fn chat_07_who_has_nothing_to_do_with_a_chat_marks_nothing() {
    let mut s = Scenario::office("support")
        .agents(["ana"])
        .people(["bo", "sue"])
        .role("sue", Role::Supervisor)
        .all_available();
    taken(&mut s, "v1", "ana");

    s.agent("bo")
        .updates("v1", |update| update.important = Some(true));
    s.expect_refused(Refusal::NotParticipant);
    s.agent("bo")
        .updates("nothing", |update| update.important = Some(true));
    s.expect_refused(Refusal::UnknownChat);
    s.agent("sue")
        .updates("v1", |update| update.important = Some(true));

    s.expect_marked("v1");
}

#[test]
fn route_04_a_waiting_chat_is_made_more_urgent() {
    let mut s = Scenario::office("support")
        .capacity(1)
        .agents(["ana"])
        .all_available();
    taken(&mut s, "v0", "ana");
    s.visitor("v1").starts_chat();
    s.wait(1.secs());
    s.visitor("v2").starts_chat();
    let urgent = Priority::try_from(1).unwrap();
    assert_eq!(s.chat("v2").position, Some(2));

    s.agent("ana")
        .updates("v2", |update| update.priority = Some(urgent));

    s.expect_marked("v2");
    assert_eq!(s.chat("v2").position, Some(1));
    s.agent("ana")
        .updates("v0", |update| update.priority = Some(urgent));
    s.expect_refused(Refusal::NotWaiting);
}

/// An office whose agents are away, and a message that was left for it.
fn left() -> Scenario {
    let mut s = Scenario::office("support")
        .agents(["ana", "bo"])
        .people(["eve"]);
    s.visitor("v1").leaves_message(None, "Call me");
    s.expect_offline_message("v1");
    s.expect_message("v1");
    s
}

#[test]
fn chat_06_an_agent_of_the_office_takes_up_a_message_that_was_left() {
    let mut s = left();

    s.agent("ana").picks("v1");

    s.expect_taken("v1").by("ana");
    assert!(matches!(state(&s, "v1"), ChatState::Active { .. }));
    assert_eq!(s.visitor("v1").snapshot().chats.len(), 1);
    assert_eq!(s.agent("ana").snapshot().chats.len(), 1);
    s.agent("ana").sends("v1", "a1", "Here I am");
    s.expect_message("v1");
    s.visitor("v1").sends("m2", "At last");
    s.expect_message("v1");
    s.agent("bo").picks("v1");
    let ana = s.agent_id("ana");
    s.expect_refused(Refusal::OfferGone {
        taken_by: Some(ana),
    });
    s.agent("ana").closes("v1");
    s.expect_closed("v1", CloseReason::AgentClosed);
}

#[test]
fn chat_06_who_is_not_of_the_office_or_may_not_reply_takes_up_nothing() {
    let mut s = left();
    s.agent("eve").picks("v1");
    s.expect_refused(Refusal::NotAMember);
    s.changes_settings(|settings| settings.offline_replies = false);

    s.agent("ana").picks("v1");

    s.expect_refused(Refusal::StatusForbidsChats);
}

#[test]
fn chat_06_a_message_that_was_taken_up_counts_as_load() {
    let mut s = Scenario::office("support").capacity(1).agents(["ana"]);
    for visitor in ["v1", "v2"] {
        s.visitor(visitor).leaves_message(None, "Call me");
        s.expect_offline_message(visitor);
        s.expect_message(visitor);
    }
    s.agent("ana").picks("v1");
    s.expect_taken("v1").by("ana");

    s.agent("ana").picks("v2");

    s.expect_refused(Refusal::AtCapacity);
}

fn idle(settings: &mut QueueSettings) {
    settings.visitor_idle = VisitorIdle {
        warning: Some(60.secs()),
        close: Some(90.secs()),
        reopen_within: Some(10.mins()),
    };
}

/// Ana has written last.
fn unanswered() -> Scenario {
    let mut s = active(idle);
    s.agent("ana").sends("v1", "a1", "Are you there?");
    s.expect_message("v1");
    s
}

#[test]
fn chat_10_a_visitor_that_does_not_answer_is_warned_and_its_chat_closed() {
    let mut s = unanswered();
    let closes_at = s.now + 90.secs();

    s.wait_to_the_instant(60.secs());
    s.expect_nothing_more();
    s.wait(0.secs());
    assert_eq!(s.expect_idle_warning("v1"), Some(closes_at));
    s.wait(30.secs());

    s.expect_closed("v1", CloseReason::VisitorIdle);
}

#[test]
fn chat_10_the_visitor_owes_nothing_before_an_agent_has_written_or_after_it_has_answered() {
    let mut s = active(idle);
    s.wait(10.mins());
    s.expect_nothing_more();
    s.agent("ana").sends("v1", "a1", "Are you there?");
    s.expect_message("v1");
    s.visitor("v1").sends("m1", "Yes");
    s.expect_message("v1");

    s.wait(10.mins());

    s.expect_nothing_more();
}

#[test]
fn chat_10_typing_begins_the_time_anew_also_after_the_warning() {
    let mut s = unanswered();
    s.wait(61.secs());
    s.expect_idle_warning("v1");
    s.visitor("v1").types(true);
    s.expect_typing("v1");
    s.expect_visitor_seen("v1");

    s.wait_to_the_instant(60.secs());
    s.expect_nothing_more();
    s.wait(0.secs());

    s.expect_idle_warning("v1");
}

#[test]
fn chat_10_a_restart_does_not_begin_the_time_anew() {
    let mut s = unanswered();
    s.wait(61.secs());
    s.expect_idle_warning("v1");

    s.restart_after(10.secs());
    s.forget_log();
    s.wait(20.secs());

    s.expect_closed("v1", CloseReason::VisitorIdle);
}

#[test]
fn chat_10_other_settings_of_the_queue_hold_for_its_chats_at_once() {
    let mut s = unanswered();
    s.changes_queue("support", |settings| {
        settings.visitor_idle.warning = Some(20.secs());
    });
    s.expect_nothing_more();

    s.wait(20.secs());

    s.expect_idle_warning("v1");
}

#[test]
fn chat_10_a_visitor_who_returns_in_time_goes_on_with_its_agent() {
    let mut s = active(idle);
    s.agent("ana").closes("v1");
    s.expect_closed("v1", CloseReason::AgentClosed);
    s.wait(5.mins());

    s.visitor("v1").sends("m1", "One more thing");

    let view = s.expect_reopened("v1", &["ana"]);
    assert!(matches!(
        view.state,
        ChatStateView::Settled(ChatState::Active { .. })
    ));
    s.expect_message("v1");
    assert_eq!(s.agent("ana").snapshot().chats.len(), 1);
    assert_eq!(s.visitor("v1").snapshot().chats.len(), 1);
    s.agent("ana").sends("v1", "a1", "Yes?");
    s.expect_message("v1");
}

#[test]
fn chat_10_when_its_agent_cannot_take_it_the_chat_waits_with_a_new_age() {
    let mut s = active(idle);
    s.agent("ana").closes("v1");
    s.expect_closed("v1", CloseReason::AgentClosed);
    s.agent("ana").sets("away");
    s.forget_log();
    s.wait(1.mins());

    s.visitor("v1").sends("m1", "One more thing");

    s.expect_reopened("v1", &[]);
    s.expect_message("v1");
    let offer = s.expect_offer("v1").to("bo");
    assert_eq!(offer.waiting_since, s.now);
    s.agent("bo").accepts("v1");
    let view = s.expect_accepted("v1").by("bo");
    assert_eq!(view.agents.len(), 1, "ana has it no more");
}

#[test]
fn chat_10_a_visitor_who_returns_in_wrap_up_ends_it() {
    let mut s = active(|settings| {
        wrap_up(settings);
        idle(settings);
    });
    s.agent("ana").closes("v1");
    s.expect_closed("v1", CloseReason::AgentClosed);
    s.expect_wrap_up("v1", "ana");

    s.visitor("v1").sends("m1", "One more thing");

    s.expect_wrap_up_ended("v1", "ana");
    s.expect_reopened("v1", &["ana"]);
    s.expect_message("v1");
    assert!(s.agent("ana").snapshot().wrap_ups.is_empty());
}

#[test]
fn chat_10_a_visitor_who_returns_too_late_finds_its_chat_closed() {
    let mut s = active(idle);
    s.agent("ana").closes("v1");
    s.expect_closed("v1", CloseReason::AgentClosed);

    s.wait_to_the_instant(10.mins());
    s.visitor("v2").sends_to("v1", "m1", "Mine?");
    s.expect_refused(Refusal::UnknownChat);
    s.wait(0.secs());
    s.visitor("v1").sends("m1", "One more thing");

    s.expect_refused(Refusal::ChatClosed);
}

#[test]
fn chat_10_a_chat_is_not_reopened_past_the_bounds_of_its_queue_and_its_visitor() {
    let mut s = Scenario::office("support")
        .queue_settings(|settings| {
            idle(settings);
            settings.max_waiting = 1;
        })
        .agents(["ana", "bo"])
        .all_available();
    s.visitor("v1").starts_chat();
    s.agent("ana").accepts("v1");
    s.agent("ana").closes("v1");
    s.agent("ana").sets("away");
    s.agent("bo").sets("away");
    s.forget_log();
    s.visitor("v1").sends("m1", "One more thing");
    s.expect_reopened("v1", &[]);
    s.expect_message("v1");
    s.forget_log();
    s.visitor("v1").ends();
    s.expect_closed("v1", CloseReason::VisitorEnded);

    s.agent("bo").sets("online");
    s.forget_log();
    s.visitor("v2").starts_chat();
    s.forget_log();
    s.visitor("v1").sends("m2", "And another");

    s.expect_refused(Refusal::QueueFull);
}

#[test]
fn chat_10_a_warning_makes_no_load_of_a_silent_chat() {
    let mut s = active(|settings| {
        settings.visitor_idle.warning = Some(20.mins());
    });
    s.agent("ana").sends("v1", "a1", "Are you there?");
    s.expect_message("v1");
    s.wait(11.mins());
    let silent = |s: &Scenario| s.engine.durable().chats[0].course.is_silent;
    assert!(silent(&s));

    s.wait(9.mins());

    s.expect_idle_warning("v1");
    assert!(silent(&s));
    s.visitor("v1").sends("m1", "Here I am");
    s.expect_message("v1");
    assert!(!silent(&s));
}

#[test]
fn chat_10_a_chat_with_a_bad_message_is_not_reopened() {
    let mut s = active(idle);
    s.agent("ana").sends("v1", "a1", "Hello");
    s.expect_message("v1");
    s.agent("ana").closes("v1");
    s.expect_closed("v1", CloseReason::AgentClosed);

    s.visitor("v1").sends("a1", "Hello");

    s.expect_refused(Refusal::MessageIdTaken);
}

#[test]
fn chat_12_a_target_is_marked_when_it_passes_and_once() {
    let mut s = Scenario::office("support")
        .queue_settings(|settings| {
            settings.ring_timeout = None;
            settings.targets = Targets {
                waiting: Some(20.secs()),
                first_reply: Some(60.secs()),
            };
        })
        .agents(["ana"])
        .all_available();
    let started = s.now;
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");

    s.wait_to_the_instant(20.secs());
    s.expect_nothing_more();
    s.wait(0.secs());
    let at = s.expect_target_missed("v1", TargetKind::Waiting);
    assert_eq!(at, started + 20.secs());
    s.agent("ana").accepts("v1");
    s.expect_accepted("v1").by("ana");
    s.restart_after(10.secs());
    s.forget_log();
    s.wait(30.secs());
    s.expect_target_missed("v1", TargetKind::FirstReply);
    s.forget_log();
    s.wait(10.mins());

    let missed = s.chat("v1").marks.missed_targets;
    assert!(missed.waiting && missed.first_reply);
    s.forget_log();
}

#[test]
fn chat_12_a_target_that_is_held_is_not_missed() {
    let mut s = active(|settings| {
        settings.targets = Targets {
            waiting: Some(20.secs()),
            first_reply: Some(60.secs()),
        };
    });
    s.agent("ana").sends("v1", "a1", "Hello");
    s.expect_message("v1");

    s.wait(10.mins());

    s.expect_nothing_more();
}

#[test]
fn chat_08_an_agent_that_does_not_look_is_reminded_after_the_first_unanswered_message() {
    let mut s = active(|settings| settings.reminder = Some(Reminder::After(30.secs())));
    s.visitor("v1").sends("m1", "Hello?");
    s.expect_message("v1");
    s.wait(20.secs());
    s.visitor("v1").sends("m2", "Anybody?");
    s.expect_message("v1");

    s.wait(10.secs());

    s.expect_reminded("v1", &["ana"]);
    s.wait(10.mins());
    s.expect_nothing_more();
}

#[test]
fn chat_08_a_restart_does_not_begin_the_time_anew() {
    let mut s = active(|settings| settings.reminder = Some(Reminder::After(30.secs())));
    s.visitor("v1").sends("m1", "Hello?");
    s.expect_message("v1");
    s.wait(20.secs());

    s.restart_after(4.secs());
    s.forget_log();
    s.wait(5.secs());
    s.expect_nothing_more();
    s.wait(1.secs());

    s.expect_reminded("v1", &["ana"]);
}

#[test]
fn chat_08_who_looks_at_the_chat_or_has_answered_is_not_reminded() {
    let mut s = active(|settings| settings.reminder = Some(Reminder::After(30.secs())));
    s.agent("ana").connects_as("phone");
    s.agent("ana").looks_at("phone", Some("v1"));
    s.visitor("v1").sends("m1", "Hello?");
    s.expect_message("v1");
    s.wait(30.secs());
    s.expect_reminded("v1", &[]);
    s.agent("ana").sends("v1", "a1", "Yes?");
    s.expect_message("v1");
    s.visitor("v1").sends("m2", "A question");
    s.expect_message("v1");

    // With the connection goes what it showed.
    s.agent("ana").disconnects_from("phone");
    s.wait(30.secs());

    s.expect_reminded("v1", &["ana"]);
}

#[test]
fn chat_08_a_queue_may_remind_at_every_message_but_nobody_who_is_offline() {
    let mut s = active(|settings| settings.reminder = Some(Reminder::EveryMessage));
    for id in ["m1", "m2"] {
        s.visitor("v1").sends(id, "Hello?");
        s.expect_message("v1");
        s.expect_reminded("v1", &["ana"]);
    }
    s.agent("ana").sets("offline");
    s.forget_log();

    s.visitor("v1").sends("m3", "Hello?");

    s.expect_message("v1");
}

#[test]
fn chat_08_a_window_shows_chats_of_its_agent_only() {
    let mut s = active(|_| ());
    s.agent("bo").looks_at("tab", Some("v1"));
    s.expect_refused(Refusal::NotParticipant);
    s.agent("ana").looks_at("tab", Some("v1"));
    s.agent("ana").looks_at("tab", None);
    s.expect_nothing_more();
}

#[test]
fn chat_12_a_visitor_rates_a_chat_and_changes_its_mind_for_a_day() {
    let mut s = active(wrap_up);
    s.visitor("v1").rates(4, Some("Quick"));
    let rating = s.expect_rated("v1");
    assert_eq!(
        rating.comment.as_ref().map(RatingComment::as_str),
        Some("Quick")
    );
    s.agent("ana").closes("v1");
    s.expect_closed("v1", CloseReason::AgentClosed);
    s.expect_wrap_up("v1", "ana");
    s.visitor("v1").rates(2, None);
    s.expect_rated("v1");
    s.wait(30.secs());
    s.expect_wrap_up_ended("v1", "ana");
    s.wait_to_the_instant(DAY_LESS_40_S);
    s.visitor("v1").rates(1, None);
    s.expect_rated("v1");
    let Reply::Chat(chat) = s.reply() else {
        panic!("a chat is the answer");
    };
    assert_eq!(chat.marks.score.map(Score::get), Some(1));
    s.wait(40.secs());

    s.visitor("v1").rates(5, None);

    s.expect_refused(Refusal::RatingClosed);
}

#[test]
fn chat_12_only_its_visitor_rates_a_chat_and_only_when_somebody_took_part() {
    let mut s = Scenario::office("support").agents(["ana"]).all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.visitor("v1").rates(5, None);
    s.expect_refused(Refusal::NothingToRate);
    s.visitor("v1").ends();
    s.forget_log();
    s.visitor("v1").rates(5, None);
    s.expect_refused(Refusal::NothingToRate);

    s.visitor("v2").rates(5, None);

    s.expect_refused(Refusal::UnknownChat);
}
