//! How busy a tenant is at this moment.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Time;
use crate::domain::{Name, OfficeId, Timestamp};
use crate::engine::{LiveAgents, LiveChats, LiveNow, LiveQueue};

/// How busy a tenant, or one of its offices, is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Now {
    /// The moment.
    pub at: Time,
    /// The office that was asked about; without it, all of the tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub office_id: Option<Uuid>,
    /// All chats.
    pub chats: ChatsNow,
    /// All agents.
    pub agents: AgentsNow,
    /// The queues, by id.
    pub queues: Vec<QueueNow>,
}

/// How many chats there are.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct ChatsNow {
    /// Those that wait for an agent, ringing or not.
    pub waiting: u32,
    /// Those of them that ring.
    pub ringing: u32,
    /// For how long the one has waited that has waited the longest; `null` when none waits.
    pub longest_wait_s: Option<i64>,
    /// Those that agents answer.
    pub active: u32,
    /// Those that are over for the visitor and on which agents still work.
    pub wrap_up: u32,
}

/// How many agents there are, and what they do.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct AgentsNow {
    /// Effectively online: in the office that was asked about, or outside of any.
    pub online: u32,
    /// Effectively away.
    pub away: u32,
    /// Effectively offline.
    pub offline: u32,
    /// Invisible.
    pub invisible: u32,
    /// Those of all that answer a chat at least.
    pub in_chats: u32,
    /// Those that work on a chat after its end.
    pub in_wrap_up: u32,
    /// How many chats more those could be offered who could be offered any.
    pub free_capacity: u32,
}

/// How busy a queue is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct QueueNow {
    /// The queue.
    pub queue_id: Uuid,
    /// Its office.
    pub office_id: Uuid,
    /// Its name.
    #[schema(value_type = String)]
    pub name: Name,
    /// Its chats.
    pub chats: ChatsNow,
    /// How many members it has.
    pub members: u32,
    /// Those of them that are effectively online in its office.
    pub online: u32,
    /// Those of them that could be offered a chat.
    pub ready: u32,
    /// How many chats more those could be offered.
    pub free_capacity: u32,
}

impl Now {
    /// What the engine sees.
    #[must_use]
    pub fn new(office_id: Option<OfficeId>, now: LiveNow) -> Self {
        let at = now.at;
        let queues = now.queues.into_iter();
        Self {
            at: at.into(),
            office_id: office_id.map(|id| id.0),
            chats: ChatsNow::new(&now.chats, at),
            agents: AgentsNow::from(&now.agents),
            queues: queues.map(|queue| QueueNow::new(queue, at)).collect(),
        }
    }
}

impl ChatsNow {
    fn new(chats: &LiveChats, at: Timestamp) -> Self {
        let longest = chats.waiting_since.map(|since| at.since(since).as_secs());
        Self {
            waiting: chats.waiting,
            ringing: chats.ringing,
            longest_wait_s: longest,
            active: chats.active,
            wrap_up: chats.wrap_up,
        }
    }
}

impl From<&LiveAgents> for AgentsNow {
    fn from(agents: &LiveAgents) -> Self {
        Self {
            online: agents.online,
            away: agents.away,
            offline: agents.offline,
            invisible: agents.invisible,
            in_chats: agents.in_chats,
            in_wrap_up: agents.in_wrap_up,
            free_capacity: agents.free_capacity,
        }
    }
}

impl QueueNow {
    fn new(queue: LiveQueue, at: Timestamp) -> Self {
        Self {
            queue_id: queue.id.0,
            office_id: queue.office_id.0,
            name: queue.name,
            chats: ChatsNow::new(&queue.chats, at),
            members: queue.members,
            online: queue.online,
            ready: queue.ready,
            free_capacity: queue.free_capacity,
        }
    }
}
