//! What is there: settings, offices, agents, queues, widgets, statuses, pauses. What is said in building a scenario
//! need not be accounted for; what `changes_...` or `archives_...` does must be.

use std::sync::Arc;

use deskbell::domain::{
    Agent, AgentId, Capacity, CustomStatus, Hours, Interval, LocalTime, Millis, Office, OfficeId,
    Overrun, Pause, PauseId, Queue, QueueId, QueueSettings, Role, Skill, SkillId, Status, StatusId,
    TenantSettings, Weekday, WeeklyInterval, WhenNotLive, Widget, WidgetId, WidgetKey, Zone,
};
use deskbell::engine::{Command, PasswordHash, SetupCommand};

use super::{Happening, Scenario, Units};

/// Hours of every day in UTC, such as `"09:00-17:00"`.
pub(crate) fn hours(intervals: &[&str]) -> Hours {
    hours_in("UTC", &Weekday::ALL, intervals)
}

/// Hours of some days in a zone.
pub(crate) fn hours_in(zone: &str, days: &[Weekday], intervals: &[&str]) -> Hours {
    let zone: Zone = zone.parse().unwrap();
    let mut weekly = Vec::new();
    for day in days {
        for text in intervals {
            let (opens, closes) = text.split_once('-').unwrap();
            let time = |text: &str| -> LocalTime { text.parse().unwrap() };
            let interval = Interval::new(time(opens), time(closes)).unwrap();
            weekly.push(WeeklyInterval {
                day: *day,
                interval,
            });
        }
    }
    Hours::new(zone, &weekly, Vec::new()).unwrap()
}

/// Setting up: what happens here need not be accounted for.
impl Scenario {
    pub(crate) fn and_office(mut self, name: &str, when_not_live: WhenNotLive) -> Self {
        let id = OfficeId(self.id_of("office", name));
        let office = Office {
            when_not_live,
            ..Office::new(id, name.parse().unwrap(), self.now)
        };
        self.prepare(SetupCommand::CreateOffice(Box::new(office)));
        self
    }

    pub(crate) fn settings(mut self, change: impl FnOnce(&mut TenantSettings)) -> Self {
        let command = self.other_settings(change);
        self.prepare(command);
        self
    }

    pub(crate) fn office_with(mut self, name: &str, change: impl FnOnce(&mut Office)) -> Self {
        let command = self.other_office(name, change);
        self.prepare(command);
        self
    }

    pub(crate) fn agent_with(mut self, name: &str, change: impl FnOnce(&mut Agent)) -> Self {
        let command = self.other_agent(name, change);
        self.prepare(command);
        self
    }

    pub(crate) fn role(self, name: &str, role: Role) -> Self {
        self.agent_with(name, |agent| agent.role = role)
    }

    pub(crate) fn hours_of(self, name: &str, hours: Hours) -> Self {
        self.agent_with(name, |agent| agent.hours = Some(hours))
    }

    pub(crate) fn status(
        mut self,
        name: &str,
        base: Status,
        change: impl FnOnce(&mut CustomStatus),
    ) -> Self {
        let mut status = CustomStatus {
            id: StatusId(self.id_of("status", name)),
            name: name.parse().unwrap(),
            base,
            handles_chats: true,
            paid: true,
            color: "#2e7d32".parse().unwrap(),
            sort_order: 0,
            longest_a_day: None,
            created_at: self.now,
            version: 1,
        };
        change(&mut status);
        self.prepare(SetupCommand::CreateStatus(status));
        self
    }

    pub(crate) fn skill(mut self, name: &str) -> Self {
        let skill = Skill {
            id: SkillId(self.id_of("skill", name)),
            name: name.parse().unwrap(),
            created_at: self.now,
            version: 1,
        };
        self.prepare(SetupCommand::CreateSkill(skill));
        self
    }

    /// A kind of pause, and how long it may last.
    pub(crate) fn pause(
        mut self,
        name: &str,
        paid: bool,
        longest: Option<(Millis, Overrun)>,
    ) -> Self {
        let pause = Pause {
            id: PauseId(self.id_of("pause", name)),
            name: name.parse().unwrap(),
            paid,
            longest: longest.map(|(longest, _)| longest),
            on_overrun: longest.map_or(Overrun::Flag, |(_, overrun)| overrun),
            sort_order: 0,
            created_at: self.now,
            version: 1,
        };
        self.prepare(SetupCommand::CreatePause(pause));
        self
    }

    /// The capacity of the agents that come after this.
    pub(crate) fn capacity(mut self, capacity: i64) -> Self {
        self.capacity = capacity;
        self
    }

    /// The settings of the queues that come after this.
    pub(crate) fn queue_settings(mut self, change: impl FnOnce(&mut QueueSettings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// Agents, who are the members of a queue that is named like the first office.
    pub(crate) fn agents<const N: usize>(self, names: [&str; N]) -> Self {
        let office = self.engine.durable().offices.first().cloned();
        let (office, _) = office.expect("an office comes first");
        let name = office.name.as_str().to_owned();
        self.people(names).queue(&name, &name, names)
    }

    /// Agents who are no members of anything yet.
    pub(crate) fn people<const N: usize>(mut self, names: [&str; N]) -> Self {
        for name in names {
            let command = self.new_agent(name, &format!("{name}@example.com"));
            self.prepare(command);
        }
        self
    }

    pub(crate) fn queue<const N: usize>(
        mut self,
        name: &str,
        office: &str,
        members: [&str; N],
    ) -> Self {
        // Queues of one office are ordered by their age.
        self.now = self.now + Millis(1);
        let command = self.new_queue(name, office, &members);
        self.prepare(command);
        self
    }

    /// All agents connect and go online, a second apart, in the order in which they were named.
    pub(crate) fn all_available(mut self) -> Self {
        let agents: Vec<AgentId> = self
            .engine
            .durable()
            .agents
            .iter()
            .map(|(agent, _)| agent.id)
            .collect();
        for id in agents {
            let name = self.name_of(id.0);
            self.agent(&name).comes_online();
            self.wait(1.secs());
        }
        self.shown.clear();
        self
    }

    pub(super) fn prepare(&mut self, command: SetupCommand) {
        let before = self.log.len();
        self.set_up(command);
        if let Some(Happening::Refused(refusal)) = self.log.get(before) {
            panic!("the set-up was refused: {refusal:?}");
        }
        self.log.truncate(before);
        self.shown.clear();
    }
}

/// Commands.
impl Scenario {
    pub(crate) fn new_agent(&mut self, name: &str, email: &str) -> SetupCommand {
        let id = AgentId(self.id_of("agent", name));
        let (name, email) = (name.parse().unwrap(), email.parse().unwrap());
        let agent = Agent {
            capacity: Capacity::try_from(self.capacity).unwrap(),
            ..Agent::new(id, name, email, Role::Agent, self.now)
        };
        SetupCommand::CreateAgent(Box::new(agent), PasswordHash(Arc::from("hash")))
    }

    pub(crate) fn new_queue(&mut self, name: &str, office: &str, members: &[&str]) -> SetupCommand {
        let queue = Queue {
            id: QueueId(self.id_of("queue", name)),
            office_id: OfficeId(self.id_of("office", office)),
            name: name.parse().unwrap(),
            settings: Box::new(self.settings.clone()),
            created_at: self.now,
            version: 1,
        };
        SetupCommand::CreateQueue(queue, self.agent_ids(members))
    }

    pub(crate) fn new_widget(&mut self, name: &str, offices: &[&str]) -> SetupCommand {
        let office_ids = offices
            .iter()
            .map(|office| OfficeId(self.id_of("office", office)))
            .collect();
        SetupCommand::CreateWidget(Widget {
            agent_id: None,
            id: WidgetId(self.id_of("widget", name)),
            key: WidgetKey::from_trusted(format!("wk_{name}")),
            name: name.parse().unwrap(),
            office_ids,
            allowed_domains: Vec::new(),
            messenger_text: "Leave us a message.".parse().unwrap(),
            form: Vec::new(),
            created_at: self.now,
            version: 1,
        })
    }

    fn other_settings(&self, change: impl FnOnce(&mut TenantSettings)) -> SetupCommand {
        let mut settings = *self.engine.settings();
        change(&mut settings);
        SetupCommand::UpdateSettings(settings)
    }

    fn other_office(&self, name: &str, change: impl FnOnce(&mut Office)) -> SetupCommand {
        let mut office = self.engine.office(self.office_id(name)).unwrap().office;
        change(&mut office);
        SetupCommand::UpdateOffice(Box::new(office))
    }

    fn other_agent(&self, name: &str, change: impl FnOnce(&mut Agent)) -> SetupCommand {
        let mut agent = self.engine.agent_snapshot(self.agent_id(name)).unwrap().me;
        change(&mut agent);
        SetupCommand::UpdateAgent(Box::new(agent), None)
    }

    /// The widget of the site, which reaches every office.
    pub(super) fn site(&mut self) -> WidgetId {
        let id = WidgetId(self.id_of("widget", "site"));
        let durable = self.engine.durable();
        if durable.widgets.iter().all(|widget| widget.id != id) {
            let names: Vec<String> = durable
                .offices
                .iter()
                .map(|(office, _)| office.name.as_str().to_owned())
                .collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let command = self.new_widget("site", &names);
            self.prepare(command);
        }
        id
    }
}

/// Changes: what comes of them is to be accounted for, but for the event of the change itself.
impl Scenario {
    pub(crate) fn set_up(&mut self, command: SetupCommand) {
        self.does(Command::Setup { by: None, command });
    }

    /// Changes something, and takes the event that says so.
    #[track_caller]
    fn changes(&mut self, command: SetupCommand) {
        let before = self.log.len();
        self.set_up(command);
        match self.log.remove(before) {
            Some(Happening::Effect(_)) => {}
            other => panic!("the change was not made: {other:?}"),
        }
    }

    #[track_caller]
    pub(crate) fn changes_settings(&mut self, change: impl FnOnce(&mut TenantSettings)) {
        let command = self.other_settings(change);
        self.changes(command);
    }

    #[track_caller]
    pub(crate) fn changes_office(&mut self, name: &str, change: impl FnOnce(&mut Office)) {
        let command = self.other_office(name, change);
        self.changes(command);
    }

    #[track_caller]
    pub(crate) fn changes_agent(&mut self, name: &str, change: impl FnOnce(&mut Agent)) {
        let command = self.other_agent(name, change);
        self.changes(command);
    }

    #[track_caller]
    pub(crate) fn changes_queue(&mut self, name: &str, change: impl FnOnce(&mut QueueSettings)) {
        let view = self.engine.queue(self.queue_id(name)).unwrap();
        let (mut queue, members) = (view.queue, view.member_ids.into_iter().collect());
        change(&mut queue.settings);
        self.changes(SetupCommand::UpdateQueue(queue, members));
    }

    #[track_caller]
    pub(crate) fn changes_status(&mut self, name: &str, change: impl FnOnce(&mut CustomStatus)) {
        let id = StatusId(self.known("status", name));
        let statuses = self.engine.durable().statuses;
        let mut status = statuses.into_iter().find(|status| status.id == id).unwrap();
        change(&mut status);
        self.changes(SetupCommand::UpdateStatus(status));
    }

    #[track_caller]
    pub(crate) fn archives_status(&mut self, name: &str) {
        let id = StatusId(self.known("status", name));
        self.changes(SetupCommand::ArchiveStatus(id, None));
    }

    #[track_caller]
    pub(crate) fn changes_pause(&mut self, name: &str, change: impl FnOnce(&mut Pause)) {
        let id = PauseId(self.known("pause", name));
        let pauses = self.engine.durable().pauses;
        let mut pause = pauses.into_iter().find(|pause| pause.id == id).unwrap();
        change(&mut pause);
        self.changes(SetupCommand::UpdatePause(pause));
    }

    #[track_caller]
    pub(crate) fn archives_pause(&mut self, name: &str) {
        let id = PauseId(self.known("pause", name));
        self.changes(SetupCommand::ArchivePause(id, None));
    }

    /// Everything that comes of it is to be accounted for.
    pub(crate) fn archives_agent(&mut self, name: &str) {
        let id = self.agent_id(name);
        self.set_up(SetupCommand::ArchiveAgent(id, None));
    }

    pub(crate) fn archives_office(&mut self, name: &str) {
        let id = self.office_id(name);
        self.set_up(SetupCommand::ArchiveOffice(id, None));
    }

    pub(crate) fn archives_queue(&mut self, name: &str) {
        let id = self.queue_id(name);
        self.set_up(SetupCommand::ArchiveQueue(id, None));
    }

    pub(crate) fn sets_members(&mut self, queue: &str, members: &[&str]) {
        let command = SetupCommand::SetMembers(
            QueueId(self.id_of("queue", queue)),
            self.agent_ids(members),
            None,
        );
        self.set_up(command);
    }
}
