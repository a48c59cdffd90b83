//! What a change of the set-up of routing does at once, and what is refused.

use std::collections::BTreeSet;

use deskbell::domain::{Level, Overflow, WithdrawReason};
use deskbell::engine::{Contradiction, Reference, Refusal, SetupCommand, Use};

use crate::scenario::{Scenario, Units};

fn level(number: i64) -> Level {
    number.try_into().unwrap()
}

/// Ana speaks Czech well, Bo a little; both are there.
fn czech() -> Scenario {
    let s = Scenario::office("support")
        .agents(["ana", "bo"])
        .skill("czech");
    let czech = s.skill_id("czech");
    s.agent_with("ana", |agent| agent.skills = [(czech, level(7))].into())
        .agent_with("bo", |agent| agent.skills = [(czech, level(3))].into())
        .all_available()
}

#[test]
fn route_11_who_is_not_good_enough_any_more_loses_the_offer_at_once() {
    let mut s = czech();
    let czech = s.skill_id("czech");
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.visitor("v2").starts_chat();
    s.expect_offer("v2").to("bo");

    s.changes_queue("support", |queue| {
        queue.required_skills.insert(czech, level(5));
    });

    let unavailable = WithdrawReason::AgentUnavailable;
    s.expect_withdrawn("v2", unavailable).by("bo");
    s.expect_offer("v2").to("ana");
    s.changes_agent("ana", |agent| agent.skills.clear());
    s.expect_withdrawn("v1", unavailable).by("ana");
    s.expect_withdrawn("v2", unavailable).by("ana");
}

#[test]
fn route_13_who_becomes_good_enough_is_offered_what_waits_at_once() {
    let mut s = czech();
    let czech = s.skill_id("czech");
    s.changes_queue("support", |queue| {
        queue.required_skills.insert(czech, level(8));
    });
    s.visitor("v1").starts_chat();

    s.changes_agent("bo", |agent| agent.skills = [(czech, level(8))].into());

    s.expect_offer("v1").to("bo");
}

#[test]
fn route_13_a_queue_that_requires_less_offers_what_waits_at_once() {
    let mut s = czech();
    let czech = s.skill_id("czech");
    s.changes_queue("support", |queue| {
        queue.required_skills.insert(czech, level(8));
    });
    s.visitor("v1").starts_chat();

    s.changes_queue("support", |queue| queue.required_skills.clear());

    s.expect_offer("v1").to("ana");
}

#[test]
fn what_a_queue_needs_stays_and_what_agents_have_goes() {
    let mut s = czech();
    let czech = s.skill_id("czech");
    s.changes_queue("support", |queue| {
        queue.required_skills.insert(czech, level(1));
    });

    s.set_up(SetupCommand::ArchiveSkill(czech, None));
    s.expect_refused(Refusal::InUse(Use::QueueSettings));
    s.changes_queue("support", |queue| queue.required_skills.clear());
    s.set_up(SetupCommand::ArchiveSkill(czech, None));
    s.forget_log();

    assert!(s.agent("ana").snapshot().me.skills.is_empty());
    assert!(s.agent("bo").snapshot().me.skills.is_empty());
}

#[test]
fn avail_05_a_chain_of_overflows_ends_somewhere() {
    let mut s = Scenario::office("support")
        .people(["ana"])
        .queue("first", "support", ["ana"])
        .queue("second", "support", ["ana"])
        .queue("third", "support", ["ana"]);
    let [first, second, third] = ["first", "second", "third"].map(|name| s.queue_id(name));
    let overflow = |s: &mut Scenario, from, to| {
        let mut view = s.engine.queue(from).unwrap();
        view.queue.settings.overflow = Some(Overflow::Queue(to));
        let members = view.member_ids.into_iter().collect();
        s.set_up(SetupCommand::UpdateQueue(view.queue, members));
    };
    overflow(&mut s, first, second);
    overflow(&mut s, second, third);
    s.forget_log();

    for (from, to) in [(third, third), (third, second), (third, first)] {
        overflow(&mut s, from, to);
        s.expect_refused(Refusal::OverflowLoop);
    }
    s.archives_queue("third");
    s.expect_refused(Refusal::InUse(Use::Overflow));
}

#[test]
fn settings_that_do_not_go_together_are_named_together() {
    let mut s = Scenario::office("support").agents(["ana"]);
    let mut view = s.engine.queue(s.queue_id("support")).unwrap();
    let settings = &mut view.queue.settings;
    (settings.max_waiting, settings.reopen_at) = (5, Some(5));
    settings.max_wait = Some(60.secs());
    settings.visitor_idle.warning = Some(60.secs());
    settings.visitor_idle.close = Some(60.secs());
    let members = view.member_ids.into_iter().collect();

    s.set_up(SetupCommand::UpdateQueue(view.queue, members));

    s.expect_refused(Refusal::Contradictory(vec![
        Contradiction::ReopenAt,
        Contradiction::MaxWait,
        Contradiction::IdleClose,
    ]));
}

#[test]
fn what_is_named_must_be_there() {
    let s = czech();
    let czech = s.skill_id("czech");
    drop(s);
    let mut s = Scenario::office("support").agents(["ana"]);
    let mut view = s.engine.queue(s.queue_id("support")).unwrap();
    view.queue.settings.required_skills.insert(czech, level(1));
    let nowhere = deskbell::domain::QueueId(czech.0);
    view.queue.settings.overflow = Some(Overflow::Queue(nowhere));
    let members = view.member_ids.into_iter().collect();

    s.set_up(SetupCommand::UpdateQueue(view.queue, members));

    let unknown = vec![Reference::RequiredSkill, Reference::Overflow];
    s.expect_refused(Refusal::UnknownIds(unknown));
}

#[test]
fn the_same_members_again_are_no_change() {
    let mut s = Scenario::office("support")
        .agents(["ana", "bo"])
        .all_available();
    let queue = s.queue_id("support");
    let (ana, bo) = (s.agent_id("ana"), s.agent_id("bo"));
    let both = || BTreeSet::from([ana, bo]);

    s.set_up(SetupCommand::SetMembers(queue, both(), None));
    s.set_up(SetupCommand::SetMembers(queue, both(), Some(1)));
    s.set_up(SetupCommand::SetMembers(queue, [ana].into(), Some(1)));
    assert_eq!(s.expect_members("support").queue.version, 2);
    s.forget_log();
    s.set_up(SetupCommand::SetMembers(queue, both(), Some(1)));
    s.expect_refused(Refusal::VersionMismatch);
}
