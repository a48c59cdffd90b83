//! What an incoming frame asks for: a command for the engine, or something that the connection does itself.

use crate::domain::{
    ChatId, ConnectionId, FileId, Permission, Role, VisitorId, Vouched, WidgetId, allows,
};
use crate::engine::{AgentCommand, Command, PresenceCommand, VisitorCommand};
use crate::protocol::frame::{AgentFrameKind, VisitorFrameKind};
use crate::protocol::{ErrorCode, Problem};

use super::handshake::Opening;
use super::mail::{Call, Watched};
use super::send_queue::Party;

/// What to do about a frame.
pub(super) enum Request {
    /// Hand a command to the tenant's actor.
    Call(Box<Call>),
    /// Begin or stop to watch who is online.
    Watch(Option<Watched>),
    /// Take a new token.
    RefreshToken(String),
    /// Answer a heartbeat.
    Pong,
    /// Nothing: it was heard, and that was its point.
    Nothing,
    /// Say no.
    Refuse(Problem),
}

/// An agent's frame.
pub(super) fn of_agent(
    party: Party,
    connection_id: ConnectionId,
    role: Role,
    kind: AgentFrameKind,
) -> Request {
    let Party::Agent(agent_id, _) = party else {
        return Request::Refuse(wrong_socket());
    };
    let with_file = |chat_id: ChatId, command: AgentCommand, file_id: Option<FileId>| {
        if allows(role, Permission::AnswerChats) {
            let command = Command::Agent {
                agent_id,
                chat_id,
                command,
            };
            call(command, file_id)
        } else {
            Request::Refuse(forbidden())
        }
    };
    let on_chat = |chat_id, command| with_file(chat_id, command, None);
    match kind {
        AgentFrameKind::Hello(_) => Request::Refuse(twice()),
        AgentFrameKind::Ping => Request::Pong,
        AgentFrameKind::Pong => Request::Nothing,
        AgentFrameKind::Presence(command) if allows(role, Permission::OwnPresence) => {
            let command = Command::Presence {
                agent_id,
                by: Some(agent_id),
                command,
            };
            call(command, None)
        }
        AgentFrameKind::Watch { watch, office_id } if allows(role, Permission::ReadPresence) => {
            Request::Watch(watch.then_some(Watched(office_id)))
        }
        AgentFrameKind::Presence(_) | AgentFrameKind::Watch { .. } => Request::Refuse(forbidden()),
        AgentFrameKind::Accept { chat_id, offer } => on_chat(chat_id, AgentCommand::Accept(offer)),
        AgentFrameKind::Reject {
            chat_id,
            offer,
            reason,
        } => on_chat(chat_id, AgentCommand::Reject(offer, reason)),
        AgentFrameKind::Send { chat_id, message } => {
            let file_id = message.file_id;
            with_file(chat_id, message.into_command(), file_id)
        }
        AgentFrameKind::Edit {
            chat_id,
            message_id,
            text,
        } => on_chat(chat_id, AgentCommand::Edit(message_id, text)),
        AgentFrameKind::Delete {
            chat_id,
            message_id,
        } => on_chat(chat_id, AgentCommand::Delete(message_id)),
        AgentFrameKind::Type { chat_id, typing } => on_chat(chat_id, AgentCommand::Type(typing)),
        AgentFrameKind::Chat(chat_id, command) => {
            let listens = matches!(command, AgentCommand::ReadAlong(_));
            if listens && !allows(role, Permission::ReadAllChats) {
                return Request::Refuse(forbidden());
            }
            on_chat(chat_id, command)
        }
        AgentFrameKind::Focus(chat_id) => {
            let command = Command::Presence {
                agent_id,
                by: Some(agent_id),
                command: PresenceCommand::Focus(connection_id, chat_id),
            };
            call(command, None)
        }
        AgentFrameKind::TokenRefresh { token } => Request::RefreshToken(token),
    }
}

/// The frame of a visitor, of which its site vouches for something. `new_chat` is the id of the chat that it may start.
pub(super) fn of_visitor(
    visitor_id: VisitorId,
    widget_id: WidgetId,
    vouched: &Vouched,
    opening: &Opening,
    new_chat: impl FnOnce() -> ChatId,
    kind: VisitorFrameKind,
) -> Request {
    let with_file = |chat_id: ChatId, command: VisitorCommand, file_id: Option<FileId>| {
        let command = Command::Visitor {
            visitor_id,
            chat_id,
            source: Some(opening.source),
            command,
        };
        call(command, file_id)
    };
    let on_chat = |chat_id, command| with_file(chat_id, command, None);
    match kind {
        VisitorFrameKind::Hello(_) => Request::Refuse(twice()),
        VisitorFrameKind::Ping => Request::Pong,
        VisitorFrameKind::Pong => Request::Nothing,
        VisitorFrameKind::Start(start) => {
            let file_id = start.file_id();
            let command = start.into_command(widget_id, visitor_id, vouched, opening.country);
            with_file(new_chat(), command, file_id)
        }
        VisitorFrameKind::Send { chat_id, message } => {
            let file_id = message.file_id();
            with_file(chat_id, message.into_command(), file_id)
        }
        VisitorFrameKind::Edit {
            chat_id,
            message_id,
            text,
        } => on_chat(chat_id, VisitorCommand::Edit(message_id, text)),
        VisitorFrameKind::Delete {
            chat_id,
            message_id,
        } => on_chat(chat_id, VisitorCommand::Delete(message_id)),
        VisitorFrameKind::Chat(chat_id, command) => on_chat(chat_id, command),
        VisitorFrameKind::AskByEmail { chat_id, ask } => {
            on_chat(chat_id, VisitorCommand::AskByEmail(Box::new(ask.into())))
        }
        VisitorFrameKind::TokenRefresh { token } => Request::RefreshToken(token),
    }
}

fn call(command: Command, file_id: Option<FileId>) -> Request {
    Request::Call(Box::new(Call {
        file_id,
        ..command.into()
    }))
}

fn twice() -> Problem {
    Problem::new(
        ErrorCode::MalformedRequest,
        "this connection has said hello before",
    )
}

fn forbidden() -> Problem {
    Problem::new(ErrorCode::Forbidden, "your role does not allow this")
}

fn wrong_socket() -> Problem {
    Problem::new(ErrorCode::Forbidden, "this is the agents' socket")
}
