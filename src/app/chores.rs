//! Work that comes again: partitions ahead of time, old idempotency keys, the metrics' upkeep.

use std::sync::Arc;

use sqlx::postgres::PgConnectOptions;

use crate::clock::Clock;
use crate::domain::{Millis, Timestamp};
use crate::http::AppState;
use crate::lifecycle::Tasks;
use crate::store::make_partitions_ahead;

use super::every;
use super::node::MONTHS_AHEAD;

/// How long an idempotency key is good for.
const KEY_LIFE: Millis = Millis::from_secs(24 * 3600);
const HOURLY: Millis = Millis::from_secs(3600);
/// Histograms are summed up so often; between that they hold every value.
const UPKEEP: Millis = Millis::from_secs(5);

/// Starts all of it.
pub(super) fn start(
    tasks: &Tasks,
    clock: &Arc<dyn Clock>,
    state: &AppState,
    owner: PgConnectOptions,
) {
    let upkeep = state.clone();
    tasks.spawn(
        "upkeep",
        every(tasks.clone(), Arc::clone(clock), UPKEEP, move || {
            upkeep.limiter.shrink();
            if let Some(metrics) = &upkeep.metrics {
                metrics.upkeep();
            }
            std::future::ready(())
        }),
    );
    let (state, now) = (state.clone(), Arc::clone(clock));
    tasks.spawn(
        "hourly",
        every(tasks.clone(), Arc::clone(clock), HOURLY, move || {
            let (state, owner, now) = (state.clone(), owner.clone(), now.now());
            async move {
                if let Err(error) = hourly(&state, &owner, now).await {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "failed at the hourly chores"
                    );
                }
            }
        }),
    );
}

async fn hourly(
    state: &AppState,
    owner: &PgConnectOptions,
    now: Timestamp,
) -> Result<(), crate::store::Error> {
    make_partitions_ahead(owner, now, MONTHS_AHEAD).await?;
    let mut tx = state.store.system().await?;
    tx.remove_idempotency_keys_before(Timestamp(now.0 - KEY_LIFE.0))
        .await?;
    tx.commit().await
}
