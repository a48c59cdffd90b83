//! Ordered deadlines, keyed by what they are for.
//!
//! A deadline belongs to a fact of the state (an offer's expiry, an agent's grace); this is the index that
//! finds the next one. `invariants.rs` recomputes it.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{AgentId, ChatId, Millis, OfficeId, QueueId, Timestamp};

/// The shortest ring and the shortest pause. With zero for both, a chat that everybody misses would ring and
/// pause for ever within one instant.
pub(super) const SHORTEST: Millis = Millis::from_secs(1);

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum TimerKey {
    /// The first thing that is due in a chat; see `deadlines.rs`.
    Chat(ChatId),
    /// An agent's last connection has been gone for long enough.
    GraceEnd(AgentId),
    /// The last ping of an agent's lease holds no more.
    LeaseEnd(AgentId),
    /// An agent has done nothing for long enough.
    Inactivity(AgentId),
    /// An agent's pause has lasted for as long as it may.
    PauseDue(AgentId),
    /// An agent's time in a custom status has reached its bound, or the day has ended.
    StatusLimit(AgentId),
    /// An agent's hours begin or end.
    AgentHours(AgentId),
    /// An office's hours begin or end.
    OfficeHours(OfficeId),
    /// A queue's own hours begin or end.
    QueueHours(QueueId),
    /// A chat of this queue has waited for long enough to be offered to the invisible (PRES-11).
    LateOffers(QueueId),
    /// An agent's hours are about to end (ROUTE-23).
    OffersEnd(AgentId),
    /// An agent that has come back may be offered more (ROUTE-22).
    Ramp(AgentId),
}

/// At most one deadline for each key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Timers {
    by_time: BTreeSet<(Timestamp, TimerKey)>,
    by_key: BTreeMap<TimerKey, Timestamp>,
}

impl Timers {
    pub(super) fn set(&mut self, key: TimerKey, at: Timestamp) {
        self.clear(key);
        self.by_key.insert(key, at);
        self.by_time.insert((at, key));
    }

    /// Sets the deadline, or clears it.
    pub(super) fn put(&mut self, key: TimerKey, at: Option<Timestamp>) {
        match at {
            Some(at) if self.by_key.get(&key) == Some(&at) => {}
            Some(at) => self.set(key, at),
            None => self.clear(key),
        }
    }

    pub(super) fn get(&self, key: TimerKey) -> Option<Timestamp> {
        self.by_key.get(&key).copied()
    }

    pub(super) fn clear(&mut self, key: TimerKey) {
        if let Some(at) = self.by_key.remove(&key) {
            self.by_time.remove(&(at, key));
        }
    }

    /// Clears every deadline of an agent that is archived.
    pub(super) fn clear_agent(&mut self, id: AgentId) {
        for key in [
            TimerKey::GraceEnd(id),
            TimerKey::LeaseEnd(id),
            TimerKey::Inactivity(id),
            TimerKey::PauseDue(id),
            TimerKey::StatusLimit(id),
            TimerKey::AgentHours(id),
            TimerKey::OffersEnd(id),
            TimerKey::Ramp(id),
        ] {
            self.clear(key);
        }
    }

    /// Takes the earliest deadline that has passed. A deadline of `now` itself has not: an answer that
    /// comes in the same instant wins (ROUTE-20).
    pub(super) fn pop_due(&mut self, now: Timestamp) -> Option<(Timestamp, TimerKey)> {
        let (at, key) = *self.by_time.first()?;
        if at >= now {
            return None;
        }
        self.clear(key);
        Some((at, key))
    }

    pub(super) fn earliest(&self) -> Option<Timestamp> {
        self.by_time.first().map(|(at, _)| *at)
    }

    pub(super) fn all(&self) -> &BTreeMap<TimerKey, Timestamp> {
        &self.by_key
    }
}
