//! Templates (CHAT-7): canned answers, and their text for one chat.

use axum::Json as Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use deserr::Deserr;
use utoipa::IntoParams;
use uuid::Uuid;

use super::chats::readable_chat;
use super::conditional::{IfMatch, Tagged};
use super::docs::{BadBody, BadQuery, Failures, Forbidden, Missing, Stale, Unauthorized};
use super::extract::{Creation, Id, Json, Query};
use super::page::{Cursor, Limit, Page, Search};
use super::patch::Patch;
use super::principal::{ChangeSetup, Permitted, ReadOwnChats, ReadSetup};
use super::versioned::{self, Made, Versioned};
use super::{AgentPrincipal, ApiError, AppState};
use crate::domain::{
    AgentId, ContactFields, ContactProfile, Email, MessageText, Name, OfficeId, Queue,
    TEMPLATES_MAX, Template, TemplateId, TemplateValues, Timestamp,
};
use crate::engine::{ChatView, FieldFault, Reference};
use crate::faults::{Draft, Faults};
use crate::protocol::request::{CreateTemplate, PatchTemplate, RenderTemplate};
use crate::protocol::{ErrorCode, Problem, wire};
use crate::store::{Error, TemplateFilter, TenantTx};

impl Versioned for Template {
    type Id = TemplateId;
    type Wire = wire::Template;
    const KIND: &'static str = "template";

    async fn find(
        tx: &mut TenantTx,
        _: &AgentPrincipal,
        id: TemplateId,
    ) -> Result<Option<Self>, Error> {
        tx.find_template(id).await
    }

    async fn faults(
        &self,
        tx: &mut TenantTx,
        before: Option<&Self>,
    ) -> Result<Vec<FieldFault>, Error> {
        let known = before.map(|before| &before.office_ids);
        // What stands there already may have been archived since; that is no fault of this change.
        let is_new = |id: &&OfficeId| known.is_none_or(|known| !known.contains(*id));
        let new: Vec<OfficeId> = self.office_ids.iter().filter(is_new).copied().collect();
        let unknown = tx.unknown_offices(&new).await?.into_iter();
        let fault = |id: OfficeId| FieldFault::Unknown(Reference::Offices, id.0);
        Ok(unknown.map(fault).collect())
    }

    async fn update(&self, tx: &mut TenantTx, expected: i64) -> Result<bool, Error> {
        tx.update_template(self, expected).await
    }

    fn id(&self) -> Uuid {
        self.id.0
    }

    fn version(&mut self) -> &mut i64 {
        &mut self.version
    }

    fn shown(&self) -> wire::Template {
        self.into()
    }
}

impl Made for Template {
    const FOLDER: &'static str = "/v1/templates";
    const MAX: usize = TEMPLATES_MAX;

    async fn count(tx: &mut TenantTx) -> Result<i64, Error> {
        tx.count_templates().await
    }

    async fn insert(&self, tx: &mut TenantTx) -> Result<(), Error> {
        tx.insert_template(self).await
    }

    async fn archive(
        tx: &mut TenantTx,
        id: TemplateId,
        expected: i64,
        at: Timestamp,
    ) -> Result<bool, Error> {
        tx.archive_template(id, expected, at).await
    }
}

/// The parameters of the list of templates.
#[derive(Clone, Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct TemplateQuery {
    /// Only templates for this office: its own, and those for every one.
    #[deserr(default)]
    #[param(value_type = Option<Uuid>)]
    pub office_id: Option<OfficeId>,
    /// Only templates with this somewhere in their name or shortcut, in either case.
    #[deserr(default)]
    #[param(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub q: Option<Search>,
    /// How many entries to return.
    #[deserr(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    pub limit: Limit,
    /// The `next_cursor` of the page before.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub cursor: Option<Cursor<Uuid>>,
}

/// Lists the templates, oldest first; `sort_order` is for whoever shows them.
#[utoipa::path(
    get, path = "/v1/templates", operation_id = "list_templates", tag = "setup", security(("agent" = [])),
    params(TemplateQuery),
    responses((status = 200, description = "A page", body = Page<wire::Template>), Unauthorized, BadQuery, Failures)
)]
pub(super) async fn list_templates(
    State(app): State<AppState>,
    agent: Permitted<ReadSetup>,
    Query(query): Query<TemplateQuery>,
) -> Result<Body<Page<wire::Template>>, ApiError> {
    let filter = TemplateFilter {
        office_id: query.office_id,
        search: query.q.map(|q| q.0),
    };
    let after = query.cursor.map(|cursor| TemplateId(cursor.0));
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    let rows = tx
        .list_templates(&filter, after, query.limit.and_one_more())
        .await?;
    Ok(Body(Page::new(
        rows,
        query.limit,
        Template::id,
        Template::shown,
    )))
}

/// Adds a template.
#[utoipa::path(
    post, path = "/v1/templates", operation_id = "create_template", tag = "setup", security(("agent" = [])),
    params(super::docs::IdempotencyKey),
    request_body = CreateTemplate,
    responses(
        (status = 201, description = "The new template", body = wire::Template, headers(
            ("Location" = String, description = "Where it is found"),
            ("ETag" = String, description = "Its version, for `If-Match`")
        )),
        (status = 409, description = "`shortcut_taken`, `limit_reached` beyond 2,000, `idempotency_mismatch`",
            body = super::docs::ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Forbidden, BadBody, Failures
    )
)]
pub(super) async fn create_template(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    request: Creation<Draft<CreateTemplate>>,
) -> Result<Response, ApiError> {
    let (request, once) = request.split(|| agent.name());
    let now = app.now();
    let id = TemplateId(app.random.uuid_v7(now));
    let template = request.map(|request| request.into_template(id, now));
    versioned::create::<Template>(&app, &agent, once, now, template).await
}

/// Shows a template.
#[utoipa::path(
    get, path = "/v1/templates/{template_id}", operation_id = "find_template", tag = "setup",
    security(("agent" = [])), params(("template_id" = Uuid, Path)),
    responses(
        (status = 200, description = "The template", body = wire::Template,
            headers(("ETag" = String, description = "Its version, for `If-Match`"))),
        Unauthorized, Missing, Failures
    )
)]
pub(super) async fn find_template(
    State(app): State<AppState>,
    agent: Permitted<ReadSetup>,
    Id(template_id): Id<TemplateId>,
) -> Result<Tagged<wire::Template>, ApiError> {
    versioned::find::<Template>(&app, &agent, template_id).await
}

/// Changes a template.
#[utoipa::path(
    patch, path = "/v1/templates/{template_id}", operation_id = "change_template", tag = "setup",
    security(("agent" = [])), params(("template_id" = Uuid, Path), super::docs::IfMatch),
    request_body(content(
        (PatchTemplate = "application/merge-patch+json"), (PatchTemplate = "application/json")
    )),
    responses(
        (status = 200, description = "The template as it is now", body = wire::Template,
            headers(("ETag" = String, description = "Its version, for `If-Match`"))),
        (status = 409, description = "`shortcut_taken`", body = super::docs::ProblemBody,
            content_type = "application/problem+json"),
        Unauthorized, Forbidden, Missing, Stale, BadBody, Failures
    )
)]
pub(super) async fn change_template(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    Id(template_id): Id<TemplateId>,
    if_match: IfMatch,
    patch: Patch<PatchTemplate>,
) -> Result<Tagged<wire::Template>, ApiError> {
    let patch = |template: &mut Template| {
        let shown = template.shown();
        patch.change(template, &shown, PatchTemplate::apply)
    };
    versioned::change(&app, &agent, template_id, &if_match, patch).await
}

/// Archives a template.
#[utoipa::path(
    delete, path = "/v1/templates/{template_id}", operation_id = "delete_template", tag = "setup",
    security(("agent" = [])), params(("template_id" = Uuid, Path), super::docs::IfMatch),
    responses(
        (status = 204, description = "It is gone"),
        Unauthorized, Forbidden, Missing, Stale, Failures
    )
)]
pub(super) async fn delete_template(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    Id(template_id): Id<TemplateId>,
    if_match: IfMatch,
) -> Result<StatusCode, ApiError> {
    versioned::archive::<Template>(&app, &agent, template_id, &if_match).await
}

/// Gives the text of a template for one chat, filled in for the agent that asks. Nothing is sent.
#[utoipa::path(
    post, path = "/v1/templates/{template_id}/render", operation_id = "render_template", tag = "chats",
    security(("agent" = [])), params(("template_id" = Uuid, Path)),
    request_body = RenderTemplate,
    responses(
        (status = 200, description = "The text", body = wire::RenderedTemplate),
        (status = 409, description = "`limit_reached`: filled in it is longer than a message may be",
            body = super::docs::ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Missing, BadBody, Failures
    )
)]
pub(super) async fn render_template(
    State(app): State<AppState>,
    agent: Permitted<ReadOwnChats>,
    Id(template_id): Id<TemplateId>,
    Json(request): Json<RenderTemplate>,
) -> Result<Body<wire::RenderedTemplate>, ApiError> {
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    let template = tx.find_template(template_id).await?;
    let template = template.ok_or_else(ApiError::not_found)?;
    let chat = readable_chat(&mut tx, &agent, request.chat_id).await?;
    let unknown = || Problem::unknown_id("/chat_id", "there is no such chat");
    let known = Known::of(&mut tx, agent.agent_id, chat.ok_or_else(unknown)?).await?;
    let text = known.values(|values| template.text.fill(values));
    if text.len() > MessageText::BYTES_MAX {
        let detail = "filled in it is longer than a message may be";
        return Err(ApiError::new(ErrorCode::LimitReached, detail));
    }
    Ok(Body(wire::RenderedTemplate { text }))
}

/// Where an agent finds more about a chat, in another system (ROUTE-6).
pub(super) async fn external_url(
    tx: &mut TenantTx,
    agent_id: AgentId,
    chat: &ChatView,
) -> Result<Option<String>, Error> {
    let Some(queue_id) = chat.queue_id else {
        return Ok(None);
    };
    let queue = tx.find_queue(queue_id).await?;
    let template = queue.and_then(|view| view.queue.settings.external_url);
    // Few queues have one; what it is filled with is looked up for those alone.
    let Some(template) = template else {
        return Ok(None);
    };
    let known = Known::of(tx, agent_id, chat.clone()).await?;
    Ok(known.values(|values| template.fill(values)))
}

/// What is known of a chat and of the agent that writes in it.
struct Known {
    chat: ChatView,
    contact: Option<ContactProfile>,
    agent: Option<Name>,
    office: Option<Name>,
    queue: Option<Queue>,
}

impl Known {
    async fn of(tx: &mut TenantTx, agent_id: AgentId, chat: ChatView) -> Result<Self, Error> {
        let agent = tx.find_agent(agent_id).await?;
        let office = tx.find_office(chat.office_id).await?;
        let queue = match chat.queue_id {
            Some(id) => tx.find_queue(id).await?,
            None => None,
        };
        Ok(Self {
            contact: tx.find_contact(chat.contact.id, None).await?,
            agent: agent.map(|agent| agent.shown_name().clone()),
            office: office.map(|office| office.office.name),
            queue: queue.map(|view| view.queue),
            chat,
        })
    }

    /// What an agent has given of the contact counts before the form of the chat, and that before other forms.
    fn values<T>(&self, fill: impl FnOnce(&TemplateValues<'_>) -> T) -> T {
        let form = &*self.chat.contact;
        let none = ContactFields::default();
        let (name, email, kept, last) = match &self.contact {
            Some(contact) => (
                contact.name.before(form.name.as_ref()),
                contact.email.before(form.email.as_ref()),
                &contact.kept_fields,
                &contact.form,
            ),
            None => (form.name.as_ref(), form.email.as_ref(), &none, &none),
        };
        fill(&TemplateValues {
            visitor_name: name.map(Name::as_str),
            visitor_email: email.map(Email::as_str),
            agent_name: self.agent.as_ref().map(Name::as_str),
            office_name: self.office.as_ref().map(Name::as_str),
            queue_name: self.queue.as_ref().map(|queue| queue.name.as_str()),
            chat_id: self.chat.id,
            fields: &[kept, &form.fields, last],
        })
    }
}
