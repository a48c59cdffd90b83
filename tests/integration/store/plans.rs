//! What is loaded is what was in memory, after random commands of every kind: set-up, presence, chats and the passing
//! of time. A fact that changed without an event would be lost here.

use std::collections::BTreeSet;
use std::sync::Arc;

use deskbell::domain::{
    Agent, AgentId, ChatId, ConnectionId, Contact, ContactFields, ContactId, CustomStatus,
    DisconnectSettings, Hours, InactivitySettings, Interval, Landing, Millis, Office, OfficeId,
    Overrun, OwnInactivity, Pause, PauseId, Queue, QueueId, Role, Seat, SessionId, Status,
    StatusId, TenantSettings, Timestamp, VisitorId, Weekday, WeeklyInterval, WhenBusy, Widget,
    WidgetId, WidgetKey,
};
use deskbell::engine::{
    AgentCommand, Command, NewPassword, NewStatus, PasswordHash, PresenceCommand, SetupCommand,
    StartChat, StateRecord, VisitorCommand,
};
use deskbell::random::Random;
use uuid::Uuid;

use super::owner::Owner;
use super::support::{NOW, store, tenant};

const PLANS: u64 = 5;
const COMMANDS: u64 = 60;
/// A fixed one, so that the answer is always the same.
const SEED: u64 = 20_260_301;

struct Plan {
    owner: Owner,
    random: Random,
    now: Timestamp,
    visitors: Vec<VisitorId>,
    connections: Vec<(AgentId, ConnectionId)>,
    applied: u64,
}

fn pick<'a, T>(random: &Random, things: &'a [T]) -> Option<&'a T> {
    let count = u64::try_from(things.len()).unwrap();
    let index = random.below(count.max(1));
    things.get(usize::try_from(index).unwrap())
}

impl Plan {
    /// Ids come from the clock and the seed alone.
    fn id(&self) -> Uuid {
        self.random.uuid_v7(self.now)
    }

    fn chance(&self, of: u64) -> bool {
        self.random.below(of) == 0
    }

    fn millis(&self, seconds: u64) -> Millis {
        let seconds = 1 + self.random.below(seconds);
        Millis::from_secs(i64::try_from(seconds).unwrap())
    }

    fn maybe(&self, seconds: u64) -> Option<Millis> {
        (!self.chance(2)).then(|| self.millis(seconds))
    }

    async fn call(&mut self, command: Command) {
        let done = self.owner.call(self.now, command).await;
        self.applied += u64::from(done.is_ok());
    }

    fn draw(&mut self, state: &StateRecord) -> Command {
        match self.random.below(10) {
            0..=2 => Command::Setup {
                by: None,
                command: self.set_up(state),
            },
            3..=6 => self.presence(state),
            _ => self.chat(state),
        }
    }

    fn hours(&self) -> Option<Hours> {
        if self.chance(2) {
            return None;
        }
        let interval = || Interval::new("09:31".parse().unwrap(), "09:40".parse().unwrap());
        let daily = Weekday::ALL.map(|day| WeeklyInterval {
            day,
            interval: interval().unwrap(),
        });
        Some(Hours::new("UTC".parse().unwrap(), &daily, Vec::new()).unwrap())
    }

    fn own_delays(&self) -> OwnInactivity {
        OwnInactivity {
            away_after: self.maybe(100),
            offline_after: self.maybe(300),
        }
    }

    fn status(&self, state: &StateRecord) -> NewStatus {
        match pick(&self.random, &state.statuses) {
            Some(status) if self.chance(3) => NewStatus::Custom(status.id),
            _ => {
                let often = [Status::Online, Status::Online, Status::Online];
                let statuses = [often.as_slice(), Status::ALL].concat();
                NewStatus::Base(*pick(&self.random, &statuses).unwrap())
            }
        }
    }

    fn set_up(&self, state: &StateRecord) -> SetupCommand {
        match self.random.below(12) {
            0 => SetupCommand::UpdateSettings(self.settings(state)),
            1 | 2 => self.office(state),
            3..=5 => self.agent(state),
            6 | 7 => self.queue(state),
            8 => self.widget(state),
            9 | 10 => self.custom_status(state),
            _ => self.pause(state),
        }
    }

    fn settings(&self, state: &StateRecord) -> TenantSettings {
        TenantSettings {
            seats: u32::try_from(1 + self.random.below(6)).unwrap(),
            disconnect: DisconnectSettings {
                grace: self.maybe(30),
                becomes: *pick(&self.random, &[Status::Away, Status::Offline]).unwrap(),
                restore_within: self.millis(60),
            },
            inactivity: InactivitySettings {
                away_after: self.maybe(200),
                offline_after: self.maybe(400),
                resume: self.chance(2),
            },
            lease_ttl: self.millis(60),
            show_agents: self.chance(2),
            show_queue: self.chance(2),
            ..state.settings
        }
    }

    fn office(&self, state: &StateRecord) -> SetupCommand {
        let new = Office {
            hours: self.hours(),
            when_busy: *pick(&self.random, WhenBusy::ALL).unwrap(),
            inactivity: self.own_delays(),
            ..Office::new(OfficeId(self.id()), "Office".parse().unwrap(), self.now)
        };
        match pick(&self.random, &state.offices) {
            Some((office, _)) if self.chance(4) => SetupCommand::ArchiveOffice(office.id, None),
            Some((office, _)) if !self.chance(4) => SetupCommand::UpdateOffice(Box::new(Office {
                id: office.id,
                version: office.version,
                ..new
            })),
            _ => SetupCommand::CreateOffice(Box::new(new)),
        }
    }

    fn agent(&self, state: &StateRecord) -> SetupCommand {
        let id = AgentId(self.id());
        let email = format!("{id}@test.example").parse().unwrap();
        let offices = state.offices.iter().map(|(office, _)| office.id);
        let new = Agent {
            office_ids: offices.filter(|_| self.chance(2)).collect(),
            hours: self.hours(),
            inactivity: self.own_delays(),
            offers_when_invisible_after: self.maybe(20),
            seat: *pick(&self.random, Seat::ALL).unwrap(),
            ..Agent::new(id, "Agent".parse().unwrap(), email, Role::Agent, self.now)
        };
        let hash = PasswordHash("$argon2id$none".into());
        match pick(&self.random, &state.agents[1..]) {
            Some((agent, _)) if self.chance(5) => SetupCommand::ArchiveAgent(agent.id, None),
            Some((agent, _)) if state.agents.len() > 5 || self.chance(2) => {
                let changed = Agent {
                    id: agent.id,
                    version: agent.version,
                    ..new
                };
                let password = self.chance(3).then_some(NewPassword { hash, keeps: None });
                SetupCommand::UpdateAgent(Box::new(changed), password)
            }
            _ => SetupCommand::CreateAgent(Box::new(new), hash),
        }
    }

    fn queue(&self, state: &StateRecord) -> SetupCommand {
        let agents = state.agents.iter().map(|(agent, _)| agent.id);
        let members: BTreeSet<AgentId> = agents.filter(|_| !self.chance(3)).collect();
        let office = pick(&self.random, &state.offices);
        let new = Queue {
            id: QueueId(self.id()),
            office_id: office.map_or(OfficeId(self.id()), |(office, _)| office.id),
            name: "Queue".parse().unwrap(),
            settings: Box::default(),
            created_at: self.now,
            version: 1,
        };
        match pick(&self.random, &state.queues) {
            Some((queue, ..)) if self.chance(8) => SetupCommand::ArchiveQueue(queue.id, None),
            Some((queue, ..)) if self.chance(2) => {
                SetupCommand::SetMembers(queue.id, members, None)
            }
            Some((queue, ..)) if !self.chance(3) => {
                let changed = Queue {
                    id: queue.id,
                    version: queue.version,
                    ..new
                };
                SetupCommand::UpdateQueue(changed, members)
            }
            _ => SetupCommand::CreateQueue(new, members),
        }
    }

    fn widget(&self, state: &StateRecord) -> SetupCommand {
        let id = WidgetId(self.id());
        let offices = state.offices.iter().map(|(office, _)| office.id);
        let new = Widget {
            agent_id: None,
            id,
            key: WidgetKey::from_trusted(
                format!("wk_{}", self.owner.tenant_id.0.simple()) + &id.to_string(),
            ),
            name: "Site".parse().unwrap(),
            office_ids: offices.filter(|_| !self.chance(3)).collect(),
            allowed_domains: Vec::new(),
            messenger_text: "Leave a message".parse().unwrap(),
            form: Vec::new(),
            created_at: self.now,
            version: 1,
        };
        match pick(&self.random, &state.widgets) {
            Some(widget) if self.chance(6) => SetupCommand::ArchiveWidget(widget.id, None),
            Some(widget) if !self.chance(3) => SetupCommand::UpdateWidget(Widget {
                id: widget.id,
                version: widget.version,
                ..new
            }),
            _ => SetupCommand::CreateWidget(new),
        }
    }

    fn custom_status(&self, state: &StateRecord) -> SetupCommand {
        let new = CustomStatus {
            id: StatusId(self.id()),
            name: "Status".parse().unwrap(),
            base: *pick(&self.random, Status::ALL).unwrap(),
            handles_chats: self.chance(2),
            paid: self.chance(2),
            color: "#2e7d32".parse().unwrap(),
            sort_order: 1,
            longest_a_day: self.maybe(40),
            created_at: self.now,
            version: 1,
        };
        match pick(&self.random, &state.statuses) {
            Some(status) if self.chance(3) => SetupCommand::ArchiveStatus(status.id, None),
            Some(status) if self.chance(2) => SetupCommand::UpdateStatus(CustomStatus {
                id: status.id,
                version: status.version,
                ..new
            }),
            _ => SetupCommand::CreateStatus(new),
        }
    }

    fn pause(&self, state: &StateRecord) -> SetupCommand {
        let new = Pause {
            id: PauseId(self.id()),
            name: "Pause".parse().unwrap(),
            paid: self.chance(2),
            longest: self.maybe(40),
            on_overrun: *pick(&self.random, Overrun::ALL).unwrap(),
            sort_order: 1,
            created_at: self.now,
            version: 1,
        };
        match pick(&self.random, &state.pauses) {
            Some(pause) if self.chance(3) => SetupCommand::ArchivePause(pause.id, None),
            _ => SetupCommand::CreatePause(new),
        }
    }

    fn presence(&mut self, state: &StateRecord) -> Command {
        let (agent, _) = pick(&self.random, &state.agents).unwrap();
        let agent_id = agent.id;
        let office = pick(&self.random, &state.offices);
        let pause = pick(&self.random, &state.pauses);
        let command = match (self.random.below(14), office, pause) {
            (0 | 1, Some((office, _)), _) => {
                PresenceCommand::SetOverride(office.id, self.status(state))
            }
            (2, Some((office, _)), _) => PresenceCommand::ClearOverride(office.id),
            (3, _, Some(pause)) => PresenceCommand::StartPause(pause.id),
            (4, ..) => PresenceCommand::EndPause,
            (5, ..) => PresenceCommand::SetStatusAfterChats(self.status(state)),
            (6, ..) => PresenceCommand::Ping {
                takes_offers: self.chance(2),
            },
            (7, ..) => PresenceCommand::LogOut(SessionId(self.id())),
            (8, ..) => PresenceCommand::Act,
            (9, ..) if !self.connections.is_empty() => {
                let (agent_id, id) = self.connections.swap_remove(0);
                return Command::Presence {
                    agent_id,
                    by: Some(agent_id),
                    command: PresenceCommand::Disconnect(id),
                };
            }
            (10 | 11, ..) => {
                let id = ConnectionId(self.id());
                self.connections.push((agent_id, id));
                PresenceCommand::Connect(id)
            }
            _ => PresenceCommand::SetStatus(self.status(state)),
        };
        Command::Presence {
            agent_id,
            by: Some(agent_id),
            command,
        }
    }

    fn chat(&self, state: &StateRecord) -> Command {
        let any = ChatId(self.id());
        let chat = pick(&self.random, &state.chats);
        let chat_id = chat.map_or(any, |chat| chat.id);
        let (agent, _) = pick(&self.random, &state.agents).unwrap();
        let offer = pick(&self.random, &state.offers);
        let of_agent = |agent_id, chat_id, command| Command::Agent {
            agent_id,
            chat_id,
            command,
        };
        match (self.random.below(8), offer, chat) {
            (0 | 1, Some(offer), _) => {
                let accept = AgentCommand::Accept(Some(offer.number));
                of_agent(offer.agent_id, offer.chat_id, accept)
            }
            (2, Some(offer), _) => {
                let reject = AgentCommand::Reject(offer.number, None);
                of_agent(offer.agent_id, offer.chat_id, reject)
            }
            (3, ..) => of_agent(agent.id, chat_id, AgentCommand::Accept(None)),
            (4, _, Some(chat)) => {
                let taking_part = chat.participants.keys().next();
                let agent_id = taking_part.copied().unwrap_or(agent.id);
                of_agent(agent_id, chat.id, AgentCommand::Close(None))
            }
            (5, _, Some(chat)) => Command::Visitor {
                source: None,
                visitor_id: chat.visitor_id,
                chat_id: chat.id,
                command: VisitorCommand::End,
            },
            _ => self.start(state),
        }
    }

    fn start(&self, state: &StateRecord) -> Command {
        let visitor_id = *pick(&self.random, &self.visitors).unwrap();
        let widget = pick(&self.random, &state.widgets);
        let start = StartChat {
            assigned: Vec::new(),
            last_agent_id: None,
            landing: Landing::default(),
            widget_id: widget.map_or(WidgetId(self.id()), |widget| widget.id),
            office_id: None,
            queue_id: None,
            contact: Arc::new(Contact {
                id: ContactId::of_visitor(visitor_id),
                name: None,
                email: None,
                fields: ContactFields::default(),
            }),
            message: None,
        };
        Command::Visitor {
            source: None,
            visitor_id,
            chat_id: ChatId(self.id()),
            command: VisitorCommand::Start(Box::new(start)),
        }
    }
}

/// One plan; gives how many commands were allowed.
async fn play(seed: u64) -> u64 {
    let store = store();
    let tenant_id = tenant(&store).await.id;
    let random = Random::seeded(seed);
    let mut plan = Plan {
        owner: Owner::of(store, tenant_id).await,
        visitors: (0..4).map(|_| VisitorId(random.uuid_v7(NOW))).collect(),
        random,
        now: NOW,
        connections: Vec::new(),
        applied: 0,
    };
    let mut state = plan.owner.check("at the beginning").await;
    for number in 0..COMMANDS {
        if !plan.chance(3) {
            plan.now = plan.now + plan.millis(20);
        }
        let command = plan.draw(&state);
        let what = format!("seed {seed}, command {number}: {command:?}");
        plan.call(command).await;
        state = plan.owner.check(&what).await;
    }
    plan.applied
}

#[tokio::test]
async fn what_is_loaded_is_what_was_in_memory_after_every_command() {
    let mut applied = 0;
    for number in 0..PLANS {
        applied += play(SEED + number).await;
    }
    assert!(
        applied > PLANS * COMMANDS / 3,
        "only {applied} were allowed"
    );
}
