//! Targeting rules (AVAIL-6), as admins set them up.
//!
//! No engine decides by them, so they are written in the request's own transaction.

use axum::Json as Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::conditional::{IfMatch, Tagged, Tries};
use super::docs::{BadBody, BadQuery, Failures, Forbidden, Missing, Stale, Unauthorized};
use super::extract::{Creation, Id, Query};
use super::once::{first_answer, keep_answer};
use super::page::{ListQuery, Page};
use super::patch::Patch;
use super::principal::{ChangeSetup, Permitted, ReadSetup};
use super::{ApiError, AppState, reply};
use crate::domain::{TARGETING_RULES_MAX, TargetingRule, TargetingRuleId};
use crate::engine::{FieldFault, Reference, Refusal};
use crate::faults::Draft;
use crate::protocol::request::{CreateTargetingRule, PatchTargetingRule};
use crate::protocol::{Problem, bad_fields, wire};
use crate::store::{self, TenantTx};

/// Lists the rules, oldest first.
#[utoipa::path(
    get, path = "/v1/targeting-rules", operation_id = "list_targeting_rules", tag = "setup",
    security(("agent" = [])), params(ListQuery),
    responses(
        (status = 200, description = "A page", body = Page<wire::TargetingRule>),
        Unauthorized, BadQuery, Failures
    )
)]
pub(super) async fn list_targeting_rules(
    State(app): State<AppState>,
    agent: Permitted<ReadSetup>,
    Query(query): Query<ListQuery>,
) -> Result<Body<Page<wire::TargetingRule>>, ApiError> {
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    let rows = tx
        .list_targeting_rules(query.after(TargetingRuleId), query.limit.and_one_more())
        .await?;
    Ok(Body(Page::new(
        rows,
        query.limit,
        |row| row.id.0,
        |row| row.into(),
    )))
}

/// Adds a rule.
#[utoipa::path(
    post, path = "/v1/targeting-rules", operation_id = "create_targeting_rule", tag = "setup",
    security(("agent" = [])), params(super::docs::IdempotencyKey),
    request_body = CreateTargetingRule,
    responses(
        (status = 201, description = "The new rule", body = wire::TargetingRule, headers(
            ("Location" = String, description = "Where it is found"),
            ("ETag" = String, description = "Its version, for `If-Match`")
        )),
        (status = 409, description = "`limit_reached`, `idempotency_mismatch`",
            body = super::docs::ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Forbidden, BadBody, Failures
    )
)]
pub(super) async fn create_targeting_rule(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    request: Creation<Draft<CreateTargetingRule>>,
) -> Result<Response, ApiError> {
    const FOLDER: &str = "/v1/targeting-rules";
    let (request, once) = request.split(|| agent.name());
    let now = app.now();
    let id = TargetingRuleId(app.random.uuid_v7(now));
    let (rule, sent) = request.map(|request| request.into_rule(id, now)).split();
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    if !sent.is_whole() {
        return Err(bad_fields(sent, faults(&mut tx, &rule, None).await?).into());
    }
    // A twin of the request waits here, and then finds the answer to this one.
    tx.take_turn("targeting_rules").await?;
    if let Some(first) = first_answer(&mut tx, once.as_ref(), now).await? {
        return Ok(reply::created_body(first, FOLDER));
    }
    let count = tx.count_targeting_rules().await?;
    if usize::try_from(count).is_ok_and(|count| count >= TARGETING_RULES_MAX) {
        return Err(Problem::from(Refusal::LimitReached).into());
    }
    bad_fields(sent, faults(&mut tx, &rule, None).await?).or(())?;
    tx.insert_targeting_rule(&rule).await?;
    let answer = serde_json::to_value(wire::TargetingRule::from(&rule)).unwrap_or_default();
    keep_answer(&mut tx, once.as_ref(), &answer, now).await?;
    tx.commit().await?;
    app.targeting.forget(agent.tenant_id);
    Ok(reply::created_body(answer, FOLDER))
}

/// Shows a rule.
#[utoipa::path(
    get, path = "/v1/targeting-rules/{rule_id}", operation_id = "find_targeting_rule", tag = "setup",
    security(("agent" = [])), params(("rule_id" = uuid::Uuid, Path)),
    responses(
        (status = 200, description = "The rule", body = wire::TargetingRule,
            headers(("ETag" = String, description = "Its version, for `If-Match`"))),
        Unauthorized, Missing, Failures
    )
)]
pub(super) async fn find_targeting_rule(
    State(app): State<AppState>,
    agent: Permitted<ReadSetup>,
    Id(rule_id): Id<TargetingRuleId>,
) -> Result<Tagged<wire::TargetingRule>, ApiError> {
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    let found = tx.find_targeting_rule(rule_id).await?;
    Ok(shown(&found.ok_or_else(ApiError::not_found)?))
}

/// Changes a rule.
#[utoipa::path(
    patch, path = "/v1/targeting-rules/{rule_id}", operation_id = "change_targeting_rule", tag = "setup",
    security(("agent" = [])), params(("rule_id" = uuid::Uuid, Path), super::docs::IfMatch),
    request_body(content(
        (PatchTargetingRule = "application/merge-patch+json"), (PatchTargetingRule = "application/json")
    )),
    responses(
        (status = 200, description = "The rule as it is now", body = wire::TargetingRule,
            headers(("ETag" = String, description = "Its version, for `If-Match`"))),
        Unauthorized, Forbidden, Missing, Stale, BadBody, Failures
    )
)]
pub(super) async fn change_targeting_rule(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    Id(rule_id): Id<TargetingRuleId>,
    if_match: IfMatch,
    patch: Patch<PatchTargetingRule>,
) -> Result<Tagged<wire::TargetingRule>, ApiError> {
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    let mut tries = Tries::default();
    loop {
        let before = tx.find_targeting_rule(rule_id).await?;
        let before = before.ok_or_else(ApiError::not_found)?;
        if_match.check(before.version)?;
        let mut after = before.clone();
        let shown_before = wire::TargetingRule::from(&before);
        let sent = patch.change(&mut after, &shown_before, PatchTargetingRule::apply);
        if after == before && sent.is_whole() {
            return Ok(shown(&before));
        }
        after.version += 1;
        let found = faults(&mut tx, &after, Some(&before)).await?;
        bad_fields(sent, found).or(())?;
        if tx.update_targeting_rule(&after, before.version).await? {
            tx.commit().await?;
            app.targeting.forget(agent.tenant_id);
            return Ok(shown(&after));
        }
        tries.lost()?;
    }
}

/// Removes a rule.
#[utoipa::path(
    delete, path = "/v1/targeting-rules/{rule_id}", operation_id = "delete_targeting_rule", tag = "setup",
    security(("agent" = [])), params(("rule_id" = uuid::Uuid, Path), super::docs::IfMatch),
    responses(
        (status = 204, description = "It is gone"),
        Unauthorized, Forbidden, Missing, Stale, Failures
    )
)]
pub(super) async fn delete_targeting_rule(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    Id(rule_id): Id<TargetingRuleId>,
    if_match: IfMatch,
) -> Result<StatusCode, ApiError> {
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    let mut tries = Tries::default();
    loop {
        let found = tx.find_targeting_rule(rule_id).await?;
        let version = found.ok_or_else(ApiError::not_found)?.version;
        if_match.check(version)?;
        if tx.delete_targeting_rule(rule_id, version).await? {
            tx.commit().await?;
            app.targeting.forget(agent.tenant_id);
            return Ok(StatusCode::NO_CONTENT);
        }
        tries.lost()?;
    }
}

fn shown(rule: &TargetingRule) -> Tagged<wire::TargetingRule> {
    Tagged {
        version: rule.version,
        body: rule.into(),
    }
}

/// What a rule names and is not there, as far as it did not name it before: that may have been removed since, which is no
/// fault of a change.
async fn faults(
    tx: &mut TenantTx,
    rule: &TargetingRule,
    before: Option<&TargetingRule>,
) -> Result<Vec<FieldFault>, store::Error> {
    let mut faults = Vec::new();
    if let Some(id) = rule.widget_id
        && before.and_then(|before| before.widget_id) != Some(id)
        && tx.find_widget(id).await?.is_none()
    {
        faults.push(FieldFault::Unknown(Reference::Widget, id.0));
    }
    if let Some(id) = rule.office_id
        && before.and_then(|before| before.office_id) != Some(id)
        && tx.find_office(id).await?.is_none()
    {
        faults.push(FieldFault::Unknown(Reference::Office, id.0));
    }
    Ok(faults)
}
