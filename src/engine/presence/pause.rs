//! Pauses: begin, end, and what happens when one lasts for too long (PRES-17, PRES-18).

use crate::domain::{Actor, AgentId, Choice, Overrun, PauseId, Pausing, PresenceReason, Status};

use super::super::Refusal;
use super::super::turn::Turn;

impl Turn<'_> {
    /// Begins a pause, or changes to another one. The one that stands goes on.
    pub(super) fn start_pause(
        &mut self,
        agent_id: AgentId,
        pause_id: PauseId,
    ) -> Result<(), Refusal> {
        let pause = self.state.pauses.get(&pause_id);
        let pause = pause.ok_or(Refusal::UnknownPause)?;
        let pausing = Pausing {
            pause_id,
            paid: pause.paid,
            since: self.now,
            set_by: self.actor,
            longest: pause.longest.map(|longest| (longest, pause.on_overrun)),
            overdue: false,
        };
        let agent = self.state.agents.get(&agent_id);
        let stands = agent
            .and_then(|agent| agent.facts.pausing)
            .is_some_and(|before| before.pause_id == pause_id);
        if !stands {
            self.change_facts(agent_id, |facts| facts.pausing = Some(pausing));
        }
        Ok(())
    }

    /// ROUTE-5: who has missed too many offers is in a pause, so that the next chat does not wait for nobody. One that is
    /// in a pause already goes on in it; of a kind of pause that there is not any more, it is away instead.
    pub(in super::super) fn send_into_pause(&mut self, agent_id: AgentId, pause_id: PauseId) {
        let agent = self.state.agents.get(&agent_id);
        if agent.is_some_and(|agent| agent.facts.pausing.is_some()) {
            return;
        }
        if self.start_pause(agent_id, pause_id).is_err() {
            self.send_away(agent_id);
        }
    }

    /// ROUTE-5: who has missed too many offers is away.
    pub(in super::super) fn send_away(&mut self, agent_id: AgentId) {
        let choice = Choice {
            status: Status::Away,
            status_id: None,
            set_at: self.now,
            set_by: Actor::System,
            reason: PresenceReason::MissedOffers,
        };
        self.choose(agent_id, choice);
    }

    pub(super) fn end_pause(&mut self, agent_id: AgentId) -> Result<(), Refusal> {
        let agent = self.state.agents.get(&agent_id);
        let pausing = agent.and_then(|agent| agent.facts.pausing);
        pausing.ok_or(Refusal::NotPaused)?;
        self.leave_pause(agent_id);
        Ok(())
    }

    /// A pause has lasted for as long as it may: it ends, or is marked.
    pub(in super::super) fn overrun_pause(&mut self, agent_id: AgentId) {
        let agent = self.state.agents.get(&agent_id);
        let longest = agent
            .and_then(|agent| agent.facts.pausing)
            .and_then(|pausing| pausing.longest);
        match longest {
            Some((_, Overrun::End)) => self.leave_pause(agent_id),
            Some((_, Overrun::Flag)) => self.change_facts(agent_id, |facts| {
                if let Some(pausing) = &mut facts.pausing {
                    pausing.overdue = true;
                }
            }),
            None => {}
        }
    }

    /// Ends the pause. Nobody was expected to act in it, so inactivity counts from here.
    fn leave_pause(&mut self, agent_id: AgentId) {
        let now = self.now;
        if let Some(agent) = self.state.agent_mut(agent_id) {
            agent.acted_at = now;
        }
        self.change_facts(agent_id, |facts| {
            facts.pausing = None;
            facts.active_at = now;
        });
    }
}
