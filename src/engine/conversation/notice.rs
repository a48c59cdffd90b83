//! What the service says in a chat (CHAT-5).

use crate::domain::{AgentId, Author, Body, ChatId, MessageId, NoticeAgent, SystemNotice};
use crate::engine::state::State;
use crate::engine::turn::Turn;

impl Turn<'_> {
    /// Says something to everybody in an open chat. The last place of a chat is left to people: nothing is said there.
    pub(in crate::engine) fn add_notice(&mut self, chat_id: ChatId, notice: SystemNotice) {
        let Some(chat) = self.state.chats.get(&chat_id) else {
            return;
        };
        if chat.is_open() && chat.last_seq + 1 < self.state.limits.messages_per_chat {
            let id = MessageId::of_notice(chat.last_seq + 1);
            self.add_message(chat_id, Author::System, id, Body::Notice(notice));
        }
    }
}

impl State {
    /// An agent as a notice names it.
    pub(in crate::engine) fn notice_agent(&self, agent_id: AgentId) -> Option<NoticeAgent> {
        let card = self.agent_card(agent_id)?;
        Some(NoticeAgent {
            agent_id,
            name: card.name,
        })
    }
}
