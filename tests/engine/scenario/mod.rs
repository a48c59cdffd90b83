//! The scenario language: who does what, what is expected of it, and nothing else.
//!
//! Every effect and every refusal lands in a log. An expectation takes the first entry; what is left when the
//! scenario ends fails the test. Verbs are told of a person (`s.agent("ana").accepts("v1")`), things are named by
//! plain words, and a visitor's chat has the visitor's name. Each step checks the engine's invariants, that a
//! refusal changed nothing, and that an engine restored from the records is the same.

mod expectations;
mod people;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use deskbell::domain::{
    Agent, AgentId, Capacity, ChatId, Limits, Millis, Office, OfficeId, Queue, QueueId,
    QueueSettings, Role, TenantSettings, Timestamp, WhenNotLive, Widget, WidgetId, WidgetKey,
};
use deskbell::engine::{
    ChatView, Command, Effect, Engine, PasswordHash, PresenceCommand, Refusal, Reply, SetupCommand,
};
use uuid::Uuid;

pub(crate) use people::{Person, Visitor};

/// 2026-01-05T09:00:00Z, a Monday.
pub(crate) const START: Timestamp = Timestamp(1_767_603_600_000);
pub(crate) const RING_TIMEOUT: Millis = Millis::from_secs(30);
pub(crate) const ROUND_PAUSE: Millis = Millis::from_secs(10);
pub(crate) const GRACE: Millis = Millis::from_secs(60);
pub(crate) const RESTORE_WITHIN: Millis = Millis::from_secs(15 * 60);

/// Lengths of time as they are spoken.
pub(crate) trait Units {
    fn secs(self) -> Millis;
    fn mins(self) -> Millis;
}

impl Units for i64 {
    fn secs(self) -> Millis {
        Millis::from_secs(self)
    }

    fn mins(self) -> Millis {
        Millis::from_secs(60 * self)
    }
}

/// One entry of the log.
#[derive(Debug)]
pub(crate) enum Happening {
    Effect(Effect),
    Refused(Refusal),
}

pub(crate) struct Scenario {
    pub(crate) engine: Engine,
    pub(crate) now: Timestamp,
    limits: Limits,
    settings: QueueSettings,
    capacity: i64,
    ids: BTreeMap<String, Uuid>,
    log: VecDeque<Happening>,
    reply: Option<Reply>,
}

/// Setting up: what happens here need not be accounted for.
impl Scenario {
    /// A tenant with one office, which shows the messenger while it is not live.
    pub(crate) fn office(name: &str) -> Self {
        Self::empty(Limits::default()).and_office(name, WhenNotLive::Messenger)
    }

    pub(crate) fn hidden_office(name: &str) -> Self {
        Self::empty(Limits::default()).and_office(name, WhenNotLive::Hidden)
    }

    pub(crate) fn empty(limits: Limits) -> Self {
        Self {
            engine: Engine::new(TenantSettings::default(), limits),
            now: START,
            limits,
            settings: QueueSettings::default(),
            capacity: i64::from(Capacity::DEFAULT.get()),
            ids: BTreeMap::new(),
            log: VecDeque::new(),
            reply: None,
        }
    }

    pub(crate) fn and_office(mut self, name: &str, when_not_live: WhenNotLive) -> Self {
        let office = Office {
            id: OfficeId(self.id_of("office", name)),
            name: name.parse().unwrap(),
            when_not_live,
            created_at: self.now,
        };
        self.prepare(SetupCommand::CreateOffice(office));
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
        let office = office.expect("an office comes first");
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
        self
    }

    pub(crate) fn new_agent(&mut self, name: &str, email: &str) -> SetupCommand {
        let agent = Agent {
            id: AgentId(self.id_of("agent", name)),
            name: name.parse().unwrap(),
            email: email.parse().unwrap(),
            role: Role::Agent,
            capacity: Capacity::try_from(self.capacity).unwrap(),
            created_at: self.now,
        };
        SetupCommand::CreateAgent(agent, PasswordHash(Arc::from("hash")))
    }

    pub(crate) fn new_queue(&mut self, name: &str, office: &str, members: &[&str]) -> SetupCommand {
        let queue = Queue {
            id: QueueId(self.id_of("queue", name)),
            office_id: OfficeId(self.id_of("office", office)),
            name: name.parse().unwrap(),
            settings: self.settings,
            created_at: self.now,
        };
        SetupCommand::CreateQueue(queue, self.agent_ids(members))
    }

    pub(crate) fn new_widget(&mut self, name: &str, offices: &[&str]) -> SetupCommand {
        let office_ids = offices
            .iter()
            .map(|office| OfficeId(self.id_of("office", office)))
            .collect();
        SetupCommand::CreateWidget(Widget {
            id: WidgetId(self.id_of("widget", name)),
            key: WidgetKey::from_trusted(format!("wk_{name}")),
            name: name.parse().unwrap(),
            office_ids,
            allowed_domains: Vec::new(),
            messenger_text: "Leave us a message.".parse().unwrap(),
            created_at: self.now,
        })
    }

    /// The widget of the site, which reaches every office.
    fn site(&mut self) -> WidgetId {
        let id = WidgetId(self.id_of("widget", "site"));
        let durable = self.engine.durable();
        if durable.widgets.iter().all(|widget| widget.id != id) {
            let names: Vec<String> = durable
                .offices
                .iter()
                .map(|office| office.name.as_str().to_owned())
                .collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let command = self.new_widget("site", &names);
            self.prepare(command);
        }
        id
    }

    fn prepare(&mut self, command: SetupCommand) {
        let before = self.log.len();
        self.set_up(command);
        if let Some(Happening::Refused(refusal)) = self.log.get(before) {
            panic!("the set-up was refused: {refusal:?}");
        }
        self.log.truncate(before);
    }
}

/// What can be done.
impl Scenario {
    pub(crate) fn agent(&mut self, name: &str) -> Person<'_> {
        Person::new(self, name)
    }

    pub(crate) fn visitor(&mut self, name: &str) -> Visitor<'_> {
        Visitor::new(self, name)
    }

    pub(crate) fn set_up(&mut self, command: SetupCommand) {
        self.does(Command::Setup { by: None, command });
    }

    pub(crate) fn sets_members(&mut self, queue: &str, members: &[&str]) {
        let command =
            SetupCommand::SetMembers(QueueId(self.id_of("queue", queue)), self.agent_ids(members));
        self.set_up(command);
    }

    /// Lets a time pass, its last instant too.
    pub(crate) fn wait(&mut self, time: Millis) {
        self.now = self.now + time + Millis(1);
        self.advance();
    }

    /// Lets a time pass up to its last instant: deadlines of that instant are still to come.
    pub(crate) fn wait_to_the_instant(&mut self, time: Millis) {
        self.now = self.now + time;
        self.advance();
    }

    /// The process ends and another one goes on from what is stored.
    pub(crate) fn restart_after(&mut self, time: Millis) {
        let last_event = self.now;
        let stored = self.engine.durable();
        self.engine = Engine::restore(self.limits, stored, last_event).expect("records that fit");
        self.now = self.now + time;
        self.does(Command::Recover);
        self.advance();
    }

    fn advance(&mut self) {
        let effects = self.engine.advance(self.now);
        self.log.extend(effects.into_iter().map(Happening::Effect));
        self.check();
    }

    pub(crate) fn does(&mut self, command: Command) {
        let effects = match &command {
            Command::Recover => Vec::new(),
            _ => self.engine.advance(self.now),
        };
        self.log.extend(effects.into_iter().map(Happening::Effect));
        let before = self.engine.clone();
        match self.engine.apply(self.now, command) {
            Ok(applied) => {
                self.reply = Some(applied.reply);
                self.log
                    .extend(applied.effects.into_iter().map(Happening::Effect));
            }
            Err(refusal) => {
                assert_eq!(self.engine, before, "a refusal changed something");
                self.reply = None;
                self.log.push_back(Happening::Refused(refusal));
            }
        }
        self.check();
    }

    fn check(&self) {
        assert_eq!(self.engine.check(), Ok(()));
        let durable = self.engine.durable();
        let restored = Engine::restore(self.limits, durable.clone(), self.now).expect("a restore");
        assert_eq!(restored.durable(), durable);
        assert_eq!(restored.next_deadline(), self.engine.next_deadline());
    }
}

/// Names.
impl Scenario {
    pub(crate) fn agent_id(&self, name: &str) -> AgentId {
        AgentId(self.known("agent", name))
    }

    pub(crate) fn chat_id(&self, name: &str) -> ChatId {
        ChatId(self.known("chat", name))
    }

    pub(crate) fn office_id(&self, name: &str) -> OfficeId {
        OfficeId(self.known("office", name))
    }

    pub(crate) fn queue_id(&self, name: &str) -> QueueId {
        QueueId(self.known("queue", name))
    }

    pub(crate) fn agent_ids(&mut self, names: &[&str]) -> BTreeSet<AgentId> {
        names
            .iter()
            .map(|name| AgentId(self.id_of("agent", name)))
            .collect()
    }

    pub(crate) fn chat(&self, name: &str) -> ChatView {
        self.engine
            .chat(self.chat_id(name))
            .unwrap_or_else(|| panic!("the chat of {name} is not in memory"))
    }

    /// The id of a thing; ids rise in the order in which things are first named.
    fn id_of(&mut self, kind: &str, name: &str) -> Uuid {
        let next = Uuid::from_u128(self.ids.len() as u128 + 1);
        *self.ids.entry(format!("{kind} {name}")).or_insert(next)
    }

    fn known(&self, kind: &str, name: &str) -> Uuid {
        let id = self.ids.get(&format!("{kind} {name}"));
        *id.unwrap_or_else(|| panic!("there is no {kind} {name}"))
    }

    pub(crate) fn name_of(&self, id: Uuid) -> String {
        let entry = self.ids.iter().find(|(_, known)| **known == id);
        let name = entry.and_then(|(name, _)| name.split_once(' '));
        name.map_or_else(|| id.to_string(), |(_, name)| name.to_owned())
    }

    fn in_words(&self, happening: &Happening) -> String {
        let mut text = format!("{happening:?}");
        for (name, id) in &self.ids {
            text = text.replace(&id.to_string(), name);
        }
        text
    }
}

impl Drop for Scenario {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.expect_nothing_more();
        }
    }
}

/// The command of an agent's connection.
fn presence(agent_id: AgentId, command: PresenceCommand) -> Command {
    Command::Presence { agent_id, command }
}
