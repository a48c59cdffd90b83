//! What can be asked of an engine. Ids and secrets that must not be guessed come in with the command.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::domain::{
    Agent, AgentId, ChatId, ConnectionId, Contact, MessageId, MessageText, Note, OfferNumber,
    Office, OfficeId, Queue, QueueId, SessionId, Status, VisitorId, Widget, WidgetId,
};

/// A hashed password on its way through the engine into the database; the engine keeps nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub Arc<str>);

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// One thing that is asked, by whom it may be asked was settled before.
#[derive(Clone, Debug)]
pub enum Command {
    /// Offices, agents, queues, widgets.
    Setup {
        /// Who asks; `None` is the service itself.
        by: Option<AgentId>,
        /// What for.
        command: SetupCommand,
    },
    /// Status and connections of an agent.
    Presence {
        /// The agent concerned.
        agent_id: AgentId,
        /// What for.
        command: PresenceCommand,
    },
    /// Chats, asked for by an agent.
    Agent {
        /// Who asks.
        agent_id: AgentId,
        /// About which chat.
        chat_id: ChatId,
        /// What for.
        command: AgentCommand,
    },
    /// Chats, asked for by a visitor.
    Visitor {
        /// Who asks.
        visitor_id: VisitorId,
        /// About which chat; a new one's id when one is to be started.
        chat_id: ChatId,
        /// What for.
        command: VisitorCommand,
    },
    /// The engine was restored after a crash: connections that were there are not any more (PRES-20). It
    /// comes first after a restore, before any `advance`.
    Recover,
}

/// Changes of what the engine decides by.
#[derive(Clone, Debug)]
pub enum SetupCommand {
    /// Adds an office.
    CreateOffice(Office),
    /// Adds an agent.
    CreateAgent(Agent, PasswordHash),
    /// Adds a queue with its members.
    CreateQueue(Queue, BTreeSet<AgentId>),
    /// Replaces the members of a queue.
    SetMembers(QueueId, BTreeSet<AgentId>),
    /// Adds a widget.
    CreateWidget(Widget),
}

/// Status and connections.
#[derive(Clone, Debug)]
pub enum PresenceCommand {
    /// The agent sets its own global status (PRES-2).
    SetStatus(Status),
    /// A connection of the agent opened.
    Connect(ConnectionId),
    /// A connection of the agent ended.
    Disconnect(ConnectionId),
    /// The agent logged out of a session (PRES-8).
    LogOut(SessionId),
}

/// What an agent does with a chat.
#[derive(Clone, Debug)]
pub enum AgentCommand {
    /// Accepts an offer; without a number it picks the chat from the waiting list.
    Accept(Option<OfferNumber>),
    /// Rejects an offer.
    Reject(OfferNumber, Option<Note>),
    /// Sends a message.
    Send(MessageId, MessageText),
    /// Begins or stops typing.
    Type(bool),
    /// Closes the chat.
    Close,
}

/// What a visitor does.
#[derive(Clone, Debug)]
pub enum VisitorCommand {
    /// Starts a chat.
    Start(Box<StartChat>),
    /// Leaves a message while nobody is there (AVAIL-4).
    LeaveMessage(Box<LeaveMessage>),
    /// Sends a message.
    Send(MessageId, MessageText),
    /// Begins or stops typing.
    Type(bool),
    /// Ends the chat.
    End,
}

/// A visitor's wish to talk.
#[derive(Clone, Debug)]
pub struct StartChat {
    /// The widget it came through.
    pub widget_id: WidgetId,
    /// The office it chose.
    pub office_id: Option<OfficeId>,
    /// The queue it chose.
    pub queue_id: Option<QueueId>,
    /// Who it says it is.
    pub contact: Arc<Contact>,
    /// Its first message.
    pub message: Option<(MessageId, MessageText)>,
}

/// A message for when somebody is back.
#[derive(Clone, Debug)]
pub struct LeaveMessage {
    /// The widget it came through.
    pub widget_id: WidgetId,
    /// The office it is for; else the widget's first.
    pub office_id: Option<OfficeId>,
    /// Who it is from, with an e-mail address.
    pub contact: Arc<Contact>,
    /// The message.
    pub message: (MessageId, MessageText),
}
