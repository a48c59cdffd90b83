//! Presence: the facts about an agent, kept apart, and the one function that makes a presence of them.
//!
//! `facts.rs` holds what is stored and never merged: what was chosen, whether the agent can be reached, when it was
//! last active, and what takes it away for a while. `effective.rs` makes a presence of them (PRES-17) and tells the
//! steps by which it did. `grounds.rs` is what is kept of them to tell these steps later. Nothing here knows a chat.

mod effective;
mod facts;
mod grounds;

use super::{Actor, OfficeId, Timestamp};
use crate::domain::word::words;

pub use effective::{Link, LinkKind, Verdict, effective, explain};
pub use facts::{
    Choice, Comeback, Demotion, Facts, Inactivity, Lease, Overrun, Pausing, Reachability, Used,
    Wanted,
};
pub use grounds::{Grounds, Kept, Unheld};

words! {
    /// What an agent chose to be, or effectively is.
    pub enum Status {
        /// Takes offers.
        Online = "online",
        /// Takes no offers; its own chats go on (PRES-3).
        Away = "away",
        /// Not at work.
        Offline = "offline",
        /// At work, but seen as offline (PRES-10).
        Invisible = "invisible",
    }
}

words! {
    /// Why a presence is what it is.
    pub enum PresenceReason {
        /// The agent is new (PRES-1).
        Initial = "initial",
        /// Somebody set it for all offices (PRES-2).
        Chosen = "chosen",
        /// Somebody set it for this office (PRES-4, PRES-5).
        Override = "override",
        /// The agent logged out (PRES-8).
        LoggedOut = "logged_out",
        /// The agent's hours began or ended (PRES-9).
        Schedule = "schedule",
        /// The last chat of an agent that asked for this status ended (PRES-21).
        Drained = "drained",
        /// Another system began to keep the agent online (PRES-14).
        Leased = "leased",
        /// No act of the agent's for as long as the settings allow (PRES-6).
        Inactivity = "inactivity",
        /// The first act after that (PRES-6).
        Resumed = "resumed",
        /// The last connection has been gone for longer than the grace (PRES-7).
        Disconnected = "disconnected",
        /// A connection or a lease came back in time and brought the earlier status with it (PRES-7).
        Reconnected = "reconnected",
        /// The pings of the other system have stopped (PRES-14).
        LeaseExpired = "lease_expired",
        /// The agent is in a pause.
        Paused = "paused",
        /// The agent has missed too many offers (ROUTE-5).
        MissedOffers = "missed_offers",
        /// The agent only finishes the chats that it has (PRES-21).
        Draining = "draining",
        /// The custom status has no part in chats (PRES-13).
        StatusForbidsChats = "status_forbids_chats",
        /// More agents than seats (PRES-15).
        NoSeat = "no_seat",
    }
}

/// What an agent effectively is, why, since when, and who made it so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Presence {
    /// The effective status.
    pub status: Status,
    /// What made it so.
    pub reason: PresenceReason,
    /// When it became so.
    pub since: Timestamp,
    /// Who made it so; the service itself where a timer did.
    pub by: Actor,
}

/// The presence of an agent everywhere: how it stood when its facts last changed.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Standing {
    /// Outside of any office.
    pub global: Presence,
    /// In each office that it belongs to.
    pub offices: std::collections::BTreeMap<OfficeId, Presence>,
}

impl Standing {
    /// What a new agent has (PRES-1).
    #[must_use]
    pub fn initial(at: Timestamp) -> Self {
        Self {
            global: Presence {
                status: Status::Offline,
                reason: PresenceReason::Initial,
                since: at,
                by: Actor::System,
            },
            offices: std::collections::BTreeMap::new(),
        }
    }

    /// The presence in an office. An agent that does not belong to it is there what it is outside of any.
    #[must_use]
    pub fn of(&self, office: Option<OfficeId>) -> Presence {
        office
            .and_then(|id| self.offices.get(&id))
            .copied()
            .unwrap_or(self.global)
    }

    /// Every presence, the one outside of any office first.
    pub fn all(&self) -> impl Iterator<Item = Presence> {
        std::iter::once(self.global).chain(self.offices.values().copied())
    }
}
