//! What agents tell each other in a chat (CHAT-3, CHAT-5). It is no message: a visitor cannot be shown one.

use std::sync::Arc;

use super::message::check_id;
use super::{AgentId, Invalid, RichText, Timestamp};

/// The id of a note, unique within its chat. Its author gives it, as the sender of a message does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct NoteId(Arc<str>);

impl NoteId {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for NoteId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        check_id(text)?;
        Ok(Self(text.into()))
    }
}

/// A note as it stands in its chat. It is neither changed nor deleted: what colleagues went by stays to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InternalNote {
    /// Given by its author.
    pub id: NoteId,
    /// 1, 2, 3... within the chat, apart from its messages.
    pub number: u32,
    /// Who wrote it.
    pub author: AgentId,
    /// What it says.
    pub text: RichText,
    /// When the engine took it.
    pub sent_at: Timestamp,
}
