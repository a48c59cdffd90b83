//! The world in which a plan is carried out: what exists, the engine, and everybody who watches it.

mod deeds;
mod setup;

use deskbell::domain::{
    AgentId, ChatId, ConnectionId, Limits, MessageId, Millis, OfficeId, PauseId, QueueId, StatusId,
    TenantSettings, Timestamp, VisitorId, WidgetId,
};
use deskbell::engine::{Command, Effect, Engine, Event, PresenceCommand};
use uuid::Uuid;

use super::clients::{AgentClient, VisitorClient};
use super::model::Model;
use super::plan::{Action, AgentSpec, Index, OfficeSpec, Plan, QueueSpec};
use super::store::Store;
use crate::scenario::{START, falls_due_as};

/// Small enough that plans meet them.
const LIMITS: Limits = Limits {
    resources_of_a_kind: 8,
    choices_of_a_kind: 8,
    connections_per_agent: 3,
    connections_per_visitor: 20,
    open_chats_per_visitor: 3,
    messages_per_chat: 6,
};

const VISITORS: u128 = 4;

/// How many actions applied.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    tried: usize,
    refused: usize,
    skipped: usize,
}

impl Tally {
    pub(super) fn add(&mut self, other: &Self) {
        self.tried += other.tried;
        self.refused += other.refused;
        self.skipped += other.skipped;
    }

    /// Plans whose actions seldom apply would prove little.
    pub(super) fn check(&self) {
        println!("{self:?}");
        assert!(
            self.skipped <= self.tried,
            "too many were skipped: {self:?}"
        );
        assert!(
            2 * self.refused <= self.tried,
            "too many were refused: {self:?}"
        );
    }
}

pub(super) struct World {
    checked: bool,
    engine: Engine,
    now: Timestamp,
    last_id: u128,
    offices: Vec<OfficeId>,
    agents: Vec<AgentId>,
    queues: Vec<QueueId>,
    widgets: Vec<WidgetId>,
    statuses: Vec<StatusId>,
    pauses: Vec<PauseId>,
    chats: Vec<(ChatId, VisitorId)>,
    connections: Vec<(AgentId, ConnectionId)>,
    messages: Vec<(ChatId, VisitorId, MessageId)>,
    model: Model,
    store: Store,
    agent_clients: Vec<AgentClient>,
    visitor_clients: Vec<VisitorClient>,
    log: Vec<String>,
    tally: Tally,
}

/// Whether an action applied.
enum Outcome {
    Tried,
    Skipped,
}

impl World {
    pub(super) fn new(plan: &Plan, checked: bool) -> Self {
        let mut world = Self {
            checked,
            engine: Engine::new(TenantSettings::default(), LIMITS),
            now: START,
            last_id: 1000,
            offices: Vec::new(),
            agents: Vec::new(),
            queues: Vec::new(),
            widgets: Vec::new(),
            statuses: Vec::new(),
            pauses: Vec::new(),
            chats: Vec::new(),
            connections: Vec::new(),
            messages: Vec::new(),
            model: Model::default(),
            store: Store::default(),
            agent_clients: Vec::new(),
            visitor_clients: (0..VISITORS)
                .map(|n| VisitorClient::new(visitor(n)))
                .collect(),
            log: Vec::new(),
            tally: Tally::default(),
        };
        let mut actions = vec![Action::CreateOffice(OfficeSpec::plain())];
        actions.extend((0..plan.agents).map(|n| Action::CreateAgent {
            agent: AgentSpec::plain(n % 2 + 1),
            again: false,
        }));
        let queue = QueueSpec {
            members: u8::MAX,
            ring_s: Some(30),
            pause_s: 10,
            max_waiting: 3,
        };
        actions.push(Action::CreateQueue { office: 0, queue });
        actions.push(Action::CreateWidget { offices: u8::MAX });
        for agent in 0..plan.agents.div_ceil(2) {
            actions.push(Action::Connect { agent });
            actions.push(Action::SetStatus {
                agent,
                status: 0,
                by: None,
            });
        }
        for action in &actions {
            let tried = world.act(action);
            assert!(
                matches!(tried, Ok(Outcome::Tried)),
                "the set-up fails at {action:?}"
            );
        }
        world
    }

    pub(super) fn into_log(self) -> (Vec<String>, Tally) {
        (self.log, self.tally)
    }

    pub(super) fn carry_out(&mut self, plan: &Plan) -> Result<(), String> {
        for (at, action) in plan.actions.iter().enumerate() {
            let outcome = self.act(action);
            match outcome.map_err(|reason| format!("after action {at}, {action:?}: {reason}"))? {
                Outcome::Tried => self.tally.tried += 1,
                Outcome::Skipped => self.tally.skipped += 1,
            }
        }
        Ok(())
    }

    /// Lets everything come to rest: first with everybody there, then with everybody gone.
    pub(super) fn quiesce(&mut self) -> Result<(), String> {
        for _ in 0..20 {
            let Some(at) = self.engine.next_deadline() else {
                break;
            };
            self.pass_to(at)?;
        }
        self.make_finite()?;
        for (agent_id, connection) in self.connections.clone() {
            self.presence(agent_id, None, PresenceCommand::Disconnect(connection))?;
        }
        self.connections.clear();
        let mut deadlines = 0;
        while let Some(at) = self.engine.next_deadline() {
            self.pass_to(at)?;
            deadlines += 1;
            if deadlines > 1_000 {
                return Err("the deadlines do not come to an end".to_owned());
            }
        }
        self.commit()?;
        if self
            .engine
            .durable()
            .offers
            .iter()
            .any(|offer| offer.ended_at.is_none())
        {
            return Err("an offer rings although nobody is there".to_owned());
        }
        // Somebody comes back: whoever can be served is served; the model sees to it.
        for agent in 0..self.agents.len() {
            let agent = Index::try_from(agent).unwrap();
            self.act(&Action::Connect { agent })?;
            self.act(&Action::SetStatus {
                agent,
                status: 0,
                by: None,
            })?;
        }
        self.commit()
    }

    fn act(&mut self, action: &Action) -> Result<Outcome, String> {
        let tried = match action {
            Action::CreateOffice(_)
            | Action::UpdateOffice(..)
            | Action::CreateAgent { .. }
            | Action::UpdateAgent(..)
            | Action::CreateQueue { .. }
            | Action::UpdateQueue(..)
            | Action::SetMembers { .. }
            | Action::CreateWidget { .. }
            | Action::CreateStatus(_)
            | Action::UpdateStatus(..)
            | Action::CreatePause(_)
            | Action::UpdatePause(..)
            | Action::UpdateSettings(_) => self.set_up(action),
            Action::Archive { kind, which, stale } => self.archive(*kind, *which, *stale),
            Action::SetOffice { .. } => self.set_office(action),
            Action::SetStatus { .. }
            | Action::SetOverride { .. }
            | Action::ClearOverride { .. }
            | Action::SetAfterChats { .. }
            | Action::StartPause { .. }
            | Action::EndPause { .. }
            | Action::Ping { .. }
            | Action::ActAsPerson { .. }
            | Action::Connect { .. }
            | Action::ConnectAgain { .. }
            | Action::Disconnect { .. }
            | Action::LogOut { .. }
            | Action::Revoke { .. } => self.change_presence(action),
            Action::Start { .. }
            | Action::LeaveMessage { .. }
            | Action::VisitorWrites { .. }
            | Action::End { .. } => self.act_as_visitor(action),
            Action::Accept { .. }
            | Action::Reject { .. }
            | Action::Pick { .. }
            | Action::AnswerAny { .. }
            | Action::AgentWrites { .. }
            | Action::Intrude { .. }
            | Action::WriteAgain { .. }
            | Action::Type { .. }
            | Action::Close { .. } => self.act_in_chat(action),
            Action::Wait { seconds } => {
                Some(self.pass_to(self.now + Millis::from_secs(i64::from(*seconds))))
            }
            Action::WaitForDeadline { fires } => self.engine.next_deadline().map(|at| {
                let at = if *fires { at } else { Timestamp(at.0 - 1) };
                self.pass_to(at)
            }),
            Action::Commit => Some(self.commit()),
            Action::Restart { seconds, late } => Some(self.restart(*seconds, *late)),
        };
        tried.map_or(Ok(Outcome::Skipped), |tried| tried.map(|()| Outcome::Tried))
    }

    fn new_id(&mut self) -> Uuid {
        self.last_id += 1;
        Uuid::from_u128(self.last_id)
    }

    fn new_message(&mut self, chat_id: ChatId, visitor_id: VisitorId) -> MessageId {
        let id: MessageId = format!("m-{}", self.messages.len()).parse().unwrap();
        self.messages.push((chat_id, visitor_id, id.clone()));
        id
    }
}

/// What everybody watches.
impl World {
    /// Time passes. A deadline of the last instant has not passed yet (ROUTE-20).
    fn pass_to(&mut self, at: Timestamp) -> Result<(), String> {
        let before = self.log.len();
        // A delay that was made shorter may have passed by the change alone.
        let overdue = self.engine.next_deadline().is_some_and(|at| at <= self.now);
        let events = self.advance_to(at)?;
        if let Some(event) = events.iter().find(|event| event.at >= self.now && !overdue) {
            return Err(format!("too early: {event:?}"));
        }
        if !events.is_sorted_by_key(|event| event.at) {
            return Err(format!("out of order: {:?}", &self.log[before..]));
        }
        Ok(())
    }

    fn advance_to(&mut self, at: Timestamp) -> Result<Vec<Event>, String> {
        self.now = self.now.max(at);
        let effects = self.engine.advance(self.now);
        self.see(&effects);
        if self.engine.next_deadline().is_some_and(|at| at <= self.now) {
            return Err("a deadline has passed and has not fired".to_owned());
        }
        self.check()?;
        let events = effects.into_iter().filter_map(|effect| match effect {
            Effect::Event(event) => Some(event),
            Effect::Notice(_) => None,
        });
        Ok(events.collect())
    }

    /// Whether the command went well.
    fn apply(&mut self, command: Command) -> Result<bool, String> {
        self.apply_knowing(command, |_| ())
    }

    fn apply_knowing(
        &mut self,
        command: Command,
        undo: impl FnOnce(&mut Self),
    ) -> Result<bool, String> {
        if !matches!(command, Command::Recover) {
            let effects = self.engine.advance(self.now);
            self.see(&effects);
        }
        let before = self.checked.then(|| self.engine.clone());
        let asked = command.clone();
        let went_well = match self.engine.apply(self.now, command) {
            Ok(applied) => {
                self.log.push(format!("{:?}", applied.reply));
                self.model.did(&asked, &applied.reply)?;
                self.see(&applied.effects);
                true
            }
            Err(refusal) => {
                self.log.push(format!("{refusal:?}"));
                if before.is_some_and(|before| before != self.engine) {
                    return Err(format!("{refusal:?} changed something"));
                }
                self.model.was_refused(&asked, refusal)?;
                self.tally.refused += 1;
                undo(self);
                false
            }
        };
        // A new agent's client starts after this step; what fell due before a restart fires after this one.
        if !matches!(asked, Command::Setup { .. } | Command::Recover) {
            self.check()?;
        }
        Ok(went_well)
    }

    fn see(&mut self, effects: &[Effect]) {
        for effect in effects {
            self.log.push(format!("{effect:?}"));
            let Effect::Event(event) = effect else {
                continue;
            };
            self.model.see(event);
            self.store.take(event);
            for client in &mut self.agent_clients {
                client.see(event);
            }
            for client in &mut self.visitor_clients {
                client.see(event);
            }
        }
    }

    fn check(&self) -> Result<(), String> {
        if !self.checked {
            return Ok(());
        }
        self.engine
            .check()
            .map_err(|violation| violation.to_string())?;
        let durable = self.engine.durable();
        self.model
            .check(&self.engine, &durable, &self.connections, self.now)?;
        for client in &self.agent_clients {
            client.check(&self.engine)?;
        }
        for client in &self.visitor_clients {
            client.check(&self.engine)?;
        }
        let restored = Engine::restore(LIMITS, durable.clone(), self.now)
            .map_err(|violation| format!("not to be restored: {violation}"))?;
        if restored.durable() != durable || !falls_due_as(&restored, &self.engine) {
            return Err("what was restored is something else".to_owned());
        }
        let at_a_boundary = restored.next_deadline() == Some(self.now + Millis(1));
        if self.connections.is_empty() && !at_a_boundary {
            self.check_what_is_not_durable(restored)?;
        }
        Ok(())
    }

    /// Without connections only the exact instants of activity are lost. When everybody acts, these are the same, and
    /// everything must be.
    fn check_what_is_not_durable(&self, mut restored: Engine) -> Result<(), String> {
        let mut settled = self.engine.clone();
        settled.forget_closed();
        for agent_id in &self.agents {
            for engine in [&mut settled, &mut restored] {
                let command = Command::Presence {
                    agent_id: *agent_id,
                    by: Some(*agent_id),
                    command: PresenceCommand::Act,
                };
                let applied = engine.apply(self.now, command);
                applied.map_err(|refusal| format!("{agent_id} may not act: {refusal:?}"))?;
            }
        }
        if settled != restored {
            return Err(format!(
                "what was restored differs in what is not durable:\n{settled:#?}\n{restored:#?}"
            ));
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<(), String> {
        self.store.commit(&self.engine)?;
        self.engine.forget_closed();
        let (stored, held) = (self.store.load(), self.engine.durable());
        if stored != held {
            return Err(format!("stored is\n{stored:#?}\nbut held is\n{held:#?}"));
        }
        self.check()
    }

    fn restart(&mut self, seconds: u16, late: bool) -> Result<(), String> {
        self.commit()?;
        self.engine = Engine::restore(LIMITS, self.store.load(), self.now)
            .map_err(|violation| format!("not to be restored: {violation}"))?;
        self.connections.clear();
        self.now = self.now + Millis::from_secs(i64::from(seconds));
        if late {
            self.pass_to(self.now)?;
        }
        self.apply(Command::Recover)?;
        // What fell due while nobody was there fires now.
        self.advance_to(self.now)?;
        Ok(())
    }
}

fn visitor(number: u128) -> VisitorId {
    VisitorId(Uuid::from_u128(1 + number))
}
