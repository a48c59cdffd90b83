//! Messages: what is said in a chat.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::button::{ButtonRef, ButtonText, Buttons};
use super::markup::{self, Node};
use super::notice::SystemNotice;
use super::text::visible;
use super::{AgentId, FileCard, Invalid, NewText, Timestamp};

/// The id of a message, unique within its chat. Its sender gives it, 1 to 64 of `A-Z a-z 0-9 . _ : -`, but neither `.` nor
/// `..`, which no address can name; that of a system notice is made of a character that no sender can use.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(Arc<str>);

impl MessageId {
    /// What the ids of notices begin with.
    const NOTICE: &'static str = "notice~";

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id of the notice that has this number in its chat.
    #[must_use]
    pub fn of_notice(seq: u32) -> Self {
        Self(format!("{}{seq}", Self::NOTICE).into())
    }
}

impl std::str::FromStr for MessageId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        check_id(text)?;
        Ok(Self(text.into()))
    }
}

impl NewText for MessageId {
    fn new_text(text: &str) -> Result<Self, Invalid> {
        // Clients take them out of an address, also when they are written as `%2E`.
        if matches!(text, "." | "..") {
            return Err(Invalid::BadFormat("neither . nor .."));
        }
        text.parse()
    }
}

/// The id of a message that is there, be it a sender's or a notice's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownMessageId(pub MessageId);

impl std::str::FromStr for KnownMessageId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let number = text.strip_prefix(MessageId::NOTICE);
        if let Some(seq) = number.and_then(|number| number.parse().ok()) {
            let id = MessageId::of_notice(seq);
            if id.as_str() == text {
                return Ok(Self(id));
            }
        }
        text.parse().map(Self)
    }
}

/// Checks an id that a client chooses: 1 to 64 of `A-Z a-z 0-9 . _ : -`.
pub(super) fn check_id(text: &str) -> Result<(), Invalid> {
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
    Ok(())
}

/// A message's text as it was written: 1 to 65,536 bytes, some of it visible, no control characters but tab and line
/// breaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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

impl NewText for MessageText {
    fn new_text(text: &str) -> Result<Self, Invalid> {
        visible(text)
    }
}

impl From<ButtonText> for MessageText {
    /// What stands on a button is shorter than a message may be, and has no line breaks.
    fn from(text: ButtonText) -> Self {
        Self(text.as_str().into())
    }
}

/// A text and what its marks make of it, read once when the message is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RichText {
    text: MessageText,
    /// `None` for a text without marks, whose tree would be the text again.
    marked: Option<Arc<[Node]>>,
}

impl RichText {
    /// Reads the marks of a text.
    #[must_use]
    pub fn new(text: MessageText) -> Self {
        let marked = markup::parse(text.as_str()).map(Arc::from);
        Self { text, marked }
    }

    /// Takes a text whose marks, if it has any, were read before.
    #[must_use]
    pub fn read_before(text: MessageText, marked: Option<Vec<Node>>) -> Self {
        let marked = marked.map(Arc::from);
        Self { text, marked }
    }

    /// Takes a text as it is: whatever is in it is no mark.
    #[must_use]
    pub fn plain(text: MessageText) -> Self {
        Self { text, marked: None }
    }

    /// The text as it was written.
    #[must_use]
    pub fn source(&self) -> &MessageText {
        &self.text
    }

    /// The tree, if it is more than the text.
    #[must_use]
    pub fn marked(&self) -> Option<&[Node]> {
        self.marked.as_deref()
    }

    /// The tree.
    #[must_use]
    pub fn content(&self) -> Vec<Node> {
        let plain = || {
            let text = self.text.as_str().into();
            vec![Node::Text { text }]
        };
        self.marked().map_or_else(plain, <[Node]>::to_vec)
    }
}

impl std::str::FromStr for RichText {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        text.parse().map(Self::new)
    }
}

impl NewText for RichText {
    fn new_text(text: &str) -> Result<Self, Invalid> {
        MessageText::new_text(text).map(Self::new)
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

/// What somebody has written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The text.
    pub text: Option<RichText>,
    /// The file. Shared by reference: most messages have none.
    pub file: Option<Arc<FileCard>>,
    /// What the other side may press instead of writing.
    pub buttons: Buttons,
    /// The button whose press this is; then the text is the button's.
    pub pressed: Option<ButtonRef>,
}

impl From<RichText> for Written {
    fn from(text: RichText) -> Self {
        Self {
            text: Some(text),
            file: None,
            buttons: Buttons::default(),
            pressed: None,
        }
    }
}

impl std::str::FromStr for Written {
    type Err = Invalid;

    /// Reads a text alone.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        text.parse::<RichText>().map(Self::from)
    }
}

/// What a message holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// What a person or a bot has written.
    Written(Arc<Written>),
    /// What the service says about the chat.
    Notice(SystemNotice),
    /// Nothing any more: its author has deleted it.
    Deleted,
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
    /// What it holds.
    pub body: Body,
    /// When the engine took it.
    pub sent_at: Timestamp,
    /// When its author last changed it.
    pub edited_at: Option<Timestamp>,
}

impl Message {
    /// The text, if it has one.
    #[must_use]
    pub fn text(&self) -> Option<&RichText> {
        match &self.body {
            Body::Written(written) => written.text.as_ref(),
            Body::Notice(_) | Body::Deleted => None,
        }
    }

    /// The file, if it has one.
    #[must_use]
    pub fn file(&self) -> Option<&FileCard> {
        match &self.body {
            Body::Written(written) => written.file.as_deref(),
            Body::Notice(_) | Body::Deleted => None,
        }
    }
}
