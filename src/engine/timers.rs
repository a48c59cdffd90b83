//! Ordered deadlines, keyed by what they are for.
//!
//! A deadline belongs to a fact of the state (an offer's expiry, an agent's grace); this is the index that
//! finds the next one. `invariants.rs` recomputes it.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{AgentId, ChatId, Millis, OfferNumber, Timestamp};

/// The shortest ring and the shortest pause. With zero for both, a chat that everybody misses would ring and
/// pause for ever within one instant.
pub(super) const SHORTEST: Millis = Millis::from_secs(1);

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum TimerKey {
    /// A ringing offer has rung for long enough.
    OfferExpiry(ChatId, OfferNumber),
    /// An agent's last connection has been gone for long enough.
    GraceEnd(AgentId),
    /// A chat that everybody refused may be offered again.
    RoundStart(ChatId),
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

    pub(super) fn clear(&mut self, key: TimerKey) {
        if let Some(at) = self.by_key.remove(&key) {
            self.by_time.remove(&(at, key));
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
