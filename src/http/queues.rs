//! Queues and who is in them.

use std::collections::BTreeSet;

use axum::Json as Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use uuid::Uuid;

use super::conditional::{IfMatch, Tagged};
use super::docs::{BadBody, BadQuery, Failures, Forbidden, Missing, Stale, Unauthorized};
use super::extract::{Creation, Id, Json, Query};
use super::page::{ListQuery, Page};
use super::patch::Patch;
use super::principal::{ChangeSetup, Permitted, ReadSetup};
use super::resource::{self, Listed, Resource};
use super::{ApiError, AppState};
use crate::domain::{AgentId, QueueId};
use crate::engine::{QueueView, Refusal, SetupCommand};
use crate::faults::Draft;
use crate::protocol::request::{CreateQueue, PatchQueue, SetMembers};
use crate::protocol::{Problem, wire};
use crate::store::{self, TenantTx};

impl Resource for QueueView {
    type Id = QueueId;
    type Wire = wire::Queue;

    async fn find(tx: &mut TenantTx, id: QueueId) -> Result<Option<Self>, store::Error> {
        tx.find_queue(id).await
    }

    fn version(&self) -> i64 {
        self.queue.version
    }

    fn shown(&self) -> wire::Queue {
        self.into()
    }

    fn update(self) -> SetupCommand {
        SetupCommand::UpdateQueue(self.queue, self.member_ids.into_iter().collect())
    }

    fn problem(refusal: Refusal) -> Problem {
        match refusal {
            // The path names it.
            Refusal::UnknownQueue => Problem::not_found(),
            refusal => refusal.into(),
        }
    }
}

impl Listed for QueueView {
    const FOLDER: &'static str = "/v1/queues";

    async fn list(
        tx: &mut TenantTx,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Self>, store::Error> {
        tx.list_queues(after.map(QueueId), limit).await
    }

    fn id(&self) -> Uuid {
        self.queue.id.0
    }

    fn archive(id: QueueId, version: Option<i64>) -> SetupCommand {
        SetupCommand::ArchiveQueue(id, version)
    }
}

/// Lists the queues, oldest first.
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
    resource::list::<QueueView>(&app, &agent, query).await
}

/// Adds a queue.
#[utoipa::path(
    post, path = "/v1/queues", operation_id = "create_queue", tag = "setup", security(("agent" = [])),
    params(super::docs::IdempotencyKey),
    request_body = CreateQueue,
    responses(
        (status = 201, description = "The new queue", body = wire::Queue, headers(
            ("Location" = String, description = "Where it is found"),
            ("ETag" = String, description = "Its version, for `If-Match`")
        )),
        (status = 409, description = "`limit_reached`, `overflow_loop`, `idempotency_mismatch`",
            body = super::docs::ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Forbidden, BadBody, Failures
    )
)]
pub(super) async fn create_queue(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    request: Creation<Draft<CreateQueue>>,
) -> Result<Response, ApiError> {
    let (request, once) = request.split(|| agent.name());
    let now = app.now();
    let id = QueueId(app.random.uuid_v7(now));
    let queue = request.map(|request| request.into_queue(id, now));
    let command = queue.map(|(queue, members)| SetupCommand::CreateQueue(queue, members));
    resource::create::<QueueView>(&app, &agent, once, command).await
}

/// Shows a queue.
#[utoipa::path(
    get, path = "/v1/queues/{queue_id}", operation_id = "find_queue", tag = "setup",
    security(("agent" = [])), params(("queue_id" = Uuid, Path)),
    responses(
        (status = 200, description = "The queue", body = wire::Queue,
            headers(("ETag" = String, description = "Its version, for `If-Match`"))),
        Unauthorized, Missing, Failures
    )
)]
pub(super) async fn find_queue(
    State(app): State<AppState>,
    agent: Permitted<ReadSetup>,
    Id(queue_id): Id<QueueId>,
) -> Result<Tagged<wire::Queue>, ApiError> {
    resource::find::<QueueView>(&app, &agent, queue_id).await
}

/// Changes a queue. Its office stays: its chats belong there.
#[utoipa::path(
    patch, path = "/v1/queues/{queue_id}", operation_id = "change_queue", tag = "setup",
    security(("agent" = [])), params(("queue_id" = Uuid, Path), super::docs::IfMatch),
    request_body(content(
        (PatchQueue = "application/merge-patch+json"), (PatchQueue = "application/json")
    )),
    responses(
        (status = 200, description = "The queue as it is now", body = wire::Queue,
            headers(("ETag" = String, description = "Its version, for `If-Match`"))),
        (status = 409, description = "`overflow_loop`", body = super::docs::ProblemBody,
            content_type = "application/problem+json"),
        Unauthorized, Forbidden, Missing, Stale, BadBody, Failures
    )
)]
pub(super) async fn change_queue(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    Id(queue_id): Id<QueueId>,
    if_match: IfMatch,
    patch: Patch<PatchQueue>,
) -> Result<Response, ApiError> {
    let patch = |view: &mut QueueView| {
        let shown = view.shown();
        patch.change(view, &shown, |patch, view| {
            patch.apply(&mut view.queue, &mut view.member_ids);
        })
    };
    resource::change(&app, &agent, queue_id, &if_match, patch).await
}

/// Archives a queue.
#[utoipa::path(
    delete, path = "/v1/queues/{queue_id}", operation_id = "delete_queue", tag = "setup",
    security(("agent" = [])), params(("queue_id" = Uuid, Path), super::docs::IfMatch),
    responses(
        (status = 204, description = "It is gone"),
        (status = 409, description = "`in_use`: it has open chats, or another queue overflows into it",
            body = super::docs::ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Forbidden, Missing, Stale, Failures
    )
)]
pub(super) async fn delete_queue(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    Id(queue_id): Id<QueueId>,
    if_match: IfMatch,
) -> Result<StatusCode, ApiError> {
    resource::archive::<QueueView>(&app, &agent, queue_id, &if_match).await
}

/// Says who is in a queue. The same agents again change nothing.
#[utoipa::path(
    put, path = "/v1/queues/{queue_id}/members", operation_id = "set_queue_members", tag = "setup",
    security(("agent" = [])), params(("queue_id" = uuid::Uuid, Path), super::docs::IfMatch),
    request_body = SetMembers,
    responses(
        (status = 200, description = "The queue as it is now", body = wire::Queue,
            headers(("ETag" = String, description = "Its version, for `If-Match`"))),
        Unauthorized, Forbidden, Missing, Stale, BadBody, Failures
    )
)]
pub(super) async fn set_queue_members(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    Id(queue_id): Id<QueueId>,
    if_match: IfMatch,
    Json(draft): Json<Draft<SetMembers>>,
) -> Result<Response, ApiError> {
    let (request, sent) = draft.split();
    let members: BTreeSet<AgentId> = request.member_ids.0.into_iter().collect();
    let command = |version| SetupCommand::SetMembers(queue_id, members, version);
    resource::order::<QueueView>(&app, &agent, queue_id, &if_match, sent, command).await
}
