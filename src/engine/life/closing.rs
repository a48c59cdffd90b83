//! How a chat ends (CHAT-4, CHAT-10).

use std::collections::BTreeMap;

use crate::domain::{
    AgentId, ChatId, ChatState, CloseReason, DispositionId, OfferNumber, VisitorId, WithdrawReason,
    WrapUp,
};

use super::super::effect::{Cause, ChatEvent, EventKind};
use super::super::handover::refused_to;
use super::super::state::{Chat, State};
use super::super::turn::Turn;
use super::super::{Refusal, Reply};

impl Turn<'_> {
    /// An agent that answers the chat closes it, with its outcome where the queue asks for one.
    pub(in super::super) fn close(
        &mut self,
        agent_id: AgentId,
        chat_id: ChatId,
        chosen: Option<&[DispositionId]>,
    ) -> Result<Reply, Refusal> {
        let chat = self.state.chats.get(&chat_id).ok_or(Refusal::UnknownChat)?;
        match chat.state {
            ChatState::WrapUp { .. } | ChatState::Closed { .. } => return Err(Refusal::ChatClosed),
            ChatState::Waiting | ChatState::Active { .. } | ChatState::OfflineMessage => {}
        }
        if !chat.is_answered_by(agent_id) {
            return Err(refused_to(chat, agent_id));
        }
        let before = &chat.attributes.dispositions;
        let chosen = chosen.map(|ids| self.state.chosen(chat, ids)).transpose()?;
        let chosen = chosen.unwrap_or_else(|| before.clone());
        let is_last = !self.state.others_answer(chat_id, agent_id);
        if is_last && self.state.asks_for_disposition(chat) && chosen.is_empty() {
            return Err(Refusal::DispositionRequired);
        }
        if chosen != *before {
            if let Some(chat) = self.state.chat_mut(chat_id) {
                chat.attributes.dispositions = chosen;
            }
            self.tell_marks(chat_id);
        }
        if self.leaves_instead_of_closing(agent_id, chat_id) {
            return self
                .chat_view(chat_id)
                .map(Reply::Chat)
                .ok_or(Refusal::UnknownChat);
        }
        self.finish(chat_id, CloseReason::AgentClosed)
    }

    /// The visitor ends its chat, whether somebody has taken it or not.
    pub(in super::super) fn end_chat(
        &mut self,
        visitor_id: VisitorId,
        chat_id: ChatId,
    ) -> Result<Reply, Refusal> {
        self.state.own_chat(visitor_id, chat_id)?;
        self.finish(chat_id, CloseReason::VisitorEnded)
    }

    /// Ends an open chat for whatever reason. Whoever answered it may have work left to do.
    pub(in super::super) fn finish(
        &mut self,
        chat_id: ChatId,
        reason: CloseReason,
    ) -> Result<Reply, Refusal> {
        let chat = self.state.chats.get(&chat_id).ok_or(Refusal::UnknownChat)?;
        let ringing: Vec<OfferNumber> = chat.ringing().map(|(number, _)| number).collect();
        let mut freed: Vec<AgentId> = chat.answering().collect();
        for number in ringing {
            freed.extend(self.withdraw(chat_id, number, WithdrawReason::ChatClosed));
        }
        self.cancel_round(chat_id);
        self.end_for_its_visitor(chat_id, reason);
        for agent_id in freed {
            self.dispatch_agent(agent_id);
        }
        self.chat_view(chat_id)
            .map(Reply::Chat)
            .ok_or(Refusal::UnknownChat)
    }

    fn end_for_its_visitor(&mut self, chat_id: ChatId, reason: CloseReason) {
        let now = self.now;
        let Some(chat) = self.state.chats.get(&chat_id) else {
            return;
        };
        let parties = State::parties(chat);
        let queue_id = chat.queue_id;
        let wrapping = self.state.wrap_ups_after(chat, now);
        let Some(chat) = self.state.chat_mut(chat_id) else {
            return;
        };
        let accepted_at = match chat.state {
            ChatState::Active { accepted_at } => Some(accepted_at),
            ChatState::Waiting => chat.course.accepted_at,
            ChatState::WrapUp { .. } | ChatState::Closed { .. } | ChatState::OfflineMessage => None,
        };
        let at = now;
        chat.state = if wrapping.is_empty() {
            ChatState::Closed {
                accepted_at,
                at,
                reason,
            }
        } else {
            ChatState::WrapUp {
                accepted_at,
                at,
                reason,
            }
        };
        chat.routing.seek = None;
        chat.course.is_silent = false;
        chat.course.wrapping.clone_from(&wrapping);
        self.state.unlink_chat(chat_id);
        if let Some(queue_id) = queue_id {
            self.time_late_offers(queue_id);
        }
        for agent_id in &parties.agents {
            if let Some(agent) = self.state.agent_mut(*agent_id) {
                agent.idle_since = now;
                if wrapping.contains_key(agent_id) {
                    agent.wrapping.insert(chat_id);
                }
            }
        }
        let agents = parties.agents.clone();
        self.emit(EventKind::Chat(ChatEvent::Closed(parties, reason)));
        for (agent_id, wrap_up) in &wrapping {
            self.tell_wrap_up(chat_id, *agent_id, *wrap_up);
        }
        self.lose_offers_in_wrap_up(wrapping.into_keys());
        for agent_id in agents {
            self.touch_offices_of(agent_id, Cause::Chat(chat_id));
            self.drain(agent_id);
        }
    }
}

impl State {
    /// Whether an agent says how a chat of this queue ended before it closes it.
    pub(super) fn asks_for_disposition(&self, chat: &Chat) -> bool {
        let closing = self.queue_settings(chat).map(|settings| &settings.closing);
        closing.is_some_and(|c| c.disposition_required && !c.dispositions.is_empty())
    }

    /// Who has work left to do after a chat that ends now, and until when.
    fn wrap_ups_after(
        &self,
        chat: &Chat,
        now: crate::domain::Timestamp,
    ) -> BTreeMap<AgentId, WrapUp> {
        let length = self.queue_settings(chat).and_then(|s| s.closing.wrap_up);
        let Some(length) = length.filter(|length| length.0 > 0) else {
            return BTreeMap::new();
        };
        let wrap_up = WrapUp {
            since: now,
            until: now + length,
        };
        let answering = chat.answering();
        answering.map(|agent_id| (agent_id, wrap_up)).collect()
    }
}
