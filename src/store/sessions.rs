//! Log-ins and their refresh tokens. Tokens are stored as hashes only.

use uuid::Uuid;

use crate::domain::{AgentId, SessionId, Timestamp};

use super::row::RowOf;
use super::time::to_db;
use super::{Error, SystemTx, TenantTx};

/// A log-in that has just gone well.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Its id.
    pub id: SessionId,
    /// Who logged in.
    pub agent_id: AgentId,
    /// The SHA-256 of its first refresh token.
    pub token_hash: [u8; 32],
    /// When.
    pub at: Timestamp,
    /// When it ends unless it is refreshed.
    pub expires_at: Timestamp,
}

/// What came of a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refreshed {
    /// It was good; the next one stands in its place.
    Renewed(AgentId),
    /// It had been used before, so somebody has a copy: the session of this agent is revoked now.
    Reused(AgentId),
    /// There is no such token, or its session is revoked or has expired.
    Unknown,
}

struct TokenRow {
    agent_id: Uuid,
    is_used: bool,
}

impl TenantTx {
    /// Writes a session with its first refresh token.
    ///
    /// # Errors
    /// As every write: `Unavailable`, `Query`, `Conflict`.
    pub async fn insert_session(&mut self, new: &NewSession) -> Result<(), Error> {
        let tenant_id = self.tenant();
        let done = sqlx::query!(
            "insert into sessions (tenant_id, session_id, agent_id, created_at, expires_at)
             values ($1, $2, $3, $4, $5)",
            tenant_id,
            new.id.0,
            new.agent_id.0,
            to_db(new.at),
            to_db(new.expires_at),
        )
        .execute(self.connection())
        .await?;
        RowOf("sessions", new.id).written("session_id", &done)?;
        self.insert_refresh_token(new.id, &new.token_hash, new.at)
            .await
    }

    /// Uses a refresh token up and puts `new_hash` in its place; the session then lasts until `expires_at`.
    /// Whatever the outcome, the transaction is to be committed: `Reused` has revoked the session.
    ///
    /// # Errors
    /// As every write: `Unavailable`, `Query`, `Conflict`.
    pub async fn rotate_refresh_token(
        &mut self,
        session: SessionId,
        old_hash: &[u8; 32],
        new_hash: &[u8; 32],
        at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Refreshed, Error> {
        let Some(token) = self.lock_refresh_token(session, old_hash, at).await? else {
            return Ok(Refreshed::Unknown);
        };
        if token.is_used {
            self.revoke_session(session, at).await?;
            return Ok(Refreshed::Reused(AgentId(token.agent_id)));
        }
        self.use_refresh_token(session, old_hash, at).await?;
        self.insert_refresh_token(session, new_hash, at).await?;
        self.extend_session(session, expires_at).await?;
        Ok(Refreshed::Renewed(AgentId(token.agent_id)))
    }

    /// Ends a session. `None` when there is none or it was revoked before.
    ///
    /// # Errors
    /// As every write: `Unavailable`, `Query`.
    pub async fn revoke_session(
        &mut self,
        session: SessionId,
        at: Timestamp,
    ) -> Result<Option<AgentId>, Error> {
        let tenant_id = self.tenant();
        let agent_id = sqlx::query_scalar!(
            "update sessions set revoked_at = $3
             where tenant_id = $1 and session_id = $2 and revoked_at is null
             returning agent_id",
            tenant_id,
            session.0,
            to_db(at),
        )
        .fetch_optional(self.connection())
        .await?;
        Ok(agent_id.map(AgentId))
    }

    /// Ends all sessions of an agent but one.
    ///
    /// # Errors
    /// As every write: `Unavailable`, `Query`.
    pub async fn revoke_sessions_of(
        &mut self,
        agent_id: AgentId,
        kept: Option<SessionId>,
        at: Timestamp,
    ) -> Result<(), Error> {
        let tenant_id = self.tenant();
        sqlx::query!(
            "update sessions set revoked_at = $4
             where tenant_id = $1 and agent_id = $2 and revoked_at is null
                 and ($3::uuid is null or session_id <> $3)",
            tenant_id,
            agent_id.0,
            kept.map(|id| id.0) as Option<Uuid>,
            to_db(at),
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Lists the sessions of an agent that were revoked at `since` or later.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`.
    pub async fn list_revoked_sessions_of(
        &mut self,
        agent_id: AgentId,
        since: Timestamp,
    ) -> Result<Vec<SessionId>, Error> {
        let tenant_id = self.tenant();
        let ids = sqlx::query_scalar!(
            "select session_id from sessions
             where tenant_id = $1 and agent_id = $2 and revoked_at >= $3",
            tenant_id,
            agent_id.0,
            to_db(since),
        )
        .fetch_all(self.connection())
        .await?;
        Ok(ids.into_iter().map(SessionId).collect())
    }

    /// Finds the token of a live session. Both rows stay locked: of two callers with one token the second finds it
    /// used.
    async fn lock_refresh_token(
        &mut self,
        session: SessionId,
        hash: &[u8; 32],
        at: Timestamp,
    ) -> Result<Option<TokenRow>, Error> {
        let tenant_id = self.tenant();
        let row = sqlx::query_as!(
            TokenRow,
            r#"select s.agent_id, t.used_at is not null as "is_used!"
             from refresh_tokens t
             join sessions s on s.tenant_id = t.tenant_id and s.session_id = t.session_id
             where t.tenant_id = $1 and t.session_id = $2 and t.token_hash = $3
                 and s.revoked_at is null and s.expires_at > $4
             for update"#,
            tenant_id,
            session.0,
            &hash[..],
            to_db(at),
        )
        .fetch_optional(self.connection())
        .await?;
        Ok(row)
    }

    async fn use_refresh_token(
        &mut self,
        session: SessionId,
        hash: &[u8; 32],
        at: Timestamp,
    ) -> Result<(), Error> {
        let tenant_id = self.tenant();
        let done = sqlx::query!(
            "update refresh_tokens set used_at = $4
             where tenant_id = $1 and session_id = $2 and token_hash = $3 and used_at is null",
            tenant_id,
            session.0,
            &hash[..],
            to_db(at),
        )
        .execute(self.connection())
        .await?;
        RowOf("refresh_tokens", session).written("used_at", &done)
    }

    async fn insert_refresh_token(
        &mut self,
        session: SessionId,
        hash: &[u8; 32],
        at: Timestamp,
    ) -> Result<(), Error> {
        let tenant_id = self.tenant();
        let done = sqlx::query!(
            "insert into refresh_tokens (tenant_id, session_id, token_hash, issued_at)
             values ($1, $2, $3, $4)",
            tenant_id,
            session.0,
            &hash[..],
            to_db(at),
        )
        .execute(self.connection())
        .await?;
        RowOf("refresh_tokens", session).written("token_hash", &done)
    }

    async fn extend_session(
        &mut self,
        session: SessionId,
        expires_at: Timestamp,
    ) -> Result<(), Error> {
        let tenant_id = self.tenant();
        let done = sqlx::query!(
            "update sessions set expires_at = $3 where tenant_id = $1 and session_id = $2",
            tenant_id,
            session.0,
            to_db(expires_at),
        )
        .execute(self.connection())
        .await?;
        RowOf("sessions", session).written("expires_at", &done)
    }
}

impl SystemTx {
    /// Lists the sessions that were revoked at `at` or later: the ones whose access tokens may still be going
    /// about.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`.
    pub async fn list_revoked_sessions_since(
        &mut self,
        at: Timestamp,
    ) -> Result<Vec<SessionId>, Error> {
        let ids = sqlx::query_scalar!(
            "select session_id from sessions where revoked_at >= $1 order by revoked_at",
            to_db(at),
        )
        .fetch_all(self.connection())
        .await?;
        Ok(ids.into_iter().map(SessionId).collect())
    }
}
