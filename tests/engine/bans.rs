//! Bans (CHAT-13).

use deskbell::domain::{
    BANS_MAX, Ban, BanId, Banned, CloseReason, ContactId, Source, Timestamp, WithdrawReason,
};
use deskbell::engine::{Refusal, SetupCommand, SetupEvent};
use uuid::Uuid;

use crate::scenario::{Scenario, Units};

fn ana() -> Scenario {
    Scenario::office("support").agents(["ana"]).all_available()
}

fn ban(s: &Scenario, number: u128, whom: Banned, until: Option<Timestamp>) -> Ban {
    Ban {
        id: BanId(Uuid::from_u128(number)),
        whom,
        reason: Some("spam".parse().unwrap()),
        until,
        created_by: None,
        created_at: s.now,
        version: 1,
    }
}

fn contact(s: &Scenario, visitor: &str) -> Banned {
    Banned::Contact(ContactId::of_visitor(s.visitor_id(visitor)))
}

fn network(text: &str) -> Banned {
    Banned::Network(text.parse().unwrap())
}

fn from(address: &str) -> Source {
    Source::new(address.parse().unwrap())
}

#[test]
fn chat_13_a_ban_ends_the_chats_of_its_contact_and_no_others() {
    let mut s = Scenario::office("support")
        .agents(["ana", "bo"])
        .all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.agent("ana").accepts("v1");
    s.expect_accepted("v1").by("ana");
    s.visitor("v1").asks_for_chat("other", None, None);
    s.expect_queued("other");
    s.expect_offer("other").to("bo");
    s.visitor("v2").starts_chat();
    s.forget_log();

    let banned = ban(&s, 1, contact(&s, "v1"), None);
    s.set_up(SetupCommand::CreateBan(banned.clone()));

    assert_eq!(s.expect_set_up(), SetupEvent::BanCreated(banned));
    s.expect_closed("v1", CloseReason::Banned);
    s.expect_withdrawn("other", WithdrawReason::ChatClosed)
        .by("bo");
    s.expect_closed("other", CloseReason::Banned);
    assert!(s.visitor("v1").snapshot().chats.is_empty());
    assert_eq!(s.visitor("v2").snapshot().chats.len(), 1);
}

#[test]
fn chat_13_who_is_banned_rates_nothing_and_its_chat_never_goes_on() {
    let mut s = Scenario::office("support")
        .queue_settings(|settings| {
            settings.visitor_idle.reopen_within = Some(10.mins());
            settings.closing.wrap_up = Some(30.secs());
        })
        .agents(["ana"])
        .all_available();
    s.visitor("v1").starts_chat();
    s.agent("ana").accepts("v1");
    let command = SetupCommand::CreateBan(ban(&s, 1, contact(&s, "v1"), None));
    s.set_up(command);
    s.forget_log();
    assert_eq!(s.agent("ana").snapshot().wrap_ups.len(), 1);

    s.visitor("v1").sends("m1", "Hello");
    s.expect_refused(Refusal::Banned);
    s.visitor("v1").rates(1, Some("You have banned me"));
    s.expect_refused(Refusal::Banned);
    s.set_up(SetupCommand::LiftBan(BanId(Uuid::from_u128(1)), None));
    s.forget_log();
    s.visitor("v1").sends("m1", "Hello");

    s.expect_refused(Refusal::ChatClosed);
}

#[test]
fn chat_13_who_is_banned_starts_leaves_and_writes_nothing() {
    let mut s = ana();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    let command = SetupCommand::CreateBan(ban(&s, 1, contact(&s, "v1"), None));
    s.set_up(command);
    s.forget_log();

    s.visitor("v1").sends("m1", "Hello");
    s.expect_refused(Refusal::Banned);
    s.visitor("v1").types(true);
    s.expect_refused(Refusal::Banned);
    s.visitor("v1").asks_for_chat("again", None, None);
    s.expect_refused(Refusal::Banned);
    s.visitor("v1").leaves_message(None, "Call me");
    s.expect_refused(Refusal::Banned);
    s.set_up(SetupCommand::LiftBan(BanId(Uuid::from_u128(1)), None));
    s.forget_log();
    s.visitor("v1").asks_for_chat("again", None, None);
    s.expect_queued("again");
    s.expect_offer("again").to("ana");
}

#[test]
fn chat_13_a_banned_network_is_refused_and_its_visitor_may_end_its_chat() {
    let mut s = ana();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    let command = SetupCommand::CreateBan(ban(&s, 1, network("192.0.2.0/24"), None));
    s.set_up(command);
    s.forget_log();

    s.source = Some(from("192.0.2.9"));
    s.visitor("v1").sends("m1", "Hello");
    s.expect_refused(Refusal::Banned);
    s.visitor("v2").asks_for(None, None);
    s.expect_refused(Refusal::Banned);
    s.source = Some(from("198.51.100.1"));
    s.visitor("v1").sends("m1", "Hello");
    s.expect_message("v1");
    s.source = Some(from("::ffff:192.0.2.9"));
    s.visitor("v1").ends();
    s.expect_withdrawn("v1", WithdrawReason::ChatClosed)
        .by("ana");
    s.expect_closed("v1", CloseReason::VisitorEnded);
}

#[test]
fn chat_13_a_ban_holds_up_to_its_end() {
    let mut s = ana();
    let until = s.now + 60.secs();
    s.visitor("v1").leaves_message(None, "Hello");
    s.forget_log();
    let command = SetupCommand::CreateBan(ban(&s, 1, contact(&s, "v1"), Some(until)));
    s.set_up(command);
    s.forget_log();

    s.now = Timestamp(until.0 - 1);
    s.visitor("v1").asks_for_chat("first", None, None);
    s.expect_refused(Refusal::Banned);
    s.now = until;
    s.set_up(SetupCommand::LiftBan(BanId(Uuid::from_u128(1)), None));
    s.expect_refused(Refusal::UnknownBan);
    s.visitor("v1").asks_for_chat("second", None, None);

    s.expect_queued("second");
    s.expect_offer("second").to("ana");
}

#[test]
fn chat_13_bans_survive_a_restart_and_those_that_have_ended_make_room() {
    let mut s = ana();
    let until = s.now + 60.secs();
    let most = u128::try_from(BANS_MAX).unwrap();
    for number in 1..=most {
        let until = (number <= 2).then_some(until);
        let command = SetupCommand::CreateBan(ban(&s, number, network("192.0.2.1"), until));
        s.set_up(command);
        s.forget_log();
    }
    let one_more = SetupCommand::CreateBan(ban(&s, most + 1, network("192.0.2.2"), None));

    s.set_up(one_more.clone());
    s.expect_refused(Refusal::LimitReached);
    s.restart_after(60.secs());
    s.forget_log();
    s.set_up(one_more);

    for number in 1..=2 {
        let id = BanId(Uuid::from_u128(number));
        assert_eq!(s.expect_set_up(), SetupEvent::BanLifted(id));
    }
    assert!(matches!(s.expect_set_up(), SetupEvent::BanCreated(_)));
    s.source = Some(from("192.0.2.1"));
    s.visitor("v1").asks_for(None, None);
    s.expect_refused(Refusal::Banned);
}

#[test]
fn chat_13_the_reason_and_the_end_of_a_ban_change_and_nothing_else_does() {
    let mut s = ana();
    s.visitor("v1").leaves_message(None, "Hello");
    s.forget_log();
    let until = s.now + 60.secs();
    let made = ban(&s, 1, contact(&s, "v1"), Some(until));
    s.set_up(SetupCommand::CreateBan(made.clone()));
    s.forget_log();
    let later = Ban {
        whom: network("192.0.2.1"),
        reason: None,
        until: Some(until + 60.secs()),
        created_at: Timestamp(1),
        ..made.clone()
    };

    s.set_up(SetupCommand::UpdateBan(later.clone()));

    let expected = Ban {
        reason: None,
        until: later.until,
        version: 2,
        ..made
    };
    assert_eq!(s.expect_set_up(), SetupEvent::BanChanged(expected.clone()));
    s.set_up(SetupCommand::UpdateBan(later));
    s.expect_refused(Refusal::VersionMismatch);
    s.set_up(SetupCommand::LiftBan(expected.id, Some(1)));
    s.expect_refused(Refusal::VersionMismatch);
    // It holds on to its new end, over a restart too.
    s.restart_after(90.secs());
    s.forget_log();
    s.visitor("v1").asks_for_chat("first", None, None);
    s.expect_refused(Refusal::Banned);
    s.now = until + 60.secs();
    s.set_up(SetupCommand::UpdateBan(expected));
    s.expect_refused(Refusal::UnknownBan);
}
