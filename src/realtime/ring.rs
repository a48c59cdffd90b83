//! The last events of a tenant, so that a client that was gone for a while resumes without a query.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::domain::{AgentId, Body, ChatId, Message, RichText, Timestamp, VisitorId};
use crate::engine::{ChatEvent, EditedMessage, Event, EventKind, PresenceEvent};
use crate::protocol::event::Audiences;

/// An event that was published.
///
/// Owns who is told what of it: whoever is connected and whoever comes back later is asked for by the same functions.
pub(super) struct Published {
    pub(super) seq: u64,
    visitor_seq: Option<i64>,
    pub(super) event: Arc<Event>,
    /// Both lists of agents in the order of their ids; nobody is in both.
    audiences: Audiences,
}

/// What an agent is told of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// All of it.
    Whole,
    /// What those see of it that read the chat along.
    Along,
}

impl Published {
    pub(super) fn new(
        seq: u64,
        visitor_seq: Option<i64>,
        event: Arc<Event>,
        mut audiences: Audiences,
    ) -> Self {
        for ids in [&mut audiences.agents, &mut audiences.onlookers] {
            ids.sort_unstable();
            ids.dedup();
        }
        let agents = &audiences.agents;
        let others = |id: &AgentId| agents.binary_search(id).is_err();
        audiences.onlookers.retain(others);
        Self {
            seq,
            visitor_seq,
            event,
            audiences,
        }
    }

    /// What an agent is told of it, if it is told anything.
    pub(super) fn told_to(&self, agent_id: AgentId) -> Option<Told> {
        let Audiences {
            agents,
            all_agents,
            onlookers,
            visitor: _,
        } = &self.audiences;
        if *all_agents || agents.binary_search(&agent_id).is_ok() {
            Some(Told::Whole)
        } else {
            let reads_along = onlookers.binary_search(&agent_id).is_ok();
            reads_along.then_some(Told::Along)
        }
    }

    /// The agents that are told something, each once, with what; `None` if that is every one of the tenant.
    pub(super) fn named(&self) -> Option<impl Iterator<Item = (AgentId, Told)> + '_> {
        let Audiences {
            agents, onlookers, ..
        } = &self.audiences;
        let whole = agents.iter().map(|id| (*id, Told::Whole));
        let along = onlookers.iter().map(|id| (*id, Told::Along));
        let named = whole.chain(along);
        Some(named).filter(|_| !self.audiences.all_agents)
    }

    /// The visitor that is told of it.
    pub(super) fn visitor(&self) -> Option<VisitorId> {
        self.audiences.visitor
    }

    /// Its number in the stream of a visitor that is told of it.
    pub(super) fn number_for(&self, visitor_id: VisitorId) -> Option<i64> {
        self.visitor_seq
            .filter(|_| self.visitor() == Some(visitor_id))
    }
}

/// The bounds of a ring. What is pushed out is no longer resumed from memory: the client gets a snapshot.
#[derive(Clone, Copy, Debug)]
pub(super) struct RingBounds {
    pub(super) events_max: usize,
    pub(super) bytes_max: usize,
}

/// Events in their order, with the numbers below which nothing is known.
pub(super) struct Ring {
    events: VecDeque<Published>,
    bytes: usize,
    bounds: RingBounds,
    /// The number of the last event that is not in the ring any more, or never was.
    floor_seq: u64,
    /// Every visitor's event that is not in the ring has at most this number.
    floor_visitor_seq: i64,
}

impl Ring {
    /// An empty ring that begins after the given numbers.
    pub(super) fn new(bounds: RingBounds, last_seq: u64, visitor_seq: i64) -> Self {
        Self {
            events: VecDeque::new(),
            bytes: 0,
            bounds,
            floor_seq: last_seq,
            floor_visitor_seq: visitor_seq,
        }
    }

    pub(super) fn push(&mut self, published: Published) {
        match &published.event.kind {
            EventKind::Chat(ChatEvent::MessageEdited(parties, edited)) => {
                let at = published.event.at;
                self.make_true(parties.chat_id, edited.seq, &Now::Says(edited, at));
            }
            EventKind::Chat(ChatEvent::MessageDeleted(parties, deleted)) => {
                self.make_true(parties.chat_id, deleted.seq, &Now::Deleted);
            }
            _ => {}
        }
        self.bytes += weight(&published.event);
        self.events.push_back(published);
        while self.events.len() > self.bounds.events_max || self.bytes > self.bounds.bytes_max {
            let Some(oldest) = self.events.pop_front() else {
                return;
            };
            self.bytes -= weight(&oldest.event);
            self.floor_seq = oldest.seq;
            if let Some(number) = oldest.visitor_seq {
                self.floor_visitor_seq = self.floor_visitor_seq.max(number);
            }
        }
    }

    /// Everything after `seq` that the agent may see, or `None` when the ring does not reach back so far.
    pub(super) fn agent_events(
        &self,
        agent_id: AgentId,
        after: i64,
        last_seq: u64,
    ) -> Option<Vec<&Published>> {
        let after = u64::try_from(after).ok()?;
        if after < self.floor_seq || after > last_seq {
            return None;
        }
        let start = self
            .events
            .partition_point(|published| published.seq <= after);
        let seen = |published: &&Published| published.told_to(agent_id).is_some();
        Some(self.events.range(start..).filter(seen).collect())
    }

    /// Makes what was told of a message tell of it as it is now: whoever resumes later gets nothing that it held before,
    /// as with whatever else is read later.
    fn make_true(&mut self, chat_id: ChatId, seq: u32, now: &Now<'_>) {
        for published in self.events.iter_mut().rev() {
            let Some(event) = as_now(&published.event, chat_id, seq, now) else {
                continue;
            };
            self.bytes = self.bytes - weight(&published.event) + weight(&event);
            published.event = Arc::new(event);
            if matches!(
                &published.event.kind,
                EventKind::Chat(ChatEvent::MessageSent(..))
            ) {
                // Before it was sent nothing told of it.
                return;
            }
        }
    }

    /// The same for a visitor, by the numbers of its own stream.
    pub(super) fn visitor_events(
        &self,
        visitor_id: VisitorId,
        after: i64,
        last: i64,
    ) -> Option<Vec<&Published>> {
        if after < self.floor_visitor_seq || after > last {
            return None;
        }
        let seen = |published: &&Published| {
            let number = published.number_for(visitor_id);
            number.is_some_and(|number| number > after)
        };
        Some(self.events.iter().filter(seen).collect())
    }
}

/// What has become of a message.
enum Now<'e> {
    /// It says something else since.
    Says(&'e EditedMessage, Timestamp),
    /// It holds nothing any more.
    Deleted,
}

impl Now<'_> {
    fn of_message(&self, message: &mut Message) {
        match self {
            Self::Says(edited, at) => {
                if let Body::Written(written) = &mut message.body {
                    Arc::make_mut(written).text.clone_from(&edited.text);
                }
                message.edited_at = Some(*at);
            }
            Self::Deleted => message.body = Body::Deleted,
        }
    }

    fn text(&self) -> Option<RichText> {
        match self {
            Self::Says(edited, _) => edited.text.clone(),
            Self::Deleted => None,
        }
    }
}

/// An event that tells of a message as it is now, if it tells something of this one.
fn as_now(event: &Event, chat_id: ChatId, seq: u32, now: &Now<'_>) -> Option<Event> {
    let change = match event.chat()?.change {
        ChatEvent::MessageSent(parties, view)
            if parties.chat_id == chat_id && view.message.seq == seq =>
        {
            let mut view = view.clone();
            now.of_message(&mut view.message);
            ChatEvent::MessageSent(parties.clone(), view)
        }
        ChatEvent::MessageEdited(parties, edited)
            if parties.chat_id == chat_id && edited.seq == seq =>
        {
            let edited = EditedMessage {
                text: now.text(),
                ..edited.clone()
            };
            ChatEvent::MessageEdited(parties.clone(), edited)
        }
        _ => return None,
    };
    Some(Event {
        kind: EventKind::Chat(change),
        ..*event
    })
}

/// A text, and as much again for its tree if it has one.
fn weight_of(text: &RichText) -> usize {
    let trees = 1 + usize::from(text.marked().is_some());
    text.source().as_str().len() * trees
}

/// About what an event takes in memory; texts dominate.
pub(super) fn weight(event: &Event) -> usize {
    let text = match &event.kind {
        EventKind::Chat(ChatEvent::MessageSent(_, view)) => {
            let text = view.message.text().map_or(0, weight_of);
            // A button has an id, a text and perhaps an address.
            text + match &view.message.body {
                Body::Written(written) => {
                    let file = written.file.as_ref().map_or(0, |_| 400);
                    written.buttons.iter().count() * 400 + file
                }
                Body::Notice(_) | Body::Deleted => 0,
            }
        }
        EventKind::Chat(ChatEvent::MessageEdited(_, edited)) => {
            edited.text.as_ref().map_or(0, weight_of)
        }
        EventKind::Note(event) => weight_of(&event.note.note.text),
        EventKind::Presence(PresenceEvent::Changed(view)) => {
            // Each office has a presence and may have an override.
            view.standing.offices.len() * 200
        }
        EventKind::Chat(_)
        | EventKind::Offer(..)
        | EventKind::Presence(_)
        | EventKind::Availability(_)
        | EventKind::Queue(_)
        | EventKind::Setup(_) => 0,
    };
    // A contact is shared by the events of its chat; the first one is charged for it.
    let form = event.contact().map_or(0, |contact| contact.fields.bytes());
    text + form + 400
}
