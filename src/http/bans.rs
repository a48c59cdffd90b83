//! Bans (CHAT-13): made, changed and lifted by supervisors. A ban whose time has passed is gone.

use axum::Json as Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::conditional::{IfMatch, Tagged, Tries};
use super::docs::{BadBody, BadQuery, Failures, Forbidden, Missing, Stale, Unauthorized};
use super::extract::{Creation, Id, Query};
use super::page::{ListQuery, Page};
use super::patch::MergePatch;
use super::principal::{AgentPrincipal, BanVisitors, Permitted};
use super::{ApiError, AppState, reply};
use crate::domain::{Ban, BanId, Banned};
use crate::engine::{Command, Refusal, SetupCommand};
use crate::protocol::request::{CreateBan, PatchBan};
use crate::protocol::{Audience, Problem, wire};
use crate::realtime::{Answer, CallError, IdempotencyKey};

/// Has the engine do something.
async fn call(
    app: &AppState,
    by: &AgentPrincipal,
    command: SetupCommand,
    once: Option<IdempotencyKey>,
) -> Result<Answer, CallError> {
    let command = Command::Setup {
        by: Some(by.agent_id),
        command,
    };
    app.call(by.tenant_id, command, once).await
}

/// Reads a ban that holds.
async fn read(app: &AppState, by: &AgentPrincipal, id: BanId) -> Result<Ban, ApiError> {
    let mut tx = app.store.tenant(by.tenant_id).await?;
    let found = tx.find_ban(id, app.now()).await?;
    found.ok_or_else(ApiError::not_found)
}

fn tagged(ban: &Ban) -> Tagged<wire::Ban> {
    Tagged {
        version: ban.version,
        body: ban.into(),
    }
}

/// Lists the bans that hold, oldest first.
#[utoipa::path(
    get, path = "/v1/bans", operation_id = "list_bans", tag = "setup", security(("agent" = [])),
    params(ListQuery),
    responses(
        (status = 200, description = "A page", body = Page<wire::Ban>),
        Unauthorized, Forbidden, BadQuery, Failures
    )
)]
pub(super) async fn list_bans(
    State(app): State<AppState>,
    agent: Permitted<BanVisitors>,
    Query(query): Query<ListQuery>,
) -> Result<Body<Page<wire::Ban>>, ApiError> {
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    let limit = query.limit.and_one_more();
    let rows = tx.list_bans(Some(app.now()), query.after(BanId), limit);
    Ok(Body(Page::new(
        rows.await?,
        query.limit,
        |ban| ban.id.0,
        |ban| ban.into(),
    )))
}

/// Bans a contact, whose open chats end, or an address.
#[utoipa::path(
    post, path = "/v1/bans", operation_id = "create_ban", tag = "setup", security(("agent" = [])),
    params(super::docs::IdempotencyKey),
    request_body = CreateBan,
    responses(
        (status = 201, description = "The new ban", body = wire::Ban, headers(
            ("Location" = String, description = "Where it is found"),
            ("ETag" = String, description = "Its version, for `If-Match`")
        )),
        (status = 409, description = "`limit_reached` beyond 1,000, `idempotency_mismatch`",
            body = super::docs::ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Forbidden, BadBody, Failures
    )
)]
pub(super) async fn create_ban(
    State(app): State<AppState>,
    agent: Permitted<BanVisitors>,
    request: Creation<CreateBan>,
) -> Result<Response, ApiError> {
    let (request, once) = request.split(|| agent.name());
    let now = app.now();
    let ban = request.into_ban(BanId(app.random.uuid_v7(now)), agent.agent_id, now)?;
    if let Banned::Contact(id) = ban.whom {
        // The engine knows the contacts of open chats only.
        let mut tx = app.store.tenant(agent.tenant_id).await?;
        if !tx.has_contact(id).await? {
            return Err(Problem::unknown_id("/contact_id", "there is no such contact").into());
        }
    }
    let answer = call(&app, &agent, SetupCommand::CreateBan(ban), once).await?;
    Ok(reply::created(answer, Audience::Agent, "/v1/bans"))
}

/// Shows a ban.
#[utoipa::path(
    get, path = "/v1/bans/{ban_id}", operation_id = "find_ban", tag = "setup", security(("agent" = [])),
    params(("ban_id" = Uuid, Path)),
    responses(
        (status = 200, description = "The ban", body = wire::Ban,
            headers(("ETag" = String, description = "Its version, for `If-Match`"))),
        Unauthorized, Forbidden, Missing, Failures
    )
)]
pub(super) async fn find_ban(
    State(app): State<AppState>,
    agent: Permitted<BanVisitors>,
    Id(ban_id): Id<BanId>,
) -> Result<Tagged<wire::Ban>, ApiError> {
    let ban = read(&app, &agent, ban_id).await?;
    Ok(tagged(&ban))
}

/// Changes why somebody is banned, and until when.
#[utoipa::path(
    patch, path = "/v1/bans/{ban_id}", operation_id = "change_ban", tag = "setup", security(("agent" = [])),
    params(("ban_id" = Uuid, Path), super::docs::IfMatch),
    request_body(content(
        (PatchBan = "application/merge-patch+json"), (PatchBan = "application/json")
    )),
    responses(
        (status = 200, description = "The ban as it is now", body = wire::Ban,
            headers(("ETag" = String, description = "Its version, for `If-Match`"))),
        Unauthorized, Forbidden, Missing, Stale, BadBody, Failures
    )
)]
pub(super) async fn change_ban(
    State(app): State<AppState>,
    agent: Permitted<BanVisitors>,
    Id(ban_id): Id<BanId>,
    if_match: IfMatch,
    MergePatch(patch): MergePatch<PatchBan>,
) -> Result<Response, ApiError> {
    let mut tries = Tries::default();
    loop {
        let before = read(&app, &agent, ban_id).await?;
        if_match.check(before.version)?;
        let mut after = before.clone();
        patch.clone().apply(&mut after, app.now())?;
        if after == before {
            return Ok(tagged(&before).into_response());
        }
        match call(&app, &agent, SetupCommand::UpdateBan(after), None).await {
            Ok(answer) => return Ok(reply::ok(answer, Audience::Agent)),
            Err(CallError::Refused(Refusal::VersionMismatch)) => tries.lost()?,
            Err(error) => return Err(error.into()),
        }
    }
}

/// Lifts a ban.
#[utoipa::path(
    delete, path = "/v1/bans/{ban_id}", operation_id = "lift_ban", tag = "setup", security(("agent" = [])),
    params(("ban_id" = Uuid, Path), super::docs::IfMatch),
    responses(
        (status = 204, description = "It is gone"),
        Unauthorized, Forbidden, Missing, Stale, Failures
    )
)]
pub(super) async fn lift_ban(
    State(app): State<AppState>,
    agent: Permitted<BanVisitors>,
    Id(ban_id): Id<BanId>,
    if_match: IfMatch,
) -> Result<StatusCode, ApiError> {
    let version = match if_match {
        IfMatch::Absent | IfMatch::Anything => None,
        IfMatch::OneOf(_) => {
            let version = read(&app, &agent, ban_id).await?.version;
            if_match.check(version)?;
            Some(version)
        }
    };
    call(&app, &agent, SetupCommand::LiftBan(ban_id, version), None).await?;
    Ok(StatusCode::NO_CONTENT)
}
