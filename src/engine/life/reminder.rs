//! Reminders: an agent that does not look at a chat whose visitor waits for an answer (CHAT-8).
//!
//! Clients report which chat each of their windows shows. That passes with the connection and is not stored.

use crate::domain::{
    AgentId, Author, ChatId, ChatState, ConnectionId, Reminder, Status, Timestamp,
};

use super::super::Refusal;
use super::super::effect::{ChatEvent, EventKind};
use super::super::state::{AgentState, Chat, State};
use super::super::turn::Turn;
use super::LifeEvent;

impl AgentState {
    /// Whether one of its windows shows a chat.
    fn looks_at(&self, chat_id: ChatId) -> bool {
        self.focus.values().any(|shown| *shown == chat_id)
    }
}

impl State {
    /// When the agents of a chat are reminded of it: after the first message without an answer, but not before they had
    /// the chat for as long.
    pub(in super::super) fn reminder_due(&self, chat: &Chat) -> Option<Timestamp> {
        let ChatState::Active { accepted_at } = chat.state else {
            return None;
        };
        let Reminder::After(after) = self.queue_settings(chat)?.reminder? else {
            return None;
        };
        let since = chat.course.unanswered_since?.max(accepted_at);
        (!chat.course.reminded).then_some(since + after)
    }

    /// Who answers a chat and does not look at it. Who is offline gets no notifications (PRES-12).
    fn to_remind(&self, chat: &Chat) -> Vec<AgentId> {
        let agents = chat.answering().filter_map(|id| self.agents.get(&id));
        let forgetful = agents.filter(|agent| {
            let offline = agent.presence(chat.office_id).status == Status::Offline;
            !offline && !agent.looks_at(chat.id)
        });
        forgetful.map(|agent| agent.profile.id).collect()
    }
}

impl Turn<'_> {
    /// One of an agent's windows shows a chat that it has to do with, or none.
    pub(in super::super) fn focus(
        &mut self,
        agent_id: AgentId,
        connection_id: ConnectionId,
        chat_id: Option<ChatId>,
    ) -> Result<(), Refusal> {
        let agent = self.state.agents.get(&agent_id);
        let agent = agent.ok_or(Refusal::UnknownAgent)?;
        let has = |id: &ChatId| {
            let own = [&agent.chats, &agent.read_along, &agent.wrapping];
            own.iter().any(|chats| chats.contains(id))
        };
        if chat_id.is_some_and(|id| !has(&id)) {
            return Err(Refusal::NotParticipant);
        }
        // A connection that has ended meanwhile shows nothing.
        if !agent.connections.contains(&connection_id) {
            return Ok(());
        }
        if let Some(agent) = self.state.agents.get_mut(&agent_id) {
            match chat_id {
                Some(id) => drop(agent.focus.insert(connection_id, id)),
                None => drop(agent.focus.remove(&connection_id)),
            }
        }
        Ok(())
    }

    /// The deadline of the reminder. It has passed also when everybody looks at the chat.
    pub(in super::super) fn remind(&mut self, chat_id: ChatId) {
        let Some(chat) = self.state.chat_mut(chat_id) else {
            return;
        };
        chat.course.reminded = true;
        let agents = self.state.chats.get(&chat_id);
        let agents = agents.map(|chat| self.state.to_remind(chat));
        self.tell_reminded(chat_id, agents.unwrap_or_default());
    }

    /// The visitor has written: where the queue wants that, its agents are reminded at once.
    pub(in super::super) fn remind_at_message(&mut self, chat_id: ChatId, author: Author) {
        let Some(chat) = self.state.chats.get(&chat_id) else {
            return;
        };
        let settings = self.state.queue_settings(chat);
        let wanted = settings.and_then(|settings| settings.reminder);
        if author != Author::Visitor || wanted != Some(Reminder::EveryMessage) {
            return;
        }
        let agents = self.state.to_remind(chat);
        if !agents.is_empty() {
            self.tell_reminded(chat_id, agents);
        }
    }

    fn tell_reminded(&mut self, chat_id: ChatId, agents: Vec<AgentId>) {
        let event = LifeEvent::Reminded(chat_id, agents);
        self.emit(EventKind::Chat(ChatEvent::Life(event)));
    }
}
