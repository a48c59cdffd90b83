//! What the clocks of a chat run by, and what agents say of it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::domain::word::words;
use crate::domain::{AgentId, ContactFields, DispositionId, Score, TagId, Timestamp};

words! {
    /// What an agent is in a chat.
    pub enum ParticipantRole {
        /// It answers; the visitor sees it.
        Agent = "agent",
        /// It reads along and whispers, because it was asked to (CHAT-3). The visitor does not see it.
        Assistant = "assistant",
        /// A supervisor that reads along; nobody else sees it.
        Listener = "listener",
    }
}

/// An agent in a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Participant {
    /// What it is there.
    pub role: ParticipantRole,
    /// Since when.
    pub joined_at: Timestamp,
}

/// Which targets of its queue a chat has missed (CHAT-12).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MissedTargets {
    /// It waited for too long.
    pub waiting: bool,
    /// It had no first reply in time.
    pub first_reply: bool,
}

/// An agent's work after a chat (CHAT-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrapUp {
    /// Since when.
    pub since: Timestamp,
    /// When it ends by itself.
    pub until: Timestamp,
}

/// What has happened in a chat, as far as a clock runs by it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Course {
    /// When an agent first took part.
    pub accepted_at: Option<Timestamp>,
    /// Since when those of its agents are gone that are effectively offline (ROUTE-11).
    pub gone: BTreeMap<AgentId, Timestamp>,
    /// When an agent last wrote.
    pub agent_wrote_at: Option<Timestamp>,
    /// When the visitor last wrote.
    pub visitor_wrote_at: Option<Timestamp>,
    /// The first message of the visitor that no agent has answered.
    pub unanswered_since: Option<Timestamp>,
    /// Whether the agents were reminded of it (CHAT-8).
    pub reminded: bool,
    /// Whether an agent has written, or begun to, since it took the chat (ROUTE-21).
    pub replied: bool,
    /// When an agent first wrote.
    pub first_replied_at: Option<Timestamp>,
    /// Since when the visitor has not answered (CHAT-10): since an agent last wrote, or since its last sign after that.
    pub idle_since: Option<Timestamp>,
    /// When the visitor was last warned (CHAT-10).
    pub warned_at: Option<Timestamp>,
    /// Whether both sides have been silent for so long that it does not count as load (ROUTE-22).
    pub is_silent: bool,
    /// Which targets have passed.
    pub missed_targets: MissedTargets,
    /// Whose work after the chat goes on.
    pub wrapping: BTreeMap<AgentId, WrapUp>,
    /// How the visitor has rated it (CHAT-12).
    pub score: Option<Score>,
}

words! {
    /// What a queue wants to hold (CHAT-12).
    pub enum TargetKind {
        /// How long a chat waits.
        Waiting = "waiting",
        /// How long it has no reply.
        FirstReply = "first_reply",
    }
}

impl Course {
    /// When somebody last wrote.
    #[must_use]
    pub fn last_written_at(&self) -> Option<Timestamp> {
        self.agent_wrote_at.max(self.visitor_wrote_at)
    }
}

/// What agents say of a chat (CHAT-4, CHAT-7).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// Whether it is marked as important.
    pub important: bool,
    /// Its tags.
    pub tags: BTreeSet<TagId>,
    /// Its outcomes.
    pub dispositions: BTreeSet<DispositionId>,
    /// What agents have noted in fields of the tenant's own choice.
    pub fields: ContactFields,
}
