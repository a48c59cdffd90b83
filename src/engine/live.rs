//! How busy a tenant is at this moment, for those who watch over it: chats, agents, and room for more.
//!
//! Only reads. A chat counts in the queue in whose line it stands, one that does not wait in the queue that it belongs to.

use std::collections::BTreeMap;

use crate::domain::{ChatState, Name, OfficeId, QueueId, Status, Timestamp};

use super::Engine;
use super::state::{AgentState, Chat, QueueState, State};

/// How many chats there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LiveChats {
    /// Those that wait for an agent, ringing or not.
    pub waiting: u32,
    /// Those of them that ring.
    pub ringing: u32,
    /// Since when the one waits that has waited the longest.
    pub waiting_since: Option<Timestamp>,
    /// Those that agents answer.
    pub active: u32,
    /// Those that are over for the visitor and on which agents still work.
    pub wrap_up: u32,
}

/// How many agents there are, and what they do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LiveAgents {
    /// Effectively online.
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
    /// How many chats more those could be offered now who could be offered any.
    pub free_capacity: u32,
}

/// A queue at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveQueue {
    /// The queue.
    pub id: QueueId,
    /// Its office.
    pub office_id: OfficeId,
    /// Its name.
    pub name: Name,
    /// Its chats.
    pub chats: LiveChats,
    /// How many members it has.
    pub members: u32,
    /// Those of them that are effectively online in its office.
    pub online: u32,
    /// Those of them that could be offered a chat now.
    pub ready: u32,
    /// How many chats those could be offered.
    pub free_capacity: u32,
}

/// A tenant, or one of its offices, at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveNow {
    /// The moment.
    pub at: Timestamp,
    /// All chats.
    pub chats: LiveChats,
    /// All agents.
    pub agents: LiveAgents,
    /// The queues, by id.
    pub queues: Vec<LiveQueue>,
}

impl LiveChats {
    fn add(&mut self, chat: &Chat) {
        match chat.state {
            ChatState::Waiting => {
                self.waiting += 1;
                self.ringing += u32::from(chat.is_offered());
                let since = self.waiting_since.unwrap_or(Timestamp::MAX);
                self.waiting_since = Some(since.min(chat.enqueued_at));
            }
            ChatState::Active { .. } => self.active += 1,
            ChatState::WrapUp { .. } => self.wrap_up += 1,
            ChatState::Closed { .. } | ChatState::OfflineMessage => {}
        }
    }
}

impl LiveAgents {
    fn add(&mut self, agent: &AgentState, office: Option<OfficeId>) {
        *match agent.standing.of(office).status {
            Status::Online => &mut self.online,
            Status::Away => &mut self.away,
            Status::Offline => &mut self.offline,
            Status::Invisible => &mut self.invisible,
        } += 1;
        self.in_chats += u32::from(!agent.chats.is_empty());
        self.in_wrap_up += u32::from(!agent.wrapping.is_empty());
    }
}

impl Engine {
    /// How busy the tenant is, or one office of it: with the chats of its queues and the agents that belong to it.
    #[must_use]
    pub fn live(&self, office: Option<OfficeId>) -> LiveNow {
        let state = &self.state;
        let mut by_queue: BTreeMap<QueueId, LiveChats> = BTreeMap::new();
        let mut chats = LiveChats::default();
        for chat in state.chats.values() {
            let queue_id = chat.line().or(chat.queue_id);
            if office.is_none_or(|id| state.office_of_chat(chat, queue_id) == id) {
                chats.add(chat);
                if let Some(id) = queue_id {
                    by_queue.entry(id).or_default().add(chat);
                }
            }
        }
        let concerned = |queue: &&QueueState| office.is_none_or(|id| queue.queue.office_id == id);
        let queues = state.queues.values().map(|queue| &**queue);
        let queues = queues.filter(concerned).map(|queue| {
            let chats = by_queue.get(&queue.queue.id).copied();
            state.queue_now(queue, chats.unwrap_or_default())
        });
        LiveNow {
            at: self.now,
            chats,
            agents: state.agents_now(office),
            queues: queues.collect(),
        }
    }
}

impl State {
    fn office_of_chat(&self, chat: &Chat, queue_id: Option<QueueId>) -> OfficeId {
        let queue = queue_id.and_then(|id| self.queues.get(&id));
        queue.map_or(chat.office_id, |queue| queue.queue.office_id)
    }

    fn queue_now(&self, queue: &QueueState, chats: LiveChats) -> LiveQueue {
        let office_id = queue.queue.office_id;
        let members = || queue.members.iter().filter_map(|id| self.agents.get(id));
        let online = members().filter(|agent| agent.presence(office_id).status == Status::Online);
        let ready = members().filter(|agent| is_ready(agent, queue.queue.id));
        LiveQueue {
            id: queue.queue.id,
            office_id,
            name: queue.queue.name.clone(),
            chats,
            members: count(queue.members.len()),
            online: count(online.count()),
            ready: count(ready.clone().count()),
            free_capacity: ready.map(|agent| room(agent)).sum(),
        }
    }

    fn agents_now(&self, office: Option<OfficeId>) -> LiveAgents {
        let mut agents = LiveAgents::default();
        let concerned = |id: &QueueId| {
            let queue = self.queues.get(id);
            queue.is_some_and(|queue| office.is_none_or(|id| queue.queue.office_id == id))
        };
        for agent in self.agents.values() {
            if office.is_none_or(|id| self.belongs(agent, id)) {
                agents.add(agent, office);
                let mut queues = agent.queues.iter().filter(|id| concerned(id));
                if queues.any(|id| is_ready(agent, *id)) {
                    agents.free_capacity += room(agent);
                }
            }
        }
        agents
    }
}

/// Whether an agent could be offered a chat of a queue.
fn is_ready(agent: &AgentState, queue_id: QueueId) -> bool {
    let post = agent.posts.get(&queue_id);
    post.is_some_and(|post| post.rank.is_some())
}

/// How many chats an agent may have besides those that it has.
fn room(agent: &AgentState) -> u32 {
    let by_load = (agent.profile.capacity.get() as usize).saturating_sub(agent.load());
    let by_ceiling = agent.profile.ceiling().saturating_sub(agent.all_chats());
    count(by_load.min(by_ceiling))
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
