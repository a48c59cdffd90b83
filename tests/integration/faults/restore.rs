//! What is loaded is what was in memory: after random commands the database holds exactly the engine.

use std::sync::Arc;

use deskbell::clock::Clock;
use deskbell::domain::{
    Agent, AgentId, ChatId, ConnectionId, Contact, ContactFields, ContactId, IfUnavailable,
    Landing, Limits, Millis, Note, OfferState, Office, OfficeId, OnAgentGone, Queue, QueueId,
    QueueSettings, Release, Role, Seen, SessionId, Status, Target, TenantId, Timestamp, VisitorId,
    Widget, WidgetId, WidgetKey,
};
use deskbell::engine::{
    AgentCommand, Command, Engine, HandOverTo, LeaveMessage, NewStatus, PasswordHash,
    PresenceCommand, ReadAlong, SetupCommand, StartChat, StateRecord, VisitorCommand,
};
use deskbell::random::Random;
use uuid::Uuid;

use crate::realtime::setting::{Stopped, pick, seed};
use crate::support::Tenant;

const PLANS: u64 = 30;
const COMMANDS: u64 = 40;
/// A fixed one, so that the answer is always the same; `SEED=<number>` tries another.
const SEED: u64 = 20_260_302;

/// One plan: a tenant, and what it has to draw from.
struct Plan<'a> {
    stopped: &'a Stopped,
    random: Random,
    tenant_id: TenantId,
    /// Ids that this plan has given, beginning with those of the set-up.
    agents: Vec<AgentId>,
    visitors: Vec<VisitorId>,
    chats: Vec<ChatId>,
    connections: Vec<(AgentId, ConnectionId)>,
    office_id: OfficeId,
    queue_id: QueueId,
    widget_id: WidgetId,
    applied: u64,
}

impl Plan<'_> {
    fn now(&self) -> Timestamp {
        self.stopped.clock.now()
    }

    /// Ids come from the clock and the seed; plans of several seeds share a database.
    fn id(&self) -> Uuid {
        self.random.uuid_v7(self.now())
    }

    async fn call(&mut self, command: Command) {
        let outcome = self
            .stopped
            .server
            .state
            .hub
            .call(self.tenant_id, command.into())
            .await;
        self.applied += u64::from(outcome.is_ok());
    }

    async fn set_up(&mut self, command: SetupCommand) {
        let before = self.applied;
        self.call(Command::Setup { by: None, command }).await;
        assert_eq!(self.applied, before + 1, "the set-up is never refused");
    }

    /// An office, a queue with three agents, a widget; chats whose agents are gone or do not write are lost soon.
    async fn found(&mut self) {
        let hub = &self.stopped.server.state.hub;
        let read = |engine: &Engine| *engine.settings();
        let mut settings = hub.read(self.tenant_id, read).await.unwrap();
        settings.chats.on_agent_gone = OnAgentGone::Requeue(Millis::from_secs(30));
        self.set_up(SetupCommand::UpdateSettings(settings)).await;
        let created_at = self.now();
        let name = "Support".parse().unwrap();
        let office = Office::new(self.office_id, name, created_at);
        self.set_up(SetupCommand::CreateOffice(Box::new(office)))
            .await;
        for id in self.agents.clone() {
            let (name, email) = ("Ana", format!("{}@test.example", id.0));
            let (name, email) = (name.parse().unwrap(), email.parse().unwrap());
            // One of them may listen and take over.
            let role = if self.agents.first() == Some(&id) {
                Role::Admin
            } else {
                Role::Agent
            };
            let agent = Agent::new(id, name, email, role, created_at);
            let hash = PasswordHash("$argon2id$none".into());
            self.set_up(SetupCommand::CreateAgent(Box::new(agent), hash))
                .await;
        }
        let queue = Queue {
            id: self.queue_id,
            office_id: self.office_id,
            name: "General".parse().unwrap(),
            settings: Box::new(QueueSettings {
                first_reply_within: Some(Millis::from_secs(60)),
                ..QueueSettings::default()
            }),
            created_at,
            version: 1,
        };
        let members = self.agents.iter().copied().collect();
        self.set_up(SetupCommand::CreateQueue(queue, members)).await;
        self.set_up(SetupCommand::CreateWidget(Widget {
            agent_id: None,
            id: self.widget_id,
            key: WidgetKey::from_trusted(self.widget_id.0.simple().to_string()),
            name: "Site".parse().unwrap(),
            office_ids: vec![self.office_id],
            allowed_domains: Vec::new(),
            messenger_text: "Leave a message".parse().unwrap(),
            form: Vec::new(),
            created_at,
            version: 1,
        }))
        .await;
    }

    fn contact(visitor: VisitorId) -> Arc<Contact> {
        let mut fields = ContactFields::default();
        fields.insert("order", "4711").unwrap();
        Arc::new(Contact {
            id: ContactId::of_visitor(visitor),
            name: Some("Vera".parse().unwrap()),
            email: Some("vera@example.com".parse().unwrap()),
            fields,
        })
    }

    /// Something random. Most of it is allowed.
    fn draw(&mut self, number: u64, state: &StateRecord) -> Command {
        match self.random.below(10) {
            0..=2 => self.presence(),
            3..=5 => self.of_visitor(number),
            6 if self.random.below(2) == 0 => self.of_hands(state),
            6 if self.random.below(2) == 0 => {
                let mut members = self.agents.clone();
                members.truncate(usize::try_from(self.random.below(4)).unwrap());
                let members = members.into_iter().collect();
                let command = SetupCommand::SetMembers(self.queue_id, members, None);
                Command::Setup { by: None, command }
            }
            _ => self.of_agent(number, state),
        }
    }

    fn presence(&mut self) -> Command {
        let agent_id = pick(&self.random, &self.agents).unwrap();
        let command = match self.random.below(8) {
            0..=2 => PresenceCommand::SetStatus(NewStatus::Base(Status::Online)),
            3 => PresenceCommand::SetStatus(NewStatus::Base(Status::Away)),
            4 => PresenceCommand::LogOut(SessionId(self.id())),
            5 if !self.connections.is_empty() => {
                let (agent_id, id) = self.connections.swap_remove(0);
                let command = PresenceCommand::Disconnect(id);
                return Command::Presence {
                    agent_id,
                    by: None,
                    command,
                };
            }
            _ => {
                let id = ConnectionId(self.id());
                self.connections.push((agent_id, id));
                PresenceCommand::Connect(id)
            }
        };
        Command::Presence {
            agent_id,
            by: Some(agent_id),
            command,
        }
    }

    fn of_visitor(&mut self, number: u64) -> Command {
        let visitor_id = pick(&self.random, &self.visitors).unwrap();
        let message = (
            format!("v-{number}").parse().unwrap(),
            "Hello".parse().unwrap(),
        );
        let chat_id = pick(&self.random, &self.chats);
        let (chat_id, command) = match (self.random.below(6), chat_id) {
            (0, Some(chat_id)) if number.is_multiple_of(2) => {
                (chat_id, VisitorCommand::Mark(seen(&self.random)))
            }
            (0, Some(chat_id)) => (chat_id, VisitorCommand::End),
            (1 | 2, Some(chat_id)) => (chat_id, VisitorCommand::Send(message.0, message.1)),
            (3, _) => {
                let left = LeaveMessage {
                    widget_id: self.widget_id,
                    office_id: None,
                    contact: Self::contact(visitor_id),
                    message,
                };
                let command = VisitorCommand::LeaveMessage(Box::new(left));
                (ChatId(self.id()), command)
            }
            _ => {
                let chat_id = ChatId(self.id());
                self.chats.push(chat_id);
                let start = StartChat {
                    assigned: Vec::new(),
                    last_agent_id: None,
                    landing: Landing::default(),
                    widget_id: self.widget_id,
                    office_id: None,
                    queue_id: None,
                    contact: Self::contact(visitor_id),
                    message: number.is_multiple_of(2).then_some(message),
                };
                (chat_id, VisitorCommand::Start(Box::new(start)))
            }
        };
        Command::Visitor {
            source: None,
            visitor_id,
            chat_id,
            command,
        }
    }

    fn of_agent(&mut self, number: u64, state: &StateRecord) -> Command {
        let agent_id = pick(&self.random, &self.agents).unwrap();
        let any = ChatId(self.id());
        let chat_id = pick(&self.random, &self.chats).unwrap_or(any);
        let ringing = state
            .offers
            .iter()
            .filter(|o| o.state == OfferState::Ringing);
        let ringing: Vec<_> = ringing.cloned().collect();
        let note: Note = "Not now".parse().unwrap();
        let (agent_id, chat_id, command) =
            match (self.random.below(10), pick(&self.random, &ringing)) {
                (0..=2, Some(o)) => (o.agent_id, o.chat_id, AgentCommand::Accept(Some(o.number))),
                (3, Some(o)) => (
                    o.agent_id,
                    o.chat_id,
                    AgentCommand::Reject(o.number, Some(note)),
                ),
                (4, _) => (agent_id, chat_id, AgentCommand::Close(None)),
                (5, _) => (agent_id, chat_id, AgentCommand::Accept(None)),
                (6, _) if number.is_multiple_of(2) => {
                    let id = format!("n-{}", number % 10).parse().unwrap();
                    let text = "Mind *her*".parse().unwrap();
                    (agent_id, chat_id, AgentCommand::Note(id, text))
                }
                (6, _) => {
                    let command = AgentCommand::Mark(seen(&self.random));
                    (agent_id, chat_id, command)
                }
                _ => {
                    let id = format!("a-{number}").parse().unwrap();
                    (
                        agent_id,
                        chat_id,
                        AgentCommand::Send(id, "Hello".parse().unwrap()),
                    )
                }
            };
        Command::Agent {
            agent_id,
            chat_id,
            command,
        }
    }

    /// Something about who has a chat: most of it by one that has it.
    fn of_hands(&mut self, state: &StateRecord) -> Command {
        let agent_id = pick(&self.random, &self.agents).unwrap();
        let any = ChatId(self.id());
        let open: Vec<_> = state
            .chats
            .iter()
            .filter_map(|chat| Some((chat.id, *chat.participants.keys().next()?)))
            .collect();
        let (chat_id, has_it) = pick(&self.random, &open).unwrap_or((any, agent_id));
        let to = match self.random.below(3) {
            0 => Target::Queue(self.queue_id),
            _ => Target::Agent(agent_id),
        };
        let wish = HandOverTo {
            to,
            note: Some("Please".parse().unwrap()),
            if_unavailable: pick(&self.random, IfUnavailable::ALL).unwrap(),
        };
        let (agent_id, command) = match self.random.below(9) {
            0..=2 => {
                let release = pick(&self.random, Release::ALL).unwrap();
                (has_it, AgentCommand::Transfer(wish, release))
            }
            3 => (has_it, AgentCommand::Invite(wish)),
            4 => (has_it, AgentCommand::Assist(Some(to), wish.note)),
            5 => (has_it, AgentCommand::CancelHandOver),
            6 => (has_it, AgentCommand::Leave),
            7 => (agent_id, AgentCommand::TakeOver),
            _ => (agent_id, AgentCommand::ReadAlong(ReadAlong::Unseen)),
        };
        Command::Agent {
            agent_id,
            chat_id,
            command,
        }
    }

    /// What is in memory, what is stored, and what comes of that are the same.
    async fn check(&self, what: &str) -> StateRecord {
        let parts = &self.stopped.server.state;
        let engine = parts.hub.inspect(self.tenant_id).await.unwrap();
        let memory = engine.durable();
        let mut tx = parts.store.tenant(self.tenant_id).await.unwrap();
        let stored = relevant(tx.state_record().await.unwrap());
        same(&stored, &memory, what);
        let restored = Engine::restore(Limits::default(), stored, self.now()).unwrap();
        assert_eq!(restored.durable(), memory, "{what}");
        assert_eq!(restored.availability(), engine.availability(), "{what}");
        memory
    }
}

/// How far somebody has got, perhaps further than there is anything.
fn seen(random: &Random) -> Seen {
    let seq = || u32::try_from(random.below(4)).ok();
    Seen {
        read: seq(),
        delivered: seq(),
    }
}

/// What was read, without the offers of the round that are passed over by `restore`.
pub(super) fn relevant(mut stored: StateRecord) -> StateRecord {
    let matters = [
        OfferState::Ringing,
        OfferState::Rejected,
        OfferState::Missed,
    ];
    stored.offers.retain(|offer| matters.contains(&offer.state));
    stored
}

/// Compares part by part, since the whole is too long to read.
fn same(stored: &StateRecord, memory: &StateRecord, what: &str) {
    assert_eq!(stored.agents, memory.agents, "{what}");
    assert_eq!(stored.queues, memory.queues, "{what}");
    assert_eq!(stored.chats, memory.chats, "{what}");
    assert_eq!(stored.offers, memory.offers, "{what}");
    assert_eq!(stored.messages, memory.messages, "{what}");
    assert_eq!(stored.notes, memory.notes, "{what}");
    assert_eq!(stored.marks, memory.marks, "{what}");
    assert_eq!(stored, memory, "{what}");
}

/// One plan; gives how many commands were allowed.
async fn play(stopped: &Stopped, seed: u64) -> u64 {
    let tenant = Tenant::on(&stopped.base).await;
    let random = Random::seeded(seed);
    let now = stopped.clock.now();
    let id = || random.uuid_v7(now);
    let mut plan = Plan {
        stopped,
        tenant_id: TenantId(tenant.id.parse().unwrap()),
        agents: (0..3).map(|_| AgentId(id())).collect(),
        visitors: (0..3).map(|_| VisitorId(id())).collect(),
        chats: Vec::new(),
        connections: Vec::new(),
        office_id: OfficeId(id()),
        queue_id: QueueId(id()),
        widget_id: WidgetId(id()),
        applied: 0,
        random: random.clone(),
    };
    plan.found().await;
    let mut state = plan.check("after the set-up").await;
    let before = plan.applied;
    for number in 0..COMMANDS {
        let command = plan.draw(number, &state);
        let what = format!("SEED={seed}, command {number}: {command:?}");
        plan.call(command).await;
        if random.below(4) == 0 {
            let seconds = 1 + random.below(15);
            stopped.pass(i64::try_from(seconds).unwrap());
        }
        if number % 4 == 3 {
            state = plan.check(&what).await;
        }
    }
    plan.applied - before
}

#[tokio::test]
async fn what_is_loaded_is_what_was_in_memory() {
    let first = seed(SEED);
    let stopped = Stopped::start(|_| ()).await;
    let mut applied = 0;
    for number in 0..PLANS {
        applied += play(&stopped, first + number).await;
    }
    assert!(
        applied > PLANS * COMMANDS / 2,
        "only {applied} were allowed"
    );
}
