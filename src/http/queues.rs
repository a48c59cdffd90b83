//! Queues and who is in them.

use axum::Json as Body;
use axum::extract::State;
use axum::response::Response;

use super::docs::{BadBody, BadQuery, Failures, Forbidden, Missing, Unauthorized};
use super::extract::{Creation, Id, Json, Query};
use super::page::{ListQuery, Page};
use super::principal::{ChangeSetup, Permitted, ReadSetup};
use super::{ApiError, AppState, reply};
use crate::domain::QueueId;
use crate::engine::{Command, Refusal, SetupCommand};
use crate::protocol::request::{CreateQueue, SetMembers};
use crate::protocol::{Audience, wire};
use crate::realtime::CallError;

/// Lists the queues.
#[utoipa::path(
    get, path = "/v1/queues", operation_id = "list_queues", tag = "setup", security(("agent" = [])),
    params(ListQuery),
    responses((status = 200, description = "A page", body = Page<wire::Queue>), Unauthorized, BadQuery, Failures)
)]
pub(super) async fn list_queues(
    State(app): State<AppState>,
    agent: Permitted<ReadSetup>,
    Query(query): Query<ListQuery>,
) -> Result<Body<Page<wire::Queue>>, ApiError> {
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    let rows = tx
        .list_queues(query.after(QueueId), query.limit.and_one_more())
        .await?;
    Ok(Body(Page::new(
        rows,
        query.limit,
        |row| row.queue.id.0,
        |row| row.into(),
    )))
}

/// Adds a queue.
#[utoipa::path(
    post, path = "/v1/queues", operation_id = "create_queue", tag = "setup", security(("agent" = [])),
    params(super::docs::IdempotencyKey),
    request_body = CreateQueue,
    responses(
        (status = 201, description = "The new queue", body = wire::Queue,
            headers(("Location" = String, description = "Where it is found"))),
        (status = 409, description = "`limit_reached`, `idempotency_mismatch`",
            body = super::docs::ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Forbidden, BadBody, Failures
    )
)]
pub(super) async fn create_queue(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    request: Creation<CreateQueue>,
) -> Result<Response, ApiError> {
    let (request, once) = request.split(|| agent.name());
    let now = app.now();
    let (queue, members) = request.into_queue(QueueId(app.random.uuid_v7(now)), now);
    let command = SetupCommand::CreateQueue(queue, members);
    let command = Command::Setup {
        by: Some(agent.agent_id),
        command,
    };
    let answer = app.call(agent.tenant_id, command, once).await?;
    Ok(reply::created(answer, Audience::Agent, "/v1/queues"))
}

/// Shows a queue.
#[utoipa::path(
    get, path = "/v1/queues/{queue_id}", operation_id = "find_queue", tag = "setup",
    security(("agent" = [])), params(("queue_id" = uuid::Uuid, Path)),
    responses((status = 200, description = "The queue", body = wire::Queue), Unauthorized, Missing, Failures)
)]
pub(super) async fn find_queue(
    State(app): State<AppState>,
    agent: Permitted<ReadSetup>,
    Id(queue_id): Id<QueueId>,
) -> Result<Body<wire::Queue>, ApiError> {
    let found = app
        .store
        .tenant(agent.tenant_id)
        .await?
        .find_queue(queue_id)
        .await?;
    found
        .map(|view| Body((&view).into()))
        .ok_or_else(ApiError::not_found)
}

/// Says who is in a queue.
#[utoipa::path(
    put, path = "/v1/queues/{queue_id}/members", operation_id = "set_queue_members", tag = "setup",
    security(("agent" = [])), params(("queue_id" = uuid::Uuid, Path)),
    request_body = SetMembers,
    responses(
        (status = 200, description = "The queue as it is now", body = wire::Queue),
        Unauthorized, Forbidden, Missing, BadBody, Failures
    )
)]
pub(super) async fn set_queue_members(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    Id(queue_id): Id<QueueId>,
    Json(request): Json<SetMembers>,
) -> Result<Response, ApiError> {
    let members = request.member_ids.0.into_iter().collect();
    let command = SetupCommand::SetMembers(queue_id, members);
    let command = Command::Setup {
        by: Some(agent.agent_id),
        command,
    };
    let answer = app
        .call(agent.tenant_id, command, None)
        .await
        .map_err(|error| match error {
            // Here the queue stands in the path.
            CallError::Refused(Refusal::UnknownQueue) => ApiError::not_found(),
            error => error.into(),
        })?;
    Ok(reply::ok(answer, Audience::Agent))
}
