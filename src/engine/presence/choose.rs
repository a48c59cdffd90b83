//! What people set: the global status, overrides, a whole office, a status for later (PRES-2 to -5, PRES-21).

use crate::domain::{
    Actor, AgentId, Choice, Inactivity, OfficeId, PresenceReason, Reachability, Role, Status,
    Wanted,
};

use super::super::command::NewStatus;
use super::super::state::{AgentState, State};
use super::super::turn::Turn;
use super::super::{Refusal, Reply};

impl Turn<'_> {
    /// PRES-2, PRES-3.
    pub(super) fn set_status(
        &mut self,
        agent_id: AgentId,
        status: NewStatus,
    ) -> Result<(), Refusal> {
        let choice = self.choice(status, PresenceReason::Chosen)?;
        self.choose(agent_id, choice);
        Ok(())
    }

    /// Sets the global status by whichever rule. It forces all offices: overrides go, and so does what inactivity, a
    /// pause or a wish for later had to say (PRES-3). Setting what stands already changes nothing but the grace.
    pub(in super::super) fn choose(&mut self, agent_id: AgentId, choice: Choice) {
        let Some(agent) = self.state.agents.get(&agent_id) else {
            return;
        };
        let facts = &agent.facts;
        let same = (facts.choice.status, facts.choice.status_id)
            == (choice.status, choice.status_id)
            && facts.choice.reason == choice.reason;
        let plain = facts.overrides.is_empty()
            && facts.pausing.is_none()
            && facts.wanted.is_none()
            && facts.comeback.is_none()
            && facts.inactivity == Inactivity::default();
        let stands = same && plain && agent.standing.global.status == choice.status;
        let grace = self.grace_of_its_own(agent_id, choice.status);
        if stands {
            self.renew_grace(agent_id, grace);
            return;
        }
        self.change_facts(agent_id, |facts| {
            facts.choice = choice;
            facts.reachability = grace.unwrap_or(facts.reachability);
            facts.overrides.clear();
            facts.inactivity = Inactivity::default();
            facts.pausing = None;
            facts.wanted = None;
            facts.comeback = None;
        });
    }

    /// Without a connection a status that an agent sets stands for the grace, as if the last one had just gone; what
    /// is offline needs none. What somebody else sets holds nobody who is not there.
    fn grace_of_its_own(&self, agent_id: AgentId, status: Status) -> Option<Reachability> {
        let agent = self.state.agents.get(&agent_id)?;
        let by_itself = self.actor == Actor::Agent(agent_id);
        let alone = agent.connections.is_empty() && status != Status::Offline;
        (by_itself && alone).then_some(Reachability::Grace { since: self.now })
    }

    /// An agent without a connection that sets what stands already says that it is still there.
    fn renew_grace(&mut self, agent_id: AgentId, grace: Option<Reachability>) {
        if let Some(grace) = grace {
            self.change_facts(agent_id, |facts| facts.reachability = grace);
        }
    }

    /// PRES-4.
    pub(super) fn set_override(
        &mut self,
        agent_id: AgentId,
        office_id: OfficeId,
        status: NewStatus,
    ) -> Result<(), Refusal> {
        self.check_office(agent_id, office_id)?;
        let choice = self.choice(status, PresenceReason::Override)?;
        self.override_office(agent_id, office_id, choice);
        Ok(())
    }

    fn override_office(&mut self, agent_id: AgentId, office_id: OfficeId, choice: Choice) {
        let Some(agent) = self.state.agents.get(&agent_id) else {
            return;
        };
        let stands = agent.facts.overrides.get(&office_id).is_some_and(|before| {
            (before.status, before.status_id) == (choice.status, choice.status_id)
        });
        let stands = stands && agent.presence(office_id).status == choice.status;
        let grace = self.grace_of_its_own(agent_id, choice.status);
        if stands {
            self.renew_grace(agent_id, grace);
            return;
        }
        self.change_facts(agent_id, |facts| {
            facts.reachability = grace.unwrap_or(facts.reachability);
            facts.overrides.insert(office_id, choice);
        });
    }

    pub(super) fn clear_override(
        &mut self,
        agent_id: AgentId,
        office_id: OfficeId,
    ) -> Result<(), Refusal> {
        self.check_office(agent_id, office_id)?;
        let agent = self.state.agents.get(&agent_id);
        if agent.is_some_and(|agent| agent.facts.overrides.contains_key(&office_id)) {
            self.change_facts(agent_id, |facts| {
                facts.overrides.remove(&office_id);
            });
        }
        Ok(())
    }

    /// PRES-5: sets or clears the status for one office of all its agents, in one step. Agents that chose to be
    /// offline are left as they are: nobody is called to work by this.
    pub(in super::super) fn set_office(
        &mut self,
        by: AgentId,
        office_id: OfficeId,
        status: Option<NewStatus>,
    ) -> Result<Reply, Refusal> {
        if !self.state.offices.contains_key(&office_id) {
            return Err(Refusal::UnknownOffice);
        }
        let manager = self.state.agents.get(&by).ok_or(Refusal::NotYourAgent)?;
        let allowed = match manager.profile.role {
            Role::Owner | Role::Admin => true,
            Role::Supervisor => self.state.belongs(manager, office_id),
            Role::Agent => false,
        };
        if !allowed {
            return Err(Refusal::NotYourAgent);
        }
        let choice = status
            .map(|status| self.choice(status, PresenceReason::Override))
            .transpose()?;
        let concerned = self.state.agents_of(office_id);
        for agent_id in &concerned {
            match choice {
                Some(choice) if self.state.chose_offline(*agent_id, office_id) => {
                    debug_assert_eq!(choice.reason, PresenceReason::Override);
                }
                Some(choice) => self.override_office(*agent_id, office_id, choice),
                None => self.clear_override(*agent_id, office_id)?,
            }
        }
        let views = concerned
            .iter()
            .filter_map(|id| self.state.agents.get(id))
            .map(AgentState::presence_view)
            .collect();
        Ok(Reply::Presences(views))
    }

    /// PRES-21: no new offers from now on, the wanted status when the last chat ends. An agent without a chat has it
    /// at once.
    pub(super) fn set_status_after_chats(
        &mut self,
        agent_id: AgentId,
        status: NewStatus,
    ) -> Result<(), Refusal> {
        let choice = self.choice(status, PresenceReason::Chosen)?;
        let agent = self.state.agents.get(&agent_id);
        let agent = agent.ok_or(Refusal::UnknownAgent)?;
        if agent.chats.is_empty() {
            return self.set_status(agent_id, status);
        }
        let wanted = Wanted {
            status: choice.status,
            status_id: choice.status_id,
            set_at: self.now,
            set_by: self.actor,
        };
        self.change_facts(agent_id, |facts| facts.wanted = Some(wanted));
        Ok(())
    }

    /// The last chat of an agent that waited for this has ended.
    pub(in super::super) fn drain(&mut self, agent_id: AgentId) {
        let Some(agent) = self.state.agents.get(&agent_id) else {
            return;
        };
        let Some(wanted) = agent.facts.wanted.filter(|_| agent.chats.is_empty()) else {
            return;
        };
        let choice = Choice {
            status: wanted.status,
            status_id: wanted.status_id,
            set_at: self.now,
            set_by: wanted.set_by,
            reason: PresenceReason::Drained,
        };
        self.choose(agent_id, choice);
    }

    /// A choice made now by whoever acts.
    fn choice(&self, status: NewStatus, reason: PresenceReason) -> Result<Choice, Refusal> {
        let (status, status_id) = match status {
            NewStatus::Base(status) => (status, None),
            NewStatus::Custom(id) => {
                let custom = self.state.statuses.get(&id);
                (custom.ok_or(Refusal::UnknownStatus)?.base, Some(id))
            }
        };
        Ok(Choice {
            status,
            status_id,
            set_at: self.now,
            set_by: self.actor,
            reason,
        })
    }

    fn check_office(&self, agent_id: AgentId, office_id: OfficeId) -> Result<(), Refusal> {
        if !self.state.offices.contains_key(&office_id) {
            return Err(Refusal::UnknownOffice);
        }
        let agent = self.state.agents.get(&agent_id);
        let agent = agent.ok_or(Refusal::UnknownAgent)?;
        let belongs = self.state.belongs(agent, office_id);
        belongs.then_some(()).ok_or(Refusal::NotInOffice)
    }
}

impl State {
    /// The agents that belong to an office, by id.
    pub(in super::super) fn agents_of(&self, office_id: OfficeId) -> Vec<AgentId> {
        self.agents
            .values()
            .filter(|agent| self.belongs(agent, office_id))
            .map(|agent| agent.profile.id)
            .collect()
    }

    fn chose_offline(&self, agent_id: AgentId, office_id: OfficeId) -> bool {
        let agent = self.agents.get(&agent_id);
        agent.is_some_and(|a| a.facts.selected(Some(office_id)).status == Status::Offline)
    }
}
