//! What is kept for a time only, and its removal.
//!
//! Owns that nothing is removed in one piece: a statement over an unknown number of rows holds its locks, and the
//! oldest snapshot, for an unknown time. The caller repeats a portion until it comes back incomplete.

use crate::domain::Timestamp;

use super::time::to_db;
use super::{Error, SystemTx};

/// The rows that are removed together: 20 ms of keys or tokens, 130 ms of sessions, measured with 20,000 of each.
const PORTION: i64 = 5000;

/// What becomes outdated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outdated {
    /// The answers to tenants' idempotency keys, by when they were given.
    Answers,
    /// Those to the platform operator's.
    PlatformAnswers,
    /// Used refresh tokens, by when they were used. One that comes again after that is unknown, not reused.
    UsedTokens,
    /// Sessions with their tokens, by when they expired or were revoked. To be removed after the used tokens, so that
    /// each has only its last one.
    Sessions,
}

/// Whether more may be left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Portion {
    /// As many as a portion has, so there may be more.
    Full,
    /// The last ones.
    Last,
}

impl SystemTx {
    /// Removes a portion of what became outdated before `at`, of all tenants.
    ///
    /// # Errors
    /// As every write: `Unavailable`, `Query`.
    pub async fn remove_outdated(
        &mut self,
        what: Outdated,
        at: Timestamp,
    ) -> Result<Portion, Error> {
        let removed = match what {
            Outdated::Answers => self.remove_answers(at).await?,
            Outdated::PlatformAnswers => self.remove_platform_answers(at).await?,
            Outdated::UsedTokens => self.remove_used_tokens(at).await?,
            Outdated::Sessions => self.remove_sessions(at).await?,
        };
        Ok(if removed < PORTION.unsigned_abs() {
            Portion::Last
        } else {
            Portion::Full
        })
    }

    /// The age is asked for twice: a key that is used again meanwhile has a new answer.
    async fn remove_answers(&mut self, at: Timestamp) -> Result<u64, Error> {
        let done = sqlx::query!(
            "delete from idempotency_keys
             where created_at < $1 and (tenant_id, principal, key) in
                 (select tenant_id, principal, key from idempotency_keys
                  where created_at < $1 order by created_at limit $2)",
            to_db(at),
            PORTION,
        )
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected())
    }

    async fn remove_platform_answers(&mut self, at: Timestamp) -> Result<u64, Error> {
        let done = sqlx::query!(
            "delete from platform_idempotency_keys where key in
                 (select key from platform_idempotency_keys where created_at < $1 limit $2)",
            to_db(at),
            PORTION,
        )
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected())
    }

    async fn remove_used_tokens(&mut self, at: Timestamp) -> Result<u64, Error> {
        let done = sqlx::query!(
            "delete from refresh_tokens
             where (tenant_id, session_id, token_hash) in
                 (select tenant_id, session_id, token_hash from refresh_tokens
                  where used_at < $1 order by used_at limit $2)",
            to_db(at),
            PORTION,
        )
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected())
    }

    /// Counts sessions. The foreign key is checked when the whole statement is done, so their tokens may go with them.
    async fn remove_sessions(&mut self, at: Timestamp) -> Result<u64, Error> {
        let done = sqlx::query!(
            "with old as (
                 select tenant_id, session_id from sessions
                 where expires_at < $1 or revoked_at < $1
                 limit $2
             ),
             tokens as (
                 delete from refresh_tokens t using old
                 where t.tenant_id = old.tenant_id and t.session_id = old.session_id
             )
             delete from sessions s using old
             where s.tenant_id = old.tenant_id and s.session_id = old.session_id",
            to_db(at),
            PORTION,
        )
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected())
    }
}
