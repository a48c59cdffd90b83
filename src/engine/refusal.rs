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
    /// No such custom status.
    UnknownStatus,
    /// No such kind of pause.
    UnknownPause,
    /// The office is none of the agent's.
    NotInOffice,
    /// The one who asks may not change this agent's presence.
    NotYourAgent,
    /// The agent is in no pause.
    NotPaused,
    /// The agent's status lets it have no part in chats (PRES-12, PRES-13).
    StatusForbidsChats,
    /// Somebody else has changed it meanwhile.
    VersionMismatch,
    /// Something else still needs it.
    InUse(Use),
    /// Fewer seats than are assigned (PRES-15).
    SeatsBelowAssigned {
        /// How many are assigned.
        assigned: u32,
    },
    /// All seats are assigned to others (PRES-15).
    NoSeatLeft,
    /// Delays of an agent's or an office's own that are longer than the tenant's (PRES-6).
    BeyondTenant {
        /// Which fields of `inactivity`.
        fields: &'static [&'static str],
    },
    /// The last owner can be neither archived nor made something less.
    LastOwner,
    /// Nobody gives or takes more rights than it has.
    AboveYourRole,
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
    /// The chat has no such message.
    UnknownMessage,
    /// The message is somebody else's.
    NotAuthor,
    /// The message was deleted.
    MessageDeleted,
    /// The message is a notice or the press of a button, whose text nobody changes.
    MessageFixed,
    /// There is no such upload of the sender's that could be sent.
    UnknownFile,
    /// Another message has the file.
    FileSent,
    /// The message has no such button that could be pressed.
    UnknownButton,
    /// The chat has as many messages with buttons as it may have.
    TooManyButtons,
    /// As many chats wait as may.
    QueueFull,
    /// The chat has as many messages as it may have.
    ChatFull,
    /// The chat does not wait.
    NotWaiting,
    /// An answer by e-mail needs an address.
    EmailRequired,
    /// The visitor has as many open chats as it may have.
    TooManyOpenChats,
    /// The agent has as many connections as it may have.
    TooManyConnections,
    /// The tenant has as many things of this kind as it may have.
    LimitReached,
    /// Another agent logs in with this address.
    EmailTaken,
}

/// What keeps a thing from being archived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// A queue of the office.
    Queue,
    /// A widget that names the office.
    Widget,
    /// An open chat.
    Chat,
}
