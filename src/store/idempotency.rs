//! The answers that are given again to the same `Idempotency-Key`. A tenant's are written by the
//! journal, in the commit of the effect; the platform operator's are written here.

use crate::domain::Timestamp;

use super::row::RowOf;
use super::time::to_db;
use super::{Error, SystemTx, TenantTx};

/// An answer, and the body that it was given to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyRecord {
    /// The SHA-256 of the request's body.
    pub body_hash: [u8; 32],
    /// What was answered.
    pub answer: serde_json::Value,
}

/// What is known of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remembered {
    /// Nothing.
    Unknown,
    /// It came with this body, and this was the answer.
    Same(serde_json::Value),
    /// It came with another body.
    Mismatch,
}

struct AnswerRow {
    body_hash: Vec<u8>,
    answer: serde_json::Value,
}

impl TenantTx {
    /// Finds what was answered to a principal's key at `not_before` or later.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`.
    pub async fn find_answer(
        &mut self,
        principal: &str,
        key: &str,
        body_hash: &[u8; 32],
        not_before: Timestamp,
    ) -> Result<Remembered, Error> {
        let tenant_id = self.tenant();
        let row = sqlx::query_as!(
            AnswerRow,
            "select body_hash, answer
             from idempotency_keys
             where tenant_id = $1 and principal = $2 and key = $3 and created_at >= $4",
            tenant_id,
            principal,
            key,
            to_db(not_before),
        )
        .fetch_optional(self.connection())
        .await?;
        Ok(match row {
            None => Remembered::Unknown,
            Some(row) if row.body_hash == body_hash => Remembered::Same(row.answer),
            Some(_) => Remembered::Mismatch,
        })
    }
}

impl SystemTx {
    /// Finds what was answered to a key of the platform operator.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn find_platform_answer(
        &mut self,
        key: &str,
    ) -> Result<Option<IdempotencyRecord>, Error> {
        let row = sqlx::query_as!(
            AnswerRow,
            "select body_hash, answer from platform_idempotency_keys where key = $1",
            key,
        )
        .fetch_optional(self.connection())
        .await?;
        let of = RowOf("platform_idempotency_keys", key);
        row.map(|row| {
            let body_hash = of.number("body_hash", row.body_hash)?;
            Ok(IdempotencyRecord {
                body_hash,
                answer: row.answer,
            })
        })
        .transpose()
    }

    /// Keeps the answer to a key of the platform operator.
    ///
    /// # Errors
    /// `Conflict(IdempotencyKey)` when the key was used in the meantime; else as every write.
    pub async fn insert_platform_answer(
        &mut self,
        key: &str,
        record: &IdempotencyRecord,
        at: Timestamp,
    ) -> Result<(), Error> {
        let done = sqlx::query!(
            "insert into platform_idempotency_keys (key, body_hash, answer, created_at)
             values ($1, $2, $3, $4)",
            key,
            &record.body_hash[..],
            &record.answer,
            to_db(at),
        )
        .execute(self.connection())
        .await?;
        RowOf("platform_idempotency_keys", key).written("key", &done)
    }
}
