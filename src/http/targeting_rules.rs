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
use super::patch::MergePatch;
use super::principal::{ChangeSetup, Permitted, ReadSetup};
use super::{ApiError, AppState, reply};
use crate::domain::{OfficeId, TARGETING_RULES_MAX, TargetingRule, TargetingRuleId, WidgetId};
use crate::engine::Refusal;
use crate::faults::{Fault, FaultCode, Faults};
use crate::protocol::request::{CreateTargetingRule, PatchTargetingRule};
use crate::protocol::{Problem, wire};
use crate::store::TenantTx;

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
    request: Creation<CreateTargetingRule>,
) -> Result<Response, ApiError> {
    const FOLDER: &str = "/v1/targeting-rules";
    let (request, once) = request.split(|| agent.name());
    let now = app.now();
    let rule = request.into_rule(TargetingRuleId(app.random.uuid_v7(now)), now);
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    // A twin of the request waits here, and then finds the answer to this one.
    tx.take_turn("targeting_rules").await?;
    if let Some(first) = first_answer(&mut tx, once.as_ref(), now).await? {
        return Ok(reply::created_body(first, FOLDER));
    }
    let count = tx.count_targeting_rules().await?;
    if usize::try_from(count).is_ok_and(|count| count >= TARGETING_RULES_MAX) {
        return Err(Problem::from(Refusal::LimitReached).into());
    }
    check_references(&mut tx, rule.widget_id, rule.office_id).await?;
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
    MergePatch(patch): MergePatch<PatchTargetingRule>,
) -> Result<Tagged<wire::TargetingRule>, ApiError> {
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    let mut tries = Tries::default();
    loop {
        let before = tx.find_targeting_rule(rule_id).await?;
        let before = before.ok_or_else(ApiError::not_found)?;
        if_match.check(before.version)?;
        let mut after = before.clone();
        patch.clone().apply(&mut after);
        if after == before {
            return Ok(shown(&before));
        }
        after.version += 1;
        // What stands there already may have been removed since; that is no fault of this patch.
        let widget_id = after
            .widget_id
            .filter(|_| after.widget_id != before.widget_id);
        let office_id = after
            .office_id
            .filter(|_| after.office_id != before.office_id);
        check_references(&mut tx, widget_id, office_id).await?;
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

/// Checks that a widget and an office are of the tenant, and names each that is not.
async fn check_references(
    tx: &mut TenantTx,
    widget_id: Option<WidgetId>,
    office_id: Option<OfficeId>,
) -> Result<(), ApiError> {
    let mut faults = Faults::default();
    let mut unknown = |pointer: &str, detail: &str| {
        faults.push(Fault {
            pointer: pointer.to_owned(),
            code: FaultCode::UnknownId,
            detail: detail.to_owned(),
        });
    };
    if let Some(id) = widget_id
        && tx.find_widget(id).await?.is_none()
    {
        unknown("/widget_id", "there is no such widget");
    }
    if let Some(id) = office_id
        && tx.find_office(id).await?.is_none()
    {
        unknown("/office_id", "there is no such office");
    }
    Ok(faults.or(())?)
}
