//! Who may have a chat, and who is asked first (ROUTE-2, -3, -10, -14, -22, -23).
//!
//! [`ineligibilities`] decides, and it explains: what keeps an agent from a chat is said by the same function that keeps
//! it. `dispatch.rs` offers by it.

use serde::{Deserialize, Serialize};

use crate::domain::{
    AgentId, KeptFor, Level, Millis, OfficeId, PresenceReason, Reserved, SkillId, Status, Strategy,
    Timestamp,
};

use super::handover::is_invisible;
use super::state::{AgentState, Chat, QueueState, State};

/// A rule that keeps an agent from being offered a chat, with what it saw. The first in this list is the first named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum Ineligible {
    /// Not a member of the queue.
    NotAMember,
    /// Has logged out of the queue.
    LoggedOut,
    /// Not effectively online in the queue's office.
    NotOnline {
        /// What it is.
        status: Status,
        /// Why.
        reason: PresenceReason,
    },
    /// Without a connection at the moment, and without a lease that takes offers.
    Unreachable,
    /// Still at work after another chat.
    InWrapUp {
        /// Until when at the latest.
        until: Timestamp,
    },
    /// Has as many chats as it may have.
    AtCapacity {
        /// Chats that are not silent, and ringing offers.
        load: u32,
        /// How many it may have.
        capacity: u32,
    },
    /// Has as many chats as it may have, silent ones among them.
    AtCeiling {
        /// Chats and ringing offers.
        chats: u32,
        /// How many it may have.
        ceiling: u32,
    },
    /// Not good enough at something that the queue requires.
    LacksSkill {
        /// What.
        skill_id: SkillId,
        /// The least level.
        required: Level,
        /// Its own.
        has: Option<Level>,
    },
    /// Has come back a short while ago and was given enough for now.
    Ramping {
        /// How many offers it was made.
        given: u32,
        /// How many it may be made by now.
        allowed: u32,
    },
    /// Its hours are about to end.
    EndOfHours {
        /// When.
        ends_at: Timestamp,
    },
    /// Takes part in the chat.
    HasIt,
    /// The chat is kept for others, of whom one is there.
    KeptForOthers,
    /// Is invisible, and the chat has not waited for as long as it wants (PRES-11).
    NotYetLate {
        /// When it will have.
        at: Timestamp,
    },
    /// Has rejected or missed this chat in this round, or has given it away.
    Refused,
}

/// Every reason why the agent may not be offered the chat in the queue where it looks for one, in their order.
pub(super) fn ineligibilities(
    state: &State,
    agent: &AgentState,
    queue: &QueueState,
    chat: &Chat,
    now: Timestamp,
) -> Vec<Ineligible> {
    let mut reasons = general_ineligibilities(state, agent, queue, now);
    let is_kept_for_it = is_there_for(agent, chat);
    reasons.retain(|reason| match reason {
        Ineligible::NotOnline { .. } => {
            let added = is_kept_for_it && chat.names(agent.profile.id);
            let office_id = queue.queue.office_id;
            let added = added && is_invisible(agent, office_id);
            !is_late(agent, office_id) && !added
        }
        Ineligible::NotAMember | Ineligible::LoggedOut | Ineligible::LacksSkill { .. } => {
            !is_kept_for_it
        }
        _ => true,
    });
    reasons.extend(special_ineligibilities(state, agent, queue, chat, now));
    reasons
}

/// The reasons that hold for this chat alone.
fn special_ineligibilities(
    state: &State,
    agent: &AgentState,
    queue: &QueueState,
    chat: &Chat,
    now: Timestamp,
) -> impl Iterator<Item = Ineligible> {
    let id = agent.profile.id;
    let purpose = chat.routing.seek.as_ref().map(|seek| seek.purpose);
    let has_part = purpose.is_some_and(|purpose| chat.has_part(id, purpose));
    let has_it = has_part || chat.ringing_at(id).is_some();
    let kept = state.is_kept(chat) && !state.is_kept_for(chat, id);
    // What a colleague gives it by name, it is given at once (PRES-10).
    let late_at = late_from(agent, queue.queue.office_id, chat);
    let late_at = late_at.filter(|at| *at > now && !chat.names(id));
    let refused = chat.was_refused_by(id);
    [
        has_it.then_some(Ineligible::HasIt),
        kept.then_some(Ineligible::KeptForOthers),
        late_at.map(|at| Ineligible::NotYetLate { at }),
        refused.then_some(Ineligible::Refused),
    ]
    .into_iter()
    .flatten()
}

/// The reasons that hold for every chat of the queue.
pub(super) fn general_ineligibilities(
    state: &State,
    agent: &AgentState,
    queue: &QueueState,
    now: Timestamp,
) -> Vec<Ineligible> {
    let mut reasons = Vec::new();
    let queue_id = queue.queue.id;
    if !agent.queues.contains(&queue_id) {
        reasons.push(Ineligible::NotAMember);
    }
    if agent.work.logged_out.contains(&queue_id) {
        reasons.push(Ineligible::LoggedOut);
    }
    let presence = agent.presence(queue.queue.office_id);
    if presence.status != Status::Online {
        reasons.push(Ineligible::NotOnline {
            status: presence.status,
            reason: presence.reason,
        });
    }
    if !agent.is_reachable() {
        reasons.push(Ineligible::Unreachable);
    }
    if let Some(until) = state.wraps_up_until(agent) {
        reasons.push(Ineligible::InWrapUp { until });
    }
    if !agent.has_room() {
        reasons.push(no_room(agent));
    }
    reasons.extend(lacking(agent, queue));
    reasons.extend(state.ramping(agent, now));
    reasons.extend(state.end_of_hours(agent, now));
    reasons
}

fn no_room(agent: &AgentState) -> Ineligible {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let (load, capacity) = (count(agent.load()), agent.profile.capacity.get());
    if load >= capacity {
        Ineligible::AtCapacity { load, capacity }
    } else {
        Ineligible::AtCeiling {
            chats: count(agent.all_chats()),
            ceiling: count(agent.profile.ceiling()),
        }
    }
}

fn lacking(agent: &AgentState, queue: &QueueState) -> Option<Ineligible> {
    let required = &queue.queue.settings.required_skills;
    required.iter().find_map(|(skill_id, required)| {
        let has = agent.profile.skills.get(skill_id).copied();
        let lacks = has.is_none_or(|has| has < *required);
        lacks.then_some(Ineligible::LacksSkill {
            skill_id: *skill_id,
            required: *required,
            has,
        })
    })
}

/// PRES-11: whether an agent is invisible and wants late offers.
pub(super) fn is_late(agent: &AgentState, office: OfficeId) -> bool {
    let idle = agent.facts.pausing.is_none() && agent.facts.wanted.is_none();
    idle && agent.profile.offers_when_invisible_after.is_some()
        && agent.presence(office).status == Status::Invisible
}

/// From when on it may have this chat.
pub(super) fn late_from(agent: &AgentState, office: OfficeId, chat: &Chat) -> Option<Timestamp> {
    let after = agent.profile.offers_when_invisible_after?;
    is_late(agent, office).then_some(chat.enqueued_at + after)
}

/// Whether an offer may go on ringing at an agent (ROUTE-11): it is where it could be offered the chat, is not at work
/// after another one, and is asked by name, for its own sake, or as one of the queue. A blink of the connection does not
/// end it; that there is none when the grace has passed does, where a lease holds the agent that takes no offers.
pub(super) fn may_keep_offer(state: &State, agent: &AgentState, chat: &Chat) -> bool {
    let office_id = state.office_of_search(chat);
    let could = agent.presence(office_id).status == Status::Online
        || is_late(agent, office_id)
        || (chat.names(agent.profile.id) && is_invisible(agent, office_id));
    let is_free = agent.wrapping.is_empty() && !agent.is_lost();
    could
        && is_free
        && match chat.line().and_then(|id| state.queues.get(&id)) {
            Some(queue) => is_there_for(agent, chat) || serves(agent, queue),
            None => chat.names(agent.profile.id),
        }
}

/// Whether an agent is asked for any chat of a queue, wherever it is.
fn serves(agent: &AgentState, queue: &QueueState) -> bool {
    let id = queue.queue.id;
    agent.queues.contains(&id)
        && !agent.work.logged_out.contains(&id)
        && lacking(agent, queue).is_none()
}

/// The lowest is asked first. The id is the last tie-break, so that every order is total.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    /// How far its skills are from the highest.
    pub(super) tier: u32,
    /// How much it has to do.
    pub(super) busy: u32,
    /// When it last took, lost or ended something, was offered something, or came online.
    pub(super) last: Timestamp,
    /// Chats and ringing offers.
    pub(super) load: u32,
    pub(super) agent_id: AgentId,
}

impl Rank {
    /// With `round_robin` only the id counts: the turns go round by it.
    pub(super) const fn in_turn(agent_id: AgentId) -> Self {
        Self {
            tier: 0,
            busy: 0,
            last: Timestamp(0),
            load: 0,
            agent_id,
        }
    }
}

/// A minute, in which `ramp_per_minute` counts.
const MINUTE: Millis = Millis::from_secs(60);

impl State {
    /// An offer occupies its agent as a chat does: chats that come at once ring at different agents.
    pub(super) fn rank(&self, queue: &QueueState, agent: &AgentState) -> Rank {
        let load = u32::try_from(agent.load()).unwrap_or(u32::MAX);
        let offered = agent.ringing.iter().filter_map(|(chat_id, number)| {
            let offer = self.chats.get(chat_id)?.offers.get(number)?;
            Some(offer.made_at)
        });
        let longest_idle = Rank {
            tier: 0,
            busy: u32::from(load > 0),
            last: offered.fold(agent.idle_since, Timestamp::max),
            load,
            agent_id: agent.profile.id,
        };
        match queue.queue.settings.strategy {
            Strategy::LongestIdle | Strategy::Broadcast | Strategy::Manual => longest_idle,
            Strategy::RoundRobin => Rank::in_turn(agent.profile.id),
            // By the share of its capacity, in thousandths, or who may have many would seem busier than it is.
            Strategy::LeastBusy => Rank {
                busy: load * 1000 / agent.profile.capacity.get(),
                ..longest_idle
            },
            Strategy::PriorityTiers => Rank {
                tier: missing_levels(agent, queue),
                ..longest_idle
            },
        }
    }

    /// Until when an agent is at work after a chat, at the latest.
    pub(super) fn wraps_up_until(&self, agent: &AgentState) -> Option<Timestamp> {
        let id = agent.profile.id;
        let chats = agent.wrapping.iter().filter_map(|id| self.chats.get(id));
        chats
            .filter_map(|chat| Some(chat.course.wrapping.get(&id)?.until))
            .max()
    }

    /// ROUTE-22: in the first minute after it came back an agent is made this many offers, in the second as many more,
    /// until it could have had as many as it may have at all.
    fn ramping(&self, agent: &AgentState, now: Timestamp) -> Option<Ineligible> {
        let ramp = agent.work.ramp?;
        let a_minute = self.settings.chats.ramp_per_minute?.max(1);
        let minutes = now.since(ramp.since).0 / MINUTE.0;
        let allowed = a_minute.saturating_mul(u32::try_from(minutes + 1).unwrap_or(u32::MAX));
        let is_over = allowed as usize > agent.profile.ceiling();
        (!is_over && ramp.given >= allowed).then_some(Ineligible::Ramping {
            given: ramp.given,
            allowed,
        })
    }

    /// When an agent that has come back may next be offered something.
    pub(super) fn ramp_due(&self, agent: &AgentState, now: Timestamp) -> Option<Timestamp> {
        let ramp = agent.work.ramp?;
        let a_minute = self.settings.chats.ramp_per_minute?.max(1);
        let minutes = i64::from(ramp.given / a_minute);
        let due = ramp.since + Millis(minutes * MINUTE.0);
        (ramp.given >= a_minute && due > now).then_some(due)
    }

    /// ROUTE-23: nothing new when an agent's hours are about to end.
    fn end_of_hours(&self, agent: &AgentState, now: Timestamp) -> Option<Ineligible> {
        let before = self.settings.chats.stop_offers_before_end?;
        let ends_at = end_of_hours(agent, now)?;
        (ends_at.since(now) <= before).then_some(Ineligible::EndOfHours { ends_at })
    }

    /// When an agent is next not offered anything because its hours are about to end.
    pub(super) fn offers_end(&self, agent: &AgentState, now: Timestamp) -> Option<Timestamp> {
        let before = self.settings.chats.stop_offers_before_end?;
        let at = Timestamp(end_of_hours(agent, now)?.0 - before.0);
        (at > now).then_some(at)
    }

    /// Whether a chat is kept for agents of whom one is there (ROUTE-10, ROUTE-14).
    pub(super) fn is_kept(&self, chat: &Chat) -> bool {
        let mut reserved = chat.routing.reserved.iter();
        reserved.any(|reserved| self.there_for(chat, reserved).next().is_some())
    }

    /// Those of whom a chat is kept for who are there and have not refused it in this round: what they refuse goes to the
    /// next agent at once (ROUTE-5). Who is invisible is there, where a colleague has given it the chat (PRES-10).
    pub(super) fn there_for<'s>(
        &'s self,
        chat: &'s Chat,
        reserved: &'s Reserved,
    ) -> impl Iterator<Item = &'s AgentState> {
        let agents = reserved.agents.iter().filter_map(|id| self.agents.get(id));
        agents
            .map(|agent| &**agent)
            .filter(|agent| is_there(agent, chat, reserved))
            .filter(|agent| !chat.was_refused_by(agent.profile.id))
    }

    /// Whether it is kept, and for this agent.
    fn is_kept_for(&self, chat: &Chat, agent_id: AgentId) -> bool {
        let reserved = chat.routing.reserved.as_ref();
        reserved.is_some_and(|reserved| reserved.agents.contains(&agent_id)) && self.is_kept(chat)
    }

    /// Whether the agent has every reason to be offered the chat but those of the chat alone, which `special` says.
    pub(super) fn special(
        &self,
        agent: &AgentState,
        queue: &QueueState,
        chat: &Chat,
        now: Timestamp,
    ) -> Option<Ineligible> {
        special_ineligibilities(self, agent, queue, chat, now).next()
    }
}

/// Whether a chat is kept for this agent, which is there: it need not be of the queue then.
fn is_there_for(agent: &AgentState, chat: &Chat) -> bool {
    let reserved = chat.routing.reserved.as_ref();
    reserved.is_some_and(|reserved| {
        reserved.agents.contains(&agent.profile.id) && is_there(agent, chat, reserved)
    })
}

fn is_there(agent: &AgentState, chat: &Chat, reserved: &Reserved) -> bool {
    let added = reserved.kept_for == KeptFor::Transfer;
    agent.presence(chat.office_id).status == Status::Online
        || (added && is_invisible(agent, chat.office_id))
}

/// When the hours that an agent is in end.
fn end_of_hours(agent: &AgentState, now: Timestamp) -> Option<Timestamp> {
    let hours = agent.profile.hours.as_ref()?;
    let next = hours.next_boundary(now)?;
    (!next.opens).then_some(next.at)
}

/// How many levels are missing to the highest in all that the queue requires.
fn missing_levels(agent: &AgentState, queue: &QueueState) -> u32 {
    let required = queue.queue.settings.required_skills.keys();
    let missing = required.map(|skill_id| {
        let has = agent.profile.skills.get(skill_id).map_or(0, |l| l.get());
        u32::from(Level::MAX.get() - has)
    });
    missing.sum()
}
