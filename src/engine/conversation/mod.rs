//! Messages and typing (CHAT-5, CHAT-9).
//!
//! Owns who writes what into a chat. Texts pass through: the engine keeps who sent which message and what may still be
//! done with it.

mod edit;
mod mark;
mod note;
mod notice;
mod records;

use crate::domain::{
    AgentId, Author, Body, ButtonRef, ChatId, ChatState, Message, MessageId, OfficeId,
    PresenceReason, RichText, Status, SystemNotice, UnsentText, VisitorId, Written,
};

use crate::engine::effect::{ChatEvent, EventKind, Notice};
use crate::engine::records::MessageKind;
use crate::engine::state::{AgentState, Sent, State};
use crate::engine::turn::Turn;
use crate::engine::view::MessageView;
use crate::engine::{Refusal, Reply};

pub use mark::MarkRaised;
pub use note::{NoteEvent, NoteView};

impl Turn<'_> {
    pub(in crate::engine) fn send_as_agent(
        &mut self,
        agent_id: AgentId,
        chat_id: ChatId,
        id: MessageId,
        written: Written,
    ) -> Result<Reply, Refusal> {
        let author = Author::Agent(agent_id);
        if self.was_sent(chat_id, author, &id) {
            return Ok(Reply::AlreadySent(chat_id, id));
        }
        if self.may_join_by_reply(agent_id, chat_id) {
            self.check_new_message(chat_id, &id, &written)?;
            self.join_by_reply(agent_id, chat_id)?;
        } else {
            let chat = self.state.answered_chat(agent_id, chat_id)?;
            let agent = self.state.agents.get(&agent_id);
            let agent = agent.ok_or(Refusal::UnknownAgent)?;
            self.state.check_may_reply(agent, chat.office_id)?;
        }
        self.send(chat_id, author, id, written)
    }

    /// PRES-10: an invisible member of the queue joins a chat by replying. A custom status without a part in chats is
    /// no invisible one.
    fn may_join_by_reply(&self, agent_id: AgentId, chat_id: ChatId) -> bool {
        let agent = self.state.agents.get(&agent_id);
        let chat = self.state.chats.get(&chat_id);
        agent.zip(chat).is_some_and(|(agent, chat)| {
            chat.is_open()
                && !chat.participants.contains_key(&agent_id)
                && chat.queue_id.is_some_and(|id| agent.queues.contains(&id))
                && agent.presence(chat.office_id).status == Status::Invisible
        })
    }

    /// A chat that waits is picked; one that colleagues have gets one agent more.
    fn join_by_reply(&mut self, agent_id: AgentId, chat_id: ChatId) -> Result<(), Refusal> {
        let chat = self.state.chats.get(&chat_id).ok_or(Refusal::UnknownChat)?;
        if chat.state == ChatState::Waiting {
            self.accept(agent_id, chat_id, None)?;
        } else if self.state.has_room(agent_id) {
            self.join(agent_id, chat_id, None);
            if let Some(agent) = self.state.notice_agent(agent_id) {
                self.add_notice(chat_id, SystemNotice::AgentJoined { agent });
            }
        } else {
            return Err(Refusal::AtCapacity);
        }
        Ok(())
    }

    pub(in crate::engine) fn send_as_visitor(
        &mut self,
        visitor_id: VisitorId,
        chat_id: ChatId,
        id: MessageId,
        written: Written,
    ) -> Result<Reply, Refusal> {
        let chat = self.state.chats.get(&chat_id);
        let own = chat.is_some_and(|chat| chat.visitor_id == visitor_id);
        if own && self.was_sent(chat_id, Author::Visitor, &id) {
            return Ok(Reply::AlreadySent(chat_id, id));
        }
        let reopening = self.state.reopening(visitor_id, chat_id, self.now)?;
        self.check_new_message(chat_id, &id, &written)?;
        if let Some(reopening) = &reopening {
            self.reopen(chat_id, reopening);
        }
        let sent = self.send(chat_id, Author::Visitor, id, written);
        if let Some(reopening) = &reopening {
            self.go_on(reopening);
        }
        sent
    }

    /// A visitor answers by a button: the message says what stands on it.
    pub(in crate::engine) fn press(
        &mut self,
        visitor_id: VisitorId,
        chat_id: ChatId,
        id: MessageId,
        button: ButtonRef,
    ) -> Result<Reply, Refusal> {
        let chat = self.state.chats.get(&chat_id);
        let own = chat.is_some_and(|chat| chat.visitor_id == visitor_id);
        if own && self.was_sent(chat_id, Author::Visitor, &id) {
            return Ok(Reply::AlreadySent(chat_id, id));
        }
        let chat = self.state.own_chat(visitor_id, chat_id)?;
        let sent = chat.messages.get(&button.message_id);
        let text = sent.and_then(|sent| match &sent.kind {
            MessageKind::WithButtons(buttons) => buttons.pressable(&button.button_id),
            MessageKind::Plain | MessageKind::Fixed | MessageKind::Deleted => None,
        });
        let text = text.ok_or(Refusal::UnknownButton)?.text.clone();
        let written = Written {
            pressed: Some(button),
            ..Written::from(RichText::plain(text.into()))
        };
        self.send(chat_id, Author::Visitor, id, written)
    }

    pub(in crate::engine) fn type_as_agent(
        &mut self,
        agent_id: AgentId,
        chat_id: ChatId,
        typing: bool,
    ) -> Result<Reply, Refusal> {
        let parties = State::parties(self.state.answered_chat(agent_id, chat_id)?);
        if typing {
            self.begin_reply(chat_id);
        }
        let author_name = self.state.agent_card(agent_id).map(|card| card.name);
        let author = Author::Agent(agent_id);
        self.notify(Notice::Typing {
            parties,
            author,
            author_name,
            typing,
            unsent: None,
        });
        Ok(Reply::Done)
    }

    pub(in crate::engine) fn type_as_visitor(
        &mut self,
        visitor_id: VisitorId,
        chat_id: ChatId,
        typing: bool,
        unsent: Option<UnsentText>,
    ) -> Result<Reply, Refusal> {
        let parties = State::parties(self.state.own_chat(visitor_id, chat_id)?);
        let author = Author::Visitor;
        let shown = self.state.settings.chats.show_unsent_text;
        self.notify(Notice::Typing {
            parties,
            author,
            author_name: None,
            typing,
            unsent: unsent.filter(|_| typing && shown),
        });
        self.note_sign(chat_id);
        Ok(Reply::Typing {
            shows_unsent_text: shown,
        })
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
        written: Written,
    ) -> Result<Reply, Refusal> {
        self.check_new_message(chat_id, &id, &written)?;
        let view = self.add_message(chat_id, author, id, Body::Written(written.into()));
        view.map(Reply::Message).ok_or(Refusal::UnknownChat)
    }

    fn check_new_message(
        &self,
        chat_id: ChatId,
        id: &MessageId,
        written: &Written,
    ) -> Result<(), Refusal> {
        let chat = self.state.chats.get(&chat_id).ok_or(Refusal::UnknownChat)?;
        if chat.messages.contains_key(id) {
            return Err(Refusal::MessageIdTaken);
        }
        if chat.last_seq >= self.state.limits.messages_per_chat {
            return Err(Refusal::ChatFull);
        }
        if !written.buttons.is_empty() {
            let with_buttons = |sent: &&Sent| matches!(sent.kind, MessageKind::WithButtons(_));
            let count = chat.messages.values().filter(with_buttons).count();
            if count >= self.state.limits.messages_with_buttons_per_chat {
                return Err(Refusal::TooManyButtons);
            }
        }
        Ok(())
    }

    /// Adds a message that was found to be new and to fit.
    pub(in crate::engine) fn add_message(
        &mut self,
        chat_id: ChatId,
        author: Author,
        id: MessageId,
        body: Body,
    ) -> Option<MessageView> {
        let now = self.now;
        self.note_written(chat_id, author);
        let chat = self.state.chat_mut(chat_id)?;
        chat.last_seq += 1;
        let seq = chat.last_seq;
        let kind = MessageKind::of(&body);
        chat.messages.insert(id.clone(), Sent { seq, author, kind });
        chat.course.replied |= matches!(author, Author::Agent(_));
        let message = Message {
            id,
            seq,
            author,
            body,
            sent_at: now,
            edited_at: None,
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
        self.remind_at_message(chat_id, author);
        Some(view)
    }
}

impl State {
    /// PRES-13: a custom status that has no part in chats lets its agent neither write nor take a chat.
    pub(in crate::engine) fn check_handles_chats(
        &self,
        agent: &AgentState,
        office: OfficeId,
    ) -> Result<(), Refusal> {
        let selected = agent.facts.selected(Some(office));
        let custom = selected.status_id.and_then(|id| self.statuses.get(&id));
        match custom {
            Some(status) if !status.handles_chats => Err(Refusal::StatusForbidsChats),
            Some(_) | None => Ok(()),
        }
    }

    /// PRES-12: who is offline may still write, unless the tenant forbids it; never for the lack of a seat (PRES-15).
    pub(super) fn check_may_reply(
        &self,
        agent: &AgentState,
        office: OfficeId,
    ) -> Result<(), Refusal> {
        self.check_handles_chats(agent, office)?;
        let presence = agent.presence(office);
        let offline =
            presence.status == Status::Offline && presence.reason != PresenceReason::NoSeat;
        if offline && !self.settings.offline_replies {
            return Err(Refusal::StatusForbidsChats);
        }
        Ok(())
    }
}
