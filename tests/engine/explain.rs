//! Why a chat went to whom it went, and why not to somebody else (ROUTE-15, ROUTE-17).

use deskbell::domain::{
    Capacity, ChatState, CloseReason, IfUnavailable, KeptFor, Level, Limits, Millis, OfferNumber,
    Participant, ParticipantRole, PresenceReason, Priority, Purpose, Release, SkillId, Skills,
    Status, Strategy, Timestamp, WrapUp,
};
use deskbell::engine::{
    Change, Decision, Engine, EventKind, Explanation, Ineligible, OfferEvent, Rule, StateRecord,
    TieBreak,
};
use uuid::Uuid;

use crate::scenario::{START, Scenario, To, Units, hours};

/// A skill that the tenant has.
fn skilled(name: &str) -> (Scenario, SkillId) {
    let s = Scenario::office("support").skill(name);
    let skill = s.engine.durable().skills[0].id;
    (s, skill)
}

fn level(number: i64) -> Level {
    Level::try_from(number).unwrap()
}

fn capacity(number: i64) -> Capacity {
    Capacity::try_from(number).unwrap()
}

/// The decision of the offer that comes next, and to whom it went.
fn decided(s: &mut Scenario) -> (Decision, String) {
    match s.event("an offer").kind {
        EventKind::Offer(OfferEvent::Made(view, Some(decision)), _) => {
            (*decision, s.name_of(view.agent_id.0))
        }
        other => panic!("{other:?}"),
    }
}

fn order(s: &Scenario, decision: &Decision) -> Vec<String> {
    let candidates = decision.candidates.iter();
    candidates.map(|c| s.name_of(c.agent_id.0)).collect()
}

fn passed_over(s: &Scenario, decision: &Decision) -> Vec<(String, Ineligible)> {
    let passed = decision.passed_over.iter();
    passed.map(|p| (s.name_of(p.agent_id.0), p.rule)).collect()
}

fn why(s: &Scenario, agent: &str, chat: &str) -> Explanation {
    let found = s.engine.explain(s.chat_id(chat), s.agent_id(agent));
    let found = found.expect("an agent");
    assert_eq!(found.rules.is_empty(), found.place.is_some());
    found
}

/// The one rule that keeps a chat from an agent, and what would change that.
fn only(found: Explanation) -> (Ineligible, Vec<Change>) {
    match &*found.rules {
        [Rule::Agent(rule)] => (*rule, found.changes),
        other => panic!("{other:?}"),
    }
}

fn takes(s: &mut Scenario, chat: &str, agent: &str) {
    s.visitor(chat).starts_chat();
    s.expect_offer(chat).to(agent);
    s.agent(agent).accepts(chat);
    s.expect_accepted(chat).by(agent);
}

/// Ana has one of one chat, and v2 waits. Bo is no member, and online.
fn full() -> Scenario {
    let mut s = Scenario::office("support")
        .capacity(1)
        .people(["bo"])
        .agents(["ana"])
        .all_available();
    takes(&mut s, "v1", "ana");
    s.visitor("v2").starts_chat();
    s
}

/// The same engine with other records. What offices show of them is not looked at.
fn with(s: &Scenario, change: impl FnOnce(&mut StateRecord)) -> Engine {
    let mut stored = s.engine.durable();
    change(&mut stored);
    Engine::restore(Limits::default(), stored, s.now).expect("records that fit")
}

#[test]
fn route_15_an_offer_says_in_which_order_they_stood_and_who_was_passed_over() {
    let mut s = Scenario::office("support")
        .agents(["ana", "bo", "cy", "di"])
        .all_available();
    takes(&mut s, "v1", "ana");
    s.wait(10.secs());
    s.agent("di").sets("away");
    s.expect_changed("di");

    s.visitor("v2").starts_chat();

    let (decision, offered_to) = decided(&mut s);
    assert_eq!(order(&s, &decision), ["bo", "cy", "ana"]);
    assert_eq!(offered_to, "bo");
    let away = Ineligible::NotOnline {
        status: Status::Away,
        reason: PresenceReason::Chosen,
    };
    assert_eq!(passed_over(&s, &decision), [("di".to_owned(), away)]);
    assert_eq!(decision.purpose, Purpose::Answer);
    assert_eq!(decision.strategy, Some(Strategy::LongestIdle));
    assert_eq!(decision.queue_id, Some(s.queue_id("support")));
    assert_eq!((decision.members, decision.left_out), (4, 0));
    let ranks: Vec<_> = decision
        .candidates
        .iter()
        .map(|c| c.rank.unwrap())
        .collect();
    assert_eq!([ranks[0].busy, ranks[1].busy, ranks[2].busy], [0, 0, 1]);
    assert_eq!(ranks[2].load, 1);
    let place = decision.place.unwrap();
    assert_eq!((place.position, place.waiting), (1, 1));
    assert_eq!(place.waiting_since, s.now);
}

#[test]
fn route_15_what_decided_between_the_first_two_is_the_first_value_that_differs() {
    let tie = |s: &mut Scenario| {
        s.visitor("v9").starts_chat();
        let (decision, _) = decided(s);
        decision.tie_break
    };
    let two = |strategy: Strategy, levels: [i64; 2]| {
        let (s, skill) = skilled("Czech");
        s.queue_settings(|settings| {
            settings.strategy = strategy;
            settings.required_skills.insert(skill, level(1));
        })
        .agents(["ana", "bo"])
        .agent_with("ana", |ana| {
            ana.skills = Skills::from([(skill, level(levels[0]))]);
        })
        .agent_with("bo", |bo| {
            bo.skills = Skills::from([(skill, level(levels[1]))]);
        })
    };

    let mut s = two(Strategy::LongestIdle, [3, 3]);
    for agent in ["ana", "bo"] {
        s.agent(agent).comes_online();
    }
    assert_eq!(tie(&mut s), Some(TieBreak::Id), "at the same instant");
    let mut s = two(Strategy::LongestIdle, [3, 3]);
    s.agent("ana").comes_online();
    s.wait(1.secs());
    s.agent("bo").comes_online();
    s.forget_log();
    assert_eq!(tie(&mut s), Some(TieBreak::IdleSince));
    let mut s = two(Strategy::LongestIdle, [3, 3]).all_available();
    takes(&mut s, "v1", "ana");
    assert_eq!(tie(&mut s), Some(TieBreak::Busy));
    let mut s = two(Strategy::RoundRobin, [3, 3]).all_available();
    assert_eq!(tie(&mut s), Some(TieBreak::Turn));
    let mut s = two(Strategy::PriorityTiers, [3, 9]).all_available();
    assert_eq!(tie(&mut s), Some(TieBreak::MissingLevels));
    let mut s = two(Strategy::LongestIdle, [3, 3]);
    s.agent("ana").comes_online();
    assert_eq!(tie(&mut s), None, "there is one only");
}

#[test]
fn route_15_turns_go_on_from_who_was_asked_before() {
    let mut s = Scenario::office("support")
        .queue_settings(|settings| settings.strategy = Strategy::RoundRobin)
        .agents(["ana", "bo", "cy"])
        .all_available();
    s.visitor("v1").starts_chat();
    let (first, offered_to) = decided(&mut s);
    assert_eq!((first.last_asked, &*offered_to), (None, "ana"));

    s.visitor("v2").starts_chat();

    let (second, _) = decided(&mut s);
    assert_eq!(second.last_asked, Some(s.agent_id("ana")));
    assert_eq!(order(&s, &second), ["bo", "cy", "ana"]);
    assert!(second.candidates.iter().all(|c| c.rank.is_none()));
}

#[test]
fn route_15_a_broadcast_says_of_each_offer_who_was_still_to_be_asked() {
    let mut s = Scenario::office("support")
        .queue_settings(|settings| settings.strategy = Strategy::Broadcast)
        .agents(["ana", "bo"])
        .all_available();

    s.visitor("v1").starts_chat();

    let (first, _) = decided(&mut s);
    assert_eq!(order(&s, &first), ["ana", "bo"]);
    let (second, offered_to) = decided(&mut s);
    assert_eq!(
        (order(&s, &second), &*offered_to),
        (vec!["bo".to_owned()], "bo")
    );
    let had = [("ana".to_owned(), Ineligible::HasIt)];
    assert_eq!(passed_over(&s, &second), had);
}

#[test]
fn route_15_a_chat_that_is_kept_passes_over_all_others() {
    let mut s = Scenario::office("support")
        .people(["eve"])
        .agents(["ana", "bo"])
        .all_available();

    s.visitor("v1").is_assigned_to(&["eve"]);

    s.expect_queued("v1");
    let (decision, offered_to) = decided(&mut s);
    assert_eq!(offered_to, "eve");
    assert_eq!(order(&s, &decision), ["eve"]);
    let others = ["ana", "bo"].map(|name| (name.to_owned(), Ineligible::KeptForOthers));
    assert_eq!(passed_over(&s, &decision), others);
    let reserved = decision.reserved.unwrap();
    assert_eq!(reserved.kept_for, KeptFor::Assignment);
    assert_eq!(
        (decision.members, decision.left_out),
        (3, 0),
        "she is none of the two"
    );
}

#[test]
fn route_15_an_invisible_agent_that_a_late_chat_calls_stands_first() {
    let mut s = Scenario::office("support")
        .queue_settings(|queue| queue.ring_timeout = None)
        .agents(["ana", "bo"])
        .agent_with("ana", |ana| {
            ana.offers_when_invisible_after = Some(30.secs());
        })
        .all_available();
    s.agent("ana").sets("invisible");
    s.expect_changed("ana");
    s.visitor("v1").starts_chat();
    let (decision, offered_to) = decided(&mut s);
    assert_eq!(offered_to, "bo");
    let late = Ineligible::NotYetLate {
        at: s.now + 30.secs(),
    };
    assert_eq!(passed_over(&s, &decision), [("ana".to_owned(), late)]);
    assert_eq!(
        only(why(&s, "ana", "v1")),
        (late, vec![Change::WaitUntil(s.now + 30.secs())])
    );

    s.wait(30.secs());

    let (decision, offered_to) = decided(&mut s);
    assert_eq!(offered_to, "ana");
    assert!(decision.candidates[0].late);
    assert_eq!(order(&s, &decision), ["ana"], "it rings at bo already");
}

#[test]
fn route_15_a_decision_is_bounded_and_says_how_many_it_leaves_out() {
    const AGENTS: usize = 60;
    let names: [String; AGENTS] = std::array::from_fn(|number| format!("agent-{number:02}"));
    let names: [&str; AGENTS] = std::array::from_fn(|number| &*names[number]);
    let mut s = Scenario::office("support").agents(names);
    for name in &names[..25] {
        s.agent(name).comes_online();
    }
    s.forget_log();

    s.visitor("v1").starts_chat();

    let (decision, offered_to) = decided(&mut s);
    assert_eq!(offered_to, "agent-00");
    assert_eq!(decision.candidates.len(), Decision::CANDIDATES);
    assert_eq!(decision.passed_over.len(), Decision::PASSED_OVER);
    assert_eq!((decision.members, decision.left_out), (60, 30));
    let bytes = serde_json::to_vec(&decision).unwrap().len();
    assert!(bytes < 6000, "an event of {bytes} bytes");
}

#[test]
fn route_15_a_decision_is_read_as_it_was_stored() {
    let (s, skill) = skilled("Czech");
    let mut s = s
        .queue_settings(|settings| {
            settings.required_skills.insert(skill, level(4));
            settings.priority = Priority::MAX;
        })
        .agents(["ana", "bo", "cy"])
        .agent_with("ana", |ana| ana.skills = Skills::from([(skill, level(9))]))
        .agent_with("bo", |bo| bo.skills = Skills::from([(skill, level(3))]))
        .all_available();
    s.visitor("v1").starts_chat();
    let (decision, _) = decided(&mut s);
    assert_eq!(decision.passed_over.len(), 2);

    let stored = serde_json::to_value(&decision).unwrap();

    assert_eq!(stored["passed_over"][0]["rule"], "lacks_skill");
    let read: Decision = serde_json::from_value(stored).unwrap();
    assert_eq!(read, decision);
}

#[test]
fn route_15_a_waiting_chat_says_what_keeps_everybody_from_it() {
    let s = full();

    let now = s.engine.routing_now(s.chat_id("v2")).unwrap();

    let (load, capacity) = (1, 1);
    let full = Ineligible::AtCapacity { load, capacity };
    assert_eq!(passed_over(&s, &now.decision), [("ana".to_owned(), full)]);
    assert!(now.decision.candidates.is_empty() && now.ringing.is_empty());
    assert_eq!(now.decision.place.unwrap().position, 1);
    let active = s.engine.routing_now(s.chat_id("v1"));
    assert_eq!(active, None, "it looks for nobody");
}

#[test]
fn route_15_agents_pick_from_a_manual_queue_and_stand_in_an_order_all_the_same() {
    let mut s = Scenario::office("support")
        .queue_settings(|settings| settings.strategy = Strategy::Manual)
        .agents(["ana", "bo"])
        .all_available();
    s.visitor("v1").starts_chat();

    let now = s.engine.routing_now(s.chat_id("v1")).unwrap();

    assert_eq!(order(&s, &now.decision), ["ana", "bo"]);
    assert_eq!(why(&s, "bo", "v1").place, Some(2));
}

#[test]
fn route_17_who_is_asked_next_is_told_its_place() {
    let mut s = Scenario::office("support")
        .agents(["ana", "bo", "cy"])
        .all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");

    assert_eq!(why(&s, "cy", "v1").place, Some(2));
    assert_eq!(why(&s, "bo", "v1").place, Some(1));
    assert_eq!(why(&s, "bo", "v1").ringing, [s.agent_id("ana")]);
    let (rule, changes) = only(why(&s, "ana", "v1"));
    assert_eq!(rule, Ineligible::HasIt);
    assert_eq!(changes, [Change::AcceptOffer(OfferNumber(1))]);
}

#[test]
fn route_17_a_chat_that_looks_for_nobody_says_so() {
    let mut s = full();
    let found = why(&s, "bo", "v1");
    assert_eq!(
        (&*found.rules, &*found.changes),
        (&[Rule::NotWaiting][..], &[][..])
    );

    s.visitor("v2").ends();
    s.expect_closed("v2", CloseReason::VisitorEnded);
    assert_eq!(why(&s, "bo", "v2").rules, [Rule::NotWaiting]);
    assert_eq!(
        s.engine
            .explain(s.chat_id("v2"), deskbell::domain::AgentId(Uuid::nil())),
        None
    );
}

#[test]
fn route_17_somebody_else_than_a_member_would_have_to_become_one() {
    let mut s = full();
    let (rule, changes) = only(why(&s, "bo", "v2"));
    assert_eq!(rule, Ineligible::NotAMember);
    assert_eq!(changes, [Change::AddMember(s.queue_id("support"))]);

    s.sets_members("support", &["ana", "bo"]);

    s.expect_members("support");
    s.expect_changed("bo");
    s.expect_offer("v2").to("bo");
}

#[test]
fn route_17_who_has_logged_out_of_the_queue_would_have_to_log_in() {
    let mut s = full();
    s.sets_members("support", &["ana", "bo"]);
    s.forget_log();
    s.agent("bo").logs_out_of("support");
    s.forget_log();

    let (rule, changes) = only(why(&s, "bo", "v2"));

    assert_eq!(rule, Ineligible::LoggedOut);
    assert_eq!(changes, [Change::LogInToQueue(s.queue_id("support"))]);
    s.agent("bo").logs_in_to("support");
    s.event("the log-in");
    s.expect_offer("v2").to("bo");
}

#[test]
fn route_17_who_is_not_online_is_told_what_takes_it_back() {
    let mut s = Scenario::office("support")
        .settings(|settings| settings.inactivity.away_after = Some(20.mins()))
        .pause("lunch", true, None)
        .capacity(1)
        .agents(["ana", "bo"])
        .all_available();
    takes(&mut s, "v1", "ana");
    s.agent("bo").sets("away");
    s.expect_changed("bo");
    s.visitor("v2").starts_chat();
    let is = |s: &Scenario, status: Status, reason: PresenceReason, change: Change| {
        let (rule, changes) = only(why(s, "bo", "v2"));
        assert_eq!(rule, Ineligible::NotOnline { status, reason });
        assert_eq!(changes, [change]);
    };

    is(&s, Status::Away, PresenceReason::Chosen, Change::GoOnline);
    s.agent("bo").sets("online");
    s.expect_changed("bo");
    s.expect_offer("v2").to("bo");
    s.agent("bo").pauses("lunch");
    s.forget_log();
    is(&s, Status::Away, PresenceReason::Paused, Change::EndPause);
    s.agent("bo").ends_pause();
    s.expect_changed("bo");
    s.expect_offer("v2").to("bo");
    s.agent("bo").sets_in("support", "away");
    s.forget_log();
    let cleared = Change::GoOnlineInOffice(s.office_id("support"));
    is(&s, Status::Away, PresenceReason::Override, cleared);
    s.agent("bo").clears("support");
    s.forget_log();
    s.wait(20.mins());
    s.forget_log();
    let inactive = (Status::Away, PresenceReason::Inactivity);
    is(&s, inactive.0, inactive.1, Change::GoOnline);
    s.changes_settings(|settings| settings.inactivity.resume = true);
    is(&s, inactive.0, inactive.1, Change::BeActive);
    s.agent("bo").acts();
    s.expect_changed("bo");
    s.expect_offer("v2").to("bo");
}

#[test]
fn route_17_who_cannot_be_reached_would_have_to_connect() {
    let mut s = full();
    s.sets_members("support", &["ana", "bo"]);
    s.forget_log();
    s.agent("bo").accepts("v2");
    s.agent("bo").disconnects();
    s.forget_log();
    s.visitor("v3").starts_chat();
    s.agent("bo").closes("v2");
    s.forget_log();

    let (rule, changes) = only(why(&s, "bo", "v3"));
    assert_eq!(
        (rule, &*changes),
        (Ineligible::Unreachable, &[Change::Connect][..])
    );

    s.agent("bo").connects();
    s.expect_connected("bo");
    s.expect_offer("v3").to("bo");
}

#[test]
fn route_17_work_after_a_chat_ends_by_itself_or_at_once() {
    let mut s = full();
    s.sets_members("support", &["ana", "bo"]);
    s.forget_log();
    s.agent("bo").accepts("v2");
    s.forget_log();
    s.visitor("v3").starts_chat();
    let (ana, bo) = (s.agent_id("ana"), s.agent_id("bo"));
    let (v1, until) = (s.chat_id("v1"), s.now + 60.secs());
    let engine = with(&s, |stored| {
        let chat = stored.chats.iter_mut().find(|chat| chat.id == v1).unwrap();
        // Bo goes on with it; ana has left it and works on it.
        let joined_at = s.now;
        let role = ParticipantRole::Agent;
        chat.participants = [(bo, Participant { role, joined_at })].into();
        chat.state = ChatState::Active { accepted_at: s.now };
        let since = s.now;
        chat.course.wrapping.insert(ana, WrapUp { since, until });
    });

    let found = engine.explain(s.chat_id("v3"), ana).unwrap();

    let rules = [
        Rule::Agent(Ineligible::Unreachable),
        Rule::Agent(Ineligible::InWrapUp { until }),
    ];
    assert_eq!(found.rules, rules);
    assert_eq!(found.changes, [Change::Connect, Change::EndWrapUp(until)]);
}

#[test]
fn route_17_a_full_agent_may_have_the_chat_with_room_for_one_more() {
    let mut s = full();
    let (rule, changes) = only(why(&s, "ana", "v2"));
    let (load, may_have) = (1, 1);
    assert_eq!(
        rule,
        Ineligible::AtCapacity {
            load,
            capacity: may_have
        }
    );
    assert_eq!(changes, [Change::RaiseCapacity(1, 2)]);

    s.changes_agent("ana", |ana| ana.capacity = capacity(2));

    s.expect_offer("v2").to("ana");
}

#[test]
fn route_17_silent_chats_may_need_a_higher_ceiling_too() {
    let mut s = Scenario::office("support")
        .capacity(1)
        .agents(["ana"])
        .agent_with("ana", |ana| ana.capacity_max = Some(capacity(2)))
        .all_available();
    takes(&mut s, "v1", "ana");
    s.wait(10.mins());
    takes(&mut s, "v2", "ana");
    s.visitor("v3").starts_chat();
    let (rule, changes) = only(why(&s, "ana", "v3"));
    assert!(matches!(rule, Ineligible::AtCapacity { .. }));
    let both = [Change::RaiseCapacity(1, 2), Change::RaiseCapacityMax(2, 3)];
    assert_eq!(changes, both, "one is silent, and two is the ceiling");
    s.wait(10.mins());

    let (rule, changes) = only(why(&s, "ana", "v3"));
    let (chats, ceiling) = (2, 2);
    assert_eq!(rule, Ineligible::AtCeiling { chats, ceiling });
    assert_eq!(changes, [Change::RaiseCapacityMax(2, 3)]);
    s.changes_agent("ana", |ana| ana.capacity_max = Some(capacity(3)));
    s.expect_offer("v3").to("ana");
}

#[test]
fn route_17_a_skill_is_missing_or_too_low() {
    let s = Scenario::office("support").skill("Czech").skill("Polish");
    let skills = s.engine.durable().skills;
    let (skill, other) = (skills[0].id, skills[1].id);
    let mut s = s
        .capacity(1)
        .queue_settings(|settings| {
            settings.required_skills = Skills::from([(skill, level(4)), (other, level(2))]);
        })
        .agents(["ana", "bo"])
        .agent_with("bo", |bo| {
            bo.skills = Skills::from([(skill, level(4)), (other, level(2))]);
        })
        .agent_with("ana", |ana| ana.skills = Skills::from([(skill, level(3))]))
        .all_available();
    takes(&mut s, "v1", "bo");
    s.visitor("v2").starts_chat();

    let (rule, changes) = only(why(&s, "ana", "v2"));
    let low = Ineligible::LacksSkill {
        skill_id: skill,
        required: level(4),
        has: Some(level(3)),
    };
    assert_eq!(rule, low);
    let both = [Change::RaiseSkill(skill, 3, 4), Change::AddSkill(other, 2)];
    assert_eq!(changes, both);

    s.changes_agent("ana", |ana| {
        ana.skills = Skills::from([(skill, level(4)), (other, level(2))]);
    });
    s.expect_offer("v2").to("ana");
}

#[test]
fn route_17_who_has_just_come_back_waits_for_its_next_minute() {
    let mut s = Scenario::office("support")
        .settings(|settings| settings.chats.ramp_per_minute = Some(1))
        .agents(["ana"]);
    s.agent("ana").comes_online();
    let back_at = s.now;
    takes(&mut s, "v1", "ana");
    s.visitor("v2").starts_chat();

    let (rule, changes) = only(why(&s, "ana", "v2"));
    let (given, allowed) = (1, 1);
    assert_eq!(rule, Ineligible::Ramping { given, allowed });
    let due = back_at + 60.secs();
    assert_eq!(changes, [Change::WaitUntil(due)]);

    s.wait(due.since(s.now));
    s.expect_offer("v2").to("ana");
}

#[test]
fn route_17_near_the_end_of_its_hours_they_would_have_to_end_later() {
    // A Monday at nine; the hours end at ten.
    let mut s = Scenario::office("support")
        .settings(|settings| settings.chats.stop_offers_before_end = Some(10.mins()))
        .agents(["ana"])
        .hours_of("ana", hours(&["08:00-10:00"]))
        .all_available();
    let ends_at = Timestamp(START.0 + 60 * 60_000);
    s.wait(55.mins());
    s.visitor("v1").starts_chat();

    let (rule, changes) = only(why(&s, "ana", "v1"));
    assert_eq!(rule, Ineligible::EndOfHours { ends_at });
    assert_eq!(changes, [Change::ExtendHours(s.now + 10.mins())]);

    s.changes_agent("ana", |ana| ana.hours = Some(hours(&["08:00-10:06"])));
    s.expect_offer("v1").to("ana");
}

#[test]
fn route_17_a_chat_that_is_kept_for_others_is_so_while_they_are_there_or_for_a_time() {
    let mut s = Scenario::office("support")
        .queue_settings(|settings| settings.prefer_last_agent_for = Some(Millis::from_secs(20)))
        .capacity(1)
        .agents(["ana", "bo"])
        .all_available();
    takes(&mut s, "v1", "ana");
    s.visitor("v2").returns_to("ana");
    s.expect_queued("v2");
    let until = s.now + 20.secs();
    let (rule, changes) = only(why(&s, "bo", "v2"));
    assert_eq!(rule, Ineligible::KeptForOthers);
    assert_eq!(changes, [Change::WaitUntil(until)]);
    s.wait(20.secs());
    s.event("the end of the reservation");
    s.expect_offer("v2").to("bo");

    s.agent("bo").rejects("v2");
    s.forget_log();
    s.visitor("v3").is_assigned_to(&["ana"]);
    s.forget_log();
    let (rule, changes) = only(why(&s, "bo", "v3"));
    assert_eq!(rule, Ineligible::KeptForOthers);
    assert_eq!(changes, [Change::OthersGoOffline(vec![s.agent_id("ana")])]);

    s.agent("ana").sets("offline");
    s.expect_changed("ana");
    s.expect_seen("v1", "ana", "offline");
    s.expect_offer("v3").to("bo");
}

#[test]
fn route_17_who_has_refused_may_pick_or_wait_for_the_next_round() {
    let mut s = Scenario::office("support")
        .agents(["ana", "bo"])
        .all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.agent("ana").rejects("v1");
    s.expect_rejected("v1").by("ana");
    s.expect_offer("v1").to("bo");
    let picks = (Ineligible::Refused, vec![Change::Pick]);
    assert_eq!(only(why(&s, "ana", "v1")), picks);

    s.agent("bo").rejects("v1");
    s.expect_rejected("v1").by("bo");
    let starts_at: Timestamp = s.expect_round_paused("v1");
    let waits = (Ineligible::Refused, vec![Change::WaitUntil(starts_at)]);
    assert_eq!(only(why(&s, "ana", "v1")), waits);

    s.agent("ana").picks("v1");
    s.expect_taken("v1").by("ana");
}

#[test]
fn route_17_whom_a_chat_is_given_to_is_judged_as_it_is_asked() {
    let mut s = Scenario::office("support")
        .capacity(1)
        .agents(["ana"])
        .people(["bo", "cy"])
        .all_available();
    takes(&mut s, "v1", "ana");
    // It has as much as it may, by being given it, and is invisible.
    s.agent("ana").transfers("v1", To::Agent("bo"));
    s.forget_log();
    s.agent("bo").accepts("v1");
    s.agent("bo").sets("invisible");
    s.forget_log();
    takes(&mut s, "v2", "ana");

    s.agent("ana").transfers_when(
        "v2",
        To::Agent("bo"),
        Release::OnAccept,
        IfUnavailable::Queue,
    );
    s.forget_log();

    let (rule, changes) = only(why(&s, "bo", "v2"));
    assert!(
        matches!(rule, Ineligible::AtCapacity { load: 1, .. }),
        "{rule:?}"
    );
    assert_eq!(changes, [Change::RaiseCapacity(1, 2)]);
    let other = why(&s, "cy", "v2");
    assert_eq!(other.rules, [Rule::ForAnotherAgent(s.agent_id("bo"))]);
    assert!(other.changes.is_empty());
    // What explains is what decides: with room, it rings.
    s.agent("bo").closes("v1");
    s.forget_log();
    assert_eq!(only(why(&s, "bo", "v2")).0, Ineligible::HasIt);
}

#[test]
fn route_17_every_rule_that_stands_in_the_way_is_named_and_what_takes_them_all_back() {
    let mut s = full();
    s.agent("ana").sets("away");
    s.forget_log();

    let found = why(&s, "ana", "v2");

    assert_eq!(found.rules.len(), 2);
    assert_eq!(
        found.changes,
        [Change::GoOnline, Change::RaiseCapacity(1, 2)]
    );
    s.changes_agent("ana", |ana| ana.capacity = capacity(2));
    s.agent("ana").sets("online");
    s.expect_changed("ana");
    s.expect_seen("v1", "ana", "online");
    s.expect_offer("v2").to("ana");
}

#[test]
fn route_17_of_the_past_a_decision_tells_what_it_names() {
    let mut s = full();
    s.sets_members("support", &["ana", "bo"]);
    s.expect_members("support");
    s.expect_changed("bo");
    let (decision, offered_to) = decided(&mut s);
    let (ana, bo) = (s.agent_id("ana"), s.agent_id("bo"));
    let office_id = s.office_id("support");
    assert_eq!(offered_to, "bo");

    let of_ana = decision.explain(ana, vec![bo], s.now, office_id).unwrap();
    let of_bo = decision.explain(bo, vec![bo], s.now, office_id).unwrap();

    assert_eq!(of_ana.changes, [Change::RaiseCapacity(1, 2)]);
    assert_eq!((of_ana.rules.len(), of_ana.place), (1, None));
    assert_eq!((of_bo.rules.len(), of_bo.place), (0, Some(1)));
    let nobody = deskbell::domain::AgentId(Uuid::nil());
    assert_eq!(decision.explain(nobody, vec![bo], s.now, office_id), None);
}

#[test]
fn route_17_a_ceiling_of_its_own_does_not_rise_with_the_capacity() {
    let mut s = Scenario::office("support")
        .capacity(1)
        .agents(["ana"])
        .agent_with("ana", |ana| ana.capacity_max = Some(capacity(1)))
        .all_available();
    takes(&mut s, "v1", "ana");
    s.visitor("v2").starts_chat();
    let (_, changes) = only(why(&s, "ana", "v2"));
    let both = [Change::RaiseCapacity(1, 2), Change::RaiseCapacityMax(1, 2)];
    assert_eq!(changes, both);

    s.changes_agent("ana", |ana| {
        ana.capacity = capacity(2);
        ana.capacity_max = Some(capacity(2));
    });

    s.expect_offer("v2").to("ana");
}
