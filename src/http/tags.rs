//! Tags (CHAT-7), as admins set them up. Which chats have them is the engine's.

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
use super::versioned::{self, Made, Versioned};
use super::{AgentPrincipal, ApiError, AppState};
use crate::domain::{TAGS_MAX, Tag, TagId, Timestamp};
use crate::engine::FieldFault;
use crate::faults::Sent;
use crate::protocol::request::{CreateTag, PatchTag};
use crate::protocol::wire;
use crate::store::{Error, TenantTx};

impl Versioned for Tag {
    type Id = TagId;
    type Wire = wire::Tag;
    const KIND: &'static str = "tag";

    async fn find(tx: &mut TenantTx, _: &AgentPrincipal, id: TagId) -> Result<Option<Self>, Error> {
        tx.find_tag(id).await
    }

    /// A tag refers to nothing.
    async fn faults(&self, _: &mut TenantTx, _: Option<&Self>) -> Result<Vec<FieldFault>, Error> {
        Ok(Vec::new())
    }

    async fn update(&self, tx: &mut TenantTx, expected: i64) -> Result<bool, Error> {
        tx.update_tag(self, expected).await
    }

    fn id(&self) -> Uuid {
        self.id.0
    }

    fn version(&mut self) -> &mut i64 {
        &mut self.version
    }

    fn shown(&self) -> wire::Tag {
        self.into()
    }
}

impl Made for Tag {
    const FOLDER: &'static str = "/v1/tags";
    const MAX: usize = TAGS_MAX;

    async fn count(tx: &mut TenantTx) -> Result<i64, Error> {
        tx.count_tags().await
    }

    async fn insert(&self, tx: &mut TenantTx) -> Result<(), Error> {
        tx.insert_tag(self).await
    }

    async fn archive(
        tx: &mut TenantTx,
        id: TagId,
        expected: i64,
        at: Timestamp,
    ) -> Result<bool, Error> {
        tx.archive_tag(id, expected, at).await
    }
}

/// Lists the tags, oldest first.
#[utoipa::path(
    get, path = "/v1/tags", operation_id = "list_tags", tag = "setup", security(("agent" = [])),
    params(ListQuery),
    responses((status = 200, description = "A page", body = Page<wire::Tag>), Unauthorized, BadQuery, Failures)
)]
pub(super) async fn list_tags(
    State(app): State<AppState>,
    agent: Permitted<ReadSetup>,
    Query(query): Query<ListQuery>,
) -> Result<Body<Page<wire::Tag>>, ApiError> {
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    let rows = tx
        .list_tags(query.after(TagId), query.limit.and_one_more())
        .await?;
    Ok(Body(Page::new(rows, query.limit, Tag::id, Tag::shown)))
}

/// Adds a tag.
#[utoipa::path(
    post, path = "/v1/tags", operation_id = "create_tag", tag = "setup", security(("agent" = [])),
    params(super::docs::IdempotencyKey),
    request_body = CreateTag,
    responses(
        (status = 201, description = "The new tag", body = wire::Tag, headers(
            ("Location" = String, description = "Where it is found"),
            ("ETag" = String, description = "Its version, for `If-Match`")
        )),
        (status = 409, description = "`name_taken`, `limit_reached` beyond 1,000, `idempotency_mismatch`",
            body = super::docs::ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Forbidden, BadBody, Failures
    )
)]
pub(super) async fn create_tag(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    request: Creation<CreateTag>,
) -> Result<Response, ApiError> {
    let (request, once) = request.split(|| agent.name());
    let now = app.now();
    let tag = request.into_tag(TagId(app.random.uuid_v7(now)), now);
    versioned::create::<Tag>(&app, &agent, once, now, tag).await
}

/// Shows a tag.
#[utoipa::path(
    get, path = "/v1/tags/{tag_id}", operation_id = "find_tag", tag = "setup", security(("agent" = [])),
    params(("tag_id" = Uuid, Path)),
    responses(
        (status = 200, description = "The tag", body = wire::Tag,
            headers(("ETag" = String, description = "Its version, for `If-Match`"))),
        Unauthorized, Missing, Failures
    )
)]
pub(super) async fn find_tag(
    State(app): State<AppState>,
    agent: Permitted<ReadSetup>,
    Id(tag_id): Id<TagId>,
) -> Result<Tagged<wire::Tag>, ApiError> {
    versioned::find::<Tag>(&app, &agent, tag_id).await
}

/// Changes a tag, at once on all chats that have it.
#[utoipa::path(
    patch, path = "/v1/tags/{tag_id}", operation_id = "change_tag", tag = "setup", security(("agent" = [])),
    params(("tag_id" = Uuid, Path), super::docs::IfMatch),
    request_body(content(
        (PatchTag = "application/merge-patch+json"), (PatchTag = "application/json")
    )),
    responses(
        (status = 200, description = "The tag as it is now", body = wire::Tag,
            headers(("ETag" = String, description = "Its version, for `If-Match`"))),
        (status = 409, description = "`name_taken`", body = super::docs::ProblemBody,
            content_type = "application/problem+json"),
        Unauthorized, Forbidden, Missing, Stale, BadBody, Failures
    )
)]
pub(super) async fn change_tag(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    Id(tag_id): Id<TagId>,
    if_match: IfMatch,
    MergePatch(patch): MergePatch<PatchTag>,
) -> Result<Tagged<wire::Tag>, ApiError> {
    let patch = |tag: &mut Tag| {
        patch.clone().apply(tag);
        Sent::default()
    };
    versioned::change(&app, &agent, tag_id, &if_match, patch).await
}

/// Archives a tag. Chats that have it keep it.
#[utoipa::path(
    delete, path = "/v1/tags/{tag_id}", operation_id = "delete_tag", tag = "setup", security(("agent" = [])),
    params(("tag_id" = Uuid, Path), super::docs::IfMatch),
    responses(
        (status = 204, description = "It is gone"),
        Unauthorized, Forbidden, Missing, Stale, Failures
    )
)]
pub(super) async fn delete_tag(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    Id(tag_id): Id<TagId>,
    if_match: IfMatch,
) -> Result<StatusCode, ApiError> {
    versioned::archive::<Tag>(&app, &agent, tag_id, &if_match).await
}
