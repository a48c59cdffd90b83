//! Presence (PRES): commands change facts, and one function draws every consequence of that.
//!
//! A rule never tells anybody of a presence by itself: it changes an agent's facts through [`Turn::change_facts`],
//! which makes the standing anew, tells of it, keeps the deadlines true, takes back the offers that may ring no
//! more and offers what has become possible. So no rule can forget one of these.

mod choose;
mod connect;
mod inactivity;
mod lease;
mod limit;
mod pause;
mod queue;
mod schedule;
mod seat;
mod settle;

use limit::limit_due;
pub(super) use settle::{seen, settled_deadlines};

use crate::domain::{AgentId, Grounds, OfficeId, Role};

use super::command::PresenceCommand;
use super::state::{AgentState, State, Told};
use super::turn::Turn;
use super::view::PresenceView;
use super::{Refusal, Reply};

impl Turn<'_> {
    pub(super) fn change_presence(
        &mut self,
        agent_id: AgentId,
        by: Option<AgentId>,
        command: &PresenceCommand,
    ) -> Result<Reply, Refusal> {
        let agent = self.state.agents.get(&agent_id);
        let agent = agent.ok_or(Refusal::UnknownAgent)?;
        if let Some(by) = by {
            self.state.may_manage(by, agent)?;
        }
        match *command {
            PresenceCommand::SetStatus(status) => self.set_status(agent_id, status)?,
            PresenceCommand::SetOverride(office_id, status) => {
                self.set_override(agent_id, office_id, status)?;
            }
            PresenceCommand::ClearOverride(office_id) => {
                self.clear_override(agent_id, office_id)?;
            }
            PresenceCommand::SetStatusAfterChats(status) => {
                self.set_status_after_chats(agent_id, status)?;
            }
            PresenceCommand::StartPause(pause_id) => self.start_pause(agent_id, pause_id)?,
            PresenceCommand::EndPause => self.end_pause(agent_id)?,
            PresenceCommand::Ping { takes_offers } => self.ping(agent_id, takes_offers),
            PresenceCommand::LogInQueue(queue_id) => {
                self.log_in_queue(agent_id, queue_id, true)?;
            }
            PresenceCommand::LogOutQueue(queue_id) => {
                self.log_in_queue(agent_id, queue_id, false)?;
            }
            PresenceCommand::Act => {}
            PresenceCommand::Connect(connection_id) => self.connect(agent_id, connection_id)?,
            PresenceCommand::Disconnect(connection_id) => self.disconnect(agent_id, connection_id),
            PresenceCommand::LogOut(session_id) => self.log_out(agent_id, session_id),
            PresenceCommand::Revoke(session_id) => self.revoke(agent_id, session_id),
            PresenceCommand::Focus(connection_id, chat_id) => {
                self.focus(agent_id, connection_id, chat_id)?;
            }
        }
        if let Some(by) = by.filter(|_| is_act(command)) {
            self.act(by);
        }
        if let PresenceCommand::LogInQueue(id) | PresenceCommand::LogOutQueue(id) = *command {
            return Ok(Reply::QueueLogIn(self.state.queue_log_in(agent_id, id)));
        }
        let agent = self.state.agents.get(&agent_id);
        let agent = agent.ok_or(Refusal::UnknownAgent)?;
        Ok(Reply::Presence(Box::new(agent.presence_view())))
    }
}

/// Whether a command, about oneself or somebody else, is a person's act (PRES-6): pings and connections are not.
fn is_act(command: &PresenceCommand) -> bool {
    match command {
        PresenceCommand::SetStatus(_)
        | PresenceCommand::SetOverride(..)
        | PresenceCommand::ClearOverride(_)
        | PresenceCommand::SetStatusAfterChats(_)
        | PresenceCommand::StartPause(_)
        | PresenceCommand::EndPause
        | PresenceCommand::LogInQueue(_)
        | PresenceCommand::LogOutQueue(_)
        | PresenceCommand::Act => true,
        PresenceCommand::Ping { .. }
        | PresenceCommand::Connect(_)
        | PresenceCommand::Disconnect(_)
        | PresenceCommand::LogOut(_)
        | PresenceCommand::Revoke(_)
        | PresenceCommand::Focus(..) => false,
    }
}

impl State {
    /// PRES-5: an admin may change anybody's presence, a supervisor that of the agents of its offices.
    pub(super) fn may_manage(&self, by: AgentId, agent: &AgentState) -> Result<(), Refusal> {
        if by == agent.profile.id {
            return Ok(());
        }
        let manager = self.agents.get(&by).ok_or(Refusal::NotYourAgent)?;
        let allowed = match manager.profile.role {
            Role::Owner | Role::Admin => true,
            Role::Supervisor => {
                let offices = self.offices_of(manager);
                offices.iter().any(|id| self.belongs(agent, *id))
            }
            Role::Agent => false,
        };
        allowed.then_some(()).ok_or(Refusal::NotYourAgent)
    }

    /// The offices that an agent belongs to: those that it is assigned to, and those of its queues.
    pub(super) fn offices_of(&self, agent: &AgentState) -> std::collections::BTreeSet<OfficeId> {
        let queues = agent.queues.iter().filter_map(|id| self.queues.get(id));
        let mut offices: std::collections::BTreeSet<OfficeId> =
            queues.map(|queue| queue.queue.office_id).collect();
        offices.extend(agent.profile.office_ids.iter().copied());
        offices
    }

    pub(super) fn belongs(&self, agent: &AgentState, office: OfficeId) -> bool {
        let mut queues = agent.queues.iter().filter_map(|id| self.queues.get(id));
        agent.profile.office_ids.contains(&office)
            || queues.any(|queue| queue.queue.office_id == office)
    }

    /// What is to be told of an agent besides its facts and its standing.
    pub(super) fn to_tell(&self, agent: &AgentState) -> Told {
        let facts = &agent.facts;
        let custom = facts.choice.status_id.and_then(|id| self.statuses.get(&id));
        let seated = self.is_seated(agent);
        Told {
            seated,
            paid: match facts.pausing {
                Some(pausing) => pausing.paid,
                None => custom.is_none_or(|status| status.paid),
            },
            grounds: Grounds::of(facts, self.offices_of(agent), &self.statuses, seated),
        }
    }
}

impl AgentState {
    /// Its presence as it was last told.
    pub(super) fn presence_view(&self) -> PresenceView {
        let facts = &self.facts;
        PresenceView {
            agent_id: self.profile.id,
            choice: facts.choice,
            overrides: facts.overrides.clone(),
            standing: self.standing.clone(),
            pausing: facts.pausing,
            wanted: facts.wanted,
            seated: self.told.seated,
            leased: matches!(facts.lease, crate::domain::Lease::Held { .. }),
            paid: self.told.paid,
            over_limit_since: facts.over_limit_since,
            grounds: self.told.grounds.clone(),
        }
    }
}
