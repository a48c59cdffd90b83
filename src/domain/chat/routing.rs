//! What a chat's way to an agent depends on: where it came in, whom it looks for, for whom it is kept.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::domain::word::words;
use crate::domain::{AgentId, Note, Priority, QueueId, RoutingRuleId, Timestamp};

words! {
    /// What a chat looks for an agent for.
    pub enum Purpose {
        /// To be answered.
        Answer = "answer",
        /// To change hands (CHAT-1).
        Transfer = "transfer",
        /// To have one agent more (CHAT-2).
        Invite = "invite",
        /// To have somebody read along and advise (CHAT-3).
        Assist = "assist",
    }
}

/// Whom a chat looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// One agent by name.
    Agent(AgentId),
    /// Whoever the queue's strategy chooses.
    Queue(QueueId),
}

/// A search for an agent. A chat has one at most: while it waits, or while it is active and is to change hands or to
/// have one more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seek {
    /// What for.
    pub purpose: Purpose,
    /// Whom.
    pub target: Target,
    /// The agent that asked for it; `None` for the visitor or the service.
    pub by: Option<AgentId>,
    /// What that agent says about it.
    pub note: Option<Note>,
    /// Since when it looks for this target: what `max_wait` counts from. Its age in the order is the chat's own.
    pub since: Timestamp,
    /// Whether it goes on while nobody can take it (CHAT-1's `if_unavailable`); one that does not ends then. A waiting
    /// chat looks for an agent whatever this says.
    #[serde(default)]
    pub waits: bool,
}

impl Seek {
    /// The search of a chat that waits in a queue.
    #[must_use]
    pub fn answer(queue_id: QueueId, since: Timestamp) -> Self {
        Self {
            purpose: Purpose::Answer,
            target: Target::Queue(queue_id),
            by: None,
            note: None,
            since,
            waits: true,
        }
    }
}

words! {
    /// Why a chat is kept for some agents.
    pub enum KeptFor {
        /// The contact is assigned to them (ROUTE-1).
        Assignment = "assignment",
        /// The widget is theirs (ROUTE-14).
        Widget = "widget",
        /// One of them had the contact's last chat (ROUTE-10).
        LastAgent = "last_agent",
        /// It was given to them (CHAT-1).
        Transfer = "transfer",
    }
}

/// Agents for whom a chat is kept while one of them is effectively online in its office. They need not be members of its
/// queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reserved {
    /// Who they are.
    pub agents: BTreeSet<AgentId>,
    /// Why.
    pub kept_for: KeptFor,
    /// Until when; `None` has no end.
    pub until: Option<Timestamp>,
}

words! {
    /// What chose a chat's queue (ROUTE-1).
    pub enum Entered {
        /// The first queue with somebody online of the widget's first live office.
        Widget = "widget",
        /// The visitor chose the office.
        Office = "office",
        /// The visitor chose the queue.
        Queue = "queue",
        /// A routing rule.
        Rule = "rule",
        /// The queue that it was meant for was full or closed.
        Overflow = "overflow",
    }
}

/// How a chat came to its queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What chose the queue.
    pub by: Entered,
    /// The rule, if one did.
    pub rule_id: Option<RoutingRuleId>,
}

/// What routing knows of a chat.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Routing {
    /// How it came to its queue; an offline message came to none.
    pub entry: Option<Entry>,
    /// How urgent it is.
    pub priority: Priority,
    /// Whether it goes before all others (ROUTE-11).
    pub ahead: bool,
    /// The search for an agent that is under way.
    pub seek: Option<Seek>,
    /// For whom it is kept.
    pub reserved: Option<Reserved>,
    /// When it last had to go to its queue's overflow, which did not take it (AVAIL-5).
    pub overran: Option<Timestamp>,
    /// Who has taken it last, from the line or from the search of an agent; nobody yet when it waits or looks again.
    pub taken_by: Option<AgentId>,
    /// Whom this round is not for, besides those that have refused in it: who gave the chat away or lost it.
    pub passed_over: BTreeSet<AgentId>,
}
