//! What was stored, put back into the state: the work behind [`Engine::restore`](super::Engine::restore).

use std::collections::BTreeMap;

use crate::domain::{Agent, MessageId, OfferNumber, ReadMarks, Seat, Timestamp};

use super::presence::settled_deadlines;
use super::records::{AgentRecord, ChatRecord};
use super::state::{AgentState, Chat, Offer, Sent, State};
use super::timers::TimerKey;

impl State {
    pub(super) fn restore_agent(&mut self, profile: Agent, record: AgentRecord) {
        if let (Seat::Shared, Some(at)) = (profile.seat, record.facts.arrived_at) {
            self.arrivals.insert((at, profile.id));
        }
        let agent = AgentState {
            idle_since: record.idle_since,
            work: record.work,
            ..AgentState::new(profile, record.facts, record.standing)
        };
        self.agents.insert(agent.profile.id, Box::new(agent));
    }

    /// Every step tells of what it changes, so what was told is what is so.
    pub(super) fn restore_what_was_told(&mut self) {
        let agents = self.agents.values();
        let told: Vec<_> = agents.map(|a| (a.profile.id, self.to_tell(a))).collect();
        for (id, told) in told {
            if let Some(agent) = self.agents.get_mut(&id) {
                agent.told = told;
            }
        }
    }

    /// The deadlines that the facts ask for. A boundary of hours at the very instant of the last event may not have
    /// been passed yet, and late offers of it may not have been made: doing that twice does no harm, and never would.
    pub(super) fn restore_deadlines(&mut self, now: Timestamp) {
        let before = Timestamp(now.0 - 1);
        let mut deadlines = Vec::new();
        for agent in self.agents.values() {
            deadlines.extend(settled_deadlines(self, agent));
            let hours = agent.profile.hours.as_ref();
            let next = hours.and_then(|hours| hours.next_boundary(before));
            deadlines.push((TimerKey::AgentHours(agent.profile.id), next.map(|b| b.at)));
        }
        for office in self.offices.values() {
            let hours = office.office.hours.as_ref();
            let next = hours.and_then(|hours| hours.next_boundary(before));
            deadlines.push((TimerKey::OfficeHours(office.office.id), next.map(|b| b.at)));
        }
        for id in self.queues.keys() {
            deadlines.push((TimerKey::LateOffers(*id), self.late_due(*id, before)));
        }
        for queue in self.queues.values() {
            let hours = queue.queue.settings.hours.as_ref();
            let next = hours.and_then(|hours| hours.next_boundary(before));
            deadlines.push((TimerKey::QueueHours(queue.queue.id), next.map(|b| b.at)));
        }
        for agent in self.agents.values() {
            let id = agent.profile.id;
            deadlines.push((TimerKey::OffersEnd(id), self.offers_end(agent, before)));
            deadlines.push((TimerKey::Ramp(id), self.ramp_due(agent, before)));
        }
        for chat in self.chats.values() {
            let due = self.next_due(chat);
            deadlines.push((TimerKey::Chat(chat.id), due.map(|(at, _)| at)));
        }
        for (key, at) in deadlines {
            self.timers.put(key, at);
        }
    }

    pub(super) fn restore_chat(
        &mut self,
        record: ChatRecord,
        mut offers: BTreeMap<OfferNumber, Offer>,
        messages: BTreeMap<MessageId, Sent>,
    ) {
        offers.retain(|_, offer| offer.matters_in(record.round));
        self.insert_chat(Chat {
            id: record.id,
            visitor_id: record.visitor_id,
            widget_id: record.widget_id,
            office_id: record.office_id,
            queue_id: record.queue_id,
            contact: record.contact,
            state: record.state,
            started_at: record.started_at,
            enqueued_at: record.enqueued_at,
            participants: record.participants,
            routing: record.routing,
            course: record.course,
            attributes: record.attributes,
            placed: None,
            sought: None,
            round: record.round,
            round_starts_at: record.round_starts_at,
            offers,
            last_offer: record.last_offer,
            last_seq: record.last_seq,
            messages,
            notes: BTreeMap::new(),
            read_marks: ReadMarks::default(),
        });
    }
}
