//! Reading the frames by which somebody speaks in a chat.

use deserr::Deserr;
use serde_json::{Map, Value};

use super::parse::Envelope;
use super::{AgentFrameKind, VisitorFrameKind};
use crate::domain::{ChatId, KnownMessageId, RichText};
use crate::engine::{AgentCommand, VisitorCommand};
use crate::faults::{Faults, read};
use crate::protocol::request::{
    MarkSeen, NewAgentMessage, NewVisitorMessage, VisitorTyping, WriteNote,
};

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct AgentSendFields {
    chat_id: ChatId,
    message: NewAgentMessage,
}

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct VisitorSendFields {
    chat_id: ChatId,
    message: NewVisitorMessage,
}

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct EditFields {
    chat_id: ChatId,
    message_id: KnownMessageId,
    text: RichText,
}

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct MessageFields {
    chat_id: ChatId,
    message_id: KnownMessageId,
}

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct ChatField {
    chat_id: ChatId,
}

/// Reads a chat's id beside the fields of a body that HTTP knows too, and names what is wrong with either.
pub(super) fn of_chat<T: Deserr<Faults>>(fields: Value) -> Result<(ChatId, T), Faults> {
    // The envelope has found it to be an object.
    let mut rest = match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    let id = rest.remove_entry("chat_id");
    let id = read(Value::Object(Map::from_iter(id)));
    match (id, read(Value::Object(rest))) {
        (Ok(ChatField { chat_id }), Ok(body)) => Ok((chat_id, body)),
        (Ok(_), Err(faults)) | (Err(faults), Ok(_)) => Err(faults),
        (Err(mut faults), Err(more)) => {
            faults.extend(more);
            Err(faults)
        }
    }
}

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct TypeFields {
    chat_id: ChatId,
    typing: bool,
}

/// Reads what an agent says.
pub(super) fn agent(envelope: &Envelope, fields: Value) -> Result<AgentFrameKind, Faults> {
    match envelope.kind.as_str() {
        "chat.send" => envelope
            .command(fields)
            .map(|AgentSendFields { chat_id, message }| AgentFrameKind::Send { chat_id, message }),
        "chat.edit" => envelope
            .command(fields)
            .map(|edit: EditFields| AgentFrameKind::Edit {
                chat_id: edit.chat_id,
                message_id: edit.message_id.0,
                text: edit.text,
            }),
        "chat.delete" => {
            envelope
                .command(fields)
                .map(|delete: MessageFields| AgentFrameKind::Delete {
                    chat_id: delete.chat_id,
                    message_id: delete.message_id.0,
                })
        }
        "chat.note" => {
            let (chat_id, body): (_, WriteNote) = envelope.named(of_chat(fields))?;
            Ok(AgentFrameKind::Chat(chat_id, body.note.into_command()))
        }
        "chat.read" => {
            let (chat_id, seen): (_, MarkSeen) = envelope.named(of_chat(fields))?;
            Ok(AgentFrameKind::Chat(
                chat_id,
                AgentCommand::Mark(seen.into()),
            ))
        }
        _ => envelope
            .command(fields)
            .map(|TypeFields { chat_id, typing }| AgentFrameKind::Type { chat_id, typing }),
    }
}

/// Reads what a visitor says.
pub(super) fn visitor(envelope: &Envelope, fields: Value) -> Result<VisitorFrameKind, Faults> {
    match envelope.kind.as_str() {
        "chat.send" => envelope
            .command(fields)
            .map(
                |VisitorSendFields { chat_id, message }| VisitorFrameKind::Send {
                    chat_id,
                    message,
                },
            ),
        "chat.edit" => envelope
            .command(fields)
            .map(|edit: EditFields| VisitorFrameKind::Edit {
                chat_id: edit.chat_id,
                message_id: edit.message_id.0,
                text: edit.text,
            }),
        "chat.delete" => {
            envelope
                .command(fields)
                .map(|delete: MessageFields| VisitorFrameKind::Delete {
                    chat_id: delete.chat_id,
                    message_id: delete.message_id.0,
                })
        }
        "chat.read" => {
            let (chat_id, seen): (_, MarkSeen) = envelope.named(of_chat(fields))?;
            let command = VisitorCommand::Mark(seen.into());
            Ok(VisitorFrameKind::Chat(chat_id, command))
        }
        _ => {
            let (chat_id, typing): (_, VisitorTyping) = envelope.named(of_chat(fields))?;
            Ok(VisitorFrameKind::Chat(chat_id, typing.into_command()))
        }
    }
}
