//! Frames about the life of a chat: its end, the work after it, what is said of it, what its visitor thinks of it, and
//! which chat a window shows.

use deserr::Deserr;
use serde_json::Value;

use super::conversation::of_chat;
use super::parse::{Envelope, NoFields};
use super::{AgentFrameKind, VisitorFrameKind};
use crate::domain::ChatId;
use crate::engine::{AgentCommand, VisitorCommand};
use crate::faults::{Faults, Field, read};
use crate::protocol::request::{CloseChat, RateChat, UpdateChat};

/// The types of agents' frames that are read here.
pub(super) const OF_AGENTS: [&str; 4] = ["chat.close", "chat.update", "wrap_up.end", "focus"];
/// Those of visitors.
pub(super) const OF_VISITORS: [&str; 2] = ["chat.end", "chat.rate"];

/// Which chat a window shows; null is none.
#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct Focus {
    chat_id: Field<ChatId>,
}

/// Reads a frame of one of [`OF_AGENTS`].
pub(super) fn of_agent(envelope: &Envelope, fields: Value) -> Result<AgentFrameKind, Faults> {
    match envelope.kind.as_str() {
        "chat.close" => {
            let (chat_id, body): (_, CloseChat) = envelope.named(of_chat(fields))?;
            Ok(AgentFrameKind::Chat(chat_id, body.into_command()))
        }
        "chat.update" => {
            let (chat_id, body): (_, UpdateChat) = envelope.named(of_chat(fields))?;
            Ok(AgentFrameKind::Chat(chat_id, body.into_command()))
        }
        "wrap_up.end" => {
            let (chat_id, NoFields {}) = envelope.named(of_chat(fields))?;
            Ok(AgentFrameKind::Chat(chat_id, AgentCommand::EndWrapUp))
        }
        _ => {
            let focus: Focus = envelope.named(read(fields))?;
            Ok(AgentFrameKind::Focus(focus.chat_id.or(None)))
        }
    }
}

/// Reads a frame of one of [`OF_VISITORS`].
pub(super) fn of_visitor(envelope: &Envelope, fields: Value) -> Result<VisitorFrameKind, Faults> {
    if envelope.kind == "chat.rate" {
        let (chat_id, body): (_, RateChat) = envelope.named(of_chat(fields))?;
        Ok(VisitorFrameKind::Chat(chat_id, body.into_command()))
    } else {
        let (chat_id, NoFields {}) = envelope.named(of_chat(fields))?;
        Ok(VisitorFrameKind::Chat(chat_id, VisitorCommand::End))
    }
}
