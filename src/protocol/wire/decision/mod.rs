//! Why a chat went to whom it went, and why not to somebody else.
//!
//! `why.rs` has the rules with what they saw, and the answer to "why not me" with its sentences.

mod why;

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{EnteredBy, KeptFor, OfferState, Purpose, Strategy, TieBreak, Time};
use crate::domain::{self, Timestamp};
use crate::engine::{self, Rule};

pub use why::{RecordedDecision, RoutingChange, RoutingExplanation, RuledOut};

/// All that is known of a chat's way to an agent.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChatRouting {
    /// The chat.
    pub chat_id: Uuid,
    /// How it came in.
    pub entry: ChatEntry,
    /// To which other queues it went because its own did not keep it, oldest first; the first 100.
    pub overflows: Vec<Overflowed>,
    /// How it stands while it looks for an agent; `null` when it looks for nobody.
    pub now: Option<RoutingNow>,
    /// The offers with the decisions that made them, oldest first.
    pub data: Vec<OfferDecision>,
    /// Where the next page begins; `null` on the last one.
    pub next_cursor: Option<String>,
}

/// How a chat came in.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct ChatEntry {
    /// When.
    pub at: Time,
    /// The queue that it came into; an offline message came into none.
    pub queue_id: Option<Uuid>,
    /// What chose that queue.
    pub by: Option<EnteredBy>,
    /// The routing rule, if one did.
    pub rule_id: Option<Uuid>,
}

impl ChatEntry {
    /// What the database has of it.
    #[must_use]
    pub fn new(
        at: Timestamp,
        queue_id: Option<domain::QueueId>,
        entry: Option<domain::Entry>,
    ) -> Self {
        Self {
            at: at.into(),
            queue_id: queue_id.map(|id| id.0),
            by: entry.map(|entry| EnteredBy(entry.by.as_str())),
            rule_id: entry
                .and_then(|entry| entry.rule_id)
                .map(|rule_id| rule_id.0),
        }
    }
}

/// A chat went to another queue.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Overflowed {
    /// When.
    pub at: Time,
    /// From where.
    pub from_queue_id: Option<Uuid>,
    /// To where.
    pub to_queue_id: Option<Uuid>,
}

/// An offer with the decision that made it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OfferDecision {
    /// The number of its event.
    pub seq: i64,
    /// When it was made.
    pub at: Time,
    /// Which offer of the chat it is.
    pub offer: u32,
    /// Whom it rings or rang at.
    pub agent_id: Uuid,
    /// What became of it.
    pub state: OfferState,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// The decision; `null` for an offer of the time before decisions were kept.
    pub decision: Option<Decision>,
}

/// How a chat that looks for an agent stands.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RoutingNow {
    /// The moment.
    pub at: Time,
    /// Where it rings.
    pub ringing: Vec<RingingOffer>,
    /// When it may be offered again to those who have refused it.
    pub round_starts_at: Option<Time>,
    /// What it would be decided by now.
    pub decision: Decision,
}

/// An offer that rings.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct RingingOffer {
    /// Which offer of the chat it is.
    pub offer: u32,
    /// Whom it rings at.
    pub agent_id: Uuid,
}

impl From<&engine::RoutingNow> for RoutingNow {
    fn from(now: &engine::RoutingNow) -> Self {
        let ringing = now.ringing.iter();
        Self {
            at: now.at.into(),
            ringing: ringing
                .map(|(number, agent_id)| RingingOffer {
                    offer: number.0,
                    agent_id: agent_id.0,
                })
                .collect(),
            round_starts_at: now.round_starts_at.map(Time),
            decision: (&now.decision).into(),
        }
    }
}

/// What was known when a chat was offered.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Decision {
    /// What the chat looked for an agent for.
    pub purpose: Purpose,
    /// The queue in which it did; `null` when it looked for one agent by name.
    pub queue_id: Option<Uuid>,
    /// How the queue chose.
    pub strategy: Option<Strategy>,
    /// The agent that the queue had asked before; `round_robin` goes on from it.
    pub last_asked_agent_id: Option<Uuid>,
    /// Where the chat stood among those that waited.
    pub place: Option<ChatPlace>,
    /// For whom it was kept while one of them was there; `null` for nobody.
    pub kept_for: Option<Kept>,
    /// Which round of the chat it was, from 1.
    pub round: u32,
    /// Those who could have it, in the order in which they are asked; the first 10.
    pub candidates: Vec<Candidate>,
    /// What put the first of them before the second; `null` where there is one at most.
    pub tie_break: Option<TieBreak>,
    /// Those who could not, each with the first rule that kept it from it; 20 at most.
    pub passed_over: Vec<PassedOver>,
    /// How many agents were in question: the queue's members, and those for whom the chat was kept.
    pub members: u32,
    /// How many of them are in neither list.
    pub left_out: u32,
}

/// A chat's place in its queue's order, and what makes it.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct ChatPlace {
    /// From 1.
    pub position: u32,
    /// How many stood in the line.
    pub waiting: u32,
    /// How urgent the chat was: 0 to 10.
    pub priority: u8,
    /// Whether it went before all others.
    pub ahead: bool,
    /// Its age.
    pub waiting_since: Time,
}

/// For whom a chat is kept.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Kept {
    /// Why.
    pub reason: KeptFor,
    /// For whom.
    pub agent_ids: Vec<Uuid>,
    /// Until when; `null` has no end.
    pub until: Option<Time>,
}

/// An agent that could have a chat.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Candidate {
    /// Which.
    pub agent_id: Uuid,
    /// Whether it is invisible and gets late chats.
    pub late: bool,
    /// What it was ranked by; `null` where each has its turn.
    pub rank: Option<Rank>,
}

/// What agents are ranked by: the lowest is asked first, by the first of these that differs; then by the id.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Rank {
    /// How many levels its skills are below the highest, with `priority_tiers`; else 0.
    pub missing_levels: u32,
    /// 1 if it had anything to do; with `least_busy`, thousandths of its capacity.
    pub busy: u32,
    /// When it last took, lost or ended something, was offered something, or came online.
    pub idle_since: Time,
    /// Its chats that were not silent, and its ringing offers.
    pub load: u32,
}

/// An agent that could not have a chat.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PassedOver {
    /// Which.
    pub agent_id: Uuid,
    /// The first rule that kept it from it.
    #[serde(flatten)]
    pub rule: RuledOut,
}

impl From<&engine::Decision> for Decision {
    fn from(decision: &engine::Decision) -> Self {
        let candidates = decision.candidates.iter();
        let passed_over = decision.passed_over.iter();
        Self {
            purpose: Purpose(decision.purpose.as_str()),
            queue_id: decision.queue_id.map(|id| id.0),
            strategy: decision.strategy.map(|word| Strategy(word.as_str())),
            last_asked_agent_id: decision.last_asked.map(|id| id.0),
            place: decision.place.map(|place| ChatPlace {
                position: place.position,
                waiting: place.waiting,
                priority: place.priority.get(),
                ahead: place.ahead,
                waiting_since: place.waiting_since.into(),
            }),
            kept_for: decision.reserved.as_ref().map(Kept::from),
            round: decision.round,
            candidates: candidates.map(Candidate::from).collect(),
            tie_break: decision.tie_break.map(|word| TieBreak(word.as_str())),
            passed_over: passed_over
                .map(|passed| PassedOver {
                    agent_id: passed.agent_id.0,
                    rule: Rule::Agent(passed.rule).into(),
                })
                .collect(),
            members: decision.members,
            left_out: decision.left_out,
        }
    }
}

impl From<&domain::Reserved> for Kept {
    fn from(reserved: &domain::Reserved) -> Self {
        Self {
            reason: KeptFor(reserved.kept_for.as_str()),
            agent_ids: reserved.agents.iter().map(|id| id.0).collect(),
            until: reserved.until.map(Time),
        }
    }
}

impl From<&engine::Candidate> for Candidate {
    fn from(candidate: &engine::Candidate) -> Self {
        Self {
            agent_id: candidate.agent_id.0,
            late: candidate.late,
            rank: candidate.rank.map(|rank| Rank {
                missing_levels: rank.missing_levels,
                busy: rank.busy,
                idle_since: rank.idle_since.into(),
                load: rank.load,
            }),
        }
    }
}
