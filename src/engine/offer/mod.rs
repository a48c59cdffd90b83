//! Offers: make, accept, reject, miss, withdraw (ROUTE-5, -8, -11, -20).

use crate::domain::{
    AgentId, ChatId, ChatState, Note, OfferNumber, OfferState, OnMissedOffer, QueueId,
    QueueSettings, WhenBusy, WithdrawReason,
};

use super::effect::{Cause, ChatEvent, EventKind};
use super::state::{Chat, Offer};
use super::timers::SHORTEST;
use super::turn::Turn;
use super::{Refusal, Reply};

mod event;

pub use event::{OfferEvent, OfferKey, Onlookers};

impl Turn<'_> {
    /// Lets a chat ring at an agent. The caller has found the agent eligible.
    pub(super) fn make_offer(&mut self, chat_id: ChatId, agent_id: AgentId) {
        // A capacity that was lowered leaves what there is, so this is no invariant of the state.
        debug_assert!(self.state.has_room(agent_id));
        let now = self.now;
        self.state.refresh(now);
        let decision = self.state.chats.get(&chat_id);
        let decision = decision.and_then(|chat| self.state.weigh(chat, Some(agent_id), now));
        self.cancel_round(chat_id);
        let Some(chat) = self.state.chats.get(&chat_id) else {
            return;
        };
        let Some(seek) = chat.routing.seek.clone() else {
            return;
        };
        let line = chat.line();
        let queue_id = line.or_else(|| self.state.home(chat));
        let ring_timeout = match queue_id.and_then(|id| self.state.queues.get(&id)) {
            Some(queue) => queue.queue.settings.ring_timeout,
            None => QueueSettings::default().ring_timeout,
        };
        let expires_at = ring_timeout.map(|timeout| now + timeout.max(SHORTEST));
        let number = OfferNumber(chat.last_offer.0 + 1);
        let Some(chat) = self.state.chat_mut(chat_id) else {
            return;
        };
        chat.last_offer = number;
        chat.offers.insert(
            number,
            Offer {
                agent_id,
                queue_id,
                purpose: seek.purpose,
                by: seek.by,
                note: seek.note,
                state: OfferState::Ringing,
                made_at: now,
                expires_at,
                ended_at: None,
                round: chat.round,
            },
        );
        if let Some(agent) = self.state.agent_mut(agent_id) {
            agent.ringing.insert((chat_id, number));
            if let Some(ramp) = &mut agent.work.ramp {
                ramp.given = ramp.given.saturating_add(1);
            }
        }
        if let Some(queue) = line.and_then(|id| self.state.queues.get_mut(&id)) {
            queue.memory.last_asked = Some(agent_id);
        }
        self.time_offers(agent_id);
        self.touch_offices_of(agent_id, Cause::Chat(chat_id));
        let view = self.state.chats.get(&chat_id).and_then(|chat| {
            self.state
                .offer_view(chat, number, chat.offers.get(&number)?)
        });
        if let Some(view) = view {
            let decision = decision.map(Box::new);
            self.emit_offer(OfferEvent::Made(view, decision));
        }
    }

    /// Offers a chat to an agent that was found eligible; where an offer is an assignment (ROUTE-12), the agent has it.
    pub(super) fn offer(&mut self, chat_id: ChatId, agent_id: AgentId) {
        self.make_offer(chat_id, agent_id);
        let chat = self.state.chats.get(&chat_id);
        let queue = chat.and_then(|chat| self.state.queues.get(&chat.line()?));
        let by_queue = queue.is_some_and(|queue| queue.queue.settings.auto_accept);
        let agent = self.state.agents.get(&agent_id);
        let by_agent = agent.is_some_and(|agent| agent.profile.auto_accept);
        let number = chat.and_then(|chat| chat.ringing_at(agent_id));
        if (by_queue || by_agent) && number.is_some() {
            // It rings at this agent, so nothing stands against it.
            let accepted = self.accept(agent_id, chat_id, number);
            debug_assert!(accepted.is_ok());
        }
    }

    /// Accepts an offer, or picks a waiting chat. Exactly one agent wins (ROUTE-8).
    pub(super) fn accept(
        &mut self,
        agent_id: AgentId,
        chat_id: ChatId,
        number: Option<OfferNumber>,
    ) -> Result<Reply, Refusal> {
        let chat = self.state.chats.get(&chat_id).ok_or(Refusal::UnknownChat)?;
        if was_accepted(chat, agent_id, number) {
            return Ok(Reply::Chat(self.state.chat_view(chat)));
        }
        let own = chat
            .ringing()
            .find(|(_, offer)| offer.agent_id == agent_id)
            .map(|(n, _)| n);
        match number {
            Some(number) if own == Some(number) => {}
            Some(number) => return Err(gone(chat, number)),
            None => self.check_pick(agent_id, chat, own)?,
        }
        let ringing: Vec<OfferNumber> = chat.ringing().map(|(number, _)| number).collect();
        let found = chat.routing.seek.clone();
        let mut freed = Vec::new();
        for other in ringing {
            if own == Some(other) {
                let key = self.end_offer(chat_id, other, OfferState::Accepted);
                if let Some(key) = key {
                    self.emit_offer(OfferEvent::Accepted(key));
                }
            } else {
                freed.extend(self.withdraw(chat_id, other, WithdrawReason::AcceptedElsewhere));
            }
        }
        self.join(agent_id, chat_id, found);
        for agent_id in freed {
            self.dispatch_agent(agent_id);
        }
        self.chat_view(chat_id)
            .map(Reply::Chat)
            .ok_or(Refusal::UnknownChat)
    }

    /// ROUTE-7: a member of the queue may pick a waiting chat, also while it rings at a colleague.
    fn check_pick(
        &self,
        agent_id: AgentId,
        chat: &Chat,
        own: Option<OfferNumber>,
    ) -> Result<(), Refusal> {
        let agent = self
            .state
            .agents
            .get(&agent_id)
            .ok_or(Refusal::UnknownAgent)?;
        let line = chat.line().or(chat.queue_id);
        let is_member = line.is_some_and(|id| agent.queues.contains(&id));
        let may_come_in = own.is_some() || (is_member && chat.line().is_some());
        match chat.state {
            ChatState::Waiting | ChatState::OfflineMessage => {}
            // It looks for one more in a queue of the agent's.
            ChatState::Active { .. } if may_come_in && !chat.is_answered_by(agent_id) => {}
            ChatState::Active { .. } => {
                // It is with somebody, however that came to have it.
                let taken_by = taken_by(chat).or_else(|| chat.answering().next());
                return Err(Refusal::OfferGone { taken_by });
            }
            ChatState::WrapUp { .. } | ChatState::Closed { .. } => {
                return Err(Refusal::ChatClosed);
            }
        }
        let may_take = match chat.line() {
            Some(_) => is_member,
            None => self.state.may_take(agent, chat),
        };
        if own.is_none() && !may_take {
            return Err(Refusal::NotAMember);
        }
        self.state.check_may_reply(agent, chat.office_id)?;
        if own.is_none() && !agent.has_room() {
            return Err(Refusal::AtCapacity);
        }
        Ok(())
    }

    /// An agent has more or less to do than before, which offices that show a messenger when all are busy may show
    /// (AVAIL-5).
    pub(super) fn touch_offices_of(&mut self, agent_id: AgentId, cause: Cause) {
        let Some(agent) = self.state.agents.get(&agent_id) else {
            return;
        };
        for office_id in agent.standing.offices.keys() {
            let office = self.state.offices.get(office_id);
            if office.is_some_and(|office| office.office.when_busy == WhenBusy::Messenger) {
                self.touched.entry(*office_id).or_insert(cause);
            }
        }
    }

    /// Rejects an offer: the next agent is asked at once (ROUTE-5).
    pub(super) fn reject(
        &mut self,
        agent_id: AgentId,
        chat_id: ChatId,
        number: OfferNumber,
        reason: Option<Note>,
    ) -> Result<Reply, Refusal> {
        let chat = self.state.chats.get(&chat_id).ok_or(Refusal::UnknownChat)?;
        match chat.offers.get(&number) {
            Some(offer) if offer.agent_id == agent_id && offer.state == OfferState::Ringing => {}
            _ => return Err(gone(chat, number)),
        }
        if let Some(key) = self.end_offer(chat_id, number, OfferState::Rejected) {
            self.emit_offer(OfferEvent::Rejected(key, reason));
        }
        let view = self.state.chats.get(&chat_id).and_then(|chat| {
            self.state
                .offer_view(chat, number, chat.offers.get(&number)?)
        });
        self.end_gift(chat_id, agent_id);
        self.dispatch_agent(agent_id);
        view.map(Reply::Offer).ok_or(Refusal::UnknownOffer)
    }

    /// The ring timeout has passed: the next agent is asked (ROUTE-5).
    pub(super) fn miss_offer(&mut self, chat_id: ChatId, number: OfferNumber) {
        let chat = self.state.chats.get(&chat_id);
        let line = chat.and_then(super::state::Chat::line);
        if let Some(key) = self.end_offer(chat_id, number, OfferState::Missed) {
            self.emit_offer(OfferEvent::Missed(key));
            self.count_missed(key.agent_id, line);
            self.end_gift(chat_id, key.agent_id);
            self.dispatch_agent(key.agent_id);
        }
    }

    /// ROUTE-5: an agent that has missed as many offers in a row as the queue allows is away, or in a pause.
    fn count_missed(&mut self, agent_id: AgentId, line: Option<QueueId>) {
        let Some(queue) = line.and_then(|id| self.state.queues.get(&id)) else {
            return;
        };
        let settings = &queue.queue.settings;
        let (consequence, before) = (settings.on_missed_offer, settings.missed_offers_before);
        let Some(agent) = self.state.agent_mut(agent_id) else {
            return;
        };
        agent.work.missed_in_a_row = agent.work.missed_in_a_row.saturating_add(1);
        if agent.work.missed_in_a_row < before.max(1) {
            return;
        }
        if consequence != OnMissedOffer::Nothing {
            agent.work.missed_in_a_row = 0;
        }
        match consequence {
            OnMissedOffer::Nothing => {}
            OnMissedOffer::Away => self.send_away(agent_id),
            OnMissedOffer::Pause(pause_id) => self.send_into_pause(agent_id, pause_id),
        }
    }

    /// Nobody writes in a chat: it does not count as load, and its agents may have another one (ROUTE-22).
    pub(super) fn fall_silent(&mut self, chat_id: ChatId) {
        let Some(chat) = self.state.chat_mut(chat_id) else {
            return;
        };
        chat.course.is_silent = true;
        let agents: Vec<AgentId> = chat.answering().collect();
        for agent_id in &agents {
            if let Some(agent) = self.state.agent_mut(*agent_id) {
                agent.silent.insert(chat_id);
            }
        }
        self.emit(EventKind::Chat(ChatEvent::FellSilent(chat_id)));
        for agent_id in agents {
            self.touch_offices_of(agent_id, Cause::Chat(chat_id));
            self.dispatch_agent(agent_id);
        }
    }

    /// Somebody writes in a chat, which counts as load again: of what rings at an agent that now has too much, the
    /// youngest goes, to whoever can take it at the end of the step (ROUTE-13). The caller emits the event that stores it.
    pub(super) fn wake(&mut self, chat_id: ChatId) {
        let chat = self.state.chats.get(&chat_id);
        if !chat.is_some_and(|chat| chat.course.is_silent) {
            return;
        }
        let Some(chat) = self.state.chat_mut(chat_id) else {
            return;
        };
        chat.course.is_silent = false;
        let agents: Vec<AgentId> = chat.answering().collect();
        for agent_id in agents {
            if let Some(agent) = self.state.agent_mut(agent_id) {
                agent.silent.remove(&chat_id);
            }
            self.touch_offices_of(agent_id, Cause::Chat(chat_id));
            self.take_back_offers(agent_id);
        }
    }

    /// Ends an offer without it counting as missed, and tells whom this freed. What has become possible by that is offered at
    /// the end of the step, unless the caller does so before.
    pub(super) fn withdraw(
        &mut self,
        chat_id: ChatId,
        number: OfferNumber,
        reason: WithdrawReason,
    ) -> Option<AgentId> {
        let key = self.end_offer(chat_id, number, OfferState::Withdrawn(reason))?;
        self.emit_offer(OfferEvent::Withdrawn(key, reason));
        self.freed.insert(key.agent_id);
        Some(key.agent_id)
    }

    /// Moves a ringing offer to its final state and takes it out of every index.
    pub(super) fn end_offer(
        &mut self,
        chat_id: ChatId,
        number: OfferNumber,
        state: OfferState,
    ) -> Option<OfferKey> {
        let now = self.now;
        let offer = self.state.chat_mut(chat_id)?.offers.get_mut(&number)?;
        if offer.state != OfferState::Ringing {
            return None;
        }
        offer.state = state;
        offer.ended_at = Some(now);
        let agent_id = offer.agent_id;
        self.state.settled.insert(chat_id);
        if let Some(agent) = self.state.agent_mut(agent_id) {
            agent.ringing.remove(&(chat_id, number));
            if matches!(state, OfferState::Accepted | OfferState::Rejected) {
                agent.work.missed_in_a_row = 0;
            }
            if matches!(state, OfferState::Rejected | OfferState::Missed) {
                // To the back of the line, or the same agent would be asked first for the next chat too.
                agent.idle_since = now;
            }
        }
        self.touch_offices_of(agent_id, Cause::Chat(chat_id));
        Some(OfferKey {
            chat_id,
            number,
            agent_id,
        })
    }
}

/// Whether an agent that has the chat accepts it once more: its first answer was lost. An offer that is in memory
/// still was somebody else's, or was refused; the accepted one is forgotten.
fn was_accepted(chat: &Chat, agent_id: AgentId, number: Option<OfferNumber>) -> bool {
    let may_be = |number| {
        (OfferNumber(1)..=chat.last_offer).contains(&number)
            && chat
                .offers
                .get(&number)
                .is_none_or(|offer| offer.state == OfferState::Accepted)
    };
    // Who only came to read along was found by no search, and nobody looks for help in a chat that waits.
    let is_active = matches!(chat.state, ChatState::Active { .. });
    let was_found = is_active && chat.routing.taken_by == Some(agent_id);
    let assists = was_found && number.is_some() && chat.assisting().any(|id| id == agent_id);
    let has_it = chat.is_answered_by(agent_id) || assists;
    chat.is_open() && has_it && number.is_none_or(may_be)
}

/// Who took it last, or who has it since that one has left; nobody while nobody has come by its search.
fn taken_by(chat: &Chat) -> Option<AgentId> {
    let last = chat.routing.taken_by?;
    if chat.participants.contains_key(&last) {
        Some(last)
    } else {
        chat.answering().next()
    }
}

/// Why an answer to this offer comes too late, or is to none that ever was.
fn gone(chat: &Chat, number: OfferNumber) -> Refusal {
    if number.0 == 0 || number > chat.last_offer {
        Refusal::UnknownOffer
    } else {
        Refusal::OfferGone {
            taken_by: taken_by(chat),
        }
    }
}
