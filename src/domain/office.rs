//! Offices: what visitors reach.

use super::{Hours, Name, OfficeId, Timestamp, WhenBusy, WhenNotLive};

/// A department, campus or brand of a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Office {
    /// Its id.
    pub id: OfficeId,
    /// What visitors read.
    pub name: Name,
    /// What a visitor sees while nobody is there.
    pub when_not_live: WhenNotLive,
    /// What a visitor sees while everybody who is there has as many chats as it may have (AVAIL-5).
    pub when_busy: WhenBusy,
    /// When it is open; without hours it always is (PRES-9).
    pub hours: Option<Hours>,
    /// Delays that narrow the tenant's for its agents (PRES-6); `resume` is the tenant's.
    pub inactivity: super::OwnInactivity,
    /// When it was made.
    pub created_at: Timestamp,
    /// Counts its changes, from 1.
    pub version: i64,
}

impl Office {
    /// An office that has nothing but what it cannot do without.
    #[must_use]
    pub fn new(id: OfficeId, name: Name, created_at: Timestamp) -> Self {
        Self {
            id,
            name,
            when_not_live: WhenNotLive::default(),
            when_busy: WhenBusy::default(),
            hours: None,
            inactivity: super::OwnInactivity::default(),
            created_at,
            version: 1,
        }
    }

    /// Whether it is in hours.
    #[must_use]
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.hours.as_ref().is_none_or(|hours| hours.is_open(at))
    }
}
