//! How what is set up in a plan becomes commands.

use std::sync::Arc;

use deskbell::domain::{
    Agent, AgentId, CustomStatus, Disposition, DispositionId, Level, Office, OfficeId, Overrun,
    Pause, PauseId, Queue, QueueId, Role, Skill, SkillId, Skills, Status, StatusId, TenantSettings,
    Widget, WidgetId, WidgetKey,
};
use deskbell::engine::{Command, PasswordHash, SetupCommand};
use uuid::Uuid;

use super::World;
use super::deeds::{pick, some_of};
use crate::clients::AgentClient;
use crate::plan::{Action, AgentSpec, Index, Kind, QueueSpec};

impl World {
    pub(crate) fn set_up(&mut self, action: &Action) -> Option<Result<(), String>> {
        let id = self.new_id();
        let command = match action {
            Action::CreateOffice(spec) => {
                let mut office = Office::new(OfficeId(id), named(id), self.now);
                spec.write(&mut office);
                SetupCommand::CreateOffice(Box::new(office))
            }
            Action::UpdateOffice(index, spec) => {
                let id = pick(&self.offices, *index)?;
                let mut office = self.engine.office(id)?.office;
                spec.write(&mut office);
                SetupCommand::UpdateOffice(Box::new(office))
            }
            Action::CreateAgent { agent, again } => self.new_agent(id, agent, *again)?,
            Action::UpdateAgent(index, spec) => {
                let id = pick(&self.agents, *index)?;
                let mut agent = self.engine.agent_snapshot(id)?.me;
                spec.write(&mut agent);
                agent.office_ids = some_of(&self.offices, spec.offices);
                agent.skills = spec.levels(&self.skills).unwrap_or(agent.skills);
                SetupCommand::UpdateAgent(Box::new(agent), None)
            }
            Action::CreateQueue { office, queue } => {
                let office_id = pick(&self.offices, *office)?;
                self.queue(QueueId(id), office_id, queue)
            }
            Action::UpdateQueue(index, spec) => {
                let queue = self.engine.queue(pick(&self.queues, *index)?)?.queue;
                let SetupCommand::CreateQueue(mut new, members) =
                    self.queue(queue.id, queue.office_id, spec)
                else {
                    return None;
                };
                new.version = queue.version;
                new.created_at = queue.created_at;
                SetupCommand::UpdateQueue(new, members)
            }
            Action::SetMembers { queue, members } => {
                let members = some_of(&self.agents, *members);
                SetupCommand::SetMembers(pick(&self.queues, *queue)?, members, None)
            }
            Action::CreateWidget { offices } => SetupCommand::CreateWidget(Widget {
                agent_id: None,
                id: WidgetId(id),
                key: WidgetKey::from_trusted(format!("wk_{id}")),
                name: named(id),
                office_ids: some_of(&self.offices, *offices).into_iter().collect(),
                allowed_domains: Vec::new(),
                messenger_text: "Leave us a message.".parse().ok()?,
                form: Vec::new(),
                created_at: self.now,
                version: 1,
            }),
            other => self.set_up_presence(other, id)?,
        };
        Some(self.create(command, id))
    }

    /// Statuses, pauses and settings.
    fn set_up_presence(&self, action: &Action, id: Uuid) -> Option<SetupCommand> {
        Some(match action {
            Action::CreateStatus(spec) => {
                let mut status = CustomStatus {
                    id: StatusId(id),
                    name: named(id),
                    base: Status::Online,
                    handles_chats: true,
                    paid: true,
                    color: "#2e7d32".parse().ok()?,
                    sort_order: i32::from(id.as_bytes()[15] % 3),
                    longest_a_day: None,
                    created_at: self.now,
                    version: 1,
                };
                spec.write(&mut status);
                SetupCommand::CreateStatus(status)
            }
            Action::UpdateStatus(index, spec) => {
                let id = pick(&self.statuses, *index)?;
                let mut statuses = self.engine.durable().statuses.into_iter();
                let mut status = statuses.find(|status| status.id == id)?;
                spec.write(&mut status);
                SetupCommand::UpdateStatus(status)
            }
            Action::CreatePause(spec) => {
                let mut pause = Pause {
                    id: PauseId(id),
                    name: named(id),
                    paid: true,
                    longest: None,
                    on_overrun: Overrun::End,
                    sort_order: i32::from(id.as_bytes()[15] % 3),
                    created_at: self.now,
                    version: 1,
                };
                spec.write(&mut pause);
                SetupCommand::CreatePause(pause)
            }
            Action::UpdatePause(index, spec) => {
                let id = pick(&self.pauses, *index)?;
                let mut pauses = self.engine.durable().pauses.into_iter();
                let mut pause = pauses.find(|pause| pause.id == id)?;
                spec.write(&mut pause);
                SetupCommand::UpdatePause(pause)
            }
            Action::UpdateSettings(spec) => {
                let mut settings = *self.engine.settings();
                spec.write(&mut settings);
                SetupCommand::UpdateSettings(settings)
            }
            other => return self.set_up_routing(other, id),
        })
    }

    /// Skills and dispositions, and who has or needs them.
    fn set_up_routing(&self, action: &Action, id: Uuid) -> Option<SetupCommand> {
        Some(match action {
            Action::CreateSkill => SetupCommand::CreateSkill(Skill {
                id: SkillId(id),
                name: named(id),
                created_at: self.now,
                version: 1,
            }),
            Action::CreateDisposition => SetupCommand::CreateDisposition(Disposition {
                id: DispositionId(id),
                name: named(id),
                sort_order: 0,
                created_at: self.now,
                version: 1,
            }),
            Action::Learn {
                agent,
                skill,
                level,
            } => {
                let id = pick(&self.agents, *agent)?;
                let mut agent = self.engine.agent_snapshot(id)?.me;
                put(&mut agent.skills, pick(&self.skills, *skill)?, *level);
                SetupCommand::UpdateAgent(Box::new(agent), None)
            }
            Action::Require {
                queue,
                skill,
                level,
            } => {
                let mut view = self.engine.queue(pick(&self.queues, *queue)?)?;
                let required = &mut view.queue.settings.required_skills;
                put(required, pick(&self.skills, *skill)?, *level);
                SetupCommand::UpdateQueue(view.queue, view.member_ids.into_iter().collect())
            }
            Action::OfferDisposition { queue, disposition } => {
                let mut view = self.engine.queue(pick(&self.queues, *queue)?)?;
                let id = pick(&self.dispositions, *disposition)?;
                view.queue.settings.closing.dispositions = [id].into();
                SetupCommand::UpdateQueue(view.queue, view.member_ids.into_iter().collect())
            }
            _ => return None,
        })
    }

    fn new_agent(&self, id: Uuid, spec: &AgentSpec, again: bool) -> Option<SetupCommand> {
        let used = self.agents.first().filter(|_| again).map(|id| id.0);
        let email = format!("{}@example.com", used.unwrap_or(id)).parse().ok()?;
        let mut agent = Agent::new(AgentId(id), named(id), email, Role::Agent, self.now);
        spec.write(&mut agent);
        agent.office_ids = some_of(&self.offices, spec.offices);
        agent.skills = spec.levels(&self.skills).unwrap_or_default();
        let hash = PasswordHash(Arc::from("hash"));
        Some(SetupCommand::CreateAgent(Box::new(agent), hash))
    }

    /// The outcomes that queues have from the beginning.
    pub(crate) fn set_up_dispositions(&mut self) -> Result<(), String> {
        for id in (0..4)
            .map(|number| self.outcome(number))
            .collect::<Vec<_>>()
        {
            let command = SetupCommand::CreateDisposition(Disposition {
                id,
                name: named(id.0),
                sort_order: 0,
                created_at: self.now,
                version: 1,
            });
            self.create(command, id.0)?;
        }
        Ok(())
    }

    fn queue(&self, id: QueueId, office_id: OfficeId, spec: &QueueSpec) -> SetupCommand {
        let outcomes = (0..4).map(|number| self.outcome(number));
        // One may be archived meanwhile.
        let outcomes = outcomes.filter(|id| self.dispositions.contains(id));
        // Later ones overflow into the first, so that none comes back.
        let next = self.queues.first().copied().filter(|first| *first != id);
        let queue = Queue {
            id,
            office_id,
            name: named(id.0),
            settings: Box::new(spec.settings(outcomes.collect(), &self.skills, next)),
            created_at: self.now,
            version: 1,
        };
        SetupCommand::CreateQueue(queue, some_of(&self.agents, spec.members))
    }

    fn create(&mut self, command: SetupCommand, id: Uuid) -> Result<(), String> {
        let made = match &command {
            SetupCommand::CreateAgent(agent, _) => Some(agent.id),
            _ => None,
        };
        let asked = command.clone();
        if !self.apply(Command::Setup { by: None, command })? {
            return Ok(());
        }
        match asked {
            SetupCommand::CreateOffice(_) => self.offices.push(OfficeId(id)),
            SetupCommand::CreateAgent(..) => self.agents.push(AgentId(id)),
            SetupCommand::CreateQueue(..) => self.queues.push(QueueId(id)),
            SetupCommand::CreateWidget(_) => self.widgets.push(WidgetId(id)),
            SetupCommand::CreateStatus(_) => self.statuses.push(StatusId(id)),
            SetupCommand::CreatePause(_) => self.pauses.push(PauseId(id)),
            SetupCommand::CreateSkill(_) => self.skills.push(SkillId(id)),
            SetupCommand::CreateDisposition(_) => self.dispositions.push(DispositionId(id)),
            _ => {}
        }
        if let Some(snapshot) = made.and_then(|id| self.engine.agent_snapshot(id)) {
            self.agent_clients.push(AgentClient::new(snapshot));
        }
        self.check()
    }

    pub(crate) fn archive(
        &mut self,
        kind: Kind,
        which: Index,
        stale: bool,
    ) -> Option<Result<(), String>> {
        // No version is ever 0.
        let version = stale.then_some(0);
        let command = match kind {
            Kind::Office => SetupCommand::ArchiveOffice(pick(&self.offices, which)?, version),
            Kind::Agent => SetupCommand::ArchiveAgent(pick(&self.agents, which)?, version),
            Kind::Queue => SetupCommand::ArchiveQueue(pick(&self.queues, which)?, version),
            Kind::Widget => SetupCommand::ArchiveWidget(pick(&self.widgets, which)?, version),
            Kind::Status => SetupCommand::ArchiveStatus(pick(&self.statuses, which)?, version),
            Kind::Pause => SetupCommand::ArchivePause(pick(&self.pauses, which)?, version),
            Kind::Skill => SetupCommand::ArchiveSkill(pick(&self.skills, which)?, version),
            Kind::Disposition => {
                SetupCommand::ArchiveDisposition(pick(&self.dispositions, which)?, version)
            }
        };
        Some(self.forget(command))
    }

    fn forget(&mut self, command: SetupCommand) -> Result<(), String> {
        let asked = command.clone();
        if !self.apply(Command::Setup { by: None, command })? {
            return Ok(());
        }
        match asked {
            SetupCommand::ArchiveOffice(id, _) => self.offices.retain(|known| *known != id),
            SetupCommand::ArchiveAgent(id, _) => {
                self.agents.retain(|known| *known != id);
                self.connections.retain(|(known, _)| *known != id);
                self.agent_clients.retain(|client| client.agent_id() != id);
            }
            SetupCommand::ArchiveQueue(id, _) => self.queues.retain(|known| *known != id),
            SetupCommand::ArchiveWidget(id, _) => self.widgets.retain(|known| *known != id),
            SetupCommand::ArchiveStatus(id, _) => self.statuses.retain(|known| *known != id),
            SetupCommand::ArchivePause(id, _) => self.pauses.retain(|known| *known != id),
            SetupCommand::ArchiveSkill(id, _) => self.skills.retain(|known| *known != id),
            SetupCommand::ArchiveDisposition(id, _) => {
                self.dispositions.retain(|known| *known != id);
            }
            _ => {}
        }
        self.check()
    }

    /// Takes away what would go on for ever: hours, which have always another boundary, and what keeps a status for
    /// as long as nobody comes.
    pub(crate) fn make_finite(&mut self) -> Result<(), String> {
        let mut changes = Vec::new();
        // First of all: what is beyond the tenant's settings could not be changed.
        let settings = *self.engine.settings();
        changes.push(SetupCommand::UpdateSettings(TenantSettings {
            version: settings.version,
            seats: settings.seats,
            ..TenantSettings::default()
        }));
        for id in self.agents.clone() {
            let agent = self.engine.agent_snapshot(id).map(|snapshot| snapshot.me);
            let mut agent = agent.ok_or("an agent that is not there")?;
            agent.hours = None;
            changes.push(SetupCommand::UpdateAgent(Box::new(agent), None));
        }
        for id in self.offices.clone() {
            let office = self.engine.office(id).map(|view| view.office);
            let mut office = office.ok_or("an office that is not there")?;
            office.hours = None;
            changes.push(SetupCommand::UpdateOffice(Box::new(office)));
        }
        for command in changes {
            let by = None;
            self.apply(Command::Setup { by, command })?;
            self.check()?;
        }
        Ok(())
    }
}

/// Sets a skill's level; 0 takes it away.
fn put(skills: &mut Skills, id: SkillId, level: u8) {
    match Level::try_from(i64::from(level)) {
        Ok(level) => drop(skills.insert(id, level)),
        Err(_) => drop(skills.remove(&id)),
    }
}

fn named(id: Uuid) -> deskbell::domain::Name {
    format!("thing {id}").parse().unwrap()
}
