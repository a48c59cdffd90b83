//! Chats, offers, and the contact behind a chat. `routing.rs` has what its way to an agent depends on, `course.rs` what its
//! clocks run by, `rating.rs` what its visitor thinks of it.

mod course;
mod handover;
mod rating;
mod routing;

use std::collections::BTreeMap;

use super::word::words;
use super::{AgentId, ContactId, Email, Invalid, Name, Timestamp};

pub use course::{
    Attributes, Course, MissedTargets, Participant, ParticipantRole, TargetKind, WrapUp,
};
pub use handover::{HandOver, HandOverEnd, IfUnavailable, Release, TransferReason};
pub use rating::{Rating, RatingComment, Score};
pub use routing::{Entered, Entry, KeptFor, Purpose, Reserved, Routing, Seek, Target};

/// The state of a chat. `offered` on the wire is `Waiting` with an offer ringing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChatState {
    /// Looks for an agent.
    Waiting,
    /// Some agent takes part.
    Active {
        /// Since when.
        accepted_at: Timestamp,
    },
    /// Over for the visitor; agents still work on it (CHAT-4).
    WrapUp {
        /// When the first agent took part.
        accepted_at: Option<Timestamp>,
        /// When it ended.
        at: Timestamp,
        /// Why.
        reason: CloseReason,
    },
    /// Over.
    Closed {
        /// When the first agent took part; `None` if none ever did (the chat was abandoned).
        accepted_at: Option<Timestamp>,
        /// When it ended.
        at: Timestamp,
        /// Why.
        reason: CloseReason,
    },
    /// Left while nobody was there; it waits in the inbox (AVAIL-4).
    OfflineMessage,
}

words! {
    /// Why a chat ended.
    pub enum CloseReason {
        /// An agent closed it.
        AgentClosed = "agent_closed",
        /// The visitor ended it; before an accept that means abandoned.
        VisitorEnded = "visitor_ended",
        /// The visitor was silent for too long (CHAT-10).
        VisitorIdle = "visitor_idle",
        /// The visitor was banned (CHAT-13).
        Banned = "banned",
    }
}

words! {
    /// Why a chat that waited became an offline message.
    pub enum DeferReason {
        /// Its queue overflows into the inbox (AVAIL-5).
        Overflow = "overflow",
        /// Its visitor asked for the answer by e-mail (AVAIL-5).
        AskedByEmail = "asked_by_email",
    }
}

words! {
    /// Why an agent's part in a chat ended (CHAT-12).
    pub enum LeaveReason {
        /// The chat ended.
        Closed = "closed",
        /// It went, and others went on.
        Left = "left",
        /// It gave the chat to somebody else (CHAT-1).
        Transferred = "transferred",
        /// Somebody took the chat over (CHAT-3).
        TakenOver = "taken_over",
        /// It was gone for too long (ROUTE-11).
        AgentGone = "agent_gone",
        /// It did not write in time (ROUTE-21).
        NoFirstReply = "no_first_reply",
        /// It may not read the chat along any more: it does not watch over the chat's office, or has been archived.
        Removed = "removed",
    }
}

/// Who did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "kind", content = "agent_id", rename_all = "snake_case")]
pub enum Actor {
    /// An agent.
    Agent(AgentId),
    /// The visitor of the chat.
    Visitor,
    /// The service itself: a timer, a rule.
    System,
}

/// The number of an offer within its chat: 1, 2, 3...
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct OfferNumber(pub u32);

/// The state of an offer. All but `Ringing` are final.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferState {
    /// Shown to its agent.
    Ringing,
    /// The agent took the chat.
    Accepted,
    /// The agent said no.
    Rejected,
    /// The ring timeout passed.
    Missed,
    /// It ended for another reason than the agent's answer; it does not count as missed (ROUTE-11).
    Withdrawn(WithdrawReason),
}

impl OfferState {
    /// The word on the wire and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ringing => "ringing",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Missed => "missed",
            Self::Withdrawn(_) => "withdrawn",
        }
    }
}

words! {
    /// Why an offer was withdrawn.
    pub enum WithdrawReason {
        /// The chat ended.
        ChatClosed = "chat_closed",
        /// Another agent took the chat.
        AcceptedElsewhere = "accepted_elsewhere",
        /// The agent is no longer eligible: its status or reachability changed.
        AgentUnavailable = "agent_unavailable",
        /// The agent is no longer a member of the queue.
        RemovedFromQueue = "removed_from_queue",
        /// The agent has logged out of the queue.
        LoggedOutOfQueue = "logged_out_of_queue",
        /// Who asked for it does not want it any more, or has no part in the chat.
        Cancelled = "cancelled",
        /// The chat has gone to another queue or to the inbox.
        Moved = "moved",
    }
}

/// The visitor as a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// As given by the visitor.
    pub name: Option<Name>,
    /// As given by the visitor.
    pub email: Option<Email>,
    /// The other answers of the form that started the chat.
    pub fields: ContactFields,
}

/// Answers of a form: up to 20 texts of up to 1,000 characters, under names of 1 to 40 characters, together at
/// most 8 KiB: they are shown with every offer and chat of the contact.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct ContactFields(BTreeMap<Box<str>, Box<str>>);

impl ContactFields {
    /// The most characters of a field's name.
    pub const NAME_CHARS_MAX: usize = 40;
    /// The most fields of a form.
    pub const COUNT_MAX: usize = 20;
    /// The most bytes of a form, names and answers together.
    pub const BYTES_MAX: usize = 8192;

    /// The answer under a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|answer| &**answer)
    }

    /// All answers by their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, answer)| (&**name, &**answer))
    }

    /// Takes the answer under a name away, if there is one.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// The bytes of all names and answers.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.0
            .iter()
            .map(|(name, answer)| name.len() + answer.len())
            .sum()
    }

    /// Adds one answer, or replaces the one under this name.
    ///
    /// # Errors
    /// Says what is wrong with the name or the answer, or that there are too many.
    pub fn insert(&mut self, name: &str, answer: &str) -> Result<(), Invalid> {
        super::bounded(name, 1, Self::NAME_CHARS_MAX)?;
        if answer.chars().count() > 1000 {
            return Err(Invalid::TooLong {
                max: 1000,
                unit: "characters",
            });
        }
        if answer
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        {
            return Err(Invalid::BadFormat(
                "free of control characters but tab and line breaks",
            ));
        }
        if self.0.len() >= Self::COUNT_MAX && !self.0.contains_key(name) {
            return Err(Invalid::TooLong {
                max: Self::COUNT_MAX,
                unit: "fields",
            });
        }
        let before = self
            .0
            .get(name)
            .map_or(0, |answer| name.len() + answer.len());
        if self.bytes() - before + name.len() + answer.len() > Self::BYTES_MAX {
            return Err(Invalid::TooLong {
                max: Self::BYTES_MAX,
                unit: "bytes in all fields together",
            });
        }
        self.0.insert(name.into(), answer.into());
        Ok(())
    }
}
