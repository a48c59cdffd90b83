//! Agents that have a chat and do nothing for it: those that are gone (ROUTE-11), and those that do not write (ROUTE-21).

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{
    AgentId, ChatId, ChatState, HandOverEnd, LeaveReason, OfficeId, OnAgentGone, Seek, Status,
    SystemNotice, Timestamp,
};

use super::super::effect::{ChatEvent, EventKind};
use super::super::state::{Chat, State};
use super::super::turn::Turn;

impl Turn<'_> {
    /// An agent has become effectively offline in a chat's office, or is back.
    pub(in super::super) fn mark_gone(&mut self, chat_id: ChatId, agent_id: AgentId, gone: bool) {
        let now = self.now;
        if let Some(chat) = self.state.chat_mut(chat_id) {
            if gone {
                chat.course.gone.insert(agent_id, now);
            } else {
                chat.course.gone.remove(&agent_id);
            }
        }
    }

    /// ROUTE-11: an agent was gone for too long.
    pub(in super::super) fn lose_gone_agent(&mut self, chat_id: ChatId, agent_id: AgentId) {
        self.take_back(chat_id, &[agent_id], LeaveReason::AgentGone);
    }

    /// ROUTE-21: no agent has written in time.
    pub(in super::super) fn lose_mute_agents(&mut self, chat_id: ChatId) {
        let chat = self.state.chats.get(&chat_id);
        let agents: Vec<AgentId> = chat.into_iter().flat_map(Chat::answering).collect();
        self.take_back(chat_id, &agents, LeaveReason::NoFirstReply);
    }

    /// Ends the parts of agents that do nothing for a chat. When nobody answers any more it goes back to its queue with its
    /// age: before all others if its agent was gone, and not to the same agents in this round if they did not write.
    fn take_back(&mut self, chat_id: ChatId, agents: &[AgentId], reason: LeaveReason) {
        for agent_id in agents {
            self.end_part(chat_id, *agent_id, reason);
        }
        let chat = self.state.chats.get(&chat_id);
        let chat = chat.filter(|chat| chat.answering().next().is_none());
        if let Some(queue_id) = chat.and_then(|chat| self.state.home(chat)) {
            self.end_hand_over(chat_id, HandOverEnd::Cancelled);
            let is_gone = reason == LeaveReason::AgentGone;
            let passed_over: BTreeSet<AgentId> = if is_gone {
                BTreeSet::new()
            } else {
                agents.iter().copied().collect()
            };
            let seek = Seek::answer(queue_id, self.now);
            self.wait_again(chat_id, queue_id, seek, None, passed_over);
            if let Some(chat) = self.state.chat_mut(chat_id) {
                chat.routing.ahead = is_gone;
            }
            if let Some(view) = self.chat_view(chat_id) {
                self.emit(EventKind::Chat(ChatEvent::Requeued(view, reason)));
            }
            self.add_notice(chat_id, SystemNotice::Requeued {});
            self.dispatch(&[queue_id]);
        } else {
            for agent_id in agents {
                self.tell(chat_id, *agent_id, |agent| SystemNotice::AgentLeft {
                    agent,
                });
            }
        }
        for agent_id in agents {
            self.dispatch_agent(*agent_id);
        }
    }

    /// ROUTE-21: an agent begins to write; the first time that is a fact, since a clock stops by it.
    pub(in super::super) fn begin_reply(&mut self, chat_id: ChatId) {
        let chat = self.state.chats.get(&chat_id);
        let runs = chat.is_some_and(|chat| self.state.first_reply_due(chat).is_some());
        if let Some(chat) = self.state.chat_mut(chat_id).filter(|_| runs) {
            chat.course.replied = true;
            self.emit(EventKind::Chat(ChatEvent::ReplyBegun(chat_id)));
        }
    }
}

impl State {
    /// Since when those that answer a chat would be gone if it belonged to this office: now, unless they were before.
    pub(super) fn gone_from(
        &self,
        chat: &Chat,
        office_id: OfficeId,
        now: Timestamp,
    ) -> BTreeMap<AgentId, Timestamp> {
        let is_gone = |id: &AgentId| {
            let agent = self.agents.get(id);
            agent.is_some_and(|agent| agent.presence(office_id).status == Status::Offline)
        };
        let since = |id: AgentId| chat.course.gone.get(&id).copied().unwrap_or(now);
        let gone = chat.answering().filter(is_gone);
        gone.map(|id| (id, since(id))).collect()
    }

    /// When the first agent that is gone loses a chat (ROUTE-11).
    pub(in super::super) fn gone_due(&self, chat: &Chat) -> Option<(Timestamp, AgentId)> {
        let OnAgentGone::Requeue(after) = self.settings.chats.on_agent_gone else {
            return None;
        };
        if chat.course.gone.is_empty() || !chat.is_open() {
            return None;
        }
        self.home(chat)?;
        let gone = chat.course.gone.iter();
        gone.map(|(id, since)| (*since + after, *id)).min()
    }

    /// By when an agent must have written (ROUTE-21). The clock runs from when the last of them took the chat.
    pub(in super::super) fn first_reply_due(&self, chat: &Chat) -> Option<Timestamp> {
        if chat.course.replied || !matches!(chat.state, ChatState::Active { .. }) {
            return None;
        }
        let queue = self.queues.get(&chat.queue_id?)?;
        let within = queue.queue.settings.first_reply_within?;
        let parts = chat.answering().filter_map(|id| chat.participants.get(&id));
        Some(parts.map(|part| part.joined_at).max()? + within)
    }
}
