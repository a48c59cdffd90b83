//! How each action becomes a command about things that exist.

use std::collections::BTreeSet;
use std::sync::Arc;

use deskbell::domain::{
    Agent, AgentId, Capacity, ChatId, ConnectionId, Contact, ContactFields, ContactId, Millis,
    OfferNumber, Office, OfficeId, Queue, QueueId, QueueSettings, Role, SessionId, Status,
    Strategy, VisitorId, WhenNotLive, Widget, WidgetId, WidgetKey,
};
use deskbell::engine::{
    AgentCommand, Command, LeaveMessage, PasswordHash, PresenceCommand, SetupCommand, StartChat,
    VisitorCommand,
};
use uuid::Uuid;

use super::super::clients::AgentClient;
use super::super::plan::{Action, Index};
use super::{VISITORS, World, visitor};

impl World {
    pub(super) fn set_up(&mut self, action: &Action) -> Option<Result<(), String>> {
        let id = self.new_id();
        let (name, created_at) = (format!("thing {id}").parse().ok()?, self.now);
        let command = match action {
            Action::CreateOffice { hidden } => SetupCommand::CreateOffice(Office {
                id: OfficeId(id),
                name,
                when_not_live: if *hidden {
                    WhenNotLive::Hidden
                } else {
                    WhenNotLive::Messenger
                },
                created_at,
            }),
            Action::CreateAgent { capacity, again } => {
                let used = self.agents.first().filter(|_| *again).map(|id| id.0);
                let email = format!("{}@example.com", used.unwrap_or(id)).parse().ok()?;
                let agent = Agent {
                    id: AgentId(id),
                    name,
                    email,
                    role: Role::Agent,
                    capacity: Capacity::try_from(i64::from(*capacity)).ok()?,
                    created_at,
                };
                SetupCommand::CreateAgent(agent, PasswordHash(Arc::from("hash")))
            }
            Action::CreateQueue {
                office,
                members,
                ring_s,
                pause_s,
                max_waiting,
            } => {
                let settings = QueueSettings {
                    strategy: Strategy::LongestIdle,
                    ring_timeout: ring_s.map(|s| Millis::from_secs(i64::from(s))),
                    round_pause: Millis::from_secs(i64::from(*pause_s)),
                    max_waiting: u32::from(*max_waiting),
                };
                let office_id = pick(&self.offices, *office)?;
                let queue = Queue {
                    id: QueueId(id),
                    office_id,
                    name,
                    settings,
                    created_at,
                };
                SetupCommand::CreateQueue(queue, some_of(&self.agents, *members))
            }
            Action::SetMembers { queue, members } => {
                let members = some_of(&self.agents, *members);
                SetupCommand::SetMembers(pick(&self.queues, *queue)?, members)
            }
            Action::CreateWidget { offices } => SetupCommand::CreateWidget(Widget {
                id: WidgetId(id),
                key: WidgetKey::from_trusted(format!("wk_{id}")),
                name,
                office_ids: some_of(&self.offices, *offices).into_iter().collect(),
                allowed_domains: Vec::new(),
                messenger_text: "Leave us a message.".parse().ok()?,
                created_at,
            }),
            _ => return None,
        };
        Some(self.create(command, id))
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
            SetupCommand::SetMembers(..) => {}
        }
        if let Some(snapshot) = made.and_then(|id| self.engine.agent_snapshot(id)) {
            self.agent_clients.push(AgentClient::new(snapshot));
        }
        Ok(())
    }

    pub(super) fn change_presence(&mut self, action: &Action) -> Option<Result<(), String>> {
        const STATUSES: [Status; 4] = [
            Status::Online,
            Status::Away,
            Status::Offline,
            Status::Invisible,
        ];
        Some(match action {
            Action::SetStatus { agent, status } => {
                let agent_id = pick(&self.agents, *agent)?;
                let status = pick(&STATUSES, *status)?;
                self.presence(agent_id, PresenceCommand::SetStatus(status))
            }
            Action::Connect { agent } => {
                let agent_id = pick(&self.agents, *agent)?;
                let connection = ConnectionId(self.new_id());
                self.presence(agent_id, PresenceCommand::Connect(connection))
            }
            Action::ConnectAgain { connection } => {
                let (agent_id, connection) = pick(&self.connections, *connection)?;
                self.presence(agent_id, PresenceCommand::Connect(connection))
            }
            Action::Disconnect { connection } => {
                let (agent_id, connection) = pick(&self.connections, *connection)?;
                self.presence(agent_id, PresenceCommand::Disconnect(connection))
            }
            Action::LogOut { agent } => {
                let agent_id = pick(&self.agents, *agent)?;
                let session = SessionId(self.new_id());
                self.presence(agent_id, PresenceCommand::LogOut(session))
            }
            _ => return None,
        })
    }

    pub(super) fn presence(
        &mut self,
        agent_id: AgentId,
        command: PresenceCommand,
    ) -> Result<(), String> {
        let before = self.connections.clone();
        match command {
            PresenceCommand::Connect(id) if !before.contains(&(agent_id, id)) => {
                self.connections.push((agent_id, id));
            }
            PresenceCommand::Disconnect(id) => {
                self.connections.retain(|known| *known != (agent_id, id));
            }
            PresenceCommand::Connect(_)
            | PresenceCommand::SetStatus(_)
            | PresenceCommand::LogOut(_) => {}
        }
        let asked = Command::Presence { agent_id, command };
        self.apply_knowing(asked, |world| world.connections = before)?;
        Ok(())
    }

    pub(super) fn act_as_visitor(&mut self, action: &Action) -> Option<Result<(), String>> {
        let (chat_id, visitor_id, command) = match action {
            Action::Start {
                visitor: who,
                widget,
                office,
                queue,
                message,
            } => {
                let (chat_id, visitor_id) = (ChatId(self.new_id()), some_visitor(*who));
                let message = message.then(|| self.new_message(chat_id, visitor_id));
                let start = StartChat {
                    widget_id: pick(&self.widgets, *widget)?,
                    office_id: office.and_then(|index| pick(&self.offices, index)),
                    queue_id: queue.and_then(|index| pick(&self.queues, index)),
                    contact: contact(visitor_id),
                    message: message.map(|id| (id, "Hello".parse().unwrap())),
                };
                self.chats.push((chat_id, visitor_id));
                (chat_id, visitor_id, VisitorCommand::Start(Box::new(start)))
            }
            Action::LeaveMessage {
                visitor: who,
                widget,
                office,
            } => {
                let (chat_id, visitor_id) = (ChatId(self.new_id()), some_visitor(*who));
                let id = self.new_message(chat_id, visitor_id);
                let left = LeaveMessage {
                    widget_id: pick(&self.widgets, *widget)?,
                    office_id: office.and_then(|index| pick(&self.offices, index)),
                    contact: contact(visitor_id),
                    message: (id, "Call me back".parse().unwrap()),
                };
                (
                    chat_id,
                    visitor_id,
                    VisitorCommand::LeaveMessage(Box::new(left)),
                )
            }
            Action::VisitorWrites { chat } => {
                let (chat_id, visitor_id) = pick(&self.chats, *chat)?;
                let id = self.new_message(chat_id, visitor_id);
                let command = VisitorCommand::Send(id, "And then?".parse().unwrap());
                (chat_id, visitor_id, command)
            }
            Action::End { chat } => {
                let (chat_id, visitor_id) = pick(&self.chats, *chat)?;
                (chat_id, visitor_id, VisitorCommand::End)
            }
            _ => return None,
        };
        Some(self.as_visitor(visitor_id, chat_id, command))
    }

    /// Answers to offers, right and wrong ones.
    fn answer(&self, action: &Action) -> Option<(AgentId, ChatId, AgentCommand)> {
        match action {
            Action::Accept { offer } => {
                let (chat_id, number, agent_id) = pick(&self.ringing(), *offer)?;
                Some((agent_id, chat_id, AgentCommand::Accept(Some(number))))
            }
            Action::Reject { offer } => {
                let (chat_id, number, agent_id) = pick(&self.ringing(), *offer)?;
                Some((agent_id, chat_id, AgentCommand::Reject(number, None)))
            }
            Action::Pick { agent, chat } => {
                let (chat_id, _) = pick(&self.chats, *chat)?;
                let agent_id = pick(&self.agents, *agent)?;
                Some((agent_id, chat_id, AgentCommand::Accept(None)))
            }
            Action::AnswerAny {
                agent,
                chat,
                number,
                accept,
            } => {
                let (chat_id, _) = pick(&self.chats, *chat)?;
                let number = OfferNumber(u32::from(*number));
                let command = if *accept {
                    AgentCommand::Accept(Some(number))
                } else {
                    AgentCommand::Reject(number, None)
                };
                Some((pick(&self.agents, *agent)?, chat_id, command))
            }
            _ => None,
        }
    }

    pub(super) fn act_in_chat(&mut self, action: &Action) -> Option<Result<(), String>> {
        let (agent_id, chat_id, command) = match action {
            Action::Accept { .. }
            | Action::Reject { .. }
            | Action::Pick { .. }
            | Action::AnswerAny { .. } => self.answer(action)?,
            Action::AgentWrites { chat, participant } => {
                let (chat_id, visitor_id, agent_id) = self.participant(*chat, *participant)?;
                let id = self.new_message(chat_id, visitor_id);
                let text = "Let me see.".parse().unwrap();
                (agent_id, chat_id, AgentCommand::Send(id, text))
            }
            Action::Intrude { agent, chat } => {
                let (chat_id, visitor_id) = pick(&self.chats, *chat)?;
                let id = self.new_message(chat_id, visitor_id);
                let command = AgentCommand::Send(id, "Hi".parse().unwrap());
                (pick(&self.agents, *agent)?, chat_id, command)
            }
            Action::WriteAgain { message, agent } => {
                let known = self.messages.len().checked_sub(1)?;
                let at = usize::from(*message) % (known + 1);
                let (chat_id, visitor_id, id) = self.messages[at].clone();
                let text = "Again".parse().unwrap();
                if let Some(agent) = agent {
                    let agent_id = pick(&self.agents, *agent)?;
                    (agent_id, chat_id, AgentCommand::Send(id, text))
                } else {
                    let command = VisitorCommand::Send(id, text);
                    return Some(self.as_visitor(visitor_id, chat_id, command));
                }
            }
            Action::Type { chat, agent } => {
                if let Some(agent) = agent {
                    let (chat_id, _, agent_id) = self.participant(*chat, *agent)?;
                    (agent_id, chat_id, AgentCommand::Type(true))
                } else {
                    let (chat_id, visitor_id) = pick(&self.chats, *chat)?;
                    let command = VisitorCommand::Type(true);
                    return Some(self.as_visitor(visitor_id, chat_id, command));
                }
            }
            Action::Close { chat, participant } => {
                let (chat_id, _, agent_id) = self.participant(*chat, *participant)?;
                (agent_id, chat_id, AgentCommand::Close)
            }
            _ => return None,
        };
        let command = Command::Agent {
            agent_id,
            chat_id,
            command,
        };
        Some(self.apply(command).map(|_| ()))
    }

    fn as_visitor(
        &mut self,
        visitor_id: VisitorId,
        chat_id: ChatId,
        command: VisitorCommand,
    ) -> Result<(), String> {
        let command = Command::Visitor {
            visitor_id,
            chat_id,
            command,
        };
        self.apply(command).map(|_| ())
    }

    fn ringing(&self) -> Vec<(ChatId, OfferNumber, AgentId)> {
        let offers = self.engine.durable().offers.into_iter();
        offers
            .filter(|offer| offer.ended_at.is_none())
            .map(|offer| (offer.chat_id, offer.number, offer.agent_id))
            .collect()
    }

    /// Some agent in some chat that is active.
    fn participant(&self, chat: Index, agent: Index) -> Option<(ChatId, VisitorId, AgentId)> {
        let chats = self.engine.durable().chats;
        let active: Vec<_> = chats
            .iter()
            .filter(|c| !c.participants.is_empty())
            .collect();
        let chat = pick(&active, chat)?;
        let agents: Vec<AgentId> = chat.participants.keys().copied().collect();
        Some((chat.id, chat.visitor_id, pick(&agents, agent)?))
    }
}

fn pick<T: Copy>(things: &[T], index: Index) -> Option<T> {
    let count = things.len();
    (count > 0).then(|| things[usize::from(index) % count])
}

/// Those of the first eight whose bit is set.
fn some_of<T: Copy + Ord>(things: &[T], bits: u8) -> BTreeSet<T> {
    let chosen = things.iter().take(8).enumerate();
    chosen
        .filter(|(at, _)| bits & (1 << at) != 0)
        .map(|(_, thing)| *thing)
        .collect()
}

fn some_visitor(index: Index) -> VisitorId {
    visitor(u128::from(index) % VISITORS)
}

fn contact(visitor_id: VisitorId) -> Arc<Contact> {
    Arc::new(Contact {
        id: ContactId::of_visitor(visitor_id),
        name: None,
        email: None,
        fields: ContactFields::default(),
    })
}
