//! What the issuer of a command is told when it went well.

use crate::domain::{Agent, ChatId, MessageId, Widget};

use super::view::{ChatView, MessageView, OfferView, OfficeView, PresenceView, QueueView};

/// The answer to one command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Done; there is nothing to show.
    Done,
    /// The presence as it is now.
    Presence(PresenceView),
    /// The chat as it is now.
    Chat(ChatView),
    /// The offer as it is now.
    Offer(OfferView),
    /// The message as it was taken.
    Message(MessageView),
    /// This message was taken before: the first answer stands in the database.
    AlreadySent(ChatId, MessageId),
    /// The new office.
    Office(OfficeView),
    /// The new agent.
    Agent(Agent),
    /// The queue as it is now.
    Queue(QueueView),
    /// The new widget.
    Widget(Widget),
}
