//! Reading the frames by which somebody speaks in a chat.

use deserr::Deserr;
use serde_json::Value;

use super::parse::Envelope;
use super::{AgentFrameKind, VisitorFrameKind};
use crate::domain::{ChatId, KnownMessageId, RichText};
use crate::faults::Faults;
use crate::protocol::request::{NewAgentMessage, NewVisitorMessage};

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
        _ => envelope
            .command(fields)
            .map(|TypeFields { chat_id, typing }| VisitorFrameKind::Type { chat_id, typing }),
    }
}
