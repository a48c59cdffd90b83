//! What a tenant's mailbox holds, and how it is answered.

use std::sync::Arc;

use tokio::sync::oneshot;

use crate::domain::{AgentId, Author, ChatId, FileId, MessageId, NoteId, OfficeId, SessionId};
use crate::engine::{AgentCommand, Command, Engine, Refusal, Reply, VisitorCommand};

use super::send_queue::Connection;

/// A command, and the key under which its answer is remembered.
#[derive(Clone, Debug)]
pub struct Call {
    /// What is asked.
    pub command: Command,
    /// The file that its message names, by the id of the upload. It is looked up before the engine sees the command.
    pub file_id: Option<FileId>,
    /// The caller's `Idempotency-Key`, if it sent one.
    pub once: Option<IdempotencyKey>,
}

impl From<Command> for Call {
    fn from(command: Command) -> Self {
        Self {
            command,
            file_id: None,
            once: None,
        }
    }
}

/// An `Idempotency-Key` as it came with a request.
#[derive(Clone, Debug)]
pub struct IdempotencyKey {
    /// Whose key: `agent:<id>` or `visitor:<id>`. Two callers may choose the same.
    pub principal: String,
    /// The key.
    pub key: String,
    /// The hash of what was asked.
    pub body_hash: [u8; 32],
}

/// What a caller is told when it went well.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Done now.
    Fresh(Reply),
    /// This message was sent before; here is the first answer.
    Repeated(Reply),
    /// This key was used before; here is the first answer's body.
    Remembered(serde_json::Value),
}

/// Why a call did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallError {
    /// The rules say no. Nothing has changed.
    Refused(Refusal),
    /// The key was used with another body.
    IdempotencyMismatch,
    /// There is no such tenant.
    UnknownTenant,
    /// Nothing is known of the outcome; the caller may try again.
    Unavailable {
        /// After how many seconds.
        retry_after_s: u32,
    },
}

impl CallError {
    /// The usual moment to come again: by then an engine was loaded anew.
    pub(super) const LATER: Self = Self::Unavailable { retry_after_s: 1 };
}

/// The result of a call.
pub(super) type Outcome = Result<Answer, CallError>;

/// Who waits for the outcome.
pub(super) enum ReplyTo {
    /// A task of its own.
    Caller(oneshot::Sender<Outcome>),
    /// A socket, under the id that the client gave the request.
    // The probe is boxed: a mailbox makes room for 32 letters at once.
    Socket(Arc<Connection>, Box<str>, Box<Probe>),
}

/// Where a client wants to go on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resume {
    pub(super) history_id: uuid::Uuid,
    pub(super) after: i64,
}

/// One letter.
pub(super) enum Mail {
    /// A command.
    Call(Box<Call>, ReplyTo),
    /// A socket wants its welcome and what follows.
    Attach(Arc<Connection>, Option<Resume>),
    /// A socket has ended.
    Detach(Arc<Connection>),
    /// A deadline may have come while the engine slept.
    Wake,
    /// An agent's socket begins or stops to watch who is online.
    Watch(Arc<Connection>, Box<str>, Option<Watched>),
    /// Sessions of an agent have ended without a command: their sockets close.
    EndSessions(AgentId, Vec<SessionId>),
    /// Somebody wants to read the engine as it is after what came before.
    Read(Look),
}

impl Mail {
    /// Whether what it is answered with, or what it changes elsewhere, is read from the engine when everything before it
    /// is durable.
    pub(super) fn reads_the_engine(&self) -> bool {
        match self {
            Self::Attach(..) | Self::Watch(..) | Self::Read(_) => true,
            // The board is put together anew from what is set up.
            Self::Call(call, _) => matches!(call.command, Command::Setup { .. }),
            Self::Detach(_) | Self::Wake | Self::EndSessions(..) => false,
        }
    }

    /// Whether a visitor begins something with it: a chat, or a message that it leaves.
    pub(super) fn begins_a_chat(&self) -> bool {
        let Self::Call(call, _) = self else {
            return false;
        };
        matches!(
            &call.command,
            Command::Visitor {
                command: VisitorCommand::Start(_) | VisitorCommand::LeaveMessage(_),
                ..
            }
        )
    }

    /// Whether it changes an agent's presence and nothing else, so that it may wait a moment for others like it.
    pub(super) fn is_change_of_presence(&self) -> bool {
        matches!(self, Self::Call(call, _) if matches!(call.command, Command::Presence { .. }))
    }
}

/// Reads the engine and sends what it found on its way; it must be quick, for the tenant waits meanwhile.
pub(super) type Look = Box<dyn FnOnce(&Engine) + Send>;

/// Whose presence a socket watches: all agents', or that of the agents of an office.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Watched(pub(super) Option<OfficeId>);

/// What is needed to look a command up in the database that was answered before, or was for another chat.
#[derive(Clone, Debug)]
pub(super) enum Probe {
    /// A message that may have been sent before.
    Message(ChatId, MessageId, Author, Option<crate::domain::VisitorId>),
    /// A change of a message, which the engine does not hold.
    Change(ChatId, MessageId, Option<crate::domain::VisitorId>),
    /// A note that may have been written before.
    Note(ChatId, NoteId, AgentId),
    /// An answer to an offer.
    Offer(ChatId),
    /// Anything else: what the engine says is the last word.
    Nothing,
}

impl Probe {
    pub(super) fn of(command: &Command) -> Self {
        match command {
            Command::Agent {
                agent_id,
                chat_id,
                command,
            } => match command {
                AgentCommand::Send(id, _) => {
                    Self::Message(*chat_id, id.clone(), Author::Agent(*agent_id), None)
                }
                AgentCommand::Edit(id, _) | AgentCommand::Delete(id) => {
                    Self::Change(*chat_id, id.clone(), None)
                }
                AgentCommand::Note(id, _) => Self::Note(*chat_id, id.clone(), *agent_id),
                AgentCommand::Accept(Some(_)) | AgentCommand::Reject(..) => Self::Offer(*chat_id),
                AgentCommand::Accept(None)
                | AgentCommand::Type(_)
                | AgentCommand::Transfer(..)
                | AgentCommand::Invite(_)
                | AgentCommand::Assist(..)
                | AgentCommand::CancelHandOver
                | AgentCommand::ReadAlong(_)
                | AgentCommand::TakeOver
                | AgentCommand::Leave
                | AgentCommand::Mark(_)
                | AgentCommand::Close(_)
                | AgentCommand::Update(_)
                | AgentCommand::EndWrapUp => Self::Nothing,
            },
            Command::Visitor {
                visitor_id,
                chat_id,
                command,
                ..
            } => match command {
                VisitorCommand::Send(id, _) | VisitorCommand::Press(id, _) => {
                    Self::Message(*chat_id, id.clone(), Author::Visitor, Some(*visitor_id))
                }
                VisitorCommand::Edit(id, _) | VisitorCommand::Delete(id) => {
                    Self::Change(*chat_id, id.clone(), Some(*visitor_id))
                }
                VisitorCommand::Type(..)
                | VisitorCommand::Mark(_)
                | VisitorCommand::End
                | VisitorCommand::AskByEmail(_)
                | VisitorCommand::Rate(_)
                | VisitorCommand::Start(_)
                | VisitorCommand::LeaveMessage(_) => Self::Nothing,
            },
            Command::Setup { .. }
            | Command::Presence { .. }
            | Command::Office { .. }
            | Command::Recover => Self::Nothing,
        }
    }
}
