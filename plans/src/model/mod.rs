//! A small model, told of commands and answers: which chats wait and in which order, who has which chat, how many
//! messages there are; and who has refused what, as the events tell.

mod routing;

use std::collections::{BTreeMap, BTreeSet};

use deskbell::domain::{
    AgentId, Author, ChatId, ChatState, ConnectionId, LeaveReason, MessageId, NoteId,
    ParticipantRole, Priority, Purpose, Queue, QueueId, ReadMark, ReadMarks, Reader, Seen, Target,
    Timestamp,
};
use deskbell::engine::{
    AgentCommand, ChatEvent, ChatStateView, ChatView, Command, Engine, Event, EventKind,
    HandOverRequest, LifeEvent, OfferEvent, Refusal, Reply, StartChat, StateRecord, Transfer,
    VisitorCommand,
};

use super::presence;
use routing::Routing;

#[derive(Default)]
struct Chat {
    taken_by: BTreeSet<AgentId>,
    messages: BTreeMap<MessageId, Author>,
    deleted: BTreeSet<MessageId>,
    refused_by: BTreeSet<AgentId>,
    assisted_by: BTreeSet<AgentId>,
    /// What it looks for somebody for while it is active.
    seeks: Option<Purpose>,
    /// Whether it has looked for somebody besides: nobody may have come by that.
    has_sought: bool,
    /// Who has lost it because it did not write, until the chat waits again.
    lost_by: BTreeSet<AgentId>,
    /// Whom it is kept for while it waits.
    kept: Option<Kept>,
    /// Whether it goes before all others.
    ahead: bool,
    /// What its age counts from.
    since: Timestamp,
    /// How urgent it is.
    priority: Priority,
    notes: BTreeMap<NoteId, AgentId>,
    seen: ReadMarks,
}

/// Whom a chat is kept for.
struct Kept {
    agents: BTreeSet<AgentId>,
    /// Whether a colleague has given it to them, who may be invisible then.
    given: bool,
}

impl Chat {
    /// What is left of it when it is over: what was said in it.
    fn into_over(self) -> Self {
        Self {
            messages: self.messages,
            deleted: self.deleted,
            notes: self.notes,
            seen: self.seen,
            since: self.since,
            priority: self.priority,
            ..Self::default()
        }
    }
}

#[derive(Default)]
pub(crate) struct Model {
    /// Who stands in which queue; also the active ones that look for somebody.
    waiting: BTreeMap<QueueId, BTreeSet<ChatId>>,
    open: BTreeMap<ChatId, Chat>,
    closed: BTreeMap<ChatId, Chat>,
    /// What has begun to ring in this step, and when.
    rung: Vec<(ChatId, AgentId, Timestamp)>,
    /// What has begun to wait for somebody in this step, and how many had begun to ring by then.
    anew: BTreeMap<ChatId, usize>,
    /// Who still works on which chat that is over.
    wrapping: BTreeMap<ChatId, BTreeSet<AgentId>>,
}

impl Model {
    /// Another step.
    pub(crate) fn begin(&mut self) {
        self.rung.clear();
        self.anew.clear();
    }

    /// A command went well.
    pub(crate) fn did(
        &mut self,
        command: &Command,
        reply: &Reply,
        engine: &Engine,
    ) -> Result<(), String> {
        match command {
            Command::Visitor {
                chat_id, command, ..
            } => match command {
                VisitorCommand::Start(start) => self.started(*chat_id, start, reply, engine),
                VisitorCommand::Send(id, _) | VisitorCommand::Press(id, _) => {
                    self.sent(*chat_id, id, Author::Visitor, reply)
                }
                VisitorCommand::Edit(id, _) => self.changed(*chat_id, id, Author::Visitor, false),
                VisitorCommand::Delete(id) => self.changed(*chat_id, id, Author::Visitor, true),
                VisitorCommand::LeaveMessage(left) => {
                    let chat = self.closed.entry(*chat_id).or_default();
                    let id = left.message.0.clone();
                    chat.messages.insert(id, Author::Visitor);
                    if let Reply::Chat(view) = reply {
                        chat.since = view.started_at;
                    }
                    Ok(())
                }
                VisitorCommand::End | VisitorCommand::AskByEmail(_) => self.is_closed(*chat_id),
                VisitorCommand::Mark(seen) => self.seen(*chat_id, Reader::Visitor, *seen),
                VisitorCommand::Type(..) | VisitorCommand::Rate(_) => Ok(()),
            },
            Command::Agent {
                agent_id,
                chat_id,
                command,
            } => match command {
                AgentCommand::Accept(_) => self.taken(*chat_id, *agent_id),
                AgentCommand::Send(id, _) => {
                    if matches!(reply, Reply::Message(_)) {
                        self.joins(*chat_id, *agent_id);
                    }
                    self.sent(*chat_id, id, Author::Agent(*agent_id), reply)
                }
                AgentCommand::Edit(id, _) => {
                    self.changed(*chat_id, id, Author::Agent(*agent_id), false)
                }
                AgentCommand::Delete(id) => {
                    self.changed(*chat_id, id, Author::Agent(*agent_id), true)
                }
                // Others go on with it.
                AgentCommand::Close(_) if is_active(reply) => Ok(()),
                AgentCommand::Close(_) => self.is_closed(*chat_id),
                AgentCommand::Note(id, _) => self.noted(*chat_id, *agent_id, id, reply),
                AgentCommand::Mark(seen) => self.seen(*chat_id, Reader::Agent(*agent_id), *seen),
                AgentCommand::Reject(..)
                | AgentCommand::Type(_)
                | AgentCommand::Transfer(..)
                | AgentCommand::Invite(_)
                | AgentCommand::Assist(..)
                | AgentCommand::CancelHandOver
                | AgentCommand::ReadAlong(_)
                | AgentCommand::TakeOver
                | AgentCommand::Leave
                | AgentCommand::Update(_)
                | AgentCommand::EndWrapUp => Ok(()),
            },
            Command::Setup { .. }
            | Command::Presence { .. }
            | Command::Office { .. }
            | Command::Recover => Ok(()),
        }
    }

    fn started(
        &mut self,
        id: ChatId,
        start: &StartChat,
        reply: &Reply,
        engine: &Engine,
    ) -> Result<(), String> {
        let Reply::Chat(view) = reply else {
            return Err(format!("a chat was started with {reply:?}"));
        };
        let queue_id = view.queue_id.ok_or("a chat entered nowhere")?;
        let first = start.message.iter();
        let queue = engine.queue(queue_id).ok_or("a chat entered no queue")?;
        let settings = queue.queue.settings;
        let prefers = settings.prefer_last_agent_for.is_some();
        let last = start.last_agent_id.filter(|_| prefers);
        let agents: BTreeSet<AgentId> = if start.assigned.is_empty() {
            last.into_iter().collect()
        } else {
            start.assigned.iter().copied().collect()
        };
        let chat = Chat {
            since: view.started_at,
            priority: settings.priority,
            kept: (!agents.is_empty()).then_some(Kept {
                agents,
                given: false,
            }),
            messages: first.map(|(id, _)| (id.clone(), Author::Visitor)).collect(),
            ..Chat::default()
        };
        let chat = self.open.entry(id).or_insert(chat);
        if view.agents.is_empty() {
            self.stands_in(queue_id, id);
        } else {
            // An offer was an assignment.
            chat.taken_by.extend(view.agents.iter().map(|card| card.id));
            chat.kept = None;
        }
        Ok(())
    }

    /// A command was refused.
    pub(crate) fn was_refused(&self, command: &Command, refusal: &Refusal) -> Result<(), String> {
        let Command::Agent { chat_id, .. } = command else {
            return Ok(());
        };
        let chat = self.open.get(chat_id);
        let has_it = |id: &AgentId| {
            chat.is_some_and(|chat| chat.taken_by.contains(id) || chat.assisted_by.contains(id))
        };
        let nobody = chat.is_some_and(|chat| chat.taken_by.is_empty() || chat.has_sought);
        match refusal {
            Refusal::OfferGone { taken_by: told }
                if self.open.contains_key(chat_id) && !told.as_ref().map_or(nobody, has_it) =>
            {
                Err(format!("{told:?} was said to have {chat_id}"))
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
            let again =
                matches!(reply, Reply::AlreadySent(..)) && self.closed.contains_key(&chat_id);
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

    /// Somebody has changed a message: its own, and none that was deleted, but for deleting it once more.
    fn changed(
        &mut self,
        chat_id: ChatId,
        id: &MessageId,
        author: Author,
        deletes: bool,
    ) -> Result<(), String> {
        let chat = self.open.get_mut(&chat_id);
        let chat = chat.ok_or_else(|| format!("a message of {chat_id} was changed"))?;
        let own = chat.messages.get(id) == Some(&author);
        if !own || (!deletes && chat.deleted.contains(id)) {
            return Err(format!("{author:?} changed {id:?} of {chat_id}"));
        }
        if deletes {
            chat.deleted.insert(id.clone());
        }
        Ok(())
    }

    /// A note was written, once whatever the sender sends.
    fn noted(
        &mut self,
        chat_id: ChatId,
        author: AgentId,
        id: &NoteId,
        reply: &Reply,
    ) -> Result<(), String> {
        // Also of one that is over.
        let chat = self.open.get_mut(&chat_id);
        let Some(chat) = chat.or_else(|| self.closed.get_mut(&chat_id)) else {
            return Err(format!("a note in {chat_id}: {reply:?}"));
        };
        let known = chat.notes.get(id) == Some(&author);
        match reply {
            Reply::NoteWrittenBefore(..) if known => Ok(()),
            Reply::Note(view) if chat.notes.insert(id.clone(), author).is_none() => {
                let fits = view.note.number as usize == chat.notes.len();
                fits.then_some(())
                    .ok_or_else(|| format!("note {view:?} of {chat_id}"))
            }
            other => Err(format!("a note by {author}, known: {known}, was {other:?}")),
        }
    }

    /// Somebody has got so far, and not beyond what was said.
    fn seen(&mut self, chat_id: ChatId, reader: Reader, seen: Seen) -> Result<(), String> {
        let chat = self.open.get_mut(&chat_id);
        let chat = chat.ok_or_else(|| format!("a mark in {chat_id}"))?;
        if seen.mark().delivered_seq() as usize > chat.messages.len() {
            return Err(format!("{seen:?} is beyond the messages of {chat_id}"));
        }
        let answers = match reader {
            Reader::Visitor => true,
            // Who only reads along says nothing by that.
            Reader::Agent(id) => chat.taken_by.contains(&id),
        };
        if !answers {
            return Ok(());
        }
        let mark = chat.seen.of(reader).raised_to(seen.mark());
        // Who has set no mark has none.
        if mark != ReadMark::default() {
            chat.seen.set(reader, mark);
        }
        Ok(())
    }

    fn taken(&mut self, chat_id: ChatId, agent_id: AgentId) -> Result<(), String> {
        match self.open.get_mut(&chat_id) {
            // What comes of it is told by events.
            Some(chat) if chat.seeks.is_some() && !chat.taken_by.contains(&agent_id) => {
                return Ok(());
            }
            Some(chat) if chat.assisted_by.contains(&agent_id) && !chat.taken_by.is_empty() => {
                return Ok(());
            }
            Some(chat) if chat.seeks.is_some() => return Ok(()),
            _ => self.leaves_the_queue(chat_id),
        }
        // A message that was left, taken up from the inbox.
        if let Some(left) = self.closed.remove(&chat_id) {
            self.open.insert(chat_id, left);
        }
        match self.open.get_mut(&chat_id) {
            Some(chat) if chat.taken_by.is_empty() => {
                chat.taken_by.insert(agent_id);
                Ok(())
            }
            // Its first answer was lost.
            Some(chat) if chat.taken_by.contains(&agent_id) => Ok(()),
            _ => Err(format!(
                "{agent_id} took {chat_id}, which was not to be had"
            )),
        }
    }

    /// Whoever has written takes part (PRES-10).
    fn joins(&mut self, chat_id: ChatId, agent_id: AgentId) {
        if self
            .open
            .get(&chat_id)
            .is_some_and(|chat| chat.seeks.is_none())
        {
            self.leaves_the_queue(chat_id);
        }
        if let Some(chat) = self.open.get_mut(&chat_id) {
            chat.taken_by.insert(agent_id);
        }
    }

    fn is_closed(&self, chat_id: ChatId) -> Result<(), String> {
        if self.closed.contains_key(&chat_id) {
            Ok(())
        } else {
            Err(format!("{chat_id} was closed, and no event says so"))
        }
    }

    /// A chat is over, or in the inbox.
    fn goes(&mut self, chat_id: ChatId) {
        self.leaves_the_queue(chat_id);
        let chat = self.open.remove(&chat_id).unwrap_or_default();
        self.closed.insert(chat_id, chat.into_over());
    }

    /// A chat that was over goes on, with these agents.
    fn reopened(&mut self, view: &ChatView, at: Timestamp) {
        let Some(chat) = self.closed.remove(&view.id) else {
            return;
        };
        let chat = Chat {
            taken_by: view.agents.iter().map(|card| card.id).collect(),
            since: at,
            ..chat.into_over()
        };
        let queue = view.queue_id.filter(|_| chat.taken_by.is_empty());
        self.open.insert(view.id, chat);
        if let Some(queue_id) = queue {
            self.stands_in(queue_id, view.id);
        }
    }

    fn leaves_the_queue(&mut self, chat_id: ChatId) {
        for waiting in self.waiting.values_mut() {
            waiting.remove(&chat_id);
        }
    }

    pub(crate) fn see(&mut self, event: &Event) {
        if let Some(chat_id) = begins_to_wait(&event.kind) {
            self.anew.insert(chat_id, self.rung.len());
        }
        match &event.kind {
            EventKind::Offer(OfferEvent::Made(view, _), _) => {
                self.rung.push((view.chat_id, view.agent_id, event.at));
            }
            EventKind::Offer(OfferEvent::Rejected(key, _) | OfferEvent::Missed(key), _) => {
                if let Some(chat) = self.open.get_mut(&key.chat_id) {
                    chat.refused_by.insert(key.agent_id);
                }
            }
            EventKind::Chat(ChatEvent::Closed(parties, _)) => self.goes(parties.chat_id),
            // One that lies in the inbox already has been given an address.
            EventKind::Chat(ChatEvent::Deferred(view, _)) if self.open.contains_key(&view.id) => {
                self.goes(view.id);
            }
            EventKind::Chat(ChatEvent::Life(turn)) => self.see_turn(turn, event.at),
            EventKind::Chat(event) => self.see_chat(event),
            _ => {}
        }
    }

    fn see_turn(&mut self, turn: &LifeEvent, at: Timestamp) {
        match turn {
            LifeEvent::Reopened(view, _) => self.reopened(view, at),
            LifeEvent::Updated(parties, marks) => {
                if let Some(chat) = self.open.get_mut(&parties.chat_id) {
                    chat.priority = marks.priority;
                }
            }
            LifeEvent::WrapUpStarted(view) => {
                let wrapping = self.wrapping.entry(view.chat.id).or_default();
                wrapping.insert(view.agent_id);
            }
            LifeEvent::WrapUpEnded(chat_id, agent_id) => {
                let wrapping = self.wrapping.entry(*chat_id).or_default();
                wrapping.remove(agent_id);
                if wrapping.is_empty() {
                    self.wrapping.remove(chat_id);
                }
            }
            _ => {}
        }
    }

    fn see_chat(&mut self, event: &ChatEvent) {
        let chat_id = event.chat_id();
        let Some(chat) = self.open.get_mut(&chat_id) else {
            return;
        };
        match event {
            ChatEvent::MessageSent(_, view) if view.message.author == Author::System => {
                chat.messages
                    .insert(view.message.id.clone(), Author::System);
            }
            ChatEvent::RoundStarted(_) => chat.refused_by.clear(),
            ChatEvent::ReservationEnded(_) => chat.kept = None,
            ChatEvent::Overflowed(view, _) => {
                chat.refused_by.clear();
                self.stands_as_told(view);
            }
            ChatEvent::Accepted(_, agent_id) => {
                chat.taken_by.insert(*agent_id);
                chat.assisted_by.remove(agent_id);
                (chat.ahead, chat.kept) = (false, None);
                self.leaves_the_queue(chat_id);
            }
            ChatEvent::HandOverRequested(_, request) => self.see_request(chat_id, request),
            ChatEvent::HandOverEnded(..) => self.seeks_no_more(chat_id),
            ChatEvent::ParticipantJoined(_, agent_id, role) => {
                match role {
                    ParticipantRole::Agent => {
                        chat.taken_by.insert(*agent_id);
                    }
                    ParticipantRole::Assistant => {
                        chat.assisted_by.insert(*agent_id);
                    }
                    ParticipantRole::Listener => {}
                }
                if *role == ParticipantRole::Agent {
                    chat.assisted_by.remove(agent_id);
                }
            }
            ChatEvent::ParticipantLeft(_, departure) => {
                let id = departure.agent.id;
                chat.taken_by.remove(&id);
                chat.assisted_by.remove(&id);
                if departure.reason == LeaveReason::NoFirstReply {
                    chat.lost_by.insert(id);
                }
            }
            ChatEvent::Transferred(view, transfer) => {
                self.see_transfer(view, **transfer);
            }
            ChatEvent::Requeued(view, reason) => {
                chat.refused_by = std::mem::take(&mut chat.lost_by);
                chat.ahead = *reason == LeaveReason::AgentGone;
                self.stands_as_told(view);
            }
            _ => {}
        }
        if let (Some(chat), Some(seeks)) = (self.open.get(&chat_id), found(event))
            && chat.seeks == Some(seeks)
        {
            self.seeks_no_more(chat_id);
        }
    }

    fn see_request(&mut self, chat_id: ChatId, request: &HandOverRequest) {
        let Some((chat, to)) = self.open.get_mut(&chat_id).zip(request.to) else {
            return;
        };
        chat.seeks = Some(request.purpose);
        chat.has_sought = true;
        chat.refused_by.clear();
        // Who gave it away at once to others besides those who stay is not asked for it.
        if !chat.taken_by.contains(&request.by.id) {
            chat.refused_by.insert(request.by.id);
        }
        if let Target::Queue(id) = to {
            self.stands_in(id, chat_id);
        }
    }

    fn see_transfer(&mut self, view: &ChatView, transfer: Transfer) {
        let Some(chat) = self.open.get_mut(&view.id) else {
            return;
        };
        if let Some(agent_id) = transfer.agent_id {
            chat.taken_by.insert(agent_id);
            chat.assisted_by.remove(&agent_id);
            self.seeks_no_more(view.id);
        } else {
            chat.refused_by = BTreeSet::from([transfer.by]);
            chat.kept = match transfer.to {
                Target::Agent(id) => Some(Kept {
                    agents: BTreeSet::from([id]),
                    given: true,
                }),
                Target::Queue(_) => None,
            };
            self.stands_as_told(view);
        }
    }

    fn seeks_no_more(&mut self, chat_id: ChatId) {
        if let Some(chat) = self.open.get_mut(&chat_id) {
            chat.seeks = None;
            chat.refused_by.clear();
        }
        self.leaves_the_queue(chat_id);
    }

    fn stands_as_told(&mut self, view: &ChatView) {
        if let Some(queue_id) = view.queue_id {
            self.stands_in(queue_id, view.id);
        }
    }

    fn stands_in(&mut self, queue_id: QueueId, chat_id: ChatId) {
        self.leaves_the_queue(chat_id);
        self.waiting.entry(queue_id).or_default().insert(chat_id);
    }

    /// Who goes ahead stands first, then who is older, where each step of priority counts as so much more age.
    fn line(&self, queue: &Queue) -> Vec<ChatId> {
        let waiting = self.waiting.get(&queue.id).into_iter().flatten();
        let mut line: Vec<ChatId> = waiting.copied().collect();
        line.sort_by_key(|id| {
            let chat = &self.open[id];
            let bonus = i64::from(chat.priority.get()) * queue.settings.ageing.0;
            (!chat.ahead, chat.since.0 - bonus, *id)
        });
        line
    }

    pub(crate) fn check(
        &self,
        engine: &Engine,
        durable: &StateRecord,
        connections: &[(AgentId, ConnectionId)],
        now: Timestamp,
    ) -> Result<(), String> {
        let presences = presence::check(engine, durable, now)?;
        let (over, open): (Vec<_>, Vec<_>) = durable
            .chats
            .iter()
            .partition(|chat| matches!(chat.state, ChatState::WrapUp { .. }));
        if !open.iter().map(|chat| &chat.id).eq(self.open.keys()) {
            return Err("other chats are open than were started and not closed".to_owned());
        }
        let wrapping = over.iter().map(|chat| {
            let agents = chat.course.wrapping.keys().copied();
            (chat.id, agents.collect::<BTreeSet<_>>())
        });
        if !wrapping.eq(self.wrapping.clone()) {
            return Err(format!("other work is left than {:?}", self.wrapping));
        }
        let queues = durable.queues.iter();
        let lines: BTreeMap<QueueId, Vec<ChatId>> = queues
            .map(|(queue, ..)| (queue.id, self.line(queue)))
            .collect();
        for record in open {
            let chat = &self.open[&record.id];
            let place = record.queue_id.and_then(|id| {
                let at = lines.get(&id)?.iter().position(|id| *id == record.id)?;
                u32::try_from(at + 1).ok()
            });
            let waits = record.state == ChatState::Waiting;
            let place = place.filter(|_| waits);
            let view = engine
                .chat(record.id)
                .ok_or("an open chat is not in memory")?;
            if view.position != place || place.is_some() != waits {
                return Err(format!(
                    "{} is at {:?}, not {place:?}",
                    record.id, view.position
                ));
            }
            let answering = |role| {
                let parts = record.participants.iter();
                let has = parts.filter(move |(_, part)| part.role == role);
                has.map(|(id, _)| *id).collect::<BTreeSet<_>>()
            };
            if answering(ParticipantRole::Agent) != chat.taken_by
                || answering(ParticipantRole::Assistant) != chat.assisted_by
            {
                return Err(format!("{} has not {:?}", record.id, chat.taken_by));
            }
            if view.last_note as usize != chat.notes.len() || *view.read_marks != chat.seen {
                return Err(format!(
                    "{} has not {:?} and {:?}",
                    record.id, chat.notes, chat.seen
                ));
            }
            if record.last_seq as usize != chat.messages.len() {
                return Err(format!(
                    "{} has {} messages",
                    record.id,
                    chat.messages.len()
                ));
            }
        }
        let routing = Routing {
            durable,
            connections,
            presences,
            is_due: engine.next_deadline().is_some_and(|at| at <= now),
            now,
        };
        routing.check(self)
    }
}

/// Whether the answer shows a chat that agents have.
fn is_active(reply: &Reply) -> bool {
    let active = |state| matches!(state, ChatStateView::Settled(ChatState::Active { .. }));
    matches!(reply, Reply::Chat(view) if active(view.state))
}

/// The chat that an event makes one that rings at nobody and could: it stands in another line, or rang until now, or a
/// round of its has begun.
fn begins_to_wait(event: &EventKind) -> Option<ChatId> {
    match event {
        EventKind::Offer(
            OfferEvent::Rejected(key, _) | OfferEvent::Missed(key) | OfferEvent::Withdrawn(key, _),
            _,
        ) => Some(key.chat_id),
        EventKind::Chat(
            event @ (ChatEvent::Overflowed(..)
            | ChatEvent::Requeued(..)
            | ChatEvent::Transferred(..)
            | ChatEvent::RoundStarted(_)
            | ChatEvent::ReservationEnded(_)),
        ) => Some(event.chat_id()),
        _ => None,
    }
}

/// What somebody came in for, if an event says that a search has found it.
fn found(event: &ChatEvent) -> Option<Purpose> {
    match event {
        ChatEvent::ParticipantJoined(view, _, ParticipantRole::Agent)
            if view.hand_over().is_none() =>
        {
            Some(Purpose::Invite)
        }
        ChatEvent::ParticipantJoined(view, _, ParticipantRole::Assistant)
            if view.hand_over().is_none() =>
        {
            Some(Purpose::Assist)
        }
        _ => None,
    }
}
