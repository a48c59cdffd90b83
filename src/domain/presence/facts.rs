//! What is stored of an agent's presence. Each fact stands alone: none is ever written over by another.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{PresenceReason, Status};
use crate::domain::word::words;
use crate::domain::{Actor, LocalDate, Millis, OfficeId, PauseId, StatusId, Timestamp};

/// The status that was set, by whom and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What was set; of a custom status its base.
    pub status: Status,
    /// The custom status, if one was set (PRES-13).
    pub status_id: Option<StatusId>,
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
            status_id: None,
            set_at: created_at,
            set_by: Actor::System,
            reason: PresenceReason::Initial,
        }
    }
}

/// Whether the agent has a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Reachability {
    /// It has at least one.
    Connected,
    /// The last one is gone; the status still stands (PRES-7), but no new offer is made.
    Grace {
        /// When the last connection went, or when the status was set without one.
        since: Timestamp,
    },
    /// The grace has passed.
    Lost {
        /// When it passed.
        since: Timestamp,
        /// What the agent is from then on: `away` or `offline`.
        becomes: Status,
    },
}

/// Presence held by the pings of another system (PRES-14).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Lease {
    /// There was never one.
    #[default]
    None,
    /// The last ping still holds.
    Held {
        /// Until when.
        until: Timestamp,
        /// Whether offers may be made on its strength alone.
        takes_offers: bool,
    },
    /// The last ping holds no more.
    Expired {
        /// Since when.
        at: Timestamp,
    },
}

/// A lower status that inactivity brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Demotion {
    /// `away` or `offline`.
    pub status: Status,
    /// Since when.
    pub since: Timestamp,
}

/// What inactivity has brought so far, for all offices and for those with a shorter delay of their own (PRES-6).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inactivity {
    /// For all offices.
    pub global: Option<Demotion>,
    /// For some.
    pub offices: BTreeMap<OfficeId, Demotion>,
}

impl Inactivity {
    /// Whether it has brought nothing.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// The demotions that concern an office.
    pub fn of(&self, office: Option<OfficeId>) -> impl Iterator<Item = Demotion> {
        let own = office.and_then(|id| self.offices.get(&id)).copied();
        self.global.into_iter().chain(own)
    }
}

words! {
    /// What happens when a pause has lasted for as long as it may.
    pub enum Overrun {
        /// It ends.
        End = "end",
        /// It goes on and is marked as overdue.
        Flag = "flag",
    }
}

/// A pause that an agent is in. It holds what it needs of the kind of pause, so that a change of that kind, or its
/// end, does not reach into a pause that has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pausing {
    /// Which.
    pub pause_id: PauseId,
    /// Whether it is paid.
    pub paid: bool,
    /// Since when.
    pub since: Timestamp,
    /// Who began it.
    pub set_by: Actor,
    /// How long it may last, if there is a bound, and what happens then.
    pub longest: Option<(Millis, Overrun)>,
    /// Whether it has lasted for longer and was marked.
    pub overdue: bool,
}

impl Pausing {
    /// When its bound is reached, if that is still to come.
    #[must_use]
    pub fn due_at(&self) -> Option<Timestamp> {
        let (longest, _) = self.longest.filter(|_| !self.overdue)?;
        Some(self.since + longest)
    }
}

/// The status that an agent has asked for "after my current chats" (PRES-21).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// What it wants to be.
    pub status: Status,
    /// The custom status, if it wants one.
    pub status_id: Option<StatusId>,
    /// When it asked.
    pub set_at: Timestamp,
    /// Who asked.
    pub set_by: Actor,
}

/// How an earlier status came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comeback {
    /// `reconnected` or `resumed`.
    pub reason: PresenceReason,
    /// When.
    pub at: Timestamp,
}

/// How long an agent was in a custom status on one day of the tenant's calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    /// Which day.
    pub day: LocalDate,
    /// How long, up to `until`.
    pub time: Millis,
    /// Up to when it was counted.
    pub until: Timestamp,
}

/// Everything that is stored of one agent's presence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// What was set for all offices.
    pub choice: Choice,
    /// What was set for one (PRES-4).
    pub overrides: BTreeMap<OfficeId, Choice>,
    /// Whether there is a connection.
    pub reachability: Reachability,
    /// Whether another system holds it.
    pub lease: Lease,
    /// When a person last acted, to the resolution at which that is stored (PRES-6).
    pub active_at: Timestamp,
    /// What inactivity has brought.
    pub inactivity: Inactivity,
    /// The pause that it is in.
    pub pausing: Option<Pausing>,
    /// What it wants to be when its last chat has ended.
    pub wanted: Option<Wanted>,
    /// How its status came back, if it did after it was set.
    pub comeback: Option<Comeback>,
    /// When it came to work: its place in the order of seats (PRES-15).
    pub arrived_at: Option<Timestamp>,
    /// How much of a custom status's time a day it has used.
    pub used: BTreeMap<StatusId, Used>,
    /// Since when it has been in its custom status for longer than a day allows.
    pub over_limit_since: Option<Timestamp>,
}

impl Facts {
    /// What a new agent has (PRES-1).
    #[must_use]
    pub fn initial(at: Timestamp) -> Self {
        Self {
            choice: Choice::initial(at),
            overrides: BTreeMap::new(),
            reachability: Reachability::Lost {
                since: at,
                becomes: Status::Offline,
            },
            lease: Lease::None,
            active_at: at,
            inactivity: Inactivity::default(),
            pausing: None,
            wanted: None,
            comeback: None,
            arrived_at: None,
            used: BTreeMap::new(),
            over_limit_since: None,
        }
    }

    /// What was set for an office: its override, else the global choice.
    #[must_use]
    pub fn selected(&self, office: Option<OfficeId>) -> Choice {
        office
            .and_then(|id| self.overrides.get(&id))
            .copied()
            .unwrap_or(self.choice)
    }

    /// Whether a connection or a lease holds the agent, the grace included.
    #[must_use]
    pub fn is_held(&self) -> bool {
        let connected = match self.reachability {
            Reachability::Connected | Reachability::Grace { .. } => true,
            Reachability::Lost { .. } => false,
        };
        connected || matches!(self.lease, Lease::Held { .. })
    }
}
