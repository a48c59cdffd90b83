//! The longest time a day in a custom status, counted by the tenant's calendar; what is longer is marked.

use crate::domain::{AgentId, Facts, Millis, StatusId, Timestamp, Used};

use super::super::state::{AgentState, State};
use super::super::turn::Turn;

impl Turn<'_> {
    /// Counts the time in the present custom status up to now, before anything changes.
    pub(super) fn count_used(&mut self, agent_id: AgentId) {
        let now = self.now;
        let Some((status_id, _)) = self.bounded_status(agent_id) else {
            return;
        };
        let agent = self.state.agent_mut(agent_id);
        if let Some(used) = agent.and_then(|agent| agent.facts.used.get_mut(&status_id)) {
            used.time = Millis(used.time.0 + now.since(used.until).0);
            used.until = now;
        }
    }

    /// Begins to count in the custom status that stands now, on the present day.
    pub(super) fn arm_limit(&mut self, agent_id: AgentId) {
        let now = self.now;
        let today = self.state.settings.time_zone.day_of(now);
        let bounded = self.bounded_status(agent_id);
        let Some(agent) = self.state.agent_mut(agent_id) else {
            return;
        };
        let facts = &mut agent.facts;
        let Some((status_id, longest)) = bounded else {
            facts.over_limit_since = None;
            return;
        };
        let time = match facts.used.get(&status_id) {
            Some(used) if used.day == today => used.time,
            Some(_) | None => Millis::ZERO,
        };
        let used = Used {
            day: today,
            time,
            until: now,
        };
        facts.used.insert(status_id, used);
        facts.over_limit_since = if time < longest {
            None
        } else {
            facts.over_limit_since.or(Some(now))
        };
    }

    /// The bound is reached, or the day has ended.
    pub(in super::super) fn pass_limit(&mut self, agent_id: AgentId) {
        self.change_facts(agent_id, |_| {});
    }

    fn bounded_status(&self, agent_id: AgentId) -> Option<(StatusId, Millis)> {
        bounded_status(self.state, &self.state.agents.get(&agent_id)?.facts)
    }
}

/// The custom status with a bound that an agent is in, and the bound. Nobody is in a status who is not there.
fn bounded_status(state: &State, facts: &Facts) -> Option<(StatusId, Millis)> {
    let id = facts.choice.status_id.filter(|_| facts.is_held())?;
    Some((id, state.statuses.get(&id)?.longest_a_day?))
}

/// When the bound is reached or the day ends, whichever comes first.
pub(in super::super) fn limit_due(state: &State, agent: &AgentState) -> Option<Timestamp> {
    let (status_id, longest) = bounded_status(state, &agent.facts)?;
    let used = agent.facts.used.get(&status_id)?;
    let midnight = state.settings.time_zone.next_midnight(used.until);
    if agent.facts.over_limit_since.is_some() {
        return Some(midnight);
    }
    let left = Millis(longest.0 - used.time.0);
    Some(midnight.min(used.until + left))
}
