//! Reads what `Engine::restore` needs: the open chats and what the engine decides by.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use uuid::Uuid;

use crate::domain::{
    Agent, AgentId, ChatId, ChatState, OfferNumber, OfferState, OfficeId, QueueId, VisitorId,
    WidgetId,
};
use crate::engine::{AgentRecord, ChatRecord, MessageRecord, OfferRecord, StateRecord};

use super::chats::contact;
use super::events::author_from;
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
            offices: self.offices_with_records().await?,
            agents: self.agents_with_facts().await?,
            queues: self
                .list_queues(None, ALL)
                .await?
                .into_iter()
                .map(|view| (view.queue, BTreeSet::from_iter(view.member_ids)))
                .collect(),
            widgets: self.list_widgets(None, ALL).await?,
            chats: self.open_chats().await?,
            offers: self.open_offers().await?,
            messages: self.open_messages().await?,
        })
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

    async fn open_chats(&mut self) -> Result<Vec<ChatRecord>, Error> {
        let tenant_id = self.tenant();
        let mut participants: BTreeMap<Uuid, BTreeMap<AgentId, _>> = BTreeMap::new();
        let rows = sqlx::query!(
            "select p.chat_id, p.agent_id, p.joined_at from participants p
             join chats c on c.tenant_id = p.tenant_id and c.chat_id = p.chat_id
             where c.tenant_id = $1 and c.state in ('waiting', 'active')",
            tenant_id
        )
        .fetch_all(self.connection())
        .await?;
        for row in rows {
            let joined = participants.entry(row.chat_id).or_default();
            joined.insert(AgentId(row.agent_id), from_db(row.joined_at));
        }
        let rows = sqlx::query!(
            "select c.chat_id, c.visitor_id, c.widget_id, c.office_id, c.queue_id, c.state,
                    c.started_at, c.enqueued_at, c.accepted_at, c.round, c.round_starts_at,
                    c.last_offer, c.last_seq,
                    c.contact_id, c.contact_name, c.contact_email, c.contact_fields
             from chats c
             where c.tenant_id = $1 and c.state in ('waiting', 'active')
             order by c.chat_id",
            tenant_id
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                let id = row.chat_id;
                let bad = |column| Error::inconsistent("chats", column, id);
                let state = match (row.state.as_str(), row.accepted_at) {
                    ("waiting", _) => ChatState::Waiting,
                    ("active", Some(at)) => ChatState::Active {
                        accepted_at: from_db(at),
                    },
                    _ => return Err(bad("state")),
                };
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
                })
            })
            .collect()
    }

    async fn open_offers(&mut self) -> Result<Vec<OfferRecord>, Error> {
        let tenant_id = self.tenant();
        let rows = sqlx::query!(
            "select o.chat_id, o.number, o.agent_id, o.state, o.withdraw_reason, o.made_at,
                    o.expires_at, o.ended_at, o.round
             from offers o
             join chats c on c.tenant_id = o.tenant_id and c.chat_id = o.chat_id
             where c.tenant_id = $1 and c.state in ('waiting', 'active') and o.round = c.round
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

    async fn open_messages(&mut self) -> Result<Vec<MessageRecord>, Error> {
        let tenant_id = self.tenant();
        let rows = sqlx::query!(
            r#"select m.chat_id, m.message_id, m.seq, m.author, m.author_agent_id from messages m
             join chats c on c.tenant_id = m.tenant_id and c.chat_id = m.chat_id
             where c.tenant_id = $1 and c.state in ('waiting', 'active')
             order by m.chat_id, m.message_id collate "C""#,
            tenant_id
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                let bad = |column| Error::inconsistent("messages", column, row.chat_id);
                let author = author_from(&row.author, row.author_agent_id);
                let message_id = row.message_id.parse().map_err(|_| bad("message_id"))?;
                Ok(MessageRecord {
                    chat_id: ChatId(row.chat_id),
                    message_id,
                    seq: number(row.seq).ok_or_else(|| bad("seq"))?,
                    author: author.ok_or_else(|| bad("author"))?,
                })
            })
            .collect()
    }
}

/// A count that is never negative.
fn number(value: i32) -> Option<u32> {
    u32::try_from(value).ok()
}

fn offer_state(state: &str, withdraw_reason: Option<&str>) -> Option<OfferState> {
    match state {
        "ringing" => Some(OfferState::Ringing),
        "accepted" => Some(OfferState::Accepted),
        "rejected" => Some(OfferState::Rejected),
        "missed" => Some(OfferState::Missed),
        "withdrawn" => Some(OfferState::Withdrawn(withdraw_reason?.parse().ok()?)),
        _ => None,
    }
}
