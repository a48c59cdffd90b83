//! The events of a chat, made whole again from the rows that they refer to.
//!
//! An event of the engine is complete in itself, so that a frame needs no look-up; a stored one only refers. What
//! is made here equals what was published at the time, but for texts that were changed or erased since.

use std::collections::BTreeMap;

mod resolve;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::domain::{AgentId, ChatId, Name, Note, OfferNumber, Purpose, QueueId, Timestamp};
use crate::engine::{AgentCard, ChatView, Event, NoteView};

use super::events::ENGINES_OWN;
use super::row::RowOf;
use super::time::from_db;
use super::{Error, TenantTx};
use resolve::count;

/// An event as it was stored, made whole again from the rows that it refers to.
#[derive(Clone, Debug)]
pub struct StoredEvent {
    /// The tenant's number for it.
    pub seq: u64,
    /// The number in the visitor's stream, if the visitor sees it.
    pub visitor_seq: Option<i64>,
    /// What happened.
    pub event: Event,
}

/// The rows that the events of one chat refer to.
struct Context {
    chat: ChatView,
    waiting_since: Timestamp,
    offers: BTreeMap<OfferNumber, OfferRow>,
    /// The agents that the events name, without what they were seen as.
    cards: BTreeMap<AgentId, AgentCard>,
    notes: BTreeMap<u32, NoteView>,
}

struct OfferRow {
    agent_id: AgentId,
    queue: Option<(QueueId, Name)>,
    purpose: Purpose,
    by: Option<AgentId>,
    note: Option<Note>,
    made_at: Timestamp,
    expires_at: Option<Timestamp>,
    withdraw_reason: Option<String>,
    reject_reason: Option<String>,
}

struct EventRow {
    event_seq: i64,
    visitor_seq: Option<i64>,
    at: DateTime<Utc>,
    kind: String,
    actor: String,
    actor_agent_id: Option<Uuid>,
    agent_id: Option<Uuid>,
    version: i16,
    payload: Value,
    message_id: Option<String>,
    author: Option<String>,
    author_agent_id: Option<Uuid>,
    text: Option<String>,
    content: Option<Value>,
    buttons: Option<Value>,
    pressed_message_id: Option<String>,
    pressed_button_id: Option<String>,
    notice: Option<Value>,
    file: Option<Value>,
    sent_at: Option<DateTime<Utc>>,
    edited_at: Option<DateTime<Utc>>,
    deleted_at: Option<DateTime<Utc>>,
}

impl TenantTx {
    /// The events of a chat between two numbers (both exclusive), oldest first, at most `limit`. What
    /// concerns only the engine is left out, and so is who listened.
    ///
    /// # Errors
    /// `Unavailable`, or `Inconsistency` for a row that this code cannot have written.
    pub async fn list_chat_events(
        &mut self,
        chat_id: ChatId,
        after: Option<u64>,
        before: Option<u64>,
        limit: i64,
    ) -> Result<Vec<StoredEvent>, Error> {
        let after = after.map(|seq| i64::try_from(seq).unwrap_or(i64::MAX));
        let before = before.map(|seq| i64::try_from(seq).unwrap_or(i64::MAX));
        let tenant_id = self.tenant();
        let rows = sqlx::query_as!(
            EventRow,
            r#"select e.event_seq, e.visitor_seq, e.at, e.kind, e.actor, e.actor_agent_id, e.agent_id,
                      e.version, e.payload, m.message_id as "message_id?", m.author as "author?",
                      m.author_agent_id, m.text, m.content, m.buttons, m.pressed_message_id, m.pressed_button_id,
                      m.notice, m.file, m.sent_at as "sent_at?", m.edited_at, m.deleted_at
               from events e
               left join messages m on m.tenant_id = e.tenant_id and m.chat_id = e.chat_id
                    and e.kind in ('chat.message', 'chat.message_edited', 'chat.message_deleted')
                    and m.seq = (e.payload ->> 'seq')::integer
               where e.tenant_id = $1 and e.chat_id = $2
                 and e.kind <> all ($6)
                 and not (e.kind in ('chat.participant_joined', 'chat.participant_left')
                     and e.payload ->> 'role' = 'listener')
                 and ($3::bigint is null or e.event_seq > $3)
                 and ($4::bigint is null or e.event_seq < $4)
               order by e.event_seq
               limit $5"#,
            tenant_id,
            chat_id.0,
            after,
            before,
            limit,
            &ENGINES_OWN as &[&str]
        )
        .fetch_all(self.connection())
        .await?;
        self.resolve(chat_id, &rows).await
    }

    /// What the visitor of a chat sees of it, between two numbers of its own stream (both exclusive), oldest first,
    /// at most `limit`.
    ///
    /// # Errors
    /// `Unavailable`, or `Inconsistency` for a row that this code cannot have written.
    pub async fn list_visitor_events(
        &mut self,
        chat_id: ChatId,
        after: Option<i64>,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<StoredEvent>, Error> {
        let tenant_id = self.tenant();
        let rows = sqlx::query_as!(
            EventRow,
            r#"select e.event_seq, e.visitor_seq, e.at, e.kind, e.actor, e.actor_agent_id, e.agent_id,
                      e.version, e.payload, m.message_id as "message_id?", m.author as "author?",
                      m.author_agent_id, m.text, m.content, m.buttons, m.pressed_message_id, m.pressed_button_id,
                      m.notice, m.file, m.sent_at as "sent_at?", m.edited_at, m.deleted_at
               from events e
               left join messages m on m.tenant_id = e.tenant_id and m.chat_id = e.chat_id
                    and e.kind in ('chat.message', 'chat.message_edited', 'chat.message_deleted')
                    and m.seq = (e.payload ->> 'seq')::integer
               where e.tenant_id = $1 and e.chat_id = $2 and e.visitor_seq is not null
                 and ($3::bigint is null or e.visitor_seq > $3)
                 and ($4::bigint is null or e.visitor_seq < $4)
               order by e.visitor_seq
               limit $5"#,
            tenant_id,
            chat_id.0,
            after,
            before,
            limit
        )
        .fetch_all(self.connection())
        .await?;
        self.resolve(chat_id, &rows).await
    }

    /// Comes after the events were read: whatever they refer to is there by now, since rows are never removed.
    async fn resolve(
        &mut self,
        chat_id: ChatId,
        rows: &[EventRow],
    ) -> Result<Vec<StoredEvent>, Error> {
        let Some(mut chat) = self.find_chat(chat_id).await? else {
            return Ok(Vec::new());
        };
        // No event said it.
        chat.known = None;
        let context = Context {
            chat,
            waiting_since: self.age_of_chat(chat_id).await?,
            offers: self.offers_of_chat(chat_id).await?,
            cards: self.cards_in_chat(chat_id).await?,
            notes: self.notes_of_events(chat_id, rows).await?,
        };
        rows.iter().map(|row| context.resolve(row)).collect()
    }

    async fn age_of_chat(&mut self, chat_id: ChatId) -> Result<Timestamp, Error> {
        let tenant_id = self.tenant();
        let enqueued_at = sqlx::query_scalar!(
            "select enqueued_at from chats where tenant_id = $1 and chat_id = $2",
            tenant_id,
            chat_id.0
        )
        .fetch_one(self.connection())
        .await?;
        Ok(from_db(enqueued_at))
    }

    async fn offers_of_chat(
        &mut self,
        chat_id: ChatId,
    ) -> Result<BTreeMap<OfferNumber, OfferRow>, Error> {
        let tenant_id = self.tenant();
        let rows = sqlx::query!(
            r#"select o.number, o.agent_id, o.made_at, o.expires_at, o.withdraw_reason, o.reject_reason,
                      o.purpose, o.by_agent_id, o.note, q.queue_id as "queue_id?", q.name as "queue_name?"
             from offers o
             left join queues q on q.tenant_id = o.tenant_id and q.queue_id = o.queue_id
             where o.tenant_id = $1 and o.chat_id = $2"#,
            tenant_id,
            chat_id.0
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                let of = RowOf("offers", chat_id);
                let number = of.number("number", row.number)?;
                let queue = row.queue_id.zip(row.queue_name);
                let queue = queue.map(|(id, name)| {
                    Ok::<_, Error>((QueueId(id), RowOf("queues", id).parse("name", &name)?))
                });
                let offer = OfferRow {
                    agent_id: AgentId(row.agent_id),
                    queue: queue.transpose()?,
                    purpose: of.parse("purpose", &row.purpose)?,
                    by: row.by_agent_id.map(AgentId),
                    note: of.parse_opt("note", row.note.as_deref())?,
                    made_at: from_db(row.made_at),
                    expires_at: row.expires_at.map(from_db),
                    withdraw_reason: row.withdraw_reason,
                    reject_reason: row.reject_reason,
                };
                Ok((OfferNumber(number), offer))
            })
            .collect()
    }

    async fn cards_in_chat(
        &mut self,
        chat_id: ChatId,
    ) -> Result<BTreeMap<AgentId, AgentCard>, Error> {
        let tenant_id = self.tenant();
        let rows = sqlx::query!(
            "select agent_id, coalesce(public_name, name) as \"name!\" from agents where tenant_id = $1 and agent_id in
                 (select agent_id from participants where tenant_id = $1 and chat_id = $2
                  union select by_agent_id from offers where tenant_id = $1 and chat_id = $2
                  union select author_agent_id from messages where tenant_id = $1 and chat_id = $2)",
            tenant_id,
            chat_id.0
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                let of = RowOf("agents", row.agent_id);
                let card = AgentCard {
                    id: AgentId(row.agent_id),
                    name: of.parse("name", &row.name)?,
                    status: None,
                };
                Ok((card.id, card))
            })
            .collect()
    }
}

impl TenantTx {
    /// The notes that events name, if any does.
    async fn notes_of_events(
        &mut self,
        chat_id: ChatId,
        rows: &[EventRow],
    ) -> Result<BTreeMap<u32, NoteView>, Error> {
        let notes = rows.iter().filter(|row| row.kind == "chat.note");
        let numbers: Vec<u32> = notes
            .filter_map(|row| count(&row.payload, "number"))
            .collect();
        let (Some(first), Some(last)) = (numbers.iter().min(), numbers.iter().max()) else {
            return Ok(BTreeMap::new());
        };
        let limit = i64::from(last - first) + 1;
        let views = self.list_notes(chat_id, first - 1, limit).await?;
        Ok(views
            .into_iter()
            .map(|view| (view.note.number, view))
            .collect())
    }
}
