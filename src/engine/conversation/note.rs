//! Internal notes (CHAT-3, CHAT-5).
//!
//! A note is an event of its own kind and no [`ChatEvent`](crate::engine::ChatEvent): what is written for visitors is written
//! from those alone, so none of it can be given a note.

use crate::domain::{
    AgentId, ChatId, ChatState, InternalNote, Name, NoteId, Permission, RichText, allows,
};
use crate::engine::effect::EventKind;
use crate::engine::state::{Chat, KeptNote, State};
use crate::engine::turn::Turn;
use crate::engine::{Refusal, Reply};

/// A note, and who hears of it at once: the agents in the chat, whatever they are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteEvent {
    /// The chat.
    pub chat_id: ChatId,
    /// The agents in it.
    pub agents: Vec<AgentId>,
    /// The note.
    pub note: NoteView,
}

/// A note with the name of the agent that wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteView {
    /// The note.
    pub note: InternalNote,
    /// Its author's name.
    pub author_name: Name,
}

impl Turn<'_> {
    /// Whoever may read the chat may say something about it, also when it is over. Sent again, it is the same note.
    pub(in crate::engine) fn write_note(
        &mut self,
        agent_id: AgentId,
        chat_id: ChatId,
        id: NoteId,
        text: RichText,
    ) -> Result<Reply, Refusal> {
        let chat = self.state.chats.get(&chat_id).ok_or(Refusal::UnknownChat)?;
        match chat.notes.get(&id) {
            Some(written) if written.author == agent_id => {
                return Ok(Reply::NoteWrittenBefore(chat_id, id));
            }
            Some(_) if self.state.may_read(agent_id, chat) => return Err(Refusal::NoteIdTaken),
            None if self.state.may_read(agent_id, chat) => {}
            Some(_) | None => return Err(Refusal::UnknownChat),
        }
        if chat.notes.len() >= self.state.limits.notes_per_chat {
            return Err(Refusal::TooManyNotes);
        }
        let card = self.state.agent_card(agent_id);
        let author_name = card.ok_or(Refusal::UnknownAgent)?.name;
        let now = self.now;
        let chat = self.state.chats.get_mut(&chat_id);
        let chat = chat.ok_or(Refusal::UnknownChat)?;
        let number = chat.last_note() + 1;
        let written = KeptNote {
            number,
            author: agent_id,
        };
        chat.notes.insert(id.clone(), written);
        let note = InternalNote {
            id,
            number,
            author: agent_id,
            text,
            sent_at: now,
        };
        let event = NoteEvent {
            chat_id,
            agents: State::parties(chat).agents,
            note: NoteView { note, author_name },
        };
        let view = event.note.clone();
        self.emit(EventKind::Note(event));
        Ok(Reply::Note(view))
    }
}

impl State {
    /// Whether an agent may read a chat: as `chat_readers` says of the database, and who reads all chats.
    fn may_read(&self, agent_id: AgentId, chat: &Chat) -> bool {
        let Some(agent) = self.agents.get(&agent_id) else {
            return false;
        };
        let has_part = chat.participants.contains_key(&agent_id);
        let is_member = [chat.queue_id, chat.line()]
            .into_iter()
            .flatten()
            .any(|id| agent.queues.contains(&id));
        let belongs = chat.state == ChatState::OfflineMessage
            && self.own_queue(chat).is_none()
            && self.belongs(agent, chat.office_id);
        has_part
            || is_member
            || belongs
            || chat.ringing_at(agent_id).is_some()
            || allows(agent.profile.role, Permission::ReadAllChats)
    }
}
