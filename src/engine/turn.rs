//! One step of the engine: the state, the instant, who acts, and what it has caused so far.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::{
    Actor, AgentId, ChatId, ChatState, Email, Name, OfferNumber, OfficeId, QueueId, TemplateValues,
    Timestamp,
};

use super::effect::{Cause, Effect, Event, EventKind, Notice, Parties, Subject};
use super::presence::seen;
use super::state::{Chat, Offer, QueueState, State};
use super::view::{
    AgentCard, Aside, ChatStateView, ChatView, Marks, OfferView, OfficeView, QueueView,
};

/// What each rule works on. A rule checks first and changes after, so that a refusal leaves no trace.
pub(super) struct Turn<'e> {
    pub(super) state: &'e mut State,
    pub(super) now: Timestamp,
    pub(super) actor: Actor,
    pub(super) effects: Vec<Effect>,
    /// Whose records the events of this step make stale.
    pub(super) subjects: BTreeSet<Subject>,
    /// The offices that may show something else after this step, and why.
    pub(super) touched: BTreeMap<OfficeId, Cause>,
    /// Agents that have lost an offer and were not thought of since: they have room again, and what they lost looks for
    /// somebody else.
    pub(super) freed: BTreeSet<AgentId>,
}

impl<'e> Turn<'e> {
    pub(super) fn new(state: &'e mut State, now: Timestamp, actor: Actor) -> Self {
        Self {
            state,
            now,
            actor,
            effects: Vec::new(),
            subjects: BTreeSet::new(),
            touched: BTreeMap::new(),
            freed: BTreeSet::new(),
        }
    }

    pub(super) fn emit(&mut self, kind: EventKind) {
        let event = Event {
            at: self.now,
            actor: self.actor,
            kind,
        };
        event.subjects(&mut self.subjects);
        self.effects.push(Effect::Event(event));
    }

    pub(super) fn notify(&mut self, notice: Notice) {
        self.effects.push(Effect::Notice(notice));
    }

    /// At the end of a step: draws the consequences of all that it changed.
    pub(super) fn end(&mut self) {
        while let Some(agent_id) = self.freed.pop_first() {
            self.dispatch_agent(agent_id);
        }
        self.settle_hand_overs();
        self.settle_handling();
        self.settle_queues();
        self.settle_offices();
        while self.settle_overruns() {
            self.settle_queues();
            self.settle_offices();
        }
        // Whatever ends an offer on the way here thinks of its agent by itself.
        debug_assert!(self.freed.is_empty());
        self.settle_deadlines();
        self.state.refresh(self.now);
    }

    /// The view of a chat that exists, with its place as it is by now.
    pub(super) fn chat_view(&mut self, chat_id: ChatId) -> Option<ChatView> {
        self.state.refresh(self.now);
        Some(self.state.chat_view(self.state.chats.get(&chat_id)?))
    }
}

impl Marks {
    pub(super) fn of(chat: &Chat) -> Self {
        Self {
            attributes: chat.attributes.clone(),
            priority: chat.routing.priority,
            missed_targets: chat.course.missed_targets,
            score: chat.course.score,
        }
    }
}

impl State {
    pub(super) fn chat_view(&self, chat: &Chat) -> ChatView {
        let state = match chat.state {
            ChatState::Waiting if chat.is_offered() => ChatStateView::Offered,
            ChatState::Waiting
            | ChatState::Active { .. }
            | ChatState::WrapUp { .. }
            | ChatState::Closed { .. }
            | ChatState::OfflineMessage => ChatStateView::Settled(chat.state),
        };
        let aside = Aside {
            assistants: chat
                .assisting()
                .filter_map(|id| self.agent_card(id))
                .collect(),
            listeners: chat.listening().collect(),
            hand_over: chat.hand_over(),
        };
        // Nobody is told what becomes of those who took part in a chat that is over.
        let seen_in = chat.is_open().then_some(chat.office_id);
        ChatView {
            id: chat.id,
            visitor_id: chat.visitor_id,
            office_id: chat.office_id,
            queue_id: chat.queue_id,
            contact: chat.contact.clone(),
            known: None,
            state,
            agents: chat
                .answering()
                .filter_map(|id| self.card_in(id, seen_in))
                .collect(),
            aside: aside.boxed(),
            last_seq: chat.last_seq,
            last_note: chat.last_note(),
            read_marks: Box::new(chat.read_marks.clone()),
            started_at: chat.started_at,
            position: self.position(chat),
            estimated_wait: self.estimated_wait(chat),
            marks: Box::new(Marks::of(chat)),
        }
    }

    pub(super) fn agent_card(&self, agent_id: AgentId) -> Option<AgentCard> {
        self.card_in(agent_id, None)
    }

    /// An agent as those in a chat of an office see it (PRES-10).
    pub(super) fn card_in(&self, agent_id: AgentId, office: Option<OfficeId>) -> Option<AgentCard> {
        let agent = self.agents.get(&agent_id)?;
        Some(AgentCard {
            id: agent_id,
            name: agent.profile.shown_name().clone(),
            status: office.map(|id| seen(agent.presence(id).status)),
        })
    }

    pub(super) fn offer_view(
        &self,
        chat: &Chat,
        number: OfferNumber,
        offer: &Offer,
    ) -> Option<OfferView> {
        let queue = self.queues.get(&offer.queue_id?)?;
        Some(OfferView {
            chat_id: chat.id,
            number,
            agent_id: offer.agent_id,
            state: offer.state,
            made_at: offer.made_at,
            expires_at: offer.expires_at,
            waiting_since: chat.enqueued_at,
            office_id: chat.office_id,
            queue_id: queue.queue.id,
            queue_name: queue.queue.name.clone(),
            contact: chat.contact.clone(),
            purpose: offer.purpose,
            by: offer.by.and_then(|id| self.agent_card(id)),
            note: offer.note.clone(),
            external_url: self.external_url(chat, queue, offer.agent_id),
        })
    }

    /// The queue's address for a chat, filled in for an agent; none where that would be too long.
    fn external_url(&self, chat: &Chat, queue: &QueueState, agent_id: AgentId) -> Option<Arc<str>> {
        let template = queue.queue.settings.external_url.as_ref()?;
        let agent = self.agents.get(&agent_id)?;
        let office = self.offices.get(&chat.office_id);
        let filled = template.fill(&TemplateValues {
            visitor_name: chat.contact.name.as_ref().map(Name::as_str),
            visitor_email: chat.contact.email.as_ref().map(Email::as_str),
            agent_name: Some(agent.profile.shown_name().as_str()),
            office_name: office.map(|office| office.office.name.as_str()),
            queue_name: Some(queue.queue.name.as_str()),
            chat_id: chat.id,
            fields: &[&chat.contact.fields],
        })?;
        Some(filled.into())
    }

    pub(super) fn queue_view(&self, queue_id: QueueId) -> Option<QueueView> {
        let queue = self.queues.get(&queue_id)?;
        Some(QueueView {
            queue: queue.queue.clone(),
            member_ids: queue.members.iter().copied().collect(),
        })
    }

    pub(super) fn office_view(&self, office_id: OfficeId) -> Option<OfficeView> {
        let office = self.offices.get(&office_id)?;
        Some(OfficeView {
            office: office.office.clone(),
            mode: office.shown.mode,
        })
    }

    pub(super) fn parties(chat: &Chat) -> Parties {
        Parties {
            chat_id: chat.id,
            visitor_id: chat.visitor_id,
            agents: chat.participants.keys().copied().collect(),
        }
    }
}
