//! Chats that are over, back in memory for the length of a batch: what is asked of them is decided like anything else.

use std::collections::BTreeMap;

use crate::domain::{ChatId, ChatState, MessageId, OfficeId, VisitorId};

use super::super::records::{ChatRecord, MarkRecord, MessageRecord, NoteRecord};
use super::super::state::Sent;
use super::super::{Command, Engine, SetupCommand};

/// A chat that is over, with what the engine keeps of what was said in it and of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatBundle {
    /// The chat.
    pub chat: ChatRecord,
    /// All of its messages.
    pub messages: Vec<MessageRecord>,
    /// All of its notes.
    pub notes: Vec<NoteRecord>,
    /// Who has got how far in it.
    pub marks: Vec<MarkRecord>,
}

impl Command {
    /// The chat that it is about, if it must have begun before.
    #[must_use]
    pub fn needs_chat(&self) -> Option<ChatId> {
        use super::super::VisitorCommand;
        match self {
            Self::Agent { chat_id, .. } => Some(*chat_id),
            Self::Visitor {
                chat_id, command, ..
            } => match command {
                VisitorCommand::Start(_) | VisitorCommand::LeaveMessage(_) => None,
                _ => Some(*chat_id),
            },
            Self::Setup { .. } | Self::Presence { .. } | Self::Office { .. } | Self::Recover => {
                None
            }
        }
    }
}

impl Command {
    /// The office that it archives: whether a message lies in its inbox is in no memory.
    #[must_use]
    pub fn archives_office(&self) -> Option<OfficeId> {
        match self {
            Self::Setup {
                command: SetupCommand::ArchiveOffice(id, _),
                ..
            } => Some(*id),
            _ => None,
        }
    }

    /// The message that it leaves, and whose: it may have been left before, in a chat that is in no memory.
    #[must_use]
    pub fn leaves(&self) -> Option<(VisitorId, &MessageId)> {
        use super::super::VisitorCommand;
        match self {
            Self::Visitor {
                visitor_id,
                command: VisitorCommand::LeaveMessage(left),
                ..
            } => Some((*visitor_id, &left.message.0)),
            _ => None,
        }
    }
}

impl Engine {
    /// Whether it holds a chat: every open one, and one that is over in the batch that has something to do with it.
    #[must_use]
    pub fn holds(&self, chat_id: ChatId) -> bool {
        self.state.chats.contains_key(&chat_id)
    }

    /// Takes a chat that is over back into memory, as it was stored; [`Engine::forget_closed`] forgets it again. One that
    /// it holds stays as it is, and so does one that is open, which it holds or which another process has begun.
    pub fn bring(&mut self, bundle: ChatBundle) {
        let is_over = match bundle.chat.state {
            ChatState::Closed { .. } | ChatState::OfflineMessage => true,
            ChatState::Waiting | ChatState::Active { .. } | ChatState::WrapUp { .. } => false,
        };
        if !is_over || self.holds(bundle.chat.id) {
            return;
        }
        let sent = bundle.messages.into_iter().map(|record| {
            let sent = Sent {
                seq: record.seq,
                author: record.author,
                kind: record.kind,
            };
            (record.message_id, sent)
        });
        let sent = sent.collect();
        self.state.restore_chat(bundle.chat, BTreeMap::new(), sent);
        self.state.restore_asides(bundle.notes, bundle.marks);
        self.state.refresh(self.now);
    }
}
