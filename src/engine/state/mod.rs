//! The tables of one tenant and their indexes.
//!
//! The rules live in the other files; here are the narrow methods that keep an index true to its table.

mod agent;
mod chat;
mod index;

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{
    AgentId, Ban, BanId, ChatId, CustomStatus, Disposition, DispositionId, Limits, Mode, Office,
    OfficeId, ParticipantRole, Pause, PauseId, Queue, QueueId, QueueMemory, RoutingRule,
    RoutingRuleId, ShownReason, Skill, SkillId, StatusId, TenantSettings, Timestamp, VisitorId,
    Widget, WidgetId,
};

use super::line::{Line, Place};
use super::routing::Rank;
use super::timers::Timers;

pub(super) use agent::{AgentState, Post, Told};
pub(super) use chat::{Chat, Entrance, KeptNote, Offer, Placed, Sent, Wants};
pub(super) use index::Changed;

/// What an office shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) mode: Mode,
    pub(super) reason: ShownReason,
    pub(super) since: Timestamp,
}

/// An office with what it shows, and as an index its queues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OfficeState {
    pub(super) office: Office,
    pub(super) shown: Shown,
    pub(super) queues: BTreeSet<QueueId>,
}

/// A queue with its members and what it remembers; the rest are indexes, see `index.rs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct QueueState {
    pub(super) queue: Queue,
    pub(super) members: BTreeSet<AgentId>,
    pub(super) memory: QueueMemory,
    /// The chats that look for an agent in it.
    pub(super) line: Line,
    /// How many of them wait; the others are active and look for somebody besides.
    pub(super) waiting: usize,
    /// Those of them that are to be offered to whoever can take them.
    pub(super) hungry: BTreeSet<Place>,
    /// Those that are kept for some.
    pub(super) reserved: BTreeSet<Place>,
    /// Those that had to go elsewhere and could not (AVAIL-5).
    pub(super) overran: BTreeSet<Place>,
    /// The members who could be offered a chat now, best first.
    pub(super) ready: BTreeSet<Rank>,
    /// The other members, whom something keeps from every chat.
    pub(super) barred: BTreeSet<AgentId>,
    /// The members who want late offers while they are invisible (PRES-11).
    pub(super) late: BTreeSet<AgentId>,
    /// How many chats the members that are there may have together.
    pub(super) staff: u32,
}

/// Everything that one tenant's engine knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct State {
    pub(super) settings: TenantSettings,
    pub(super) limits: Limits,
    pub(super) statuses: BTreeMap<StatusId, CustomStatus>,
    pub(super) pauses: BTreeMap<PauseId, Pause>,
    pub(super) skills: BTreeMap<SkillId, Skill>,
    pub(super) dispositions: BTreeMap<DispositionId, Disposition>,
    pub(super) bans: BTreeMap<BanId, Ban>,
    pub(super) routing_rules: BTreeMap<RoutingRuleId, Box<RoutingRule>>,
    // Boxed, since a map makes room for eleven at once, and most tenants are small: 11 KB of each in all.
    pub(super) offices: BTreeMap<OfficeId, Box<OfficeState>>,
    pub(super) agents: BTreeMap<AgentId, Box<AgentState>>,
    pub(super) queues: BTreeMap<QueueId, Box<QueueState>>,
    pub(super) widgets: BTreeMap<WidgetId, Box<Widget>>,
    pub(super) chats: BTreeMap<ChatId, Chat>,
    /// Index: the open chats of each visitor that has any.
    pub(super) visitors: BTreeMap<VisitorId, BTreeSet<ChatId>>,
    /// Index: the agents without a seat of their own that have come to work, in order of arrival (PRES-15).
    pub(super) arrivals: BTreeSet<(Timestamp, AgentId)>,
    pub(super) timers: Timers,
    /// Index: the active chats that look for somebody and ring at nobody. There are few, so each step looks at all.
    pub(super) searching: BTreeSet<ChatId>,
    /// Index: the queues in which chats wait that had to go elsewhere and could not. Each step looks whether they can.
    pub(super) overrun: BTreeSet<QueueId>,
    /// Index: the chats that are over or have offers that matter no more; see `forget_settled`.
    pub(super) settled: BTreeSet<ChatId>,
    /// The queues that have learnt from a chat's end how long chats take; emptied with `settled`.
    pub(super) taught: BTreeSet<QueueId>,
    /// The agents and chats that were changed, whose indexes are to be made true; empty between two steps.
    pub(super) changed: Changed,
}

impl State {
    pub(super) fn new(settings: TenantSettings, limits: Limits) -> Self {
        Self {
            settings,
            limits,
            statuses: BTreeMap::new(),
            pauses: BTreeMap::new(),
            skills: BTreeMap::new(),
            dispositions: BTreeMap::new(),
            bans: BTreeMap::new(),
            routing_rules: BTreeMap::new(),
            offices: BTreeMap::new(),
            agents: BTreeMap::new(),
            queues: BTreeMap::new(),
            widgets: BTreeMap::new(),
            chats: BTreeMap::new(),
            visitors: BTreeMap::new(),
            arrivals: BTreeSet::new(),
            timers: Timers::default(),
            searching: BTreeSet::new(),
            overrun: BTreeSet::new(),
            settled: BTreeSet::new(),
            taught: BTreeSet::new(),
            changed: Changed::default(),
        }
    }

    /// Adds a queue and makes its members' index true.
    pub(super) fn insert_queue(
        &mut self,
        queue: Queue,
        members: &BTreeSet<AgentId>,
        memory: QueueMemory,
    ) {
        let id = queue.id;
        if let Some(office) = self.offices.get_mut(&queue.office_id) {
            office.queues.insert(id);
        }
        self.queues.insert(
            id,
            Box::new(QueueState {
                queue,
                members: BTreeSet::new(),
                memory,
                line: Line::default(),
                waiting: 0,
                hungry: BTreeSet::new(),
                reserved: BTreeSet::new(),
                overran: BTreeSet::new(),
                ready: BTreeSet::new(),
                barred: BTreeSet::new(),
                late: BTreeSet::new(),
                staff: 0,
            }),
        );
        self.set_members(id, members);
        self.changed.queues.insert(id);
    }

    /// Whether an agent may have one chat more.
    pub(super) fn has_room(&self, agent_id: AgentId) -> bool {
        self.agents
            .get(&agent_id)
            .is_some_and(|agent| agent.has_room())
    }

    /// Replaces a queue's members on both sides.
    pub(super) fn set_members(&mut self, queue_id: QueueId, members: &BTreeSet<AgentId>) {
        let Some(queue) = self.queues.get_mut(&queue_id) else {
            return;
        };
        let before = std::mem::replace(&mut queue.members, members.clone());
        for agent_id in before.difference(members) {
            if let Some(agent) = self.agent_mut(*agent_id) {
                agent.queues.remove(&queue_id);
                agent.work.logged_out.remove(&queue_id);
            }
        }
        for agent_id in members.difference(&before) {
            if let Some(agent) = self.agent_mut(*agent_id) {
                agent.queues.insert(queue_id);
            }
        }
    }

    /// Takes an agent out of a queue on both sides.
    pub(super) fn remove_member(&mut self, queue_id: QueueId, agent_id: AgentId) {
        if let Some(queue) = self.queues.get(&queue_id) {
            let mut members = queue.members.clone();
            members.remove(&agent_id);
            self.set_members(queue_id, &members);
        }
        if let Some(queue) = self.queues.get_mut(&queue_id) {
            queue.queue.version += 1;
        }
    }

    /// Adds a chat and makes every index that names it true but its place in a line.
    pub(super) fn insert_chat(&mut self, chat: Chat) {
        let id = chat.id;
        if !chat.is_kept() {
            self.settled.insert(id);
        }
        if chat.is_open() {
            for (number, offer) in chat.ringing() {
                if let Some(agent) = self.agents.get_mut(&offer.agent_id) {
                    agent.ringing.insert((id, number));
                    self.changed.agents.insert(offer.agent_id);
                }
            }
        }
        for agent_id in chat.course.wrapping.keys() {
            if let Some(agent) = self.agents.get_mut(agent_id) {
                agent.wrapping.insert(id);
                self.changed.agents.insert(*agent_id);
            }
        }
        let is_open = chat.is_open();
        self.changed.chats.insert(id);
        self.chats.insert(id, chat);
        if is_open {
            self.link_chat(id);
        }
    }

    /// Makes the indexes true by which the visitor and the agents of an open chat find it.
    pub(super) fn link_chat(&mut self, chat_id: ChatId) {
        let Some(chat) = self.chats.get(&chat_id) else {
            return;
        };
        let own = self.visitors.entry(chat.visitor_id).or_default();
        own.insert(chat_id);
        for (agent_id, participant) in &chat.participants {
            let Some(agent) = self.agents.get_mut(agent_id) else {
                continue;
            };
            if participant.role == ParticipantRole::Agent {
                agent.chats.insert(chat_id);
                if chat.course.is_silent {
                    agent.silent.insert(chat_id);
                }
            } else {
                agent.read_along.insert(chat_id);
            }
            self.changed.agents.insert(*agent_id);
        }
    }

    /// Takes a chat that is over for its visitor out of every index but those of the work after it; the chat itself
    /// stays until its record was taken. Its state was changed before.
    pub(super) fn unlink_chat(&mut self, chat_id: ChatId) {
        self.settled.insert(chat_id);
        self.changed.chats.insert(chat_id);
        let Some(chat) = self.chats.get(&chat_id) else {
            return;
        };
        if let Some(chats) = self.visitors.get_mut(&chat.visitor_id) {
            chats.remove(&chat_id);
            if chats.is_empty() {
                self.visitors.remove(&chat.visitor_id);
            }
        }
        for agent_id in chat.participants.keys() {
            if let Some(agent) = self.agents.get_mut(agent_id) {
                agent.chats.remove(&chat_id);
                agent.silent.remove(&chat_id);
                agent.read_along.remove(&chat_id);
                self.changed.agents.insert(*agent_id);
            }
        }
    }

    /// Drops what nothing will ask for again: chats that are over, offers of earlier rounds. It looks at
    /// the chats that changed only, since it runs after every batch.
    pub(super) fn forget_settled(&mut self) {
        self.taught.clear();
        for chat_id in std::mem::take(&mut self.settled) {
            if let Some(chat) = self.chats.get_mut(&chat_id) {
                if chat.is_kept() {
                    let round = chat.round;
                    chat.offers.retain(|_, offer| offer.matters_in(round));
                } else {
                    self.chats.remove(&chat_id);
                }
            }
        }
    }
}
