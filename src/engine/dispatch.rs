//! Offering: what a change has made possible is offered in the same step (ROUTE-13).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use crate::domain::{AgentId, ChatId, Millis, QueueId, Strategy, Timestamp};

use super::effect::{ChatEvent, EventKind};
use super::line::Place;
use super::routing::{Ineligible, Rank, general_ineligibilities, ineligibilities, is_late};
use super::state::{AgentState, Chat, QueueState, State};
use super::timers::TimerKey;
use super::turn::Turn;

/// What can be done for a waiting chat now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decision {
    Offer(AgentId),
    /// Somebody could take it, but all who could have refused in this round.
    AllRefused,
    /// Nobody can take it.
    Nobody,
}

impl State {
    /// Decides for a chat by the indexes: those who are ready in their order, then the invisible (PRES-11).
    fn decide(&self, queue: &QueueState, chat: &Chat, now: Timestamp) -> Decision {
        let mut refused = false;
        let best = if self.is_kept(chat) {
            let reserved = chat.routing.reserved.iter().flat_map(|r| &r.agents);
            let agents = reserved.filter_map(|id| self.agents.get(id));
            let eligible = agents.filter(|agent| {
                let reasons = ineligibilities(self, agent, queue, chat, now);
                refused |= reasons == [Ineligible::Refused];
                reasons.is_empty()
            });
            let best = eligible.map(|agent| self.rank(queue, agent)).min();
            best.map(|rank| rank.agent_id)
        } else {
            // Whom it is kept for in the next round again may be asked by then, a member or not.
            let reserved = chat.routing.reserved.iter().flat_map(|r| &r.agents);
            refused |= reserved.filter_map(|id| self.agents.get(id)).any(|agent| {
                ineligibilities(self, agent, queue, chat, now) == [Ineligible::Refused]
            });
            let mut may = |agent: &AgentState| {
                let reason = self.special(agent, queue, chat, now);
                refused |= reason == Some(Ineligible::Refused);
                reason.is_none()
            };
            let mut ready = in_turn(queue);
            let agents = |rank: &Rank| self.agents.get(&rank.agent_id);
            ready
                .find(|rank| agents(rank).is_some_and(|agent| may(agent)))
                .map(|rank| rank.agent_id)
        };
        match best.or_else(|| self.decide_late(queue, chat, now, &mut refused)) {
            Some(agent_id) => Decision::Offer(agent_id),
            None if refused => Decision::AllRefused,
            None => Decision::Nobody,
        }
    }

    /// PRES-11: an invisible member that wants late offers, for a chat that rings at none yet.
    fn decide_late(
        &self,
        queue: &QueueState,
        chat: &Chat,
        now: Timestamp,
        refused: &mut bool,
    ) -> Option<AgentId> {
        let late = queue.late.iter().filter_map(|id| self.agents.get(id));
        let eligible = late.filter(|agent| {
            let reasons = ineligibilities(self, agent, queue, chat, now);
            *refused |= reasons == [Ineligible::Refused];
            reasons.is_empty()
        });
        let best = eligible.map(|agent| self.rank(queue, agent)).min();
        best.map(|rank| rank.agent_id)
    }

    /// The next chat of a queue, after a place, that somebody might take.
    fn next_in_line(&self, queue_id: QueueId, after: Option<Place>) -> Option<(Place, QueueId)> {
        let queue = self.queues.get(&queue_id)?;
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let next =
            |places: &BTreeSet<Place>| places.range((from, Bound::Unbounded)).next().copied();
        let hungry = (!queue.ready.is_empty())
            .then(|| next(&queue.hungry))
            .flatten();
        let place = hungry.into_iter().chain(next(&queue.reserved)).min()?;
        Some((place, queue_id))
    }

    /// When a chat in a queue's line may next be offered to one of its invisible members (PRES-11).
    pub(super) fn late_due(&self, queue_id: QueueId, now: Timestamp) -> Option<Timestamp> {
        let queue = self.queues.get(&queue_id)?;
        if queue.line.is_empty() || queue.late.is_empty() {
            return None;
        }
        let late = queue.late.iter().filter_map(|id| self.agents.get(id));
        let delays: BTreeSet<Millis> = late
            .filter_map(|agent| agent.profile.offers_when_invisible_after)
            .collect();
        let chats = queue.line.iter();
        let ages = chats.filter_map(|place| Some(self.chats.get(&place.chat_id)?.enqueued_at));
        let ages: BTreeSet<Timestamp> = ages.collect();
        let first_after = |delay: Millis| {
            let waited = Timestamp(now.0.saturating_sub(delay.0));
            let later = (Bound::Excluded(waited), Bound::Unbounded);
            Some(*ages.range(later).next()? + delay)
        };
        delays.into_iter().filter_map(first_after).min()
    }

    /// The chats of a queue that may be offered to an invisible agent, oldest first: those that ring at none, or all of a
    /// queue that asks everybody.
    fn unanswered(&self, queue: &QueueState, now: Timestamp) -> Vec<ChatId> {
        let asks_all = queue.queue.settings.strategy == Strategy::Broadcast;
        let chats = queue.line.iter().filter_map(|p| self.chats.get(&p.chat_id));
        chats
            .filter(|chat| chat.enqueued_at < now)
            .filter(|chat| {
                asks_all
                    || !chat.ringing().any(|(_, offer)| {
                        let agent = self.agents.get(&offer.agent_id);
                        agent.is_some_and(|agent| is_late(agent, chat.office_id))
                    })
            })
            .map(|chat| chat.id)
            .collect()
    }

    /// Whether an invisible member could be offered something.
    fn has_free_late(&self, queue: &QueueState, now: Timestamp) -> bool {
        let mut late = queue.late.iter().filter_map(|id| self.agents.get(id));
        late.any(|agent| {
            let reasons = general_ineligibilities(self, agent, queue, now);
            let mut others = reasons.iter();
            others.all(|reason| matches!(reason, Ineligible::NotOnline { .. }))
        })
    }

    /// Whether the chat rings, or could ring at nobody: what ROUTE-13 promises of every waiting chat. It asks every
    /// member, and no index.
    pub(super) fn is_served(&self, chat: &Chat, now: Timestamp) -> bool {
        let Some(queue) = chat.line().and_then(|id| self.queues.get(&id)) else {
            return true;
        };
        let strategy = queue.queue.settings.strategy;
        if strategy == Strategy::Manual || (chat.is_offered() && strategy != Strategy::Broadcast) {
            return true;
        }
        let reserved = chat.routing.reserved.iter().flat_map(|r| &r.agents);
        let candidates = queue.members.iter().chain(reserved);
        let reasons: Vec<_> = candidates
            .filter_map(|id| self.agents.get(id))
            .map(|agent| ineligibilities(self, agent, queue, chat, now))
            .collect();
        let somebody = reasons.iter().any(Vec::is_empty);
        let refused = reasons.iter().any(|r| *r == [Ineligible::Refused]);
        let paused = chat.round_starts_at.is_some();
        // A search of an active chat has no rounds; while somebody's connection blinks it has not ended either.
        !somebody && (!refused || paused || chat.is_offered() || chat.is_searching())
    }
}

/// Those who are ready, in the order in which they are asked.
pub(super) fn in_turn<'s>(queue: &'s QueueState) -> Box<dyn Iterator<Item = &'s Rank> + 's> {
    let ready = &queue.ready;
    match (queue.queue.settings.strategy, queue.memory.last_asked) {
        (Strategy::RoundRobin, Some(last)) => {
            let last = Rank::in_turn(last);
            let after = ready.range((Bound::Excluded(last), Bound::Unbounded));
            Box::new(after.chain(ready.range(..=last)))
        }
        _ => Box::new(ready.iter()),
    }
}

impl Turn<'_> {
    /// Offers what the agent's change has made possible.
    pub(super) fn dispatch_agent(&mut self, agent_id: AgentId) {
        self.freed.remove(&agent_id);
        self.state.refresh(self.now);
        let Some(agent) = self.state.agents.get(&agent_id) else {
            return;
        };
        let mut queue_ids: BTreeSet<QueueId> = agent.queues.clone();
        queue_ids.extend(self.state.queues_keeping_for(agent_id));
        let queue_ids: Vec<QueueId> = queue_ids.into_iter().collect();
        self.offer_sought(agent_id);
        self.dispatch(&queue_ids);
    }

    /// Offers every waiting chat of these queues that somebody can take, in the order of their places.
    pub(super) fn dispatch(&mut self, queue_ids: &[QueueId]) {
        self.state.refresh(self.now);
        let mut passed: BTreeMap<QueueId, Place> = BTreeMap::new();
        let next = |turn: &Self, passed: &BTreeMap<QueueId, Place>| {
            let next = |id: &QueueId| turn.state.next_in_line(*id, passed.get(id).copied());
            queue_ids.iter().filter_map(next).min()
        };
        while let Some((place, queue_id)) = next(self, &passed) {
            let chat = self.state.chats.get(&place.chat_id);
            let Some((queue, chat)) = self.state.queues.get(&queue_id).zip(chat) else {
                return;
            };
            match self.state.decide(queue, chat, self.now) {
                Decision::Offer(agent_id) => self.offer(place.chat_id, agent_id),
                decision @ (Decision::AllRefused | Decision::Nobody) => {
                    if decision == Decision::AllRefused && !chat.is_offered() {
                        self.pause_round(place.chat_id);
                    }
                    passed.insert(queue_id, place);
                }
            }
            self.state.refresh(self.now);
        }
        for queue_id in queue_ids {
            self.ring_late(*queue_id);
            self.time_late_offers(*queue_id);
        }
    }

    /// Sets the deadline of a queue's next late offers: a chat has come or gone, or an agent may have them or not.
    pub(super) fn time_late_offers(&mut self, queue_id: QueueId) {
        self.state.refresh(self.now);
        let key = TimerKey::LateOffers(queue_id);
        let at = self.state.late_due(queue_id, self.passed(key));
        self.state.timers.put(key, at);
    }

    /// Up to when deadlines of this kind have fired: one of this very instant has not (ROUTE-20), and whoever sets it anew
    /// must not take it for one that has.
    pub(super) fn passed(&self, key: TimerKey) -> Timestamp {
        let pending = self.state.timers.get(key).filter(|at| *at <= self.now);
        pending.map_or(self.now, |at| Timestamp(at.0 - 1))
    }

    /// PRES-11: a chat that has waited for long enough and that no online agent has answered rings at an invisible one, at
    /// one at a time unless its queue asks everybody.
    fn ring_late(&mut self, queue_id: QueueId) {
        let now = self.now;
        let queue = self.state.queues.get(&queue_id);
        let Some(queue) = queue.filter(|queue| self.state.has_free_late(queue, now)) else {
            return;
        };
        let strategy = queue.queue.settings.strategy;
        if strategy == Strategy::Manual {
            return;
        }
        let asks_all = strategy == Strategy::Broadcast;
        for chat_id in self.state.unanswered(queue, now) {
            while self.ring_next_late(queue_id, chat_id) && asks_all {}
        }
    }

    /// Offers a chat to the next of the invisible; whether there was one. Nobody is next who has it already, and of a chat that
    /// has left the line, as one that an offer assigns.
    fn ring_next_late(&mut self, queue_id: QueueId, chat_id: ChatId) -> bool {
        let now = self.now;
        let chat = self.state.chats.get(&chat_id);
        let chat = chat.filter(|chat| chat.line() == Some(queue_id));
        let Some((chat, queue)) = chat.zip(self.state.queues.get(&queue_id)) else {
            return false;
        };
        let mut refused = false;
        let chosen = self.state.decide_late(queue, chat, now, &mut refused);
        let rings = chat.is_offered();
        match chosen {
            Some(agent_id) => self.offer(chat_id, agent_id),
            None if refused && !rings => self.pause_round(chat_id),
            None => {}
        }
        self.state.refresh(now);
        chosen.is_some()
    }

    /// The deadline of late offers: chats of this queue have waited for long enough.
    pub(super) fn offer_late(&mut self, queue_id: QueueId) {
        self.dispatch(&[queue_id]);
    }

    /// The chat is kept for nobody any more.
    pub(super) fn end_reservation(&mut self, chat_id: ChatId) {
        let Some(chat) = self.state.chat_mut(chat_id) else {
            return;
        };
        chat.routing.reserved = None;
        let line = chat.line();
        self.emit(EventKind::Chat(ChatEvent::ReservationEnded(chat_id)));
        // Who was asked for its own sake alone is asked no longer.
        let ringing = self
            .state
            .chats
            .get(&chat_id)
            .into_iter()
            .flat_map(Chat::ringing);
        let asked: Vec<AgentId> = ringing.map(|(_, offer)| offer.agent_id).collect();
        for agent_id in &asked {
            self.take_back_offers(*agent_id);
        }
        self.dispatch(line.as_slice());
        for agent_id in asked {
            self.dispatch_agent(agent_id);
        }
    }
}

impl State {
    /// The queues in which chats are kept for an agent.
    fn queues_keeping_for(&self, agent_id: AgentId) -> impl Iterator<Item = QueueId> + '_ {
        let keeping = self.queues.values().filter(|q| !q.reserved.is_empty());
        keeping
            .filter(move |queue| {
                let chats = queue.reserved.iter();
                let mut chats = chats.filter_map(|place| self.chats.get(&place.chat_id));
                chats.any(|chat| {
                    let reserved = chat.routing.reserved.as_ref();
                    reserved.is_some_and(|reserved| reserved.agents.contains(&agent_id))
                })
            })
            .map(|queue| queue.queue.id)
    }
}
