//! Kinds of pause.

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
use crate::domain::{Pause, PauseId};
use crate::engine::{Refusal, SetupCommand};
use crate::faults::Sent;
use crate::protocol::request::{CreatePause, PatchPause};
use crate::protocol::{Problem, wire};
use crate::store::{self, TenantTx};

impl Resource for Pause {
    type Id = PauseId;
    type Wire = wire::Pause;

    async fn find(tx: &mut TenantTx, id: PauseId) -> Result<Option<Self>, store::Error> {
        tx.find_pause(id).await
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn shown(&self) -> wire::Pause {
        self.into()
    }

    fn update(self) -> SetupCommand {
        SetupCommand::UpdatePause(self)
    }

    fn problem(refusal: Refusal) -> Problem {
        match refusal {
            // The path names it.
            Refusal::UnknownPause => Problem::not_found(),
            refusal => refusal.into(),
        }
    }
}

impl Listed for Pause {
    const FOLDER: &'static str = "/v1/pauses";

    async fn list(
        tx: &mut TenantTx,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Self>, store::Error> {
        tx.list_pauses(after.map(PauseId), limit).await
    }

    fn id(&self) -> Uuid {
        self.id.0
    }

    fn archive(id: PauseId, version: Option<i64>) -> SetupCommand {
        SetupCommand::ArchivePause(id, version)
    }
}

/// Lists the kinds of pause, oldest first; `sort_order` is for whoever shows them.
#[utoipa::path(
    get, path = "/v1/pauses", operation_id = "list_pauses", tag = "setup", security(("agent" = [])),
    params(ListQuery),
    responses((status = 200, description = "A page", body = Page<wire::Pause>), Unauthorized, BadQuery, Failures)
)]
pub(super) async fn list_pauses(
    State(app): State<AppState>,
    agent: Permitted<ReadSetup>,
    Query(query): Query<ListQuery>,
) -> Result<Body<Page<wire::Pause>>, ApiError> {
    resource::list::<Pause>(&app, &agent, query).await
}

/// Adds a kind of pause.
#[utoipa::path(
    post, path = "/v1/pauses", operation_id = "create_pause", tag = "setup", security(("agent" = [])),
    params(super::docs::IdempotencyKey),
    request_body = CreatePause,
    responses(
        (status = 201, description = "The new kind of pause", body = wire::Pause, headers(
            ("Location" = String, description = "Where it is found"),
            ("ETag" = String, description = "Its version, for `If-Match`")
        )),
        (status = 409, description = "`limit_reached` beyond 100, `idempotency_mismatch`",
            body = super::docs::ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Forbidden, BadBody, Failures
    )
)]
pub(super) async fn create_pause(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    request: Creation<CreatePause>,
) -> Result<Response, ApiError> {
    let (request, once) = request.split(|| agent.name());
    let now = app.now();
    let pause = request.into_pause(PauseId(app.random.uuid_v7(now)), now);
    let command = SetupCommand::CreatePause(pause);
    resource::create::<Pause>(&app, &agent, once, command).await
}

/// Shows a kind of pause.
#[utoipa::path(
    get, path = "/v1/pauses/{pause_id}", operation_id = "find_pause", tag = "setup",
    security(("agent" = [])), params(("pause_id" = Uuid, Path)),
    responses(
        (status = 200, description = "The kind of pause", body = wire::Pause,
            headers(("ETag" = String, description = "Its version, for `If-Match`"))),
        Unauthorized, Missing, Failures
    )
)]
pub(super) async fn find_pause(
    State(app): State<AppState>,
    agent: Permitted<ReadSetup>,
    Id(pause_id): Id<PauseId>,
) -> Result<Tagged<wire::Pause>, ApiError> {
    resource::find::<Pause>(&app, &agent, pause_id).await
}

/// Changes a kind of pause; those that have begun go on as they were.
#[utoipa::path(
    patch, path = "/v1/pauses/{pause_id}", operation_id = "change_pause", tag = "setup",
    security(("agent" = [])), params(("pause_id" = Uuid, Path), super::docs::IfMatch),
    request_body(content(
        (PatchPause = "application/merge-patch+json"), (PatchPause = "application/json")
    )),
    responses(
        (status = 200, description = "The kind of pause as it is now", body = wire::Pause,
            headers(("ETag" = String, description = "Its version, for `If-Match`"))),
        Unauthorized, Forbidden, Missing, Stale, BadBody, Failures
    )
)]
pub(super) async fn change_pause(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    Id(pause_id): Id<PauseId>,
    if_match: IfMatch,
    MergePatch(patch): MergePatch<PatchPause>,
) -> Result<Response, ApiError> {
    let patch = |pause: &mut Pause| {
        patch.clone().apply(pause);
        Sent::default()
    };
    resource::change(&app, &agent, pause_id, &if_match, patch).await
}

/// Archives a kind of pause; those that have begun go on.
#[utoipa::path(
    delete, path = "/v1/pauses/{pause_id}", operation_id = "delete_pause", tag = "setup",
    security(("agent" = [])), params(("pause_id" = Uuid, Path), super::docs::IfMatch),
    responses(
        (status = 204, description = "It is gone"),
        (status = 409, description = "`in_use`: a queue puts those into it who miss its offers",
            body = super::docs::ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Forbidden, Missing, Stale, Failures
    )
)]
pub(super) async fn delete_pause(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    Id(pause_id): Id<PauseId>,
    if_match: IfMatch,
) -> Result<StatusCode, ApiError> {
    resource::archive::<Pause>(&app, &agent, pause_id, &if_match).await
}
