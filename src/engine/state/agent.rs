//! An agent in the tables.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{
    Agent, ChatId, ConnectionId, Facts, Grounds, Lease, OfferNumber, OfficeId, Presence, QueueId,
    Reachability, Standing, Timestamp, Work,
};

use super::super::routing::Rank;

/// An agent with its facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct AgentState {
    pub(in super::super) profile: Agent,
    pub(in super::super) facts: Facts,
    /// What the facts made of it when they last changed: the verdicts of `effective`, each since when it stands.
    pub(in super::super) standing: Standing,
    /// Whether it had a seat when its presence was last told, and whether its time was paid. Both depend on more than
    /// its facts.
    pub(in super::super) told: Told,
    /// When a person last acted. The facts have it more coarsely.
    pub(in super::super) acted_at: Timestamp,
    /// When it last took, lost or ended something, or came online: what `longest_idle` ranks by.
    pub(in super::super) idle_since: Timestamp,
    /// Live sockets. Not stored: they do not survive a restart.
    pub(in super::super) connections: BTreeSet<ConnectionId>,
    /// The chats that they show (CHAT-8). Not stored either.
    pub(in super::super) focus: BTreeMap<ConnectionId, ChatId>,
    /// Index: the queues that it is a member of.
    pub(in super::super) queues: BTreeSet<QueueId>,
    /// Index: the offers that ring at it.
    pub(in super::super) ringing: BTreeSet<(ChatId, OfferNumber)>,
    /// Index: the open chats that it answers.
    pub(in super::super) chats: BTreeSet<ChatId>,
    /// Index: those of them that are silent and do not count as load (ROUTE-22).
    pub(in super::super) silent: BTreeSet<ChatId>,
    /// Index: the open chats that it only reads along in.
    pub(in super::super) read_along: BTreeSet<ChatId>,
    /// Index: the chats after which it still works.
    pub(in super::super) wrapping: BTreeSet<ChatId>,
    /// Index: the chats that look for it by name.
    pub(in super::super) sought: BTreeSet<ChatId>,
    /// What its work is bounded by besides.
    pub(in super::super) work: Work,
    /// Index: how it stands in those of its queues where it could be offered something; see `index.rs`.
    pub(in super::super) posts: BTreeMap<QueueId, Post>,
}

/// How an agent stands in a queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Post {
    /// Where it stands among those who could be offered a chat now.
    pub(in super::super) rank: Option<Rank>,
    /// Whether it wants late offers while it is invisible (PRES-11).
    pub(in super::super) is_late: bool,
    /// Whether something keeps it from every chat of the queue.
    pub(in super::super) is_barred: bool,
    /// How many chats it may have, if it is there at all: what a wait is estimated by.
    pub(in super::super) capacity: u32,
}

/// What was last told of an agent's presence besides its facts and its standing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Told {
    pub(in super::super) seated: bool,
    pub(in super::super) paid: bool,
    /// What stands behind its standing, for whoever asks later.
    pub(in super::super) grounds: Grounds,
}

impl Told {
    /// What is told of a new agent.
    pub(in super::super) const INITIAL: Self = Self {
        seated: true,
        paid: true,
        grounds: Grounds::NONE,
    };
}

impl AgentState {
    /// What it effectively is in an office.
    pub(in super::super) fn presence(&self, office: OfficeId) -> Presence {
        self.standing.of(Some(office))
    }

    /// Whether an offer would be seen. An agent that was connected before a restart has no connection yet.
    pub(in super::super) fn is_reachable(&self) -> bool {
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

    /// Whether nothing that is offered to it would be seen, and not because its connection blinks.
    pub(in super::super) fn is_lost(&self) -> bool {
        matches!(self.facts.reachability, Reachability::Lost { .. }) && !self.is_reachable()
    }

    /// Chats that are not silent, and ringing offers (ROUTE-2, ROUTE-22). Derived, so that it cannot drift.
    pub(in super::super) fn load(&self) -> usize {
        self.ringing.len() + self.chats.len() - self.silent.len()
    }

    /// All chats and ringing offers.
    pub(in super::super) fn all_chats(&self) -> usize {
        self.ringing.len() + self.chats.len()
    }

    /// Whether it may have one chat more.
    pub(in super::super) fn has_room(&self) -> bool {
        self.load() < self.profile.capacity.get() as usize
            && self.all_chats() < self.profile.ceiling()
    }

    /// Whether it has more than it may, so that an offer must be taken back.
    pub(in super::super) fn has_too_much(&self) -> bool {
        self.load() > self.profile.capacity.get() as usize
            || self.all_chats() > self.profile.ceiling()
    }

    /// An agent without any fact but its profile and its presence.
    pub(in super::super) fn new(profile: Agent, facts: Facts, standing: Standing) -> Self {
        Self {
            told: Told::INITIAL,
            acted_at: facts.active_at,
            idle_since: facts.active_at,
            facts,
            standing,
            connections: BTreeSet::new(),
            focus: BTreeMap::new(),
            queues: BTreeSet::new(),
            ringing: BTreeSet::new(),
            chats: BTreeSet::new(),
            silent: BTreeSet::new(),
            read_along: BTreeSet::new(),
            wrapping: BTreeSet::new(),
            sought: BTreeSet::new(),
            work: Work::default(),
            posts: BTreeMap::new(),
            profile,
        }
    }
}
