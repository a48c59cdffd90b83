//! Offices: what visitors reach.

use super::{Name, OfficeId, Timestamp, WhenNotLive};

/// A department, campus or brand of a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Office {
    /// Its id.
    pub id: OfficeId,
    /// What visitors read.
    pub name: Name,
    /// What a visitor sees while nobody is there.
    pub when_not_live: WhenNotLive,
    /// When it was made.
    pub created_at: Timestamp,
}
