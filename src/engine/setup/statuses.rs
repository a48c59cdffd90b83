//! Custom statuses (PRES-13) and kinds of pause.

use crate::domain::{
    AgentId, Choice, CustomStatus, Facts, OnMissedOffer, Pause, PauseId, QueueSettings, StatusId,
};

use super::super::effect::{EventKind, SetupEvent};
use super::super::state::State;
use super::super::turn::Turn;
use super::super::{Refusal, Reply};
use super::check_version;

impl Turn<'_> {
    pub(super) fn create_status(&mut self, status: CustomStatus) -> Result<Reply, Refusal> {
        self.check_choices(self.state.statuses.len())?;
        self.state.statuses.insert(status.id, status.clone());
        self.emit(EventKind::Setup(SetupEvent::StatusCreated(status.clone())));
        Ok(Reply::Status(status))
    }

    /// Changes a custom status, at once for all who are in it: a new base becomes theirs.
    pub(super) fn update_status(&mut self, new: CustomStatus) -> Result<Reply, Refusal> {
        let before = self.state.statuses.get(&new.id);
        let before = before.ok_or(Refusal::UnknownStatus)?;
        check_version(before.version, Some(new.version))?;
        let new = CustomStatus {
            version: new.version + 1,
            ..new
        };
        self.state.statuses.insert(new.id, new.clone());
        self.emit(EventKind::Setup(SetupEvent::StatusChanged(new.clone())));
        for agent_id in self.agents_in(new.id) {
            self.change_choices(agent_id, new.id, |choice| choice.status = new.base);
        }
        Ok(Reply::Status(new))
    }

    /// Who is in it goes on in its base.
    pub(super) fn archive_status(
        &mut self,
        id: StatusId,
        version: Option<i64>,
    ) -> Result<Reply, Refusal> {
        let status = self.state.statuses.get(&id);
        check_version(status.ok_or(Refusal::UnknownStatus)?.version, version)?;
        let agents = self.agents_in(id);
        self.state.statuses.remove(&id);
        self.emit(EventKind::Setup(SetupEvent::StatusArchived(id)));
        for agent_id in agents {
            self.change_choices(agent_id, id, |choice| choice.status_id = None);
        }
        Ok(Reply::Done)
    }

    pub(super) fn create_pause(&mut self, pause: Pause) -> Result<Reply, Refusal> {
        self.check_choices(self.state.pauses.len())?;
        self.state.pauses.insert(pause.id, pause.clone());
        self.emit(EventKind::Setup(SetupEvent::PauseCreated(pause.clone())));
        Ok(Reply::Pause(pause))
    }

    pub(super) fn update_pause(&mut self, new: Pause) -> Result<Reply, Refusal> {
        let before = self.state.pauses.get(&new.id);
        check_version(
            before.ok_or(Refusal::UnknownPause)?.version,
            Some(new.version),
        )?;
        if new.paid {
            self.state.check_misses_no_offers(new.id)?;
        }
        let new = Pause {
            version: new.version + 1,
            ..new
        };
        self.state.pauses.insert(new.id, new.clone());
        self.emit(EventKind::Setup(SetupEvent::PauseChanged(new.clone())));
        Ok(Reply::Pause(new))
    }

    /// A pause into which a queue puts those who miss its offers stays.
    pub(super) fn archive_pause(
        &mut self,
        id: PauseId,
        version: Option<i64>,
    ) -> Result<Reply, Refusal> {
        let pause = self.state.pauses.get(&id).ok_or(Refusal::UnknownPause)?;
        check_version(pause.version, version)?;
        self.state.check_misses_no_offers(id)?;
        self.state.pauses.remove(&id);
        self.emit(EventKind::Setup(SetupEvent::PauseArchived(id)));
        Ok(Reply::Done)
    }

    /// The agents that chose a custom status somewhere, or want it later, or have used of it.
    fn agents_in(&self, id: StatusId) -> Vec<AgentId> {
        let agents = self.state.agents.values();
        let concerned = agents.filter(|agent| names(&agent.facts, id));
        concerned.map(|agent| agent.profile.id).collect()
    }

    fn change_choices(&mut self, agent_id: AgentId, id: StatusId, change: impl Fn(&mut Choice)) {
        let archived = !self.state.statuses.contains_key(&id);
        self.change_facts(agent_id, |facts| {
            let choices = std::iter::once(&mut facts.choice).chain(facts.overrides.values_mut());
            for choice in choices.filter(|choice| choice.status_id == Some(id)) {
                change(choice);
            }
            if let Some(wanted) = facts.wanted.as_mut().filter(|w| w.status_id == Some(id)) {
                let mut choice = Choice {
                    status: wanted.status,
                    status_id: wanted.status_id,
                    ..facts.choice
                };
                change(&mut choice);
                (wanted.status, wanted.status_id) = (choice.status, choice.status_id);
            }
            if archived {
                facts.used.remove(&id);
            }
        });
    }
}

impl State {
    /// Refuses what may not be done to a pause into which a queue puts those who miss its offers.
    fn check_misses_no_offers(&self, id: PauseId) -> Result<(), Refusal> {
        let names = |queue: &QueueSettings| queue.on_missed_offer == OnMissedOffer::Pause(id);
        self.check_no_queue(names)
    }
}

fn names(facts: &Facts, id: StatusId) -> bool {
    facts.choice.status_id == Some(id)
        || facts
            .overrides
            .values()
            .any(|choice| choice.status_id == Some(id))
        || facts
            .wanted
            .is_some_and(|wanted| wanted.status_id == Some(id))
        || facts.used.contains_key(&id)
}
