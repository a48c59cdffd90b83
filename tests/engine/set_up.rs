//! What a change of the set-up of routing does at once, and what is refused.

use std::collections::BTreeSet;

use deskbell::domain::{Level, OfficeId, Overflow, SkillId, WithdrawReason};
use deskbell::engine::{Command, Contradiction, FieldFault, Reference, Refusal, SetupCommand, Use};

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
fn route_13_whom_a_requirement_frees_is_offered_what_waits_elsewhere() {
    let mut s = Scenario::office("support")
        .capacity(1)
        .people(["ana"])
        .queue("sales", "support", ["ana"])
        .queue("service", "support", ["ana"])
        .skill("czech")
        .all_available();
    let czech = s.skill_id("czech");
    s.visitor("v1").asks_for(None, Some("sales"));
    s.visitor("v2").asks_for(None, Some("service"));
    s.forget_log();

    s.changes_queue("sales", |queue| {
        queue.required_skills.insert(czech, level(5));
    });

    s.expect_withdrawn("v1", WithdrawReason::AgentUnavailable)
        .by("ana");
    s.expect_offer("v2").to("ana");
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

    let contradictions = [
        Contradiction::ReopenAt,
        Contradiction::MaxWait,
        Contradiction::IdleClose,
    ];
    let faults = contradictions.map(FieldFault::Contradicts);
    s.expect_refused(Refusal::BadFields(faults.into()));
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
    view.queue.settings.reopen_at = Some(view.queue.settings.max_waiting);
    let members = view.member_ids.into_iter().collect();
    let command = SetupCommand::UpdateQueue(view.queue, members);
    let faults = vec![
        FieldFault::Unknown(Reference::RequiredSkill, czech.0),
        FieldFault::Unknown(Reference::Overflow, nowhere.0),
        FieldFault::Contradicts(Contradiction::ReopenAt),
    ];

    // Whoever only asks hears the same, and nothing comes of it.
    let before = s.engine.clone();
    let asked = Command::Setup {
        by: None,
        command: command.clone(),
    };
    assert_eq!(s.engine.faults_of(&asked), faults);
    s.set_up(command);

    s.expect_refused(Refusal::BadFields(faults));
    assert_eq!(s.engine.durable(), before.durable());
}

#[test]
fn all_that_is_wrong_with_an_agent_is_told_at_once() {
    let mut s = czech();
    let mut agent = s.agent("ana").snapshot().me;
    let stranger = OfficeId(s.skill_id("czech").0);
    agent.office_ids = [stranger].into();
    let unheard_of = SkillId(s.agent_id("ana").0);
    agent.skills.insert(unheard_of, level(1));
    agent.capacity_max = Some(1.try_into().unwrap());
    agent.inactivity.away_after = Some(60.mins());
    let bound = Some(10.mins());
    s.changes_settings(|settings| settings.inactivity.away_after = bound);

    s.set_up(SetupCommand::UpdateAgent(Box::new(agent), None));

    s.expect_refused(Refusal::BadFields(vec![
        FieldFault::Unknown(Reference::Offices, stranger.0),
        FieldFault::Unknown(Reference::Skill, unheard_of.0),
        FieldFault::Contradicts(Contradiction::CapacityMax),
        FieldFault::BeyondTenant("away_after_s"),
    ]));
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
