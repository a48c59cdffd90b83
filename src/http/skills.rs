//! Skills: what queues may ask of agents (ROUTE-2).

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
use crate::domain::{Skill, SkillId};
use crate::engine::{Refusal, SetupCommand};
use crate::faults::Sent;
use crate::protocol::request::{CreateSkill, PatchSkill};
use crate::protocol::{Problem, wire};
use crate::store::{self, TenantTx};

impl Resource for Skill {
    type Id = SkillId;
    type Wire = wire::Skill;

    async fn find(tx: &mut TenantTx, id: SkillId) -> Result<Option<Self>, store::Error> {
        tx.find_skill(id).await
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn shown(&self) -> wire::Skill {
        self.into()
    }

    fn update(self) -> SetupCommand {
        SetupCommand::UpdateSkill(self)
    }

    fn problem(refusal: Refusal) -> Problem {
        match refusal {
            // The path names it.
            Refusal::UnknownSkill => Problem::not_found(),
            refusal => refusal.into(),
        }
    }
}

impl Listed for Skill {
    const FOLDER: &'static str = "/v1/skills";

    async fn list(
        tx: &mut TenantTx,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Self>, store::Error> {
        tx.list_skills(after.map(SkillId), limit).await
    }

    fn id(&self) -> Uuid {
        self.id.0
    }

    fn archive(id: SkillId, version: Option<i64>) -> SetupCommand {
        SetupCommand::ArchiveSkill(id, version)
    }
}

/// Lists the skills, oldest first.
#[utoipa::path(
    get, path = "/v1/skills", operation_id = "list_skills", tag = "setup", security(("agent" = [])),
    params(ListQuery),
    responses((status = 200, description = "A page", body = Page<wire::Skill>), Unauthorized, BadQuery, Failures)
)]
pub(super) async fn list_skills(
    State(app): State<AppState>,
    agent: Permitted<ReadSetup>,
    Query(query): Query<ListQuery>,
) -> Result<Body<Page<wire::Skill>>, ApiError> {
    resource::list::<Skill>(&app, &agent, query).await
}

/// Adds a skill.
#[utoipa::path(
    post, path = "/v1/skills", operation_id = "create_skill", tag = "setup", security(("agent" = [])),
    params(super::docs::IdempotencyKey),
    request_body = CreateSkill,
    responses(
        (status = 201, description = "The new skill", body = wire::Skill, headers(
            ("Location" = String, description = "Where it is found"),
            ("ETag" = String, description = "Its version, for `If-Match`")
        )),
        (status = 409, description = "`limit_reached` beyond 100, `idempotency_mismatch`",
            body = super::docs::ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Forbidden, BadBody, Failures
    )
)]
pub(super) async fn create_skill(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    request: Creation<CreateSkill>,
) -> Result<Response, ApiError> {
    let (request, once) = request.split(|| agent.name());
    let now = app.now();
    let skill = request.into_skill(SkillId(app.random.uuid_v7(now)), now);
    let command = SetupCommand::CreateSkill(skill);
    resource::create::<Skill>(&app, &agent, once, command).await
}

/// Shows a skill.
#[utoipa::path(
    get, path = "/v1/skills/{skill_id}", operation_id = "find_skill", tag = "setup",
    security(("agent" = [])), params(("skill_id" = Uuid, Path)),
    responses(
        (status = 200, description = "The skill", body = wire::Skill,
            headers(("ETag" = String, description = "Its version, for `If-Match`"))),
        Unauthorized, Missing, Failures
    )
)]
pub(super) async fn find_skill(
    State(app): State<AppState>,
    agent: Permitted<ReadSetup>,
    Id(skill_id): Id<SkillId>,
) -> Result<Tagged<wire::Skill>, ApiError> {
    resource::find::<Skill>(&app, &agent, skill_id).await
}

/// Changes a skill.
#[utoipa::path(
    patch, path = "/v1/skills/{skill_id}", operation_id = "change_skill", tag = "setup",
    security(("agent" = [])), params(("skill_id" = Uuid, Path), super::docs::IfMatch),
    request_body(content(
        (PatchSkill = "application/merge-patch+json"), (PatchSkill = "application/json")
    )),
    responses(
        (status = 200, description = "The skill as it is now", body = wire::Skill,
            headers(("ETag" = String, description = "Its version, for `If-Match`"))),
        Unauthorized, Forbidden, Missing, Stale, BadBody, Failures
    )
)]
pub(super) async fn change_skill(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    Id(skill_id): Id<SkillId>,
    if_match: IfMatch,
    MergePatch(patch): MergePatch<PatchSkill>,
) -> Result<Response, ApiError> {
    let patch = |skill: &mut Skill| {
        patch.clone().apply(skill);
        Sent::default()
    };
    resource::change(&app, &agent, skill_id, &if_match, patch).await
}

/// Archives a skill that no queue requires; agents have it no more.
#[utoipa::path(
    delete, path = "/v1/skills/{skill_id}", operation_id = "delete_skill", tag = "setup",
    security(("agent" = [])), params(("skill_id" = Uuid, Path), super::docs::IfMatch),
    responses(
        (status = 204, description = "It is gone"),
        (status = 409, description = "`in_use`: a queue requires it",
            body = super::docs::ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Forbidden, Missing, Stale, Failures
    )
)]
pub(super) async fn delete_skill(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    Id(skill_id): Id<SkillId>,
    if_match: IfMatch,
) -> Result<StatusCode, ApiError> {
    resource::archive::<Skill>(&app, &agent, skill_id, &if_match).await
}
