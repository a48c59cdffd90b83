//! A store as the shell keeps it: things from the events that create them, and the records that a batch made stale.

use std::collections::{BTreeMap, BTreeSet};

use deskbell::domain::{
    Agent, AgentId, Ban, BanId, ChatId, ChatState, CustomStatus, Disposition, DispositionId,
    MessageId, NoteId, OfferNumber, OfferState, Office, OfficeId, Pause, PauseId, Queue, QueueId,
    QueueMemory, ReadMark, Reader, RoutingRule, RoutingRuleId, ShownReason, Skill, SkillId,
    StatusId, TenantSettings, Timestamp, Widget, WidgetId,
};
use deskbell::engine::{
    AgentRecord, ChatBundle, ChatEvent, ChatRecord, Engine, Event, EventKind, MarkRecord,
    MessageKind, MessageRecord, NoteRecord, OfferRecord, OfficeRecord, SetupEvent, StateRecord,
    Subject,
};

/// Where what happened is kept, as the shell does it: what happened is taken note of, and made durable by a commit.
pub trait Store {
    /// Takes note of what happened.
    fn take(&mut self, event: &Event);
    /// Writes what was taken note of, and the records that it made stale, as one transaction does.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    fn commit(&mut self, engine: &Engine) -> Result<(), String>;
    /// A chat that is over, if there is such a one.
    fn bundle(&mut self, chat_id: ChatId) -> Option<ChatBundle>;
    /// What an engine is restored from.
    fn load(&mut self) -> StateRecord;
}

/// A store in memory that refuses what the constraints of a database would.
#[derive(Default)]
pub struct Memory {
    settings: TenantSettings,
    statuses: BTreeMap<StatusId, CustomStatus>,
    pauses: BTreeMap<PauseId, Pause>,
    skills: BTreeMap<SkillId, Skill>,
    dispositions: BTreeMap<DispositionId, Disposition>,
    routing_rules: BTreeMap<RoutingRuleId, RoutingRule>,
    bans: BTreeMap<BanId, Ban>,
    offices: BTreeMap<OfficeId, Office>,
    shown: BTreeMap<OfficeId, OfficeRecord>,
    profiles: BTreeMap<AgentId, Agent>,
    facts: BTreeMap<AgentId, AgentRecord>,
    queues: BTreeMap<QueueId, (Queue, BTreeSet<AgentId>)>,
    memories: BTreeMap<QueueId, QueueMemory>,
    widgets: BTreeMap<WidgetId, Widget>,
    chats: BTreeMap<ChatId, ChatRecord>,
    offers: BTreeMap<(ChatId, OfferNumber), OfferRecord>,
    messages: BTreeMap<(ChatId, MessageId), (u32, MessageRecord)>,
    notes: BTreeMap<(ChatId, NoteId), NoteRecord>,
    marks: BTreeMap<(ChatId, Reader), ReadMark>,
    batch: Vec<Event>,
}

impl Store for Memory {
    fn take(&mut self, event: &Event) {
        self.batch.push(event.clone());
    }

    fn commit(&mut self, engine: &Engine) -> Result<(), String> {
        let mut stale: BTreeSet<Subject> = BTreeSet::new();
        for event in std::mem::take(&mut self.batch) {
            event.subjects(&mut stale);
            self.write(event.kind, event.at)?;
        }
        let records = engine.records(&stale);
        for record in records.agents {
            self.facts.insert(record.agent_id, record);
        }
        for work in records.works {
            let unknown = || format!("the work of {}, who is not there", work.agent_id);
            let record = self.facts.get_mut(&work.agent_id).ok_or_else(unknown)?;
            record.idle_since = work.idle_since;
            record.work = work.work;
        }
        for record in records.offices {
            self.shown.insert(record.office_id, record);
        }
        for record in records.chats {
            self.chats.insert(record.id, record);
        }
        for record in records.offers {
            self.offers.insert((record.chat_id, record.number), record);
        }
        for record in records.queues {
            self.memories.insert(record.queue_id, record.memory);
        }
        self.check()
    }

    fn bundle(&mut self, chat_id: ChatId) -> Option<ChatBundle> {
        let own = self.messages.iter().filter(|((id, _), _)| *id == chat_id);
        Some(ChatBundle {
            chat: self.chats.get(&chat_id)?.clone(),
            messages: own.map(|(_, (_, record))| record.clone()).collect(),
            notes: (self.notes.iter().filter(|((id, _), _)| *id == chat_id))
                .map(|(_, record)| record.clone())
                .collect(),
            marks: (self.marks.iter().filter(|((id, _), _)| *id == chat_id))
                .map(|((chat_id, reader), mark)| MarkRecord {
                    chat_id: *chat_id,
                    reader: *reader,
                    mark: *mark,
                })
                .collect(),
        })
    }

    fn load(&mut self) -> StateRecord {
        let open = |chat: &&ChatRecord| match chat.state {
            ChatState::Waiting | ChatState::Active { .. } | ChatState::WrapUp { .. } => true,
            ChatState::Closed { .. } | ChatState::OfflineMessage => false,
        };
        let chats: Vec<ChatRecord> = self.chats.values().filter(open).cloned().collect();
        let rounds: BTreeMap<ChatId, u32> = chats.iter().map(|c| (c.id, c.round)).collect();
        let matters = |offer: &&OfferRecord| {
            rounds
                .get(&offer.chat_id)
                .is_some_and(|round| match offer.state {
                    OfferState::Ringing => true,
                    OfferState::Rejected | OfferState::Missed => offer.round == *round,
                    OfferState::Accepted | OfferState::Withdrawn(_) => false,
                })
        };
        StateRecord {
            settings: self.settings,
            statuses: self.statuses.values().cloned().collect(),
            pauses: self.pauses.values().cloned().collect(),
            skills: self.skills.values().cloned().collect(),
            dispositions: self.dispositions.values().cloned().collect(),
            routing_rules: self.routing_rules.values().cloned().collect(),
            bans: self.bans.values().cloned().collect(),
            offices: self
                .offices
                .values()
                .map(|office| (office.clone(), self.shown[&office.id].clone()))
                .collect(),
            agents: self
                .profiles
                .values()
                .map(|agent| (agent.clone(), self.facts[&agent.id].clone()))
                .collect(),
            queues: self
                .queues
                .values()
                .map(|(queue, members)| {
                    let memory = self.memories.get(&queue.id).copied().unwrap_or_default();
                    (queue.clone(), members.clone(), memory)
                })
                .collect(),
            widgets: self.widgets.values().cloned().collect(),
            offers: self.offers.values().filter(matters).cloned().collect(),
            messages: self
                .messages
                .values()
                .filter(|(_, record)| rounds.contains_key(&record.chat_id))
                .map(|(_, record)| record.clone())
                .collect(),
            notes: self
                .notes
                .values()
                .filter(|record| rounds.contains_key(&record.chat_id))
                .cloned()
                .collect(),
            marks: self
                .marks
                .iter()
                .filter(|((chat_id, _), _)| rounds.contains_key(chat_id))
                .map(|((chat_id, reader), mark)| MarkRecord {
                    chat_id: *chat_id,
                    reader: *reader,
                    mark: *mark,
                })
                .collect(),
            chats,
        }
    }
}

impl Memory {
    fn write(&mut self, kind: EventKind, at: Timestamp) -> Result<(), String> {
        match kind {
            EventKind::Setup(event) => self.write_set_up(event, at),
            EventKind::Chat(ChatEvent::MessageSent(parties, view)) => {
                let message = view.message;
                let record = MessageRecord {
                    chat_id: parties.chat_id,
                    message_id: message.id.clone(),
                    seq: message.seq,
                    author: message.author,
                    kind: MessageKind::of(&message.body),
                };
                let key = (parties.chat_id, message.id);
                if self.messages.insert(key, (message.seq, record)).is_some() {
                    return Err("a message was sent twice".to_owned());
                }
            }
            EventKind::Chat(ChatEvent::MessageEdited(parties, edited)) => {
                let (seq, record) = self.message(parties.chat_id, &edited.id)?;
                let kept = matches!(
                    record.kind,
                    MessageKind::Plain | MessageKind::WithButtons(_)
                );
                if *seq != edited.seq || !kept {
                    return Err(format!("{record:?} was edited"));
                }
            }
            EventKind::Chat(ChatEvent::MessageDeleted(parties, deleted)) => {
                let (seq, record) = self.message(parties.chat_id, &deleted.id)?;
                if *seq != deleted.seq || record.kind == MessageKind::Deleted {
                    return Err(format!("{record:?} was deleted"));
                }
                record.kind = MessageKind::Deleted;
            }
            EventKind::Note(event) => {
                let note = event.note.note;
                let key = (event.chat_id, note.id.clone());
                let record = NoteRecord {
                    chat_id: event.chat_id,
                    note_id: note.id,
                    number: note.number,
                    author: note.author,
                };
                if self.notes.insert(key, record).is_some() {
                    return Err("a note was written twice".to_owned());
                }
            }
            EventKind::Chat(ChatEvent::MarkRaised(parties, raised)) => {
                let key = (parties.chat_id, raised.reader);
                let before = self.marks.insert(key, raised.mark).unwrap_or_default();
                if before.raised_to(raised.mark) != raised.mark || before == raised.mark {
                    return Err(format!("{before:?} was raised to {:?}", raised.mark));
                }
            }
            EventKind::Chat(_)
            | EventKind::Offer(..)
            | EventKind::Presence(_)
            | EventKind::Queue(_)
            | EventKind::Availability(_) => {}
        }
        Ok(())
    }

    fn message(
        &mut self,
        chat_id: ChatId,
        id: &MessageId,
    ) -> Result<&mut (u32, MessageRecord), String> {
        let known = self.messages.get_mut(&(chat_id, id.clone()));
        known.ok_or_else(|| format!("{chat_id} has no message {id:?}"))
    }

    fn write_set_up(&mut self, event: SetupEvent, at: Timestamp) {
        match event {
            SetupEvent::SettingsChanged(settings) => self.settings = settings,
            SetupEvent::OfficeCreated(office) => {
                let shown = OfficeRecord {
                    office_id: office.id,
                    mode: office.when_not_live.mode(),
                    reason: ShownReason::NoMembers,
                    since: at,
                };
                self.shown.insert(office.id, shown);
                self.offices.insert(office.id, *office);
            }
            SetupEvent::OfficeChanged(office) => {
                self.offices.insert(office.id, *office);
            }
            SetupEvent::OfficeArchived(id) => {
                self.offices.remove(&id);
            }
            SetupEvent::AgentCreated(agent, _) | SetupEvent::AgentChanged(agent, _) => {
                self.profiles.insert(agent.id, *agent);
            }
            SetupEvent::AgentArchived(id) => {
                self.profiles.remove(&id);
            }
            SetupEvent::QueueCreated(view)
            | SetupEvent::QueueChanged(view)
            | SetupEvent::MembersChanged(view) => {
                let members: BTreeSet<AgentId> = view.member_ids.into_iter().collect();
                self.end_log_outs(view.queue.id, &members);
                self.queues.insert(view.queue.id, (view.queue, members));
            }
            SetupEvent::QueueArchived(id) => {
                self.end_log_outs(id, &BTreeSet::new());
                self.queues.remove(&id);
            }
            SetupEvent::WidgetCreated(widget) | SetupEvent::WidgetChanged(widget) => {
                self.widgets.insert(widget.id, widget);
            }
            SetupEvent::WidgetArchived(id) => {
                self.widgets.remove(&id);
            }
            SetupEvent::StatusCreated(status) | SetupEvent::StatusChanged(status) => {
                self.statuses.insert(status.id, status);
            }
            SetupEvent::StatusArchived(id) => {
                self.statuses.remove(&id);
            }
            SetupEvent::PauseCreated(pause) | SetupEvent::PauseChanged(pause) => {
                self.pauses.insert(pause.id, pause);
            }
            SetupEvent::PauseArchived(id) => {
                self.pauses.remove(&id);
            }
            other => self.write_routing(other),
        }
    }

    /// Having logged out of a queue ends with the membership.
    fn end_log_outs(&mut self, queue_id: QueueId, members: &BTreeSet<AgentId>) {
        let others = self
            .facts
            .iter_mut()
            .filter(|(id, _)| !members.contains(id));
        for (_, record) in others {
            record.work.logged_out.remove(&queue_id);
        }
    }

    fn write_routing(&mut self, event: SetupEvent) {
        match event {
            SetupEvent::SkillCreated(skill) | SetupEvent::SkillChanged(skill) => {
                self.skills.insert(skill.id, skill);
            }
            SetupEvent::SkillArchived(id) => {
                self.skills.remove(&id);
            }
            SetupEvent::DispositionCreated(found) | SetupEvent::DispositionChanged(found) => {
                self.dispositions.insert(found.id, found);
            }
            SetupEvent::DispositionArchived(id) => {
                self.dispositions.remove(&id);
            }
            SetupEvent::RoutingRuleCreated(rule) | SetupEvent::RoutingRuleChanged(rule) => {
                self.routing_rules.insert(rule.id, *rule);
            }
            SetupEvent::RoutingRuleArchived(id) => {
                self.routing_rules.remove(&id);
            }
            SetupEvent::BanCreated(ban) | SetupEvent::BanChanged(ban) => {
                self.bans.insert(ban.id, ban);
            }
            SetupEvent::BanLifted(id) => {
                self.bans.remove(&id);
            }
            _ => unreachable!("written with the rest"),
        }
    }

    /// What the database's own constraints would say, and what nothing may leave behind.
    fn check(&self) -> Result<(), String> {
        let mut seqs: BTreeMap<ChatId, BTreeSet<u32>> = BTreeMap::new();
        for ((chat_id, _), (seq, _)) in &self.messages {
            if !seqs.entry(*chat_id).or_default().insert(*seq) {
                return Err(format!("{chat_id} has two messages {seq}"));
            }
        }
        for (chat_id, chat) in &self.chats {
            let seqs = seqs.remove(chat_id).unwrap_or_default();
            if !seqs.iter().copied().eq(1..=chat.last_seq) {
                return Err(format!("{chat_id} has the messages {seqs:?}"));
            }
            let offers = self.offers.range((*chat_id, OfferNumber(0))..);
            let numbers = offers.take_while(|((id, _), _)| id == chat_id);
            if !numbers.map(|((_, n), _)| n.0).eq(1..=chat.last_offer.0) {
                return Err(format!(
                    "{chat_id} has not the offers 1 to {:?}",
                    chat.last_offer
                ));
            }
        }
        for offer in self.offers.values() {
            let ringing = offer.state == OfferState::Ringing;
            let chat = &self.chats[&offer.chat_id];
            let open = matches!(chat.state, ChatState::Waiting | ChatState::Active { .. });
            let looks = open && chat.routing.seek.is_some();
            if ringing != offer.ended_at.is_none() || (ringing && !looks) {
                return Err(format!("an offer was left behind: {offer:?}"));
            }
        }
        Ok(())
    }
}
