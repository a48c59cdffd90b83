//! Skills and dispositions: what queues require of agents, and what agents say of chats.

use crate::domain::{AgentId, Disposition, DispositionId, QueueSettings, Skill, SkillId};

use super::super::effect::{EventKind, LogInChange, SetupEvent};
use super::super::refusal::Use;
use super::super::state::State;
use super::super::turn::Turn;
use super::super::{Refusal, Reply};
use super::check_version;

impl Turn<'_> {
    pub(super) fn create_skill(&mut self, skill: Skill) -> Result<Reply, Refusal> {
        self.check_choices(self.state.skills.len())?;
        self.state.skills.insert(skill.id, skill.clone());
        self.emit(EventKind::Setup(SetupEvent::SkillCreated(skill.clone())));
        Ok(Reply::Skill(skill))
    }

    pub(super) fn update_skill(&mut self, new: Skill) -> Result<Reply, Refusal> {
        let before = self.state.skills.get(&new.id);
        let before = before.ok_or(Refusal::UnknownSkill)?;
        check_version(before.version, Some(new.version))?;
        let new = Skill {
            version: new.version + 1,
            ..new
        };
        self.state.skills.insert(new.id, new.clone());
        self.emit(EventKind::Setup(SetupEvent::SkillChanged(new.clone())));
        Ok(Reply::Skill(new))
    }

    /// A skill that a queue requires stays: without it the queue's chats would go to whoever is there. Agents that have
    /// it lose it, which changes nothing about their offers.
    pub(super) fn archive_skill(
        &mut self,
        id: SkillId,
        version: Option<i64>,
    ) -> Result<Reply, Refusal> {
        let skill = self.state.skills.get(&id).ok_or(Refusal::UnknownSkill)?;
        check_version(skill.version, version)?;
        let requires = |queue: &QueueSettings| queue.required_skills.contains_key(&id);
        self.state.check_no_queue(requires)?;
        self.state.skills.remove(&id);
        self.emit(EventKind::Setup(SetupEvent::SkillArchived(id)));
        let agents = self.state.agents.values();
        let skilled = agents.filter(|agent| agent.profile.skills.contains_key(&id));
        let skilled: Vec<AgentId> = skilled.map(|agent| agent.profile.id).collect();
        for agent_id in skilled {
            let Some(agent) = self.state.agent_mut(agent_id) else {
                continue;
            };
            agent.profile.skills.remove(&id);
            agent.profile.version += 1;
            let profile = Box::new(agent.profile.clone());
            let kept = LogInChange::default();
            self.emit(EventKind::Setup(SetupEvent::AgentChanged(profile, kept)));
        }
        Ok(Reply::Done)
    }

    pub(super) fn create_disposition(&mut self, new: Disposition) -> Result<Reply, Refusal> {
        self.check_choices(self.state.dispositions.len())?;
        self.state.dispositions.insert(new.id, new.clone());
        self.emit(EventKind::Setup(SetupEvent::DispositionCreated(
            new.clone(),
        )));
        Ok(Reply::Disposition(new))
    }

    pub(super) fn update_disposition(&mut self, new: Disposition) -> Result<Reply, Refusal> {
        let before = self.state.dispositions.get(&new.id);
        let before = before.ok_or(Refusal::UnknownDisposition)?;
        check_version(before.version, Some(new.version))?;
        let new = Disposition {
            version: new.version + 1,
            ..new
        };
        self.state.dispositions.insert(new.id, new.clone());
        self.emit(EventKind::Setup(SetupEvent::DispositionChanged(
            new.clone(),
        )));
        Ok(Reply::Disposition(new))
    }

    /// A disposition that a queue offers stays: without it its agents might not be able to say what is asked of them.
    /// Chats that have it keep it.
    pub(super) fn archive_disposition(
        &mut self,
        id: DispositionId,
        version: Option<i64>,
    ) -> Result<Reply, Refusal> {
        let found = self.state.dispositions.get(&id);
        check_version(found.ok_or(Refusal::UnknownDisposition)?.version, version)?;
        let offers = |queue: &QueueSettings| queue.closing.dispositions.contains(&id);
        self.state.check_no_queue(offers)?;
        self.state.dispositions.remove(&id);
        self.emit(EventKind::Setup(SetupEvent::DispositionArchived(id)));
        Ok(Reply::Done)
    }
}

impl State {
    /// Refuses to let go of what the settings of some queue name.
    pub(super) fn check_no_queue(
        &self,
        names: impl Fn(&QueueSettings) -> bool,
    ) -> Result<(), Refusal> {
        let mut queues = self.queues.values();
        if queues.any(|queue| names(&queue.queue.settings)) {
            Err(Refusal::InUse(Use::QueueSettings))
        } else {
            Ok(())
        }
    }
}
