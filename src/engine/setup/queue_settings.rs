//! How a queue behaves: what its settings may be, and what a change of them does to the chats that it has.

use crate::domain::{
    AgentId, ChatId, OfferNumber, OnMissedOffer, Overflow, QueueId, QueueSettings, Timestamp,
    WithdrawReason,
};

use super::super::Refusal;
use super::super::fields::unknown;
use super::super::refusal::{Contradiction, FieldFault, Reference};
use super::super::routing::{Ineligible, ineligibilities};
use super::super::state::State;
use super::super::turn::Turn;

impl Turn<'_> {
    /// The clocks of its chats run by the new settings from where they began, and an offer that rings at somebody who is
    /// not good enough any more ends (ROUTE-11).
    pub(super) fn draw_consequences_of_settings(&mut self, id: QueueId) {
        // It may be closed by them: what waits there goes where it would at the end of its hours.
        self.pass_queue_boundary(id);
        self.state.retime_line(id);
        let queue = self.state.queues.get(&id);
        let members = queue.map(|queue| queue.members.clone());
        let members = members.unwrap_or_default();
        for agent_id in members {
            self.take_back_unskilled(agent_id);
        }
    }

    /// Ends the offers at an agent that lacks a skill for them.
    pub(super) fn take_back_unskilled(&mut self, agent_id: AgentId) {
        for (chat_id, number) in self.state.offers_beyond_skills(agent_id, self.now) {
            self.withdraw(chat_id, number, WithdrawReason::AgentUnavailable);
        }
    }
}

impl State {
    /// What is wrong with the settings of a queue: what they name and is not there, and what does not go together.
    pub(super) fn queue_setting_faults(
        &self,
        id: QueueId,
        settings: &QueueSettings,
    ) -> Vec<FieldFault> {
        let skills = unknown(
            Reference::RequiredSkill,
            settings.required_skills.keys(),
            |id| self.skills.contains_key(id),
        );
        let dispositions = unknown(
            Reference::Disposition,
            &settings.closing.dispositions,
            |id| self.dispositions.contains_key(id),
        );
        let overflow = match settings.overflow {
            Some(Overflow::Queue(to)) => Some(to),
            Some(Overflow::Messenger) | None => None,
        };
        let overflow = unknown(Reference::Overflow, &overflow, |to| {
            *to == id || self.queues.contains_key(to)
        });
        let pause = match settings.on_missed_offer {
            OnMissedOffer::Pause(id) => Some(id),
            OnMissedOffer::Nothing | OnMissedOffer::Away => None,
        };
        let is_paid = pause
            .and_then(|id| self.pauses.get(&id))
            .is_some_and(|pause| pause.paid);
        let pause = unknown(Reference::MissedOfferPause, &pause, |id| {
            self.pauses.contains_key(id)
        });
        let named = skills.chain(dispositions).chain(overflow).chain(pause);
        let contradictions = contradictions(settings).map(FieldFault::Contradicts);
        let paid = is_paid.then_some(FieldFault::PaidPause);
        named.chain(contradictions).chain(paid).collect()
    }

    /// Refuses an overflow that would let chats go round in a circle (AVAIL-5).
    pub(super) fn check_overflow(
        &self,
        id: QueueId,
        overflow: Option<Overflow>,
    ) -> Result<(), Refusal> {
        if self.comes_back(id, overflow) {
            Err(Refusal::OverflowLoop)
        } else {
            Ok(())
        }
    }

    /// Whether a chat that overflows from a queue would come back to it (AVAIL-5). No other chain of queues is a circle,
    /// because each was looked at when it was closed.
    fn comes_back(&self, id: QueueId, overflow: Option<Overflow>) -> bool {
        let mut next = overflow;
        while let Some(Overflow::Queue(to)) = next {
            if to == id {
                return true;
            }
            next = self.queues.get(&to).and_then(|q| q.queue.settings.overflow);
        }
        false
    }

    /// The ringing offers of an agent for which it lacks a skill.
    fn offers_beyond_skills(
        &self,
        agent_id: AgentId,
        now: Timestamp,
    ) -> Vec<(ChatId, OfferNumber)> {
        let Some(agent) = self.agents.get(&agent_id) else {
            return Vec::new();
        };
        let lacks = |chat_id: &ChatId| {
            let chat = self.chats.get(chat_id)?;
            let queue = self.queues.get(&chat.line()?)?;
            let reasons = ineligibilities(self, agent, queue, chat, now);
            let mut reasons = reasons.iter();
            Some(reasons.any(|reason| matches!(reason, Ineligible::LacksSkill { .. })))
        };
        let ringing = agent.ringing.iter();
        let lost = ringing.filter(|(chat_id, _)| lacks(chat_id) == Some(true));
        lost.copied().collect()
    }

    /// Whether another queue overflows into this one.
    pub(super) fn overflows_into(&self, id: QueueId) -> bool {
        let into = Some(Overflow::Queue(id));
        let mut queues = self.queues.values();
        queues.any(|queue| queue.queue.settings.overflow == into)
    }
}

/// Settings of a queue that do not go together.
fn contradictions(settings: &QueueSettings) -> impl Iterator<Item = Contradiction> {
    let idle = settings.visitor_idle;
    let found = [
        (
            settings
                .reopen_at
                .is_some_and(|at| at >= settings.max_waiting),
            Contradiction::ReopenAt,
        ),
        (
            settings.max_wait.is_some() && settings.overflow.is_none(),
            Contradiction::MaxWait,
        ),
        (
            idle.warning
                .zip(idle.close)
                .is_some_and(|(warning, close)| close <= warning),
            Contradiction::IdleClose,
        ),
    ];
    let found = found.into_iter().filter(|(contradicts, _)| *contradicts);
    found.map(|(_, contradiction)| contradiction)
}
