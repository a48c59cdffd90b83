//! Presence: the facts about an agent, kept apart, and the one function that makes a presence of them.

use super::{Actor, Invalid, Timestamp};

/// What an agent chose to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Takes offers.
    Online,
    /// Takes no offers; its own chats go on (PRES-3).
    Away,
    /// Not at work.
    Offline,
    /// At work, but seen as offline (PRES-10).
    Invisible,
}

impl Status {
    /// The word on the wire and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Away => "away",
            Self::Offline => "offline",
            Self::Invisible => "invisible",
        }
    }
}

impl std::str::FromStr for Status {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        [Self::Online, Self::Away, Self::Offline, Self::Invisible]
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or(Invalid::UnknownValue("online, away, offline, invisible"))
    }
}

/// Why a presence is what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PresenceReason {
    /// The agent is new (PRES-1).
    Initial,
    /// Somebody set it.
    Chosen,
    /// The agent logged out (PRES-8).
    LoggedOut,
    /// The last connection has been gone for longer than the grace (PRES-7).
    Disconnected,
    /// A connection came back in time and brought the earlier status with it (PRES-7).
    Reconnected,
}

impl PresenceReason {
    /// The word on the wire and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Initial => "initial",
            Self::Chosen => "chosen",
            Self::LoggedOut => "logged_out",
            Self::Disconnected => "disconnected",
            Self::Reconnected => "reconnected",
        }
    }
}

impl std::str::FromStr for PresenceReason {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        [
            Self::Initial,
            Self::Chosen,
            Self::LoggedOut,
            Self::Disconnected,
            Self::Reconnected,
        ]
        .into_iter()
        .find(|reason| reason.as_str() == text)
        .ok_or(Invalid::UnknownValue(
            "initial, chosen, logged_out, disconnected, reconnected",
        ))
    }
}

/// First fact: the status that was set, by whom and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What was set.
    pub status: Status,
    /// When.
    pub set_at: Timestamp,
    /// By whom.
    pub set_by: Actor,
    /// Why.
    pub reason: PresenceReason,
}

impl Choice {
    /// What a new agent has (PRES-1).
    #[must_use]
    pub fn initial(created_at: Timestamp) -> Self {
        Self {
            status: Status::Offline,
            set_at: created_at,
            set_by: Actor::System,
            reason: PresenceReason::Initial,
        }
    }
}

/// Second fact: whether the agent can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reachability {
    /// It has at least one connection.
    Connected,
    /// The last connection is gone; the status still stands (PRES-7), but no new offer is made.
    Grace {
        /// When the last connection went, or when the status was set without one.
        since: Timestamp,
    },
    /// The grace has passed.
    Lost {
        /// When it passed.
        since: Timestamp,
    },
}

/// What an agent effectively is, why, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Presence {
    /// The effective status.
    pub status: Status,
    /// What made it so.
    pub reason: PresenceReason,
    /// When it became so.
    pub since: Timestamp,
}

/// Makes the effective presence from the facts (PRES-17). Whoever needs a presence calls this.
#[must_use]
pub fn effective(choice: Choice, reachability: Reachability) -> Presence {
    match (choice.status, reachability) {
        (Status::Online | Status::Away | Status::Invisible, Reachability::Lost { since }) => {
            Presence {
                status: Status::Offline,
                reason: PresenceReason::Disconnected,
                since,
            }
        }
        (status, _) => Presence {
            status,
            reason: choice.reason,
            since: choice.set_at,
        },
    }
}
