//! The search for somebody who comes into an active chat: who is asked, and how it ends.

use crate::domain::{
    AgentId, ChatId, HandOverEnd, KeptFor, OfficeId, Purpose, Reachability, Status, Strategy,
    Target, Timestamp, WithdrawReason,
};

use super::super::effect::{ChatEvent, EventKind};
use super::super::routing::{
    Ineligible, general_ineligibilities, ineligibilities, is_late, late_from,
};
use super::super::state::{AgentState, Chat, QueueState, State};
use super::super::turn::Turn;

impl Turn<'_> {
    /// Offers a chat to the agent that it looks for by name, if that agent can take it now.
    pub(super) fn offer_by_name(&mut self, chat_id: ChatId) {
        let Some(chat) = self.state.chats.get(&chat_id) else {
            return;
        };
        let Some(agent) = chat.named().and_then(|id| self.state.agents.get(&id)) else {
            return;
        };
        let id = agent.profile.id;
        let reasons = self.state.ineligibilities_by_name(agent, chat, self.now);
        if !chat.is_offered() && !chat.was_refused_by(id) && reasons.is_empty() {
            self.offer(chat_id, id);
        }
    }

    /// Offers an agent the chats that look for it by name.
    pub(in super::super) fn offer_sought(&mut self, agent_id: AgentId) {
        let agent = self.state.agents.get(&agent_id);
        let sought: Vec<ChatId> = agent.into_iter().flat_map(|a| &a.sought).copied().collect();
        for chat_id in sought {
            self.offer_by_name(chat_id);
        }
    }

    /// At the end of a step: ends the searches for which nobody is left to ask. The chat is with those who have it.
    pub(in super::super) fn settle_hand_overs(&mut self) {
        let next = |turn: &Self| {
            turn.state.searching.iter().find_map(|id| {
                let chat = turn.state.chats.get(id)?;
                Some((*id, turn.state.end_of_hand_over(chat, turn.now)?))
            })
        };
        self.state.refresh(self.now);
        while let Some((chat_id, end)) = next(self) {
            self.end_hand_over(chat_id, end);
            self.state.refresh(self.now);
        }
    }

    /// Ends the search without anybody having come in.
    pub(in super::super) fn end_hand_over(&mut self, chat_id: ChatId, end: HandOverEnd) {
        let Some(chat) = self.state.chats.get(&chat_id) else {
            return;
        };
        let Some(hand_over) = chat.hand_over() else {
            return;
        };
        let line = chat.line();
        let ringing: Vec<_> = chat.ringing().map(|(number, _)| number).collect();
        let mut freed = Vec::new();
        for number in ringing {
            freed.extend(self.withdraw(chat_id, number, WithdrawReason::Cancelled));
        }
        if let Some(chat) = self.state.chat_mut(chat_id) {
            chat.routing.seek = None;
            chat.routing.passed_over.clear();
            let parties = State::parties(chat);
            let ended = ChatEvent::HandOverEnded(parties, hand_over.purpose, end);
            self.emit(EventKind::Chat(ended));
        }
        if let Some(queue_id) = line {
            self.time_late_offers(queue_id);
        }
        for agent_id in freed {
            self.dispatch_agent(agent_id);
        }
    }

    /// CHAT-1: the agent that a waiting chat was given to has refused it: it is anybody's from now on.
    pub(in super::super) fn end_gift(&mut self, chat_id: ChatId, agent_id: AgentId) {
        let Some(chat) = self.state.chat_mut(chat_id) else {
            return;
        };
        let reserved = chat.routing.reserved.as_ref();
        let given = reserved.is_some_and(|reserved| {
            reserved.kept_for == KeptFor::Transfer && reserved.agents.contains(&agent_id)
        });
        if given {
            chat.routing.reserved = None;
            let line = chat.line();
            self.emit(EventKind::Chat(ChatEvent::ReservationEnded(chat_id)));
            self.dispatch(line.as_slice());
        }
    }
}

impl State {
    /// How the search for somebody who comes into an active chat has ended, if it has: nobody is left to ask. Whose
    /// connection blinks is still there.
    pub(in super::super) fn end_of_hand_over(
        &self,
        chat: &Chat,
        now: Timestamp,
    ) -> Option<HandOverEnd> {
        chat.hand_over()?;
        let seek = chat.routing.seek.as_ref()?;
        if chat.is_offered() {
            return None;
        }
        let gone = (!seek.waits).then_some(HandOverEnd::Unavailable);
        match seek.target {
            Target::Agent(id) => {
                let Some(agent) = self.agents.get(&id) else {
                    return Some(HandOverEnd::Unavailable);
                };
                if chat.was_refused_by(id) {
                    return Some(HandOverEnd::Refused);
                }
                let mut reasons = self.ineligibilities_by_name(agent, chat, now);
                forgive_a_blink(agent, &mut reasons);
                gone.filter(|_| !reasons.is_empty())
            }
            Target::Queue(id) => {
                let Some(queue) = self.queues.get(&id) else {
                    return Some(HandOverEnd::Unavailable);
                };
                if queue.queue.settings.strategy == Strategy::Manual {
                    return Some(HandOverEnd::Unavailable);
                }
                let members = queue.members.iter().filter_map(|id| self.agents.get(id));
                let mut refused = false;
                for agent in members {
                    let mut reasons = ineligibilities(self, agent, queue, chat, now);
                    forgive_a_blink(agent, &mut reasons);
                    if reasons.is_empty() {
                        return None;
                    }
                    // Who has handed it over is passed over, and has turned nothing down.
                    refused |= reasons == [Ineligible::Refused]
                        && chat.was_turned_down_by(agent.profile.id);
                }
                if refused {
                    Some(HandOverEnd::Refused)
                } else {
                    gone
                }
            }
        }
    }

    /// What keeps an agent from being offered a chat by name. It need be neither a member of the chat's queue nor as good as
    /// that requires: a colleague has judged. Who is invisible may be added (PRES-10).
    pub(in super::super) fn ineligibilities_by_name(
        &self,
        agent: &AgentState,
        chat: &Chat,
        now: Timestamp,
    ) -> Vec<Ineligible> {
        let home = self.home(chat).and_then(|id| self.queues.get(&id));
        let Some(queue) = home else {
            return vec![Ineligible::NotAMember];
        };
        let mut reasons = general_ineligibilities(self, agent, queue, now);
        reasons.retain(|reason| match reason {
            Ineligible::NotAMember | Ineligible::LoggedOut | Ineligible::LacksSkill { .. } => false,
            Ineligible::NotOnline { .. } => !is_invisible(agent, queue.queue.office_id),
            _ => true,
        });
        let purpose = chat.routing.seek.as_ref().map(|seek| seek.purpose);
        if purpose.is_some_and(|purpose| chat.has_part(agent.profile.id, purpose)) {
            reasons.push(Ineligible::HasIt);
        }
        reasons
    }

    /// Whether somebody could be offered the chat now, if it looked for this target.
    pub(super) fn is_available(
        &self,
        chat: &Chat,
        purpose: Purpose,
        to: Target,
        now: Timestamp,
    ) -> bool {
        match to {
            Target::Agent(id) => self
                .agents
                .get(&id)
                .is_some_and(|agent| self.ineligibilities_by_name(agent, chat, now).is_empty()),
            Target::Queue(id) => self.queues.get(&id).is_some_and(|queue| {
                let members = queue.members.iter().filter_map(|id| self.agents.get(id));
                let mut others = members.filter(|a| !chat.has_part(a.profile.id, purpose));
                others.any(|agent| self.could_be_asked(agent, queue, chat, now))
            }),
        }
    }

    /// Whether a member of a queue could be offered this chat, had nobody refused it yet.
    fn could_be_asked(
        &self,
        agent: &AgentState,
        queue: &QueueState,
        chat: &Chat,
        now: Timestamp,
    ) -> bool {
        let office_id = queue.queue.office_id;
        let waited = late_from(agent, office_id, chat).is_none_or(|at| at <= now);
        let mut reasons = general_ineligibilities(self, agent, queue, now);
        if is_late(agent, office_id) {
            reasons.retain(|reason| !matches!(reason, Ineligible::NotOnline { .. }));
        }
        waited && reasons.is_empty()
    }

    /// The office in which those stand whom a chat is offered to: that of the queue in whose line it is.
    pub(in super::super) fn office_of_search(&self, chat: &Chat) -> OfficeId {
        let line = chat.line().and_then(|id| self.queues.get(&id));
        line.map_or(chat.office_id, |queue| queue.queue.office_id)
    }
}

impl Chat {
    /// Whether an agent has the part already that somebody is looked for. Who listens has none that anybody knows of.
    pub(in super::super) fn has_part(&self, agent_id: AgentId, purpose: Purpose) -> bool {
        use crate::domain::ParticipantRole::{Agent, Assistant, Listener};
        match self.participants.get(&agent_id).map(|part| part.role) {
            Some(Agent) => true,
            Some(Assistant) => purpose == Purpose::Assist,
            Some(Listener) | None => false,
        }
    }

    /// Everybody may be asked again.
    pub(super) fn begin_round(&mut self) {
        self.round += 1;
        self.round_starts_at = None;
        self.routing.passed_over.clear();
    }
}

/// An agent whose connection is gone for a moment, or since a restart, is asked as soon as it is back.
fn forgive_a_blink(agent: &AgentState, reasons: &mut Vec<Ineligible>) {
    let blinks = match agent.facts.reachability {
        Reachability::Connected | Reachability::Grace { .. } => true,
        Reachability::Lost { .. } => false,
    };
    reasons.retain(|reason| !blinks || *reason != Ineligible::Unreachable);
}

/// Whether an agent is invisible of its own choice, and neither in a pause nor about to go.
pub(in super::super) fn is_invisible(agent: &AgentState, office: OfficeId) -> bool {
    let idle = agent.facts.pausing.is_none() && agent.facts.wanted.is_none();
    idle && agent.presence(office).status == Status::Invisible
}
