//! Seats: who may be online when there are more agents than seats (PRES-15).

use crate::domain::{AgentId, OfficeId, Seat, Status, Verdict, effective};

use super::super::state::{AgentState, State};
use super::super::turn::Turn;

impl Turn<'_> {
    /// Keeps an agent's place in the order of arrival: it takes one when it would be online, and keeps it until it is
    /// offline everywhere, so that nobody loses a seat by a pause. Names the agents whose seat this changes.
    pub(super) fn settle_arrival(&mut self, agent_id: AgentId) -> Vec<AgentId> {
        let Some(agent) = self.state.agents.get(&agent_id) else {
            return Vec::new();
        };
        let statuses = self.state.would_be(agent);
        let arrived_at = match agent.facts.arrived_at {
            None if statuses.contains(&Status::Online) => Some(self.now),
            Some(_) if statuses.iter().all(|status| *status == Status::Offline) => None,
            stands => stands,
        };
        let before = agent.facts.arrived_at;
        let shared = agent.profile.seat == Seat::Shared;
        if let Some(agent) = self.state.agent_mut(agent_id) {
            agent.facts.arrived_at = arrived_at;
        }
        if arrived_at == before || !shared {
            return Vec::new();
        }
        let scarce = !self.state.has_seats_for_all();
        let seated = scarce.then(|| self.state.seated_arrivals()).flatten();
        if let Some(at) = before {
            self.state.arrivals.remove(&(at, agent_id));
        }
        if let Some(at) = arrived_at {
            self.state.arrivals.insert((at, agent_id));
        }
        // At most one place moves across the line; with seats for all, none does.
        let after = scarce.then(|| self.state.seated_arrivals()).flatten();
        let moved = seated.filter(|id| Some(*id) != after);
        moved
            .into_iter()
            .chain(after.filter(|id| Some(*id) != seated))
            .filter(|id| *id != agent_id)
            .collect()
    }

    /// The seats, or who has one of its own, have changed.
    pub(in super::super) fn reseat(&mut self) {
        self.state.arrivals = self
            .state
            .agents
            .values()
            .filter(|agent| agent.profile.seat == Seat::Shared)
            .filter_map(|agent| Some((agent.facts.arrived_at?, agent.profile.id)))
            .collect();
        let ids: Vec<AgentId> = self.state.agents.keys().copied().collect();
        for id in ids {
            self.settle_again(id);
        }
    }
}

impl State {
    /// What an agent would be, outside of any office and in each, if it had a seat.
    fn would_be(&self, agent: &AgentState) -> Vec<Status> {
        let status = |office: Option<OfficeId>| {
            let verdict: Verdict = effective(&agent.facts, office, &self.statuses, true);
            verdict.status
        };
        let offices = self.offices_of(agent).into_iter().map(Some);
        std::iter::once(None).chain(offices).map(status).collect()
    }

    /// How many seats have been assigned.
    pub(in super::super) fn assigned_seats(&self) -> u32 {
        let assigned = self.agents.values();
        let assigned = assigned.filter(|agent| agent.profile.seat == Seat::Assigned);
        u32::try_from(assigned.count()).unwrap_or(u32::MAX)
    }

    /// How many seats are left for those without one of their own.
    fn shared_seats(&self) -> usize {
        self.settings.seats.saturating_sub(self.assigned_seats()) as usize
    }

    /// Whether there is a seat for every agent, so that nobody's depends on anybody else.
    fn has_seats_for_all(&self) -> bool {
        self.agents.len() <= self.settings.seats as usize
    }

    /// Whether an agent has a seat. One that has not come to work does not lack one.
    pub(in super::super) fn is_seated(&self, agent: &AgentState) -> bool {
        let Some(at) = agent.facts.arrived_at else {
            return true;
        };
        if agent.profile.seat == Seat::Assigned || self.has_seats_for_all() {
            return true;
        }
        let ahead = self.arrivals.range(..(at, agent.profile.id)).count();
        ahead < self.shared_seats()
    }

    /// The last agent in the order of arrival that has a seat, when there are fewer seats than arrivals.
    fn seated_arrivals(&self) -> Option<AgentId> {
        let seats = self.shared_seats();
        if self.arrivals.len() < seats {
            return None;
        }
        let last = seats.checked_sub(1)?;
        self.arrivals.iter().nth(last).map(|(_, id)| *id)
    }
}
