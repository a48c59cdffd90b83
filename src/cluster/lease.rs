//! The node's lease: one row for the node, renewed each second, for four seconds by the database's clock.
//!
//! The node counts its own time from before each renewal, by a clock that never jumps, so it stops
//! acknowledging before anybody else may take over.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::clock::Clock;
use crate::domain::Millis;
use crate::store::Journal;

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

    /// Whether it is held at a moment of monotonic time.
    #[must_use]
    pub fn is_valid(&self, now: Millis) -> bool {
        now.0 < self.valid_until.load(Ordering::Acquire)
    }

    fn renewed(&self, asked_at: Millis) {
        self.valid_until
            .store(asked_at.0.saturating_add(self.ttl.0), Ordering::Release);
    }

    /// Renews once.
    ///
    /// # Errors
    /// The journal's error; the lease stands until it runs out.
    pub async fn renew(
        &self,
        journal: &dyn Journal,
        clock: &dyn Clock,
    ) -> Result<(), crate::store::Error> {
        let asked_at = clock.monotonic();
        journal.renew_lease(self.ttl).await?;
        self.renewed(asked_at);
        Ok(())
    }
}

/// Renews the lease until it is dropped.
pub async fn keep_lease(
    lease: Arc<Lease>,
    journal: Arc<dyn Journal>,
    clock: Arc<dyn Clock>,
    every: Millis,
) {
    loop {
        clock.sleep_until(clock.now() + every).await;
        if let Err(error) = lease.renew(&*journal, &*clock).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "failed to renew the node's lease"
            );
        }
    }
}
