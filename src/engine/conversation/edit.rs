//! Changing and deleting a message (CHAT-5): only its author, only while the chat is open.

use crate::domain::{AgentId, Author, ChatId, MessageId, RichText, VisitorId};
use crate::engine::effect::{ChatEvent, DeletedMessage, EditedMessage, EventKind};
use crate::engine::records::MessageKind;
use crate::engine::state::{Chat, State};
use crate::engine::turn::Turn;
use crate::engine::{Refusal, Reply};

impl Turn<'_> {
    pub(in crate::engine) fn edit_as_agent(
        &mut self,
        agent_id: AgentId,
        chat_id: ChatId,
        id: MessageId,
        text: RichText,
    ) -> Result<Reply, Refusal> {
        let chat = self.state.answered_chat(agent_id, chat_id)?;
        if let Some(agent) = self.state.agents.get(&agent_id) {
            // What a text is changed to is a reply as well (PRES-12, PRES-13).
            self.state.check_may_reply(agent, chat.office_id)?;
        }
        self.edit(Author::Agent(agent_id), chat_id, id, text)
    }

    pub(in crate::engine) fn edit_as_visitor(
        &mut self,
        visitor_id: VisitorId,
        chat_id: ChatId,
        id: MessageId,
        text: RichText,
    ) -> Result<Reply, Refusal> {
        self.state.own_chat(visitor_id, chat_id)?;
        self.edit(Author::Visitor, chat_id, id, text)
    }

    pub(in crate::engine) fn delete_as_agent(
        &mut self,
        agent_id: AgentId,
        chat_id: ChatId,
        id: MessageId,
    ) -> Result<Reply, Refusal> {
        self.state.answered_chat(agent_id, chat_id)?;
        self.delete(Author::Agent(agent_id), chat_id, id)
    }

    pub(in crate::engine) fn delete_as_visitor(
        &mut self,
        visitor_id: VisitorId,
        chat_id: ChatId,
        id: MessageId,
    ) -> Result<Reply, Refusal> {
        self.state.own_chat(visitor_id, chat_id)?;
        self.delete(Author::Visitor, chat_id, id)
    }

    fn edit(
        &mut self,
        author: Author,
        chat_id: ChatId,
        id: MessageId,
        text: RichText,
    ) -> Result<Reply, Refusal> {
        let chat = self.state.chats.get(&chat_id).ok_or(Refusal::UnknownChat)?;
        let seq = match own_message(chat, author, &id)? {
            (seq, MessageKind::Plain | MessageKind::WithButtons(_)) => seq,
            (_, MessageKind::Fixed) => return Err(Refusal::MessageFixed),
            (_, MessageKind::Deleted) => return Err(Refusal::MessageDeleted),
        };
        let parties = State::parties(chat);
        let edited = EditedMessage {
            id: id.clone(),
            seq,
            text: Some(text),
        };
        self.emit(EventKind::Chat(ChatEvent::MessageEdited(parties, edited)));
        Ok(Reply::MessageChanged(chat_id, id))
    }

    /// What is deleted already stays so, and nothing happens: the first answer may have been lost.
    fn delete(&mut self, author: Author, chat_id: ChatId, id: MessageId) -> Result<Reply, Refusal> {
        let chat = self.state.chats.get_mut(&chat_id);
        let chat = chat.ok_or(Refusal::UnknownChat)?;
        let (seq, kind) = own_message(chat, author, &id)?;
        if *kind == MessageKind::Deleted {
            return Ok(Reply::MessageChanged(chat_id, id));
        }
        if let Some(sent) = chat.messages.get_mut(&id) {
            sent.kind = MessageKind::Deleted;
        }
        let parties = State::parties(chat);
        let deleted = DeletedMessage {
            id: id.clone(),
            seq,
        };
        self.emit(EventKind::Chat(ChatEvent::MessageDeleted(parties, deleted)));
        Ok(Reply::MessageChanged(chat_id, id))
    }
}

/// The number of an author's own message, and what may be done with it.
fn own_message<'c>(
    chat: &'c Chat,
    author: Author,
    id: &MessageId,
) -> Result<(u32, &'c MessageKind), Refusal> {
    let sent = chat.messages.get(id).ok_or(Refusal::UnknownMessage)?;
    if sent.author == Author::System {
        Err(Refusal::MessageFixed)
    } else if sent.author == author {
        Ok((sent.seq, &sent.kind))
    } else {
        Err(Refusal::NotAuthor)
    }
}
