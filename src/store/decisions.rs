//! Why chats rang where they rang, read from the events of their offers (ROUTE-15, ROUTE-17), and how they came to
//! where they wait.

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::domain::{AgentId, ChatId, Entry, OfferNumber, OfferState, QueueId, Timestamp};
use crate::engine::Decision;

use super::events::decision;
use super::restore::offer_state;
use super::row::RowOf;
use super::time::{from_db, to_db};
use super::{Error, TenantTx};

/// An offer with the decision that made it.
#[derive(Clone, Debug)]
pub struct OfferDecision {
    /// The tenant's number for the event.
    pub seq: i64,
    /// When it was made.
    pub at: Timestamp,
    /// Which offer of the chat it is.
    pub number: OfferNumber,
    /// Whom it rings or rang at.
    pub agent_id: AgentId,
    /// What became of it.
    pub state: OfferState,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// The decision; `None` for an offer of the time before decisions were kept.
    pub decision: Option<Box<Decision>>,
}

/// How a chat came to where it waits or waited.
#[derive(Clone, Debug)]
pub struct ChatWay {
    /// When it was started.
    pub entered_at: Timestamp,
    /// The queue that it came into; an offline message came into none.
    pub queue_id: Option<QueueId>,
    /// What chose that queue.
    pub entry: Option<Entry>,
    /// To which other queues it went, oldest first; at most [`ChatWay::MOVES`].
    pub moves: Vec<Move>,
}

impl ChatWay {
    /// How many moves are told. A chat that has gone round so often tells no more by another one.
    pub const MOVES: i64 = 100;
}

/// A chat went to another queue, because its own did not keep it (AVAIL-5).
#[derive(Clone, Copy, Debug)]
pub struct Move {
    /// When.
    pub at: Timestamp,
    /// From where.
    pub from: Option<QueueId>,
    /// To where.
    pub to: Option<QueueId>,
}

/// What had become of a decision by a moment.
#[derive(Clone, Debug)]
pub struct Aftermath {
    /// How the search had gone on, if it had not stood still.
    pub turn: Option<SearchTurn>,
    /// Whether the agent in question had rejected or missed the chat since.
    pub refused: bool,
    /// At whom the chat rang.
    pub ringing: Vec<AgentId>,
}

/// How the search for an agent had gone on after a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchTurn {
    /// It was over.
    Over,
    /// It had begun anew, and nobody had been asked yet.
    Anew,
}

struct DecisionRow {
    event_seq: i64,
    at: DateTime<Utc>,
    version: i16,
    payload: Value,
    number: i32,
    agent_id: Uuid,
    state: String,
    withdraw_reason: Option<String>,
    ended_at: Option<DateTime<Utc>>,
}

impl TryFrom<DecisionRow> for OfferDecision {
    type Error = Error;

    fn try_from(row: DecisionRow) -> Result<Self, Error> {
        let of = RowOf("events", row.event_seq);
        let state = offer_state(&row.state, row.withdraw_reason.as_deref());
        let decision = decision::read(row.version, &row.payload);
        Ok(Self {
            seq: row.event_seq,
            at: from_db(row.at),
            number: OfferNumber(of.number("number", row.number)?),
            agent_id: AgentId(row.agent_id),
            state: state.ok_or_else(|| Error::inconsistent("offers", "state", &row.state))?,
            ended_at: row.ended_at.map(from_db),
            decision: decision
                .ok_or_else(|| Error::inconsistent("events", "payload", row.event_seq))?,
        })
    }
}

/// Reads the offers of a chat with their decisions that a condition chooses; its `$1` is the tenant, its `$2` the chat.
macro_rules! decisions_where {
    ($condition:literal, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            DecisionRow,
            "select e.event_seq, e.at, e.version, e.payload, o.number, o.agent_id, o.state, o.withdraw_reason, o.ended_at
             from events e
             join offers o on o.tenant_id = e.tenant_id and o.chat_id = e.chat_id
                 and o.number = (e.payload ->> 'offer')::integer
             where e.tenant_id = $1 and e.chat_id = $2 and e.kind = 'offer.made' and " + $condition,
            $($argument),+
        )
    };
}

impl TenantTx {
    /// Lists the decisions about a chat after a number, oldest first, at most `limit`.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn list_decisions(
        &mut self,
        chat_id: ChatId,
        after: Option<i64>,
        limit: i64,
    ) -> Result<Vec<OfferDecision>, Error> {
        let tenant_id = self.tenant();
        let rows = decisions_where!(
            "($3::bigint is null or e.event_seq > $3) order by e.event_seq limit $4",
            tenant_id,
            chat_id.0,
            after,
            limit,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(OfferDecision::try_from).collect()
    }

    /// The latest decision about a chat up to a moment.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn decision_at(
        &mut self,
        chat_id: ChatId,
        at: Timestamp,
    ) -> Result<Option<OfferDecision>, Error> {
        let tenant_id = self.tenant();
        let row = decisions_where!(
            "e.at <= $3 order by e.at desc, e.event_seq desc limit 1",
            tenant_id,
            chat_id.0,
            to_db(at),
        )
        .fetch_optional(self.connection())
        .await?;
        row.map(OfferDecision::try_from).transpose()
    }

    /// What had become of a decision by a moment, for an agent.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn aftermath(
        &mut self,
        chat_id: ChatId,
        decision: &OfferDecision,
        agent_id: AgentId,
        at: Timestamp,
    ) -> Result<Aftermath, Error> {
        let tenant_id = self.tenant();
        let is_over = sqlx::query_scalar!(
            r#"select kind in ('chat.accepted', 'chat.transferred', 'chat.participant_joined', 'chat.hand_over_ended',
                 'chat.closed', 'chat.deferred') as "is_over!"
             from events
             where tenant_id = $1 and chat_id = $2 and event_seq > $3 and at between $4 and $5
                 and kind in ('chat.accepted', 'chat.transferred', 'chat.participant_joined', 'chat.hand_over_ended',
                     'chat.closed', 'chat.deferred', 'chat.overflowed', 'chat.requeued', 'chat.reopened',
                     'chat.hand_over_requested', 'chat.round_started')
             order by event_seq desc limit 1"#,
            tenant_id,
            chat_id.0,
            decision.seq,
            to_db(decision.at),
            to_db(at),
        )
        .fetch_optional(self.connection())
        .await?;
        let offers = sqlx::query!(
            r#"select agent_id, (ended_at is null or ended_at > $4) as "rings!"
             from offers
             where tenant_id = $1 and chat_id = $2 and made_at <= $4
                 and (ended_at is null or ended_at > $4
                     or (agent_id = $5 and ended_at >= $3 and state in ('rejected', 'missed')))
             order by number"#,
            tenant_id,
            chat_id.0,
            to_db(decision.at),
            to_db(at),
            agent_id.0,
        )
        .fetch_all(self.connection())
        .await?;
        Ok(Aftermath {
            turn: is_over.map(|is_over| {
                if is_over {
                    SearchTurn::Over
                } else {
                    SearchTurn::Anew
                }
            }),
            refused: offers.iter().any(|offer| !offer.rings),
            ringing: offers
                .iter()
                .filter(|offer| offer.rings)
                .map(|offer| AgentId(offer.agent_id))
                .collect(),
        })
    }

    /// How a chat came to where it waits; `None` if there is no such chat.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn way_of_chat(&mut self, chat_id: ChatId) -> Result<Option<ChatWay>, Error> {
        let tenant_id = self.tenant();
        let chat = sqlx::query!(
            r#"select c.started_at, c.routing -> 'entry' as entry,
                 (select (e.payload ->> 'queue_id')::uuid from events e
                  where e.tenant_id = c.tenant_id and e.chat_id = c.chat_id and e.kind = 'chat.queued'
                  order by e.event_seq limit 1) as queue_id
             from chats c
             where c.tenant_id = $1 and c.chat_id = $2"#,
            tenant_id,
            chat_id.0,
        )
        .fetch_optional(self.connection())
        .await?;
        let Some(chat) = chat else {
            return Ok(None);
        };
        let moves = sqlx::query!(
            r#"select at, (payload ->> 'from')::uuid as from_id, (payload ->> 'to')::uuid as to_id
             from events
             where tenant_id = $1 and chat_id = $2 and kind = 'chat.overflowed'
             order by event_seq
             limit $3"#,
            tenant_id,
            chat_id.0,
            ChatWay::MOVES,
        )
        .fetch_all(self.connection())
        .await?;
        let entry = chat.entry.filter(|entry| !entry.is_null());
        let entry = entry.map(|entry| RowOf("chats", chat_id).json("routing", entry));
        Ok(Some(ChatWay {
            entered_at: from_db(chat.started_at),
            queue_id: chat.queue_id.map(QueueId),
            entry: entry.transpose()?,
            moves: moves
                .into_iter()
                .map(|row| Move {
                    at: from_db(row.at),
                    from: row.from_id.map(QueueId),
                    to: row.to_id.map(QueueId),
                })
                .collect(),
        }))
    }
}
