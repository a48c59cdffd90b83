//! Logging in to queues and out of them: a member that has logged out has nothing of the queue offered (ROUTE-2), and may
//! still pick what waits there (ROUTE-7).

use crate::domain::{AgentId, ChatId, OfferNumber, QueueId, Timestamp, WithdrawReason};

use super::super::Refusal;
use super::super::effect::{EventKind, PresenceEvent};
use super::super::routing::{Ineligible, ineligibilities};
use super::super::state::State;
use super::super::turn::Turn;
use super::super::view::QueueLogIn;

impl Turn<'_> {
    /// Logs a member in or out. What is so already changes nothing.
    pub(super) fn log_in_queue(
        &mut self,
        agent_id: AgentId,
        queue_id: QueueId,
        logged_in: bool,
    ) -> Result<(), Refusal> {
        let queue = self.state.queues.get(&queue_id);
        if !queue
            .ok_or(Refusal::UnknownQueue)?
            .members
            .contains(&agent_id)
        {
            return Err(Refusal::NotAMember);
        }
        let agent = self.state.agent_mut(agent_id);
        let work = &mut agent.ok_or(Refusal::UnknownAgent)?.work;
        let changed = if logged_in {
            work.logged_out.remove(&queue_id)
        } else {
            work.logged_out.insert(queue_id)
        };
        if !changed {
            return Ok(());
        }
        let log_in = self.state.queue_log_in(agent_id, queue_id);
        self.emit(EventKind::Presence(PresenceEvent::QueueLogIn(log_in)));
        for (chat_id, number) in self.state.offers_after_log_out(agent_id, self.now) {
            self.withdraw(chat_id, number, WithdrawReason::LoggedOutOfQueue);
        }
        self.dispatch_agent(agent_id);
        Ok(())
    }
}

impl State {
    /// Whether an agent has the chats of a queue offered.
    pub(super) fn queue_log_in(&self, agent_id: AgentId, queue_id: QueueId) -> QueueLogIn {
        let agent = self.agents.get(&agent_id);
        let is_out = agent.is_some_and(|agent| agent.work.logged_out.contains(&queue_id));
        QueueLogIn {
            agent_id,
            queue_id,
            logged_in: !is_out,
        }
    }

    /// The offers that ring at an agent and may not any more, because it has logged out; a chat that is kept for it rings
    /// on.
    fn offers_after_log_out(
        &self,
        agent_id: AgentId,
        now: Timestamp,
    ) -> Vec<(ChatId, OfferNumber)> {
        let Some(agent) = self.agents.get(&agent_id) else {
            return Vec::new();
        };
        let lost = |chat_id: &ChatId| {
            let chat = self.chats.get(chat_id)?;
            let queue = self.queues.get(&chat.line()?)?;
            let reasons = ineligibilities(self, agent, queue, chat, now);
            Some(reasons.contains(&Ineligible::LoggedOut))
        };
        let ringing = agent.ringing.iter();
        let lost = ringing.filter(|(chat_id, _)| lost(chat_id) == Some(true));
        lost.copied().collect()
    }
}
