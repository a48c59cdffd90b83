//! Connections, the grace after the last one, log-out, restart (PRES-7, -8, -19, -20).

use crate::domain::{
    Actor, AgentId, Choice, Comeback, ConnectionId, Facts, Inactivity, Lease, PresenceReason,
    Reachability, SessionId, Status, Timestamp,
};

use super::super::effect::{EventKind, PresenceEvent};
use super::super::turn::Turn;
use super::super::{Refusal, Reply};

impl Turn<'_> {
    pub(super) fn connect(
        &mut self,
        agent_id: AgentId,
        connection_id: ConnectionId,
    ) -> Result<(), Refusal> {
        let limit = self.state.limits.connections_per_agent;
        let Some(agent) = self.state.agent_mut(agent_id) else {
            return Ok(());
        };
        if agent.connections.len() >= limit && !agent.connections.contains(&connection_id) {
            return Err(Refusal::TooManyConnections);
        }
        let first = agent.connections.is_empty();
        agent.connections.insert(connection_id);
        if !first {
            return Ok(());
        }
        self.emit(EventKind::Presence(PresenceEvent::Connected(agent_id)));
        self.hold(agent_id, |facts| {
            facts.reachability = Reachability::Connected;
        });
        self.dispatch_agent(agent_id);
        Ok(())
    }

    pub(super) fn disconnect(&mut self, agent_id: AgentId, connection_id: ConnectionId) {
        let Some(agent) = self.state.agent_mut(agent_id) else {
            return;
        };
        agent.focus.remove(&connection_id);
        if agent.connections.remove(&connection_id) && agent.connections.is_empty() {
            self.emit(EventKind::Presence(PresenceEvent::Disconnected(agent_id)));
            self.begin_grace(agent_id);
        }
    }

    /// PRES-20: what was connected when the process ended gets a fresh grace.
    pub(in super::super) fn recover(&mut self) -> Reply {
        let orphans: Vec<AgentId> = self
            .state
            .agents
            .values()
            .filter(|agent| {
                agent.facts.reachability == Reachability::Connected && agent.connections.is_empty()
            })
            .map(|agent| agent.profile.id)
            .collect();
        for agent_id in orphans {
            self.emit(EventKind::Presence(PresenceEvent::Disconnected(agent_id)));
            self.begin_grace(agent_id);
        }
        Reply::Done
    }

    /// PRES-8: the status is offline for every connection, and the session's own connections end.
    pub(super) fn log_out(&mut self, agent_id: AgentId, session_id: SessionId) {
        self.revoke(agent_id, session_id);
        let choice = Choice {
            status: Status::Offline,
            status_id: None,
            set_at: self.now,
            set_by: self.actor,
            reason: PresenceReason::LoggedOut,
        };
        self.choose(agent_id, choice);
    }

    pub(super) fn revoke(&mut self, agent_id: AgentId, session_id: SessionId) {
        self.emit(EventKind::Presence(PresenceEvent::LoggedOut(
            agent_id, session_id,
        )));
    }

    pub(super) fn begin_grace(&mut self, agent_id: AgentId) {
        let since = self.now;
        self.change_facts(agent_id, |facts| {
            facts.reachability = Reachability::Grace { since };
        });
    }

    /// The grace has passed: the agent becomes offline, or away where the tenant wants that (PRES-7).
    pub(in super::super) fn end_grace(&mut self, agent_id: AgentId) {
        let lost = Reachability::Lost {
            since: self.now,
            becomes: self.state.settings.disconnect.becomes,
        };
        self.emit(EventKind::Presence(PresenceEvent::Lost(agent_id)));
        self.change_facts(agent_id, |facts| facts.reachability = lost);
    }

    /// Something holds the agent that may have been lost before. Back in time, the earlier status returns with its
    /// overrides; too late, the loss has become the status (PRES-7). Then come the hours that it missed (PRES-9).
    pub(super) fn hold(&mut self, agent_id: AgentId, hold: impl FnOnce(&mut Facts)) {
        let now = self.now;
        let restore_within = self.state.settings.disconnect.restore_within;
        let Some(agent) = self.state.agents.get(&agent_id) else {
            return;
        };
        let lost = lost_since(&agent.facts).filter(|_| had_status(&agent.facts));
        self.change_facts(agent_id, |facts| {
            match lost {
                Some(lost) if now > lost.since + restore_within => forget_before(facts, lost),
                // What somebody has set meanwhile comes from there, not from before.
                Some(lost) if facts.choice.set_at <= lost.since => {
                    facts.comeback = Some(Comeback {
                        reason: PresenceReason::Reconnected,
                        at: now,
                    });
                }
                Some(_) | None => {}
            }
            hold(facts);
        });
        self.catch_up_with_hours(agent_id);
    }
}

/// How an agent was lost: since when, what that made of it, and why.
#[derive(Clone, Copy)]
struct Loss {
    since: Timestamp,
    becomes: Status,
    reason: PresenceReason,
}

/// The loss of an agent whom nothing holds.
fn lost_since(facts: &Facts) -> Option<Loss> {
    let Reachability::Lost { since, becomes } = facts.reachability else {
        return None;
    };
    match facts.lease {
        Lease::Held { .. } => None,
        Lease::Expired { at } if at >= since => Some(Loss {
            since: at,
            becomes: Status::Offline,
            reason: PresenceReason::LeaseExpired,
        }),
        Lease::Expired { .. } | Lease::None => Some(Loss {
            since,
            becomes,
            reason: PresenceReason::Disconnected,
        }),
    }
}

/// It is too late to come back: the loss takes the place of all that was set before it.
fn forget_before(facts: &mut Facts, lost: Loss) {
    let later = |choice: &Choice| choice.set_at > lost.since;
    facts.overrides.retain(|_, choice| later(choice));
    if later(&facts.choice) {
        return;
    }
    facts.choice = Choice {
        status: lost.becomes,
        status_id: None,
        set_at: lost.since,
        set_by: Actor::System,
        reason: lost.reason,
    };
    facts.inactivity = Inactivity::default();
    facts.pausing = None;
    facts.wanted = None;
    facts.comeback = None;
}

/// Whether there is a status to come back to.
fn had_status(facts: &Facts) -> bool {
    let present = |choice: &Choice| choice.status != Status::Offline;
    present(&facts.choice) || facts.overrides.values().any(present)
}
