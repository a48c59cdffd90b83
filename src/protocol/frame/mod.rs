//! Frames that clients send: read into a type, or a problem that names the command that failed.
//!
//! Owns the two lists of commands, which are apart so that a visitor's socket cannot even spell an agent's. Must not
//! act on any of them.

mod conversation;
mod life;
mod parse;

use deserr::Deserr;
use uuid::Uuid;

use super::Problem;
use super::request::{AskByEmail, NewAgentMessage, NewVisitorMessage, StartChat};
use crate::domain::{ChatId, Invalid, MessageId, Note, OfferNumber, OfficeId, RichText};
use crate::engine::{AgentCommand, PresenceCommand, VisitorCommand};
use crate::faults::Faults;

pub use parse::{parse_agent, parse_visitor};

/// What an agent's client sends.
#[derive(Clone, Debug)]
pub struct AgentFrame {
    /// Names the command in its answer; each command has one.
    pub id: Option<String>,
    /// What is asked.
    pub kind: AgentFrameKind,
}

/// What an agent's client asks.
#[derive(Clone, Debug)]
pub enum AgentFrameKind {
    /// Begins the connection.
    Hello(Hello),
    /// Asks for a `pong`.
    Ping,
    /// Answers a `ping`.
    Pong,
    /// Changes the agent's presence: its status, an override, a pause, activity.
    Presence(PresenceCommand),
    /// Begins or stops watching who is online.
    Watch {
        /// Which of the two.
        watch: bool,
        /// The office whose agents are watched; all without one.
        office_id: Option<OfficeId>,
    },
    /// Takes a chat.
    Accept {
        /// Which.
        chat_id: ChatId,
        /// By which offer; without one it is picked from the waiting list.
        offer: Option<OfferNumber>,
    },
    /// Declines an offer.
    Reject {
        /// Of which chat.
        chat_id: ChatId,
        /// Which offer.
        offer: OfferNumber,
        /// Why.
        reason: Option<Note>,
    },
    /// Writes a message.
    Send {
        /// In which chat.
        chat_id: ChatId,
        /// The message.
        message: NewAgentMessage,
    },
    /// Gives a message of its own another text.
    Edit {
        /// In which chat.
        chat_id: ChatId,
        /// Which message.
        message_id: MessageId,
        /// What it says from now on.
        text: RichText,
    },
    /// Deletes a message of its own.
    Delete {
        /// In which chat.
        chat_id: ChatId,
        /// Which message.
        message_id: MessageId,
    },
    /// Begins or stops typing.
    Type {
        /// In which chat.
        chat_id: ChatId,
        /// Which of the two.
        typing: bool,
    },
    /// Does something with a chat that takes a command as it is.
    Chat(ChatId, AgentCommand),
    /// Says which chat the connection shows.
    Focus(Option<ChatId>),
    /// Renews the connection's token.
    TokenRefresh {
        /// The new one.
        token: String,
    },
}

/// What a visitor's client sends.
#[derive(Clone, Debug)]
pub struct VisitorFrame {
    /// Names the command in its answer; each command has one.
    pub id: Option<String>,
    /// What is asked.
    pub kind: VisitorFrameKind,
}

/// What a visitor's client asks.
#[derive(Clone, Debug)]
pub enum VisitorFrameKind {
    /// Begins the connection.
    Hello(Hello),
    /// Asks for a `pong`.
    Ping,
    /// Answers a `ping`.
    Pong,
    /// Starts a chat.
    Start(Box<StartChat>),
    /// Writes a message.
    Send {
        /// In which chat.
        chat_id: ChatId,
        /// The message.
        message: NewVisitorMessage,
    },
    /// Gives a message of its own another text.
    Edit {
        /// In which chat.
        chat_id: ChatId,
        /// Which message.
        message_id: MessageId,
        /// What it says from now on.
        text: RichText,
    },
    /// Deletes a message of its own.
    Delete {
        /// In which chat.
        chat_id: ChatId,
        /// Which message.
        message_id: MessageId,
    },
    /// Does not wait any longer and asks for the answer by e-mail.
    AskByEmail {
        /// In which chat.
        chat_id: ChatId,
        /// Where to.
        ask: AskByEmail,
    },
    /// Does something with a chat that takes a command as it is.
    Chat(ChatId, VisitorCommand),
    /// Renews the connection's token.
    TokenRefresh {
        /// The new one.
        token: String,
    },
}

/// The first frame of a page.
#[derive(Clone, Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct Hello {
    /// Who it is; absent when the upgrade carried it.
    #[deserr(default)]
    pub token: Option<String>,
    /// Where it was.
    #[deserr(default)]
    pub resume: Option<Resume>,
}

impl std::fmt::Debug for Hello {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hello")
            .field("resume", &self.resume)
            .finish_non_exhaustive()
    }
}

/// Where a client was when it lost its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct Resume {
    /// The history that its number belongs to.
    #[deserr(try_from(&String) = history -> Invalid)]
    pub history_id: Uuid,
    /// The number of the last event that it has.
    #[deserr(try_from(i64) = crate::faults::between::<_, 0, { i64::MAX }> -> Invalid)]
    pub after: i64,
}

fn history(text: &str) -> Result<Uuid, Invalid> {
    text.parse().map_err(|_| Invalid::BadFormat("a UUID"))
}

/// A frame that cannot be read, and the id of the command that it was meant to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameFault {
    /// The command's own id, if that could be read.
    pub id: Option<String>,
    /// What is wrong.
    pub problem: Problem,
}

#[cfg(test)]
mod tests;
