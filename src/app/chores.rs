//! Work that comes again: partitions ahead of time, what is outdated, the metrics' upkeep.
//!
//! Owns when it comes. What is removed is removed in portions, and a shutdown does not wait for the rest.

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;

use crate::clock::Clock;
use crate::domain::{Millis, Timestamp, Upload};
use crate::files::FileKey;
use crate::http::AppState;
use crate::lifecycle::Tasks;
use crate::store::{Error, Outdated, Portion, make_partitions_ahead};

use super::every;
use super::node::MONTHS_AHEAD;

/// How long an idempotency key is good for.
const KEY_LIFE: Millis = Millis::from_secs(24 * 3600);
/// How long used refresh tokens and ended sessions are kept: long enough to find out what happened to an account.
const SESSION_AFTERLIFE: Millis = Millis::from_secs(30 * 24 * 3600);
const HOURLY: Millis = Millis::from_secs(3600);
/// Histograms are summed up so often; between that they hold every value.
const UPKEEP: Millis = Millis::from_secs(5);

/// Files that are removed one after the other between two looks at the database.
const FILES_AT_ONCE: i64 = 100;
/// How much older than the longest upload a draft is that nobody writes to any more.
const DRAFT_MARGIN: Duration = Duration::from_hours(1);

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
            upkeep.targeting.shrink();
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

async fn hourly(state: &AppState, owner: &PgConnectOptions, now: Timestamp) -> Result<(), Error> {
    make_partitions_ahead(owner, now, MONTHS_AHEAD).await?;
    for (what, kept) in [
        (Outdated::Answers, KEY_LIFE),
        (Outdated::PlatformAnswers, KEY_LIFE),
        (Outdated::UsedTokens, SESSION_AFTERLIFE),
        (Outdated::Sessions, SESSION_AFTERLIFE),
    ] {
        remove(state, what, Timestamp(now.0 - kept.0)).await?;
    }
    remove_files(state, now).await
}

/// Removes uploads that nobody has sent, those that a deleted message had, and drafts of uploads that were cut off. A
/// file is given up first: from then on it is unknown to everybody, and what fails here is done an hour later.
async fn remove_files(state: &AppState, now: Timestamp) -> Result<(), Error> {
    let before = Timestamp(now.0 - Upload::LIFE.0 - Upload::MARGIN.0);
    while !state.tasks.soft().is_cancelled() {
        let mut tx = state.store.system().await?;
        tx.give_up_unsent_files(before, now, FILES_AT_ONCE).await?;
        let given_up = tx.list_given_up_files(FILES_AT_ONCE).await?;
        tx.commit().await?;
        if given_up.is_empty() {
            break;
        }
        for (tenant_id, file_id) in given_up {
            if let Err(error) = state.files.remove(FileKey { tenant_id, file_id }).await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "failed to remove a file"
                );
                return Ok(());
            }
            let mut tx = state.store.system().await?;
            tx.delete_given_up_file(tenant_id, file_id).await?;
            tx.commit().await?;
        }
    }
    let longest = Duration::from_secs(state.config.files.upload_timeout_s);
    let drafts = state.files.remove_drafts_older_than(longest + DRAFT_MARGIN);
    if let Err(error) = drafts.await {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "failed to remove old drafts"
        );
    }
    Ok(())
}

/// Removes what became outdated before `at`, each portion in a transaction of its own. A shutdown does not wait for
/// the rest; the next hour of a node goes on with it.
async fn remove(state: &AppState, what: Outdated, at: Timestamp) -> Result<(), Error> {
    while !state.tasks.soft().is_cancelled() {
        let mut tx = state.store.system().await?;
        let portion = tx.remove_outdated(what, at).await?;
        tx.commit().await?;
        if portion == Portion::Last {
            break;
        }
    }
    Ok(())
}
