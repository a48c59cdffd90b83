//! The scenario language: who does what, what is expected of it, and nothing else.
//!
//! Every effect and every refusal lands in a log. An expectation takes the first entry; what is left when the
//! scenario ends fails the test. What offices show has a log of its own, which only those look at whom it concerns;
//! facts that nobody sees are not logged. Verbs are told of a person (`s.agent("ana").accepts("v1")`), things are named by
//! plain words, and a visitor's chat has the visitor's name. Each step checks the engine's invariants, that a
//! refusal changed nothing, and that an engine restored from the records is the same.

mod asides;
mod expectations;
mod handover;
mod life;
mod people;
mod presence;
mod setup;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use deskbell::domain::{
    AgentId, Capacity, ChatId, Limits, Millis, OfficeId, QueueId, QueueSettings, SkillId, Source,
    TenantSettings, Timestamp, VisitorId, WhenNotLive,
};
use deskbell::engine::{
    AvailabilityChange, ChatEvent, ChatView, Command, Effect, Engine, Event, EventKind,
    PresenceEvent, Refusal, Reply,
};
use uuid::Uuid;

pub(crate) use asides::{delivered, read};
pub(crate) use handover::To;
pub(crate) use people::{Person, Visitor};
pub(crate) use setup::{hours, hours_in};

pub(crate) use deskbell_plans::START;
use deskbell_plans::falls_due_as;

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
#[expect(clippy::large_enum_variant, reason = "nearly all of a log are effects")]
pub(crate) enum Happening {
    Effect(Effect),
    Refused(Refusal),
}

pub(crate) struct Scenario {
    pub(crate) engine: Engine,
    pub(crate) now: Timestamp,
    /// Where visitors ask from.
    pub(crate) source: Option<Source>,
    limits: Limits,
    settings: QueueSettings,
    capacity: i64,
    ids: BTreeMap<String, Uuid>,
    log: VecDeque<Happening>,
    shown: VecDeque<(Event, AvailabilityChange)>,
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

    /// A tenant without anything. Nobody becomes inactive, unless the scenario's settings say so.
    pub(crate) fn empty(limits: Limits) -> Self {
        let mut settings = TenantSettings::default();
        settings.inactivity.away_after = None;
        Self {
            engine: Engine::new(settings, limits),
            now: START,
            source: None,
            limits,
            settings: QueueSettings::default(),
            capacity: i64::from(Capacity::DEFAULT.get()),
            ids: BTreeMap::new(),
            log: VecDeque::new(),
            shown: VecDeque::new(),
            reply: None,
        }
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

    /// The next entry of the log, whatever it is.
    pub(crate) fn take_next(&mut self) -> Option<Happening> {
        self.log.pop_front()
    }

    fn advance(&mut self) {
        let effects = self.engine.advance(self.now);
        self.take(effects);
        self.check();
    }

    fn take(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Event(event) => match event.kind.clone() {
                    EventKind::Availability(change) => self.shown.push_back((event, *change)),
                    EventKind::Presence(PresenceEvent::Noted(_))
                    | EventKind::Chat(ChatEvent::FellSilent(_)) => {}
                    _ => self.log.push_back(Happening::Effect(Effect::Event(event))),
                },
                notice @ Effect::Notice(_) => self.log.push_back(Happening::Effect(notice)),
            }
        }
    }

    pub(crate) fn does(&mut self, command: Command) {
        let recovers = matches!(command, Command::Recover);
        let effects = if recovers {
            Vec::new()
        } else {
            self.engine.advance(self.now)
        };
        self.take(effects);
        let before = self.engine.clone();
        match self.engine.apply(self.now, command) {
            Ok(applied) => {
                self.reply = Some(applied.reply);
                self.take(applied.effects);
            }
            Err(refusal) => {
                assert_eq!(self.engine, before, "a refusal changed something");
                self.reply = None;
                self.log.push_back(Happening::Refused(refusal));
            }
        }
        // What fell due before a recovery fires after it.
        if !recovers {
            self.check();
        }
    }

    fn check(&self) {
        assert_eq!(self.engine.check(), Ok(()));
        let durable = self.engine.durable();
        let restored = Engine::restore(self.limits, durable.clone(), self.now).expect("a restore");
        assert_eq!(restored.durable(), durable);
        assert!(
            falls_due_as(&restored, &self.engine, &durable),
            "other deadlines than before"
        );
    }
}

/// Names.
impl Scenario {
    pub(crate) fn agent_id(&self, name: &str) -> AgentId {
        AgentId(self.known("agent", name))
    }

    pub(crate) fn visitor_id(&self, name: &str) -> VisitorId {
        VisitorId(self.known("visitor", name))
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

    pub(crate) fn skill_id(&self, name: &str) -> SkillId {
        SkillId(self.known("skill", name))
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
