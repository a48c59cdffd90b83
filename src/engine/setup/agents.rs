//! Agents: their profiles, offices and seats.

use crate::domain::{
    Agent, AgentId, Choice, Facts, HandOverEnd, LeaveReason, PresenceReason, Role, Seat, Standing,
    Status, WithdrawReason,
};

use super::super::command::{NewPassword, PasswordHash};
use super::super::effect::{Cause, EndedSessions, EventKind, LogInChange, SetupEvent};
use super::super::fields::{refuse, unknown};
use super::super::refusal::{Contradiction, FieldFault, Reference, Use};
use super::super::state::{AgentState, State};
use super::super::turn::Turn;
use super::super::{Refusal, Reply};
use super::check_version;

impl Turn<'_> {
    pub(super) fn create_agent(
        &mut self,
        agent: Agent,
        password: PasswordHash,
    ) -> Result<Reply, Refusal> {
        self.check_room(self.state.agents.len())?;
        if agent.role > self.role_of_actor() {
            return Err(Refusal::AboveYourRole);
        }
        refuse(self.state.agent_faults(&agent))?;
        self.check_email(&agent)?;
        let id = agent.id;
        self.state.agents.insert(
            id,
            Box::new(AgentState::new(
                agent.clone(),
                Facts::initial(self.now),
                Standing::initial(self.now),
            )),
        );
        self.emit(EventKind::Setup(SetupEvent::AgentCreated(
            Box::new(agent.clone()),
            password,
        )));
        self.arm_agent_hours(id);
        self.settle_again(id);
        if agent.seat == Seat::Assigned {
            self.reseat();
        }
        Ok(Reply::Agent(Box::new(agent)))
    }

    pub(super) fn update_agent(
        &mut self,
        new: Agent,
        password: Option<NewPassword>,
    ) -> Result<Reply, Refusal> {
        let id = new.id;
        let before = self.state.agents.get(&id);
        let before = before.ok_or(Refusal::UnknownAgent)?.profile.clone();
        check_version(before.version, Some(new.version))?;
        if before.role.max(new.role) > self.role_of_actor() {
            return Err(Refusal::AboveYourRole);
        }
        if before.role == Role::Owner && new.role != Role::Owner {
            self.check_other_owner(id)?;
        }
        refuse(self.state.agent_faults(&new))?;
        self.check_email(&new)?;
        let new = Agent {
            version: new.version + 1,
            ..new
        };
        if let Some(agent) = self.state.agent_mut(id) {
            agent.profile = new.clone();
        }
        let change = change_of_log_ins(&before, &new, password);
        self.emit(EventKind::Setup(SetupEvent::AgentChanged(
            Box::new(new.clone()),
            change,
        )));
        if before.hours != new.hours {
            self.arm_agent_hours(id);
        }
        if before.seat != new.seat {
            self.reseat();
        }
        self.leave_offices(id);
        self.take_back_offers(id);
        self.take_back_unskilled(id);
        self.dispatch_agent(id);
        self.touch_offices_of(id, Cause::Setup);
        Ok(Reply::Agent(Box::new(new)))
    }

    /// An agent with open chats stays until they have ended or gone to somebody else: no chat is left alone.
    pub(super) fn archive_agent(
        &mut self,
        id: AgentId,
        version: Option<i64>,
    ) -> Result<Reply, Refusal> {
        let agent = self.state.agents.get(&id).ok_or(Refusal::UnknownAgent)?;
        check_version(agent.profile.version, version)?;
        if agent.profile.role > self.role_of_actor() {
            return Err(Refusal::AboveYourRole);
        }
        if agent.profile.role == Role::Owner {
            self.check_other_owner(id)?;
        }
        if !agent.chats.is_empty() {
            return Err(Refusal::InUse(Use::Chat));
        }
        let ringing: Vec<_> = agent.ringing.iter().copied().collect();
        for (chat_id, number) in ringing {
            self.withdraw(chat_id, number, WithdrawReason::AgentUnavailable);
        }
        self.end_all_parts(id);
        self.end_wrap_ups_of(id);
        let offline = Choice {
            status: Status::Offline,
            status_id: None,
            set_at: self.now,
            set_by: self.actor,
            reason: PresenceReason::LoggedOut,
        };
        self.choose(id, offline);
        let agent = self.state.agents.get(&id);
        let queues = agent.map(|agent| agent.queues.clone()).unwrap_or_default();
        for queue_id in &queues {
            self.state.remove_member(*queue_id, id);
            if let Some(view) = self.state.queue_view(*queue_id) {
                let office = view.queue.office_id;
                self.emit(EventKind::Setup(SetupEvent::MembersChanged(view)));
                self.touch_office(office, Cause::Setup);
            }
        }
        self.take_from_widgets(id);
        self.take_from_routing_rules(id);
        // Its queues forget it while it is still there to ask.
        self.state.refresh(self.now);
        self.state.agents.remove(&id);
        self.state.timers.clear_agent(id);
        self.state.arrivals.retain(|(_, other)| *other != id);
        self.emit(EventKind::Setup(SetupEvent::AgentArchived(id)));
        self.reseat();
        let queues: Vec<_> = queues.into_iter().collect();
        self.dispatch(&queues);
        Ok(Reply::Done)
    }

    /// What an agent read along goes on without it, and nobody looks for it any more.
    fn end_all_parts(&mut self, id: AgentId) {
        let Some(agent) = self.state.agents.get(&id) else {
            return;
        };
        let (reads, sought) = (agent.read_along.clone(), agent.sought.clone());
        for chat_id in reads {
            self.end_part(chat_id, id, LeaveReason::Removed);
        }
        for chat_id in sought {
            self.end_hand_over(chat_id, HandOverEnd::Unavailable);
        }
    }

    /// Forgets what was set for offices that the agent belongs to no more, and makes its standing anew. Of chats that it may
    /// not listen to any more it hears no more.
    pub(super) fn leave_offices(&mut self, agent_id: AgentId) {
        let Some(agent) = self.state.agents.get(&agent_id) else {
            return;
        };
        let offices = self.state.offices_of(agent);
        let reads = agent.read_along.clone();
        self.settle_listeners(reads);
        self.change_facts(agent_id, |facts| {
            facts.overrides.retain(|id, _| offices.contains(id));
            facts
                .inactivity
                .offices
                .retain(|id, _| offices.contains(id));
        });
    }

    fn check_email(&self, agent: &Agent) -> Result<(), Refusal> {
        let email = agent.email.folded();
        let mut others = self.state.agents_but(agent.id);
        if others.any(|other| other.email.folded() == email) {
            Err(Refusal::EmailTaken)
        } else {
            Ok(())
        }
    }

    fn check_other_owner(&self, id: AgentId) -> Result<(), Refusal> {
        let mut others = self.state.agents.values().map(|agent| &agent.profile);
        let other = |agent: &Agent| agent.role == Role::Owner && agent.id != id;
        others.any(other).then_some(()).ok_or(Refusal::LastOwner)
    }
}

impl State {
    /// What is wrong with an agent, as far as it is new: what it has already may have become too much since, by no fault of
    /// its own.
    pub(in super::super) fn agent_faults(&self, agent: &Agent) -> Vec<FieldFault> {
        let before = self.agents.get(&agent.id).map(|agent| &agent.profile);
        let offices = unknown(Reference::Offices, &agent.office_ids, |id| {
            self.offices.contains_key(id)
        });
        let skills = unknown(Reference::Skill, agent.skills.keys(), |id| {
            self.skills.contains_key(id)
        });
        let mut faults: Vec<FieldFault> = offices.chain(skills).collect();
        let capacity = agent.capacity.get();
        if agent.capacity_max.is_some_and(|max| max.get() < capacity) {
            faults.push(FieldFault::Contradicts(Contradiction::CapacityMax));
        }
        if before.is_none_or(|before| before.inactivity != agent.inactivity) {
            faults.extend(self.delay_faults(&agent.inactivity));
        }
        let wants_seat = agent.seat == Seat::Assigned
            && before.is_none_or(|before| before.seat != Seat::Assigned);
        let others = self.agents_but(agent.id);
        let assigned = others.filter(|other| other.seat == Seat::Assigned);
        if wants_seat && assigned.count() >= self.settings.seats as usize {
            faults.push(FieldFault::NoSeatLeft);
        }
        faults
    }

    fn agents_but(&self, id: AgentId) -> impl Iterator<Item = &Agent> {
        let profiles = self.agents.values().map(|agent| &agent.profile);
        profiles.filter(move |profile| profile.id != id)
    }
}

/// Nobody goes on with the rights, or behind the password, of before.
fn change_of_log_ins(before: &Agent, new: &Agent, password: Option<NewPassword>) -> LogInChange {
    let kept = password.as_ref().and_then(|password| password.keeps);
    let ended = match (before.role == new.role, &password, kept) {
        (true, None, _) => EndedSessions::None,
        (true, Some(_), Some(kept)) => EndedSessions::AllBut(kept),
        (false, ..) | (true, Some(_), None) => EndedSessions::All,
    };
    LogInChange {
        password: password.map(|password| password.hash),
        ended,
    }
}
