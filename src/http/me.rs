//! The agent that calls. Its presence is in `presence.rs`, with that of others.

use axum::Json as Body;
use axum::extract::State;

use super::docs::{Failures, Missing, Unauthorized};
use super::principal::{OwnPresence, Permitted};
use super::{ApiError, AppState};
use crate::protocol::wire;

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
