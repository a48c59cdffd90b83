//! Queues: where chats wait, and how they are offered.

use super::{Invalid, Millis, Name, OfficeId, QueueId, Timestamp};

/// How a queue chooses among eligible agents (ROUTE-3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// The one without a chat or an offer first, then the one whose last chat, offer or return is the
    /// longest ago.
    #[default]
    LongestIdle,
}

impl Strategy {
    /// The word on the wire and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LongestIdle => "longest_idle",
        }
    }
}

impl std::str::FromStr for Strategy {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "longest_idle" => Ok(Self::LongestIdle),
            _ => Err(Invalid::UnknownValue("longest_idle")),
        }
    }
}

/// How a queue behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueSettings {
    /// How agents are ranked.
    pub strategy: Strategy,
    /// How long an offer rings (ROUTE-5), at least a second; `None` rings on.
    pub ring_timeout: Option<Millis>,
    /// How long a chat waits for a new round after all have rejected or missed it (ROUTE-9), at
    /// least a second.
    pub round_pause: Millis,
    /// How many chats may wait; one more is refused with `queue_full`.
    pub max_waiting: u32,
}

impl Default for QueueSettings {
    fn default() -> Self {
        Self {
            strategy: Strategy::default(),
            ring_timeout: Some(Millis::from_secs(30)),
            round_pause: Millis::from_secs(10),
            max_waiting: 1000,
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
    /// How it behaves.
    pub settings: QueueSettings,
    /// When it was made.
    pub created_at: Timestamp,
    /// Counts its changes, from 1.
    pub version: i64,
}
