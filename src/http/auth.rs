//! Logging in, staying logged in, logging out.
//!
//! Owns that a wrong tenant, a wrong address and a wrong password look alike, in what is said and in how long it takes.

use axum::Json as Body;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::address::ClientAddress;
use super::docs::{BadBody, Failures, Unauthorized};
use super::extract::Json;
use super::{AgentPrincipal, ApiError, AppState};
use crate::auth::{AgentClaims, RefreshToken};
use crate::domain::{Agent, AgentId, Email, Millis, SessionId, Slug, TenantId, Timestamp};
use crate::engine::{Command, PresenceCommand};
use crate::protocol::request::{Login, Refresh};
use crate::protocol::{ErrorCode, wire};
use crate::store::{Credentials, NewSession, Refreshed};

const DAY_S: i64 = 86_400;

/// What an agent's client needs from here on.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenAnswer {
    /// For `Authorization: Bearer` and for the socket.
    access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// How long the access token lives.
    #[schema(example = 900)]
    expires_in_s: u64,
    /// Gets the next access token, once.
    refresh_token: String,
    /// Who has logged in.
    agent: wire::Agent,
}

/// Logs an agent in.
#[utoipa::path(
    post, path = "/v1/auth/login", operation_id = "log_in", tag = "log-in",
    request_body = Login,
    responses(
        (status = 200, description = "Logged in", body = TokenAnswer),
        (status = 401, description = "`bad_credentials`", body = super::docs::ProblemBody,
            content_type = "application/problem+json"),
        BadBody, Failures
    )
)]
pub(super) async fn log_in(
    State(app): State<AppState>,
    address: ClientAddress,
    Json(login): Json<Login>,
) -> Result<Body<TokenAnswer>, ApiError> {
    app.limiter.login(address.key())?;
    app.limiter.account(&login.tenant, &login.email)?;
    let found = find_credentials(&app, &login).await?;
    let hash = found
        .as_ref()
        .map(|(_, credentials)| credentials.password_hash.as_str());
    // Without an account the same work is done for nothing.
    let is_right = app.passwords.verify(&login.password, hash).await?;
    match found {
        Some((tenant_id, credentials)) if is_right => {
            open_session(&app, tenant_id, &credentials).await.map(Body)
        }
        _ => Err(bad_credentials()),
    }
}

fn bad_credentials() -> ApiError {
    ApiError::new(
        ErrorCode::BadCredentials,
        "tenant, e-mail address or password is wrong",
    )
}

/// Looks an account up. What is no slug or no address belongs to nobody, and the database, which refuses some
/// characters, never sees it.
async fn find_credentials(
    app: &AppState,
    login: &Login,
) -> Result<Option<(TenantId, Credentials)>, ApiError> {
    let (Ok(slug), Ok(email)) = (login.tenant.parse::<Slug>(), login.email.parse::<Email>()) else {
        return Ok(None);
    };
    let Some(tenant) = app.store.system().await?.find_tenant_by_slug(&slug).await? else {
        return Ok(None);
    };
    let credentials = app
        .store
        .tenant(tenant.id)
        .await?
        .find_credentials(&email)
        .await?;
    Ok(credentials.map(|credentials| (tenant.id, credentials)))
}

/// Writes the session, then looks at the agent once more: a change of its role or password ends the sessions that it
/// finds, and may not have found this one.
async fn open_session(
    app: &AppState,
    tenant_id: TenantId,
    checked: &Credentials,
) -> Result<TokenAnswer, ApiError> {
    let now = app.now();
    let session_id = SessionId(app.random.uuid_v7(now));
    let refresh_token = RefreshToken::new(tenant_id, session_id, &app.random);
    let mut tx = app.store.tenant(tenant_id).await?;
    tx.insert_session(&NewSession {
        id: session_id,
        agent_id: checked.agent.id,
        token_hash: refresh_token.hash(),
        at: now,
        expires_at: refresh_ends(app, now),
    })
    .await?;
    tx.commit().await?;
    let mut tx = app.store.tenant(tenant_id).await?;
    match tx.find_credentials(&checked.agent.email).await? {
        Some(now_so) if now_so.password_hash == checked.password_hash => {
            Ok(tokens(app, &now_so.agent, &refresh_token, now))
        }
        _ => {
            tx.revoke_session(session_id, now).await?;
            tx.commit().await?;
            Err(bad_credentials())
        }
    }
}

fn refresh_ends(app: &AppState, now: Timestamp) -> Timestamp {
    now + days(app.config.auth.refresh_token_days)
}

/// The configuration's days as a length of time; its bound is a year.
pub(super) fn days(days: u64) -> Millis {
    Millis::from_secs(i64::try_from(days).unwrap_or(365).saturating_mul(DAY_S))
}

fn tokens(
    app: &AppState,
    agent: &Agent,
    refresh_token: &RefreshToken,
    now: Timestamp,
) -> TokenAnswer {
    let expires_in_s = app.config.auth.access_token_s;
    let life = Millis::from_secs(i64::try_from(expires_in_s).unwrap_or(i64::MAX));
    let claims = AgentClaims {
        tenant_id: refresh_token.tenant_id,
        agent_id: agent.id,
        session_id: refresh_token.session_id,
        role: agent.role,
        expires_at: now + life,
    };
    TokenAnswer {
        access_token: app.tokens.issue_agent(&claims, now),
        token_type: "Bearer",
        expires_in_s,
        refresh_token: refresh_token.reveal(),
        agent: agent.into(),
    }
}

/// Gets the next access token. A refresh token works once; a second use ends the session.
#[utoipa::path(
    post, path = "/v1/auth/refresh", operation_id = "refresh", tag = "log-in",
    request_body = Refresh,
    responses(
        (status = 200, description = "New tokens", body = TokenAnswer),
        (status = 401, description = "`token_invalid`, `session_revoked`",
            body = super::docs::ProblemBody, content_type = "application/problem+json"),
        BadBody, Failures
    )
)]
pub(super) async fn refresh(
    State(app): State<AppState>,
    address: ClientAddress,
    Json(request): Json<Refresh>,
) -> Result<Body<TokenAnswer>, ApiError> {
    app.limiter.refresh(address.key())?;
    let old = RefreshToken::parse(&request.refresh_token).ok_or_else(not_a_refresh_token)?;
    app.limiter.request(old.session_id.0)?;
    let renewal = renew(app.clone(), old);
    app.finish("refresh", renewal).await.map(Body)
}

/// Puts the next token in the place of one. Runs to its end: whoever has a copy of a used token must not be able to
/// keep the session by hanging up.
async fn renew(app: AppState, old: RefreshToken) -> Result<TokenAnswer, ApiError> {
    let now = app.now();
    let new = RefreshToken::new(old.tenant_id, old.session_id, &app.random);
    let mut tx = app.store.tenant(old.tenant_id).await?;
    let ends = refresh_ends(&app, now);
    let outcome = tx
        .rotate_refresh_token(old.session_id, &old.hash(), &new.hash(), now, ends)
        .await?;
    let agent = match outcome {
        Refreshed::Renewed(agent_id) => tx.find_agent(agent_id).await?,
        Refreshed::Reused(_) | Refreshed::Unknown => None,
    };
    // Whatever came of it: a reused token has ended its session.
    tx.commit().await?;
    match outcome {
        Refreshed::Renewed(_) => {
            let agent = agent.ok_or_else(not_a_refresh_token)?;
            Ok(tokens(&app, &agent, &new, now))
        }
        Refreshed::Reused(agent_id) => {
            end_session(&app, old.tenant_id, agent_id, old.session_id).await;
            Err(ApiError::new(
                ErrorCode::SessionRevoked,
                "the refresh token was used before, so the session has ended",
            ))
        }
        Refreshed::Unknown => Err(not_a_refresh_token()),
    }
}

fn not_a_refresh_token() -> ApiError {
    ApiError::new(ErrorCode::TokenInvalid, "the refresh token is not valid")
}

/// Logs an agent out of this session.
#[utoipa::path(
    post, path = "/v1/auth/logout", operation_id = "log_out", tag = "log-in",
    security(("agent" = [])),
    responses((status = 204, description = "Logged out"), Unauthorized, Failures)
)]
pub(super) async fn log_out(
    State(app): State<AppState>,
    agent: AgentPrincipal,
) -> Result<StatusCode, ApiError> {
    let state = app.clone();
    // Clients that close their page send this and are gone.
    let end = async move {
        let mut tx = state.store.tenant(agent.tenant_id).await?;
        tx.revoke_session(agent.session_id, state.now()).await?;
        tx.commit().await?;
        end_session(&state, agent.tenant_id, agent.agent_id, agent.session_id).await;
        Ok(())
    };
    app.finish("log-out", end).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Closes the sockets of a session that the database has ended, and has its agent go offline. If the engine
/// cannot be reached, the session is over all the same, and the agent goes offline when its grace has passed.
async fn end_session(
    app: &AppState,
    tenant_id: TenantId,
    agent_id: AgentId,
    session_id: SessionId,
) {
    app.hub.sessions().revoke(session_id, app.now());
    let command = PresenceCommand::LogOut(session_id);
    if app
        .call(
            tenant_id,
            Command::Presence {
                agent_id,
                by: Some(agent_id),
                command,
            },
            None,
        )
        .await
        .is_err()
    {
        tracing::warn!(tenant.id = %tenant_id, agent.id = %agent_id, "a log-out reached no engine");
    }
}
