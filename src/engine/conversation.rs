//! Messages and typing (CHAT-5, CHAT-9).

use crate::domain::{
    AgentId, Author, ChatId, ChatState, Message, MessageId, MessageText, VisitorId,
};

use super::effect::{ChatEvent, EventKind, Notice};
use super::state::{Chat, Sent, State};
use super::turn::Turn;
use super::view::MessageView;
use super::{Refusal, Reply};

impl Turn<'_> {
    pub(super) fn send_as_agent(
        &mut self,
        agent_id: AgentId,
        chat_id: ChatId,
        id: MessageId,
        text: MessageText,
    ) -> Result<Reply, Refusal> {
        let author = Author::Agent(agent_id);
        if self.was_sent(chat_id, author, &id) {
            return Ok(Reply::AlreadySent(chat_id, id));
        }
        self.state.joined_chat(agent_id, chat_id)?;
        self.send(chat_id, author, id, text)
    }

    pub(super) fn send_as_visitor(
        &mut self,
        visitor_id: VisitorId,
        chat_id: ChatId,
        id: MessageId,
        text: MessageText,
    ) -> Result<Reply, Refusal> {
        let chat = self.state.chats.get(&chat_id);
        let own = chat.is_some_and(|chat| chat.visitor_id == visitor_id);
        if own && self.was_sent(chat_id, Author::Visitor, &id) {
            return Ok(Reply::AlreadySent(chat_id, id));
        }
        self.state.own_chat(visitor_id, chat_id)?;
        self.send(chat_id, Author::Visitor, id, text)
    }

    pub(super) fn type_as_agent(
        &mut self,
        agent_id: AgentId,
        chat_id: ChatId,
        typing: bool,
    ) -> Result<Reply, Refusal> {
        let parties = State::parties(self.state.joined_chat(agent_id, chat_id)?);
        let author_name = self.state.agent_card(agent_id).map(|card| card.name);
        let author = Author::Agent(agent_id);
        self.notify(Notice::Typing {
            parties,
            author,
            author_name,
            typing,
        });
        Ok(Reply::Done)
    }

    pub(super) fn type_as_visitor(
        &mut self,
        visitor_id: VisitorId,
        chat_id: ChatId,
        typing: bool,
    ) -> Result<Reply, Refusal> {
        let parties = State::parties(self.state.own_chat(visitor_id, chat_id)?);
        let author = Author::Visitor;
        self.notify(Notice::Typing {
            parties,
            author,
            author_name: None,
            typing,
        });
        Ok(Reply::Done)
    }

    /// Whether this author has sent this message before: then the first answer stands, also after the
    /// chat was closed.
    fn was_sent(&self, chat_id: ChatId, author: Author, id: &MessageId) -> bool {
        let chat = self.state.chats.get(&chat_id);
        chat.is_some_and(|chat| {
            chat.messages
                .get(id)
                .is_some_and(|sent| sent.author == author)
        })
    }

    fn send(
        &mut self,
        chat_id: ChatId,
        author: Author,
        id: MessageId,
        text: MessageText,
    ) -> Result<Reply, Refusal> {
        let chat = self.state.chats.get(&chat_id).ok_or(Refusal::UnknownChat)?;
        if chat.messages.contains_key(&id) {
            return Err(Refusal::MessageIdTaken);
        }
        if chat.last_seq >= self.state.limits.messages_per_chat {
            return Err(Refusal::ChatFull);
        }
        let view = self.add_message(chat_id, author, id, text);
        view.map(Reply::Message).ok_or(Refusal::UnknownChat)
    }

    /// Adds a message that was found to be new and to fit.
    pub(super) fn add_message(
        &mut self,
        chat_id: ChatId,
        author: Author,
        id: MessageId,
        text: MessageText,
    ) -> Option<MessageView> {
        let now = self.now;
        let chat = self.state.chats.get_mut(&chat_id)?;
        chat.last_seq += 1;
        let seq = chat.last_seq;
        chat.messages.insert(id.clone(), Sent { seq, author });
        let message = Message {
            id,
            seq: chat.last_seq,
            author,
            text,
            sent_at: now,
        };
        let parties = State::parties(chat);
        let author_name = match author {
            Author::Agent(id) => self.state.agent_card(id).map(|card| card.name),
            Author::Visitor | Author::System => None,
        };
        let view = MessageView {
            message,
            author_name,
        };
        self.emit(EventKind::Chat(ChatEvent::MessageSent(
            parties,
            view.clone(),
        )));
        Some(view)
    }
}

impl State {
    /// An active chat that the agent takes part in.
    fn joined_chat(&self, agent_id: AgentId, chat_id: ChatId) -> Result<&Chat, Refusal> {
        let chat = self.chats.get(&chat_id).ok_or(Refusal::UnknownChat)?;
        match chat.state {
            ChatState::Closed { .. } => Err(Refusal::ChatClosed),
            ChatState::Waiting | ChatState::Active { .. } => {
                if chat.participants.contains_key(&agent_id) {
                    Ok(chat)
                } else {
                    Err(Refusal::NotParticipant)
                }
            }
        }
    }
}
