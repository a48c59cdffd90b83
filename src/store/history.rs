//! The events of a chat, made whole again from the rows that they refer to.
//!
//! An event of the engine is complete in itself, so that a frame needs no look-up; a stored one only refers. What
//! is made here equals what was published at the time, but for texts that were changed or erased since.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::domain::{
    AgentId, ChatId, ChatState, KnownMessageId, Message, MessageId, Name, Note, OfferNumber,
    OfferState, Purpose, QueueId, Timestamp,
};
use crate::engine::{
    AgentCard, Aside, ChatEvent, ChatStateView, ChatView, DeletedMessage, Departure, EditedMessage,
    Event, EventKind, HandOverRequest, MessageView, NoteEvent, NoteView, OfferEvent, OfferKey,
    OfferView, Parties, Transfer,
};

use super::events::shown::Shown;
use super::events::{actor_from, asides, author_from, decision, handover};
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
    /// concerns only the engine (rounds) is left out, and so is who listened.
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
                 and e.kind not in ('chat.round_paused', 'chat.round_started',
                     'chat.reservation_ended', 'chat.reply_begun')
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
                let then: Shown = read(row)?;
                let accepted_at = then.accepted_at.unwrap_or(from_db(row.at));
                let active = ChatStateView::Settled(ChatState::Active { accepted_at });
                let view = self.chat_then(&then, active);
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
            _ => match self.handover(row) {
                Some(event) => chat(event),
                None => self.offer(row).map(EventKind::Offer),
            },
        }
    }

    /// What happened to a chat that no agent had: it began to wait, went to another queue, or into the inbox.
    fn waiting(&self, row: &EventRow) -> Option<ChatEvent> {
        let then: Shown = read(row)?;
        let queued = || self.chat_then(&then, then.state());
        let message = ChatStateView::Settled(ChatState::OfflineMessage);
        let left = || self.chat_then(&then, message);
        match row.kind.as_str() {
            "chat.queued" => Some(ChatEvent::Queued(queued())),
            "chat.overflowed" => {
                let from = row.payload.get("from")?.as_str();
                let from = from.and_then(|id| id.parse().ok());
                Some(ChatEvent::Overflowed(queued(), from))
            }
            "chat.deferred" => {
                let reason = row.payload.get("reason")?.as_str()?.parse().ok()?;
                Some(ChatEvent::Deferred(left(), reason))
            }
            "chat.offline_message" => Some(ChatEvent::OfflineMessageLeft(left())),
            _ => None,
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
                let (queue_id, queue_name) = offer.queue.clone()?;
                let view = OfferView {
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
                    purpose: offer.purpose,
                    by: offer.by.and_then(|id| self.cards.get(&id).cloned()),
                    note: offer.note.clone(),
                    // It is for whom it rings at, while it does.
                    external_url: None,
                };
                Some(OfferEvent::Made(view, decision::read(&row.payload)?))
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
    fn chat_then(&self, then: &Shown, state: ChatStateView) -> ChatView {
        let cards = |ids: &[AgentId]| {
            let cards = ids.iter().filter_map(|id| self.cards.get(id).cloned());
            cards.collect()
        };
        let aside = Aside {
            assistants: cards(&then.assistants),
            listeners: Vec::new(),
            hand_over: then.hand_over,
        };
        ChatView {
            state,
            agents: cards(&then.agents),
            aside: aside.boxed(),
            last_seq: then.last_seq,
            position: then.position,
            estimated_wait: then.estimated_wait,
            queue_id: then.queue_id.or(self.chat.queue_id),
            office_id: then.office_id.unwrap_or(self.chat.office_id),
            ..self.chat.clone()
        }
    }

    /// Who came in, who went, who was asked.
    fn handover(&self, row: &EventRow) -> Option<ChatEvent> {
        let parties = |agents: Vec<AgentId>| Parties {
            chat_id: self.chat.id,
            visitor_id: self.chat.visitor_id,
            agents,
        };
        let view = |then: &Shown| self.chat_then(then, then.state());
        let agent_id = row.agent_id.map(AgentId);
        let card = || self.cards.get(&agent_id?).cloned();
        match row.kind.as_str() {
            "chat.hand_over_requested" => {
                let stored: handover::Requested = read(row)?;
                let offer = self.offers.get(&stored.offer);
                let offer = offer.filter(|o| o.purpose == stored.purpose && o.by == agent_id);
                let request = HandOverRequest {
                    purpose: stored.purpose,
                    to: stored.to,
                    by: card()?,
                    note: offer.and_then(|offer| offer.note.clone()),
                    offer: stored.offer,
                    asked: stored.asked,
                };
                Some(ChatEvent::HandOverRequested(
                    parties(stored.agents),
                    request,
                ))
            }
            "chat.hand_over_ended" => {
                let stored: handover::Ended = read(row)?;
                let (purpose, end) = (stored.purpose, stored.end);
                Some(ChatEvent::HandOverEnded(
                    parties(stored.agents),
                    purpose,
                    end,
                ))
            }
            "chat.transferred" => {
                let stored: handover::Transferred = read(row)?;
                let transfer = Transfer {
                    by: stored.by,
                    to: stored.to,
                    agent_id,
                    reason: stored.reason,
                };
                Some(ChatEvent::Transferred(view(&stored.chat), transfer.into()))
            }
            "chat.participant_joined" => {
                let stored: handover::Joined = read(row)?;
                let view = view(&stored.chat);
                Some(ChatEvent::ParticipantJoined(view, agent_id?, stored.role))
            }
            "chat.participant_left" => {
                let stored: handover::Left = read(row)?;
                let departure = Departure {
                    agent: card()?,
                    role: stored.role,
                    joined_at: stored.joined_at,
                    reason: stored.reason,
                };
                Some(ChatEvent::ParticipantLeft(
                    parties(stored.agents),
                    departure,
                ))
            }
            "chat.requeued" => {
                let stored: handover::Requeued = read(row)?;
                Some(ChatEvent::Requeued(view(&stored.chat), stored.reason))
            }
            _ => None,
        }
    }
}

/// What an event says, in the form of its kind.
fn read<T: serde::de::DeserializeOwned>(row: &EventRow) -> Option<T> {
    serde_json::from_value(row.payload.clone()).ok()
}

fn agent_ids(payload: &Value) -> Option<Vec<AgentId>> {
    let ids = payload.get("agents")?.as_array()?.iter();
    ids.map(|id| id.as_str()?.parse().ok()).collect()
}

fn count(payload: &Value, key: &str) -> Option<u32> {
    u32::try_from(payload.get(key)?.as_u64()?).ok()
}
