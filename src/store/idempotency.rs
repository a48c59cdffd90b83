//! The answers that are given again to the same `Idempotency-Key`, each written in the commit of its
//! effect: by the journal what an engine has made, by the app role what no engine knows, and the
//! platform operator's beside the tenant that it has founded.

use crate::domain::Timestamp;

use super::row::RowOf;
use super::time::to_db;
use super::{Constraint, Error, SystemTx, TenantTx};

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

    /// Keeps the answer to a principal's key. One from before `not_before` gives way to it.
    ///
    /// # Errors
    /// `Conflict(IdempotencyKey)` when the key was used in the meantime; else as every write.
    pub async fn insert_answer(
        &mut self,
        principal: &str,
        key: &str,
        record: &IdempotencyRecord,
        at: Timestamp,
        not_before: Timestamp,
    ) -> Result<(), Error> {
        let tenant_id = self.tenant();
        let done = sqlx::query!(
            "insert into idempotency_keys as k
                 (tenant_id, principal, key, body_hash, answer, created_at)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (tenant_id, principal, key) do update set
                 body_hash = excluded.body_hash, answer = excluded.answer,
                 created_at = excluded.created_at
                 where k.created_at < $7",
            tenant_id,
            principal,
            key,
            &record.body_hash[..],
            &record.answer,
            to_db(at),
            to_db(not_before),
        )
        .execute(self.connection())
        .await?;
        if done.rows_affected() == 1 {
            Ok(())
        } else {
            Err(Error::Conflict(Constraint::IdempotencyKey))
        }
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
