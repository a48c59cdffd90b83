//! Clients that start from a snapshot and then see only the events that are for them.

use std::collections::BTreeMap;

use deskbell::domain::{AgentId, ChatId, OfferNumber, Office, OfficeId, Queue, QueueId, VisitorId};
use deskbell::engine::{
    AgentSnapshot, ChatEvent, ChatStateView, ChatView, Engine, Event, EventKind, OfferEvent,
    OfferView, PresenceEvent, SetupEvent, VisitorSnapshot,
};

/// The state of an agent's client.
pub(super) struct AgentClient {
    base: AgentSnapshot,
    offices: BTreeMap<OfficeId, Office>,
    queues: BTreeMap<QueueId, Queue>,
    offers: BTreeMap<(ChatId, OfferNumber), OfferView>,
    chats: BTreeMap<ChatId, ChatView>,
}

impl AgentClient {
    pub(super) fn new(snapshot: AgentSnapshot) -> Self {
        Self {
            offices: snapshot.offices.iter().map(|o| (o.id, o.clone())).collect(),
            queues: snapshot.queues.iter().map(|q| (q.id, q.clone())).collect(),
            offers: snapshot
                .offers
                .iter()
                .map(|offer| ((offer.chat_id, offer.number), offer.clone()))
                .collect(),
            chats: snapshot.chats.iter().map(|c| (c.id, c.clone())).collect(),
            base: snapshot,
        }
    }

    pub(super) fn see(&mut self, event: &Event) {
        let me = self.base.me.id;
        match &event.kind {
            EventKind::Setup(event) => self.see_set_up(me, event),
            EventKind::Presence(PresenceEvent::Changed(view)) if view.agent_id == me => {
                self.base.presence = *view;
            }
            EventKind::Presence(_) => {}
            EventKind::Offer(OfferEvent::Made(view)) if view.agent_id == me => {
                self.offers
                    .insert((view.chat_id, view.number), view.clone());
            }
            EventKind::Offer(event) => {
                let key = event.key();
                if key.agent_id == me {
                    self.offers.remove(&(key.chat_id, key.number));
                }
            }
            EventKind::Chat(event) => self.see_chat(me, event),
        }
    }

    fn see_set_up(&mut self, me: AgentId, event: &SetupEvent) {
        match event {
            SetupEvent::OfficeCreated(office) => {
                self.offices.insert(office.id, office.clone());
            }
            SetupEvent::QueueCreated(view) | SetupEvent::MembersChanged(view) => {
                if view.member_ids.contains(&me) {
                    self.queues.insert(view.queue.id, view.queue.clone());
                } else {
                    self.queues.remove(&view.queue.id);
                }
            }
            SetupEvent::AgentCreated(..) | SetupEvent::WidgetCreated(_) => {}
        }
    }

    fn see_chat(&mut self, me: AgentId, event: &ChatEvent) {
        match event {
            ChatEvent::Accepted(view, _) if view.agents.iter().any(|card| card.id == me) => {
                self.chats.insert(view.id, view.clone());
            }
            ChatEvent::MessageSent(parties, view) if parties.agents.contains(&me) => {
                if let Some(chat) = self.chats.get_mut(&parties.chat_id) {
                    chat.last_seq = view.message.seq;
                }
            }
            ChatEvent::Closed(parties, _) if parties.agents.contains(&me) => {
                self.chats.remove(&parties.chat_id);
            }
            _ => {}
        }
    }

    pub(super) fn check(&self, engine: &Engine) -> Result<(), String> {
        let held = AgentSnapshot {
            me: self.base.me.clone(),
            presence: self.base.presence,
            offices: self.offices.values().cloned().collect(),
            queues: self.queues.values().cloned().collect(),
            offers: self.offers.values().cloned().collect(),
            chats: self.chats.values().cloned().collect(),
        };
        let fresh = engine.agent_snapshot(self.base.me.id);
        if fresh.as_ref() == Some(&held) {
            Ok(())
        } else {
            Err(format!(
                "an agent's client holds\n{held:#?}\nbut is\n{fresh:#?}"
            ))
        }
    }
}

/// The state of a visitor's client. It is not told when others leave the queue or when its chat rings, so it
/// compares neither its position nor `offered` with `waiting`.
pub(super) struct VisitorClient {
    visitor_id: VisitorId,
    chats: BTreeMap<ChatId, ChatView>,
}

impl VisitorClient {
    pub(super) fn new(visitor_id: VisitorId) -> Self {
        Self {
            visitor_id,
            chats: BTreeMap::new(),
        }
    }

    pub(super) fn see(&mut self, event: &Event) {
        let EventKind::Chat(event) = &event.kind else {
            return;
        };
        match event {
            ChatEvent::Queued(view) | ChatEvent::Accepted(view, _)
                if view.visitor_id == self.visitor_id =>
            {
                self.chats.insert(view.id, view.clone());
            }
            ChatEvent::MessageSent(parties, view) if parties.visitor_id == self.visitor_id => {
                if let Some(chat) = self.chats.get_mut(&parties.chat_id) {
                    chat.last_seq = view.message.seq;
                }
            }
            ChatEvent::Closed(parties, _) => {
                self.chats.remove(&parties.chat_id);
            }
            _ => {}
        }
    }

    pub(super) fn check(&self, engine: &Engine) -> Result<(), String> {
        let held = VisitorSnapshot {
            visitor_id: self.visitor_id,
            chats: self.chats.values().map(as_told).collect(),
        };
        let mut fresh = engine.visitor_snapshot(self.visitor_id);
        fresh.chats = fresh.chats.iter().map(as_told).collect();
        if fresh == held {
            Ok(())
        } else {
            Err(format!(
                "a visitor's client holds\n{held:#?}\nbut is\n{fresh:#?}"
            ))
        }
    }
}

fn as_told(chat: &ChatView) -> ChatView {
    let state = match chat.state {
        ChatStateView::Offered => ChatStateView::Waiting,
        other => other,
    };
    ChatView {
        state,
        position: None,
        ..chat.clone()
    }
}
