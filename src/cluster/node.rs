//! Runs the node's lease: takes it at the start, renews it until the end.

use std::sync::Arc;

use crate::clock::Clock;
use crate::domain::Millis;
use crate::store::{Error, Journal};

use super::lease::Lease;

/// Renews the lease once.
///
/// # Errors
/// The journal's error; the lease stands until it runs out.
pub async fn renew_lease(
    lease: &Lease,
    journal: &dyn Journal,
    clock: &dyn Clock,
) -> Result<(), Error> {
    let asked_at = clock.monotonic();
    journal.renew_lease(lease.ttl()).await?;
    lease.renewed(asked_at);
    Ok(())
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
        if let Err(error) = renew_lease(&lease, &*journal, &*clock).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "failed to renew the node's lease"
            );
        }
    }
}
