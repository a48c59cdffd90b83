//! Leases: presence that another system holds by pings (PRES-14).

use crate::domain::{Actor, AgentId, Choice, Lease, PresenceReason, Status};

use super::super::effect::{EventKind, PresenceEvent};
use super::super::turn::Turn;

impl Turn<'_> {
    /// A ping holds the agent for the tenant's `lease.ttl`. The first one of a lease takes an agent online that is
    /// offline by choice, or brings its earlier status back; the following ones only hold what stands, so that what
    /// somebody sets meanwhile is not undone by the next ping.
    pub(super) fn ping(&mut self, agent_id: AgentId, takes_offers: bool) {
        let until = self.now + self.state.settings.lease_ttl;
        let held = Lease::Held {
            until,
            takes_offers,
        };
        let Some(agent) = self.state.agents.get(&agent_id) else {
            return;
        };
        let renews = matches!(agent.facts.lease, Lease::Held { .. });
        self.emit(EventKind::Presence(PresenceEvent::LeaseHeld(agent_id)));
        if renews {
            self.change_facts(agent_id, |facts| facts.lease = held);
        } else {
            self.hold(agent_id, |facts| facts.lease = held);
            self.take_online(agent_id);
        }
        self.dispatch_agent(agent_id);
    }

    fn take_online(&mut self, agent_id: AgentId) {
        let Some(agent) = self.state.agents.get(&agent_id) else {
            return;
        };
        if agent.facts.choice.status == Status::Offline {
            let choice = Choice {
                status: Status::Online,
                status_id: None,
                set_at: self.now,
                set_by: Actor::System,
                reason: PresenceReason::Leased,
            };
            self.choose(agent_id, choice);
        }
    }

    /// The pings have stopped: the agent is offline unless a connection holds it.
    pub(in super::super) fn end_lease(&mut self, agent_id: AgentId) {
        let at = self.now;
        self.emit(EventKind::Presence(PresenceEvent::LeaseExpired(agent_id)));
        self.change_facts(agent_id, |facts| facts.lease = Lease::Expired { at });
    }
}
