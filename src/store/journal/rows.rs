//! The rows of many batches, column by column, as `unnest` takes them.

use std::collections::BTreeMap;
use std::fmt::Display;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::domain::{
    AgentId, Body, ChatId, ChatState, FileCard, Message, OfferState, RichText, TenantId, Timestamp,
};
use crate::engine::{
    AgentRecord, ChatRecord, Departure, OfferRecord, OfficeRecord, QueueRecord, WorkRecord,
};
use crate::store::Error;

use super::super::events::{self, author_columns};
use super::super::row::RowOf;
use super::super::time::{to_db, to_db_opt};
use super::NumberedEvent;

type Time = DateTime<Utc>;

/// Declares columns and an empty value of them.
macro_rules! columns {
    ($($name:ident { $($field:ident: $type:ty),+ $(,)? })+) => {$(
        #[derive(Default)]
        pub(super) struct $name {
            $(pub(super) $field: Vec<$type>,)+
        }
    )+};
}
pub(super) use columns;

columns! {
    Queues { tenant_id: Uuid, queue_id: Uuid, memory: String }
    Events {
        tenant_id: Uuid, event_seq: i64, at: Time, kind: &'static str, version: i16,
        actor: &'static str, actor_agent_id: Option<Uuid>, chat_id: Option<Uuid>,
        agent_id: Option<Uuid>, office_id: Option<Uuid>, visitor_seq: Option<i64>,
        payload: String,
    }
    Messages {
        tenant_id: Uuid, chat_id: Uuid, seq: i32, message_id: String, author: &'static str,
        author_agent_id: Option<Uuid>, text: Option<String>, content: Option<Value>,
        buttons: Option<Value>, pressed_message_id: Option<String>,
        pressed_button_id: Option<String>, notice: Option<Value>, sent_at: Time,
        file: Option<Value>, file_id: Option<Uuid>,
    }
    Chats {
        tenant_id: Uuid, chat_id: Uuid, visitor_id: Uuid, contact_id: Uuid,
        contact_name: Option<String>, contact_email: Option<String>, contact_fields: Value,
        widget_id: Uuid,
        office_id: Uuid, queue_id: Option<Uuid>, state: &'static str, started_at: Time,
        enqueued_at: Time, accepted_at: Option<Time>, closed_at: Option<Time>,
        close_reason: Option<&'static str>, round: i32, round_starts_at: Option<Time>,
        last_offer: i32, last_seq: i32, important: bool, tag_ids: String, disposition_ids: String,
        custom_fields: Value, routing: String, course: String,
    }
    Participants {
        tenant_id: Uuid, chat_id: Uuid, agent_id: Uuid, role: &'static str, joined_at: Time,
    }
    Departures {
        tenant_id: Uuid, chat_id: Uuid, agent_id: Uuid, role: &'static str, joined_at: Time,
        left_at: Time,
    }
    Offers {
        tenant_id: Uuid, chat_id: Uuid, number: i32, agent_id: Uuid, queue_id: Option<Uuid>,
        purpose: &'static str, by_agent_id: Option<Uuid>, note: Option<String>, state: &'static str,
        withdraw_reason: Option<&'static str>, reject_reason: Option<String>, made_at: Time,
        expires_at: Option<Time>, ended_at: Option<Time>, round: i32,
    }
    Agents {
        tenant_id: Uuid, agent_id: Uuid, facts: String, standing: String, idle_since: Time, work: String,
    }
    Works { tenant_id: Uuid, agent_id: Uuid, idle_since: Time, work: String }
    Offices {
        tenant_id: Uuid, office_id: Uuid, mode: &'static str, shown_reason: &'static str,
        shown_since: Time,
    }
}

impl Events {
    pub(super) fn push(
        &mut self,
        tenant_id: TenantId,
        numbered: &NumberedEvent,
    ) -> Result<(), Error> {
        let event = &numbered.event;
        let row = events::to_row(&event.kind);
        let (actor, actor_agent_id) = events::actor_columns(event.actor);
        self.tenant_id.push(tenant_id.0);
        self.event_seq.push(to_i64(numbered.seq));
        self.at.push(to_db(event.at));
        self.kind.push(row.kind);
        self.version.push(row.version);
        self.actor.push(actor);
        self.actor_agent_id.push(actor_agent_id);
        self.chat_id.push(row.chat_id);
        self.agent_id.push(row.agent_id);
        self.office_id.push(row.office_id);
        self.visitor_seq.push(numbered.visitor_seq);
        let bad = |_| RowOf("events", numbered.seq).fault("payload");
        self.payload.push(row.payload.map_err(bad)?);
        Ok(())
    }
}

impl Messages {
    pub(super) fn push(
        &mut self,
        tenant_id: TenantId,
        chat_id: Uuid,
        message: &Message,
    ) -> Result<(), Error> {
        let of = RowOf("messages", format!("{chat_id}/{}", message.seq));
        let (written, notice) = match &message.body {
            Body::Written(written) => (Some(written), None),
            Body::Notice(notice) => (None, Some(of.to_json("notice", notice)?)),
            Body::Deleted => (None, None),
        };
        let text = message.text();
        let marked = text.and_then(RichText::marked);
        let buttons = written.map(|written| &written.buttons);
        let buttons = buttons.filter(|buttons| !buttons.is_empty());
        let file = written.and_then(|written| written.file.as_deref());
        let pressed = written.and_then(|written| written.pressed.as_ref());
        let (author, author_agent_id) = author_columns(message.author);
        self.tenant_id.push(tenant_id.0);
        self.chat_id.push(chat_id);
        self.seq.push(to_i32(message.seq));
        self.message_id.push(message.id.as_str().to_owned());
        self.author.push(author);
        self.author_agent_id.push(author_agent_id);
        self.text
            .push(text.map(|text| text.source().as_str().to_owned()));
        let content = marked.map(|nodes| of.to_json("content", nodes));
        self.content.push(content.transpose()?);
        let buttons = buttons.map(|buttons| of.to_json("buttons", buttons));
        self.buttons.push(buttons.transpose()?);
        let card = file.map(|card| of.to_json("file", card));
        self.file.push(card.transpose()?);
        let file_id = file.and_then(FileCard::file_id);
        self.file_id.push(file_id.map(|id| id.0));
        self.pressed_message_id
            .push(pressed.map(|pressed| pressed.message_id.as_str().to_owned()));
        self.pressed_button_id
            .push(pressed.map(|pressed| pressed.button_id.as_str().to_owned()));
        self.notice.push(notice);
        self.sent_at.push(to_db(message.sent_at));
        Ok(())
    }
}

impl Chats {
    pub(super) fn push(&mut self, tenant_id: TenantId, chat: &ChatRecord) -> Result<(), Error> {
        let of = RowOf("chats", chat.id);
        let (state, accepted_at, closed_at, close_reason) = match chat.state {
            ChatState::Waiting => ("waiting", None, None, None),
            ChatState::Active { accepted_at } => ("active", Some(accepted_at), None, None),
            ChatState::WrapUp {
                accepted_at,
                at,
                reason,
            } => ("wrap_up", accepted_at, Some(at), Some(reason.as_str())),
            ChatState::Closed {
                accepted_at,
                at,
                reason,
            } => ("closed", accepted_at, Some(at), Some(reason.as_str())),
            ChatState::OfflineMessage => ("offline_message", None, None, None),
        };
        self.tenant_id.push(tenant_id.0);
        self.chat_id.push(chat.id.0);
        self.visitor_id.push(chat.visitor_id.0);
        let (name, email) = (&chat.contact.name, &chat.contact.email);
        self.contact_id.push(chat.contact.id.0);
        self.contact_name
            .push(name.as_ref().map(|name| name.as_str().to_owned()));
        self.contact_email
            .push(email.as_ref().map(|email| email.as_str().to_owned()));
        // Text keys and texts: writing cannot fail.
        self.contact_fields
            .push(serde_json::to_value(&chat.contact.fields).unwrap_or_default());
        self.widget_id.push(chat.widget_id.0);
        self.office_id.push(chat.office_id.0);
        self.queue_id.push(chat.queue_id.map(|id| id.0));
        self.state.push(state);
        self.started_at.push(to_db(chat.started_at));
        self.enqueued_at.push(to_db(chat.enqueued_at));
        self.accepted_at.push(to_db_opt(accepted_at));
        self.closed_at.push(to_db_opt(closed_at));
        self.close_reason.push(close_reason);
        self.round.push(to_i32(chat.round));
        self.round_starts_at.push(to_db_opt(chat.round_starts_at));
        self.last_offer.push(to_i32(chat.last_offer.0));
        self.last_seq.push(to_i32(chat.last_seq));
        let attributes = &chat.attributes;
        self.important.push(attributes.important);
        self.tag_ids
            .push(array(attributes.tags.iter().map(|id| id.0)));
        self.disposition_ids
            .push(array(attributes.dispositions.iter().map(|id| id.0)));
        self.custom_fields
            .push(of.to_json("custom_fields", &attributes.fields)?);
        self.routing
            .push(of.to_json_text("routing", &chat.routing)?);
        self.course.push(of.to_json_text("course", &chat.course)?);
        Ok(())
    }
}

/// As Postgres writes an array: one of arrays cannot be taken apart by `unnest`.
fn array(ids: impl Iterator<Item = Uuid>) -> String {
    let ids: Vec<String> = ids.map(|id| id.to_string()).collect();
    format!("{{{}}}", ids.join(","))
}

impl Departures {
    /// Who left which chat, how and when.
    pub(super) fn of(left: BTreeMap<(TenantId, ChatId, AgentId), (&Departure, Timestamp)>) -> Self {
        let mut rows = Self::default();
        for ((tenant_id, chat_id, agent_id), (departure, at)) in left {
            rows.tenant_id.push(tenant_id.0);
            rows.chat_id.push(chat_id.0);
            rows.agent_id.push(agent_id.0);
            rows.role.push(departure.role.as_str());
            rows.joined_at.push(to_db(departure.joined_at));
            rows.left_at.push(to_db(at));
        }
        rows
    }
}

impl Participants {
    pub(super) fn push(&mut self, tenant_id: TenantId, chat: &ChatRecord) {
        for (agent_id, participant) in &chat.participants {
            self.tenant_id.push(tenant_id.0);
            self.chat_id.push(chat.id.0);
            self.agent_id.push(agent_id.0);
            self.role.push(participant.role.as_str());
            self.joined_at.push(to_db(participant.joined_at));
        }
    }
}

impl Offers {
    pub(super) fn push(
        &mut self,
        tenant_id: TenantId,
        offer: &OfferRecord,
        reject_reason: Option<String>,
    ) {
        let withdraw_reason = match offer.state {
            OfferState::Withdrawn(reason) => Some(reason.as_str()),
            OfferState::Ringing
            | OfferState::Accepted
            | OfferState::Rejected
            | OfferState::Missed => None,
        };
        self.tenant_id.push(tenant_id.0);
        self.chat_id.push(offer.chat_id.0);
        self.number.push(to_i32(offer.number.0));
        self.agent_id.push(offer.agent_id.0);
        self.queue_id.push(offer.queue_id.map(|id| id.0));
        self.purpose.push(offer.purpose.as_str());
        self.by_agent_id.push(offer.by.map(|id| id.0));
        self.note
            .push(offer.note.as_ref().map(|note| note.as_str().to_owned()));
        self.state.push(offer.state.as_str());
        self.withdraw_reason.push(withdraw_reason);
        self.reject_reason.push(reject_reason);
        self.made_at.push(to_db(offer.made_at));
        self.expires_at.push(to_db_opt(offer.expires_at));
        self.ended_at.push(to_db_opt(offer.ended_at));
        self.round.push(to_i32(offer.round));
    }
}

impl Agents {
    pub(super) fn push(&mut self, tenant_id: TenantId, agent: &AgentRecord) -> Result<(), Error> {
        let of = RowOf("agents", agent.agent_id);
        self.tenant_id.push(tenant_id.0);
        self.agent_id.push(agent.agent_id.0);
        self.facts.push(of.to_json_text("facts", &agent.facts)?);
        self.standing
            .push(of.to_json_text("standing", &agent.standing)?);
        self.idle_since.push(to_db(agent.idle_since));
        self.work.push(of.to_json_text("work", &agent.work)?);
        Ok(())
    }
}

impl Works {
    pub(super) fn push(&mut self, tenant_id: TenantId, record: &WorkRecord) -> Result<(), Error> {
        let of = RowOf("agents", record.agent_id);
        self.tenant_id.push(tenant_id.0);
        self.agent_id.push(record.agent_id.0);
        self.idle_since.push(to_db(record.idle_since));
        self.work.push(of.to_json_text("work", &record.work)?);
        Ok(())
    }
}

impl Queues {
    pub(super) fn push(&mut self, tenant_id: TenantId, queue: &QueueRecord) -> Result<(), Error> {
        let of = RowOf("queues", queue.queue_id);
        self.tenant_id.push(tenant_id.0);
        self.queue_id.push(queue.queue_id.0);
        self.memory.push(of.to_json_text("memory", &queue.memory)?);
        Ok(())
    }
}

impl Offices {
    pub(super) fn push(&mut self, tenant_id: TenantId, office: &OfficeRecord) {
        self.tenant_id.push(tenant_id.0);
        self.office_id.push(office.office_id.0);
        self.mode.push(office.mode.as_str());
        self.shown_reason.push(office.reason.as_str());
        self.shown_since.push(to_db(office.since));
    }
}

/// Rows changed, against rows handed in: a write that misses a row is a fault of the code.
pub(super) fn expect_rows(
    changed: impl TryInto<usize> + Copy + Display,
    expected: usize,
    table: &'static str,
) -> Result<(), Error> {
    if changed.try_into().is_ok_and(|changed| changed == expected) {
        Ok(())
    } else {
        Err(Error::inconsistent(
            table,
            "rows",
            format!("{changed} of {expected}"),
        ))
    }
}

/// Numbers of events stay far below the bound: 2^63 at a million a second is 290,000 years.
pub(super) fn to_i64(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Counts within a chat are bounded by `Limits`.
pub(super) fn to_i32(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
