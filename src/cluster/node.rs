//! Runs the node's lease: takes it at the start, renews it until the end.

use std::sync::Arc;
use std::time::Duration;

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
    // A connection that hangs must not outlast the lease: the next attempt takes another one.
    let half = Duration::from_millis(u64::try_from(lease.ttl().0 / 2).unwrap_or_default());
    match tokio::time::timeout(half, journal.renew_lease(lease.ttl())).await {
        Ok(renewed) => renewed?,
        Err(_) => return Err(Error::TimedOut),
    }
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
        clock.sleep(every).await;
        if let Err(error) = renew_lease(&lease, &*journal, &*clock).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "failed to renew the node's lease"
            );
        }
    }
}
