//! Reads what `Engine::restore` needs: the open chats and what the engine decides by.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use uuid::Uuid;

use crate::domain::{
    Agent, AgentId, Attributes, ChatId, ChatState, CloseReason, DispositionId, OfferNumber,
    OfferState, OfficeId, Participant, Queue, QueueId, QueueMemory, TagId, Timestamp, VisitorId,
    WidgetId,
};
use crate::engine::{
    AgentRecord, ChatBundle, ChatRecord, MarkRecord, MessageKind, MessageRecord, NoteRecord,
    OfferRecord, StateRecord,
};

use super::chats::contact;
use super::events::author_from;
use super::messages::stored_id;
use super::row::RowOf;
use super::time::from_db;
use super::{Error, TenantTx};

/// More than `Limits::resources_of_a_kind`, so that a page is everything.
const ALL: i64 = 1_000_000;

impl TenantTx {
    /// Everything durable of this tenant's engine, each list in the order of its ids.
    ///
    /// # Errors
    /// `Unavailable`, or `Inconsistency` for a row that this code cannot have written.
    pub async fn state_record(&mut self) -> Result<StateRecord, Error> {
        Ok(StateRecord {
            settings: self.settings().await?,
            statuses: self.list_statuses(None, ALL).await?,
            pauses: self.list_pauses(None, ALL).await?,
            skills: self.list_skills(None, ALL).await?,
            dispositions: self.list_dispositions(None, ALL).await?,
            routing_rules: self.list_routing_rules(None, ALL).await?,
            bans: self.list_bans(None, None, ALL).await?,
            offices: self.offices_with_records().await?,
            agents: self.agents_with_facts().await?,
            queues: self.queues_with_memories().await?,
            widgets: self.list_widgets(None, ALL).await?,
            chats: self.chat_records(None).await?,
            offers: self.open_offers().await?,
            messages: self.message_records(None).await?,
            notes: self.note_records(None).await?,
            marks: self.mark_records(None).await?,
        })
    }

    /// Those of these chats that are over, whole.
    ///
    /// # Errors
    /// `Unavailable`, or `Inconsistency` for a row that this code cannot have written.
    pub async fn chat_bundles(&mut self, chat_ids: &[ChatId]) -> Result<Vec<ChatBundle>, Error> {
        let ids: Vec<Uuid> = chat_ids.iter().map(|id| id.0).collect();
        let chats = self.chat_records(Some(&ids)).await?;
        if chats.is_empty() {
            return Ok(Vec::new());
        }
        let mut messages: BTreeMap<ChatId, Vec<MessageRecord>> = BTreeMap::new();
        for message in self.message_records(Some(&ids)).await? {
            messages.entry(message.chat_id).or_default().push(message);
        }
        let mut notes: BTreeMap<ChatId, Vec<NoteRecord>> = BTreeMap::new();
        for note in self.note_records(Some(&ids)).await? {
            notes.entry(note.chat_id).or_default().push(note);
        }
        let mut marks: BTreeMap<ChatId, Vec<MarkRecord>> = BTreeMap::new();
        for mark in self.mark_records(Some(&ids)).await? {
            marks.entry(mark.chat_id).or_default().push(mark);
        }
        let bundles = chats.into_iter().map(|chat| ChatBundle {
            messages: messages.remove(&chat.id).unwrap_or_default(),
            notes: notes.remove(&chat.id).unwrap_or_default(),
            marks: marks.remove(&chat.id).unwrap_or_default(),
            chat,
        });
        Ok(bundles.collect())
    }

    async fn agents_with_facts(&mut self) -> Result<Vec<(Agent, AgentRecord)>, Error> {
        let agents = self.list_agents(None, ALL).await?;
        let mut facts = self.agent_facts().await?;
        agents
            .into_iter()
            .map(|agent| {
                let record = facts.remove(&agent.id);
                let id = agent.id;
                Ok((
                    agent,
                    record.ok_or_else(|| Error::inconsistent("agents", "facts", id))?,
                ))
            })
            .collect()
    }

    async fn queues_with_memories(
        &mut self,
    ) -> Result<Vec<(Queue, BTreeSet<AgentId>, QueueMemory)>, Error> {
        let queues = self.list_queues(None, ALL).await?;
        let memories = self.queue_memories().await?;
        let queues = queues.into_iter().map(|view| {
            let memory = memories.get(&view.queue.id).copied().unwrap_or_default();
            (view.queue, BTreeSet::from_iter(view.member_ids), memory)
        });
        Ok(queues.collect())
    }

    async fn participants_of(
        &mut self,
        over: Option<&[Uuid]>,
    ) -> Result<BTreeMap<Uuid, BTreeMap<AgentId, Participant>>, Error> {
        let tenant_id = self.tenant();
        let mut participants: BTreeMap<Uuid, BTreeMap<_, _>> = BTreeMap::new();
        let rows = sqlx::query!(
            "select p.chat_id, p.agent_id, p.role, p.joined_at from participants p
             join chats c on c.tenant_id = p.tenant_id and c.chat_id = p.chat_id
             where c.tenant_id = $1 and p.left_at is null
                 and case when $2::uuid[] is null then c.is_open
                     else c.chat_id = any ($2) end",
            tenant_id,
            over as _
        )
        .fetch_all(self.connection())
        .await?;
        for row in rows {
            let joined = participants.entry(row.chat_id).or_default();
            let of = RowOf("participants", row.agent_id);
            let participant = Participant {
                role: of.parse("role", &row.role)?,
                joined_at: from_db(row.joined_at),
            };
            joined.insert(AgentId(row.agent_id), participant);
        }
        Ok(participants)
    }

    /// The chats that an engine holds, or those of these that are over.
    async fn chat_records(&mut self, over: Option<&[Uuid]>) -> Result<Vec<ChatRecord>, Error> {
        let tenant_id = self.tenant();
        let mut participants = self.participants_of(over).await?;
        let rows = sqlx::query!(
            "select c.chat_id, c.visitor_id, c.widget_id, c.office_id, c.queue_id, c.state,
                    c.started_at, c.enqueued_at, c.accepted_at, c.closed_at, c.close_reason, c.round, c.round_starts_at,
                    c.last_offer, c.last_seq,
                    c.contact_id, c.contact_name, c.contact_email, c.contact_fields,
                    c.important, c.tag_ids, c.disposition_ids, c.custom_fields, c.routing, c.course
             from chats c
             where c.tenant_id = $1
                 and case when $2::uuid[] is null then c.is_open
                     else c.chat_id = any ($2) and c.state in ('closed', 'offline_message') end
             order by c.chat_id",
            tenant_id,
            over as _
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                let id = row.chat_id;
                let bad = |column| Error::inconsistent("chats", column, id);
                let of = RowOf("chats", id);
                let state = chat_state(
                    of,
                    &row.state,
                    row.accepted_at.map(from_db),
                    row.closed_at.map(from_db),
                    row.close_reason.as_deref(),
                )?;
                let contact = contact(
                    row.contact_id,
                    row.contact_name.as_deref(),
                    row.contact_email.as_deref(),
                    row.contact_fields,
                )?;
                Ok(ChatRecord {
                    id: ChatId(id),
                    visitor_id: VisitorId(row.visitor_id),
                    widget_id: WidgetId(row.widget_id),
                    office_id: OfficeId(row.office_id),
                    queue_id: row.queue_id.map(QueueId),
                    contact: Arc::new(contact),
                    state,
                    started_at: from_db(row.started_at),
                    enqueued_at: from_db(row.enqueued_at),
                    round: number(row.round).ok_or_else(|| bad("round"))?,
                    round_starts_at: row.round_starts_at.map(from_db),
                    last_offer: OfferNumber(
                        number(row.last_offer).ok_or_else(|| bad("last_offer"))?,
                    ),
                    last_seq: number(row.last_seq).ok_or_else(|| bad("last_seq"))?,
                    participants: participants.remove(&id).unwrap_or_default(),
                    routing: of.json("routing", row.routing)?,
                    course: of.json("course", row.course)?,
                    attributes: Attributes {
                        important: row.important,
                        tags: row.tag_ids.into_iter().map(TagId).collect(),
                        dispositions: row.disposition_ids.into_iter().map(DispositionId).collect(),
                        fields: of.json("custom_fields", row.custom_fields)?,
                    },
                })
            })
            .collect()
    }

    async fn open_offers(&mut self) -> Result<Vec<OfferRecord>, Error> {
        let tenant_id = self.tenant();
        let rows = sqlx::query!(
            "select o.chat_id, o.number, o.agent_id, o.queue_id, o.purpose, o.by_agent_id, o.note, o.state,
                    o.withdraw_reason, o.made_at, o.expires_at, o.ended_at, o.round
             from offers o
             join chats c on c.tenant_id = o.tenant_id and c.chat_id = o.chat_id
             where c.tenant_id = $1 and c.is_open and o.round = c.round
             order by o.chat_id, o.number",
            tenant_id
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                let bad = |column| Error::inconsistent("offers", column, row.chat_id);
                Ok(OfferRecord {
                    chat_id: ChatId(row.chat_id),
                    number: OfferNumber(number(row.number).ok_or_else(|| bad("number"))?),
                    agent_id: AgentId(row.agent_id),
                    queue_id: row.queue_id.map(QueueId),
                    purpose: row.purpose.parse().map_err(|_| bad("purpose"))?,
                    by: row.by_agent_id.map(AgentId),
                    note: row
                        .note
                        .map(|note| note.parse().map_err(|_| bad("note")))
                        .transpose()?,
                    state: offer_state(&row.state, row.withdraw_reason.as_deref())
                        .ok_or_else(|| bad("state"))?,
                    made_at: from_db(row.made_at),
                    expires_at: row.expires_at.map(from_db),
                    ended_at: row.ended_at.map(from_db),
                    round: number(row.round).ok_or_else(|| bad("round"))?,
                })
            })
            .collect()
    }

    async fn message_records(
        &mut self,
        over: Option<&[Uuid]>,
    ) -> Result<Vec<MessageRecord>, Error> {
        let tenant_id = self.tenant();
        let rows = sqlx::query!(
            r#"select m.chat_id, m.message_id, m.seq, m.author, m.author_agent_id, m.deleted_at, m.buttons,
                 m.notice is not null or m.pressed_button_id is not null as "is_fixed!"
             from messages m
             join chats c on c.tenant_id = m.tenant_id and c.chat_id = m.chat_id
             where c.tenant_id = $1
                 and case when $2::uuid[] is null then c.is_open
                     else c.chat_id = any ($2) end
             order by m.chat_id, m.message_id collate "C""#,
            tenant_id,
            over as _
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                let of = RowOf("messages", format!("{}/{}", row.chat_id, row.seq));
                let author = author_from(&row.author, row.author_agent_id);
                let kind = match row.buttons {
                    _ if row.deleted_at.is_some() => MessageKind::Deleted,
                    _ if row.is_fixed => MessageKind::Fixed,
                    Some(buttons) => MessageKind::WithButtons(of.json("buttons", buttons)?),
                    None => MessageKind::Plain,
                };
                Ok(MessageRecord {
                    chat_id: ChatId(row.chat_id),
                    message_id: stored_id(&of, "message_id", &row.message_id)?,
                    seq: of.number("seq", row.seq)?,
                    author: of.present("author", author)?,
                    kind,
                })
            })
            .collect()
    }
}

/// A chat's state from its columns.
pub(super) fn chat_state(
    of: RowOf<Uuid>,
    state: &str,
    accepted_at: Option<Timestamp>,
    closed_at: Option<Timestamp>,
    close_reason: Option<&str>,
) -> Result<ChatState, Error> {
    let over = || -> Result<(Timestamp, CloseReason), Error> {
        let reason = of.parse_opt("close_reason", close_reason)?;
        Ok((
            of.present("closed_at", closed_at)?,
            of.present("close_reason", reason)?,
        ))
    };
    match state {
        "waiting" => Ok(ChatState::Waiting),
        "active" => Ok(ChatState::Active {
            accepted_at: of.present("accepted_at", accepted_at)?,
        }),
        "wrap_up" => over().map(|(at, reason)| ChatState::WrapUp {
            accepted_at,
            at,
            reason,
        }),
        "closed" => over().map(|(at, reason)| ChatState::Closed {
            accepted_at,
            at,
            reason,
        }),
        "offline_message" => Ok(ChatState::OfflineMessage),
        _ => Err(of.fault("state")),
    }
}

/// A count that is never negative.
fn number(value: i32) -> Option<u32> {
    u32::try_from(value).ok()
}

pub(super) fn offer_state(state: &str, withdraw_reason: Option<&str>) -> Option<OfferState> {
    match state {
        "ringing" => Some(OfferState::Ringing),
        "accepted" => Some(OfferState::Accepted),
        "rejected" => Some(OfferState::Rejected),
        "missed" => Some(OfferState::Missed),
        "withdrawn" => Some(OfferState::Withdrawn(withdraw_reason?.parse().ok()?)),
        _ => None,
    }
}
