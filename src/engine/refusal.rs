//! The closed list of the engine's refusals. The shell maps each to a code, a status and a sentence.

use crate::domain::{AgentId, Mode};

/// Why a command was refused. The state has not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No such agent.
    UnknownAgent,
    /// No such office.
    UnknownOffice,
    /// No such queue.
    UnknownQueue,
    /// No such widget.
    UnknownWidget,
    /// No such open chat, or not the visitor's own.
    UnknownChat,
    /// The chat has never had an offer of this number.
    UnknownOffer,
    /// A queue's member is not an agent of the tenant.
    UnknownMember,
    /// The offer does not ring any more, or the chat is taken.
    OfferGone {
        /// Who has the chat, if somebody has.
        taken_by: Option<AgentId>,
    },
    /// The chat is closed.
    ChatClosed,
    /// The agent takes no part in the chat.
    NotParticipant,
    /// The agent is not a member of the chat's queue.
    NotAMember,
    /// The agent has as many chats as it may have.
    AtCapacity,
    /// Nobody is there.
    NotLive {
        /// What is shown instead.
        mode: Mode,
    },
    /// Another author's message has this id.
    MessageIdTaken,
    /// As many chats wait as may.
    QueueFull,
    /// The chat has as many messages as it may have.
    ChatFull,
    /// The visitor has as many open chats as it may have.
    TooManyOpenChats,
    /// The agent has as many connections as it may have.
    TooManyConnections,
    /// The tenant has as many things of this kind as it may have.
    LimitReached,
    /// Another agent logs in with this address.
    EmailTaken,
}
