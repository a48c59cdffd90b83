//! Rows that a batch creates once: offices, agents, queues, widgets, contacts, visitors. They are rare, so each is a
//! statement of its own.

use sqlx::PgConnection;

use crate::domain::{Agent, Contact, Mode, Office, TenantId, Widget};
use crate::engine::{ChatEvent, ChatView, Event, EventKind, PasswordHash, QueueView, SetupEvent};

use super::super::Error;
use super::super::time::to_db;
use super::Batch;
use super::rows::to_i32;

/// Writes what the batch's events create, in their order.
pub(super) async fn create(connection: &mut PgConnection, batch: &Batch) -> Result<(), Error> {
    let tenant = batch.tenant_id;
    for numbered in &batch.events {
        let event = &*numbered.event;
        match &event.kind {
            EventKind::Setup(setup) => create_setup(connection, tenant, event, setup).await?,
            EventKind::Chat(ChatEvent::Queued(chat) | ChatEvent::OfflineMessageLeft(chat)) => {
                insert_visitor(connection, batch, chat).await?;
            }
            EventKind::Presence(_) | EventKind::Offer(_) | EventKind::Chat(_) => {}
        }
    }
    Ok(())
}

async fn create_setup(
    connection: &mut PgConnection,
    tenant: TenantId,
    event: &Event,
    setup: &SetupEvent,
) -> Result<(), Error> {
    match setup {
        SetupEvent::OfficeCreated(office) => insert_office(connection, tenant, office).await,
        SetupEvent::AgentCreated(agent, password) => {
            insert_agent(connection, tenant, agent).await?;
            insert_credentials(connection, tenant, agent, password).await
        }
        SetupEvent::QueueCreated(view) => {
            insert_queue(connection, tenant, view).await?;
            replace_members(connection, tenant, view).await
        }
        SetupEvent::MembersChanged(view) => replace_members(connection, tenant, view).await,
        SetupEvent::WidgetCreated(widget) => {
            debug_assert!(event.at >= widget.created_at);
            insert_widget(connection, tenant, widget).await
        }
    }
}

async fn insert_office(
    connection: &mut PgConnection,
    tenant: TenantId,
    office: &Office,
) -> Result<(), Error> {
    // A new office has no queue, so nobody can be there yet.
    let mode: Mode = office.when_not_live.mode();
    sqlx::query!(
        "insert into offices (tenant_id, office_id, name, when_not_live, mode, created_at)
         values ($1, $2, $3, $4, $5, $6)",
        tenant.0,
        office.id.0,
        office.name.as_str(),
        office.when_not_live.as_str(),
        mode.as_str(),
        to_db(office.created_at)
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn insert_agent(
    connection: &mut PgConnection,
    tenant: TenantId,
    agent: &Agent,
) -> Result<(), Error> {
    // The facts are those of a new agent; the batch's records write over them.
    sqlx::query!(
        "insert into agents (tenant_id, agent_id, name, email, email_folded, role, capacity, created_at,
             status, status_set_at, status_set_by, status_reason,
             reachability, reachability_since, idle_since)
         values ($1, $2, $3, $4, $5, $6, $7, $8,
             'offline', $8, 'system', 'initial', 'lost', $8, $8)",
        tenant.0,
        agent.id.0,
        agent.name.as_str(),
        agent.email.as_str(),
        agent.email.folded(),
        agent.role.as_str(),
        to_i32(agent.capacity.get()),
        to_db(agent.created_at)
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn insert_credentials(
    connection: &mut PgConnection,
    tenant: TenantId,
    agent: &Agent,
    password: &PasswordHash,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into agent_credentials (tenant_id, agent_id, password_hash, changed_at)
         values ($1, $2, $3, $4)",
        tenant.0,
        agent.id.0,
        &*password.0,
        to_db(agent.created_at)
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn insert_queue(
    connection: &mut PgConnection,
    tenant: TenantId,
    view: &QueueView,
) -> Result<(), Error> {
    let queue = &view.queue;
    sqlx::query!(
        "insert into queues (tenant_id, queue_id, office_id, name, strategy, ring_timeout_ms,
             round_pause_ms, max_waiting, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        tenant.0,
        queue.id.0,
        queue.office_id.0,
        queue.name.as_str(),
        queue.settings.strategy.as_str(),
        queue.settings.ring_timeout.map(|timeout| timeout.0),
        queue.settings.round_pause.0,
        to_i32(queue.settings.max_waiting),
        to_db(queue.created_at)
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn replace_members(
    connection: &mut PgConnection,
    tenant: TenantId,
    view: &QueueView,
) -> Result<(), Error> {
    sqlx::query!(
        "delete from queue_members where tenant_id = $1 and queue_id = $2",
        tenant.0,
        view.queue.id.0
    )
    .execute(&mut *connection)
    .await?;
    let members: Vec<uuid::Uuid> = view.member_ids.iter().map(|id| id.0).collect();
    sqlx::query!(
        "insert into queue_members (tenant_id, queue_id, agent_id)
         select $1, $2, agent_id from unnest($3::uuid[]) as m (agent_id)",
        tenant.0,
        view.queue.id.0,
        &members
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn insert_widget(
    connection: &mut PgConnection,
    tenant: TenantId,
    widget: &Widget,
) -> Result<(), Error> {
    let domains: Vec<String> = widget
        .allowed_domains
        .iter()
        .map(|domain| domain.as_str().to_owned())
        .collect();
    sqlx::query!(
        "insert into widgets (tenant_id, widget_id, key, name, allowed_domains, messenger_text,
             created_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        tenant.0,
        widget.id.0,
        widget.key.as_str(),
        widget.name.as_str(),
        &domains,
        widget.messenger_text.as_str(),
        to_db(widget.created_at)
    )
    .execute(&mut *connection)
    .await?;
    let offices: Vec<uuid::Uuid> = widget.office_ids.iter().map(|id| id.0).collect();
    sqlx::query!(
        "insert into widget_offices (tenant_id, widget_id, place, office_id)
         select $1, $2, place, office_id
         from unnest($3::uuid[]) with ordinality as o (office_id, place)",
        tenant.0,
        widget.id.0,
        &offices
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The visitor and its contact. The latest form that says something counts; nothing is gathered over chats, or a
/// visitor could make the row grow for ever.
async fn insert_visitor(
    connection: &mut PgConnection,
    batch: &Batch,
    chat: &ChatView,
) -> Result<(), Error> {
    let tenant = batch.tenant_id;
    upsert_contact(connection, tenant, &chat.contact, chat).await?;
    let widget_id = batch
        .records
        .chats
        .iter()
        .find(|record| record.id == chat.id)
        .map(|record| record.widget_id.0)
        .ok_or_else(|| Error::inconsistent("chats", "widget_id", chat.id))?;
    sqlx::query!(
        "insert into visitors (tenant_id, visitor_id, contact_id, widget_id, created_at)
         values ($1, $2, $3, $4, $5)
         on conflict (tenant_id, visitor_id) do nothing",
        tenant.0,
        chat.visitor_id.0,
        chat.contact.id.0,
        widget_id,
        to_db(chat.started_at)
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn upsert_contact(
    connection: &mut PgConnection,
    tenant: TenantId,
    contact: &Contact,
    chat: &ChatView,
) -> Result<(), Error> {
    let fields = serde_json::to_value(&contact.fields).unwrap_or_default();
    sqlx::query!(
        "insert into contacts (tenant_id, contact_id, name, email, fields, created_at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (tenant_id, contact_id) do update set
             name = coalesce(excluded.name, contacts.name),
             email = coalesce(excluded.email, contacts.email),
             fields = case when excluded.fields = '{}' then contacts.fields else excluded.fields end",
        tenant.0,
        contact.id.0,
        contact.name.as_ref().map(crate::domain::Name::as_str),
        contact.email.as_ref().map(crate::domain::Email::as_str),
        fields,
        to_db(chat.started_at)
    )
    .execute(connection)
    .await?;
    Ok(())
}
