//! The events of a chat, made whole again from the rows that they refer to.
//!
//! An event of the engine is complete in itself, so that a frame needs no look-up; a stored one only refers. What
//! is made here equals what was published at the time, but for texts that were changed or erased since.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::domain::{
    AgentId, Attributes, ChatId, ChatState, KnownMessageId, Message, MessageId, Name, Note,
    OfferNumber, OfferState, QueueId, Timestamp,
};
use crate::engine::{
    AgentCard, ChatEvent, ChatStateView, ChatView, DeletedMessage, EditedMessage, Event, EventKind,
    LifeEvent, MessageView, NoteEvent, NoteView, OfferEvent, OfferKey, OfferView, Parties,
    WrapUpView,
};

use super::events::life::{self, Told};
use super::events::{actor_from, asides, author_from};
use super::messages::{BodyColumns, rich_text};
use super::row::RowOf;
use super::time::from_db;
use super::{Error, TenantTx};

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
    queue: Option<(QueueId, Name)>,
    waiting_since: Timestamp,
    offers: BTreeMap<OfferNumber, OfferRow>,
    /// The agents that the events name, without what they were seen as.
    cards: BTreeMap<AgentId, AgentCard>,
    notes: BTreeMap<u32, NoteView>,
}

struct OfferRow {
    agent_id: AgentId,
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
    /// concerns only the engine (rounds) is left out.
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
                      e.payload, m.message_id as "message_id?", m.author as "author?",
                      m.author_agent_id, m.text, m.content, m.buttons, m.pressed_message_id, m.pressed_button_id,
                      m.notice, m.file, m.sent_at as "sent_at?", m.edited_at, m.deleted_at
               from events e
               left join messages m on m.tenant_id = e.tenant_id and m.chat_id = e.chat_id
                    and e.kind in ('chat.message', 'chat.message_edited', 'chat.message_deleted')
                    and m.seq = (e.payload ->> 'seq')::integer
               where e.tenant_id = $1 and e.chat_id = $2
                 and e.kind not in ('chat.round_paused', 'chat.round_started', 'chat.reservation_ended',
                     'chat.visitor_seen')
                 and ($3::bigint is null or e.event_seq > $3)
                 and ($4::bigint is null or e.event_seq < $4)
               order by e.event_seq
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
                      e.payload, m.message_id as "message_id?", m.author as "author?",
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
        let Some(chat) = self.find_chat(chat_id).await? else {
            return Ok(Vec::new());
        };
        let (waiting_since, queue) = self.queue_of_chat(chat_id).await?;
        let context = Context {
            chat,
            queue,
            waiting_since,
            offers: self.offers_of_chat(chat_id).await?,
            cards: self.cards_in_chat(chat_id).await?,
            notes: self.notes_of_events(chat_id, rows).await?,
        };
        rows.iter().map(|row| context.resolve(row)).collect()
    }

    async fn queue_of_chat(
        &mut self,
        chat_id: ChatId,
    ) -> Result<(Timestamp, Option<(QueueId, Name)>), Error> {
        let tenant_id = self.tenant();
        let row = sqlx::query!(
            r#"select c.enqueued_at, q.queue_id as "queue_id?", q.name as "name?"
               from chats c
               left join queues q on q.tenant_id = c.tenant_id and q.queue_id = c.queue_id
               where c.tenant_id = $1 and c.chat_id = $2"#,
            tenant_id,
            chat_id.0
        )
        .fetch_one(self.connection())
        .await?;
        let queue = match (row.queue_id, row.name) {
            (Some(id), Some(name)) => {
                Some((QueueId(id), RowOf("queues", id).parse("name", &name)?))
            }
            _ => None,
        };
        Ok((from_db(row.enqueued_at), queue))
    }

    async fn offers_of_chat(
        &mut self,
        chat_id: ChatId,
    ) -> Result<BTreeMap<OfferNumber, OfferRow>, Error> {
        let tenant_id = self.tenant();
        let rows = sqlx::query!(
            "select number, agent_id, made_at, expires_at, withdraw_reason, reject_reason
             from offers where tenant_id = $1 and chat_id = $2",
            tenant_id,
            chat_id.0
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                let number = RowOf("offers", chat_id).number("number", row.number)?;
                let offer = OfferRow {
                    agent_id: AgentId(row.agent_id),
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

impl EventRow {
    fn message_id(&self) -> Option<MessageId> {
        let KnownMessageId(id) = self.message_id.as_deref()?.parse().ok()?;
        Some(id)
    }

    /// The row of its message.
    fn of(&self) -> Option<RowOf<String>> {
        Some(RowOf("messages", self.message_id.clone()?))
    }
}

impl Context {
    fn resolve(&self, row: &EventRow) -> Result<StoredEvent, Error> {
        let seq = u64::try_from(row.event_seq)
            .map_err(|_| Error::inconsistent("events", "event_seq", row.event_seq))?;
        let kind = self
            .kind(row)
            .ok_or_else(|| Error::inconsistent("events", "payload", seq))?;
        let actor = actor_from(&row.actor, row.actor_agent_id)
            .ok_or_else(|| Error::inconsistent("events", "actor", seq))?;
        let event = Event {
            at: from_db(row.at),
            actor,
            kind,
        };
        Ok(StoredEvent {
            seq,
            visitor_seq: row.visitor_seq,
            event,
        })
    }

    fn kind(&self, row: &EventRow) -> Option<EventKind> {
        let chat = |event| Some(EventKind::Chat(event));
        match row.kind.as_str() {
            "chat.queued" | "chat.overflowed" | "chat.deferred" | "chat.offline_message" => {
                chat(self.waiting(row)?)
            }
            "chat.accepted" => {
                let agents = agent_ids(&row.payload)?;
                let last_seq = count(&row.payload, "last_seq")?;
                let active = ChatState::Active {
                    accepted_at: from_db(row.at),
                };
                let view = self.chat_then(ChatStateView::Settled(active), &agents, last_seq);
                chat(ChatEvent::Accepted(view, AgentId(row.agent_id?)))
            }
            "chat.message" => chat(ChatEvent::MessageSent(
                self.parties(row)?,
                self.message(row)?,
            )),
            "chat.message_edited" => {
                let edited = EditedMessage {
                    id: row.message_id()?,
                    seq: count(&row.payload, "seq")?,
                    text: rich_text(&row.of()?, row.text.as_deref(), row.content.clone()).ok()?,
                };
                chat(ChatEvent::MessageEdited(self.parties(row)?, edited))
            }
            "chat.message_deleted" => {
                let deleted = DeletedMessage {
                    id: row.message_id()?,
                    seq: count(&row.payload, "seq")?,
                };
                chat(ChatEvent::MessageDeleted(self.parties(row)?, deleted))
            }
            "chat.agent_seen" => {
                let status = row.payload.get("status")?.as_str()?.parse().ok()?;
                let card = AgentCard {
                    status: Some(status),
                    ..self.cards.get(&AgentId(row.agent_id?))?.clone()
                };
                chat(ChatEvent::AgentSeen(self.parties(row)?, card))
            }
            "chat.read" => {
                let raised = asides::mark_from(&row.payload)?;
                chat(ChatEvent::MarkRaised(self.parties(row)?, raised))
            }
            "chat.note" => Some(EventKind::Note(NoteEvent {
                chat_id: self.chat.id,
                agents: agent_ids(&row.payload)?,
                note: self.notes.get(&count(&row.payload, "number")?)?.clone(),
            })),
            "chat.closed" => {
                let reason = row.payload.get("reason")?.as_str()?.parse().ok()?;
                chat(ChatEvent::Closed(self.parties(row)?, reason))
            }
            kind if kind.starts_with("chat.") => self
                .life(row)
                .map(|event| EventKind::Chat(ChatEvent::Life(event))),
            _ => self.offer(row).map(EventKind::Offer),
        }
    }

    /// What happened to a chat that no agent had: it began to wait, went to another queue, or into the inbox.
    fn waiting(&self, row: &EventRow) -> Option<ChatEvent> {
        let as_state = |state| self.chat_then(ChatStateView::Settled(state), &[], 0);
        let queued = || ChatView {
            position: count(&row.payload, "position"),
            ..as_state(ChatState::Waiting)
        };
        match row.kind.as_str() {
            "chat.queued" => Some(ChatEvent::Queued(queued())),
            "chat.overflowed" => {
                let from = row.payload.get("from")?.as_str();
                let from = from.and_then(|id| id.parse().ok());
                Some(ChatEvent::Overflowed(queued(), from))
            }
            "chat.deferred" => {
                let reason = row.payload.get("reason")?.as_str()?.parse().ok()?;
                Some(ChatEvent::Deferred(
                    as_state(ChatState::OfflineMessage),
                    reason,
                ))
            }
            "chat.offline_message" => Some(ChatEvent::OfflineMessageLeft(as_state(
                ChatState::OfflineMessage,
            ))),
            _ => None,
        }
    }

    fn life(&self, row: &EventRow) -> Option<LifeEvent> {
        let parties = |agents| Parties {
            chat_id: self.chat.id,
            visitor_id: self.chat.visitor_id,
            agents,
        };
        let agent_id = row.agent_id.map(AgentId);
        match life::from_row(&row.kind, agent_id, &row.payload, parties, self.chat.id)? {
            Told::Whole(event) => Some(event),
            Told::Updated(agents, told) => {
                let mut marks = self.chat.marks.clone();
                marks.priority = told.priority;
                marks.attributes = Attributes {
                    fields: marks.attributes.fields,
                    ..told.attributes
                };
                Some(LifeEvent::Updated(parties(agents), marks))
            }
            Told::WrapUpStarted(wrap_up) => {
                let view = WrapUpView {
                    chat: self.chat.clone(),
                    agent_id: agent_id?,
                    wrap_up,
                };
                Some(LifeEvent::WrapUpStarted(Box::new(view)))
            }
            Told::Reopened(agents, gone, last_seq) => {
                let state = if agents.is_empty() {
                    ChatState::Waiting
                } else {
                    ChatState::Active {
                        accepted_at: from_db(row.at),
                    }
                };
                let view = self.chat_then(ChatStateView::Settled(state), &agents, last_seq);
                Some(LifeEvent::Reopened(Box::new(view), gone))
            }
        }
    }

    fn offer(&self, row: &EventRow) -> Option<OfferEvent> {
        let number = OfferNumber(count(&row.payload, "offer")?);
        let offer = self.offers.get(&number)?;
        let key = OfferKey {
            chat_id: self.chat.id,
            number,
            agent_id: offer.agent_id,
        };
        match row.kind.as_str() {
            "offer.made" => {
                let (queue_id, queue_name) = self.queue.clone()?;
                Some(OfferEvent::Made(OfferView {
                    chat_id: self.chat.id,
                    number,
                    agent_id: offer.agent_id,
                    state: OfferState::Ringing,
                    made_at: offer.made_at,
                    expires_at: offer.expires_at,
                    waiting_since: self.waiting_since,
                    office_id: self.chat.office_id,
                    queue_id,
                    queue_name,
                    contact: self.chat.contact.clone(),
                }))
            }
            "offer.accepted" => Some(OfferEvent::Accepted(key)),
            "offer.rejected" => {
                let reason = offer.reject_reason.as_deref();
                let reason = reason.and_then(|text| text.parse::<Note>().ok());
                Some(OfferEvent::Rejected(key, reason))
            }
            "offer.missed" => Some(OfferEvent::Missed(key)),
            "offer.withdrawn" => {
                let reason = offer.withdraw_reason.as_deref()?.parse().ok()?;
                Some(OfferEvent::Withdrawn(key, reason))
            }
            _ => None,
        }
    }

    /// The message as it is now.
    fn message(&self, row: &EventRow) -> Option<MessageView> {
        let body = BodyColumns {
            text: row.text.clone(),
            content: row.content.clone(),
            buttons: row.buttons.clone(),
            pressed_message_id: row.pressed_message_id.clone(),
            pressed_button_id: row.pressed_button_id.clone(),
            notice: row.notice.clone(),
            file: row.file.clone(),
            deleted_at: row.deleted_at,
        };
        Some(MessageView {
            message: Message {
                id: row.message_id()?,
                seq: count(&row.payload, "seq")?,
                author: author_from(row.author.as_deref()?, row.author_agent_id)?,
                body: body.body(&row.of()?).ok()?,
                sent_at: from_db(row.sent_at?),
                edited_at: row.edited_at.map(from_db),
            },
            author_name: row
                .author_agent_id
                .and_then(|id| Some(self.cards.get(&AgentId(id))?.name.clone())),
        })
    }

    fn parties(&self, row: &EventRow) -> Option<Parties> {
        Some(Parties {
            chat_id: self.chat.id,
            visitor_id: self.chat.visitor_id,
            agents: agent_ids(&row.payload)?,
        })
    }

    /// The chat as it stood at an event, from what never changes and what the event says.
    fn chat_then(&self, state: ChatStateView, agents: &[AgentId], last_seq: u32) -> ChatView {
        let card = |id: &AgentId| self.cards.get(id).cloned();
        ChatView {
            state,
            agents: agents.iter().filter_map(card).collect(),
            last_seq,
            position: None,
            ..self.chat.clone()
        }
    }
}

fn agent_ids(payload: &Value) -> Option<Vec<AgentId>> {
    let ids = payload.get("agents")?.as_array()?.iter();
    ids.map(|id| id.as_str()?.parse().ok()).collect()
}

fn count(payload: &Value, key: &str) -> Option<u32> {
    u32::try_from(payload.get(key)?.as_u64()?).ok()
}
