//! Dispositions: the outcomes that agents say of chats (CHAT-4).

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
use crate::domain::{Disposition, DispositionId};
use crate::engine::{Refusal, SetupCommand};
use crate::faults::Sent;
use crate::protocol::request::{CreateDisposition, PatchDisposition};
use crate::protocol::{Problem, wire};
use crate::store::{self, TenantTx};

impl Resource for Disposition {
    type Id = DispositionId;
    type Wire = wire::Disposition;

    async fn find(tx: &mut TenantTx, id: DispositionId) -> Result<Option<Self>, store::Error> {
        tx.find_disposition(id).await
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn shown(&self) -> wire::Disposition {
        self.into()
    }

    fn update(self) -> SetupCommand {
        SetupCommand::UpdateDisposition(self)
    }

    fn problem(refusal: Refusal) -> Problem {
        match refusal {
            // The path names it.
            Refusal::UnknownDisposition => Problem::not_found(),
            refusal => refusal.into(),
        }
    }
}

impl Listed for Disposition {
    const FOLDER: &'static str = "/v1/dispositions";

    async fn list(
        tx: &mut TenantTx,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Self>, store::Error> {
        tx.list_dispositions(after.map(DispositionId), limit).await
    }

    fn id(&self) -> Uuid {
        self.id.0
    }

    fn archive(id: DispositionId, version: Option<i64>) -> SetupCommand {
        SetupCommand::ArchiveDisposition(id, version)
    }
}

/// Lists the dispositions, oldest first; `sort_order` is for whoever shows them.
#[utoipa::path(
    get, path = "/v1/dispositions", operation_id = "list_dispositions", tag = "setup", security(("agent" = [])),
    params(ListQuery),
    responses((status = 200, description = "A page", body = Page<wire::Disposition>), Unauthorized, BadQuery, Failures)
)]
pub(super) async fn list_dispositions(
    State(app): State<AppState>,
    agent: Permitted<ReadSetup>,
    Query(query): Query<ListQuery>,
) -> Result<Body<Page<wire::Disposition>>, ApiError> {
    resource::list::<Disposition>(&app, &agent, query).await
}

/// Adds a disposition.
#[utoipa::path(
    post, path = "/v1/dispositions", operation_id = "create_disposition", tag = "setup", security(("agent" = [])),
    params(super::docs::IdempotencyKey),
    request_body = CreateDisposition,
    responses(
        (status = 201, description = "The new disposition", body = wire::Disposition, headers(
            ("Location" = String, description = "Where it is found"),
            ("ETag" = String, description = "Its version, for `If-Match`")
        )),
        (status = 409, description = "`limit_reached` beyond 100, `idempotency_mismatch`",
            body = super::docs::ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Forbidden, BadBody, Failures
    )
)]
pub(super) async fn create_disposition(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    request: Creation<CreateDisposition>,
) -> Result<Response, ApiError> {
    let (request, once) = request.split(|| agent.name());
    let now = app.now();
    let disposition = request.into_disposition(DispositionId(app.random.uuid_v7(now)), now);
    let command = SetupCommand::CreateDisposition(disposition);
    resource::create::<Disposition>(&app, &agent, once, command).await
}

/// Shows a disposition.
#[utoipa::path(
    get, path = "/v1/dispositions/{disposition_id}", operation_id = "find_disposition", tag = "setup",
    security(("agent" = [])), params(("disposition_id" = Uuid, Path)),
    responses(
        (status = 200, description = "The disposition", body = wire::Disposition,
            headers(("ETag" = String, description = "Its version, for `If-Match`"))),
        Unauthorized, Missing, Failures
    )
)]
pub(super) async fn find_disposition(
    State(app): State<AppState>,
    agent: Permitted<ReadSetup>,
    Id(disposition_id): Id<DispositionId>,
) -> Result<Tagged<wire::Disposition>, ApiError> {
    resource::find::<Disposition>(&app, &agent, disposition_id).await
}

/// Changes a disposition.
#[utoipa::path(
    patch, path = "/v1/dispositions/{disposition_id}", operation_id = "change_disposition", tag = "setup",
    security(("agent" = [])), params(("disposition_id" = Uuid, Path), super::docs::IfMatch),
    request_body(content(
        (PatchDisposition = "application/merge-patch+json"), (PatchDisposition = "application/json")
    )),
    responses(
        (status = 200, description = "The disposition as it is now", body = wire::Disposition,
            headers(("ETag" = String, description = "Its version, for `If-Match`"))),
        Unauthorized, Forbidden, Missing, Stale, BadBody, Failures
    )
)]
pub(super) async fn change_disposition(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    Id(disposition_id): Id<DispositionId>,
    if_match: IfMatch,
    MergePatch(patch): MergePatch<PatchDisposition>,
) -> Result<Response, ApiError> {
    let patch = |found: &mut Disposition| {
        patch.clone().apply(found);
        Sent::default()
    };
    resource::change(&app, &agent, disposition_id, &if_match, patch).await
}

/// Archives a disposition that no queue offers. Chats that have it keep it.
#[utoipa::path(
    delete, path = "/v1/dispositions/{disposition_id}", operation_id = "delete_disposition", tag = "setup",
    security(("agent" = [])), params(("disposition_id" = Uuid, Path), super::docs::IfMatch),
    responses(
        (status = 204, description = "It is gone"),
        (status = 409, description = "`in_use`: a queue offers it",
            body = super::docs::ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Forbidden, Missing, Stale, Failures
    )
)]
pub(super) async fn delete_disposition(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    Id(disposition_id): Id<DispositionId>,
    if_match: IfMatch,
) -> Result<StatusCode, ApiError> {
    resource::archive::<Disposition>(&app, &agent, disposition_id, &if_match).await
}
