//! Wrap-up: work after a chat, in which its agent gets no new offer (CHAT-4).

use crate::domain::{AgentId, ChatId, ChatState, WrapUp};

use super::super::effect::{ChatEvent, EventKind};
use super::super::state::{Chat, State};
use super::super::turn::Turn;
use super::super::view::WrapUpView;
use super::super::{Refusal, Reply};
use super::LifeEvent;

impl Turn<'_> {
    /// The agent is done with the chat before its time is over.
    pub(in super::super) fn end_wrap_up(
        &mut self,
        agent_id: AgentId,
        chat_id: ChatId,
    ) -> Result<Reply, Refusal> {
        let chat = self.state.chats.get(&chat_id).ok_or(Refusal::UnknownChat)?;
        if !chat.course.wrapping.contains_key(&agent_id) {
            return Err(Refusal::NotInWrapUp);
        }
        self.pass_wrap_up(chat_id, agent_id);
        self.chat_view(chat_id)
            .map(Reply::Chat)
            .ok_or(Refusal::UnknownChat)
    }

    /// ROUTE-11: what rings at agents whose work after a chat begins goes to others, at the end of the step.
    pub(super) fn lose_offers_in_wrap_up(&mut self, agents: impl Iterator<Item = AgentId>) {
        for agent_id in agents {
            self.take_back_offers(agent_id);
        }
    }

    /// The agent's work after the chat is over: it may be offered others.
    pub(in super::super) fn pass_wrap_up(&mut self, chat_id: ChatId, agent_id: AgentId) {
        self.take_out_of_wrap_up(chat_id, agent_id);
        self.dispatch_agent(agent_id);
    }

    /// Ends all that an agent still works on.
    pub(in super::super) fn end_wrap_ups_of(&mut self, agent_id: AgentId) {
        let agent = self.state.agents.get(&agent_id);
        let chats = agent.map(|agent| agent.wrapping.clone());
        for chat_id in chats.unwrap_or_default() {
            self.take_out_of_wrap_up(chat_id, agent_id);
        }
    }

    /// Ends an agent's work after a chat; with the last one's the chat is closed. The caller offers.
    pub(super) fn take_out_of_wrap_up(&mut self, chat_id: ChatId, agent_id: AgentId) {
        let now = self.now;
        let Some(chat) = self.state.chat_mut(chat_id) else {
            return;
        };
        if chat.course.wrapping.remove(&agent_id).is_none() {
            return;
        }
        if let ChatState::WrapUp {
            accepted_at,
            at,
            reason,
        } = chat.state
            && chat.course.wrapping.is_empty()
        {
            chat.state = ChatState::Closed {
                accepted_at,
                at,
                reason,
            };
            self.state.settled.insert(chat_id);
        }
        if let Some(agent) = self.state.agent_mut(agent_id) {
            agent.wrapping.remove(&chat_id);
            agent.idle_since = now;
        }
        let event = LifeEvent::WrapUpEnded(chat_id, agent_id);
        self.emit(EventKind::Chat(ChatEvent::Life(event)));
    }

    /// Tells an agent that it has work left to do after a chat.
    pub(super) fn tell_wrap_up(&mut self, chat_id: ChatId, agent_id: AgentId, wrap_up: WrapUp) {
        let Some(chat) = self.chat_view(chat_id) else {
            return;
        };
        let view = WrapUpView {
            chat,
            agent_id,
            wrap_up,
        };
        let event = LifeEvent::WrapUpStarted(Box::new(view));
        self.emit(EventKind::Chat(ChatEvent::Life(event)));
    }
}

impl State {
    /// What an agent still works on.
    pub(in super::super) fn wrap_up_view(
        &self,
        agent_id: AgentId,
        chat: &Chat,
    ) -> Option<WrapUpView> {
        Some(WrapUpView {
            chat: self.chat_view(chat),
            agent_id,
            wrap_up: *chat.course.wrapping.get(&agent_id)?,
        })
    }
}
