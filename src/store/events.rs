//! Events between the engine's form, which is complete in itself, and the stored one, which only refers to rows.
//!
//! A stored event cannot be changed, so it holds no name, address or text. Each kind has a version; a reader raises
//! older ones. There is only version 1 so far.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::domain::{
    Actor, AgentId, Author, ChatId, ChatState, Message, MessageText, Name, Note, OfferNumber,
    OfferState, QueueId, Timestamp,
};
use crate::engine::{
    AgentCard, ChatEvent, ChatStateView, ChatView, Event, EventKind, MessageView, OfferEvent,
    OfferKey, OfferView, Parties, PresenceEvent, SetupEvent,
};

use super::time::{from_db, to_db};
use super::{Error, TenantTx};

/// The version of the payloads that this build writes.
pub(super) const VERSION: i16 = 1;

/// An event's row, but for its numbers.
pub(super) struct Row {
    pub(super) kind: &'static str,
    pub(super) chat_id: Option<Uuid>,
    pub(super) agent_id: Option<Uuid>,
    pub(super) payload: Value,
}

impl Row {
    fn new(kind: &'static str, payload: Value) -> Self {
        Self { kind, chat_id: None, agent_id: None, payload }
    }

    fn of_chat(mut self, id: ChatId) -> Self {
        self.chat_id = Some(id.0);
        self
    }

    fn of_agent(mut self, id: AgentId) -> Self {
        self.agent_id = Some(id.0);
        self
    }
}

/// The stored form of an event.
pub(super) fn to_row(kind: &EventKind) -> Row {
    match kind {
        EventKind::Setup(event) => setup_row(event),
        EventKind::Presence(event) => presence_row(event),
        EventKind::Offer(event) => offer_row(event),
        EventKind::Chat(event) => chat_row(event),
    }
}

fn setup_row(event: &SetupEvent) -> Row {
    match event {
        SetupEvent::OfficeCreated(office) => {
            Row::new("office.created", json!({"office_id": office.id}))
        }
        SetupEvent::AgentCreated(agent, _) => {
            Row::new("agent.created", json!({"agent_id": agent.id})).of_agent(agent.id)
        }
        SetupEvent::QueueCreated(view) => Row::new(
            "queue.created",
            json!({"queue_id": view.queue.id, "member_ids": view.member_ids}),
        ),
        SetupEvent::MembersChanged(view) => Row::new(
            "queue.members_changed",
            json!({"queue_id": view.queue.id, "member_ids": view.member_ids}),
        ),
        SetupEvent::WidgetCreated(widget) => {
            Row::new("widget.created", json!({"widget_id": widget.id}))
        }
    }
}

fn presence_row(event: &PresenceEvent) -> Row {
    let row = match event {
        PresenceEvent::Changed(view) => Row::new(
            "presence.changed",
            json!({
                "status": view.choice.status.as_str(),
                "effective": view.effective.status.as_str(),
                "reason": view.effective.reason.as_str(),
                "since": view.effective.since,
            }),
        ),
        PresenceEvent::Connected(_) => Row::new("presence.connected", json!({})),
        PresenceEvent::Disconnected(_) => Row::new("presence.disconnected", json!({})),
        PresenceEvent::Lost(_) => Row::new("presence.lost", json!({})),
        PresenceEvent::LoggedOut(_, session_id) => {
            Row::new("session.logged_out", json!({"session_id": session_id}))
        }
    };
    row.of_agent(event.agent_id())
}

fn offer_row(event: &OfferEvent) -> Row {
    let key = event.key();
    let number = key.number;
    let row = match event {
        OfferEvent::Made(_) => Row::new("offer.made", json!({"offer": number})),
        OfferEvent::Accepted(_) => Row::new("offer.accepted", json!({"offer": number})),
        OfferEvent::Rejected(_, _) => Row::new("offer.rejected", json!({"offer": number})),
        OfferEvent::Missed(_) => Row::new("offer.missed", json!({"offer": number})),
        OfferEvent::Withdrawn(_, _) => Row::new("offer.withdrawn", json!({"offer": number})),
    };
    row.of_chat(key.chat_id).of_agent(key.agent_id)
}

fn chat_row(event: &ChatEvent) -> Row {
    let row = match event {
        ChatEvent::Queued(chat) => Row::new("chat.queued", json!({"position": chat.position})),
        ChatEvent::RoundPaused(_, until) => Row::new("chat.round_paused", json!({"until": until})),
        ChatEvent::RoundStarted(_) => Row::new("chat.round_started", json!({})),
        ChatEvent::Accepted(chat, agent_id) => {
            let agents: Vec<AgentId> = chat.agents.iter().map(|agent| agent.id).collect();
            Row::new("chat.accepted", json!({"agents": agents, "last_seq": chat.last_seq}))
                .of_agent(*agent_id)
        }
        ChatEvent::MessageSent(parties, view) => Row::new(
            "chat.message",
            json!({"seq": view.message.seq, "agents": parties.agents}),
        ),
        ChatEvent::Closed(parties, reason) => Row::new(
            "chat.closed",
            json!({"reason": reason.as_str(), "agents": parties.agents}),
        ),
        ChatEvent::OfflineMessageLeft(_) => Row::new("chat.offline_message", json!({})),
    };
    row.of_chat(event.chat_id())
}

/// Who acted, as two columns.
pub(super) fn actor_columns(actor: Actor) -> (&'static str, Option<Uuid>) {
    match actor {
        Actor::Agent(id) => ("agent", Some(id.0)),
        Actor::Visitor => ("visitor", None),
        Actor::System => ("system", None),
    }
}

/// The reverse of [`actor_columns`].
pub(super) fn actor_from(kind: &str, agent_id: Option<Uuid>) -> Option<Actor> {
    match (kind, agent_id) {
        ("agent", Some(id)) => Some(Actor::Agent(AgentId(id))),
        ("visitor", None) => Some(Actor::Visitor),
        ("system", None) => Some(Actor::System),
        _ => None,
    }
}

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
    names: BTreeMap<AgentId, Name>,
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
    at: chrono::DateTime<chrono::Utc>,
    kind: String,
    actor: String,
    actor_agent_id: Option<Uuid>,
    agent_id: Option<Uuid>,
    payload: Value,
    message_id: Option<String>,
    author: Option<String>,
    author_agent_id: Option<Uuid>,
    text: Option<String>,
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
        let Some(context) = self.event_context(chat_id).await? else { return Ok(Vec::new()) };
        let after = after.map(|seq| i64::try_from(seq).unwrap_or(i64::MAX));
        let before = before.map(|seq| i64::try_from(seq).unwrap_or(i64::MAX));
        let tenant_id = self.tenant();
        let rows = sqlx::query_as!(
            EventRow,
            r#"select e.event_seq, e.visitor_seq, e.at, e.kind, e.actor, e.actor_agent_id, e.agent_id,
                      e.payload, m.message_id as "message_id?", m.author as "author?",
                      m.author_agent_id, m.text
               from events e
               left join messages m on m.tenant_id = e.tenant_id and m.chat_id = e.chat_id
                    and e.kind = 'chat.message' and m.seq = (e.payload ->> 'seq')::integer
               where e.tenant_id = $1 and e.chat_id = $2
                 and e.kind not in ('chat.round_paused', 'chat.round_started')
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
        rows.into_iter().map(|row| context.resolve(row)).collect()
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
        let Some(context) = self.event_context(chat_id).await? else { return Ok(Vec::new()) };
        let tenant_id = self.tenant();
        let rows = sqlx::query_as!(
            EventRow,
            r#"select e.event_seq, e.visitor_seq, e.at, e.kind, e.actor, e.actor_agent_id, e.agent_id,
                      e.payload, m.message_id as "message_id?", m.author as "author?",
                      m.author_agent_id, m.text
               from events e
               left join messages m on m.tenant_id = e.tenant_id and m.chat_id = e.chat_id
                    and e.kind = 'chat.message' and m.seq = (e.payload ->> 'seq')::integer
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
        rows.into_iter().map(|row| context.resolve(row)).collect()
    }

    async fn event_context(&mut self, chat_id: ChatId) -> Result<Option<Context>, Error> {
        let Some(chat) = self.find_chat(chat_id).await? else { return Ok(None) };
        let tenant_id = self.tenant();
        let queue = sqlx::query!(
            r#"select c.enqueued_at, q.queue_id as "queue_id?", q.name as "name?"
               from chats c
               left join queues q on q.tenant_id = c.tenant_id and q.queue_id = c.queue_id
               where c.tenant_id = $1 and c.chat_id = $2"#,
            tenant_id,
            chat_id.0
        )
        .fetch_one(self.connection())
        .await?;
        let offers = sqlx::query!(
            "select number, agent_id, made_at, expires_at, withdraw_reason, reject_reason
             from offers where tenant_id = $1 and chat_id = $2",
            tenant_id,
            chat_id.0
        )
        .fetch_all(self.connection())
        .await?;
        let names = sqlx::query!(
            "select agent_id, name from agents where tenant_id = $1 and agent_id in
                 (select agent_id from participants where tenant_id = $1 and chat_id = $2
                  union select author_agent_id from messages where tenant_id = $1 and chat_id = $2)",
            tenant_id,
            chat_id.0
        )
        .fetch_all(self.connection())
        .await?;
        let parse = |name: String, table, id: Uuid| {
            name.parse::<Name>().map_err(|_| Error::inconsistent(table, "name", id))
        };
        Ok(Some(Context {
            chat,
            queue: match (queue.queue_id, queue.name) {
                (Some(id), Some(name)) => Some((QueueId(id), parse(name, "queues", id)?)),
                _ => None,
            },
            waiting_since: from_db(queue.enqueued_at),
            offers: offers
                .into_iter()
                .map(|row| {
                    let number = u32::try_from(row.number)
                        .map_err(|_| Error::inconsistent("offers", "number", chat_id))?;
                    Ok((
                        OfferNumber(number),
                        OfferRow {
                            agent_id: AgentId(row.agent_id),
                            made_at: from_db(row.made_at),
                            expires_at: row.expires_at.map(from_db),
                            withdraw_reason: row.withdraw_reason,
                            reject_reason: row.reject_reason,
                        },
                    ))
                })
                .collect::<Result<_, Error>>()?,
            names: names
                .into_iter()
                .map(|row| Ok((AgentId(row.agent_id), parse(row.name, "agents", row.agent_id)?)))
                .collect::<Result<_, Error>>()?,
        }))
    }
}

impl Context {
    fn resolve(&self, row: EventRow) -> Result<StoredEvent, Error> {
        let seq = u64::try_from(row.event_seq)
            .map_err(|_| Error::inconsistent("events", "event_seq", row.event_seq))?;
        let kind = self.kind(&row).ok_or_else(|| Error::inconsistent("events", "payload", seq))?;
        let actor = actor_from(&row.actor, row.actor_agent_id)
            .ok_or_else(|| Error::inconsistent("events", "actor", seq))?;
        let event = Event { at: from_db(row.at), actor, kind };
        Ok(StoredEvent { seq, visitor_seq: row.visitor_seq, event })
    }

    fn kind(&self, row: &EventRow) -> Option<EventKind> {
        let chat = |event| Some(EventKind::Chat(event));
        match row.kind.as_str() {
            "chat.queued" => {
                let position = row.payload.get("position").and_then(Value::as_u64);
                let position = position.and_then(|p| u32::try_from(p).ok());
                let state = ChatStateView::Waiting;
                chat(ChatEvent::Queued(ChatView { position, ..self.chat_then(state, &[], 0) }))
            }
            "chat.accepted" => {
                let agents = agent_ids(&row.payload)?;
                let last_seq = u32::try_from(row.payload.get("last_seq")?.as_u64()?).ok()?;
                let active = ChatState::Active { accepted_at: from_db(row.at) };
                let view = self.chat_then(ChatStateView::Settled(active), &agents, last_seq);
                chat(ChatEvent::Accepted(view, AgentId(row.agent_id?)))
            }
            "chat.message" => chat(ChatEvent::MessageSent(self.parties(row)?, self.message(row)?)),
            "chat.closed" => {
                let reason = row.payload.get("reason")?.as_str()?.parse().ok()?;
                chat(ChatEvent::Closed(self.parties(row)?, reason))
            }
            "chat.offline_message" => chat(ChatEvent::OfflineMessageLeft(self.chat_then(
                ChatStateView::OfflineMessage,
                &[],
                0,
            ))),
            _ => self.offer(row).map(EventKind::Offer),
        }
    }

    fn offer(&self, row: &EventRow) -> Option<OfferEvent> {
        let number = OfferNumber(u32::try_from(row.payload.get("offer")?.as_u64()?).ok()?);
        let offer = self.offers.get(&number)?;
        let key = OfferKey { chat_id: self.chat.id, number, agent_id: offer.agent_id };
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
                let reason = offer.reject_reason.as_deref().and_then(|r| r.parse::<Note>().ok());
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

    fn message(&self, row: &EventRow) -> Option<MessageView> {
        let author = match (row.author.as_deref()?, row.author_agent_id) {
            ("visitor", None) => Author::Visitor,
            ("agent", Some(id)) => Author::Agent(AgentId(id)),
            ("system", None) => Author::System,
            _ => return None,
        };
        let text: MessageText = row.text.as_deref()?.parse().ok()?;
        Some(MessageView {
            message: Message {
                id: row.message_id.as_deref()?.parse().ok()?,
                seq: u32::try_from(row.payload.get("seq")?.as_u64()?).ok()?,
                author,
                text,
                sent_at: from_db(row.at),
            },
            author_name: row.author_agent_id.and_then(|id| self.names.get(&AgentId(id)).cloned()),
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
        let card = |id: &AgentId| Some(AgentCard { id: *id, name: self.names.get(id)?.clone() });
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

/// For columns that hold an event's time.
pub(super) fn at_column(event: &Event) -> chrono::DateTime<chrono::Utc> {
    to_db(event.at)
}
