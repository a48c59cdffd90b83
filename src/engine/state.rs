//! The tables of one tenant and their indexes.
//!
//! The rules live in the other files; here are the narrow methods that keep an index true to its table.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::{
    Agent, AgentId, Author, ChatId, ChatState, ConnectionId, Contact, CustomStatus, Facts, Grounds,
    Lease, Limits, MessageId, Mode, OfferNumber, OfferState, Office, OfficeId, Pause, PauseId,
    Presence, Queue, QueueId, Reachability, ShownReason, Standing, StatusId, TenantSettings,
    Timestamp, VisitorId, Widget, WidgetId,
};

use super::timers::Timers;

/// An agent with its facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AgentState {
    pub(super) profile: Agent,
    pub(super) facts: Facts,
    /// What the facts made of it when they last changed: the verdicts of `effective`, each since when it stands.
    pub(super) standing: Standing,
    /// Whether it had a seat when its presence was last told, and whether its time was paid. Both depend on more than
    /// its facts.
    pub(super) told: Told,
    /// When a person last acted. The facts have it more coarsely.
    pub(super) acted_at: Timestamp,
    /// When it last took, lost or ended something, or came online: what `longest_idle` ranks by.
    pub(super) idle_since: Timestamp,
    /// Live sockets. Not stored: they do not survive a restart.
    pub(super) connections: BTreeSet<ConnectionId>,
    /// Index: the queues that it is a member of.
    pub(super) queues: BTreeSet<QueueId>,
    /// Index: the offers that ring at it.
    pub(super) ringing: BTreeSet<(ChatId, OfferNumber)>,
    /// Index: the open chats that it takes part in.
    pub(super) chats: BTreeSet<ChatId>,
}

/// What was last told of an agent's presence besides its facts and its standing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) seated: bool,
    pub(super) paid: bool,
    /// What stands behind its standing, for whoever asks later.
    pub(super) grounds: Grounds,
}

impl Told {
    /// What is told of a new agent.
    pub(super) const INITIAL: Self = Self {
        seated: true,
        paid: true,
        grounds: Grounds::NONE,
    };
}

impl AgentState {
    /// What it effectively is in an office.
    pub(super) fn presence(&self, office: OfficeId) -> Presence {
        self.standing.of(Some(office))
    }

    /// Whether an offer would be seen. An agent that was connected before a restart has no connection yet.
    pub(super) fn is_reachable(&self) -> bool {
        let connected =
            self.facts.reachability == Reachability::Connected && !self.connections.is_empty();
        connected
            || matches!(
                self.facts.lease,
                Lease::Held {
                    takes_offers: true,
                    ..
                }
            )
    }

    /// Chats and ringing offers (ROUTE-2). Derived, so that it cannot drift.
    pub(super) fn load(&self) -> usize {
        self.ringing.len() + self.chats.len()
    }
}

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

/// A queue with its members and, as an index, the chats that wait in it in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct QueueState {
    pub(super) queue: Queue,
    pub(super) members: BTreeSet<AgentId>,
    pub(super) waiting: BTreeSet<(Timestamp, ChatId)>,
}

/// A chat that is open, or that closed in this batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chat {
    pub(super) id: ChatId,
    pub(super) visitor_id: VisitorId,
    pub(super) widget_id: WidgetId,
    pub(super) office_id: OfficeId,
    /// `None` for an offline message.
    pub(super) queue_id: Option<QueueId>,
    pub(super) contact: Arc<Contact>,
    pub(super) state: ChatState,
    pub(super) started_at: Timestamp,
    /// Its age in the queue; kept when it is offered again (ROUTE-20).
    pub(super) enqueued_at: Timestamp,
    pub(super) participants: BTreeMap<AgentId, Timestamp>,
    /// The current round, from 1 (ROUTE-9).
    pub(super) round: u32,
    /// When the next round starts, if all have refused in this one.
    pub(super) round_starts_at: Option<Timestamp>,
    /// The offers that still matter, and those that ended in this batch; the others are in the database
    /// only, so that a chat that nobody answers does not grow.
    pub(super) offers: BTreeMap<OfferNumber, Offer>,
    pub(super) last_offer: OfferNumber,
    pub(super) last_seq: u32,
    /// Who sent which message: what makes sending twice harmless.
    pub(super) messages: BTreeMap<MessageId, Sent>,
}

/// Where a chat came in.
#[derive(Clone, Copy)]
pub(super) struct Entrance {
    pub(super) widget: WidgetId,
    pub(super) office: OfficeId,
    /// `None` for an offline message.
    pub(super) queue: Option<QueueId>,
}

impl Chat {
    /// A chat that has just begun to wait, before its first message.
    pub(super) fn new(
        id: ChatId,
        visitor_id: VisitorId,
        entrance: Entrance,
        contact: Arc<Contact>,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            visitor_id,
            widget_id: entrance.widget,
            office_id: entrance.office,
            queue_id: entrance.queue,
            contact,
            state: ChatState::Waiting,
            started_at: now,
            enqueued_at: now,
            participants: BTreeMap::new(),
            round: 1,
            round_starts_at: None,
            offers: BTreeMap::new(),
            last_offer: OfferNumber(0),
            last_seq: 0,
            messages: BTreeMap::new(),
        }
    }

    pub(super) fn is_open(&self) -> bool {
        match self.state {
            ChatState::Waiting => self.queue_id.is_some(),
            ChatState::Active { .. } => true,
            ChatState::Closed { .. } => false,
        }
    }

    pub(super) fn ringing(&self) -> impl Iterator<Item = (OfferNumber, &Offer)> {
        let rings = |offer: &Offer| offer.state == OfferState::Ringing;
        self.offers
            .iter()
            .filter(move |(_, offer)| rings(offer))
            .map(|(n, o)| (*n, o))
    }

    pub(super) fn is_offered(&self) -> bool {
        self.ringing().next().is_some()
    }

    /// Whether the agent has rejected or missed this chat in this round (ROUTE-2).
    pub(super) fn was_refused_by(&self, agent_id: AgentId) -> bool {
        self.offers
            .values()
            .any(|offer| offer.agent_id == agent_id && offer.is_refused_in(self.round))
    }
}

/// What is kept of a message: enough to know it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) seq: u32,
    pub(super) author: Author,
}

/// A chat shown to one agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Offer {
    pub(super) agent_id: AgentId,
    pub(super) state: OfferState,
    pub(super) made_at: Timestamp,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) ended_at: Option<Timestamp>,
    pub(super) round: u32,
}

impl Offer {
    /// Whether it was rejected or missed in this round.
    pub(super) fn is_refused_in(&self, round: u32) -> bool {
        self.round == round && matches!(self.state, OfferState::Rejected | OfferState::Missed)
    }

    /// Whether the rules still ask for it in this round of its chat.
    pub(super) fn matters_in(&self, round: u32) -> bool {
        self.state == OfferState::Ringing || self.is_refused_in(round)
    }
}

/// Everything that one tenant's engine knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct State {
    pub(super) settings: TenantSettings,
    pub(super) limits: Limits,
    pub(super) statuses: BTreeMap<StatusId, CustomStatus>,
    pub(super) pauses: BTreeMap<PauseId, Pause>,
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
    /// Index: the chats that are over or have offers that matter no more; see `forget_settled`.
    pub(super) settled: BTreeSet<ChatId>,
}

impl State {
    pub(super) fn new(settings: TenantSettings, limits: Limits) -> Self {
        Self {
            settings,
            limits,
            statuses: BTreeMap::new(),
            pauses: BTreeMap::new(),
            offices: BTreeMap::new(),
            agents: BTreeMap::new(),
            queues: BTreeMap::new(),
            widgets: BTreeMap::new(),
            chats: BTreeMap::new(),
            visitors: BTreeMap::new(),
            arrivals: BTreeSet::new(),
            timers: Timers::default(),
            settled: BTreeSet::new(),
        }
    }

    /// Adds a queue and makes its members' index true.
    pub(super) fn insert_queue(&mut self, queue: Queue, members: BTreeSet<AgentId>) {
        let id = queue.id;
        if let Some(office) = self.offices.get_mut(&queue.office_id) {
            office.queues.insert(id);
        }
        self.queues.insert(
            id,
            Box::new(QueueState {
                queue,
                members: BTreeSet::new(),
                waiting: BTreeSet::new(),
            }),
        );
        self.set_members(id, members);
    }

    /// Replaces a queue's members on both sides.
    pub(super) fn set_members(&mut self, queue_id: QueueId, members: BTreeSet<AgentId>) {
        let Some(queue) = self.queues.get_mut(&queue_id) else {
            return;
        };
        for agent_id in queue.members.difference(&members) {
            if let Some(agent) = self.agents.get_mut(agent_id) {
                agent.queues.remove(&queue_id);
            }
        }
        for agent_id in &members {
            if let Some(agent) = self.agents.get_mut(agent_id) {
                agent.queues.insert(queue_id);
            }
        }
        queue.members = members;
    }

    /// Takes an agent out of a queue on both sides.
    pub(super) fn remove_member(&mut self, queue_id: QueueId, agent_id: AgentId) {
        if let Some(queue) = self.queues.get(&queue_id) {
            let mut members = queue.members.clone();
            members.remove(&agent_id);
            self.set_members(queue_id, members);
        }
        if let Some(queue) = self.queues.get_mut(&queue_id) {
            queue.queue.version += 1;
        }
    }

    /// Adds a chat and makes every index that names it true.
    pub(super) fn insert_chat(&mut self, chat: Chat) {
        if !chat.is_open() {
            self.settled.insert(chat.id);
        }
        if chat.is_open() {
            self.visitors
                .entry(chat.visitor_id)
                .or_default()
                .insert(chat.id);
        }
        if let (ChatState::Waiting, Some(queue)) = (
            chat.state,
            chat.queue_id.and_then(|id| self.queues.get_mut(&id)),
        ) {
            queue.waiting.insert((chat.enqueued_at, chat.id));
        }
        if chat.is_open() {
            for agent_id in chat.participants.keys() {
                if let Some(agent) = self.agents.get_mut(agent_id) {
                    agent.chats.insert(chat.id);
                }
            }
            for (number, offer) in chat.ringing() {
                if let Some(agent) = self.agents.get_mut(&offer.agent_id) {
                    agent.ringing.insert((chat.id, number));
                }
            }
        }
        self.chats.insert(chat.id, chat);
    }

    /// Takes a chat out of its queue's order.
    pub(super) fn leave_queue(&mut self, chat_id: ChatId) {
        let Some(chat) = self.chats.get(&chat_id) else {
            return;
        };
        if let Some(queue) = chat.queue_id.and_then(|id| self.queues.get_mut(&id)) {
            queue.waiting.remove(&(chat.enqueued_at, chat_id));
        }
    }

    /// Takes a closed chat out of every index; the chat itself stays until its record was taken.
    pub(super) fn unlink_chat(&mut self, chat_id: ChatId) {
        self.leave_queue(chat_id);
        self.settled.insert(chat_id);
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
            }
        }
    }

    /// Drops what nothing will ask for again: chats that are over, offers of earlier rounds. It looks at
    /// the chats that changed only, since it runs after every batch.
    pub(super) fn forget_settled(&mut self) {
        for chat_id in std::mem::take(&mut self.settled) {
            if let Some(chat) = self.chats.get_mut(&chat_id) {
                if chat.is_open() {
                    let round = chat.round;
                    chat.offers.retain(|_, offer| offer.matters_in(round));
                } else {
                    self.chats.remove(&chat_id);
                }
            }
        }
    }
}
