//! Queues and their members.

use std::collections::BTreeSet;

use crate::domain::{AgentId, ChatId, HandOverEnd, Queue, QueueId, QueueMemory, WithdrawReason};

use super::super::effect::{Cause, EventKind, SetupEvent};

use super::super::fields::{refuse, unknown};
use super::super::refusal::{FieldFault, Reference, Use};
use super::super::state::State;
use super::super::timers::TimerKey;
use super::super::turn::Turn;
use super::super::{Refusal, Reply};
use super::check_version;

impl Turn<'_> {
    pub(super) fn create_queue(
        &mut self,
        queue: Queue,
        members: &BTreeSet<AgentId>,
    ) -> Result<Reply, Refusal> {
        self.check_room(self.state.queues.len())?;
        refuse(self.state.queue_faults(&queue, members))?;
        self.state
            .check_overflow(queue.id, queue.settings.overflow)?;
        let (id, office_id) = (queue.id, queue.office_id);
        self.state
            .insert_queue(queue, members, QueueMemory::default());
        let view = self.state.queue_view(id).ok_or(Refusal::UnknownQueue)?;
        self.emit(EventKind::Setup(SetupEvent::QueueCreated(view.clone())));
        self.arm_queue_hours(id);
        self.state.retime_without_queue(office_id);
        self.settle_all(members.iter().copied().collect());
        self.touch_office(office_id, Cause::Setup);
        Ok(Reply::Queue(view))
    }

    /// Changes a queue; its office stays, because its chats belong there.
    pub(super) fn update_queue(
        &mut self,
        new: Queue,
        members: &BTreeSet<AgentId>,
    ) -> Result<Reply, Refusal> {
        let queue = self.state.queues.get(&new.id);
        let queue = queue.ok_or(Refusal::UnknownQueue)?;
        check_version(queue.queue.version, Some(new.version))?;
        refuse(self.state.queue_faults(&new, members))?;
        self.state.check_overflow(new.id, new.settings.overflow)?;
        let id = new.id;
        let new = Queue {
            version: new.version + 1,
            office_id: queue.queue.office_id,
            ..new
        };
        if let Some(queue) = self.state.queues.get_mut(&id) {
            queue.queue = new;
        }
        self.state.change_queue(id);
        let before = self.replace_members(id, members)?;
        let view = self.state.queue_view(id).ok_or(Refusal::UnknownQueue)?;
        self.emit(EventKind::Setup(SetupEvent::QueueChanged(view.clone())));
        self.draw_consequences_of_settings(id);
        self.draw_consequences_of_members(id, &before);
        Ok(Reply::Queue(view))
    }

    /// Says who is in a queue. The same agents again are no change.
    pub(super) fn change_members(
        &mut self,
        id: QueueId,
        members: &BTreeSet<AgentId>,
        version: Option<i64>,
    ) -> Result<Reply, Refusal> {
        let queue = self.state.queues.get(&id).ok_or(Refusal::UnknownQueue)?;
        check_version(queue.queue.version, version)?;
        refuse(self.state.member_faults(members).collect())?;
        if queue.members == *members {
            let view = self.state.queue_view(id).ok_or(Refusal::UnknownQueue)?;
            return Ok(Reply::Queue(view));
        }
        let before = self.replace_members(id, members)?;
        if let Some(queue) = self.state.queues.get_mut(&id) {
            queue.queue.version += 1;
        }
        let view = self.state.queue_view(id).ok_or(Refusal::UnknownQueue)?;
        self.emit(EventKind::Setup(SetupEvent::MembersChanged(view.clone())));
        self.draw_consequences_of_members(id, &before);
        Ok(Reply::Queue(view))
    }

    /// A queue with open chats stays until they have ended, and one into which others overflow until they do not.
    pub(super) fn archive_queue(
        &mut self,
        id: QueueId,
        version: Option<i64>,
    ) -> Result<Reply, Refusal> {
        let queue = self.state.queues.get(&id).ok_or(Refusal::UnknownQueue)?;
        check_version(queue.queue.version, version)?;
        let mut chats = self.state.chats.values();
        if chats.any(|chat| chat.is_open() && chat.queue_id == Some(id)) {
            return Err(Refusal::InUse(Use::Chat));
        }
        if self.state.overflows_into(id) {
            return Err(Refusal::InUse(Use::Overflow));
        }
        self.state.check_no_rule_for_queue(id)?;
        let office_id = queue.queue.office_id;
        // Chats of other queues may look for somebody in it, and such of none ring for it at whom they name.
        let named = self.state.chats.values().filter(|chat| {
            let mut ringing = chat.ringing();
            ringing.any(|(_, offer)| offer.queue_id == Some(id))
        });
        let looking = queue.line.iter().map(|place| place.chat_id);
        let looking: BTreeSet<ChatId> = looking.chain(named.map(|chat| chat.id)).collect();
        for chat_id in looking {
            self.end_hand_over(chat_id, HandOverEnd::Unavailable);
        }
        let members = self.replace_members(id, &BTreeSet::new())?;
        self.state.queues.remove(&id);
        if let Some(office) = self.state.offices.get_mut(&office_id) {
            office.queues.remove(&id);
        }
        self.state.retime_without_queue(office_id);
        self.dispatch(&[id]);
        self.state.timers.clear(TimerKey::QueueHours(id));
        self.emit(EventKind::Setup(SetupEvent::QueueArchived(id)));
        for agent_id in members {
            self.leave_offices(agent_id);
        }
        self.touch_office(office_id, Cause::Setup);
        Ok(Reply::Done)
    }

    /// Replaces the members on both sides and gives those that there were.
    fn replace_members(
        &mut self,
        id: QueueId,
        members: &BTreeSet<AgentId>,
    ) -> Result<BTreeSet<AgentId>, Refusal> {
        let queue = self.state.queues.get(&id).ok_or(Refusal::UnknownQueue)?;
        let before = queue.members.clone();
        self.state.set_members(id, members);
        Ok(before)
    }

    /// Takes back the offers of those who are members no more, gives those who are new their standing in the office,
    /// and offers what has become possible.
    fn draw_consequences_of_members(&mut self, id: QueueId, before: &BTreeSet<AgentId>) {
        let Some(queue) = self.state.queues.get(&id) else {
            return;
        };
        let office_id = queue.queue.office_id;
        let removed: Vec<AgentId> = before.difference(&queue.members).copied().collect();
        let added: Vec<AgentId> = queue.members.difference(before).copied().collect();
        for agent_id in &removed {
            let in_queue = |chat_id| {
                let chat = self.state.chats.get(chat_id);
                chat.is_some_and(|chat| chat.line() == Some(id))
            };
            let Some(agent) = self.state.agents.get(agent_id) else {
                continue;
            };
            let ringing = agent.ringing.iter();
            let lost: Vec<_> = ringing
                .filter(|(chat, _)| in_queue(chat))
                .copied()
                .collect();
            for (chat_id, number) in lost {
                self.withdraw(chat_id, number, WithdrawReason::RemovedFromQueue);
            }
            self.leave_offices(*agent_id);
            self.dispatch_agent(*agent_id);
        }
        self.settle_all(added);
        self.touch_office(office_id, Cause::Setup);
        self.dispatch(&[id]);
    }
}

impl State {
    /// What is wrong with a queue: what it names and is not there, and settings that do not go together. The office of one
    /// that is there stays, whatever is said of it.
    pub(in super::super) fn queue_faults(
        &self,
        queue: &Queue,
        members: &BTreeSet<AgentId>,
    ) -> Vec<FieldFault> {
        let office = (!self.queues.contains_key(&queue.id)).then_some(queue.office_id);
        let office = unknown(Reference::Office, &office, |id| {
            self.offices.contains_key(id)
        });
        let settings = self.queue_setting_faults(queue.id, &queue.settings);
        office
            .chain(self.member_faults(members))
            .chain(settings)
            .collect()
    }

    /// Members that are no agents of the tenant.
    pub(in super::super) fn member_faults<'s>(
        &'s self,
        members: &'s BTreeSet<AgentId>,
    ) -> impl Iterator<Item = FieldFault> + 's {
        unknown(Reference::Member, members, |id| {
            self.agents.contains_key(id)
        })
    }
}
