//! A small model, told of commands and answers: which chats wait and in which order, who has which chat, how many
//! messages there are; and who has refused what, as the events tell.

use std::collections::{BTreeMap, BTreeSet};

use deskbell::domain::{
    AgentId, Author, ChatId, ChatState, ConnectionId, MessageId, QueueId, Status,
};
use deskbell::engine::{
    AgentCommand, ChatEvent, Command, Engine, Event, EventKind, OfferEvent, Refusal, Reply,
    StateRecord, VisitorCommand,
};

#[derive(Default)]
struct Chat {
    taken_by: Option<AgentId>,
    messages: BTreeMap<MessageId, Author>,
    refused_by: BTreeSet<AgentId>,
}

#[derive(Default)]
pub(super) struct Model {
    /// In the order in which they were started.
    waiting: BTreeMap<QueueId, Vec<ChatId>>,
    open: BTreeMap<ChatId, Chat>,
    closed: BTreeSet<ChatId>,
}

impl Model {
    /// A command went well.
    pub(super) fn did(&mut self, command: &Command, reply: &Reply) -> Result<(), String> {
        match command {
            Command::Visitor {
                chat_id, command, ..
            } => match command {
                VisitorCommand::Start(start) => {
                    let Reply::Chat(view) = reply else {
                        return Err(format!("a chat was started with {reply:?}"));
                    };
                    let queue_id = view.queue_id.ok_or("a chat entered nowhere")?;
                    self.waiting.entry(queue_id).or_default().push(*chat_id);
                    let chat = self.open.entry(*chat_id).or_default();
                    let first = start.message.iter();
                    chat.messages
                        .extend(first.map(|(id, _)| (id.clone(), Author::Visitor)));
                    Ok(())
                }
                VisitorCommand::Send(id, _) => self.sent(*chat_id, id, Author::Visitor, reply),
                VisitorCommand::End => self.closed(*chat_id),
                VisitorCommand::LeaveMessage(_) => {
                    self.closed.insert(*chat_id);
                    Ok(())
                }
                VisitorCommand::Type(_) => Ok(()),
            },
            Command::Agent {
                agent_id,
                chat_id,
                command,
            } => match command {
                AgentCommand::Accept(_) => self.taken(*chat_id, *agent_id),
                AgentCommand::Send(id, _) => {
                    self.sent(*chat_id, id, Author::Agent(*agent_id), reply)
                }
                AgentCommand::Close => self.closed(*chat_id),
                AgentCommand::Reject(..) | AgentCommand::Type(_) => Ok(()),
            },
            Command::Setup { .. } | Command::Presence { .. } | Command::Recover => Ok(()),
        }
    }

    /// A command was refused.
    pub(super) fn was_refused(&self, command: &Command, refusal: Refusal) -> Result<(), String> {
        let Command::Agent { chat_id, .. } = command else {
            return Ok(());
        };
        let taken_by = self.open.get(chat_id).and_then(|chat| chat.taken_by);
        match refusal {
            Refusal::OfferGone { taken_by: told }
                if self.open.contains_key(chat_id) && told != taken_by =>
            {
                Err(format!(
                    "{told:?} was said to have {chat_id}, not {taken_by:?}"
                ))
            }
            Refusal::ChatClosed if self.open.contains_key(chat_id) => {
                Err(format!("{chat_id} was said to be closed"))
            }
            _ => Ok(()),
        }
    }

    fn sent(
        &mut self,
        chat_id: ChatId,
        id: &MessageId,
        author: Author,
        reply: &Reply,
    ) -> Result<(), String> {
        let Some(chat) = self.open.get_mut(&chat_id) else {
            let again = matches!(reply, Reply::AlreadySent(..)) && self.closed.contains(&chat_id);
            return if again {
                Ok(())
            } else {
                Err(format!("a message to {chat_id}: {reply:?}"))
            };
        };
        let known = chat.messages.get(id) == Some(&author);
        match reply {
            Reply::AlreadySent(..) if known => Ok(()),
            Reply::Message(view) if !chat.messages.contains_key(id) => {
                chat.messages.insert(id.clone(), author);
                let fits = view.message.seq as usize == chat.messages.len();
                if fits {
                    Ok(())
                } else {
                    Err(format!("message {view:?} of {chat_id}"))
                }
            }
            other => Err(format!(
                "a message by {author:?}, known: {known}, was {other:?}"
            )),
        }
    }

    fn taken(&mut self, chat_id: ChatId, agent_id: AgentId) -> Result<(), String> {
        self.leaves_the_queue(chat_id);
        match self.open.get_mut(&chat_id) {
            Some(chat) if chat.taken_by.is_none() => {
                chat.taken_by = Some(agent_id);
                Ok(())
            }
            // Its first answer was lost.
            Some(chat) if chat.taken_by == Some(agent_id) => Ok(()),
            _ => Err(format!(
                "{agent_id} took {chat_id}, which was not to be had"
            )),
        }
    }

    fn closed(&mut self, chat_id: ChatId) -> Result<(), String> {
        self.leaves_the_queue(chat_id);
        self.closed.insert(chat_id);
        let chat = self.open.remove(&chat_id);
        chat.map(|_| ())
            .ok_or_else(|| format!("{chat_id} was closed twice"))
    }

    fn leaves_the_queue(&mut self, chat_id: ChatId) {
        for waiting in self.waiting.values_mut() {
            waiting.retain(|id| *id != chat_id);
        }
    }

    pub(super) fn see(&mut self, event: &Event) {
        match &event.kind {
            EventKind::Offer(OfferEvent::Rejected(key, _) | OfferEvent::Missed(key)) => {
                if let Some(chat) = self.open.get_mut(&key.chat_id) {
                    chat.refused_by.insert(key.agent_id);
                }
            }
            EventKind::Chat(ChatEvent::RoundStarted(id)) => {
                if let Some(chat) = self.open.get_mut(id) {
                    chat.refused_by.clear();
                }
            }
            _ => {}
        }
    }

    pub(super) fn check(
        &self,
        engine: &Engine,
        durable: &StateRecord,
        connections: &[(AgentId, ConnectionId)],
    ) -> Result<(), String> {
        if !durable
            .chats
            .iter()
            .map(|chat| &chat.id)
            .eq(self.open.keys())
        {
            return Err("other chats are open than were started and not closed".to_owned());
        }
        for record in &durable.chats {
            let chat = &self.open[&record.id];
            let place = record.queue_id.and_then(|id| {
                let waiting = self.waiting.get(&id)?;
                let at = waiting.iter().position(|id| *id == record.id)?;
                u32::try_from(at + 1).ok()
            });
            let view = engine
                .chat(record.id)
                .ok_or("an open chat is not in memory")?;
            if view.position != place || (place.is_some()) != (record.state == ChatState::Waiting) {
                return Err(format!(
                    "{} is at {:?}, not {place:?}",
                    record.id, view.position
                ));
            }
            if !record.participants.keys().eq(chat.taken_by.iter()) {
                return Err(format!("{} has not {:?} alone", record.id, chat.taken_by));
            }
            if record.last_seq as usize != chat.messages.len() {
                return Err(format!(
                    "{} has {} messages",
                    record.id,
                    chat.messages.len()
                ));
            }
        }
        self.check_routing(engine, durable, connections)
    }

    /// No chat waits while somebody could take it; nobody has more than it may.
    fn check_routing(
        &self,
        engine: &Engine,
        durable: &StateRecord,
        connections: &[(AgentId, ConnectionId)],
    ) -> Result<(), String> {
        let ringing: Vec<_> = durable
            .offers
            .iter()
            .filter(|o| o.ended_at.is_none())
            .collect();
        let mut free = BTreeSet::new();
        for (agent, _) in &durable.agents {
            let chats = durable
                .chats
                .iter()
                .filter(|c| c.participants.contains_key(&agent.id));
            let offers = ringing.iter().filter(|offer| offer.agent_id == agent.id);
            let load = chats.count() + offers.clone().count();
            let presence = engine
                .presence(agent.id)
                .ok_or("an agent without a presence")?;
            let online = presence.effective.status == Status::Online;
            let capacity = agent.capacity.get() as usize;
            if load > capacity || (offers.count() > 0 && !online) {
                return Err(format!(
                    "{} has {load} and is {presence:?}",
                    agent.name.as_str()
                ));
            }
            if online && load < capacity && connections.iter().any(|(id, _)| *id == agent.id) {
                free.insert(agent.id);
            }
        }
        for (queue, members) in &durable.queues {
            for chat_id in self.waiting.get(&queue.id).into_iter().flatten() {
                let mut offers = ringing.iter().filter(|offer| offer.chat_id == *chat_id);
                if let Some(offer) = offers.next() {
                    if !members.contains(&offer.agent_id) || offers.next().is_some() {
                        return Err(format!("{chat_id} rings where it may not: {offer:?}"));
                    }
                    continue;
                }
                let refused = &self.open[chat_id].refused_by;
                if let Some(agent) = members
                    .iter()
                    .find(|id| free.contains(id) && !refused.contains(id))
                {
                    return Err(format!("{chat_id} waits although {agent} could take it"));
                }
                let paused = durable
                    .chats
                    .iter()
                    .any(|c| c.id == *chat_id && c.round_starts_at.is_some());
                if !paused && members.iter().any(|id| free.contains(id)) {
                    return Err(format!(
                        "{chat_id} was refused by all and is never offered again"
                    ));
                }
            }
        }
        Ok(())
    }
}
