//! What offices show, why, since when, for how long, and what led to it (AVAIL-1, AVAIL-5).

use deskbell::domain::{
    Mode, Overrun, PresenceReason, ShownReason, Timestamp, WhenBusy, WhenNotLive,
};
use deskbell::engine::{Cause, OfficeAvailability, Refusal};

use crate::scenario::{GRACE, START, Scenario, Units, hours};

fn shown(s: &Scenario, office: &str) -> OfficeAvailability {
    s.engine
        .availability()
        .remove(&s.office_id(office))
        .unwrap()
}

fn ana_online() -> Scenario {
    Scenario::office("support").agents(["ana"]).all_available()
}

#[test]
fn avail_01_a_change_says_what_led_to_it_and_who_is_there() {
    let mut s = ana_online();
    let ana = s.agent_id("ana");

    s.agent("ana").sets("away");
    s.expect_presence("ana", "away", PresenceReason::Chosen);
    let (event, change) = s.expect_shown("support", "messenger", ShownReason::NobodyOnline);

    assert_eq!(change.cause, Cause::Presence(ana));
    assert_eq!((event.at, change.shown.since), (s.now, s.now));
    assert_eq!((change.members, change.online.len()), (1, 0));
    assert!(change.is_open);
    s.agent("ana").sets("online");
    s.expect_presence("ana", "online", PresenceReason::Chosen);
    let (_, change) = s.expect_shown("support", "live", ShownReason::AgentOnline);
    assert_eq!(change.online, [ana]);
    assert_eq!(change.shown, shown(&s, "support"));
}

#[test]
fn avail_01_an_office_stays_live_as_long_as_one_agent_is_there() {
    let mut s = Scenario::office("support")
        .agents(["ana", "bo"])
        .all_available();

    s.agent("ana").sets("away");
    s.expect_presence("ana", "away", PresenceReason::Chosen);
    s.expect_nothing_else_shown();
    s.agent("bo").sets("invisible");

    s.expect_presence("bo", "invisible", PresenceReason::Chosen);
    s.expect_shown("support", "messenger", ShownReason::NobodyOnline);
}

#[test]
fn avail_01_an_override_counts_for_its_office_alone() {
    let mut s = Scenario::office("support")
        .and_office("sales", WhenNotLive::Hidden)
        .people(["ana"])
        .queue("help", "support", ["ana"])
        .queue("orders", "sales", ["ana"])
        .all_available();

    s.agent("ana").sets_in("sales", "away");

    s.expect_changed("ana");
    s.expect_shown("sales", "hidden", ShownReason::NobodyOnline);
    s.expect_nothing_else_shown();
    assert_eq!(shown(&s, "support").mode, Mode::Live);
}

#[test]
fn avail_01_being_in_an_office_without_a_place_in_its_queues_does_not_make_it_live() {
    let s = Scenario::office("support")
        .and_office("sales", WhenNotLive::Messenger)
        .people(["ana", "bo"])
        .queue("help", "support", ["ana"])
        .queue("orders", "sales", ["bo"]);
    let sales = s.office_id("sales");
    let mut s = s.agent_with("ana", |ana| ana.office_ids = [sales].into());

    s.agent("ana").comes_online();

    assert_eq!(s.agent("ana").is_in("sales"), "online");
    s.expect_shown("support", "live", ShownReason::AgentOnline);
    s.expect_nothing_else_shown();
}

#[test]
fn avail_01_members_that_are_moved_take_the_office_with_them() {
    let mut s = Scenario::office("support")
        .and_office("sales", WhenNotLive::Messenger)
        .people(["ana"])
        .queue("help", "support", ["ana"])
        .queue("orders", "sales", [])
        .all_available();
    assert_eq!(shown(&s, "sales").reason, ShownReason::NoMembers);

    s.sets_members("orders", &["ana"]);
    s.expect_members("orders");
    s.expect_changed("ana");
    let (_, change) = s.expect_shown("sales", "live", ShownReason::AgentOnline);
    assert!(matches!(change.cause, Cause::Presence(_) | Cause::Setup));
    s.sets_members("help", &[]);
    s.expect_members("help");
    s.expect_changed("ana");

    s.expect_shown("support", "messenger", ShownReason::NoMembers);
    s.expect_nothing_else_shown();
}

#[test]
fn avail_01_out_of_its_hours_an_office_is_not_live_whoever_is_online() {
    let mut s = ana_online().office_with("support", |office| {
        office.hours = Some(hours(&["10:00-12:00"]));
    });
    let ten = Timestamp(START.0 + 3_600_000);
    let before = shown(&s, "support");
    assert_eq!(
        (before.mode, before.reason),
        (Mode::Messenger, ShownReason::OutOfHours)
    );
    assert_eq!(
        (before.opens_at, before.valid_until),
        (Some(ten), Some(ten))
    );
    s.visitor("v1").asks_for(None, None);
    s.expect_refused(Refusal::NotLive {
        mode: Mode::Messenger,
    });

    s.wait(60.mins());

    let (event, change) = s.expect_shown("support", "live", ShownReason::AgentOnline);
    assert_eq!((event.at, change.cause), (ten, Cause::Hours));
    assert_eq!(change.shown.valid_until, Some(ten + 120.mins()));
    assert_eq!(change.shown.opens_at, None);
    s.wait(120.mins());
    let (event, change) = s.expect_shown("support", "messenger", ShownReason::OutOfHours);
    assert_eq!((event.at, change.is_open), (ten + 120.mins(), false));
    assert_eq!(change.shown.opens_at, Some(ten + (24 * 60).mins()));
}

#[test]
fn avail_01_an_office_that_opens_without_anybody_says_so() {
    let mut s = Scenario::office("support")
        .agents(["ana"])
        .office_with("support", |office| {
            office.hours = Some(hours(&["10:00-12:00"]));
        });

    s.wait(60.mins());

    s.expect_shown("support", "messenger", ShownReason::NobodyOnline);
    assert_eq!(shown(&s, "support").opens_at, None);
}

#[test]
fn avail_01_what_an_office_shows_is_valid_until_the_next_change_that_is_known() {
    let mut s = Scenario::office("support")
        .agents(["ana", "bo"])
        .pause("lunch", false, Some((30.mins(), Overrun::End)))
        .hours_of("ana", hours(&["08:00-12:00"]))
        .hours_of("bo", hours(&["08:00-11:00"]))
        .all_available();
    let noon = Timestamp(START.0 + 3 * 3_600_000);
    assert_eq!(
        shown(&s, "support").valid_until,
        Some(noon),
        "the last one is there till noon"
    );

    s.agent("ana").logs_out();
    s.expect_logged_out("ana");
    s.expect_presence("ana", "offline", PresenceReason::LoggedOut);
    assert_eq!(
        shown(&s, "support").valid_until,
        Some(Timestamp(noon.0 - 3_600_000))
    );
    s.agent("bo").pauses("lunch");

    s.expect_presence("bo", "away", PresenceReason::Paused);
    let (_, change) = s.expect_shown("support", "messenger", ShownReason::NobodyOnline);
    assert_eq!(
        change.shown.valid_until,
        Some(s.now + 30.mins()),
        "then Bo is back"
    );
}

#[test]
fn avail_01_without_hours_nothing_is_known_of_the_future() {
    let mut s = ana_online();
    assert_eq!(shown(&s, "support").valid_until, None);

    s.agent("ana").disconnects();
    s.expect_disconnected("ana");

    assert_eq!(
        shown(&s, "support").valid_until,
        None,
        "a grace can still be put off"
    );
}

#[test]
fn pres_19_a_blink_of_the_only_agent_shows_nothing() {
    let mut s = ana_online();
    let before = shown(&s, "support");
    s.agent("ana").disconnects();
    s.expect_disconnected("ana");
    s.wait_to_the_instant(GRACE);
    s.agent("ana").connects();
    s.expect_connected("ana");

    s.expect_nothing_else_shown();
    assert_eq!(shown(&s, "support"), before);
}

#[test]
fn avail_05_when_all_are_busy_an_office_may_show_the_messenger() {
    let mut s = Scenario::office("support")
        .capacity(1)
        .agents(["ana", "bo"])
        .office_with("support", |office| office.when_busy = WhenBusy::Messenger)
        .all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.expect_nothing_else_shown();

    s.visitor("v2").starts_chat();

    s.expect_offer("v2").to("bo");
    let (_, change) = s.expect_shown("support", "messenger", ShownReason::AllBusy);
    assert_eq!(change.cause, Cause::Chat(s.chat_id("v2")));
    s.visitor("v3").asks_for(None, None);
    s.expect_refused(Refusal::NotLive {
        mode: Mode::Messenger,
    });
    s.agent("ana").accepts("v1");
    s.expect_accepted("v1").by("ana");
    s.expect_nothing_else_shown();
    s.agent("ana").closes("v1");
    s.expect_closed("v1", deskbell::domain::CloseReason::AgentClosed);
    s.expect_shown("support", "live", ShownReason::AgentOnline);
}

#[test]
fn avail_05_a_capacity_that_is_changed_makes_room_or_takes_it() {
    let mut s = Scenario::office("support")
        .capacity(1)
        .agents(["ana"])
        .office_with("support", |office| office.when_busy = WhenBusy::Messenger)
        .all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.expect_shown("support", "messenger", ShownReason::AllBusy);

    s.changes_agent("ana", |ana| ana.capacity = 2.try_into().unwrap());
    s.expect_shown("support", "live", ShownReason::AgentOnline);
    s.changes_agent("ana", |ana| ana.capacity = 1.try_into().unwrap());

    s.expect_shown("support", "messenger", ShownReason::AllBusy);
}

#[test]
fn route_11_a_capacity_that_is_lowered_takes_back_the_youngest_offers_and_ends_no_chat() {
    let mut s = ana_online();
    for visitor in ["v1", "v2", "v3"] {
        s.visitor(visitor).starts_chat();
        s.expect_offer(visitor).to("ana");
        s.wait(1.secs());
    }
    s.agent("ana").accepts("v1");
    s.expect_accepted("v1").by("ana");
    s.agent("ana").accepts("v2");
    s.expect_accepted("v2").by("ana");

    s.changes_agent("ana", |ana| ana.capacity = 1.try_into().unwrap());

    s.expect_withdrawn("v3", deskbell::domain::WithdrawReason::AgentUnavailable)
        .by("ana");
    assert_eq!(s.agent("ana").snapshot().chats.len(), 2);
    s.restart_after(1.secs());
    s.expect_disconnected("ana");
}

#[test]
fn avail_05_an_office_that_queues_stays_live_when_all_are_busy() {
    let mut s = Scenario::office("support")
        .capacity(1)
        .agents(["ana"])
        .all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");

    s.expect_nothing_else_shown();
    s.changes_office("support", |office| office.when_busy = WhenBusy::Messenger);

    let (_, change) = s.expect_shown("support", "messenger", ShownReason::AllBusy);
    assert_eq!(change.cause, Cause::Setup);
}

#[test]
fn avail_03_who_is_there_and_how_many_wait_is_shown_only_if_the_tenant_wants_it() {
    let mut s = Scenario::office("support")
        .capacity(1)
        .agents(["ana"])
        .agent_with("ana", |ana| {
            ana.public_name = Some("Ana from support".parse().unwrap());
        })
        .all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.visitor("v2").starts_chat();
    let before = shown(&s, "support");
    assert!(before.agents.is_empty() && before.waiting.is_none() && !s.engine.shows_chats());

    s.changes_settings(|settings| {
        settings.show_agents = true;
        settings.show_queue = true;
    });

    let after = shown(&s, "support");
    assert_eq!(after.agents[0].name.as_str(), "Ana from support");
    assert_eq!((after.agents.len(), after.waiting), (1, Some(2)));
    assert!(s.engine.shows_chats());
}

#[test]
fn avail_01_what_an_office_shows_goes_on_through_a_restart() {
    let mut s = ana_online();
    let before = shown(&s, "support");

    s.restart_after(30.secs());

    s.expect_disconnected("ana");
    assert_eq!(shown(&s, "support"), before);
    s.expect_nothing_else_shown();
}
