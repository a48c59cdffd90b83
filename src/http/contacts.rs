//! Contacts (CHAT-6): the visitor as a person, over all its chats.
//!
//! Owns who may know of a contact: supervisors of all, an agent of those with a chat that it may read and of those that
//! it has made.

use axum::Json as Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use deserr::Deserr;
use utoipa::IntoParams;
use uuid::Uuid;

use super::chats::position;
use super::conditional::{IfMatch, Tagged};
use super::docs::{BadBody, BadQuery, Failures, Forbidden, Missing, Stale, Unauthorized};
use super::extract::{Creation, Id, Query};
use super::page::{ChatListQuery, Cursor, Limit, Page, Search};
use super::patch::Patch;
use super::principal::{ChangeContacts, DeleteContacts, Permitted, ReadOwnChats};
use super::versioned::{self, Made, Versioned};
use super::{AgentPrincipal, ApiError, AppState};
use crate::domain::{
    AgentId, ContactId, ContactProfile, Email, MADE_CONTACTS_MAX, Permission, Timestamp,
};
use crate::engine::{FieldFault, Reference};
use crate::faults::{Draft, Faults, Field};
use crate::protocol::request::{CreateContact, PatchContact};
use crate::protocol::{ErrorCode, wire};
use crate::store::{ChatFilter, ContactFilter, Error, TenantTx};

/// Whose chats make known what the agent asks for; `None` when all of them do.
pub(super) fn reader(agent: &AgentPrincipal) -> Option<AgentId> {
    (!agent.may(Permission::ReadAllChats)).then_some(agent.agent_id)
}

impl Versioned for ContactProfile {
    type Id = ContactId;
    type Wire = wire::ContactProfile;
    const KIND: &'static str = "contact";

    async fn find(
        tx: &mut TenantTx,
        by: &AgentPrincipal,
        id: ContactId,
    ) -> Result<Option<Self>, Error> {
        tx.find_contact(id, reader(by)).await
    }

    async fn faults(
        &self,
        tx: &mut TenantTx,
        before: Option<&Self>,
    ) -> Result<Vec<FieldFault>, Error> {
        let known = before.map(|before| &before.assigned_agent_ids);
        // Who stands there already may have been archived since; that is no fault of this change.
        let is_new = |id: &&AgentId| known.is_none_or(|known| !known.contains(*id));
        let assigned = self.assigned_agent_ids.iter();
        let new: Vec<AgentId> = assigned.filter(is_new).copied().collect();
        let unknown = tx.unknown_agents(&new).await?.into_iter();
        let fault = |id: AgentId| FieldFault::Unknown(Reference::Assigned, id.0);
        Ok(unknown.map(fault).collect())
    }

    async fn update(&self, tx: &mut TenantTx, expected: i64) -> Result<bool, Error> {
        tx.update_contact(self, expected).await
    }

    fn id(&self) -> Uuid {
        self.id.0
    }

    fn version(&mut self) -> &mut i64 {
        &mut self.version
    }

    fn shown(&self) -> wire::ContactProfile {
        self.into()
    }
}

impl Made for ContactProfile {
    const FOLDER: &'static str = "/v1/contacts";
    const MAX: usize = MADE_CONTACTS_MAX;

    async fn count(tx: &mut TenantTx) -> Result<i64, Error> {
        tx.count_made_contacts().await
    }

    async fn insert(&self, tx: &mut TenantTx) -> Result<(), Error> {
        tx.insert_contact(self).await
    }

    async fn check_unused(tx: &mut TenantTx, id: ContactId) -> Result<(), ApiError> {
        if tx.hold_contact(id).await? {
            let detail = "it has an open chat or a message in the inbox; close that first";
            return Err(ApiError::new(ErrorCode::InUse, detail));
        }
        Ok(())
    }

    async fn archive(
        tx: &mut TenantTx,
        id: ContactId,
        expected: i64,
        at: Timestamp,
    ) -> Result<bool, Error> {
        tx.delete_contact(id, expected, at).await
    }
}

/// The parameters of the list of contacts.
#[derive(Clone, Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ContactQuery {
    /// Only contacts whose name or e-mail address begins with this, in either case.
    #[deserr(default)]
    #[param(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub q: Option<Search>,
    /// Only contacts with this e-mail address, in either case.
    #[deserr(default)]
    #[param(value_type = Option<String>, format = Email)]
    pub email: Option<Email>,
    /// How many entries to return.
    #[deserr(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    pub limit: Limit,
    /// The `next_cursor` of the page before.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub cursor: Option<Cursor<(Timestamp, ContactId)>>,
}

/// Lists contacts, newest first: a supervisor's all, an agent's those with a chat that it may read and those that it has
/// made.
#[utoipa::path(
    get, path = "/v1/contacts", operation_id = "list_contacts", tag = "contacts", security(("agent" = [])),
    params(ContactQuery),
    responses(
        (status = 200, description = "A page", body = Page<wire::ContactProfile>),
        Unauthorized, BadQuery, Failures
    )
)]
pub(super) async fn list_contacts(
    State(app): State<AppState>,
    agent: Permitted<ReadOwnChats>,
    Query(query): Query<ContactQuery>,
) -> Result<Body<Page<wire::ContactProfile>>, ApiError> {
    let filter = ContactFilter {
        search: query.q.map(|q| q.0),
        email: query.email,
        readable_by: reader(&agent),
    };
    let after = query.cursor.map(|cursor| cursor.0);
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    let rows = tx
        .list_contacts(&filter, after, query.limit.and_one_more())
        .await?;
    Ok(Body(Page::new(
        rows,
        query.limit,
        |contact| (contact.created_at, contact.id),
        ContactProfile::shown,
    )))
}

/// Adds a contact that has not written yet. Whom its chats are for is said by supervisors.
#[utoipa::path(
    post, path = "/v1/contacts", operation_id = "create_contact", tag = "contacts", security(("agent" = [])),
    params(super::docs::IdempotencyKey),
    request_body = CreateContact,
    responses(
        (status = 201, description = "The new contact", body = wire::ContactProfile, headers(
            ("Location" = String, description = "Where it is found"),
            ("ETag" = String, description = "Its version, for `If-Match`")
        )),
        (status = 409, description = "`limit_reached` beyond 100,000, `idempotency_mismatch`",
            body = super::docs::ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Forbidden, BadBody, Failures
    )
)]
pub(super) async fn create_contact(
    State(app): State<AppState>,
    agent: Permitted<ChangeContacts>,
    request: Creation<Draft<CreateContact>>,
) -> Result<Response, ApiError> {
    let (request, once) = request.split(|| agent.name());
    if request.get().assigns() {
        check_may_assign(&agent)?;
    }
    let now = app.now();
    let id = ContactId(app.random.uuid_v7(now));
    let contact = request.map(|request| request.into_contact(id, agent.agent_id, now));
    versioned::create::<ContactProfile>(&app, &agent, once, now, contact).await
}

/// Whom the chats of a contact are for is a supervisor's to say.
fn check_may_assign(agent: &AgentPrincipal) -> Result<(), ApiError> {
    if agent.may(Permission::AssignContacts) {
        return Ok(());
    }
    let detail = "a supervisor says whom the chats of a contact are for";
    Err(ApiError::new(ErrorCode::Forbidden, detail))
}

/// Shows a contact.
#[utoipa::path(
    get, path = "/v1/contacts/{contact_id}", operation_id = "find_contact", tag = "contacts",
    security(("agent" = [])), params(("contact_id" = Uuid, Path)),
    responses(
        (status = 200, description = "The contact", body = wire::ContactProfile,
            headers(("ETag" = String, description = "Its version, for `If-Match`"))),
        Unauthorized, Missing, Failures
    )
)]
pub(super) async fn find_contact(
    State(app): State<AppState>,
    agent: Permitted<ReadOwnChats>,
    Id(contact_id): Id<ContactId>,
) -> Result<Tagged<wire::ContactProfile>, ApiError> {
    versioned::find::<ContactProfile>(&app, &agent, contact_id).await
}

/// Changes what agents keep of a contact. Whom its chats are for is changed by supervisors.
#[utoipa::path(
    patch, path = "/v1/contacts/{contact_id}", operation_id = "change_contact", tag = "contacts",
    security(("agent" = [])), params(("contact_id" = Uuid, Path), super::docs::IfMatch),
    request_body(content(
        (PatchContact = "application/merge-patch+json"), (PatchContact = "application/json")
    )),
    responses(
        (status = 200, description = "The contact as it is now", body = wire::ContactProfile,
            headers(("ETag" = String, description = "Its version, for `If-Match`"))),
        Unauthorized, Forbidden, Missing, Stale, BadBody, Failures
    )
)]
pub(super) async fn change_contact(
    State(app): State<AppState>,
    agent: Permitted<ChangeContacts>,
    Id(contact_id): Id<ContactId>,
    if_match: IfMatch,
    patch: Patch<PatchContact>,
) -> Result<Tagged<wire::ContactProfile>, ApiError> {
    if !matches!(patch.named().assigned_agent_ids, Field::Absent) {
        check_may_assign(&agent)?;
    }
    let patch = |contact: &mut ContactProfile| {
        let (patch, mut sent) = patch.onto(&contact.shown()).split();
        sent.wrong(patch.apply(contact).err().unwrap_or_default());
        sent
    };
    versioned::change(&app, &agent, contact_id, &if_match, patch).await
}

/// Deletes a contact whose chats are over: nothing is left in it of the person. Its chats stay, with what their own forms
/// said. When its visitor comes back it is a contact again, of which only the new form is known.
#[utoipa::path(
    delete, path = "/v1/contacts/{contact_id}", operation_id = "delete_contact", tag = "contacts",
    security(("agent" = [])), params(("contact_id" = Uuid, Path), super::docs::IfMatch),
    responses(
        (status = 204, description = "It is gone"),
        (status = 409, description = "`in_use`: it has an open chat or a message in the inbox",
            body = super::docs::ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Forbidden, Missing, Stale, Failures
    )
)]
pub(super) async fn delete_contact(
    State(app): State<AppState>,
    agent: Permitted<DeleteContacts>,
    Id(contact_id): Id<ContactId>,
    if_match: IfMatch,
) -> Result<StatusCode, ApiError> {
    versioned::archive::<ContactProfile>(&app, &agent, contact_id, &if_match).await
}

/// Lists the chats of a contact that the agent may read, newest first.
#[utoipa::path(
    get, path = "/v1/contacts/{contact_id}/chats", operation_id = "list_contact_chats", tag = "contacts",
    security(("agent" = [])), params(("contact_id" = Uuid, Path), ChatListQuery),
    responses((status = 200, description = "A page", body = Page<wire::Chat>), Unauthorized, Missing, BadQuery, Failures)
)]
pub(super) async fn list_contact_chats(
    State(app): State<AppState>,
    agent: Permitted<ReadOwnChats>,
    Id(contact_id): Id<ContactId>,
    Query(query): Query<ChatListQuery>,
) -> Result<Body<Page<wire::Chat>>, ApiError> {
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    known(&mut tx, &agent, contact_id).await?;
    let filter = ChatFilter {
        contact_id: Some(contact_id),
        readable_by: reader(&agent),
        ..ChatFilter::default()
    };
    let rows = tx.list_chats(&filter, &query.page()).await?;
    Ok(Body(Page::new(rows, query.limit, position, |row| {
        row.into()
    })))
}

/// Checks that the agent may know of a contact; any other is as unknown as one that never was.
pub(super) async fn known(
    tx: &mut TenantTx,
    agent: &AgentPrincipal,
    contact_id: ContactId,
) -> Result<(), ApiError> {
    let found = tx.find_contact(contact_id, reader(agent)).await?;
    found.map(|_| ()).ok_or_else(ApiError::not_found)
}
