//! Messages: what is said in a chat.

use std::sync::Arc;

use super::{AgentId, Invalid, Timestamp};

/// The id that a sender gives its message: 1 to 64 of `A-Z a-z 0-9 . _ : -`, unique within the chat.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct MessageId(Arc<str>);

impl MessageId {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for MessageId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() {
            return Err(Invalid::TooShort { min: 1 });
        }
        if text.len() > 64 {
            return Err(Invalid::TooLong {
                max: 64,
                unit: "characters",
            });
        }
        if !text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._:-".contains(&b))
        {
            return Err(Invalid::BadFormat("letters, digits and . _ : - only"));
        }
        Ok(Self(text.into()))
    }
}

/// A message's text: 1 to 65,536 bytes, some of it visible, no control characters but tab and line breaks.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct MessageText(Arc<str>);

impl MessageText {
    /// The bound in bytes.
    pub const BYTES_MAX: usize = 65_536;

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for MessageText {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text.trim().is_empty() {
            return Err(Invalid::TooShort { min: 1 });
        }
        if text.len() > Self::BYTES_MAX {
            return Err(Invalid::TooLong {
                max: Self::BYTES_MAX,
                unit: "bytes",
            });
        }
        if text
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        {
            return Err(Invalid::BadFormat(
                "free of control characters but tab and line breaks",
            ));
        }
        Ok(Self(text.into()))
    }
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Author {
    /// The visitor of the chat.
    Visitor,
    /// An agent.
    Agent(AgentId),
    /// The service itself.
    System,
}

/// One message as it stands in its chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Given by its sender.
    pub id: MessageId,
    /// 1, 2, 3... within the chat.
    pub seq: u32,
    /// Who wrote it.
    pub author: Author,
    /// What it says.
    pub text: MessageText,
    /// When the engine took it.
    pub sent_at: Timestamp,
}
