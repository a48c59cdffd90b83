//! What the engine decides by: settings, offices, agents, queues, widgets, statuses, pauses, skills, dispositions. It changes in one order
//! with the rest.
//!
//! An update carries the whole thing and the version that it was made from. A change that takes something away from
//! somebody (an office, a seat, a status) draws its consequences in the same step.

mod agents;
mod offices;
mod queue_settings;
mod queues;
mod routing_rules;
mod settings;
mod skills;
mod statuses;
mod widgets;

use crate::domain::{Actor, AgentId, Role};

use super::command::SetupCommand;
use super::turn::Turn;
use super::{Refusal, Reply};

impl Turn<'_> {
    pub(super) fn set_up(&mut self, command: SetupCommand) -> Result<Reply, Refusal> {
        match command {
            SetupCommand::UpdateSettings(settings) => self.update_settings(settings),
            SetupCommand::CreateOffice(office) => self.create_office(*office),
            SetupCommand::UpdateOffice(office) => self.update_office(*office),
            SetupCommand::ArchiveOffice(id, version) => self.archive_office(id, version),
            SetupCommand::CreateAgent(agent, password) => self.create_agent(*agent, password),
            SetupCommand::UpdateAgent(agent, password) => self.update_agent(*agent, password),
            SetupCommand::ArchiveAgent(id, version) => self.archive_agent(id, version),
            SetupCommand::CreateQueue(queue, members) => self.create_queue(queue, &members),
            SetupCommand::UpdateQueue(queue, members) => self.update_queue(queue, &members),
            SetupCommand::SetMembers(queue_id, members, version) => {
                self.change_members(queue_id, &members, version)
            }
            SetupCommand::ArchiveQueue(id, version) => self.archive_queue(id, version),
            SetupCommand::CreateWidget(widget) => self.create_widget(widget),
            SetupCommand::UpdateWidget(widget) => self.update_widget(widget),
            SetupCommand::ArchiveWidget(id, version) => self.archive_widget(id, version),
            SetupCommand::CreateStatus(status) => self.create_status(status),
            SetupCommand::UpdateStatus(status) => self.update_status(status),
            SetupCommand::ArchiveStatus(id, version) => self.archive_status(id, version),
            SetupCommand::CreatePause(pause) => self.create_pause(pause),
            SetupCommand::UpdatePause(pause) => self.update_pause(pause),
            SetupCommand::ArchivePause(id, version) => self.archive_pause(id, version),
            SetupCommand::CreateSkill(skill) => self.create_skill(skill),
            SetupCommand::UpdateSkill(skill) => self.update_skill(skill),
            SetupCommand::ArchiveSkill(id, version) => self.archive_skill(id, version),
            SetupCommand::CreateDisposition(new) => self.create_disposition(new),
            SetupCommand::UpdateDisposition(new) => self.update_disposition(new),
            SetupCommand::ArchiveDisposition(id, version) => self.archive_disposition(id, version),
            SetupCommand::CreateRoutingRule(rule) => self.create_routing_rule(*rule),
            SetupCommand::UpdateRoutingRule(rule) => self.update_routing_rule(*rule),
            SetupCommand::ArchiveRoutingRule(id, version) => self.archive_routing_rule(id, version),
            SetupCommand::CreateBan(ban) => self.create_ban(ban),
            SetupCommand::UpdateBan(ban) => self.update_ban(ban),
            SetupCommand::LiftBan(id, version) => self.lift_ban(id, version),
        }
    }

    fn check_room(&self, count: usize) -> Result<(), Refusal> {
        if count < self.state.limits.resources_of_a_kind {
            Ok(())
        } else {
            Err(Refusal::LimitReached)
        }
    }

    /// Statuses, pauses, skills and dispositions are lists from which people choose.
    fn check_choices(&self, count: usize) -> Result<(), Refusal> {
        if count < self.state.limits.choices_of_a_kind {
            Ok(())
        } else {
            Err(Refusal::LimitReached)
        }
    }

    /// The rights of who asks; the service itself has all.
    fn role_of_actor(&self) -> Role {
        match self.actor {
            Actor::Agent(id) => self
                .state
                .agents
                .get(&id)
                .map_or(Role::Agent, |agent| agent.profile.role),
            Actor::Visitor => Role::Agent,
            Actor::System => Role::Owner,
        }
    }

    /// The agents of a list, after a change of what concerns them.
    fn settle_all(&mut self, agents: Vec<AgentId>) {
        for agent_id in agents {
            self.settle_again(agent_id);
        }
    }
}

/// Whether a change was made from what stands now; one that names no version takes what it finds.
pub(super) fn check_version(stands: i64, expected: Option<i64>) -> Result<(), Refusal> {
    match expected {
        Some(version) if version != stands => Err(Refusal::VersionMismatch),
        Some(_) | None => Ok(()),
    }
}
