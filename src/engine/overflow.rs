//! What happens to a queue that fills, closes or keeps a chat for too long (AVAIL-5), and to a visitor that does not want
//! to wait.

use std::sync::Arc;

use crate::domain::{
    AgentId, ChatId, ChatState, Contact, DeferReason, LeaveReason, OfferNumber, Overflow, QueueId,
    Target, Timestamp, VisitorId, WithdrawReason,
};

use super::command::AskByEmail;
use super::effect::{Cause, ChatEvent, EventKind, QueueEvent};
use super::entry::{is_full, is_open};
use super::state::{Chat, QueueState, State};
use super::timers::TimerKey;
use super::turn::Turn;
use super::{Refusal, Reply};

impl Turn<'_> {
    /// At the end of a step: tells of the queues that have become full, or have emptied enough to take chats again.
    pub(super) fn settle_queues(&mut self) {
        for queue_id in std::mem::take(&mut self.state.changed.queues) {
            let Some(queue) = self.state.queues.get(&queue_id) else {
                continue;
            };
            let is_full = full_from_now(queue);
            if is_full == queue.memory.is_full {
                continue;
            }
            let waiting = u32::try_from(queue.waiting).unwrap_or(u32::MAX);
            let members = queue.members.iter().copied().collect();
            if let Some(queue) = self.state.queues.get_mut(&queue_id) {
                queue.memory.is_full = is_full;
            }
            self.emit(EventKind::Queue(QueueEvent {
                queue_id,
                is_full,
                waiting,
                members,
            }));
        }
    }

    /// A queue's hours begin or end at this instant: what waits in one that closes goes to its overflow.
    pub(super) fn pass_queue_boundary(&mut self, queue_id: QueueId) {
        let now = self.now;
        let Some(queue) = self.state.queues.get(&queue_id) else {
            return;
        };
        let office_id = queue.queue.office_id;
        let closes = !is_open(queue, now) && queue.queue.settings.overflow.is_some();
        let chats: Vec<ChatId> = queue
            .line
            .iter()
            .filter(|_| closes)
            .map(|place| place.chat_id)
            .collect();
        for chat_id in chats {
            self.send_on(chat_id);
        }
        self.arm_queue_hours(queue_id);
        self.touch_office(office_id, Cause::Hours);
    }

    /// Sets the deadline of a queue's next hours.
    pub(super) fn arm_queue_hours(&mut self, queue_id: QueueId) {
        let queue = self.state.queues.get(&queue_id);
        let hours = queue.and_then(|queue| queue.queue.settings.hours.as_ref());
        let next = hours.and_then(|hours| hours.next_boundary(self.now));
        let at = next.map(|boundary| boundary.at);
        self.state.timers.put(TimerKey::QueueHours(queue_id), at);
    }

    /// At the end of a step: what had to go elsewhere and could not goes as soon as it can, in the order of its line. Says
    /// whether something went.
    pub(super) fn settle_overruns(&mut self) -> bool {
        self.state.refresh(self.now);
        let queues: Vec<QueueId> = self.state.overrun.iter().copied().collect();
        let mut went = false;
        for queue_id in queues {
            while let Some(chat_id) = self.state.next_to_go(queue_id, self.now) {
                self.send_on(chat_id);
                self.state.refresh(self.now);
                went = true;
            }
        }
        went
    }

    /// Sends a waiting chat on to where its queue overflows. Where nobody takes it, it stays until somebody does.
    pub(super) fn send_on(&mut self, chat_id: ChatId) {
        let now = self.now;
        let chat = self.state.chats.get(&chat_id);
        let Some(chat) = chat.filter(|chat| chat.state == ChatState::Waiting) else {
            return;
        };
        match self.state.onward(chat, now) {
            Some(Onward::Inbox) => self.defer(chat_id, DeferReason::Overflow),
            Some(Onward::Queue(to)) => {
                let to = to.queue.id;
                self.move_to_queue(chat_id, to);
            }
            None => {
                if let Some(chat) = self.state.chat_mut(chat_id) {
                    chat.routing.overran = Some(now);
                    self.emit(EventKind::Chat(ChatEvent::WaitOverrun(chat_id)));
                }
            }
        }
    }

    /// Moves a waiting chat into another queue, with its age (ROUTE-20).
    fn move_to_queue(&mut self, chat_id: ChatId, to: QueueId) {
        let now = self.now;
        let freed = self.withdraw_all(chat_id, WithdrawReason::Moved);
        self.cancel_round(chat_id);
        let office_id = self.state.queues.get(&to).map(|q| q.queue.office_id);
        let Some((chat, office_id)) = self.state.chat_mut(chat_id).zip(office_id) else {
            return;
        };
        let from = chat.queue_id.replace(to);
        chat.office_id = office_id;
        chat.round += 1;
        chat.routing.passed_over.clear();
        chat.routing.overran = None;
        if let Some(seek) = &mut chat.routing.seek {
            seek.target = Target::Queue(to);
            seek.since = now;
        }
        self.state.settled.insert(chat_id);
        self.settle_listeners([chat_id]);
        if let Some(view) = self.chat_view(chat_id) {
            self.emit(EventKind::Chat(ChatEvent::Overflowed(view, from)));
        }
        for agent_id in freed {
            self.dispatch_agent(agent_id);
        }
        self.dispatch(&[to]);
        if let Some(from) = from {
            self.time_late_offers(from);
        }
    }

    /// A waiting visitor asks for the answer by e-mail instead, or says where to answer a chat that has become an offline
    /// message without an address.
    pub(super) fn ask_by_email(
        &mut self,
        visitor_id: VisitorId,
        chat_id: ChatId,
        ask: AskByEmail,
    ) -> Result<Reply, Refusal> {
        let chat = self.state.chats.get(&chat_id);
        let left =
            chat.filter(|c| c.visitor_id == visitor_id && c.state == ChatState::OfflineMessage);
        let chat = match left {
            Some(chat) if chat.contact.email.is_none() => chat,
            // Its first answer was lost, perhaps: the message is there, and nothing of it is over.
            Some(_) => return Err(Refusal::NotWaiting),
            None => self.state.own_chat(visitor_id, chat_id)?,
        };
        if !matches!(chat.state, ChatState::Waiting | ChatState::OfflineMessage) {
            return Err(Refusal::NotWaiting);
        }
        let contact = Contact {
            name: ask.name.or_else(|| chat.contact.name.clone()),
            email: ask.email.or_else(|| chat.contact.email.clone()),
            ..(*chat.contact).clone()
        };
        if contact.email.is_none() {
            return Err(Refusal::EmailRequired);
        }
        if let Some(chat) = self.state.chat_mut(chat_id) {
            chat.contact = Arc::new(contact);
        }
        self.defer(chat_id, DeferReason::AskedByEmail);
        self.chat_view(chat_id)
            .map(Reply::Chat)
            .ok_or(Refusal::UnknownChat)
    }

    /// Makes an offline message of a waiting chat.
    fn defer(&mut self, chat_id: ChatId, reason: DeferReason) {
        let freed = self.withdraw_all(chat_id, WithdrawReason::Moved);
        self.cancel_round(chat_id);
        let chat = self.state.chats.get(&chat_id);
        // Nobody answers a chat that waits, but some may read it along.
        let readers: Vec<AgentId> = chat.into_iter().flat_map(Chat::taking_part).collect();
        for agent_id in readers {
            self.end_part(chat_id, agent_id, LeaveReason::Closed);
        }
        let Some(chat) = self.state.chat_mut(chat_id) else {
            return;
        };
        let line = chat.line();
        chat.state = ChatState::OfflineMessage;
        // Whoever takes it up takes up another matter than what was refused while it waited.
        chat.round += 1;
        chat.routing.passed_over.clear();
        chat.routing.seek = None;
        chat.routing.reserved = None;
        chat.routing.overran = None;
        self.state.unlink_chat(chat_id);
        if let Some(view) = self.chat_view(chat_id) {
            self.emit(EventKind::Chat(ChatEvent::Deferred(view, reason)));
        }
        for agent_id in freed {
            self.dispatch_agent(agent_id);
        }
        if let Some(queue_id) = line {
            self.time_late_offers(queue_id);
        }
    }

    /// Withdraws every offer of a chat that rings, and names whom that frees.
    pub(super) fn withdraw_all(&mut self, chat_id: ChatId, reason: WithdrawReason) -> Vec<AgentId> {
        let chat = self.state.chats.get(&chat_id);
        let ringing: Vec<OfferNumber> = chat
            .into_iter()
            .flat_map(|chat| chat.ringing().map(|(number, _)| number))
            .collect();
        ringing
            .into_iter()
            .filter_map(|number| self.withdraw(chat_id, number, reason))
            .collect()
    }
}

/// Where a chat goes that its queue does not take or keep.
#[derive(Clone, Copy)]
pub(super) enum Onward<'s> {
    Inbox,
    Queue(&'s QueueState),
}

impl State {
    /// Where a waiting chat can go from its queue now.
    fn onward(&self, chat: &Chat, now: Timestamp) -> Option<Onward<'_>> {
        let queue = self.queues.get(&chat.line()?)?;
        match queue.queue.settings.overflow? {
            Overflow::Messenger => Some(Onward::Inbox),
            Overflow::Queue(next) => self.along(self.queues.get(&next)?, now),
        }
    }

    /// The first chat of a queue that had to go elsewhere and could not, still has to, and can now.
    fn next_to_go(&self, queue_id: QueueId, now: Timestamp) -> Option<ChatId> {
        let queue = self.queues.get(&queue_id)?;
        let closed = !is_open(queue, now);
        let has_to = |chat: &Chat| closed || self.end_of_wait(chat).is_some_and(|end| end <= now);
        let chats = queue.overran.iter();
        let mut chats = chats.filter_map(|place| self.chats.get(&place.chat_id));
        let chat = chats.find(|chat| has_to(chat))?;
        // All of them would go to the same place.
        self.onward(chat, now).map(|_| chat.id)
    }
}

/// Whether a queue is full from now on: it fills at `max_waiting`, and empties below `reopen_at`.
pub(super) fn full_from_now(queue: &QueueState) -> bool {
    let settings = &queue.queue.settings;
    let reopen_at = settings.reopen_at.unwrap_or(settings.max_waiting) as usize;
    let emptied = queue.waiting < reopen_at.min(settings.max_waiting as usize);
    is_full(queue) || (queue.memory.is_full && !emptied)
}
