//! Inactivity: away, then offline, and back (PRES-6).

use crate::domain::{
    AgentId, Comeback, Demotion, Inactivity, Millis, OfficeId, OwnInactivity, PresenceReason,
    Status, Timestamp,
};

use super::super::ACTIVITY_KEPT_EVERY;
use super::super::state::{AgentState, State};
use super::super::timers::TimerKey;
use super::super::turn::Turn;

impl Turn<'_> {
    /// A person did something. That is kept exactly in memory and coarsely in the facts, since people act all the
    /// time: a restart may see it as up to [`ACTIVITY_KEPT_EVERY`] older.
    pub(in super::super) fn act(&mut self, agent_id: AgentId) {
        let now = self.now;
        let resume = self.state.settings.inactivity.resume;
        let Some(agent) = self.state.agent_mut(agent_id) else {
            return;
        };
        agent.acted_at = now;
        let resumes = resume && agent.facts.inactivity != Inactivity::default();
        if resumes || now.since(agent.facts.active_at) >= ACTIVITY_KEPT_EVERY {
            self.change_facts(agent_id, |facts| {
                facts.active_at = now;
                if resumes {
                    facts.inactivity = Inactivity::default();
                    facts.comeback = Some(Comeback {
                        reason: PresenceReason::Resumed,
                        at: now,
                    });
                }
            });
        } else if let Some(agent) = self.state.agents.get(&agent_id) {
            let at = due(self.state, agent);
            self.state.timers.put(TimerKey::Inactivity(agent_id), at);
        }
    }

    /// A step is due.
    pub(in super::super) fn step_down(&mut self, agent_id: AgentId) {
        let now = self.now;
        let Some(agent) = self.state.agents.get(&agent_id) else {
            return;
        };
        let steps: Vec<(Option<OfficeId>, Status)> = scopes(self.state, agent)
            .into_iter()
            .filter_map(|scope| {
                let mut steps = pending(self.state, agent, scope);
                steps.retain(|(_, at)| *at <= now);
                let lowest = steps.iter().map(|(status, _)| *status).reduce(lower)?;
                Some((scope, lowest))
            })
            .collect();
        self.change_facts(agent_id, |facts| {
            for (scope, status) in steps {
                let demotion = Demotion { status, since: now };
                match scope {
                    None => facts.inactivity.global = Some(demotion),
                    Some(office) => {
                        facts.inactivity.offices.insert(office, demotion);
                    }
                }
            }
        });
    }
}

/// When the next step is due; `None` while there is none ahead.
pub(super) fn due(state: &State, agent: &AgentState) -> Option<Timestamp> {
    scopes(state, agent)
        .into_iter()
        .flat_map(|scope| pending(state, agent, scope))
        .map(|(_, at)| at)
        .min()
}

/// For which the delays are looked at: all offices, those with a delay of their own, those with an override.
fn scopes(state: &State, agent: &AgentState) -> Vec<Option<OfficeId>> {
    let own = |id: &OfficeId| {
        agent.facts.overrides.contains_key(id)
            || state
                .offices
                .get(id)
                .is_some_and(|office| office.office.inactivity != OwnInactivity::default())
    };
    let offices = agent.standing.offices.keys().copied().filter(own);
    std::iter::once(None).chain(offices.map(Some)).collect()
}

/// The steps that are ahead in a scope, each with its instant. A pause counts as activity: nobody is expected to act
/// in it.
fn pending(state: &State, agent: &AgentState, scope: Option<OfficeId>) -> Vec<(Status, Timestamp)> {
    let facts = &agent.facts;
    let selected = facts.selected(scope);
    if selected.status == Status::Offline || facts.pausing.is_some() {
        return Vec::new();
    }
    let reached = facts
        .inactivity
        .of(scope)
        .filter(|demotion| demotion.since >= selected.set_at)
        .map(|demotion| demotion.status)
        .fold(selected.status, lower);
    let since = agent.acted_at.max(selected.set_at);
    let (away_after, offline_after) = delays(state, agent, scope);
    let mut steps = Vec::new();
    if let (Status::Online | Status::Invisible, Some(delay)) = (reached, away_after) {
        steps.push((Status::Away, since + delay));
    }
    if let (Status::Online | Status::Invisible | Status::Away, Some(delay)) =
        (reached, offline_after)
    {
        steps.push((Status::Offline, since + delay));
    }
    steps
}

/// The delays of a scope: the shortest of the tenant's, the office's and the agent's own.
fn delays(
    state: &State,
    agent: &AgentState,
    scope: Option<OfficeId>,
) -> (Option<Millis>, Option<Millis>) {
    let tenant = state.settings.inactivity;
    let own = agent.profile.inactivity;
    let office = scope
        .and_then(|id| state.offices.get(&id))
        .map(|office| office.office.inactivity)
        .unwrap_or_default();
    let shortest = |delays: [Option<Millis>; 3]| delays.into_iter().flatten().min();
    (
        shortest([tenant.away_after, own.away_after, office.away_after]),
        shortest([
            tenant.offline_after,
            own.offline_after,
            office.offline_after,
        ]),
    )
}

/// The one that is less present.
fn lower(a: Status, b: Status) -> Status {
    match (a, b) {
        (Status::Offline, _) | (_, Status::Offline) => Status::Offline,
        (Status::Away, _) | (_, Status::Away) => Status::Away,
        (Status::Online | Status::Invisible, b) => b,
    }
}
