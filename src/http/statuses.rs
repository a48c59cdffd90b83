//! Custom statuses (PRES-13).

use axum::Json as Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use uuid::Uuid;

use super::conditional::{IfMatch, Tagged};
use super::docs::{BadBody, BadQuery, Failures, Forbidden, Missing, Stale, Unauthorized};
use super::extract::{Creation, Id, Query};
use super::page::{ListQuery, Page};
use super::patch::MergePatch;
use super::principal::{ChangeSetup, Permitted, ReadSetup};
use super::resource::{self, Listed, Resource};
use super::{ApiError, AppState};
use crate::domain::{CustomStatus, StatusId};
use crate::engine::{Refusal, SetupCommand};
use crate::faults::Sent;
use crate::protocol::request::{CreateStatus, PatchStatus};
use crate::protocol::{Problem, wire};
use crate::store::{self, TenantTx};

impl Resource for CustomStatus {
    type Id = StatusId;
    type Wire = wire::CustomStatus;

    async fn find(tx: &mut TenantTx, id: StatusId) -> Result<Option<Self>, store::Error> {
        tx.find_status(id).await
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn shown(&self) -> wire::CustomStatus {
        self.into()
    }

    fn update(self) -> SetupCommand {
        SetupCommand::UpdateStatus(self)
    }

    fn problem(refusal: Refusal) -> Problem {
        match refusal {
            // The path names it.
            Refusal::UnknownStatus => Problem::not_found(),
            refusal => refusal.into(),
        }
    }
}

impl Listed for CustomStatus {
    const FOLDER: &'static str = "/v1/statuses";

    async fn list(
        tx: &mut TenantTx,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Self>, store::Error> {
        tx.list_statuses(after.map(StatusId), limit).await
    }

    fn id(&self) -> Uuid {
        self.id.0
    }

    fn archive(id: StatusId, version: Option<i64>) -> SetupCommand {
        SetupCommand::ArchiveStatus(id, version)
    }
}

/// Lists the custom statuses, oldest first; `sort_order` is for whoever shows them.
#[utoipa::path(
    get, path = "/v1/statuses", operation_id = "list_statuses", tag = "setup", security(("agent" = [])),
    params(ListQuery),
    responses((status = 200, description = "A page", body = Page<wire::CustomStatus>), Unauthorized, BadQuery, Failures)
)]
pub(super) async fn list_statuses(
    State(app): State<AppState>,
    agent: Permitted<ReadSetup>,
    Query(query): Query<ListQuery>,
) -> Result<Body<Page<wire::CustomStatus>>, ApiError> {
    resource::list::<CustomStatus>(&app, &agent, query).await
}

/// Adds a custom status.
#[utoipa::path(
    post, path = "/v1/statuses", operation_id = "create_status", tag = "setup", security(("agent" = [])),
    params(super::docs::IdempotencyKey),
    request_body = CreateStatus,
    responses(
        (status = 201, description = "The new status", body = wire::CustomStatus, headers(
            ("Location" = String, description = "Where it is found"),
            ("ETag" = String, description = "Its version, for `If-Match`")
        )),
        (status = 409, description = "`limit_reached` beyond 100, `idempotency_mismatch`",
            body = super::docs::ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Forbidden, BadBody, Failures
    )
)]
pub(super) async fn create_status(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    request: Creation<CreateStatus>,
) -> Result<Response, ApiError> {
    let (request, once) = request.split(|| agent.name());
    let now = app.now();
    let status = request.into_status(StatusId(app.random.uuid_v7(now)), now);
    let command = SetupCommand::CreateStatus(status);
    resource::create::<CustomStatus>(&app, &agent, once, command).await
}

/// Shows a custom status.
#[utoipa::path(
    get, path = "/v1/statuses/{status_id}", operation_id = "find_status", tag = "setup",
    security(("agent" = [])), params(("status_id" = Uuid, Path)),
    responses(
        (status = 200, description = "The status", body = wire::CustomStatus,
            headers(("ETag" = String, description = "Its version, for `If-Match`"))),
        Unauthorized, Missing, Failures
    )
)]
pub(super) async fn find_status(
    State(app): State<AppState>,
    agent: Permitted<ReadSetup>,
    Id(status_id): Id<StatusId>,
) -> Result<Tagged<wire::CustomStatus>, ApiError> {
    resource::find::<CustomStatus>(&app, &agent, status_id).await
}

/// Changes a custom status, at once for all who are in it.
#[utoipa::path(
    patch, path = "/v1/statuses/{status_id}", operation_id = "change_status", tag = "setup",
    security(("agent" = [])), params(("status_id" = Uuid, Path), super::docs::IfMatch),
    request_body(content(
        (PatchStatus = "application/merge-patch+json"), (PatchStatus = "application/json")
    )),
    responses(
        (status = 200, description = "The status as it is now", body = wire::CustomStatus,
            headers(("ETag" = String, description = "Its version, for `If-Match`"))),
        Unauthorized, Forbidden, Missing, Stale, BadBody, Failures
    )
)]
pub(super) async fn change_status(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    Id(status_id): Id<StatusId>,
    if_match: IfMatch,
    MergePatch(patch): MergePatch<PatchStatus>,
) -> Result<Response, ApiError> {
    let patch = |status: &mut CustomStatus| {
        patch.clone().apply(status);
        Sent::default()
    };
    resource::change(&app, &agent, status_id, &if_match, patch).await
}

/// Archives a custom status. Who is in it goes on in its base.
#[utoipa::path(
    delete, path = "/v1/statuses/{status_id}", operation_id = "delete_status", tag = "setup",
    security(("agent" = [])), params(("status_id" = Uuid, Path), super::docs::IfMatch),
    responses(
        (status = 204, description = "It is gone"),
        Unauthorized, Forbidden, Missing, Stale, Failures
    )
)]
pub(super) async fn delete_status(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    Id(status_id): Id<StatusId>,
    if_match: IfMatch,
) -> Result<StatusCode, ApiError> {
    resource::archive::<CustomStatus>(&app, &agent, status_id, &if_match).await
}
