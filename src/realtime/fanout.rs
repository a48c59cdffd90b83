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
use super::ring::{Published, Told};
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
        let (mut whole, mut along) = (Sockets::new(), Sockets::new());
        let mut tell = |told, sockets: &Sockets| match told {
            Told::Whole => whole.extend(sockets.iter().cloned()),
            Told::Along => along.extend(sockets.iter().cloned()),
        };
        if let Some(named) = published.named() {
            for (agent_id, told) in named {
                if let Some(sockets) = self.agents.get(&agent_id) {
                    tell(told, sockets);
                }
            }
        } else {
            for sockets in self.agents.values() {
                tell(Told::Whole, sockets);
            }
        }
        for (told, sockets) in [(Told::Whole, whole), (Told::Along, along)] {
            if !sockets.is_empty()
                && let Some(frame) = for_agent(published, told, links)
            {
                send(&sockets, &Outgoing::Frame, frame);
            }
        }
        if let Some(visitor_id) = published.visitor()
            && let Some(sockets) = self.visitors.get(&visitor_id)
            && let Some(frame) = for_visitor(published, visitor_id, links)
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

/// What an agent is sent of an event.
fn for_agent(published: &Published, told: Told, links: &dyn FileLinks) -> Option<String> {
    match told {
        Told::Whole => agent_frame(&published.event, published.seq, links),
        Told::Along => onlookers_frame(&published.event, published.seq),
    }
}

/// What a visitor is sent of an event.
fn for_visitor(
    published: &Published,
    visitor_id: VisitorId,
    links: &dyn FileLinks,
) -> Option<String> {
    let number = published.number_for(visitor_id)?;
    visitor_frame(published.event.chat()?, number, links)
}

/// Sends what was missed, oldest first.
pub(super) fn replay(connection: &Connection, missed: &[&Published], links: &dyn FileLinks) {
    for published in missed {
        let frame = match connection.party {
            Party::Agent(id, _) => {
                let told = published.told_to(id);
                told.and_then(|told| for_agent(published, told, links))
            }
            Party::Visitor(id) => for_visitor(published, id, links),
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

#[cfg(test)]
mod tests {
    use super::super::ring::{Ring, RingBounds};
    use super::super::send_queue::QueueBounds;
    use super::*;
    use crate::domain::{Millis, SessionId, TenantId};
    use crate::protocol::event::tests::{Links, every_event, id};
    use crate::protocol::event::{Audiences, audience};

    fn connection(party: Party) -> Connection {
        let bounds = QueueBounds {
            frames_max: 100,
            bytes_max: 1_000_000,
        };
        let connection = Connection::new(
            ConnectionId(id(1)),
            TenantId(id(1)),
            party,
            bounds,
            Timestamp(0),
            Millis(0),
        );
        connection.push_first(FrameText::from_static("welcome"));
        connection.take();
        connection
    }

    fn agent(number: u128) -> Party {
        Party::Agent(AgentId(id(number)), SessionId(id(number)))
    }

    /// What a socket was sent.
    fn sent(connection: &Connection) -> Vec<FrameText> {
        let frames = connection.take().0.into_iter();
        let texts = frames.filter_map(|frame| match frame {
            Outgoing::Frame(text) => Some(text),
            Outgoing::Passing(..) | Outgoing::Reply(..) => None,
        });
        texts.collect()
    }

    fn published(event: Event) -> Published {
        let audiences = audience(&event);
        let visitor_seq = audiences.visitor.map(|_| 8);
        Published::new(7, visitor_seq, Arc::new(event), audiences)
    }

    /// What each of these is sent who stays, and who comes back.
    fn sent_live_and_again(event: Event, parties: &[Party]) -> Vec<[Vec<FrameText>; 2]> {
        let published = published(event);
        let mut listeners = Listeners::default();
        let stayed: Vec<_> = parties
            .iter()
            .map(|party| Arc::new(connection(*party)))
            .collect();
        for connection in &stayed {
            listeners.add(Arc::clone(connection));
        }
        listeners.publish(&published, &Links);
        let bounds = RingBounds {
            events_max: 10,
            bytes_max: 1_000_000,
        };
        let mut ring = Ring::new(bounds, 6, 7);
        ring.push(published);
        let again = |party: &Party| {
            let missed = match party {
                Party::Agent(id, _) => ring.agent_events(*id, 6, 7),
                Party::Visitor(id) => ring.visitor_events(*id, 7, 8),
            };
            let back = connection(*party);
            replay(&back, &missed.unwrap(), &Links);
            sent(&back)
        };
        let both = stayed.iter().zip(parties);
        both.map(|(stayed, party)| [sent(stayed), again(party)])
            .collect()
    }

    #[test]
    fn who_comes_back_is_sent_what_who_stayed_was_sent() {
        // The agent of the chat, one that reads along, one with nothing to do with it; its visitor and another.
        let parties = [
            agent(5),
            agent(6),
            agent(8),
            Party::Visitor(VisitorId(id(2))),
            Party::Visitor(VisitorId(id(3))),
        ];
        let mut counts = [0; 5];
        for event in every_event() {
            let told = format!("{event:?}");
            let all = sent_live_and_again(event, &parties);
            for (count, [live, again]) in counts.iter_mut().zip(all) {
                assert_eq!(live, again, "{told}");
                *count += live.len();
            }
        }

        let [own, along, other, visitor, stranger] = counts;
        assert!(own > 20 && along > 5 && visitor > 10, "{counts:?}");
        // What an office shows is for every agent.
        assert_eq!((other, stranger), (1, 0));
    }

    #[test]
    fn whoever_is_named_twice_is_told_once_and_all_of_it() {
        let event = every_event().next().unwrap();
        let ids = |numbers: [u128; 3]| numbers.map(|number| AgentId(id(number))).to_vec();
        let audiences = Audiences {
            agents: ids([6, 5, 6]),
            onlookers: ids([7, 5, 7]),
            ..Audiences::default()
        };

        let published = Published::new(7, None, Arc::new(event), audiences);

        let named: Vec<(AgentId, Told)> = published.named().unwrap().collect();
        let told = ids([5, 6, 7]).into_iter();
        let told = told.zip([Told::Whole, Told::Whole, Told::Along]);
        assert_eq!(named, told.collect::<Vec<_>>());
        for (agent_id, told) in named {
            assert_eq!(published.told_to(agent_id), Some(told));
        }
    }
}
