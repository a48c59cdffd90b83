//! The indexes by which an agent is found for a chat, and a chat for an agent, without looking at all of either.
//!
//! Whoever changes an agent or a chat takes it by [`State::agent_mut`] or [`State::chat_mut`], which remember it;
//! [`State::refresh`] then makes the indexes true to what was changed. So no rule can forget one, and a decision costs
//! what it changes. `invariants.rs` recomputes them all.

use std::collections::BTreeSet;

use crate::domain::{AgentId, ChatId, ChatState, QueueId, Status, Strategy, Timestamp};

use super::super::line::Place;
use super::super::routing::{general_ineligibilities, is_late};
use super::{AgentState, Chat, Placed, Post, QueueState, State, Wants};

/// What was changed since the indexes were last made true.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Changed {
    pub(in super::super) agents: BTreeSet<AgentId>,
    pub(in super::super) chats: BTreeSet<ChatId>,
    /// The queues whose lines have become longer or shorter.
    pub(in super::super) queues: BTreeSet<QueueId>,
}

impl State {
    /// An agent that is about to be changed.
    pub(in super::super) fn agent_mut(&mut self, id: AgentId) -> Option<&mut AgentState> {
        let agent = self.agents.get_mut(&id)?;
        self.changed.agents.insert(id);
        Some(agent)
    }

    /// A chat that is about to be changed.
    pub(in super::super) fn chat_mut(&mut self, id: ChatId) -> Option<&mut Chat> {
        let chat = self.chats.get_mut(&id)?;
        self.changed.chats.insert(id);
        Some(chat)
    }

    /// Everything that a queue's settings have a say in is to be looked at again.
    pub(in super::super) fn change_queue(&mut self, id: QueueId) {
        if let Some(queue) = self.queues.get(&id) {
            self.changed.agents.extend(&queue.members);
            let chats = queue.line.iter().map(|place| place.chat_id);
            self.changed.chats.extend(chats);
            self.changed.queues.insert(id);
        }
    }

    /// Makes the indexes true.
    pub(in super::super) fn refresh(&mut self, now: Timestamp) {
        for chat_id in std::mem::take(&mut self.changed.chats) {
            self.place(chat_id);
        }
        for agent_id in std::mem::take(&mut self.changed.agents) {
            self.post(agent_id, now);
        }
    }

    /// Puts a chat into the list of the agent that it looks for by name, and among those that nobody has been found for.
    fn list(&mut self, chat_id: ChatId) {
        let Some(chat) = self.chats.get_mut(&chat_id) else {
            return;
        };
        let (before, after) = (chat.sought, chat.named());
        chat.sought = after;
        if chat.is_searching() {
            self.searching.insert(chat_id);
        } else {
            self.searching.remove(&chat_id);
        }
        if before == after {
            return;
        }
        if let Some(agent) = before.and_then(|id| self.agents.get_mut(&id)) {
            agent.sought.remove(&chat_id);
        }
        if let Some(agent) = after.and_then(|id| self.agents.get_mut(&id)) {
            agent.sought.insert(chat_id);
        }
    }

    /// Puts a chat where it belongs.
    fn place(&mut self, chat_id: ChatId) {
        self.list(chat_id);
        let Some(chat) = self.chats.get(&chat_id) else {
            return;
        };
        let (before, after) = (chat.placed, self.placed(chat));
        if before == after {
            return;
        }
        let waits =
            |placed: Option<Placed>| placed.filter(|placed| placed.waits).map(|p| p.queue_id);
        if waits(before) != waits(after) {
            let queues = waits(before).into_iter().chain(waits(after));
            self.changed.queues.extend(queues);
        }
        if let Some(placed) = before
            && let Some(queue) = self.queues.get_mut(&placed.queue_id)
        {
            queue.waiting -= usize::from(placed.waits);
            queue.line.remove(&placed.place);
            queue.hungry.remove(&placed.place);
            queue.reserved.remove(&placed.place);
            queue.overran.remove(&placed.place);
            if queue.overran.is_empty() {
                self.overrun.remove(&placed.queue_id);
            }
        }
        if let Some(placed) = after
            && let Some(queue) = self.queues.get_mut(&placed.queue_id)
        {
            queue.waiting += usize::from(placed.waits);
            queue.line.insert(placed.place);
            match placed.wants {
                Wants::Nobody => {}
                Wants::Anybody => drop(queue.hungry.insert(placed.place)),
                Wants::Some => drop(queue.reserved.insert(placed.place)),
            }
            if placed.overran {
                queue.overran.insert(placed.place);
                self.overrun.insert(placed.queue_id);
            }
        }
        if let Some(chat) = self.chats.get_mut(&chat_id) {
            chat.placed = after;
        }
    }

    /// Where a chat belongs.
    pub(in super::super) fn placed(&self, chat: &Chat) -> Option<Placed> {
        let queue = self.queues.get(&chat.line()?)?;
        let settings = &queue.queue.settings;
        let wants = match settings.strategy {
            Strategy::Manual => Wants::Nobody,
            Strategy::LongestIdle
            | Strategy::RoundRobin
            | Strategy::LeastBusy
            | Strategy::PriorityTiers
                if chat.is_offered() =>
            {
                Wants::Nobody
            }
            Strategy::Broadcast
            | Strategy::LongestIdle
            | Strategy::RoundRobin
            | Strategy::LeastBusy
            | Strategy::PriorityTiers => wants(chat),
        };
        let bonus = i64::from(chat.routing.priority.get()) * settings.ageing.0;
        Some(Placed {
            queue_id: queue.queue.id,
            place: Place {
                behind: !chat.routing.ahead,
                order: Timestamp(chat.enqueued_at.0 - bonus),
                chat_id: chat.id,
            },
            wants,
            waits: chat.state == ChatState::Waiting,
            overran: chat.state == ChatState::Waiting && chat.routing.overran.is_some(),
        })
    }

    /// Puts an agent where it belongs in each of its queues.
    fn post(&mut self, agent_id: AgentId, now: Timestamp) {
        let Some(agent) = self.agents.get(&agent_id) else {
            return;
        };
        let concerned: BTreeSet<QueueId> = agent
            .queues
            .iter()
            .chain(agent.posts.keys())
            .copied()
            .collect();
        for queue_id in concerned {
            let Some(agent) = self.agents.get(&agent_id) else {
                return;
            };
            let before = agent.posts.get(&queue_id).copied().unwrap_or_default();
            let queue = self.queues.get(&queue_id);
            let after = queue.map_or(Post::default(), |queue| self.post_of(agent, queue, now));
            if before == after {
                continue;
            }
            if let Some(queue) = self.queues.get_mut(&queue_id) {
                queue.staff = queue.staff - before.capacity + after.capacity;
                if let Some(rank) = before.rank {
                    queue.ready.remove(&rank);
                }
                queue.ready.extend(after.rank);
                if after.is_barred {
                    queue.barred.insert(agent_id);
                } else {
                    queue.barred.remove(&agent_id);
                }
                if after.is_late {
                    queue.late.insert(agent_id);
                } else {
                    queue.late.remove(&agent_id);
                }
            }
            if let Some(agent) = self.agents.get_mut(&agent_id) {
                if after == Post::default() {
                    agent.posts.remove(&queue_id);
                } else {
                    agent.posts.insert(queue_id, after);
                }
            }
        }
    }

    /// Where an agent belongs in a queue.
    pub(in super::super) fn post_of(
        &self,
        agent: &AgentState,
        queue: &QueueState,
        now: Timestamp,
    ) -> Post {
        let id = queue.queue.id;
        if !agent.queues.contains(&id) || agent.work.logged_out.contains(&id) {
            return Post {
                is_barred: agent.queues.contains(&id),
                ..Post::default()
            };
        }
        let is_online = agent.presence(queue.queue.office_id).status == Status::Online;
        let is_there = is_online && agent.is_reachable();
        let is_barred = !general_ineligibilities(self, agent, queue, now).is_empty();
        Post {
            rank: (!is_barred).then(|| self.rank(queue, agent)),
            is_barred,
            is_late: is_late(agent, queue.queue.office_id),
            capacity: if is_there {
                agent.profile.capacity.get()
            } else {
                0
            },
        }
    }
}

fn wants(chat: &Chat) -> Wants {
    match chat.routing.reserved {
        Some(_) => Wants::Some,
        None => Wants::Anybody,
    }
}
