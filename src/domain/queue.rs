//! Queues: where chats wait, and how they are offered.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::word::words;
use super::{
    AgentId, DispositionId, Hours, Invalid, Millis, Name, OfficeId, PauseId, QueueId, Skills,
    Timestamp, UrlTemplate,
};

words! {
    /// How a queue chooses among eligible agents (ROUTE-3).
    pub enum Strategy {
        /// The one without a chat or an offer first, then the one whose last chat, offer or return is the longest ago.
        LongestIdle = "longest_idle",
        /// One after the other in the order of their ids, from the one after the last that was asked.
        RoundRobin = "round_robin",
        /// The one with the fewest chats and offers for its capacity, then as `longest_idle`.
        LeastBusy = "least_busy",
        /// The one with the highest levels in the queue's skills, then as `longest_idle`.
        PriorityTiers = "priority_tiers",
        /// All at once; the first accept wins.
        Broadcast = "broadcast",
        /// Nobody: agents pick from the waiting chats.
        Manual = "manual",
    }
}

#[expect(
    clippy::derivable_impls,
    reason = "the macro of the word lists derives no default"
)]
impl Default for Strategy {
    fn default() -> Self {
        Self::LongestIdle
    }
}

/// How urgent a chat is: 0 to 10. Each step is worth as much waiting as the queue's `ageing` says, so that none
/// starves (ROUTE-4).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Priority(u8);

impl Priority {
    /// The most urgent.
    pub const MAX: Self = Self(10);

    /// The number.
    #[must_use]
    pub fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<i64> for Priority {
    type Error = Invalid;

    fn try_from(number: i64) -> Result<Self, Invalid> {
        match u8::try_from(number) {
            Ok(number) if number <= Self::MAX.0 => Ok(Self(number)),
            _ => Err(Invalid::OutOfRange {
                min: 0,
                max: i64::from(Self::MAX.0),
            }),
        }
    }
}

/// What happens to an agent that has missed as many offers in a row as the queue allows (ROUTE-5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnMissedOffer {
    /// Nothing.
    #[default]
    Nothing,
    /// It is away.
    Away,
    /// It is in this pause.
    Pause(PauseId),
}

/// Where a chat goes that cannot wait in its queue any longer (AVAIL-5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overflow {
    /// To another queue.
    Queue(QueueId),
    /// To the inbox, as an offline message.
    Messenger,
}

/// When an agent that does not look at a chat is reminded of it (CHAT-8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reminder {
    /// This long after the first unanswered message of the visitor.
    After(Millis),
    /// At every message of the visitor.
    EveryMessage,
}

/// What an agent says of a chat when it closes it, and how long it has for that (CHAT-4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Closing {
    /// The outcomes among which it chooses.
    pub dispositions: BTreeSet<DispositionId>,
    /// Whether it must choose one, if there are any.
    pub disposition_required: bool,
    /// Whether it may choose several.
    pub several_dispositions: bool,
    /// How long it gets no offers after a chat, unless it ends that itself; none is no wrap-up.
    pub wrap_up: Option<Millis>,
}

impl Default for Closing {
    fn default() -> Self {
        Self {
            dispositions: BTreeSet::new(),
            disposition_required: true,
            several_dispositions: false,
            wrap_up: None,
        }
    }
}

/// What happens while a visitor is silent, and when it comes back (CHAT-10). None is never.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VisitorIdle {
    /// How long after the agent's last message it is warned.
    pub warning: Option<Millis>,
    /// How long after the agent's last message its chat is closed.
    pub close: Option<Millis>,
    /// How long after the close its next message goes on with the same chat.
    pub reopen_within: Option<Millis>,
}

/// What a queue wants to hold; a target that passes is marked when it passes (CHAT-12). None is no target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Targets {
    /// From the start of a chat to the accept.
    pub waiting: Option<Millis>,
    /// From the start of a chat to the first message of an agent.
    pub first_reply: Option<Millis>,
}

/// How a queue behaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct QueueSettings {
    /// How agents are ranked.
    pub strategy: Strategy,
    /// How long an offer rings (ROUTE-5), at least a second; `None` rings on.
    pub ring_timeout: Option<Millis>,
    /// How long a chat waits for a new round after all have rejected or missed it (ROUTE-9), at
    /// least a second.
    pub round_pause: Millis,
    /// The skills that an agent needs, each with the least level (ROUTE-2).
    pub required_skills: Skills,
    /// How urgent its chats are.
    pub priority: Priority,
    /// How much longer a chat must have waited to go before one that is a step more urgent (ROUTE-4); at least a second.
    pub ageing: Millis,
    /// How many chats may wait; one more is refused with `queue_full`, or goes to the overflow.
    pub max_waiting: u32,
    /// Once it was full it takes no chat until fewer than this wait (AVAIL-5); `None` is one below `max_waiting`.
    pub reopen_at: Option<u32>,
    /// How long a chat may wait before it goes to the overflow.
    pub max_wait: Option<Millis>,
    /// Where a chat goes that finds the queue full or closed, or has waited for too long.
    pub overflow: Option<Overflow>,
    /// When it takes chats, besides the office's hours.
    pub hours: Option<Hours>,
    /// Whether an offer is an assignment (ROUTE-12).
    pub auto_accept: bool,
    /// What happens to an agent that misses offers.
    pub on_missed_offer: OnMissedOffer,
    /// How many in a row, at least one.
    pub missed_offers_before: u32,
    /// For how long a chat is kept for the agent that had the contact's last one (ROUTE-10).
    pub prefer_last_agent_for: Option<Millis>,
    /// Where an agent finds more about a chat, in another system (ROUTE-6).
    pub external_url: Option<UrlTemplate>,
    /// How long an agent has for its first message (ROUTE-21).
    pub first_reply_within: Option<Millis>,
    /// What belongs to the end of a chat.
    pub closing: Closing,
    /// What happens while a visitor is silent.
    pub visitor_idle: VisitorIdle,
    /// When an agent is reminded.
    pub reminder: Option<Reminder>,
    /// What it wants to hold.
    pub targets: Targets,
}

impl Default for QueueSettings {
    fn default() -> Self {
        Self {
            strategy: Strategy::default(),
            ring_timeout: Some(Millis::from_secs(30)),
            round_pause: Millis::from_secs(10),
            required_skills: Skills::new(),
            priority: Priority::default(),
            ageing: Millis::from_secs(300),
            max_waiting: 1000,
            reopen_at: None,
            max_wait: None,
            overflow: None,
            hours: None,
            auto_accept: false,
            on_missed_offer: OnMissedOffer::Nothing,
            missed_offers_before: 1,
            external_url: None,
            prefer_last_agent_for: None,
            first_reply_within: None,
            closing: Closing::default(),
            visitor_idle: VisitorIdle::default(),
            reminder: None,
            targets: Targets::default(),
        }
    }
}

/// A queue of one office.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// Its id.
    pub id: QueueId,
    /// The office whose visitors it takes.
    pub office_id: OfficeId,
    /// What agents read.
    pub name: Name,
    /// How it behaves. Boxed: a queue travels in commands and events, most of which are small.
    pub settings: Box<QueueSettings>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Counts its changes, from 1.
    pub version: i64,
}

/// What a queue remembers from one decision to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct QueueMemory {
    /// Whether it was full and has not emptied enough since (AVAIL-5).
    pub is_full: bool,
    /// Whom it asked last (`round_robin`).
    pub last_asked: Option<AgentId>,
    /// How long its chats took lately from the accept to the end, as a moving average.
    pub handling: Option<Millis>,
}
