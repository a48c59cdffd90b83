//! Clients that start from a snapshot and then see only the events that are for them.

use std::collections::BTreeMap;

use deskbell::domain::{
    AgentId, ChatId, ChatState, CustomStatus, HandOver, OfferNumber, OfficeId, ParticipantRole,
    Pause, PauseId, Queue, QueueId, ReadMarks, Reader, StatusId, TargetKind, Timestamp, VisitorId,
};
use deskbell::engine::{
    AgentCard, AgentSnapshot, Aside, ChatEvent, ChatStateView, ChatView, Engine, Event, EventKind,
    LifeEvent, Marks, OfferEvent, OfferView, OfficeView, Onlookers, PresenceEvent, SetupEvent,
    VisitorSnapshot, WrapUpView,
};

/// The state of an agent's client.
pub(crate) struct AgentClient {
    base: AgentSnapshot,
    offices: BTreeMap<OfficeId, OfficeView>,
    statuses: BTreeMap<StatusId, CustomStatus>,
    pauses: BTreeMap<PauseId, Pause>,
    queues: BTreeMap<QueueId, Queue>,
    offers: BTreeMap<(ChatId, OfferNumber), OfferView>,
    chats: BTreeMap<ChatId, ChatView>,
    wrap_ups: BTreeMap<ChatId, WrapUpView>,
}

impl AgentClient {
    pub(crate) fn new(snapshot: AgentSnapshot) -> Self {
        Self {
            offices: snapshot
                .offices
                .iter()
                .map(|view| (view.office.id, view.clone()))
                .collect(),
            statuses: snapshot
                .statuses
                .iter()
                .map(|s| (s.id, s.clone()))
                .collect(),
            pauses: snapshot.pauses.iter().map(|p| (p.id, p.clone())).collect(),
            queues: snapshot.queues.iter().map(|q| (q.id, q.clone())).collect(),
            offers: snapshot
                .offers
                .iter()
                .map(|offer| ((offer.chat_id, offer.number), offer.clone()))
                .collect(),
            chats: snapshot.chats.iter().map(|c| (c.id, c.clone())).collect(),
            wrap_ups: snapshot
                .wrap_ups
                .iter()
                .map(|view| (view.chat.id, view.clone()))
                .collect(),
            base: snapshot,
        }
    }

    pub(crate) fn agent_id(&self) -> AgentId {
        self.base.me.id
    }

    pub(crate) fn see(&mut self, event: &Event) {
        let me = self.base.me.id;
        match &event.kind {
            EventKind::Setup(event) => self.see_set_up(me, event),
            EventKind::Presence(PresenceEvent::Changed(view)) if view.agent_id == me => {
                self.base.presence = (**view).clone();
            }
            EventKind::Presence(PresenceEvent::QueueLogIn(log_in)) if log_in.agent_id == me => {
                if log_in.logged_in {
                    self.base.logged_out.remove(&log_in.queue_id);
                } else {
                    self.base.logged_out.insert(log_in.queue_id);
                }
            }
            EventKind::Note(event) if event.agents.contains(&me) => {
                let over = self.wrap_ups.get_mut(&event.chat_id);
                let over = over.map(|view| &mut view.chat);
                for chat in self.chats.get_mut(&event.chat_id).into_iter().chain(over) {
                    chat.last_note = event.note.note.number;
                }
            }
            EventKind::Presence(_) | EventKind::Queue(_) | EventKind::Note(_) => {}
            EventKind::Availability(change) => {
                if let Some(view) = self.offices.get_mut(&change.shown.office_id) {
                    view.mode = change.shown.mode;
                }
            }
            EventKind::Offer(event, seen) => self.see_offer(me, event, seen),
            EventKind::Chat(change) => self.see_chat(me, change, event.at),
        }
    }

    fn see_offer(&mut self, me: AgentId, event: &OfferEvent, seen: &Onlookers) {
        let key = event.key();
        if key.agent_id == me {
            match event {
                OfferEvent::Made(view, _) => {
                    self.offers.insert((key.chat_id, key.number), view.clone());
                }
                OfferEvent::Accepted(_)
                | OfferEvent::Rejected(..)
                | OfferEvent::Missed(_)
                | OfferEvent::Withdrawn(..) => {
                    self.offers.remove(&(key.chat_id, key.number));
                }
            }
        } else if !seen.agents.contains(&me) {
            return;
        }
        if let (Some(chat), Some(rings)) = (self.chats.get_mut(&key.chat_id), seen.rings) {
            chat.state = match (chat.state, rings) {
                (ChatStateView::Settled(ChatState::Waiting), true) => ChatStateView::Offered,
                (ChatStateView::Offered, false) => ChatStateView::Settled(ChatState::Waiting),
                (state, _) => state,
            };
        }
    }

    fn see_set_up(&mut self, me: AgentId, event: &SetupEvent) {
        match event {
            SetupEvent::OfficeCreated(office) => {
                let view = OfficeView {
                    mode: office.when_not_live.mode(),
                    office: (**office).clone(),
                };
                self.offices.insert(office.id, view);
            }
            SetupEvent::OfficeChanged(office) => {
                if let Some(view) = self.offices.get_mut(&office.id) {
                    view.office = (**office).clone();
                }
            }
            SetupEvent::OfficeArchived(id) => {
                self.offices.remove(id);
            }
            SetupEvent::QueueCreated(view)
            | SetupEvent::QueueChanged(view)
            | SetupEvent::MembersChanged(view) => {
                if view.member_ids.contains(&me) {
                    self.queues.insert(view.queue.id, view.queue.clone());
                } else {
                    self.queues.remove(&view.queue.id);
                    self.base.logged_out.remove(&view.queue.id);
                }
            }
            SetupEvent::QueueArchived(id) => {
                self.queues.remove(id);
                self.base.logged_out.remove(id);
            }
            SetupEvent::StatusCreated(status) | SetupEvent::StatusChanged(status) => {
                self.statuses.insert(status.id, status.clone());
            }
            SetupEvent::StatusArchived(id) => {
                self.statuses.remove(id);
            }
            SetupEvent::PauseCreated(pause) | SetupEvent::PauseChanged(pause) => {
                self.pauses.insert(pause.id, pause.clone());
            }
            SetupEvent::PauseArchived(id) => {
                self.pauses.remove(id);
            }
            SetupEvent::AgentChanged(agent, _) if agent.id == me => {
                self.base.me = (**agent).clone();
            }
            SetupEvent::AgentArchived(id) => self.forget_agent(*id),
            SetupEvent::AgentCreated(..)
            | SetupEvent::AgentChanged(..)
            | SetupEvent::SettingsChanged(_)
            | SetupEvent::WidgetCreated(_)
            | SetupEvent::WidgetChanged(_)
            | SetupEvent::WidgetArchived(_)
            | SetupEvent::SkillCreated(_)
            | SetupEvent::SkillChanged(_)
            | SetupEvent::SkillArchived(_)
            | SetupEvent::DispositionCreated(_)
            | SetupEvent::DispositionChanged(_)
            | SetupEvent::DispositionArchived(_)
            | SetupEvent::RoutingRuleCreated(_)
            | SetupEvent::RoutingRuleChanged(_)
            | SetupEvent::RoutingRuleArchived(_)
            | SetupEvent::BanCreated(_)
            | SetupEvent::BanChanged(_)
            | SetupEvent::BanLifted(_) => {}
        }
    }

    /// Who is archived is not shown any more where it took part in what is over, or gave something away.
    fn forget_agent(&mut self, id: AgentId) {
        for view in self.wrap_ups.values_mut() {
            take_out(&mut view.chat, id);
        }
        for offer in self.offers.values_mut() {
            offer.by.take_if(|card| card.id == id);
        }
    }

    fn see_chat(&mut self, me: AgentId, event: &ChatEvent, at: Timestamp) {
        match event {
            ChatEvent::Accepted(view, _)
            | ChatEvent::Overflowed(view, _)
            | ChatEvent::Transferred(view, _)
            | ChatEvent::Requeued(view, _)
                if view.hearers().any(|id| id == me) =>
            {
                self.chats.insert(view.id, view.clone());
            }
            ChatEvent::ParticipantJoined(view, agent_id, role)
                if *agent_id == me
                    || (*role != ParticipantRole::Listener
                        && view.hearers().any(|id| id == me)) =>
            {
                self.chats.insert(view.id, view.clone());
            }
            ChatEvent::ParticipantLeft(parties, departure) if parties.agents.contains(&me) => {
                if departure.agent.id == me {
                    self.chats.remove(&parties.chat_id);
                } else if let Some(chat) = self.chats.get_mut(&parties.chat_id) {
                    take_out(chat, departure.agent.id);
                }
            }
            ChatEvent::HandOverRequested(parties, request) if parties.agents.contains(&me) => {
                if let (Some(chat), Some(to)) = (self.chats.get_mut(&parties.chat_id), request.to) {
                    aside(chat).hand_over = Some(HandOver {
                        purpose: request.purpose,
                        to,
                        by: request.by.id,
                        since: at,
                    });
                }
            }
            ChatEvent::HandOverEnded(parties, ..) if parties.agents.contains(&me) => {
                if let Some(chat) = self.chats.get_mut(&parties.chat_id) {
                    aside(chat).hand_over = None;
                }
            }
            ChatEvent::MessageSent(parties, view) if parties.agents.contains(&me) => {
                if let Some(chat) = self.chats.get_mut(&parties.chat_id) {
                    chat.last_seq = view.message.seq;
                }
            }
            ChatEvent::MarkRaised(parties, raised) if parties.agents.contains(&me) => {
                if let Some(chat) = self.chats.get_mut(&parties.chat_id) {
                    chat.read_marks.set(raised.reader, raised.mark);
                }
            }
            ChatEvent::AgentSeen(parties, card) if parties.agents.contains(&me) => {
                if let Some(chat) = self.chats.get_mut(&parties.chat_id) {
                    show(chat, card);
                }
            }
            ChatEvent::Closed(parties, _) if parties.agents.contains(&me) => {
                self.chats.remove(&parties.chat_id);
            }
            ChatEvent::Life(turn) if turn.agents().contains(&me) => self.see_turn(turn),
            _ => {}
        }
    }

    fn see_turn(&mut self, turn: &LifeEvent) {
        let chat_id = turn.chat_id();
        match turn {
            LifeEvent::WrapUpStarted(view) => {
                self.wrap_ups.insert(chat_id, (**view).clone());
            }
            LifeEvent::WrapUpEnded(..) => {
                self.wrap_ups.remove(&chat_id);
            }
            LifeEvent::Reopened(view, _) => {
                self.chats.insert(chat_id, (**view).clone());
            }
            LifeEvent::Updated(..) | LifeEvent::TargetMissed(..) | LifeEvent::Rated(..) => {
                let wrapping = self.wrap_ups.get_mut(&chat_id).map(|view| &mut view.chat);
                for chat in self.chats.get_mut(&chat_id).into_iter().chain(wrapping) {
                    mark(chat, turn);
                }
            }
            LifeEvent::IdleWarned(..) | LifeEvent::VisitorSeen(_) | LifeEvent::Reminded(..) => {}
        }
    }

    pub(crate) fn check(&self, engine: &Engine) -> Result<(), String> {
        let mut statuses: Vec<CustomStatus> = self.statuses.values().cloned().collect();
        statuses.sort_by_key(|status| (status.sort_order, status.created_at, status.id));
        let mut pauses: Vec<Pause> = self.pauses.values().cloned().collect();
        pauses.sort_by_key(|pause| (pause.sort_order, pause.created_at, pause.id));
        let held = AgentSnapshot {
            me: self.base.me.clone(),
            presence: self.base.presence.clone(),
            offices: self.offices.values().cloned().collect(),
            statuses,
            pauses,
            queues: self.queues.values().cloned().collect(),
            logged_out: self.base.logged_out.clone(),
            offers: self.offers.values().cloned().collect(),
            chats: self.chats.values().map(as_told).collect(),
            wrap_ups: self.wrap_ups.values().cloned().collect(),
        };
        let mut fresh = engine.agent_snapshot(self.base.me.id);
        if let Some(snapshot) = &mut fresh {
            snapshot.chats = snapshot.chats.iter().map(as_told).collect();
        }
        if fresh.as_ref() == Some(&held) {
            Ok(())
        } else {
            Err(format!(
                "an agent's client holds\n{held:#?}\nbut is\n{fresh:#?}"
            ))
        }
    }
}

/// Whom a visitor is told of.
const SOME_AGENT: Reader = Reader::Agent(AgentId(uuid::Uuid::nil()));

/// The state of a visitor's client. It is not told when others leave the queue or when its chat rings, so it
/// compares neither its position nor `offered` with `waiting`.
pub(crate) struct VisitorClient {
    visitor_id: VisitorId,
    chats: BTreeMap<ChatId, ChatView>,
}

impl VisitorClient {
    pub(crate) fn new(visitor_id: VisitorId) -> Self {
        Self {
            visitor_id,
            chats: BTreeMap::new(),
        }
    }

    pub(crate) fn see(&mut self, event: &Event) {
        let EventKind::Chat(event) = &event.kind else {
            return;
        };
        match event {
            ChatEvent::Queued(view)
            | ChatEvent::Overflowed(view, _)
            | ChatEvent::Accepted(view, _)
            | ChatEvent::Transferred(view, _)
            | ChatEvent::Requeued(view, _)
            | ChatEvent::ParticipantJoined(view, _, ParticipantRole::Agent)
                if view.visitor_id == self.visitor_id =>
            {
                self.chats.insert(view.id, view.clone());
            }
            ChatEvent::MessageSent(parties, view) if parties.visitor_id == self.visitor_id => {
                if let Some(chat) = self.chats.get_mut(&parties.chat_id) {
                    chat.last_seq = view.message.seq;
                }
            }
            ChatEvent::MarkRaised(parties, raised) if parties.visitor_id == self.visitor_id => {
                let chat = self.chats.get_mut(&parties.chat_id);
                if let (Some(chat), Some(mark)) = (chat, raised.for_visitor()) {
                    let whose = match raised.reader {
                        Reader::Visitor => Reader::Visitor,
                        Reader::Agent(_) => SOME_AGENT,
                    };
                    chat.read_marks.set(whose, mark);
                }
            }
            ChatEvent::AgentSeen(parties, card) if parties.visitor_id == self.visitor_id => {
                if let Some(chat) = self.chats.get_mut(&parties.chat_id) {
                    show(chat, card);
                }
            }
            ChatEvent::Deferred(view, _) => {
                self.chats.remove(&view.id);
            }
            ChatEvent::ParticipantLeft(parties, departure)
                if departure.role == ParticipantRole::Agent =>
            {
                if let Some(chat) = self.chats.get_mut(&parties.chat_id) {
                    take_out(chat, departure.agent.id);
                }
            }
            ChatEvent::Closed(parties, _) => {
                self.chats.remove(&parties.chat_id);
            }
            ChatEvent::Life(turn) if turn.visitor() == Some(self.visitor_id) => match turn {
                LifeEvent::Reopened(view, _) => {
                    self.chats.insert(view.id, (**view).clone());
                }
                turn => {
                    if let Some(chat) = self.chats.get_mut(&turn.chat_id()) {
                        mark(chat, turn);
                    }
                }
            },
            _ => {}
        }
    }

    pub(crate) fn check(&self, engine: &Engine) -> Result<(), String> {
        let mut fresh = engine.visitor_snapshot(self.visitor_id);
        let held = VisitorSnapshot {
            visitor_id: self.visitor_id,
            chats: self.chats.values().map(as_told_to_visitor).collect(),
            // What no event tells.
            shows_unsent_text: fresh.shows_unsent_text,
        };
        fresh.chats = fresh.chats.iter().map(as_told_to_visitor).collect();
        if fresh == held {
            Ok(())
        } else {
            Err(format!(
                "a visitor's client holds\n{held:#?}\nbut is\n{fresh:#?}"
            ))
        }
    }
}

/// Shows an agent of a chat as it is seen from now on.
fn show(chat: &mut ChatView, card: &AgentCard) {
    for known in chat.agents.iter_mut().filter(|known| known.id == card.id) {
        *known = card.clone();
    }
}

fn aside(chat: &mut ChatView) -> &mut Aside {
    chat.aside.get_or_insert_default()
}

/// Takes an agent out of a chat that it has left.
fn take_out(chat: &mut ChatView, id: AgentId) {
    chat.agents.retain(|card| card.id != id);
    let mut rest = chat.aside.take().map(|aside| *aside).unwrap_or_default();
    rest.assistants.retain(|card| card.id != id);
    chat.aside = rest.boxed();
}

/// Marks a chat with what an event says of it.
fn mark(chat: &mut ChatView, turn: &LifeEvent) {
    match turn {
        LifeEvent::Updated(_, marks) => {
            chat.marks.attributes = marks.attributes.clone();
            chat.marks.priority = marks.priority;
        }
        LifeEvent::TargetMissed(_, TargetKind::Waiting) => chat.marks.missed_targets.waiting = true,
        LifeEvent::TargetMissed(_, TargetKind::FirstReply) => {
            chat.marks.missed_targets.first_reply = true;
        }
        LifeEvent::Rated(_, rating) => chat.marks.score = Some(rating.score),
        _ => {}
    }
}

/// What agents do behind it is not the visitor's.
fn as_told_to_visitor(chat: &ChatView) -> ChatView {
    // Notes are the agents' affair, and so is which of them has read.
    let mut read_marks = ReadMarks {
        visitor: chat.read_marks.visitor,
        ..ReadMarks::default()
    };
    read_marks.set(SOME_AGENT, chat.read_marks.by_agents());
    // What agents say of it is not for its visitor either.
    let marks = Marks {
        score: chat.marks.score,
        ..Marks::default()
    };
    // Nor is it told whether its chat rings.
    let state = match chat.state {
        ChatStateView::Offered => ChatStateView::Settled(ChatState::Waiting),
        other @ ChatStateView::Settled(_) => other,
    };
    ChatView {
        state,
        aside: None,
        last_note: 0,
        read_marks: Box::new(read_marks),
        marks: Box::new(marks),
        ..as_told(chat)
    }
}

/// Nobody is told who listens, nor of a waiting chat when it moves up.
fn as_told(chat: &ChatView) -> ChatView {
    let seen = Aside {
        listeners: Vec::new(),
        ..chat.aside.as_deref().cloned().unwrap_or_default()
    };
    ChatView {
        position: None,
        aside: seen.boxed(),
        estimated_wait: None,
        ..chat.clone()
    }
}
