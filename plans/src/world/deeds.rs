//! How each action becomes a command about things that exist.

use std::collections::BTreeSet;
use std::sync::Arc;

use deskbell::domain::{
    AgentId, ChatId, ChatState, ConnectionId, Contact, ContactFields, ContactId, Landing,
    OfferNumber, SessionId, Status, VisitorId,
};
use deskbell::engine::{
    AgentCommand, Command, LeaveMessage, NewStatus, PresenceCommand, StartChat, VisitorCommand,
};

use super::life::rate;
use super::{VISITORS, World, visitor};
use crate::plan::{Action, Index};

impl World {
    pub(crate) fn change_presence(&mut self, action: &Action) -> Option<Result<(), String>> {
        let agent_id = |world: &Self, index: &Index| pick(&world.agents, *index);
        let (agent_id, command) = match action {
            Action::SetStatus { agent, status, .. } => {
                let status = self.some_status(*status)?;
                (agent_id(self, agent)?, PresenceCommand::SetStatus(status))
            }
            Action::SetOverride {
                agent,
                office,
                status,
                ..
            } => {
                let office = pick(&self.offices, *office)?;
                let status = self.some_status(*status)?;
                let command = PresenceCommand::SetOverride(office, status);
                (agent_id(self, agent)?, command)
            }
            Action::ClearOverride { agent, office, .. } => {
                let office = pick(&self.offices, *office)?;
                (
                    agent_id(self, agent)?,
                    PresenceCommand::ClearOverride(office),
                )
            }
            Action::SetAfterChats { agent, status } => {
                let status = self.some_status(*status)?;
                let command = PresenceCommand::SetStatusAfterChats(status);
                (agent_id(self, agent)?, command)
            }
            Action::StartPause { agent, pause } => {
                let command = PresenceCommand::StartPause(pick(&self.pauses, *pause)?);
                (agent_id(self, agent)?, command)
            }
            Action::EndPause { agent } => (agent_id(self, agent)?, PresenceCommand::EndPause),
            Action::Ping {
                agent,
                takes_offers,
            } => {
                let takes_offers = *takes_offers;
                let command = PresenceCommand::Ping { takes_offers };
                (agent_id(self, agent)?, command)
            }
            Action::ActAsPerson { agent } => (agent_id(self, agent)?, PresenceCommand::Act),
            Action::LogInQueue { .. } => self.log_in(action)?,
            other => self.come_or_go(other)?,
        };
        let by = match (action, &command) {
            (_, PresenceCommand::Ping { .. } | PresenceCommand::Disconnect(_)) => None,
            (
                Action::SetStatus { by: Some(by), .. }
                | Action::SetOverride { by: Some(by), .. }
                | Action::ClearOverride { by: Some(by), .. }
                | Action::LogInQueue { by: Some(by), .. },
                _,
            ) => pick(&self.agents, *by),
            _ => Some(agent_id),
        };
        Some(self.presence(agent_id, by, command))
    }

    /// Queues.
    fn log_in(&self, action: &Action) -> Option<(AgentId, PresenceCommand)> {
        let Action::LogInQueue {
            agent,
            queue,
            logged_in,
            ..
        } = action
        else {
            return None;
        };
        let queue = pick(&self.queues, *queue)?;
        let command = if *logged_in {
            PresenceCommand::LogInQueue(queue)
        } else {
            PresenceCommand::LogOutQueue(queue)
        };
        Some((pick(&self.agents, *agent)?, command))
    }

    /// Connections and sessions.
    fn come_or_go(&mut self, action: &Action) -> Option<(AgentId, PresenceCommand)> {
        Some(match action {
            Action::Connect { agent } => {
                let connection = ConnectionId(self.new_id());
                (
                    pick(&self.agents, *agent)?,
                    PresenceCommand::Connect(connection),
                )
            }
            Action::ConnectAgain { connection } => {
                let (agent_id, connection) = pick(&self.connections, *connection)?;
                (agent_id, PresenceCommand::Connect(connection))
            }
            Action::Disconnect { connection } => {
                let (agent_id, connection) = pick(&self.connections, *connection)?;
                (agent_id, PresenceCommand::Disconnect(connection))
            }
            Action::LogOut { agent } => {
                let session = SessionId(self.new_id());
                (
                    pick(&self.agents, *agent)?,
                    PresenceCommand::LogOut(session),
                )
            }
            Action::Revoke { agent } => {
                let session = SessionId(self.new_id());
                (
                    pick(&self.agents, *agent)?,
                    PresenceCommand::Revoke(session),
                )
            }
            Action::Focus { connection, chat } => {
                let (agent_id, connection) = pick(&self.connections, *connection)?;
                let own = self.engine.agent_snapshot(agent_id)?.chats;
                let own: Vec<ChatId> = own.iter().map(|chat| chat.id).collect();
                let chat_id = chat.and_then(|chat| pick(&own, chat));
                (agent_id, PresenceCommand::Focus(connection, chat_id))
            }
            _ => return None,
        })
    }

    /// One of the four, or one that was added.
    fn some_status(&self, index: Index) -> Option<NewStatus> {
        let base = Status::ALL.iter().copied().map(NewStatus::Base);
        let custom = self.statuses.iter().copied().map(NewStatus::Custom);
        pick(&base.chain(custom).collect::<Vec<_>>(), index)
    }

    pub(crate) fn set_office(&mut self, action: &Action) -> Option<Result<(), String>> {
        let Action::SetOffice { office, status, by } = action else {
            return None;
        };
        let status = status.and_then(|status| self.some_status(status));
        let command = Command::Office {
            office_id: pick(&self.offices, *office)?,
            by: pick(&self.agents, *by)?,
            status,
        };
        Some(self.apply(command).map(|_| ()))
    }

    pub(crate) fn presence(
        &mut self,
        agent_id: AgentId,
        by: Option<AgentId>,
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
            _ => {}
        }
        let asked = Command::Presence {
            agent_id,
            by,
            command,
        };
        self.apply_knowing(asked, |world| world.connections = before)?;
        Ok(())
    }

    pub(crate) fn act_as_visitor(&mut self, action: &Action) -> Option<Result<(), String>> {
        let (chat_id, visitor_id, command) = match action {
            Action::Start {
                visitor: who,
                widget,
                office,
                queue,
                message,
                kept,
            } => {
                let kept =
                    kept.and_then(|(agent, assigned)| Some((pick(&self.agents, agent)?, assigned)));
                let (chat_id, visitor_id) = (ChatId(self.new_id()), self.some_visitor(*who));
                let message = message.then(|| self.new_message(chat_id, visitor_id));
                let start = StartChat {
                    known: None,
                    assigned: Vec::from_iter(
                        kept.filter(|(_, assigned)| *assigned).map(|(id, _)| id),
                    ),
                    last_agent_id: kept.filter(|(_, assigned)| !assigned).map(|(id, _)| id),
                    landing: Landing::default(),
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
                let (chat_id, visitor_id) = (ChatId(self.new_id()), self.some_visitor(*who));
                let id = self.new_message(chat_id, visitor_id);
                let left = LeaveMessage {
                    widget_id: pick(&self.widgets, *widget)?,
                    office_id: office.and_then(|index| pick(&self.offices, index)),
                    contact: sender(visitor_id),
                    message: (id, "Call me back".parse().unwrap()),
                };
                self.chats.push((chat_id, visitor_id));
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
            Action::Rate { chat, score } => {
                let (chat_id, visitor_id) = pick(&self.chats, *chat)?;
                (chat_id, visitor_id, rate(*score))
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

    pub(crate) fn act_in_chat(&mut self, action: &Action) -> Option<Result<(), String>> {
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
                    let command = VisitorCommand::Type(true, None);
                    return Some(self.as_visitor(visitor_id, chat_id, command));
                }
            }
            other => self.turn(other)?,
        };
        let command = Command::Agent {
            agent_id,
            chat_id,
            command,
        };
        Some(self.apply(command).map(|_| ()))
    }

    pub(crate) fn as_visitor(
        &mut self,
        visitor_id: VisitorId,
        chat_id: ChatId,
        command: VisitorCommand,
    ) -> Result<(), String> {
        let command = Command::Visitor {
            source: None,
            visitor_id,
            chat_id,
            command,
        };
        self.apply(command).map(|_| ())
    }

    fn some_visitor(&self, index: Index) -> VisitorId {
        visitor(self.first_id, u128::from(index) % VISITORS)
    }

    fn ringing(&self) -> Vec<(ChatId, OfferNumber, AgentId)> {
        let offers = self.engine.durable().offers.into_iter();
        offers
            .filter(|offer| offer.ended_at.is_none())
            .map(|offer| (offer.chat_id, offer.number, offer.agent_id))
            .collect()
    }

    /// Some agent in some chat that is active.
    pub(crate) fn participant(
        &self,
        chat: Index,
        agent: Index,
    ) -> Option<(ChatId, VisitorId, AgentId)> {
        let chats = self.engine.durable().chats;
        let active: Vec<_> = chats
            .iter()
            .filter(|c| matches!(c.state, ChatState::Active { .. }))
            .collect();
        let chat = pick(&active, chat)?;
        let agents: Vec<AgentId> = chat.participants.keys().copied().collect();
        Some((chat.id, chat.visitor_id, pick(&agents, agent)?))
    }
}

pub(crate) fn pick<T: Copy>(things: &[T], index: Index) -> Option<T> {
    let count = things.len();
    (count > 0).then(|| things[usize::from(index) % count])
}

/// Those of the first eight whose bit is set.
pub(crate) fn some_of<T: Copy + Ord>(things: &[T], bits: u8) -> BTreeSet<T> {
    let chosen = things.iter().take(8).enumerate();
    chosen
        .filter(|(at, _)| bits & (1 << at) != 0)
        .map(|(_, thing)| *thing)
        .collect()
}

fn contact(visitor_id: VisitorId) -> Arc<Contact> {
    Arc::new(Contact {
        id: ContactId::of_visitor(visitor_id),
        name: None,
        email: None,
        fields: ContactFields::default(),
    })
}

/// A visitor that says where the answer to its message goes.
fn sender(visitor_id: VisitorId) -> Arc<Contact> {
    Arc::new(Contact {
        name: Some("Vic".parse().unwrap()),
        email: Some("vic@home.example".parse().unwrap()),
        ..(*contact(visitor_id)).clone()
    })
}
