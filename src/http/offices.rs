//! Offices.

use axum::Json as Body;
use axum::extract::State;
use axum::response::Response;

use super::docs::{BadBody, BadQuery, Failures, Forbidden, Missing, Unauthorized};
use super::extract::{Creation, Id, Query};
use super::page::{ListQuery, Page};
use super::principal::{ChangeSetup, Permitted, ReadSetup};
use super::{ApiError, AppState, reply};
use crate::domain::OfficeId;
use crate::engine::{Command, SetupCommand};
use crate::protocol::request::CreateOffice;
use crate::protocol::{Audience, wire};

/// Lists the offices.
#[utoipa::path(
    get, path = "/v1/offices", operation_id = "list_offices", tag = "setup", security(("agent" = [])),
    params(ListQuery),
    responses((status = 200, description = "A page", body = Page<wire::Office>), Unauthorized, BadQuery, Failures)
)]
pub(super) async fn list_offices(
    State(app): State<AppState>,
    agent: Permitted<ReadSetup>,
    Query(query): Query<ListQuery>,
) -> Result<Body<Page<wire::Office>>, ApiError> {
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    let rows = tx
        .list_offices(query.after(OfficeId), query.limit.and_one_more())
        .await?;
    Ok(Body(Page::new(
        rows,
        query.limit,
        |row| row.office.id.0,
        |row| row.into(),
    )))
}

/// Adds an office.
#[utoipa::path(
    post, path = "/v1/offices", operation_id = "create_office", tag = "setup", security(("agent" = [])),
    params(super::docs::IdempotencyKey),
    request_body = CreateOffice,
    responses(
        (status = 201, description = "The new office", body = wire::Office,
            headers(("Location" = String, description = "Where it is found"))),
        (status = 409, description = "`limit_reached`, `idempotency_mismatch`",
            body = super::docs::ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Forbidden, BadBody, Failures
    )
)]
pub(super) async fn create_office(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    request: Creation<CreateOffice>,
) -> Result<Response, ApiError> {
    let (request, once) = request.split(|| agent.name());
    let now = app.now();
    let office = request.into_office(OfficeId(app.random.uuid_v7(now)), now);
    let command = SetupCommand::CreateOffice(Box::new(office));
    let command = Command::Setup {
        by: Some(agent.agent_id),
        command,
    };
    let answer = app.call(agent.tenant_id, command, once).await?;
    Ok(reply::created(answer, Audience::Agent, "/v1/offices"))
}

/// Shows an office.
#[utoipa::path(
    get, path = "/v1/offices/{office_id}", operation_id = "find_office", tag = "setup",
    security(("agent" = [])), params(("office_id" = uuid::Uuid, Path)),
    responses((status = 200, description = "The office", body = wire::Office), Unauthorized, Missing, Failures)
)]
pub(super) async fn find_office(
    State(app): State<AppState>,
    agent: Permitted<ReadSetup>,
    Id(office_id): Id<OfficeId>,
) -> Result<Body<wire::Office>, ApiError> {
    let found = app
        .store
        .tenant(agent.tenant_id)
        .await?
        .find_office(office_id)
        .await?;
    found
        .map(|view| Body((&view).into()))
        .ok_or_else(ApiError::not_found)
}
