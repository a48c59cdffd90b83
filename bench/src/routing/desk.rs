//! A tenant's engine with nothing around it: as many agents as are asked for, in one queue of one office.

use std::collections::BTreeSet;
use std::str::FromStr;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};
use deskbell::domain::{
    Agent, AgentId, Capacity, ChatId, ConnectionId, Contact, ContactFields, ContactId, Invalid,
    Landing, Limits, Millis, Office, OfficeId, Queue, QueueId, QueueSettings, Role, Status,
    Strategy, TenantSettings, Timestamp, VisitorId, Widget, WidgetId, WidgetKey,
};
use deskbell::engine::{
    AgentCommand, Command, Effect, Engine, EventKind, NewStatus, OfferEvent, PasswordHash,
    PresenceCommand, SetupCommand, StartChat, VisitorCommand,
};
use uuid::Uuid;

const OFFICE: OfficeId = OfficeId(Uuid::from_u128(1));
const QUEUE: QueueId = QueueId(Uuid::from_u128(2));
const WIDGET: WidgetId = WidgetId(Uuid::from_u128(3));

/// Where the ids of agents and chats begin.
const AGENTS: u128 = 1 << 64;
const CHATS: u128 = 2 << 64;

/// Who is offered which chat.
pub(super) struct Ringing {
    pub(super) chat_id: ChatId,
    pub(super) agent_id: AgentId,
    pub(super) offer: deskbell::domain::OfferNumber,
}

/// The engine and what has come of the last command.
pub(super) struct Desk {
    pub(super) engine: Engine,
    now: Timestamp,
    agents: usize,
    started: u128,
}

impl Desk {
    /// All agents are online, each with a connection and room for `capacity` chats.
    pub(super) fn open(agents: usize, capacity: i64, strategy: Strategy) -> Result<Self> {
        let limits = Limits {
            resources_of_a_kind: agents + 10,
            ..Limits::default()
        };
        let settings = TenantSettings {
            seats: u32::try_from(agents)?,
            ..TenantSettings::default()
        };
        let mut desk = Self {
            engine: Engine::new(settings, limits),
            now: Timestamp(1_800_000_000_000),
            agents,
            started: 0,
        };
        let office = Office::new(OFFICE, read("Support")?, desk.now);
        desk.set_up(SetupCommand::CreateOffice(Box::new(office)))?;
        for index in 0..agents {
            let id = agent(index);
            let email = read(&format!("agent{index}@example.com"))?;
            let name = read(&format!("Agent {index}"))?;
            let profile = Agent {
                capacity: Capacity::try_from(capacity).map_err(|fault| anyhow!("{fault:?}"))?,
                ..Agent::new(id, name, email, Role::Agent, desk.now)
            };
            let hash = PasswordHash(Arc::from("none"));
            desk.set_up(SetupCommand::CreateAgent(Box::new(profile), hash))?;
        }
        let settings = QueueSettings {
            strategy,
            ring_timeout: None,
            max_waiting: 1_000_000,
            ..QueueSettings::default()
        };
        let queue = Queue {
            id: QUEUE,
            office_id: OFFICE,
            name: read("Questions")?,
            settings: Box::new(settings),
            created_at: desk.now,
            version: 1,
        };
        let members: BTreeSet<AgentId> = (0..agents).map(agent).collect();
        desk.set_up(SetupCommand::CreateQueue(queue, members))?;
        desk.set_up(SetupCommand::CreateWidget(Widget {
            id: WIDGET,
            key: WidgetKey::from_trusted("wk_bench".to_owned()),
            name: read("Shop")?,
            office_ids: vec![OFFICE],
            allowed_domains: Vec::new(),
            messenger_text: read("Leave us a message.")?,
            form: Vec::new(),
            agent_id: None,
            created_at: desk.now,
            version: 1,
        }))?;
        for index in 0..agents {
            let connection = ConnectionId(Uuid::from_u128(AGENTS + index as u128));
            desk.presence(index, PresenceCommand::Connect(connection))?;
            let online = NewStatus::Base(Status::Online);
            desk.presence(index, PresenceCommand::SetStatus(online))?;
        }
        Ok(desk)
    }

    /// A visitor starts a chat; gives what rings because of it.
    pub(super) fn start(&mut self) -> Result<Vec<Ringing>> {
        let id = Uuid::from_u128(CHATS + self.started);
        self.started += 1;
        let contact = Contact {
            id: ContactId(id),
            name: None,
            email: None,
            fields: ContactFields::default(),
        };
        let start = StartChat {
            widget_id: WIDGET,
            office_id: None,
            queue_id: None,
            contact: Arc::new(contact),
            known: None,
            assigned: Vec::new(),
            last_agent_id: None,
            landing: Landing::default(),
            message: None,
        };
        self.does(Command::Visitor {
            visitor_id: VisitorId(id),
            chat_id: ChatId(id),
            source: None,
            command: VisitorCommand::Start(Box::new(start)),
        })
    }

    /// The visitor who came last goes.
    pub(super) fn end_last(&mut self) -> Result<()> {
        let id = Uuid::from_u128(CHATS + self.started - 1);
        let end = Command::Visitor {
            visitor_id: VisitorId(id),
            chat_id: ChatId(id),
            source: None,
            command: VisitorCommand::End,
        };
        self.does(end).map(drop)
    }

    /// Does so for as many; all of them wait if nobody has room.
    pub(super) fn fill_line(&mut self, count: usize) -> Result<()> {
        for _ in 0..count {
            self.now = self.now + Millis(1);
            self.start()?;
        }
        Ok(())
    }

    /// The agent takes what rings at it.
    pub(super) fn accept(&mut self, ringing: &Ringing) -> Result<Vec<Ringing>> {
        self.does(Command::Agent {
            agent_id: ringing.agent_id,
            chat_id: ringing.chat_id,
            command: AgentCommand::Accept(Some(ringing.offer)),
        })
    }

    /// The agent closes a chat of its own; gives what rings because of it.
    pub(super) fn close(&mut self, agent_id: AgentId, chat_id: ChatId) -> Result<Vec<Ringing>> {
        self.does(Command::Agent {
            agent_id,
            chat_id,
            command: AgentCommand::Close(None),
        })
    }

    /// What the shell does after each batch, when all is stored. The time goes on meanwhile.
    pub(super) fn settle(&mut self) {
        self.engine.forget_closed();
        self.now = self.now + Millis(1);
    }

    /// How many agents there are.
    pub(super) fn agents(&self) -> usize {
        self.agents
    }

    fn set_up(&mut self, command: SetupCommand) -> Result<()> {
        self.does(Command::Setup { by: None, command }).map(drop)
    }

    fn presence(&mut self, index: usize, command: PresenceCommand) -> Result<()> {
        let agent_id = agent(index);
        let by = Some(agent_id);
        let command = Command::Presence {
            agent_id,
            by,
            command,
        };
        self.does(command).map(drop)
    }

    fn does(&mut self, command: Command) -> Result<Vec<Ringing>> {
        let applied = self.engine.apply(self.now, command);
        let applied = match applied {
            Ok(applied) => applied,
            Err(refusal) => bail!("the engine refused: {refusal:?}"),
        };
        Ok(applied.effects.iter().filter_map(made).collect())
    }
}

/// The offer that an effect makes.
fn made(effect: &Effect) -> Option<Ringing> {
    let Effect::Event(event) = effect else {
        return None;
    };
    let EventKind::Offer(OfferEvent::Made(offer, _), _) = &event.kind else {
        return None;
    };
    Some(Ringing {
        chat_id: offer.chat_id,
        agent_id: offer.agent_id,
        offer: offer.number,
    })
}

fn agent(index: usize) -> AgentId {
    AgentId(Uuid::from_u128(AGENTS + index as u128))
}

fn read<T: FromStr<Err = Invalid>>(text: &str) -> Result<T> {
    text.parse().map_err(|fault| anyhow!("{text}: {fault:?}"))
}

/// The one that must ring.
pub(super) fn the_only(mut ringing: Vec<Ringing>) -> Result<Ringing> {
    ringing.pop().context("nothing was offered")
}
