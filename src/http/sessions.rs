//! The end of an agent's sessions, with another role, a new password, or the agent itself.
//!
//! The commit of the change has revoked them, and the engine's event has closed their sockets. What is done here is for
//! what was under way meanwhile: log-ins that had read the agent as it was, and access tokens, which live on their own.

use super::{ApiError, AppState};
use crate::domain::{AgentId, Millis, SessionId, TenantId, Timestamp};
use crate::protocol::ErrorCode;
use crate::store;

/// The database may be away for a moment, but the tokens must die.
const TRIES: u8 = 3;

/// What is known of the sessions that a change has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// All but this one have.
    AllBut(Option<SessionId>),
    /// Nothing is known of the outcome: those that are revoked have.
    Unknown,
}

impl Ended {
    /// What a failure leaves open; `None` when the change was refused, and nothing has happened.
    pub(super) fn by_failure(error: &ApiError) -> Option<Self> {
        (error.problem().code == ErrorCode::Unavailable).then_some(Self::Unknown)
    }
}

/// Has access tokens of ended sessions die, and their sockets close.
pub(super) async fn end(
    app: &AppState,
    tenant_id: TenantId,
    agent_id: AgentId,
    ended: Option<Ended>,
) -> Result<(), ApiError> {
    let Some(ended) = ended else { return Ok(()) };
    let mut tried = 0;
    loop {
        match revoked(app, tenant_id, agent_id, ended).await {
            Ok(mut sessions) => {
                sessions.retain(|id| !app.hub.sessions().is_revoked(*id));
                app.hub.end_sessions(tenant_id, agent_id, sessions);
                return Ok(());
            }
            Err(error) => {
                tried += 1;
                if tried == TRIES {
                    tracing::error!(
                        tenant.id = %tenant_id, agent.id = %agent_id,
                        error = &error as &dyn std::error::Error,
                        "access tokens of ended sessions live until they expire"
                    );
                    return Err(error.into());
                }
            }
        }
    }
}

/// The sessions that have ended and whose access tokens may still be going about.
async fn revoked(
    app: &AppState,
    tenant_id: TenantId,
    agent_id: AgentId,
    ended: Ended,
) -> Result<Vec<SessionId>, store::Error> {
    let now = app.now();
    let life = i64::try_from(app.config.auth.access_token_s).unwrap_or(i64::MAX);
    let since = Timestamp(now.0.saturating_sub(Millis::from_secs(life).0));
    let mut tx = app.store.tenant(tenant_id).await?;
    if let Ended::AllBut(kept) = ended {
        // Whoever logged in with what was before had its session written after the change was made.
        tx.revoke_sessions_of(agent_id, kept, now).await?;
    }
    let sessions = tx.list_revoked_sessions_of(agent_id, since).await?;
    tx.commit().await?;
    Ok(sessions)
}
