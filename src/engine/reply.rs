//! What the issuer of a command is told when it went well.

use crate::domain::{
    Agent, Ban, ChatId, CustomStatus, Disposition, MessageId, NoteId, Pause, RoutingRule, Skill,
    TenantSettings, Widget,
};

use super::conversation::NoteView;
use super::view::{
    ChatView, MessageView, OfferView, OfficeView, PresenceView, QueueLogIn, QueueView,
};

/// The answer to one command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Done; there is nothing to show.
    Done,
    /// The visitor types; whether agents are shown what it has not sent (CHAT-9).
    Typing {
        /// As the tenant wants it at this moment.
        shows_unsent_text: bool,
    },
    /// The presence as it is now.
    Presence(Box<PresenceView>),
    /// The presences of an office's agents as they are now.
    Presences(Vec<PresenceView>),
    /// Whether the agent is logged in to the queue now.
    QueueLogIn(QueueLogIn),
    /// The chat as it is now.
    Chat(ChatView),
    /// The offer as it is now.
    Offer(OfferView),
    /// The message as it was taken.
    Message(MessageView),
    /// This message was taken before: the first answer stands in the database.
    AlreadySent(ChatId, MessageId),
    /// This message of the agent or visitor was changed, or is as it was asked to be: it stands in the database.
    MessageChanged(ChatId, MessageId),
    /// The note as it was taken.
    Note(NoteView),
    /// This note was taken before: it stands in the database.
    NoteWrittenBefore(ChatId, NoteId),
    /// The settings as they are now.
    Settings(TenantSettings),
    /// The office as it is now.
    Office(Box<OfficeView>),
    /// The agent as it is now.
    Agent(Box<Agent>),
    /// The custom status as it is now.
    Status(CustomStatus),
    /// The kind of pause as it is now.
    Pause(Pause),
    /// The skill as it is now.
    Skill(Skill),
    /// The routing rule as it is now.
    RoutingRule(Box<RoutingRule>),
    /// The ban.
    Ban(Ban),
    /// The disposition as it is now.
    Disposition(Disposition),
    /// The queue as it is now.
    Queue(QueueView),
    /// The widget as it is now.
    Widget(Widget),
}
