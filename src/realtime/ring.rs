//! The last events of a tenant, so that a client that was gone for a while resumes without a query.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::domain::{AgentId, Body, ChatId, RichText, VisitorId};
use crate::engine::{ChatEvent, EditedMessage, Event, EventKind, PresenceEvent};
use crate::protocol::event::Audiences;

/// An event that was published.
pub(super) struct Published {
    pub(super) seq: u64,
    pub(super) visitor_seq: Option<i64>,
    pub(super) event: Arc<Event>,
    pub(super) audiences: Audiences,
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
        if let EventKind::Chat(ChatEvent::MessageDeleted(parties, deleted)) = &published.event.kind
        {
            self.empty(parties.chat_id, deleted.seq);
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
        let seen = |published: &&Published| {
            let audiences = &published.audiences;
            audiences.agents.contains(&agent_id) || audiences.onlookers.contains(&agent_id)
        };
        Some(self.events.range(start..).filter(seen).collect())
    }

    /// Takes out what a message held that was deleted: whoever resumes later does not get it any more.
    fn empty(&mut self, chat_id: ChatId, seq: u32) {
        for published in &mut self.events {
            if let Some(emptied) = emptied(&published.event, chat_id, seq) {
                self.bytes = self.bytes - weight(&published.event) + weight(&emptied);
                published.event = Arc::new(emptied);
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
            published.audiences.visitor == Some(visitor_id)
                && published.visitor_seq.is_some_and(|number| number > after)
        };
        Some(self.events.iter().filter(seen).collect())
    }
}

/// An event without what it tells of a message, if it tells something of this one.
fn emptied(event: &Event, chat_id: ChatId, seq: u32) -> Option<Event> {
    let change = event.chat()?.change;
    let change = match change {
        ChatEvent::MessageSent(parties, view)
            if parties.chat_id == chat_id && view.message.seq == seq =>
        {
            let mut view = view.clone();
            view.message.body = Body::Deleted;
            ChatEvent::MessageSent(parties.clone(), view)
        }
        ChatEvent::MessageEdited(parties, edited)
            if parties.chat_id == chat_id && edited.seq == seq =>
        {
            let text = None;
            let edited = EditedMessage {
                text,
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
