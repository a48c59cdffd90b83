//! Offices.

use axum::Json as Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use uuid::Uuid;

use super::conditional::{IfMatch, Tagged};
use super::docs::{BadBody, BadQuery, Failures, Forbidden, Missing, Stale, Unauthorized};
use super::extract::{Creation, Id, Query};
use super::page::{ListQuery, Page};
use super::patch::Patch;
use super::principal::{ChangeSetup, Permitted, ReadSetup};
use super::resource::{self, Listed, Resource};
use super::{ApiError, AppState};
use crate::domain::OfficeId;
use crate::engine::{OfficeView, Refusal, SetupCommand};
use crate::faults::Draft;
use crate::protocol::request::{CreateOffice, PatchOffice};
use crate::protocol::{Problem, wire};
use crate::store::{self, TenantTx};

impl Resource for OfficeView {
    type Id = OfficeId;
    type Wire = wire::Office;

    async fn find(tx: &mut TenantTx, id: OfficeId) -> Result<Option<Self>, store::Error> {
        tx.find_office(id).await
    }

    fn version(&self) -> i64 {
        self.office.version
    }

    fn shown(&self) -> wire::Office {
        self.into()
    }

    fn update(self) -> SetupCommand {
        SetupCommand::UpdateOffice(Box::new(self.office))
    }

    fn problem(refusal: Refusal) -> Problem {
        match refusal {
            // The path names it.
            Refusal::UnknownOffice => Problem::not_found(),
            refusal => refusal.into(),
        }
    }
}

impl Listed for OfficeView {
    const FOLDER: &'static str = "/v1/offices";

    async fn list(
        tx: &mut TenantTx,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Self>, store::Error> {
        tx.list_offices(after.map(OfficeId), limit).await
    }

    fn id(&self) -> Uuid {
        self.office.id.0
    }

    fn archive(id: OfficeId, version: Option<i64>) -> SetupCommand {
        SetupCommand::ArchiveOffice(id, version)
    }
}

/// Lists the offices, oldest first.
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
    resource::list::<OfficeView>(&app, &agent, query).await
}

/// Adds an office.
#[utoipa::path(
    post, path = "/v1/offices", operation_id = "create_office", tag = "setup", security(("agent" = [])),
    params(super::docs::IdempotencyKey),
    request_body = CreateOffice,
    responses(
        (status = 201, description = "The new office", body = wire::Office, headers(
            ("Location" = String, description = "Where it is found"),
            ("ETag" = String, description = "Its version, for `If-Match`")
        )),
        (status = 409, description = "`limit_reached`, `idempotency_mismatch`",
            body = super::docs::ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Forbidden, BadBody, Failures
    )
)]
pub(super) async fn create_office(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    request: Creation<Draft<CreateOffice>>,
) -> Result<Response, ApiError> {
    let (request, once) = request.split(|| agent.name());
    let now = app.now();
    let id = OfficeId(app.random.uuid_v7(now));
    let office = request.map(|request| request.into_office(id, now));
    let command = office.map(|office| SetupCommand::CreateOffice(Box::new(office)));
    resource::create::<OfficeView>(&app, &agent, once, command).await
}

/// Shows an office.
#[utoipa::path(
    get, path = "/v1/offices/{office_id}", operation_id = "find_office", tag = "setup",
    security(("agent" = [])), params(("office_id" = Uuid, Path)),
    responses(
        (status = 200, description = "The office", body = wire::Office,
            headers(("ETag" = String, description = "Its version, for `If-Match`"))),
        Unauthorized, Missing, Failures
    )
)]
pub(super) async fn find_office(
    State(app): State<AppState>,
    agent: Permitted<ReadSetup>,
    Id(office_id): Id<OfficeId>,
) -> Result<Tagged<wire::Office>, ApiError> {
    resource::find::<OfficeView>(&app, &agent, office_id).await
}

/// Changes an office.
#[utoipa::path(
    patch, path = "/v1/offices/{office_id}", operation_id = "change_office", tag = "setup",
    security(("agent" = [])), params(("office_id" = Uuid, Path), super::docs::IfMatch),
    request_body(content(
        (PatchOffice = "application/merge-patch+json"), (PatchOffice = "application/json")
    )),
    responses(
        (status = 200, description = "The office as it is now", body = wire::Office,
            headers(("ETag" = String, description = "Its version, for `If-Match`"))),
        Unauthorized, Forbidden, Missing, Stale, BadBody, Failures
    )
)]
pub(super) async fn change_office(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    Id(office_id): Id<OfficeId>,
    if_match: IfMatch,
    patch: Patch<PatchOffice>,
) -> Result<Response, ApiError> {
    let patch = |view: &mut OfficeView| {
        let shown = view.shown();
        patch.change(view, &shown, |patch, view| patch.apply(&mut view.office))
    };
    resource::change(&app, &agent, office_id, &if_match, patch).await
}

/// Archives an office. Its queues are archived first, and its widgets changed; agents that were assigned to it are not any more.
#[utoipa::path(
    delete, path = "/v1/offices/{office_id}", operation_id = "delete_office", tag = "setup",
    security(("agent" = [])), params(("office_id" = Uuid, Path), super::docs::IfMatch),
    responses(
        (status = 204, description = "It is gone"),
        (status = 409, description = "`in_use`: queues or widgets need it",
            body = super::docs::ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Forbidden, Missing, Stale, Failures
    )
)]
pub(super) async fn delete_office(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    Id(office_id): Id<OfficeId>,
    if_match: IfMatch,
) -> Result<StatusCode, ApiError> {
    resource::archive::<OfficeView>(&app, &agent, office_id, &if_match).await
}
