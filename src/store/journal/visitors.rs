//! The visitor of a chat that begins, and its contact.

use sqlx::PgConnection;

use crate::domain::{Contact, TenantId};
use crate::engine::ChatView;

use super::super::Error;
use super::super::time::to_db;
use super::Batch;

/// The visitor and its contact. The latest form that says something counts, but for what an agent has given; nothing is
/// gathered over chats, or a visitor could make the row grow for ever.
pub(super) async fn insert(
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
             name = case when contacts.name_is_kept then contacts.name else coalesce(excluded.name, contacts.name) end,
             email = case when contacts.email_is_kept then contacts.email
                 else coalesce(excluded.email, contacts.email) end,
             fields = case when excluded.fields = '{}' then contacts.fields else excluded.fields end,
             version = contacts.version + case
                 when not contacts.name_is_kept and excluded.name is not null
                     and excluded.name is distinct from contacts.name then 1
                 when not contacts.email_is_kept and excluded.email is not null
                     and excluded.email is distinct from contacts.email then 1
                 when excluded.fields not in ('{}', contacts.fields) then 1
                 else 0
             end",
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
