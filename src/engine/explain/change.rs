//! Why not this agent, and the least that would have to be otherwise (ROUTE-17).

use crate::domain::{
    AgentId, Capacity, ChatState, Level, OfficeId, PresenceReason, QueueId, Reserved, SkillId,
    Target, Timestamp,
};

use super::super::dispatch::in_turn;
use super::super::routing::{Ineligible, ineligibilities};
use super::super::state::{AgentState, Chat, QueueState, State};
use super::{Change, Decision, Explanation, Rule};

/// Where the question is asked.
#[derive(Clone, Copy)]
struct Place<'s> {
    agent: &'s AgentState,
    queue: &'s QueueState,
    chat: &'s Chat,
    now: Timestamp,
}

impl State {
    /// Why an agent may be offered a chat now, or may not.
    pub(super) fn explain(
        &self,
        chat: Option<&Chat>,
        agent: &AgentState,
        now: Timestamp,
    ) -> Explanation {
        let seek = chat.and_then(|chat| Some((chat, chat.routing.seek.as_ref()?)));
        let ringing = chat.into_iter().flat_map(Chat::ringing);
        let mut explanation = Explanation {
            at: now,
            queue_id: chat.and_then(Chat::line),
            rules: Vec::new(),
            changes: Vec::new(),
            place: None,
            ringing: ringing.map(|(_, offer)| offer.agent_id).collect(),
            strategy: None,
        };
        let Some((chat, seek)) = seek else {
            explanation.rules.push(Rule::NotWaiting);
            return explanation;
        };
        let queue_id = match seek.target {
            Target::Agent(id) if id != agent.profile.id => {
                explanation.rules.push(Rule::ForAnotherAgent(id));
                return explanation;
            }
            // Asked by name, an agent answers where the chat belongs.
            Target::Agent(_) => self.home(chat),
            Target::Queue(id) => Some(id),
        };
        let queue = queue_id.and_then(|id| self.queues.get(&id));
        let Some(queue) = queue else {
            return explanation;
        };
        let place = Place {
            agent,
            queue,
            chat,
            now,
        };
        let is_named = matches!(seek.target, Target::Agent(_));
        let rules = self.rules_against(place, is_named);
        explanation.changes = rules
            .iter()
            .flat_map(|rule| self.changes_for(place, *rule))
            .collect();
        if rules.is_empty() {
            explanation.place = Some(if is_named {
                1
            } else {
                self.place_in_turn(place)
            });
        }
        explanation.rules = rules.into_iter().map(Rule::Agent).collect();
        explanation.strategy = (!is_named).then_some(queue.queue.settings.strategy);
        explanation
    }

    /// Every rule in the order in which they are said. Whoever has the chat needs no other reason.
    fn rules_against(&self, place: Place<'_>, is_named: bool) -> Vec<Ineligible> {
        let Place {
            agent,
            queue,
            chat,
            now,
        } = place;
        if self.special(agent, queue, chat, now) == Some(Ineligible::HasIt) {
            return vec![Ineligible::HasIt];
        }
        if !is_named {
            return ineligibilities(self, agent, queue, chat, now);
        }
        let refused = chat.was_refused_by(agent.profile.id);
        let mut rules = self.ineligibilities_by_name(agent, chat, now);
        rules.extend(refused.then_some(Ineligible::Refused));
        rules
    }

    /// How many are asked before an agent that may have the chat, and itself.
    fn place_in_turn(&self, place: Place<'_>) -> u32 {
        let Place {
            agent,
            queue,
            chat,
            now,
        } = place;
        let id = agent.profile.id;
        let own = self.rank(queue, agent);
        let is_eligible =
            |other: &AgentState| ineligibilities(self, other, queue, chat, now).is_empty();
        let before = if self.is_kept(chat) {
            let reserved = chat.routing.reserved.iter().flat_map(|r| &r.agents);
            let others = reserved.filter_map(|id| self.agents.get(id));
            let before = others.filter(|other| self.rank(queue, other) < own);
            before.filter(|other| is_eligible(other)).count()
        } else {
            let ready = in_turn(queue).take_while(|rank| rank.agent_id != id);
            let ready = ready.filter_map(|rank| self.agents.get(&rank.agent_id));
            let ready = ready.filter(|other| is_eligible(other)).count();
            let late = queue.late.iter().filter_map(|id| self.agents.get(id));
            let late = late.filter(|other| self.rank(queue, other) < own);
            let late = late.filter(|other| is_eligible(other)).count();
            let is_late = queue.late.contains(&id);
            ready + if is_late { late } else { 0 }
        };
        u32::try_from(before + 1).unwrap_or(u32::MAX)
    }

    /// What would have to be otherwise for one rule to let the agent have the chat.
    fn changes_for(&self, place: Place<'_>, rule: Ineligible) -> Vec<Change> {
        let Place {
            agent,
            queue,
            chat,
            now,
        } = place;
        let change = match rule {
            Ineligible::AtCapacity { load, capacity } => {
                return more_capacity(agent, load, capacity);
            }
            Ineligible::LacksSkill { .. } => return lacking(agent, queue),
            Ineligible::Ramping { .. } => self.ramp_due(agent, now).map(Change::WaitUntil),
            Ineligible::EndOfHours { .. } => {
                let before = self.settings.chats.stop_offers_before_end;
                before.map(|before| Change::ExtendHours(now + before))
            }
            Ineligible::HasIt => chat.ringing_at(agent.profile.id).map(Change::AcceptOffer),
            Ineligible::KeptForOthers => {
                let reserved = chat.routing.reserved.as_ref();
                reserved.map(|reserved| self.not_kept(chat, reserved))
            }
            Ineligible::Refused => match chat.round_starts_at {
                Some(at) => Some(Change::WaitUntil(at)),
                None if chat.state == ChatState::Waiting => Some(Change::Pick),
                None => None,
            },
            // Where the tenant wants it so, the first act brings back what it was.
            Ineligible::NotOnline {
                reason: PresenceReason::Inactivity,
                ..
            } if self.settings.inactivity.resume => Some(Change::BeActive),
            Ineligible::NotAMember
            | Ineligible::LoggedOut
            | Ineligible::NotOnline { .. }
            | Ineligible::Unreachable
            | Ineligible::InWrapUp { .. }
            | Ineligible::AtCeiling { .. }
            | Ineligible::NotYetLate { .. } => {
                by_values(rule, queue.queue.id, queue.queue.office_id)
            }
        };
        change.into_iter().collect()
    }

    /// When a chat is kept for others no more. A preference passes; what was assigned holds while they are there.
    fn not_kept(&self, chat: &Chat, reserved: &Reserved) -> Change {
        if let Some(until) = reserved.until {
            return Change::WaitUntil(until);
        }
        let there = self.there_for(chat, reserved);
        Change::OthersGoOffline(there.map(|agent| agent.profile.id).collect())
    }
}

/// What follows from a rule's values alone, as of the past they are all that is known.
fn by_values(rule: Ineligible, queue_id: QueueId, office_id: OfficeId) -> Option<Change> {
    Some(match rule {
        Ineligible::NotAMember => Change::AddMember(queue_id),
        Ineligible::LoggedOut => Change::LogInToQueue(queue_id),
        Ineligible::NotOnline { reason, .. } => back_online(reason, office_id),
        Ineligible::Unreachable => Change::Connect,
        Ineligible::InWrapUp { until } => Change::EndWrapUp(until),
        Ineligible::AtCapacity { load, capacity } if load < Capacity::MAX.get() => {
            Change::RaiseCapacity(capacity, load + 1)
        }
        Ineligible::AtCapacity { load, .. } => Change::EndChats(load + 1 - Capacity::MAX.get()),
        Ineligible::AtCeiling { chats, ceiling } => more_chats(chats, ceiling),
        Ineligible::LacksSkill {
            skill_id,
            required,
            has,
        } => better_at(skill_id, has, required),
        Ineligible::NotYetLate { at } => Change::WaitUntil(at),
        Ineligible::Ramping { .. }
        | Ineligible::EndOfHours { .. }
        | Ineligible::HasIt
        | Ineligible::KeptForOthers
        | Ineligible::Refused => return None,
    })
}

/// What takes back what the agent is because of this reason.
fn back_online(reason: PresenceReason, office_id: OfficeId) -> Change {
    match reason {
        PresenceReason::Initial
        | PresenceReason::Chosen
        | PresenceReason::LoggedOut
        | PresenceReason::Schedule
        | PresenceReason::Drained
        | PresenceReason::Leased
        | PresenceReason::Resumed
        | PresenceReason::MissedOffers
        | PresenceReason::Inactivity
        | PresenceReason::Draining
        | PresenceReason::StatusForbidsChats => Change::GoOnline,
        PresenceReason::Override => Change::GoOnlineInOffice(office_id),
        PresenceReason::Disconnected
        | PresenceReason::Reconnected
        | PresenceReason::LeaseExpired => Change::Connect,
        PresenceReason::Paused => Change::EndPause,
        PresenceReason::NoSeat => Change::AssignSeat,
    }
}

/// One chat more than it has, as far as an agent may have so many.
fn more_chats(chats: u32, ceiling: u32) -> Change {
    if chats < Capacity::MAX.get() {
        Change::RaiseCapacityMax(ceiling, chats + 1)
    } else {
        Change::EndChats(chats + 1 - Capacity::MAX.get())
    }
}

/// The same of those that count. The ceiling may stand in the way of it too.
fn more_capacity(agent: &AgentState, load: u32, capacity: u32) -> Vec<Change> {
    if load >= Capacity::MAX.get() {
        return vec![Change::EndChats(load + 1 - Capacity::MAX.get())];
    }
    let to = load + 1;
    let chats = u32::try_from(agent.all_chats()).unwrap_or(u32::MAX);
    let raised = Change::RaiseCapacity(capacity, to);
    // One that is set does not rise with the capacity.
    let ceiling = agent.profile.capacity_max.map_or(2 * to, Capacity::get);
    if chats < ceiling {
        vec![raised]
    } else {
        vec![raised, more_chats(chats, ceiling)]
    }
}

/// All the skills that an agent lacks: it needs every one of them.
fn lacking(agent: &AgentState, queue: &QueueState) -> Vec<Change> {
    let required = queue.queue.settings.required_skills.iter();
    let lacking = required.filter_map(|(skill_id, required)| {
        let has = agent.profile.skills.get(skill_id).copied();
        let lacks = has.is_none_or(|has| has < *required);
        lacks.then(|| better_at(*skill_id, has, *required))
    });
    lacking.collect()
}

fn better_at(skill_id: SkillId, has: Option<Level>, required: Level) -> Change {
    match has {
        None => Change::AddSkill(skill_id, required.get()),
        Some(has) => Change::RaiseSkill(skill_id, has.get(), required.get()),
    }
}

impl Decision {
    /// What it says of an agent; `None` if it does not name it. Its chat belonged to this office, and rang at these at that
    /// moment.
    #[must_use]
    pub fn explain(
        &self,
        agent_id: AgentId,
        ringing: Vec<AgentId>,
        at: Timestamp,
        office_id: OfficeId,
    ) -> Option<Explanation> {
        let candidates = &self.candidates;
        let place = candidates.iter().position(|c| c.agent_id == agent_id);
        let passed_over = self.passed_over.iter().find(|p| p.agent_id == agent_id);
        if place.is_none() && passed_over.is_none() {
            return None;
        }
        let change = passed_over
            .zip(self.queue_id)
            .and_then(|(passed, queue_id)| by_values(passed.rule, queue_id, office_id));
        Some(Explanation {
            at,
            queue_id: self.queue_id,
            rules: passed_over
                .map(|passed| Rule::Agent(passed.rule))
                .into_iter()
                .collect(),
            changes: change.into_iter().collect(),
            place: place.and_then(|index| u32::try_from(index + 1).ok()),
            ringing,
            strategy: self.strategy,
        })
    }
}

impl Explanation {
    /// The same of a moment at which the chat was kept from the agent by what had happened meanwhile. Nothing would have
    /// helped.
    #[must_use]
    pub fn kept_by(self, rule: Rule) -> Self {
        Self {
            rules: vec![rule],
            changes: Vec::new(),
            place: None,
            ..self
        }
    }
}
