//! Contacts (CHAT-6): the visitor as a person, over all its chats.
//!
//! Owns who may know of a contact: supervisors of all, an agent of those with a chat that it may read.

use axum::Json as Body;
use axum::extract::State;
use deserr::Deserr;
use utoipa::IntoParams;
use uuid::Uuid;

use super::chats::position;
use super::conditional::{IfMatch, Tagged};
use super::docs::{BadBody, BadQuery, Failures, Forbidden, Missing, Stale, Unauthorized};
use super::extract::{Id, Query};
use super::page::{ChatListQuery, Cursor, Limit, Page, Search};
use super::patch::MergePatch;
use super::principal::{ChangeContacts, Permitted, ReadOwnChats};
use super::versioned::{self, Versioned};
use super::{AgentPrincipal, ApiError, AppState};
use crate::domain::{AgentId, ContactId, ContactProfile, Email, Permission};
use crate::engine::{FieldFault, Reference};
use crate::faults::{Draft, Faults, Field};
use crate::protocol::request::PatchContact;
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
    pub cursor: Option<Cursor<Uuid>>,
}

/// Lists contacts, newest first: a supervisor's all, an agent's those with a chat that it may read.
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
    let after = query.cursor.map(|cursor| ContactId(cursor.0));
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    let rows = tx
        .list_contacts(&filter, after, query.limit.and_one_more())
        .await?;
    Ok(Body(Page::new(
        rows,
        query.limit,
        ContactProfile::id,
        ContactProfile::shown,
    )))
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
    MergePatch(draft): MergePatch<Draft<PatchContact>>,
) -> Result<Tagged<wire::ContactProfile>, ApiError> {
    let (patch, sent) = draft.split();
    let assigns = !matches!(patch.assigned_agent_ids, Field::Absent);
    if assigns && !agent.may(Permission::AssignContacts) {
        let detail = "a supervisor says whom the chats of a contact are for";
        return Err(ApiError::new(ErrorCode::Forbidden, detail));
    }
    let patch = |contact: &mut ContactProfile| patch.clone().apply(contact);
    versioned::change(&app, &agent, contact_id, &if_match, sent, patch).await
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
