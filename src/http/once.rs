//! `Idempotency-Key` for what is made without an engine.
//!
//! Owns how the first answer is found and kept in the transaction of its effect. For what an engine makes, `realtime`
//! and the journal do the same.

use serde_json::Value;

use super::ApiError;
use super::error::idempotency_mismatch;
use crate::domain::{Millis, Timestamp};
use crate::realtime::IdempotencyKey;
use crate::store::{Error, IdempotencyRecord, Remembered, TenantTx};

/// How long a key is good for.
const KEY_LIFE: Millis = Millis::from_secs(24 * 3600);

/// The time from which on a key counts.
fn not_before(now: Timestamp) -> Timestamp {
    Timestamp(now.0 - KEY_LIFE.0)
}

/// What was answered when the key came before.
///
/// # Errors
/// `idempotency_mismatch` when it came with another body.
pub(super) async fn first_answer(
    tx: &mut TenantTx,
    once: Option<&IdempotencyKey>,
    now: Timestamp,
) -> Result<Option<Value>, ApiError> {
    let Some(once) = once else { return Ok(None) };
    let (principal, key) = (&once.principal, &once.key);
    let found = tx
        .find_answer(principal, key, &once.body_hash, not_before(now))
        .await?;
    match found {
        Remembered::Unknown => Ok(None),
        Remembered::Same(answer) => Ok(Some(answer)),
        Remembered::Mismatch => Err(idempotency_mismatch()),
    }
}

/// Keeps the answer, to be committed with what it tells of. When the key was used in the meantime, the whole
/// transaction has to go; sent again, the request finds what the key stands for.
pub(super) async fn keep_answer(
    tx: &mut TenantTx,
    once: Option<&IdempotencyKey>,
    answer: &Value,
    now: Timestamp,
) -> Result<(), Error> {
    let Some(once) = once else { return Ok(()) };
    let record = IdempotencyRecord {
        body_hash: once.body_hash,
        answer: answer.clone(),
    };
    let (principal, key) = (&once.principal, &once.key);
    tx.insert_answer(principal, key, &record, now, not_before(now))
        .await
}
