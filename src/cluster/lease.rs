//! The node's lease: one row for the node, renewed each second, for four seconds by the database's clock.
//!
//! The node counts its own time from before each renewal, by a clock that never jumps, so it stops
//! acknowledging before anybody else may take over.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::domain::Millis;

/// Until when this node may acknowledge.
#[derive(Debug)]
pub struct Lease {
    /// In the clock's monotonic time; a lease that was never had has ended long ago.
    valid_until: AtomicI64,
    ttl: Millis,
}

impl Lease {
    /// A lease that is not held yet.
    #[must_use]
    pub fn new(ttl: Millis) -> Self {
        Self {
            valid_until: AtomicI64::new(i64::MIN),
            ttl,
        }
    }

    /// How long each renewal lasts.
    pub(super) fn ttl(&self) -> Millis {
        self.ttl
    }

    /// Whether it is held at a moment of monotonic time.
    #[must_use]
    pub fn is_valid(&self, now: Millis) -> bool {
        now.0 < self.valid_until.load(Ordering::Acquire)
    }

    /// Notes that a renewal that was asked for at this moment has succeeded.
    pub(super) fn renewed(&self, asked_at: Millis) {
        self.valid_until
            .store(asked_at.0.saturating_add(self.ttl.0), Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_counts_from_the_moment_it_was_asked_for() {
        let lease = Lease::new(Millis(4000));
        assert!(!lease.is_valid(Millis(0)), "it was never had");

        lease.renewed(Millis(1000));

        assert!(lease.is_valid(Millis(4999)));
        assert!(!lease.is_valid(Millis(5000)));
    }
}
