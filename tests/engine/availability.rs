//! What visitors see of an office (AVAIL), and messages while nobody is there.

use deskbell::domain::{
    AgentId, ChatState, Mode, OfficeId, PresenceReason, ShownReason, WhenNotLive, WidgetId,
};
use deskbell::engine::{ChatStateView, FieldFault, Reference, Refusal, Reply};
use deskbell_plans::START;
use uuid::Uuid;

use crate::scenario::{GRACE, Scenario, Units, hours};

fn mode(s: &Scenario, office: &str) -> Mode {
    let id = s.office_id(office);
    let mode = s.engine.availability()[&id].mode;
    assert_eq!(s.engine.office(id).unwrap().mode, mode);
    mode
}

#[test]
fn avail_01_an_office_is_live_while_a_member_of_a_queue_is_effectively_online() {
    let rows = [
        ("online", Mode::Live),
        ("away", Mode::Messenger),
        ("invisible", Mode::Messenger),
        ("offline", Mode::Messenger),
    ];
    for (status, expected) in rows {
        let mut s = Scenario::office("support").agents(["ana"]).all_available();

        s.agent("ana").sets(status);

        if status != "online" {
            s.expect_presence("ana", status, PresenceReason::Chosen);
        }
        assert_eq!(mode(&s, "support"), expected, "{status}");
    }
}

#[test]
fn avail_01_an_office_that_is_not_live_shows_what_it_is_set_to() {
    let s = Scenario::hidden_office("support")
        .and_office("sales", WhenNotLive::Messenger)
        .agents(["ana"]);

    assert_eq!(mode(&s, "support"), Mode::Hidden);
    assert_eq!(mode(&s, "sales"), Mode::Messenger);
}

#[test]
fn avail_01_an_agent_online_counts_only_for_the_offices_whose_queues_it_is_in() {
    let mut s = Scenario::office("support")
        .and_office("sales", WhenNotLive::Messenger)
        .people(["ana", "bo"])
        .queue("help", "support", ["ana"])
        .queue("orders", "sales", ["bo"]);

    s.agent("ana").comes_online();
    assert_eq!(mode(&s, "support"), Mode::Live);
    assert_eq!(mode(&s, "sales"), Mode::Messenger);
    s.sets_members("orders", &["ana", "bo"]);

    s.expect_members("orders");
    s.expect_changed("ana");
    assert_eq!(mode(&s, "sales"), Mode::Live);
}

#[test]
fn avail_01_an_office_without_a_queue_is_not_live() {
    let mut s = Scenario::office("support").people(["ana"]);

    s.agent("ana").comes_online();

    assert_eq!(mode(&s, "support"), Mode::Messenger);
}

#[test]
fn avail_01_all_at_capacity_is_still_live() {
    let mut s = Scenario::office("support")
        .capacity(1)
        .agents(["ana"])
        .all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");

    assert_eq!(mode(&s, "support"), Mode::Live);
    s.visitor("v2").starts_chat();
}

#[test]
fn pres_19_an_office_stays_live_through_the_grace_of_its_only_agent() {
    let mut s = Scenario::office("support").agents(["ana"]).all_available();

    s.agent("ana").disconnects();
    s.expect_disconnected("ana");
    s.wait_to_the_instant(GRACE);
    assert_eq!(mode(&s, "support"), Mode::Live);
    s.wait(GRACE);

    s.expect_lost("ana");
    s.expect_presence("ana", "offline", PresenceReason::Disconnected);
    assert_eq!(mode(&s, "support"), Mode::Messenger);
}

#[test]
fn avail_04_a_chat_is_refused_while_nobody_is_there_and_says_what_is_shown() {
    let mut s = Scenario::office("support").agents(["ana"]);
    s.visitor("v1").asks_for(None, None);
    s.expect_refused(Refusal::NotLive {
        mode: Mode::Messenger,
    });

    let mut s = Scenario::hidden_office("support").agents(["ana"]);
    s.visitor("v1").asks_for(None, None);
    s.expect_refused(Refusal::NotLive { mode: Mode::Hidden });
}

#[test]
fn avail_04_the_widget_shows_the_most_that_one_of_its_offices_does() {
    let mut s = Scenario::hidden_office("support")
        .and_office("sales", WhenNotLive::Messenger)
        .agents(["ana"]);

    s.visitor("v1").asks_for(None, None);

    s.expect_refused(Refusal::NotLive {
        mode: Mode::Messenger,
    });
}

#[test]
fn avail_04_a_message_can_be_left_while_nobody_is_there() {
    let mut s = Scenario::office("support")
        .and_office("sales", WhenNotLive::Messenger)
        .agents(["ana"]);

    s.visitor("v1").leaves_message(None, "Call me back.");
    let view = s.expect_offline_message("v1");
    assert_eq!(
        view.state,
        ChatStateView::Settled(ChatState::OfflineMessage)
    );
    assert_eq!(view.office_id, s.office_id("support"));
    assert_eq!((view.queue_id, view.position), (None, None));
    let (_, message) = s.expect_message("v1");
    assert_eq!(message.message.seq, 1);
    assert_eq!(
        message.message.text().unwrap().source().as_str(),
        "Call me back."
    );
    let Reply::Chat(chat) = s.reply() else {
        panic!("a chat is the answer");
    };
    assert_eq!(chat.last_seq, 1);

    s.visitor("v2").leaves_message(Some("sales"), "Me too.");
    assert_eq!(
        s.expect_offline_message("v2").office_id,
        s.office_id("sales")
    );
    s.expect_message("v2");
}

#[test]
fn avail_04_an_offline_message_is_not_a_chat_that_waits() {
    let mut s = Scenario::office("support").agents(["ana"]);
    s.visitor("v1").leaves_message(None, "Call me back.");
    s.expect_offline_message("v1");
    s.expect_message("v1");

    s.agent("ana").comes_online();
    assert!(s.visitor("v1").snapshot().chats.is_empty());
    s.visitor("v1").sends("m2", "Hello?");
    s.expect_refused(Refusal::ChatClosed);
    s.agent("ana").closes("v1");
    s.expect_refused(Refusal::NotParticipant);
    assert!(s.agent("ana").snapshot().offers.is_empty());

    s.engine.forget_closed();
    s.visitor("v1").sends("m2", "Hello?");
    s.expect_refused(Refusal::UnknownChat);
}

#[test]
fn avail_04_a_message_for_an_office_out_of_the_widgets_reach_is_refused() {
    let mut s = Scenario::office("support").agents(["ana"]);

    s.visitor("v1")
        .leaves_message(Some("nowhere"), "Call me back.");
    let nowhere = FieldFault::Unknown(Reference::Office, s.office_id("nowhere").0);
    s.expect_refused(Refusal::BadFields(vec![nowhere]));
    s.visitor("v1")
        .leaves_message_at(WidgetId(Uuid::nil()), None, "Call me back.");
    s.expect_refused(Refusal::UnknownWidget);
}

#[test]
fn what_is_set_up_refers_only_to_what_is_there() {
    let mut s = Scenario::office("support").agents(["ana"]);

    let queue = s.new_queue("billing", "nowhere", &["ana"]);
    s.set_up(queue);
    let nowhere = s.office_id("nowhere").0;
    let bad = |faults: &[FieldFault]| Refusal::BadFields(faults.to_vec());
    s.expect_refused(bad(&[FieldFault::Unknown(Reference::Office, nowhere)]));
    let queue = s.new_queue("billing", "nowhere", &["ana", "nobody", "no one"]);
    s.set_up(queue);
    let strangers = ["nobody", "no one"].map(|name| s.agent_id(name).0);
    let strangers = strangers.map(|id| FieldFault::Unknown(Reference::Member, id));
    let office = FieldFault::Unknown(Reference::Office, nowhere);
    let [nobody, no_one] = strangers;
    s.expect_refused(bad(&[office, nobody.clone(), no_one]));
    s.sets_members("support", &["nobody"]);
    s.expect_refused(bad(&[nobody]));
    s.sets_members("billing", &["ana"]);
    s.expect_refused(Refusal::UnknownQueue);
    let widget = s.new_widget("shop", &["support", "nowhere"]);
    s.set_up(widget);
    s.expect_refused(bad(&[FieldFault::Unknown(Reference::Offices, nowhere)]));
    let agent = s.new_agent("ana-2", "ANA@example.com");
    s.set_up(agent);
    s.expect_refused(Refusal::EmailTaken);

    assert!(s.engine.agent_snapshot(AgentId(Uuid::nil())).is_none());
    assert!(s.engine.office(OfficeId(Uuid::nil())).is_none());
}

#[test]
fn what_is_set_up_is_bounded() {
    let limits = deskbell::domain::Limits {
        resources_of_a_kind: 1,
        ..deskbell::domain::Limits::default()
    };
    let mut s = Scenario::empty(limits)
        .and_office("support", WhenNotLive::Messenger)
        .agents(["ana"]);
    let widget = s.new_widget("shop", &["support"]);
    s.set_up(widget);
    s.expect_set_up();

    let agent = s.new_agent("bo", "bo@example.com");
    let queue = s.new_queue("billing", "support", &[]);
    let widget = s.new_widget("blog", &["support"]);
    for command in [agent, queue, widget] {
        s.set_up(command);
        s.expect_refused(Refusal::LimitReached);
    }
}

#[test]
fn avail_01_the_hours_of_its_only_queue_are_those_of_the_office() {
    // A Monday at nine.
    let mut s = Scenario::office("support")
        .queue_settings(|queue| queue.hours = Some(hours(&["08:00-10:00"])))
        .agents(["ana"])
        .all_available();
    let shown = |s: &Scenario| s.engine.availability()[&s.office_id("support")].clone();
    let open = shown(&s);
    let ten = open.valid_until.expect("the queue closes at ten");
    assert_eq!(ten, START + 60.mins());
    assert_eq!(open.opens_at, None);

    s.wait(60.mins());

    let closed = shown(&s);
    assert_eq!(
        (closed.mode, closed.reason),
        (Mode::Messenger, ShownReason::OutOfHours)
    );
    let office = s.engine.office_now(s.office_id("support")).unwrap();
    assert!(!office.is_open);
    assert!(closed.opens_at.is_some(), "the queue opens again");
    assert_eq!(closed.valid_until, closed.opens_at);
}

#[test]
fn avail_01_an_office_opens_when_it_and_a_queue_of_it_are_in_hours() {
    let mut s = Scenario::office("support")
        .office_with("support", |office| {
            office.hours = Some(hours(&["11:00-15:00"]));
        })
        .queue_settings(|queue| queue.hours = Some(hours(&["10:00-10:30", "12:00-13:00"])))
        .agents(["ana"])
        .all_available();
    let shown = |s: &Scenario| s.engine.availability()[&s.office_id("support")].clone();
    let noon = shown(&s).opens_at.expect("both are open at noon");

    assert_eq!(noon, START + 180.mins());
    s.wait(180.mins());
    assert_eq!(mode(&s, "support"), Mode::Live);
    let until = shown(&s).valid_until.expect("the queue closes at one");
    assert_eq!(until, START + 240.mins());
}
