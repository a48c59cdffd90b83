//! The world in which a plan is carried out: what exists, the engine, and everybody who watches it.

mod asides;
mod deeds;
mod handover;
mod life;
mod setup;
mod speech;
mod watch;

use deskbell::domain::{
    AgentId, ChatId, ConnectionId, DispositionId, Limits, MessageId, Millis, OfficeId, PauseId,
    QueueId, SkillId, StatusId, TenantSettings, Timestamp, VisitorId, WidgetId,
};
use deskbell::engine::{Engine, PresenceCommand};
use uuid::Uuid;

use crate::START;
use crate::clients::{AgentClient, VisitorClient};
use crate::model::Model;
use crate::plan::{Action, Index, Plan};
use crate::store::{Memory, Store};

/// Small enough that plans meet them.
pub const LIMITS: Limits = Limits {
    resources_of_a_kind: 8,
    choices_of_a_kind: 8,
    connections_per_agent: 3,
    connections_per_visitor: 20,
    open_chats_per_visitor: 3,
    messages_per_chat: 8,
    messages_with_buttons_per_chat: 2,
    notes_per_chat: 4,
};

const VISITORS: u128 = 4;

/// How many actions applied.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    tried: usize,
    transitions: usize,
    refused: usize,
    skipped: usize,
}

impl Tally {
    /// Counts what another plan did, too.
    pub fn add(&mut self, other: &Self) {
        self.tried += other.tried;
        self.transitions += other.transitions;
        self.refused += other.refused;
        self.skipped += other.skipped;
    }

    /// How often an engine was asked to change: commands, those that it refused among them, and the passing of time.
    #[must_use]
    pub fn transitions(&self) -> usize {
        self.transitions
    }

    /// Plans whose actions seldom apply would prove little.
    pub fn check(&self) {
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

/// Where a plan is carried out.
pub struct Ground {
    /// A tenant with nothing in it.
    pub engine: Engine,
    /// Where what happens is kept.
    pub store: Box<dyn Store>,
    /// The ids that are given follow this one: a store may know those of other plans.
    pub after: Uuid,
    /// Whether everybody watches. Without, it is only carried out.
    pub checked: bool,
    /// Whether what happens is noted, so that two runs can be compared.
    pub keeps_log: bool,
    /// Whether the engine is made anew from what is stored after each action; who was connected comes back at once.
    pub restarts: bool,
}

impl Ground {
    /// In memory, with nothing else there.
    pub fn in_memory() -> Self {
        Self {
            engine: Engine::new(TenantSettings::default(), LIMITS),
            store: Box::new(Memory::default()),
            after: Uuid::nil(),
            checked: true,
            keeps_log: true,
            restarts: false,
        }
    }
}

/// What exists, the engine, and everybody who watches it.
pub struct World {
    checked: bool,
    keeps_log: bool,
    restarts: bool,
    engine: Engine,
    now: Timestamp,
    first_id: u128,
    last_id: u128,
    offices: Vec<OfficeId>,
    agents: Vec<AgentId>,
    queues: Vec<QueueId>,
    widgets: Vec<WidgetId>,
    statuses: Vec<StatusId>,
    pauses: Vec<PauseId>,
    skills: Vec<SkillId>,
    dispositions: Vec<DispositionId>,
    chats: Vec<(ChatId, VisitorId)>,
    connections: Vec<(AgentId, ConnectionId)>,
    messages: Vec<(ChatId, VisitorId, MessageId)>,
    model: Model,
    store: Box<dyn Store>,
    /// What a restart was last compared with, and whether nobody was connected.
    restarted: Option<(Engine, bool)>,
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
    /// Sets up what a plan begins with.
    pub fn new(plan: &Plan, ground: Ground) -> Self {
        let first_id = ground.after.as_u128();
        let mut world = Self {
            checked: ground.checked,
            keeps_log: ground.keeps_log,
            restarts: false,
            engine: ground.engine,
            now: START,
            first_id,
            last_id: first_id + 1000,
            offices: Vec::new(),
            agents: Vec::new(),
            queues: Vec::new(),
            widgets: Vec::new(),
            statuses: Vec::new(),
            pauses: Vec::new(),
            skills: Vec::new(),
            dispositions: Vec::new(),
            chats: Vec::new(),
            connections: Vec::new(),
            messages: Vec::new(),
            model: Model::default(),
            store: ground.store,
            restarted: None,
            agent_clients: Vec::new(),
            visitor_clients: (0..VISITORS)
                .map(|n| VisitorClient::new(visitor(first_id, n)))
                .collect(),
            log: Vec::new(),
            tally: Tally::default(),
        };
        let made = world.set_up_dispositions();
        assert_eq!(made, Ok(()));
        for action in &plan.beginning() {
            let tried = world.act(action);
            assert!(
                matches!(tried, Ok(Outcome::Tried)),
                "the set-up fails at {action:?}: {:?}",
                tried.err()
            );
        }
        world.restarts = ground.restarts;
        world
    }

    /// What happened, and how many actions did something.
    pub fn into_log(self) -> (Vec<String>, Tally) {
        (self.log, self.tally)
    }

    /// Does what the plan says.
    ///
    /// # Errors
    ///
    /// The promise that was not kept.
    pub fn carry_out(&mut self, plan: &Plan) -> Result<(), String> {
        for (at, action) in plan.actions.iter().enumerate() {
            let outcome = self.act(action);
            match outcome.map_err(|reason| format!("after action {at}, {action:?}: {reason}"))? {
                Outcome::Tried => self.tally.tried += 1,
                Outcome::Skipped => self.tally.skipped += 1,
            }
            if self.restarts {
                let back = self.restart_and_come_back();
                back.map_err(|reason| {
                    format!("restarted after action {at}, {action:?}: {reason}")
                })?;
            }
        }
        Ok(())
    }

    /// Lets everything come to rest: first with everybody there, then with everybody gone.
    ///
    /// # Errors
    ///
    /// The promise that was not kept.
    pub fn quiesce(&mut self) -> Result<(), String> {
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
            | Action::UpdateSettings(_)
            | Action::CreateSkill
            | Action::CreateDisposition
            | Action::Learn { .. }
            | Action::Require { .. }
            | Action::OfferDisposition { .. } => self.set_up(action),
            Action::Archive { kind, which, stale } => self.archive(*kind, *which, *stale),
            Action::SetOffice { .. } => self.set_office(action),
            Action::SetStatus { .. }
            | Action::SetOverride { .. }
            | Action::ClearOverride { .. }
            | Action::SetAfterChats { .. }
            | Action::StartPause { .. }
            | Action::EndPause { .. }
            | Action::LogInQueue { .. }
            | Action::Ping { .. }
            | Action::ActAsPerson { .. }
            | Action::Connect { .. }
            | Action::ConnectAgain { .. }
            | Action::Disconnect { .. }
            | Action::LogOut { .. }
            | Action::Revoke { .. }
            | Action::Focus { .. } => self.change_presence(action),
            Action::Start { .. }
            | Action::LeaveMessage { .. }
            | Action::VisitorWrites { .. }
            | Action::Rate { .. }
            | Action::End { .. } => self.act_as_visitor(action),
            Action::Accept { .. }
            | Action::Reject { .. }
            | Action::Pick { .. }
            | Action::AnswerAny { .. }
            | Action::AgentWrites { .. }
            | Action::Intrude { .. }
            | Action::WriteAgain { .. }
            | Action::Type { .. }
            | Action::Close { .. }
            | Action::CloseWith { .. }
            | Action::Update { .. }
            | Action::Prioritise { .. }
            | Action::EndWrapUp { .. } => self.act_in_chat(action),
            Action::Speak(speech) => self.speak(speech),
            Action::HandOver { .. }
            | Action::CancelHandOver { .. }
            | Action::ReadAlong { .. }
            | Action::TakeOver { .. }
            | Action::Leave { .. } => self.hand_over(action),
            Action::PutAside(aside) => self.put_aside(aside),
            Action::Wait { seconds } => Some(self.wait(*seconds)),
            Action::WaitForDeadline { fires } => self.engine.next_deadline().map(|at| {
                let at = if *fires { at } else { Timestamp(at.0 - 1) };
                self.pass_to(at)
            }),
            Action::Commit => Some(self.commit()),
            Action::Restart { seconds, late } => Some(self.restart(*seconds, *late)),
        };
        tried.map_or(Ok(Outcome::Skipped), |tried| tried.map(|()| Outcome::Tried))
    }

    fn wait(&mut self, seconds: u16) -> Result<(), String> {
        self.pass_to(self.now + Millis::from_secs(i64::from(seconds)))
    }

    fn new_id(&mut self) -> Uuid {
        self.last_id += 1;
        Uuid::from_u128(self.last_id)
    }

    /// One of the few outcomes that plans know; queues have the first four.
    fn outcome(&self, number: u8) -> DispositionId {
        DispositionId(Uuid::from_u128(self.first_id + 500 + u128::from(number)))
    }

    fn new_message(&mut self, chat_id: ChatId, visitor_id: VisitorId) -> MessageId {
        let id: MessageId = format!("m-{}", self.messages.len()).parse().unwrap();
        self.messages.push((chat_id, visitor_id, id.clone()));
        id
    }
}

fn visitor(first_id: u128, number: u128) -> VisitorId {
    VisitorId(Uuid::from_u128(first_id + 1 + number))
}
