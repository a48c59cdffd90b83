//! Events and notices to the send queues of the connections concerned. A frame is made once for each audience.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::{AgentId, Author, ConnectionId, Timestamp, VisitorId};
use crate::engine::{Event, EventKind, Notice, PresenceEvent, Waiting};
use crate::protocol::FileLinks;
use crate::protocol::event::{
    agent_frame, onlookers_frame, place_frame, typing_frame, visitor_frame,
};

use super::connection::FrameText;
use super::ring::Published;
use super::send_queue::{Connection, Outgoing, Party};

type Sockets = Vec<Arc<Connection>>;

/// The live connections of one tenant.
#[derive(Default)]
pub(super) struct Listeners {
    agents: BTreeMap<AgentId, Sockets>,
    visitors: BTreeMap<VisitorId, Sockets>,
}

impl Listeners {
    pub(super) fn add(&mut self, connection: Arc<Connection>) {
        match connection.party {
            Party::Agent(id, _) => self.agents.entry(id).or_default().push(connection),
            Party::Visitor(id) => self.visitors.entry(id).or_default().push(connection),
        }
    }

    /// The visitors who are connected.
    pub(super) fn visitors(&self) -> impl Iterator<Item = VisitorId> + '_ {
        self.visitors.keys().copied()
    }

    /// Whether any visitor is.
    pub(super) fn has_visitors(&self) -> bool {
        !self.visitors.is_empty()
    }

    /// Tells a visitor its chat's place.
    pub(super) fn show_place(&self, at: Timestamp, visitor_id: VisitorId, waiting: &Waiting) {
        if let Some(sockets) = self.visitors.get(&visitor_id) {
            send(sockets, &Outgoing::Frame, place_frame(at, waiting));
        }
    }

    /// How many sockets a visitor has.
    pub(super) fn of_visitor(&self, visitor_id: VisitorId) -> usize {
        self.visitors.get(&visitor_id).map_or(0, Vec::len)
    }

    pub(super) fn remove(&mut self, connection: &Connection) {
        match connection.party {
            Party::Agent(id, _) => remove(&mut self.agents, id, connection.id),
            Party::Visitor(id) => remove(&mut self.visitors, id, connection.id),
        }
    }

    /// Sends an event to everybody connected who may see it.
    pub(super) fn publish(&self, published: &Published, links: &dyn FileLinks) {
        let sockets = if published.audiences.all_agents {
            self.agents.values().flatten().cloned().collect()
        } else {
            self.sockets_of(&published.audiences.agents)
        };
        if !sockets.is_empty()
            && let Some(frame) = agent_frame(&published.event, published.seq, links)
        {
            send(&sockets, &Outgoing::Frame, frame);
        }
        let onlookers = self.sockets_of(&published.audiences.onlookers);
        if !onlookers.is_empty()
            && let Some(frame) = onlookers_frame(&published.event, published.seq)
        {
            send(&onlookers, &Outgoing::Frame, frame);
        }
        let visitor = published
            .audiences
            .visitor
            .and_then(|id| self.visitors.get(&id));
        if let (Some(sockets), Some(number)) = (visitor, published.visitor_seq)
            && let Some(frame) = for_visitor(published, number, links)
        {
            send(sockets, &Outgoing::Frame, frame);
        }
    }

    /// Shows a notice to everybody connected whom it concerns.
    pub(super) fn notify(&self, notice: &Notice) {
        let Notice::Typing {
            parties,
            author,
            author_name,
            typing,
            unsent,
        } = notice;
        let chat_id = parties.chat_id;
        let passing = |frame| Outgoing::Passing((chat_id, *author), frame);
        let frame = |unsent| typing_frame(*author, author_name.as_ref(), chat_id, *typing, unsent);
        let others: Vec<AgentId> = parties
            .agents
            .iter()
            .copied()
            .filter(|id| *author != Author::Agent(*id))
            .collect();
        let sockets = self.sockets_of(&others);
        if !sockets.is_empty() {
            send(&sockets, &passing, frame(unsent.as_ref()));
        }
        if let (Author::Agent(_), Some(sockets)) = (author, self.visitors.get(&parties.visitor_id))
        {
            send(sockets, &passing, frame(None));
        }
    }

    fn sockets_of(&self, agents: &[AgentId]) -> Sockets {
        let agents: BTreeSet<&AgentId> = agents.iter().collect();
        agents
            .into_iter()
            .filter_map(|id| self.agents.get(id))
            .flatten()
            .cloned()
            .collect()
    }
}

fn remove<K: Ord + Copy>(map: &mut BTreeMap<K, Sockets>, key: K, id: ConnectionId) {
    if let Some(sockets) = map.get_mut(&key) {
        sockets.retain(|connection| connection.id != id);
        if sockets.is_empty() {
            map.remove(&key);
        }
    }
}

fn send(sockets: &[Arc<Connection>], outgoing: &dyn Fn(FrameText) -> Outgoing, frame: String) {
    let frame = FrameText::from(frame);
    for connection in sockets {
        connection.push(outgoing(frame.clone()));
    }
}

fn for_visitor(published: &Published, number: i64, links: &dyn FileLinks) -> Option<String> {
    visitor_frame(published.event.chat()?, number, links)
}

/// Sends what was missed, oldest first.
pub(super) fn replay(connection: &Connection, missed: &[&Published], links: &dyn FileLinks) {
    for published in missed {
        let frame = match connection.party {
            Party::Agent(id, _) if published.audiences.onlookers.contains(&id) => {
                onlookers_frame(&published.event, published.seq)
            }
            Party::Agent(..) => agent_frame(&published.event, published.seq, links),
            Party::Visitor(_) => published
                .visitor_seq
                .and_then(|number| for_visitor(published, number, links)),
        };
        if let Some(frame) = frame {
            connection.push(Outgoing::Frame(FrameText::from(frame)));
        }
    }
}

/// Whether an event may change what visitors see of an office; `shows_chats` if the tenant shows how many wait.
pub(super) fn may_change_availability(event: &Event, shows_chats: bool) -> bool {
    match &event.kind {
        EventKind::Setup(_) | EventKind::Availability(_) => true,
        EventKind::Presence(change) => matches!(change, PresenceEvent::Changed(_)),
        EventKind::Offer(..) | EventKind::Chat(_) | EventKind::Queue(_) => shows_chats,
        EventKind::Note(_) => false,
    }
}
