//! The visitors of chats that begin, and their contacts.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::{
    ChatId, Contact, ContactFields, ContactId, Email, Name, TenantId, VisitorId, WidgetId,
};
use crate::engine::{ChatEvent, ChatView, EventKind, LifeEvent};

use super::super::Error;
use super::super::time::to_db;
use super::Batch;
use super::rows::columns;

columns! {
    Contacts {
        tenant_id: Uuid, contact_id: Uuid, name: Option<String>, email: Option<String>, fields: Value,
        created_at: DateTime<Utc>,
    }
    Visitors { tenant_id: Uuid, visitor_id: Uuid, contact_id: Uuid, widget_id: Uuid, created_at: DateTime<Utc> }
}

/// Writes who has come with the chats that begin, or go on after their end, in these batches: all of them at once, for
/// in a rush each chat is somebody new. The latest form that says something counts, but for what an agent has given;
/// nothing is gathered over chats, or a visitor could make the row grow for ever.
pub(super) async fn write(connection: &mut PgConnection, batches: &[&Batch]) -> Result<(), Error> {
    let mut visitors = Visitors::default();
    let mut known: BTreeSet<(TenantId, VisitorId)> = BTreeSet::new();
    let mut contacts: BTreeMap<(TenantId, ContactId), (Contact, &ChatView)> = BTreeMap::new();
    for batch in batches {
        let widgets = OnceCell::new();
        for numbered in &batch.events {
            let tenant = batch.tenant_id;
            let chat = match &numbered.event.kind {
                EventKind::Chat(ChatEvent::Queued(chat) | ChatEvent::OfflineMessageLeft(chat)) => {
                    chat
                }
                EventKind::Chat(ChatEvent::Life(LifeEvent::Reopened(chat, _))) => {
                    // It says nothing new, but a contact that was deleted is there again.
                    let silent = || (said_nothing(chat.contact.id), &**chat);
                    let key = (tenant, chat.contact.id);
                    contacts.entry(key).or_insert_with(silent);
                    continue;
                }
                _ => continue,
            };
            if known.insert((tenant, chat.visitor_id)) {
                let widgets = widgets.get_or_init(|| widgets_of(batch));
                let widget_id = widgets.get(&chat.id);
                let widget_id =
                    widget_id.ok_or_else(|| Error::inconsistent("chats", "widget_id", chat.id))?;
                visitors.push(tenant, *widget_id, chat);
            }
            contacts
                .entry((tenant, chat.contact.id))
                .and_modify(|(contact, _)| say_more(contact, &chat.contact))
                .or_insert_with(|| (Contact::clone(&chat.contact), chat));
        }
    }
    // Each visitor is somebody's.
    write_both(connection, &Contacts::of(contacts), &visitors).await
}

/// A contact of which no form says anything.
fn said_nothing(id: ContactId) -> Contact {
    Contact {
        id,
        name: None,
        email: None,
        fields: ContactFields::default(),
    }
}

/// What a later form says counts.
fn say_more(contact: &mut Contact, later: &Contact) {
    if later.name.is_some() {
        contact.name.clone_from(&later.name);
    }
    if later.email.is_some() {
        contact.email.clone_from(&later.email);
    }
    if later.fields != ContactFields::default() {
        contact.fields.clone_from(&later.fields);
    }
}

impl Visitors {
    fn push(&mut self, tenant_id: TenantId, widget_id: WidgetId, chat: &ChatView) {
        self.tenant_id.push(tenant_id.0);
        self.visitor_id.push(chat.visitor_id.0);
        self.contact_id.push(chat.contact.id.0);
        self.widget_id.push(widget_id.0);
        self.created_at.push(to_db(chat.started_at));
    }
}

/// Which widget each chat of a batch came through: looked up by many that begin at once.
fn widgets_of(batch: &Batch) -> BTreeMap<ChatId, WidgetId> {
    let chats = batch.records.chats.iter();
    chats.map(|chat| (chat.id, chat.widget_id)).collect()
}

impl Contacts {
    fn of(contacts: BTreeMap<(TenantId, ContactId), (Contact, &ChatView)>) -> Self {
        let mut rows = Self::default();
        for ((tenant_id, contact_id), (contact, chat)) in contacts {
            rows.tenant_id.push(tenant_id.0);
            rows.contact_id.push(contact_id.0);
            rows.name.push(
                contact
                    .name
                    .as_ref()
                    .map(|name| Name::as_str(name).to_owned()),
            );
            rows.email.push(
                contact
                    .email
                    .as_ref()
                    .map(|email| Email::as_str(email).to_owned()),
            );
            // Text keys and texts: writing cannot fail.
            rows.fields
                .push(serde_json::to_value(&contact.fields).unwrap_or_default());
            rows.created_at.push(to_db(chat.started_at));
        }
        rows
    }
}

/// Both at once: in a rush each exchange with the database counts.
async fn write_both(
    connection: &mut PgConnection,
    contacts: &Contacts,
    visitors: &Visitors,
) -> Result<(), Error> {
    if contacts.tenant_id.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "with told as (
             insert into contacts (tenant_id, contact_id, name, email, form_name, form_email, fields, created_at)
             select tenant_id, contact_id, name, email, name, email, fields, created_at
             from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::jsonb[], $6::timestamptz[])
                 as said (tenant_id, contact_id, name, email, fields, created_at)
             on conflict (tenant_id, contact_id) do update set
                 form_name = coalesce(excluded.form_name, contacts.form_name),
                 form_email = coalesce(excluded.form_email, contacts.form_email),
                 name = case when contacts.name_is_kept then contacts.name
                     else coalesce(excluded.name, contacts.name) end,
                 email = case when contacts.email_is_kept then contacts.email
                     else coalesce(excluded.email, contacts.email) end,
                 fields = case when excluded.fields = '{}' then contacts.fields else excluded.fields end,
                 deleted_at = null,
                 version = contacts.version + case
                     when contacts.deleted_at is not null then 1
                     -- Also what an agent's answer covers: whoever takes that back must know what it uncovers.
                     when excluded.form_name is not null
                         and excluded.form_name is distinct from contacts.form_name then 1
                     when excluded.form_email is not null
                         and excluded.form_email is distinct from contacts.form_email then 1
                     when excluded.fields not in ('{}', contacts.fields) then 1
                     else 0
                 end)
         insert into visitors (tenant_id, visitor_id, contact_id, widget_id, created_at)
         select * from unnest($7::uuid[], $8::uuid[], $9::uuid[], $10::uuid[], $11::timestamptz[])
         on conflict (tenant_id, visitor_id) do nothing",
        &contacts.tenant_id,
        &contacts.contact_id,
        &contacts.name as _,
        &contacts.email as _,
        &contacts.fields,
        &contacts.created_at,
        &visitors.tenant_id,
        &visitors.visitor_id,
        &visitors.contact_id,
        &visitors.widget_id,
        &visitors.created_at
    )
    .execute(connection)
    .await?;
    Ok(())
}
