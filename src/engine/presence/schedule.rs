//! Hours of agents and offices as deadlines (PRES-9).

use crate::domain::{Actor, AgentId, Boundary, Choice, OfficeId, PresenceReason, Status};

use super::super::effect::Cause;
use super::super::timers::TimerKey;
use super::super::turn::Turn;

impl Turn<'_> {
    /// Sets the deadline of an agent's next hours.
    pub(in super::super) fn arm_agent_hours(&mut self, agent_id: AgentId) {
        let now = self.now;
        let agent = self.state.agents.get(&agent_id);
        let hours = agent.and_then(|agent| agent.profile.hours.as_ref());
        let next = hours.and_then(|hours| hours.next_boundary(now));
        let at = next.map(|boundary| boundary.at);
        self.state.timers.put(TimerKey::AgentHours(agent_id), at);
    }

    /// Sets the deadline of an office's next hours.
    pub(in super::super) fn arm_office_hours(&mut self, office_id: OfficeId) {
        let now = self.now;
        let office = self.state.offices.get(&office_id);
        let hours = office.and_then(|office| office.office.hours.as_ref());
        let next = hours.and_then(|hours| hours.next_boundary(now));
        let at = next.map(|boundary| boundary.at);
        self.state.timers.put(TimerKey::OfficeHours(office_id), at);
    }

    /// An agent's hours begin or end at this instant.
    pub(in super::super) fn pass_agent_boundary(&mut self, agent_id: AgentId) {
        let now = self.now;
        let agent = self.state.agents.get(&agent_id);
        let hours = agent.and_then(|agent| agent.profile.hours.as_ref());
        if let Some(boundary) = hours.and_then(|hours| hours.last_boundary(now)) {
            self.keep_hours(agent_id, boundary);
        }
        self.arm_agent_hours(agent_id);
    }

    /// An office's hours begin or end at this instant.
    pub(in super::super) fn pass_office_boundary(&mut self, office_id: OfficeId) {
        self.touch_office(office_id, Cause::Hours);
        self.arm_office_hours(office_id);
    }

    /// The first connection or lease after a missed start brings the hours' status (PRES-9).
    pub(super) fn catch_up_with_hours(&mut self, agent_id: AgentId) {
        let now = self.now;
        let agent = self.state.agents.get(&agent_id);
        let hours = agent.and_then(|agent| agent.profile.hours.as_ref());
        if let Some(boundary) = hours.and_then(|hours| hours.last_boundary(now)) {
            self.keep_hours(agent_id, boundary);
        }
    }

    /// Sets what a boundary asks for, unless somebody has set something since. A start waits for an agent that is not
    /// there; an end does not, or it would come back from a short absence into work that is over.
    fn keep_hours(&mut self, agent_id: AgentId, boundary: Boundary) {
        let Some(agent) = self.state.agents.get(&agent_id) else {
            return;
        };
        let facts = &agent.facts;
        let set_since = facts.choice.set_at >= boundary.at
            || facts
                .overrides
                .values()
                .any(|choice| choice.set_at >= boundary.at);
        let made_since = agent.profile.created_at > boundary.at;
        if set_since || made_since || (boundary.opens && !facts.is_held()) {
            return;
        }
        let choice = Choice {
            status: if boundary.opens {
                Status::Online
            } else {
                Status::Offline
            },
            status_id: None,
            set_at: self.now,
            set_by: Actor::System,
            reason: PresenceReason::Schedule,
        };
        self.choose(agent_id, choice);
    }
}
