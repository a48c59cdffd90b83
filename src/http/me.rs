//! The agent that calls: its profile and its status.

use axum::Json as Body;
use axum::extract::State;
use axum::response::Response;

use super::docs::{BadBody, Failures, Missing, Unauthorized};
use super::extract::Json;
use super::principal::{OwnPresence, Permitted};
use super::{ApiError, AppState, reply};
use crate::engine::{Command, PresenceCommand};
use crate::protocol::request::SetPresence;
use crate::protocol::{Audience, wire};

/// The agent that calls.
#[utoipa::path(
    get, path = "/v1/me", operation_id = "find_me", tag = "me", security(("agent" = [])),
    responses((status = 200, description = "The agent", body = wire::Agent), Unauthorized, Missing, Failures)
)]
pub(super) async fn find_me(
    State(app): State<AppState>,
    agent: Permitted<OwnPresence>,
) -> Result<Body<wire::Agent>, ApiError> {
    let found = app
        .store
        .tenant(agent.tenant_id)
        .await?
        .find_agent(agent.agent_id)
        .await?;
    found
        .map(|agent| Body((&agent).into()))
        .ok_or_else(ApiError::not_found)
}

/// What the agent chose to be, and what it effectively is.
#[utoipa::path(
    get, path = "/v1/me/presence", operation_id = "find_my_presence", tag = "me", security(("agent" = [])),
    responses((status = 200, description = "The presence", body = wire::Presence), Unauthorized, Missing, Failures)
)]
pub(super) async fn find_my_presence(
    State(app): State<AppState>,
    agent: Permitted<OwnPresence>,
) -> Result<Body<wire::Presence>, ApiError> {
    let found = app
        .store
        .tenant(agent.tenant_id)
        .await?
        .find_presence(agent.agent_id)
        .await?;
    found
        .map(|view| Body((&view).into()))
        .ok_or_else(ApiError::not_found)
}

/// Sets the agent's status.
#[utoipa::path(
    put, path = "/v1/me/presence", operation_id = "set_my_presence", tag = "me", security(("agent" = [])),
    request_body = SetPresence,
    responses(
        (status = 200, description = "The presence as it is now", body = wire::Presence),
        Unauthorized, BadBody, Failures
    )
)]
pub(super) async fn set_my_presence(
    State(app): State<AppState>,
    agent: Permitted<OwnPresence>,
    Json(request): Json<SetPresence>,
) -> Result<Response, ApiError> {
    let command = PresenceCommand::SetStatus(request.status);
    let command = Command::Presence {
        agent_id: agent.agent_id,
        command,
    };
    let answer = app.call(agent.tenant_id, command, None).await?;
    Ok(reply::ok(answer, Audience::Agent))
}
