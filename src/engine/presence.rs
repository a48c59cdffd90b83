//! Status, connections, grace, log-out (PRES).

use crate::domain::{
    Actor, AgentId, Choice, ConnectionId, PresenceReason, Reachability, SessionId, Status,
    WithdrawReason,
};

use super::command::PresenceCommand;
use super::effect::{EventKind, PresenceEvent};
use super::state::State;
use super::timers::TimerKey;
use super::turn::Turn;
use super::{Refusal, Reply};

impl Turn<'_> {
    pub(super) fn change_presence(
        &mut self,
        agent_id: AgentId,
        command: &PresenceCommand,
    ) -> Result<Reply, Refusal> {
        if !self.state.agents.contains_key(&agent_id) {
            return Err(Refusal::UnknownAgent);
        }
        match *command {
            PresenceCommand::SetStatus(status) => {
                self.set_status(agent_id, status, PresenceReason::Chosen);
            }
            PresenceCommand::Connect(connection_id) => self.connect(agent_id, connection_id)?,
            PresenceCommand::Disconnect(connection_id) => self.disconnect(agent_id, connection_id),
            PresenceCommand::LogOut(session_id) => self.log_out(agent_id, session_id),
        }
        let agent = self
            .state
            .agents
            .get(&agent_id)
            .ok_or(Refusal::UnknownAgent)?;
        Ok(Reply::Presence(State::presence_view(agent)))
    }

    /// PRES-2. Without a connection the status stands for the grace, as if the last one had just gone; what is
    /// offline needs none.
    fn set_status(&mut self, agent_id: AgentId, status: Status, reason: PresenceReason) {
        let choice = Choice {
            status,
            set_at: self.now,
            set_by: self.actor,
            reason,
        };
        let Some(agent) = self.state.agents.get_mut(&agent_id) else {
            return;
        };
        if agent.choice.status == status
            && agent.presence().status == status
            && agent.choice.reason == reason
        {
            return;
        }
        let came_online = status == Status::Online && agent.presence().status != Status::Online;
        agent.choice = choice;
        if came_online {
            agent.idle_since = self.now;
        }
        if agent.connections.is_empty() && status != Status::Offline {
            self.begin_grace(agent_id);
        }
        self.presence_changed(agent_id);
    }

    fn connect(&mut self, agent_id: AgentId, connection_id: ConnectionId) -> Result<(), Refusal> {
        let limit = self.state.limits.connections_per_agent;
        let restore_within = self.state.settings.restore_within;
        let Some(agent) = self.state.agents.get_mut(&agent_id) else {
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
        let before = std::mem::replace(&mut agent.reachability, Reachability::Connected);
        let returning = match before {
            Reachability::Connected | Reachability::Grace { .. } => false,
            Reachability::Lost { .. } => agent.choice.status != Status::Offline,
        };
        if let (true, Reachability::Lost { since }) = (returning, before) {
            // Back in time: the earlier status returns. Too late: the loss has become the status (PRES-7).
            let in_time = self.now <= since + restore_within;
            agent.choice = Choice {
                status: if in_time {
                    agent.choice.status
                } else {
                    Status::Offline
                },
                set_at: if in_time { self.now } else { since },
                set_by: Actor::System,
                reason: if in_time {
                    PresenceReason::Reconnected
                } else {
                    PresenceReason::Disconnected
                },
            };
            if in_time {
                agent.idle_since = self.now;
            }
        }
        self.state.timers.clear(TimerKey::GraceEnd(agent_id));
        self.emit(EventKind::Presence(PresenceEvent::Connected(agent_id)));
        if returning {
            self.presence_changed(agent_id);
        } else {
            self.dispatch_agent(agent_id);
        }
        Ok(())
    }

    fn disconnect(&mut self, agent_id: AgentId, connection_id: ConnectionId) {
        let Some(agent) = self.state.agents.get_mut(&agent_id) else {
            return;
        };
        if agent.connections.remove(&connection_id) && agent.connections.is_empty() {
            self.begin_grace(agent_id);
            self.emit(EventKind::Presence(PresenceEvent::Disconnected(agent_id)));
        }
    }

    /// PRES-20: what was connected when the process ended gets a fresh grace.
    pub(super) fn recover(&mut self) -> Reply {
        let orphans: Vec<AgentId> = self
            .state
            .agents
            .values()
            .filter(|agent| {
                agent.reachability == Reachability::Connected && agent.connections.is_empty()
            })
            .map(|agent| agent.profile.id)
            .collect();
        for agent_id in orphans {
            self.begin_grace(agent_id);
            self.emit(EventKind::Presence(PresenceEvent::Disconnected(agent_id)));
        }
        Reply::Done
    }

    fn log_out(&mut self, agent_id: AgentId, session_id: SessionId) {
        self.emit(EventKind::Presence(PresenceEvent::LoggedOut(
            agent_id, session_id,
        )));
        self.set_status(agent_id, Status::Offline, PresenceReason::LoggedOut);
    }

    fn begin_grace(&mut self, agent_id: AgentId) {
        let now = self.now;
        let Some(agent) = self.state.agents.get_mut(&agent_id) else {
            return;
        };
        agent.reachability = Reachability::Grace { since: now };
        let end = now + self.state.settings.disconnect_grace;
        self.state.timers.set(TimerKey::GraceEnd(agent_id), end);
    }

    /// The grace has passed: the agent becomes offline, reason `disconnected` (PRES-7).
    pub(super) fn end_grace(&mut self, agent_id: AgentId) {
        let now = self.now;
        let Some(agent) = self.state.agents.get_mut(&agent_id) else {
            return;
        };
        let before = agent.presence();
        agent.reachability = Reachability::Lost { since: now };
        let changed = agent.presence() != before;
        self.emit(EventKind::Presence(PresenceEvent::Lost(agent_id)));
        if changed {
            self.presence_changed(agent_id);
        }
    }

    /// Tells of the change, takes back what the agent may not have any more, and offers what has
    /// become possible, in the same step (ROUTE-11, ROUTE-13).
    fn presence_changed(&mut self, agent_id: AgentId) {
        let Some(agent) = self.state.agents.get(&agent_id) else {
            return;
        };
        let view = State::presence_view(agent);
        self.emit(EventKind::Presence(PresenceEvent::Changed(view)));
        if view.effective.status != Status::Online {
            let Some(agent) = self.state.agents.get(&agent_id) else {
                return;
            };
            let ringing: Vec<_> = agent.ringing.iter().copied().collect();
            for (chat_id, number) in ringing {
                self.withdraw(chat_id, number, WithdrawReason::AgentUnavailable);
            }
        }
        self.dispatch_agent(agent_id);
    }
}
