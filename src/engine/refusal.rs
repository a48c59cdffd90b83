//! The closed list of the engine's refusals. The shell maps each to a code, a status and a sentence.

use uuid::Uuid;

use crate::domain::{AgentId, AnswerFault, Mode, Target};

/// Why a command was refused. The state has not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// No such custom status.
    UnknownStatus,
    /// No such kind of pause.
    UnknownPause,
    /// No such skill.
    UnknownSkill,
    /// No such disposition.
    UnknownDisposition,
    /// No such routing rule.
    UnknownRoutingRule,
    /// Fields of what is asked for are wrong; all of them at once, and there is at least one.
    BadFields(Vec<FieldFault>),
    /// No such ban.
    UnknownBan,
    /// The visitor, or where it asks from, is banned (CHAT-13).
    Banned,
    /// The overflows of queues would lead back to where they began (AVAIL-5).
    OverflowLoop,
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
    /// The agent only reads along in the chat.
    NotAnswering,
    /// The chat is in none of the offices that the one who asks supervises.
    NotYourChat,
    /// No such agent or queue to hand a chat to.
    UnknownTarget(Target),
    /// The chat is to be handed to the one who asks.
    ToYourself,
    /// The chat is to be handed to an agent that takes part in it.
    AlreadyInChat,
    /// Somebody is being looked for already.
    HandOverPending,
    /// Nobody is being looked for.
    NoHandOver,
    /// Nobody could be offered the chat now.
    NobodyAvailable,
    /// No other agent answers the chat.
    LastAgent,
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
    /// Another author's note has this id.
    NoteIdTaken,
    /// The chat has as many notes as it may have.
    TooManyNotes,
    /// A mark beyond the last message.
    BeyondLastMessage {
        /// Which fields name one.
        fields: &'static [&'static str],
        /// The number of the last message.
        last_seq: u32,
    },
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
    /// Outcomes that chats of the queue do not have.
    UnknownDispositions {
        /// Which of those that were named: a bit for each, the first the lowest.
        places: u32,
    },
    /// Tags that the tenant does not have.
    UnknownTags {
        /// Which of those that were named, as above.
        places: u32,
    },
    /// A chat of the queue has one outcome only.
    SeveralDispositions,
    /// A chat of the queue is not closed without an outcome (CHAT-4).
    DispositionRequired,
    /// The agent has no work left to do after the chat.
    NotInWrapUp,
    /// The chat would have more fields than it may have.
    TooManyFields,
    /// No agent has taken part in the chat.
    NothingToRate,
    /// The chat has been over for too long to be rated (CHAT-12).
    RatingClosed,
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
    /// The settings of a queue.
    QueueSettings,
    /// Another queue's overflow.
    Overflow,
    /// A routing rule.
    RoutingRule,
}

/// What is wrong with one field of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldFault {
    /// It names what is not there.
    Unknown(Reference, Uuid),
    /// It does not go together with another one.
    Contradicts(Contradiction),
    /// A delay of an agent's or an office's own is longer than the tenant's (PRES-6). Which field of `inactivity`.
    BeyondTenant(&'static str),
    /// Fewer seats than are assigned (PRES-15). How many are.
    SeatsBelowAssigned(u32),
    /// All seats are assigned to others (PRES-15).
    NoSeatLeft,
    /// Who misses a queue's offers would be paid for it (ROUTE-5).
    PaidPause,
    /// An answer to the widget's form is missing or wrong (AVAIL-4).
    Answer(AnswerFault),
}

/// Where a command names another thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reference {
    /// The office of a queue, or the one that a visitor chose.
    Office,
    /// An office of an agent, a widget or a template.
    Offices,
    /// The widget of a targeting rule.
    Widget,
    /// An agent whom a contact's chats are for.
    Assigned,
    /// The queue that a visitor chose.
    Queue,
    /// A member of a queue.
    Member,
    /// A skill that a queue requires.
    RequiredSkill,
    /// A skill of an agent.
    Skill,
    /// A disposition of a queue.
    Disposition,
    /// The queue into which another one overflows.
    Overflow,
    /// The pause of an agent that misses offers.
    MissedOfferPause,
    /// The agent that a widget's chats are kept for.
    WidgetAgent,
    /// The queue of a routing rule.
    RuleQueue,
    /// An agent of a routing rule.
    RuleAgent,
    /// A widget of a routing rule.
    RuleWidget,
    /// An office of a routing rule.
    RuleOffice,
}

/// Two settings of one thing that do not go together, named by the one that gives way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Contradiction {
    /// A queue that was full opens again at no less than where it is full.
    ReopenAt,
    /// There is an end to waiting in a queue, and nowhere to go then.
    MaxWait,
    /// A silent visitor's chat is closed before it is warned.
    IdleClose,
    /// An agent may have fewer chats with silent ones than without.
    CapacityMax,
}
