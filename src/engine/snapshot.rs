//! Reading an engine: what a client starts from, and single things as they are now.

use crate::domain::{AgentId, ChatId, OfficeId, QueueId, VisitorId, Widget};

use super::Engine;
use super::state::State;
use super::view::{AgentSnapshot, ChatView, OfficeView, PresenceView, QueueView, VisitorSnapshot};

impl Engine {
    /// What the agent's client starts from; `None` for a stranger.
    #[must_use]
    pub fn agent_snapshot(&self, agent_id: AgentId) -> Option<AgentSnapshot> {
        let state = &self.state;
        let agent = state.agents.get(&agent_id)?;
        let offers = agent.ringing.iter().filter_map(|(chat_id, number)| {
            let chat = state.chats.get(chat_id)?;
            state.offer_view(chat, *number, chat.offers.get(number)?)
        });
        let queues = agent.queues.iter().filter_map(|id| state.queues.get(id));
        Some(AgentSnapshot {
            me: agent.profile.clone(),
            presence: State::presence_view(agent),
            offices: state.offices.values().cloned().collect(),
            queues: queues.map(|queue| queue.queue.clone()).collect(),
            offers: offers.collect(),
            chats: agent.chats.iter().filter_map(|id| self.chat(*id)).collect(),
        })
    }

    /// What the visitor's client starts from. A visitor without a chat is nobody's secret.
    #[must_use]
    pub fn visitor_snapshot(&self, visitor_id: VisitorId) -> VisitorSnapshot {
        let chats = self.state.visitors.get(&visitor_id).into_iter().flatten();
        VisitorSnapshot {
            visitor_id,
            chats: chats.filter_map(|id| self.chat(*id)).collect(),
        }
    }

    /// A chat that is in memory.
    #[must_use]
    pub fn chat(&self, chat_id: ChatId) -> Option<ChatView> {
        self.state
            .chats
            .get(&chat_id)
            .map(|chat| self.state.chat_view(chat))
    }

    /// An agent's presence.
    #[must_use]
    pub fn presence(&self, agent_id: AgentId) -> Option<PresenceView> {
        self.state.agents.get(&agent_id).map(State::presence_view)
    }

    /// An office with its mode.
    #[must_use]
    pub fn office(&self, office_id: OfficeId) -> Option<OfficeView> {
        self.state.office_view(office_id)
    }

    /// Every widget.
    pub fn widgets(&self) -> impl Iterator<Item = &Widget> {
        self.state.widgets.values()
    }

    /// A queue with its members.
    #[must_use]
    pub fn queue(&self, queue_id: QueueId) -> Option<QueueView> {
        self.state.queue_view(queue_id)
    }
}
