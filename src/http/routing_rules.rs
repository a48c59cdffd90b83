//! Routing rules: by what a chat finds its queue (ROUTE-1).

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
use crate::domain::{RoutingRule, RoutingRuleId};
use crate::engine::{Refusal, SetupCommand};
use crate::faults::Draft;
use crate::protocol::request::{CreateRoutingRule, PatchRoutingRule};
use crate::protocol::{Problem, wire};
use crate::store::{self, TenantTx};

impl Resource for RoutingRule {
    type Id = RoutingRuleId;
    type Wire = wire::RoutingRule;

    async fn find(tx: &mut TenantTx, id: RoutingRuleId) -> Result<Option<Self>, store::Error> {
        tx.find_routing_rule(id).await
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn shown(&self) -> wire::RoutingRule {
        self.into()
    }

    fn update(self) -> SetupCommand {
        SetupCommand::UpdateRoutingRule(Box::new(self))
    }

    fn problem(refusal: Refusal) -> Problem {
        match refusal {
            // The path names it.
            Refusal::UnknownRoutingRule => Problem::not_found(),
            refusal => refusal.into(),
        }
    }
}

impl Listed for RoutingRule {
    const FOLDER: &'static str = "/v1/routing-rules";

    async fn list(
        tx: &mut TenantTx,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Self>, store::Error> {
        tx.list_routing_rules(after.map(RoutingRuleId), limit).await
    }

    fn id(&self) -> Uuid {
        self.id.0
    }

    fn archive(id: RoutingRuleId, version: Option<i64>) -> SetupCommand {
        SetupCommand::ArchiveRoutingRule(id, version)
    }
}

/// Lists the rules, oldest first; they are tried in the order of `sort_order`.
#[utoipa::path(
    get, path = "/v1/routing-rules", operation_id = "list_routing_rules", tag = "setup", security(("agent" = [])),
    params(ListQuery),
    responses((status = 200, description = "A page", body = Page<wire::RoutingRule>), Unauthorized, BadQuery, Failures)
)]
pub(super) async fn list_routing_rules(
    State(app): State<AppState>,
    agent: Permitted<ReadSetup>,
    Query(query): Query<ListQuery>,
) -> Result<Body<Page<wire::RoutingRule>>, ApiError> {
    resource::list::<RoutingRule>(&app, &agent, query).await
}

/// Adds a rule.
#[utoipa::path(
    post, path = "/v1/routing-rules", operation_id = "create_routing_rule", tag = "setup", security(("agent" = [])),
    params(super::docs::IdempotencyKey),
    request_body = CreateRoutingRule,
    responses(
        (status = 201, description = "The new rule", body = wire::RoutingRule, headers(
            ("Location" = String, description = "Where it is found"),
            ("ETag" = String, description = "Its version, for `If-Match`")
        )),
        (status = 409, description = "`limit_reached` beyond 200, `idempotency_mismatch`",
            body = super::docs::ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Forbidden, BadBody, Failures
    )
)]
pub(super) async fn create_routing_rule(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    request: Creation<Draft<CreateRoutingRule>>,
) -> Result<Response, ApiError> {
    let (request, once) = request.split(|| agent.name());
    let now = app.now();
    let id = RoutingRuleId(app.random.uuid_v7(now));
    let rule = request.map(|request| request.into_rule(id, now));
    let command = rule.map(|rule| SetupCommand::CreateRoutingRule(Box::new(rule)));
    resource::create::<RoutingRule>(&app, &agent, once, command).await
}

/// Shows a rule.
#[utoipa::path(
    get, path = "/v1/routing-rules/{rule_id}", operation_id = "find_routing_rule", tag = "setup",
    security(("agent" = [])), params(("rule_id" = Uuid, Path)),
    responses(
        (status = 200, description = "The rule", body = wire::RoutingRule,
            headers(("ETag" = String, description = "Its version, for `If-Match`"))),
        Unauthorized, Missing, Failures
    )
)]
pub(super) async fn find_routing_rule(
    State(app): State<AppState>,
    agent: Permitted<ReadSetup>,
    Id(rule_id): Id<RoutingRuleId>,
) -> Result<Tagged<wire::RoutingRule>, ApiError> {
    resource::find::<RoutingRule>(&app, &agent, rule_id).await
}

/// Changes a rule; chats that have begun stay where they are.
#[utoipa::path(
    patch, path = "/v1/routing-rules/{rule_id}", operation_id = "change_routing_rule", tag = "setup",
    security(("agent" = [])), params(("rule_id" = Uuid, Path), super::docs::IfMatch),
    request_body(content(
        (PatchRoutingRule = "application/merge-patch+json"), (PatchRoutingRule = "application/json")
    )),
    responses(
        (status = 200, description = "The rule as it is now", body = wire::RoutingRule,
            headers(("ETag" = String, description = "Its version, for `If-Match`"))),
        Unauthorized, Forbidden, Missing, Stale, BadBody, Failures
    )
)]
pub(super) async fn change_routing_rule(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    Id(rule_id): Id<RoutingRuleId>,
    if_match: IfMatch,
    patch: Patch<PatchRoutingRule>,
) -> Result<Response, ApiError> {
    let patch = |rule: &mut RoutingRule| {
        let shown = rule.shown();
        patch.change(rule, &shown, PatchRoutingRule::apply)
    };
    resource::change(&app, &agent, rule_id, &if_match, patch).await
}

/// Archives a rule.
#[utoipa::path(
    delete, path = "/v1/routing-rules/{rule_id}", operation_id = "delete_routing_rule", tag = "setup",
    security(("agent" = [])), params(("rule_id" = Uuid, Path), super::docs::IfMatch),
    responses(
        (status = 204, description = "It is gone"),
        Unauthorized, Forbidden, Missing, Stale, Failures
    )
)]
pub(super) async fn delete_routing_rule(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    Id(rule_id): Id<RoutingRuleId>,
    if_match: IfMatch,
) -> Result<StatusCode, ApiError> {
    resource::archive::<RoutingRule>(&app, &agent, rule_id, &if_match).await
}
