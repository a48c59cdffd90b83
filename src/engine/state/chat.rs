//! A chat in the tables, with its offers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::{
    AgentId, Attributes, Author, ChatId, ChatState, Contact, Course, Entry, HandOver, KeptFor,
    MessageId, Note, NoteId, OfferNumber, OfferState, OfficeId, Participant, ParticipantRole,
    Priority, Purpose, QueueId, ReadMarks, Routing, Seek, Target, Timestamp, VisitorId, WidgetId,
};

use super::super::line::Place;
use super::super::records::MessageKind;

/// A chat that is open, or that closed in this batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Chat {
    pub(in super::super) id: ChatId,
    pub(in super::super) visitor_id: VisitorId,
    pub(in super::super) widget_id: WidgetId,
    pub(in super::super) office_id: OfficeId,
    /// `None` for an offline message.
    pub(in super::super) queue_id: Option<QueueId>,
    pub(in super::super) contact: Arc<Contact>,
    pub(in super::super) state: ChatState,
    pub(in super::super) started_at: Timestamp,
    /// Its age in the queue; kept when it is offered again (ROUTE-20).
    pub(in super::super) enqueued_at: Timestamp,
    pub(in super::super) participants: BTreeMap<AgentId, Participant>,
    /// What its way to an agent depends on.
    pub(in super::super) routing: Routing,
    /// What its clocks run by.
    pub(in super::super) course: Course,
    /// What agents say of it.
    pub(in super::super) attributes: Attributes,
    /// The current round, from 1 (ROUTE-9).
    pub(in super::super) round: u32,
    /// When the next round starts, if all have refused in this one.
    pub(in super::super) round_starts_at: Option<Timestamp>,
    /// The offers that still matter, and those that ended in this batch; the others are in the database
    /// only, so that a chat that nobody answers does not grow.
    pub(in super::super) offers: BTreeMap<OfferNumber, Offer>,
    pub(in super::super) last_offer: OfferNumber,
    pub(in super::super) last_seq: u32,
    /// Who sent which message: what makes sending twice harmless.
    pub(in super::super) messages: BTreeMap<MessageId, Sent>,
    /// Who wrote which note.
    pub(in super::super) notes: BTreeMap<NoteId, KeptNote>,
    /// Who has got how far.
    pub(in super::super) read_marks: ReadMarks,
    /// Index: where it stands in a line; see `index.rs`.
    pub(in super::super) placed: Option<Placed>,
    /// Index: the agent that it looks for by name, in whose list it stands.
    pub(in super::super) sought: Option<AgentId>,
}

/// Where a chat stands in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Placed {
    /// The line.
    pub(in super::super) queue_id: QueueId,
    /// Its place there.
    pub(in super::super) place: Place,
    /// Whether it is to be offered when somebody can take it, and to whom.
    pub(in super::super) wants: Wants,
    /// Whether it waits; an active chat that looks for somebody stands there too.
    pub(in super::super) waits: bool,
    /// Whether it had to go elsewhere and could not.
    pub(in super::super) overran: bool,
}

/// Whom a chat in a line waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Wants {
    /// Nobody at the moment: it rings, or agents pick.
    Nobody,
    /// Whoever can take it.
    Anybody,
    /// Those that it is kept for, as long as one of them is there.
    Some,
}

/// Where a chat came in.
#[derive(Clone, Copy)]
pub(in super::super) struct Entrance {
    pub(in super::super) widget: WidgetId,
    pub(in super::super) office: OfficeId,
    /// The queue, and what chose it; `None` for an offline message.
    pub(in super::super) queue: Option<(QueueId, Entry)>,
    /// How urgent it is.
    pub(in super::super) priority: Priority,
}

impl Chat {
    /// A chat that has just begun to wait, or a message that was left, before its first message.
    pub(in super::super) fn new(
        id: ChatId,
        visitor_id: VisitorId,
        entrance: Entrance,
        contact: Arc<Contact>,
        now: Timestamp,
    ) -> Self {
        let queue_id = entrance.queue.map(|(id, _)| id);
        let seek = queue_id.map(|id| Seek::answer(id, now));
        Self {
            id,
            visitor_id,
            widget_id: entrance.widget,
            office_id: entrance.office,
            queue_id,
            contact,
            state: match queue_id {
                Some(_) => ChatState::Waiting,
                None => ChatState::OfflineMessage,
            },
            routing: Routing {
                entry: entrance.queue.map(|(_, entry)| entry),
                priority: entrance.priority,
                ahead: false,
                seek,
                reserved: None,
                overran: None,
                taken_by: None,
                passed_over: BTreeSet::new(),
            },
            course: Course::default(),
            attributes: Attributes::default(),
            placed: None,
            sought: None,
            started_at: now,
            enqueued_at: now,
            participants: BTreeMap::new(),
            round: 1,
            round_starts_at: None,
            offers: BTreeMap::new(),
            last_offer: OfferNumber(0),
            last_seq: 0,
            messages: BTreeMap::new(),
            notes: BTreeMap::new(),
            read_marks: ReadMarks::default(),
        }
    }

    /// The number of its last note; 0 before the first. Notes are never removed.
    pub(in super::super) fn last_note(&self) -> u32 {
        u32::try_from(self.notes.len()).unwrap_or(u32::MAX)
    }

    /// Whether its visitor can go on with it.
    pub(in super::super) fn is_open(&self) -> bool {
        match self.state {
            ChatState::Waiting | ChatState::Active { .. } => true,
            ChatState::WrapUp { .. } | ChatState::Closed { .. } | ChatState::OfflineMessage => {
                false
            }
        }
    }

    /// Whether it stays in memory: agents may still work on it when it is over for its visitor.
    pub(in super::super) fn is_kept(&self) -> bool {
        self.is_open() || matches!(self.state, ChatState::WrapUp { .. })
    }

    /// The agents that answer it, in the order of their ids.
    pub(in super::super) fn answering(&self) -> impl Iterator<Item = AgentId> + '_ {
        self.with_role(ParticipantRole::Agent)
    }

    /// Whether an agent answers it.
    pub(in super::super) fn is_answered_by(&self, agent_id: AgentId) -> bool {
        let participant = self.participants.get(&agent_id);
        participant.is_some_and(|participant| participant.role == ParticipantRole::Agent)
    }

    /// The agents that read along and are seen to, in the order of their ids.
    pub(in super::super) fn assisting(&self) -> impl Iterator<Item = AgentId> + '_ {
        self.with_role(ParticipantRole::Assistant)
    }

    /// Those that read along unseen.
    pub(in super::super) fn listening(&self) -> impl Iterator<Item = AgentId> + '_ {
        self.with_role(ParticipantRole::Listener)
    }

    /// Whether it is active, looks for somebody, and rings at nobody.
    pub(in super::super) fn is_searching(&self) -> bool {
        self.hand_over().is_some() && !self.is_offered()
    }

    /// Everybody who takes part, whatever its role.
    pub(in super::super) fn taking_part(&self) -> impl Iterator<Item = AgentId> + '_ {
        self.participants.keys().copied()
    }

    fn with_role(&self, role: ParticipantRole) -> impl Iterator<Item = AgentId> + '_ {
        let has = move |participant: &Participant| participant.role == role;
        self.participants
            .iter()
            .filter(move |(_, participant)| has(participant))
            .map(|(id, _)| *id)
    }

    /// Whether it is offered to this agent by name: because the chat looks for it, or was given to it (CHAT-1). Such an
    /// offer may ring at who is invisible (PRES-10).
    pub(in super::super) fn names(&self, agent_id: AgentId) -> bool {
        let sought = self.named() == Some(agent_id);
        let reserved = self.routing.reserved.as_ref();
        sought
            || reserved.is_some_and(|reserved| {
                reserved.kept_for == KeptFor::Transfer && reserved.agents.contains(&agent_id)
            })
    }

    /// The agent that it looks for by name.
    pub(in super::super) fn named(&self) -> Option<AgentId> {
        match self.routing.seek.as_ref()?.target {
            Target::Agent(id) if self.is_open() => Some(id),
            Target::Agent(_) | Target::Queue(_) => None,
        }
    }

    /// The search for somebody who comes into it while it is active.
    pub(in super::super) fn hand_over(&self) -> Option<HandOver> {
        let seek = self.routing.seek.as_ref()?;
        match self.state {
            ChatState::Active { .. } => Some(HandOver {
                purpose: seek.purpose,
                to: seek.target,
                by: seek.by?,
                since: seek.since,
            }),
            ChatState::Waiting
            | ChatState::WrapUp { .. }
            | ChatState::Closed { .. }
            | ChatState::OfflineMessage => None,
        }
    }

    /// The line in which it stands: that of the queue in which it looks for an agent.
    pub(in super::super) fn line(&self) -> Option<QueueId> {
        match self.routing.seek.as_ref()?.target {
            Target::Queue(id) if self.is_open() => Some(id),
            Target::Queue(_) | Target::Agent(_) => None,
        }
    }

    pub(in super::super) fn ringing(&self) -> impl Iterator<Item = (OfferNumber, &Offer)> {
        let rings = |offer: &Offer| offer.state == OfferState::Ringing;
        self.offers
            .iter()
            .filter(move |(_, offer)| rings(offer))
            .map(|(n, o)| (*n, o))
    }

    pub(in super::super) fn is_offered(&self) -> bool {
        // From the end: those of a chat that rings at many end from the first on.
        let mut offers = self.offers.values().rev();
        offers.any(|offer| offer.state == OfferState::Ringing)
    }

    /// Whether the agent has rejected or missed this chat in this round (ROUTE-2), gave it away or lost it.
    pub(in super::super) fn was_refused_by(&self, agent_id: AgentId) -> bool {
        self.routing.passed_over.contains(&agent_id) || self.was_turned_down_by(agent_id)
    }

    /// Whether an agent has rejected or missed it in this round.
    pub(in super::super) fn was_turned_down_by(&self, agent_id: AgentId) -> bool {
        let mut offers = self.offers.values();
        offers.any(|offer| offer.agent_id == agent_id && offer.is_refused_in(self.round))
    }

    /// The offer of it that rings at an agent.
    pub(in super::super) fn ringing_at(&self, agent_id: AgentId) -> Option<OfferNumber> {
        let mut ringing = self.ringing();
        ringing
            .find(|(_, offer)| offer.agent_id == agent_id)
            .map(|(number, _)| number)
    }
}

/// What is kept of a message: enough to know it again, and what may still be done with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Sent {
    pub(in super::super) seq: u32,
    pub(in super::super) author: Author,
    pub(in super::super) kind: MessageKind,
}

/// What is kept of a note: enough to know it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct KeptNote {
    pub(in super::super) number: u32,
    pub(in super::super) author: AgentId,
}

/// A chat shown to one agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Offer {
    pub(in super::super) agent_id: AgentId,
    /// The queue in which the chat was offered, or of which it was when it was offered by name.
    pub(in super::super) queue_id: Option<QueueId>,
    /// What the chat looks for an agent for.
    pub(in super::super) purpose: Purpose,
    /// The agent that asked for it.
    pub(in super::super) by: Option<AgentId>,
    /// What that agent says about it.
    pub(in super::super) note: Option<Note>,
    pub(in super::super) state: OfferState,
    pub(in super::super) made_at: Timestamp,
    pub(in super::super) expires_at: Option<Timestamp>,
    pub(in super::super) ended_at: Option<Timestamp>,
    pub(in super::super) round: u32,
}

impl Offer {
    /// Whether it was rejected or missed in this round.
    pub(in super::super) fn is_refused_in(&self, round: u32) -> bool {
        self.round == round && matches!(self.state, OfferState::Rejected | OfferState::Missed)
    }

    /// Whether the rules still ask for it in this round of its chat.
    pub(in super::super) fn matters_in(&self, round: u32) -> bool {
        self.state == OfferState::Ringing || self.is_refused_in(round)
    }
}
