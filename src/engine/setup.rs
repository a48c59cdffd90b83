//! Offices, agents, queues, widgets: what the engine decides by. They change in one order with the rest.

use std::collections::BTreeSet;

use crate::domain::{
    Agent, AgentId, Choice, Office, Queue, QueueId, Reachability, Widget, WithdrawReason,
};

use super::command::{PasswordHash, SetupCommand};
use super::effect::{EventKind, SetupEvent};
use super::state::AgentState;
use super::turn::Turn;
use super::{Refusal, Reply};

impl Turn<'_> {
    pub(super) fn set_up(&mut self, command: SetupCommand) -> Result<Reply, Refusal> {
        match command {
            SetupCommand::CreateOffice(office) => self.create_office(office),
            SetupCommand::CreateAgent(agent, password) => self.create_agent(agent, password),
            SetupCommand::CreateQueue(queue, members) => self.create_queue(queue, members),
            SetupCommand::SetMembers(queue_id, members) => self.change_members(queue_id, members),
            SetupCommand::CreateWidget(widget) => self.create_widget(widget),
        }
    }

    fn create_office(&mut self, office: Office) -> Result<Reply, Refusal> {
        self.check_room(self.state.offices.len())?;
        self.state.offices.insert(office.id, office.clone());
        let view = self
            .state
            .office_view(office.id)
            .ok_or(Refusal::UnknownOffice)?;
        self.emit(EventKind::Setup(SetupEvent::OfficeCreated(office)));
        Ok(Reply::Office(view))
    }

    fn create_agent(&mut self, agent: Agent, password: PasswordHash) -> Result<Reply, Refusal> {
        self.check_room(self.state.agents.len())?;
        let email = agent.email.folded();
        if self
            .state
            .agents
            .values()
            .any(|other| other.profile.email.folded() == email)
        {
            return Err(Refusal::EmailTaken);
        }
        self.state.agents.insert(
            agent.id,
            AgentState {
                choice: Choice::initial(self.now),
                reachability: Reachability::Lost { since: self.now },
                idle_since: self.now,
                connections: BTreeSet::new(),
                queues: BTreeSet::new(),
                ringing: BTreeSet::new(),
                chats: BTreeSet::new(),
                profile: agent.clone(),
            },
        );
        self.emit(EventKind::Setup(SetupEvent::AgentCreated(
            agent.clone(),
            password,
        )));
        Ok(Reply::Agent(agent))
    }

    fn create_queue(&mut self, queue: Queue, members: BTreeSet<AgentId>) -> Result<Reply, Refusal> {
        self.check_room(self.state.queues.len())?;
        if !self.state.offices.contains_key(&queue.office_id) {
            return Err(Refusal::UnknownOffice);
        }
        self.check_members(&members)?;
        let id = queue.id;
        self.state.insert_queue(queue, members);
        let view = self.state.queue_view(id).ok_or(Refusal::UnknownQueue)?;
        self.emit(EventKind::Setup(SetupEvent::QueueCreated(view.clone())));
        Ok(Reply::Queue(view))
    }

    fn change_members(
        &mut self,
        queue_id: QueueId,
        members: BTreeSet<AgentId>,
    ) -> Result<Reply, Refusal> {
        let queue = self
            .state
            .queues
            .get(&queue_id)
            .ok_or(Refusal::UnknownQueue)?;
        self.check_members(&members)?;
        let removed: Vec<AgentId> = queue.members.difference(&members).copied().collect();
        self.state.set_members(queue_id, members);
        let view = self
            .state
            .queue_view(queue_id)
            .ok_or(Refusal::UnknownQueue)?;
        self.emit(EventKind::Setup(SetupEvent::MembersChanged(view.clone())));
        for agent_id in removed {
            let in_queue = |chat_id| {
                self.state
                    .chats
                    .get(chat_id)
                    .is_some_and(|chat| chat.queue_id == Some(queue_id))
            };
            let Some(agent) = self.state.agents.get(&agent_id) else {
                continue;
            };
            let offers: Vec<_> = agent
                .ringing
                .iter()
                .filter(|(chat_id, _)| in_queue(chat_id))
                .copied()
                .collect();
            for (chat_id, number) in offers {
                self.withdraw(chat_id, number, WithdrawReason::RemovedFromQueue);
            }
            self.dispatch_agent(agent_id);
        }
        self.dispatch(&[queue_id]);
        Ok(Reply::Queue(view))
    }

    fn create_widget(&mut self, widget: Widget) -> Result<Reply, Refusal> {
        self.check_room(self.state.widgets.len())?;
        if !widget
            .office_ids
            .iter()
            .all(|id| self.state.offices.contains_key(id))
        {
            return Err(Refusal::UnknownOffice);
        }
        self.state.widgets.insert(widget.id, widget.clone());
        self.emit(EventKind::Setup(SetupEvent::WidgetCreated(widget.clone())));
        Ok(Reply::Widget(widget))
    }

    fn check_room(&self, count: usize) -> Result<(), Refusal> {
        if count < self.state.limits.resources_of_a_kind {
            Ok(())
        } else {
            Err(Refusal::LimitReached)
        }
    }

    fn check_members(&self, members: &BTreeSet<AgentId>) -> Result<(), Refusal> {
        if members.iter().all(|id| self.state.agents.contains_key(id)) {
            Ok(())
        } else {
            Err(Refusal::UnknownMember)
        }
    }
}
