//! Widgets, as admins set them up.

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
use crate::domain::{TenantId, Widget, WidgetId, WidgetKey};
use crate::engine::SetupCommand;
use crate::faults::Draft;
use crate::protocol::request::{CreateWidget, PatchWidget};
use crate::protocol::wire;
use crate::random::Random;
use crate::store::{self, TenantTx};

impl Resource for Widget {
    type Id = WidgetId;
    type Wire = wire::Widget;

    async fn find(tx: &mut TenantTx, id: WidgetId) -> Result<Option<Self>, store::Error> {
        tx.find_widget(id).await
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn shown(&self) -> wire::Widget {
        self.into()
    }

    fn update(self) -> SetupCommand {
        SetupCommand::UpdateWidget(self)
    }
}

impl Listed for Widget {
    const FOLDER: &'static str = "/v1/widgets";

    async fn list(
        tx: &mut TenantTx,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Self>, store::Error> {
        tx.list_widgets(after.map(WidgetId), limit).await
    }

    fn id(&self) -> Uuid {
        self.id.0
    }

    fn archive(id: WidgetId, version: Option<i64>) -> SetupCommand {
        SetupCommand::ArchiveWidget(id, version)
    }
}

/// Makes a widget's key: it names the tenant, and nobody comes upon it by counting.
#[must_use]
pub fn new_widget_key(tenant_id: TenantId, random: &Random) -> WidgetKey {
    WidgetKey::from_trusted(format!("wk_{}_{}", tenant_id.0.simple(), random.hex(16)))
}

/// Lists the widgets, oldest first.
#[utoipa::path(
    get, path = "/v1/widgets", operation_id = "list_widgets", tag = "setup", security(("agent" = [])),
    params(ListQuery),
    responses((status = 200, description = "A page", body = Page<wire::Widget>), Unauthorized, BadQuery, Failures)
)]
pub(super) async fn list_widgets(
    State(app): State<AppState>,
    agent: Permitted<ReadSetup>,
    Query(query): Query<ListQuery>,
) -> Result<Body<Page<wire::Widget>>, ApiError> {
    resource::list::<Widget>(&app, &agent, query).await
}

/// Adds a widget.
#[utoipa::path(
    post, path = "/v1/widgets", operation_id = "create_widget", tag = "setup", security(("agent" = [])),
    params(super::docs::IdempotencyKey),
    request_body = CreateWidget,
    responses(
        (status = 201, description = "The new widget", body = wire::Widget, headers(
            ("Location" = String, description = "Where it is found"),
            ("ETag" = String, description = "Its version, for `If-Match`")
        )),
        (status = 409, description = "`limit_reached`, `idempotency_mismatch`",
            body = super::docs::ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Forbidden, BadBody, Failures
    )
)]
pub(super) async fn create_widget(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    request: Creation<Draft<CreateWidget>>,
) -> Result<Response, ApiError> {
    let (request, once) = request.split(|| agent.name());
    let now = app.now();
    let key = new_widget_key(agent.tenant_id, &app.random);
    let id = WidgetId(app.random.uuid_v7(now));
    let widget = request.map(|request| request.into_widget(id, key, now));
    let command = widget.map(SetupCommand::CreateWidget);
    resource::create::<Widget>(&app, &agent, once, command).await
}

/// Shows a widget.
#[utoipa::path(
    get, path = "/v1/widgets/{widget_id}", operation_id = "find_widget", tag = "setup",
    security(("agent" = [])), params(("widget_id" = Uuid, Path)),
    responses(
        (status = 200, description = "The widget", body = wire::Widget,
            headers(("ETag" = String, description = "Its version, for `If-Match`"))),
        Unauthorized, Missing, Failures
    )
)]
pub(super) async fn find_widget(
    State(app): State<AppState>,
    agent: Permitted<ReadSetup>,
    Id(widget_id): Id<WidgetId>,
) -> Result<Tagged<wire::Widget>, ApiError> {
    resource::find::<Widget>(&app, &agent, widget_id).await
}

/// Changes a widget. Its key stays: pages name it.
#[utoipa::path(
    patch, path = "/v1/widgets/{widget_id}", operation_id = "change_widget", tag = "setup",
    security(("agent" = [])), params(("widget_id" = Uuid, Path), super::docs::IfMatch),
    request_body(content(
        (PatchWidget = "application/merge-patch+json"), (PatchWidget = "application/json")
    )),
    responses(
        (status = 200, description = "The widget as it is now", body = wire::Widget,
            headers(("ETag" = String, description = "Its version, for `If-Match`"))),
        Unauthorized, Forbidden, Missing, Stale, BadBody, Failures
    )
)]
pub(super) async fn change_widget(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    Id(widget_id): Id<WidgetId>,
    if_match: IfMatch,
    patch: Patch<PatchWidget>,
) -> Result<Response, ApiError> {
    let patch = |widget: &mut Widget| {
        let shown = widget.shown();
        patch.change(widget, &shown, PatchWidget::apply)
    };
    resource::change(&app, &agent, widget_id, &if_match, patch).await
}

/// Archives a widget. From then on its key is unknown; the chats that came through it go on.
#[utoipa::path(
    delete, path = "/v1/widgets/{widget_id}", operation_id = "delete_widget", tag = "setup",
    security(("agent" = [])), params(("widget_id" = Uuid, Path), super::docs::IfMatch),
    responses(
        (status = 204, description = "It is gone"),
        (status = 409, description = "`in_use`: a routing rule names it", body = super::docs::ProblemBody,
            content_type = "application/problem+json"),
        Unauthorized, Forbidden, Missing, Stale, Failures
    )
)]
pub(super) async fn delete_widget(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    Id(widget_id): Id<WidgetId>,
    if_match: IfMatch,
) -> Result<StatusCode, ApiError> {
    resource::archive::<Widget>(&app, &agent, widget_id, &if_match).await
}
