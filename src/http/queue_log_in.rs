//! Logging in to queues and out of them: one's own log-ins and those of others.
//!
//! Whether this supervisor may change that agent's is the engine's to say, because it knows their offices (PRES-5).

use axum::extract::State;
use axum::response::Response;

use super::docs::{BadBody, Failures, Forbidden, Missing, Unauthorized};
use super::extract::{Id, Ids, Json};
use super::principal::{AgentPrincipal, ChangeOthersPresence, OwnPresence, Permitted};
use super::{ApiError, AppState, reply};
use crate::domain::{AgentId, QueueId};
use crate::engine::{Command, PresenceCommand, Refusal};
use crate::protocol::request::Nothing;
use crate::protocol::{Audience, wire};
use crate::realtime::CallError;

/// Has an agent logged in or out. An agent or queue of the path that is unknown is 404.
async fn change(
    app: &AppState,
    by: &AgentPrincipal,
    agent_id: AgentId,
    command: PresenceCommand,
) -> Result<Response, ApiError> {
    let command = Command::Presence {
        agent_id,
        by: Some(by.agent_id),
        command,
    };
    match app.call(by.tenant_id, command, None).await {
        Ok(answer) => Ok(reply::ok(answer, Audience::Agent)),
        Err(CallError::Refused(Refusal::UnknownAgent | Refusal::UnknownQueue)) => {
            Err(ApiError::not_found())
        }
        Err(error) => Err(error.into()),
    }
}

/// Has the chats of a queue offered to the agent that calls again.
#[utoipa::path(
    post, path = "/v1/me/queues/{queue_id}/login", operation_id = "log_in_to_my_queue", tag = "presence",
    security(("agent" = [])), params(("queue_id" = uuid::Uuid, Path)), request_body = Nothing,
    responses(
        (status = 200, description = "The log-in as it is now", body = wire::QueueLogIn),
        (status = 409, description = "`not_a_member`", body = super::docs::ProblemBody,
            content_type = "application/problem+json"),
        Unauthorized, Missing, BadBody, Failures
    )
)]
pub(super) async fn log_in_to_my_queue(
    State(app): State<AppState>,
    agent: Permitted<OwnPresence>,
    Id(queue_id): Id<QueueId>,
    Json(Nothing {}): Json<Nothing>,
) -> Result<Response, ApiError> {
    let command = PresenceCommand::LogInQueue(queue_id);
    change(&app, &agent, agent.agent_id, command).await
}

/// Has no more chats of a queue offered to the agent that calls. It stays a member and may pick them; what rings is
/// withdrawn.
#[utoipa::path(
    post, path = "/v1/me/queues/{queue_id}/logout", operation_id = "log_out_of_my_queue", tag = "presence",
    security(("agent" = [])), params(("queue_id" = uuid::Uuid, Path)), request_body = Nothing,
    responses(
        (status = 200, description = "The log-in as it is now", body = wire::QueueLogIn),
        (status = 409, description = "`not_a_member`", body = super::docs::ProblemBody,
            content_type = "application/problem+json"),
        Unauthorized, Missing, BadBody, Failures
    )
)]
pub(super) async fn log_out_of_my_queue(
    State(app): State<AppState>,
    agent: Permitted<OwnPresence>,
    Id(queue_id): Id<QueueId>,
    Json(Nothing {}): Json<Nothing>,
) -> Result<Response, ApiError> {
    let command = PresenceCommand::LogOutQueue(queue_id);
    change(&app, &agent, agent.agent_id, command).await
}

/// Has the chats of a queue offered to an agent again.
#[utoipa::path(
    post, path = "/v1/agents/{agent_id}/queues/{queue_id}/login", operation_id = "log_in_to_queue",
    tag = "presence", security(("agent" = [])),
    params(("agent_id" = uuid::Uuid, Path), ("queue_id" = uuid::Uuid, Path)), request_body = Nothing,
    responses(
        (status = 200, description = "The log-in as it is now", body = wire::QueueLogIn),
        (status = 409, description = "`not_a_member`", body = super::docs::ProblemBody,
            content_type = "application/problem+json"),
        Unauthorized, Forbidden, Missing, BadBody, Failures
    )
)]
pub(super) async fn log_in_to_queue(
    State(app): State<AppState>,
    agent: Permitted<ChangeOthersPresence>,
    Ids(agent_id, queue_id): Ids<AgentId, QueueId>,
    Json(Nothing {}): Json<Nothing>,
) -> Result<Response, ApiError> {
    let command = PresenceCommand::LogInQueue(queue_id);
    change(&app, &agent, agent_id, command).await
}

/// Has no more chats of a queue offered to an agent.
#[utoipa::path(
    post, path = "/v1/agents/{agent_id}/queues/{queue_id}/logout", operation_id = "log_out_of_queue",
    tag = "presence", security(("agent" = [])),
    params(("agent_id" = uuid::Uuid, Path), ("queue_id" = uuid::Uuid, Path)), request_body = Nothing,
    responses(
        (status = 200, description = "The log-in as it is now", body = wire::QueueLogIn),
        (status = 409, description = "`not_a_member`", body = super::docs::ProblemBody,
            content_type = "application/problem+json"),
        Unauthorized, Forbidden, Missing, BadBody, Failures
    )
)]
pub(super) async fn log_out_of_queue(
    State(app): State<AppState>,
    agent: Permitted<ChangeOthersPresence>,
    Ids(agent_id, queue_id): Ids<AgentId, QueueId>,
    Json(Nothing {}): Json<Nothing>,
) -> Result<Response, ApiError> {
    let command = PresenceCommand::LogOutQueue(queue_id);
    change(&app, &agent, agent_id, command).await
}
