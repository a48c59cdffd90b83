//! What is stored of an engine, and how one is made from it again.
//!
//! A record is the whole durable state of one thing, written over the earlier one in the transaction of the
//! events that changed it. An engine is restored from records, never by replaying events.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::{
    Agent, AgentId, Attributes, Author, Ban, Body, Buttons, ChatId, ChatState, Contact, Course,
    CustomStatus, Disposition, Facts, Limits, MessageId, Mode, Note, NoteId, OfferNumber,
    OfferState, Office, OfficeId, Participant, Pause, Purpose, Queue, QueueId, QueueMemory,
    ReadMark, Reader, Routing, RoutingRule, ShownReason, Skill, Standing, TenantSettings,
    Timestamp, VisitorId, Widget, WidgetId, Work,
};

use super::effect::Subject;
use super::state::{AgentState, Chat, Offer, OfficeState, Sent, Shown, State};
use super::{Engine, Violation};

/// The facts about an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentRecord {
    /// The agent.
    pub agent_id: AgentId,
    /// What is stored of its presence.
    pub facts: Facts,
    /// What the facts made of it, since when.
    pub standing: Standing,
    /// What `longest_idle` ranks by.
    pub idle_since: Timestamp,
    /// What its work is bounded by besides.
    pub work: Work,
}

/// The part of an agent's record that offers and chats change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkRecord {
    /// The agent.
    pub agent_id: AgentId,
    /// As [`AgentRecord::idle_since`].
    pub idle_since: Timestamp,
    /// As [`AgentRecord::work`].
    pub work: Work,
}

/// What a queue remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueRecord {
    /// The queue.
    pub queue_id: QueueId,
    /// What it remembers.
    pub memory: QueueMemory,
}

/// What an office shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficeRecord {
    /// The office.
    pub office_id: OfficeId,
    /// The mode.
    pub mode: Mode,
    /// Why.
    pub reason: ShownReason,
    /// Since when.
    pub since: Timestamp,
}

/// A chat with its participants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatRecord {
    /// The chat.
    pub id: ChatId,
    /// Whose it is.
    pub visitor_id: VisitorId,
    /// Where it came through.
    pub widget_id: WidgetId,
    /// Where it belongs.
    pub office_id: OfficeId,
    /// Where it waits or waited; an offline message has none.
    pub queue_id: Option<QueueId>,
    /// Who asks.
    pub contact: Arc<Contact>,
    /// Its state.
    pub state: ChatState,
    /// When it was started.
    pub started_at: Timestamp,
    /// Its age in the queue.
    pub enqueued_at: Timestamp,
    /// The current round.
    pub round: u32,
    /// When the next round starts, if all have refused in this one.
    pub round_starts_at: Option<Timestamp>,
    /// The number of its last offer; 0 before the first.
    pub last_offer: OfferNumber,
    /// The number of its last message; 0 before the first.
    pub last_seq: u32,
    /// Which agents take part, as what, since when.
    pub participants: BTreeMap<AgentId, Participant>,
    /// What its way to an agent depends on.
    pub routing: Routing,
    /// What its clocks run by.
    pub course: Course,
    /// What agents say of it.
    pub attributes: Attributes,
}

/// An offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferRecord {
    /// The chat.
    pub chat_id: ChatId,
    /// Which of its offers.
    pub number: OfferNumber,
    /// Whom it rings or rang at.
    pub agent_id: AgentId,
    /// The queue in which it was made.
    pub queue_id: Option<QueueId>,
    /// What the chat looks for an agent for.
    pub purpose: Purpose,
    /// The agent that asked for it.
    pub by: Option<AgentId>,
    /// What that agent says about it.
    pub note: Option<Note>,
    /// Its state.
    pub state: OfferState,
    /// When it began to ring.
    pub made_at: Timestamp,
    /// When it stops by itself.
    pub expires_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// The round that it belongs to.
    pub round: u32,
}

/// What may still be done with a message.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessageKind {
    /// It is changed and deleted by its author.
    Plain,
    /// So is this one, and its buttons are pressed.
    WithButtons(Buttons),
    /// A notice, or the press of a button: its text stays.
    Fixed,
    /// Nothing: it was deleted.
    Deleted,
}

impl MessageKind {
    /// What may be done with what a message holds.
    #[must_use]
    pub fn of(body: &Body) -> Self {
        match body {
            Body::Written(written) if written.pressed.is_some() => Self::Fixed,
            Body::Written(written) if !written.buttons.is_empty() => {
                Self::WithButtons(written.buttons.clone())
            }
            Body::Written(_) => Self::Plain,
            Body::Notice(_) => Self::Fixed,
            Body::Deleted => Self::Deleted,
        }
    }
}

/// What an engine keeps of a message: enough to know it again, and what may still be done with it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MessageRecord {
    /// The chat.
    pub chat_id: ChatId,
    /// The message.
    pub message_id: MessageId,
    /// Its number within the chat.
    pub seq: u32,
    /// Who wrote it.
    pub author: Author,
    /// What may still be done with it.
    pub kind: MessageKind,
}

/// What an engine keeps of a note: enough to know it again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NoteRecord {
    /// The chat.
    pub chat_id: ChatId,
    /// The note.
    pub note_id: NoteId,
    /// Its number within the chat.
    pub number: u32,
    /// Who wrote it.
    pub author: AgentId,
}

/// How far somebody has got in a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MarkRecord {
    /// The chat.
    pub chat_id: ChatId,
    /// Who; the visitor before the agents.
    pub reader: Reader,
    /// How far.
    pub mark: ReadMark,
}

/// The records that a batch of events has made stale.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Records {
    /// Agents' records.
    pub agents: Vec<AgentRecord>,
    /// What has changed of the work of others.
    pub works: Vec<WorkRecord>,
    /// What offices show.
    pub offices: Vec<OfficeRecord>,
    /// Chats.
    pub chats: Vec<ChatRecord>,
    /// Offers.
    pub offers: Vec<OfferRecord>,
    /// What queues remember.
    pub queues: Vec<QueueRecord>,
}

/// Everything durable that one engine holds, each list in the order of its ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StateRecord {
    /// The tenant's settings.
    pub settings: TenantSettings,
    /// The statuses that it has added.
    pub statuses: Vec<CustomStatus>,
    /// Its kinds of pause.
    pub pauses: Vec<Pause>,
    /// Its skills.
    pub skills: Vec<Skill>,
    /// Its dispositions.
    pub dispositions: Vec<Disposition>,
    /// Its routing rules.
    pub routing_rules: Vec<RoutingRule>,
    /// Its bans that were not lifted.
    pub bans: Vec<Ban>,
    /// Its offices.
    pub offices: Vec<(Office, OfficeRecord)>,
    /// Its agents.
    pub agents: Vec<(Agent, AgentRecord)>,
    /// Its queues with their members and what they remember.
    pub queues: Vec<(Queue, BTreeSet<AgentId>, QueueMemory)>,
    /// Its widgets.
    pub widgets: Vec<Widget>,
    /// Its open chats.
    pub chats: Vec<ChatRecord>,
    /// Their offers that ring, and those that were rejected or missed in the current round.
    pub offers: Vec<OfferRecord>,
    /// Their messages.
    pub messages: Vec<MessageRecord>,
    /// Their notes.
    pub notes: Vec<NoteRecord>,
    /// Who has got how far in them.
    pub marks: Vec<MarkRecord>,
}

impl Engine {
    /// The present records of these things. A closed chat's is there until [`Engine::forget_closed`].
    #[must_use]
    pub fn records(&self, subjects: &BTreeSet<Subject>) -> Records {
        let mut records = Records::default();
        for subject in subjects {
            match subject {
                Subject::Agent(id) => {
                    records
                        .agents
                        .extend(self.state.agents.get(id).map(|agent| agent_record(agent)));
                }
                // What is written whole needs no part.
                Subject::Work(id) if subjects.contains(&Subject::Agent(*id)) => {}
                Subject::Work(id) => {
                    records
                        .works
                        .extend(self.state.agents.get(id).map(|agent| work_record(agent)));
                }
                Subject::Office(id) => {
                    records.offices.extend(
                        self.state
                            .offices
                            .get(id)
                            .map(|office| office_record(office)),
                    );
                }
                Subject::Chat(id) => {
                    records
                        .chats
                        .extend(self.state.chats.get(id).map(chat_record));
                }
                Subject::Offer(chat_id, number) => {
                    let offer = self
                        .state
                        .chats
                        .get(chat_id)
                        .and_then(|c| c.offers.get(number));
                    records
                        .offers
                        .extend(offer.map(|o| offer_record(*chat_id, *number, o)));
                }
                Subject::Queue(id) => records.queues.extend(self.queue_record(*id)),
            }
        }
        // What the end of a chat has taught its queue is stored with it.
        let taught = self.state.taught.iter();
        let more = taught.filter(|id| !subjects.contains(&Subject::Queue(**id)));
        records
            .queues
            .extend(more.filter_map(|id| self.queue_record(*id)));
        records
    }

    fn queue_record(&self, queue_id: QueueId) -> Option<QueueRecord> {
        let queue = self.state.queues.get(&queue_id)?;
        let memory = queue.memory;
        Some(QueueRecord { queue_id, memory })
    }

    /// Everything durable in it: what [`Engine::restore`] makes an equal engine from.
    #[must_use]
    pub fn durable(&self) -> StateRecord {
        let state = &self.state;
        let open = || state.chats.values().filter(|chat| chat.is_kept());
        StateRecord {
            settings: state.settings,
            statuses: state.statuses.values().cloned().collect(),
            pauses: state.pauses.values().cloned().collect(),
            skills: state.skills.values().cloned().collect(),
            dispositions: state.dispositions.values().cloned().collect(),
            routing_rules: state
                .routing_rules
                .values()
                .map(|r| (**r).clone())
                .collect(),
            bans: state.bans.values().cloned().collect(),
            offices: state
                .offices
                .values()
                .map(|o| (o.office.clone(), office_record(o)))
                .collect(),
            agents: state
                .agents
                .values()
                .map(|a| (a.profile.clone(), agent_record(a)))
                .collect(),
            queues: state
                .queues
                .values()
                .map(|q| (q.queue.clone(), q.members.clone(), q.memory))
                .collect(),
            widgets: state
                .widgets
                .values()
                .map(|widget| (**widget).clone())
                .collect(),
            chats: open().map(chat_record).collect(),
            offers: open()
                .flat_map(|chat| {
                    chat.offers
                        .iter()
                        .filter(|(_, offer)| offer.matters_in(chat.round))
                        .map(|(number, offer)| offer_record(chat.id, *number, offer))
                })
                .collect(),
            messages: open()
                .flat_map(|chat| {
                    chat.messages
                        .iter()
                        .map(|(message_id, sent)| MessageRecord {
                            chat_id: chat.id,
                            message_id: message_id.clone(),
                            seq: sent.seq,
                            author: sent.author,
                            kind: sent.kind.clone(),
                        })
                })
                .collect(),
            notes: open().flat_map(Chat::note_records).collect(),
            marks: open().flat_map(Chat::mark_records).collect(),
        }
    }

    /// Makes an engine from what was stored; offers that matter no more are passed over. `now` is the time of the last stored event: the engine's time
    /// does not go behind it. Agents that were connected have no connection yet; see [`super::Command::Recover`].
    ///
    /// # Errors
    /// The records contradict each other.
    pub fn restore(limits: Limits, record: StateRecord, now: Timestamp) -> Result<Self, Violation> {
        let mut state = State::new(record.settings, limits);
        state.statuses = record.statuses.into_iter().map(|s| (s.id, s)).collect();
        state.pauses = record.pauses.into_iter().map(|p| (p.id, p)).collect();
        state.skills = record.skills.into_iter().map(|s| (s.id, s)).collect();
        let dispositions = record.dispositions.into_iter();
        state.dispositions = dispositions.map(|d| (d.id, d)).collect();
        let rules = record.routing_rules.into_iter();
        state.routing_rules = rules.map(|r| (r.id, Box::new(r))).collect();
        state.bans = record.bans.into_iter().map(|b| (b.id, b)).collect();
        for (office, shown) in record.offices {
            let shown = Shown {
                mode: shown.mode,
                reason: shown.reason,
                since: shown.since,
            };
            let queues = BTreeSet::new();
            let id = office.id;
            let office = OfficeState {
                office,
                shown,
                queues,
            };
            state.offices.insert(id, Box::new(office));
        }
        state.widgets = record
            .widgets
            .into_iter()
            .map(|widget| (widget.id, Box::new(widget)))
            .collect();
        for (profile, facts) in record.agents {
            state.restore_agent(profile, facts);
        }
        for (queue, members, memory) in record.queues {
            state.insert_queue(queue, &members, memory);
        }
        let mut offers: BTreeMap<ChatId, BTreeMap<OfferNumber, Offer>> = BTreeMap::new();
        for record in record.offers {
            offers
                .entry(record.chat_id)
                .or_default()
                .insert(record.number, restored(&record));
        }
        let mut messages: BTreeMap<ChatId, BTreeMap<MessageId, Sent>> = BTreeMap::new();
        for record in record.messages {
            let sent = Sent {
                seq: record.seq,
                author: record.author,
                kind: record.kind,
            };
            messages
                .entry(record.chat_id)
                .or_default()
                .insert(record.message_id, sent);
        }
        for record in record.chats {
            let offers = offers.remove(&record.id).unwrap_or_default();
            let messages = messages.remove(&record.id).unwrap_or_default();
            state.restore_chat(record, offers, messages);
        }
        state.restore_asides(record.notes, record.marks);
        state.restore_what_was_told();
        state.refresh(now);
        state.restore_deadlines(now);
        // Nothing was changed: the lines were made from what was stored.
        state.changed.queues.clear();
        let engine = Self { state, now };
        engine.check()?;
        Ok(engine)
    }
}

fn agent_record(agent: &AgentState) -> AgentRecord {
    AgentRecord {
        agent_id: agent.profile.id,
        facts: agent.facts.clone(),
        standing: agent.standing.clone(),
        idle_since: agent.idle_since,
        work: agent.work.clone(),
    }
}

fn work_record(agent: &AgentState) -> WorkRecord {
    WorkRecord {
        agent_id: agent.profile.id,
        idle_since: agent.idle_since,
        work: agent.work.clone(),
    }
}

fn office_record(office: &OfficeState) -> OfficeRecord {
    OfficeRecord {
        office_id: office.office.id,
        mode: office.shown.mode,
        reason: office.shown.reason,
        since: office.shown.since,
    }
}

fn chat_record(chat: &Chat) -> ChatRecord {
    ChatRecord {
        id: chat.id,
        visitor_id: chat.visitor_id,
        widget_id: chat.widget_id,
        office_id: chat.office_id,
        queue_id: chat.queue_id,
        contact: chat.contact.clone(),
        state: chat.state,
        started_at: chat.started_at,
        enqueued_at: chat.enqueued_at,
        round: chat.round,
        round_starts_at: chat.round_starts_at,
        last_offer: chat.last_offer,
        last_seq: chat.last_seq,
        participants: chat.participants.clone(),
        routing: chat.routing.clone(),
        course: chat.course.clone(),
        attributes: chat.attributes.clone(),
    }
}

fn offer_record(chat_id: ChatId, number: OfferNumber, offer: &Offer) -> OfferRecord {
    OfferRecord {
        chat_id,
        number,
        agent_id: offer.agent_id,
        queue_id: offer.queue_id,
        purpose: offer.purpose,
        by: offer.by,
        note: offer.note.clone(),
        state: offer.state,
        made_at: offer.made_at,
        expires_at: offer.expires_at,
        ended_at: offer.ended_at,
        round: offer.round,
    }
}

fn restored(record: &OfferRecord) -> Offer {
    Offer {
        agent_id: record.agent_id,
        queue_id: record.queue_id,
        purpose: record.purpose,
        by: record.by,
        note: record.note.clone(),
        state: record.state,
        made_at: record.made_at,
        expires_at: record.expires_at,
        ended_at: record.ended_at,
        round: record.round,
    }
}
