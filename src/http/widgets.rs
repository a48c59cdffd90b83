//! Widgets, as admins set them up.

use axum::Json as Body;
use axum::extract::State;
use axum::response::Response;

use super::docs::{BadBody, BadQuery, Failures, Forbidden, Missing, Unauthorized};
use super::extract::{Creation, Id, Query};
use super::page::{ListQuery, Page};
use super::principal::{ChangeSetup, Permitted, ReadSetup};
use super::{ApiError, AppState, reply};
use crate::domain::{TenantId, WidgetId, WidgetKey};
use crate::engine::{Command, Refusal, SetupCommand};
use crate::protocol::request::CreateWidget;
use crate::protocol::{Audience, Problem, wire};
use crate::random::Random;
use crate::realtime::CallError;

/// Lists the widgets.
#[utoipa::path(
    get, path = "/v1/widgets", operation_id = "list_widgets", tag = "setup", security(("agent" = [])),
    params(ListQuery),
    responses((status = 200, description = "A page", body = Page<wire::Widget>), Unauthorized, BadQuery, Failures)
)]
pub(super) async fn list_widgets(
    State(app): State<AppState>,
    agent: Permitted<ReadSetup>,
    Query(query): Query<ListQuery>,
) -> Result<Body<Page<wire::Widget>>, ApiError> {
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    let rows = tx
        .list_widgets(query.after(WidgetId), query.limit.and_one_more())
        .await?;
    Ok(Body(Page::new(
        rows,
        query.limit,
        |row| row.id.0,
        |row| row.into(),
    )))
}

/// Makes a widget's key: it names the tenant, and nobody comes upon it by counting.
#[must_use]
pub fn new_widget_key(tenant_id: TenantId, random: &Random) -> WidgetKey {
    WidgetKey::from_trusted(format!("wk_{}_{}", tenant_id.0.simple(), random.hex(16)))
}

/// Adds a widget.
#[utoipa::path(
    post, path = "/v1/widgets", operation_id = "create_widget", tag = "setup", security(("agent" = [])),
    params(super::docs::IdempotencyKey),
    request_body = CreateWidget,
    responses(
        (status = 201, description = "The new widget", body = wire::Widget,
            headers(("Location" = String, description = "Where it is found"))),
        (status = 409, description = "`limit_reached`, `idempotency_mismatch`",
            body = super::docs::ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Forbidden, BadBody, Failures
    )
)]
pub(super) async fn create_widget(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    request: Creation<CreateWidget>,
) -> Result<Response, ApiError> {
    let (request, once) = request.split(|| agent.name());
    let now = app.now();
    let key = new_widget_key(agent.tenant_id, &app.random);
    let widget = request.into_widget(WidgetId(app.random.uuid_v7(now)), key, now);
    let command = SetupCommand::CreateWidget(widget);
    let command = Command::Setup {
        by: Some(agent.agent_id),
        command,
    };
    let answer = app
        .call(agent.tenant_id, command, once)
        .await
        .map_err(|error| match error {
            // Here the offices stand in a list.
            CallError::Refused(Refusal::UnknownOffice) => {
                Problem::unknown_id("/office_ids", "one of them is no office of the tenant").into()
            }
            error => ApiError::from(error),
        })?;
    Ok(reply::created(answer, Audience::Agent, "/v1/widgets"))
}

/// Shows a widget.
#[utoipa::path(
    get, path = "/v1/widgets/{widget_id}", operation_id = "find_widget", tag = "setup",
    security(("agent" = [])), params(("widget_id" = uuid::Uuid, Path)),
    responses((status = 200, description = "The widget", body = wire::Widget), Unauthorized, Missing, Failures)
)]
pub(super) async fn find_widget(
    State(app): State<AppState>,
    agent: Permitted<ReadSetup>,
    Id(widget_id): Id<WidgetId>,
) -> Result<Body<wire::Widget>, ApiError> {
    let found = app
        .store
        .tenant(agent.tenant_id)
        .await?
        .find_widget(widget_id)
        .await?;
    found
        .map(|widget| Body((&widget).into()))
        .ok_or_else(ApiError::not_found)
}
