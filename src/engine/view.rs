//! What replies, events and snapshots show: values complete in themselves, so that a frame needs no look-up.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::{
    Agent, AgentId, Attributes, ChatId, ChatState, Choice, Contact, CustomStatus, Grounds,
    HandOver, Kept, KnownAs, Link, Message, Millis, MissedTargets, Mode, Name, Note, OfferNumber,
    OfferState, Office, OfficeId, Pause, Pausing, PictureUrl, Presence, Priority, Purpose, Queue,
    QueueId, ReadMarks, Score, ShownReason, Standing, Status, Timestamp, VisitorId, Wanted, WrapUp,
};

/// An agent as others see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentCard {
    /// Its id.
    pub id: AgentId,
    /// The name under which it chats: its public one, if it has one.
    pub name: Name,
    /// What those in the chat see of it: an invisible agent is online to them (PRES-10). `None` for a chat that is over
    /// or was read from the database.
    pub status: Option<Status>,
}

/// What an agent chose, and what it effectively is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresenceView {
    /// The agent.
    pub agent_id: AgentId,
    /// What was set for all offices.
    pub choice: Choice,
    /// What was set for some.
    pub overrides: BTreeMap<OfficeId, Choice>,
    /// What comes of it, outside of any office and in each that the agent belongs to.
    pub standing: Standing,
    /// The pause that it is in.
    pub pausing: Option<Pausing>,
    /// What it wants to be when its last chat has ended.
    pub wanted: Option<Wanted>,
    /// Whether it has a seat, or would be given one.
    pub seated: bool,
    /// Whether another system holds it (PRES-14).
    pub leased: bool,
    /// Whether the time in its status is paid: what a report adds up.
    pub paid: bool,
    /// Since when it has been in its custom status for longer than a day allows.
    pub over_limit_since: Option<Timestamp>,
    /// The facts behind it that it does not show, for whoever asks later why it was so. No frame holds them.
    pub grounds: Grounds,
}

impl PresenceView {
    /// What a new agent has (PRES-1).
    #[must_use]
    pub fn initial(agent_id: AgentId, at: Timestamp) -> Self {
        Self {
            agent_id,
            choice: Choice::initial(at),
            overrides: BTreeMap::new(),
            standing: Standing::initial(at),
            pausing: None,
            wanted: None,
            seated: true,
            leased: false,
            paid: true,
            over_limit_since: None,
            grounds: Grounds::default(),
        }
    }

    /// What was set for an office: its override, else the global choice.
    #[must_use]
    pub fn selected(&self, office: Option<OfficeId>) -> Choice {
        let own = office.and_then(|id| self.overrides.get(&id));
        own.copied().unwrap_or(self.choice)
    }

    /// The steps by which it came about in an office, or outside of any (PRES-17).
    #[must_use]
    pub fn chain(&self, office: Option<OfficeId>) -> Vec<Link> {
        let kept = Kept {
            choice: self.choice,
            overrides: &self.overrides,
            grounds: &self.grounds,
            pausing: self.pausing,
            wanted: self.wanted,
            seated: self.seated,
        };
        kept.explain(office)
    }
}

/// A line of "who is online".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresenceRow {
    /// The agent.
    pub agent: Agent,
    /// Its presence.
    pub presence: PresenceView,
    /// Its chats and ringing offers.
    pub load: u32,
    /// How many it may have.
    pub capacity: u32,
    /// How many live sockets it has.
    pub connections: u32,
    /// Until when the last ping of another system holds.
    pub lease_until: Option<Timestamp>,
    /// The queues that it has logged out of.
    pub logged_out: BTreeSet<QueueId>,
}

/// What visitors see of an office, and what is known of the near future.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficeAvailability {
    /// The office.
    pub office_id: OfficeId,
    /// The mode.
    pub mode: Mode,
    /// Why.
    pub reason: ShownReason,
    /// Since when.
    pub since: Timestamp,
    /// The moment of the next change that is already known.
    pub valid_until: Option<Timestamp>,
    /// When its hours next begin, while it is out of them.
    pub opens_at: Option<Timestamp>,
    /// The agents that are online, if the tenant shows them.
    pub agents: Vec<PublicAgent>,
    /// How many chats wait, if the tenant shows it.
    pub waiting: Option<u32>,
    /// How long one more would wait, if the tenant shows it; `None` while nothing is known.
    pub estimated_wait: Option<Millis>,
}

/// What stands behind what an office shows now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficeNow {
    /// What it shows.
    pub shown: OfficeAvailability,
    /// Whether it is in its hours.
    pub is_open: bool,
    /// How many agents its queues have.
    pub members: u32,
    /// Those of them that are effectively online there, by id, with what they are.
    pub online: Vec<(AgentId, Presence)>,
}

/// An agent as the public may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicAgent {
    /// Its public name.
    pub name: Name,
    /// Its picture.
    pub picture_url: Option<PictureUrl>,
}

/// A chat as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatView {
    /// Its id.
    pub id: ChatId,
    /// Whose it is.
    pub visitor_id: VisitorId,
    /// Where it belongs.
    pub office_id: OfficeId,
    /// Where it waits or waited; an offline message has none.
    pub queue_id: Option<QueueId>,
    /// Who asks, as its form said.
    pub contact: Arc<Contact>,
    /// What is known of it over all its chats, in what was read from the database; the engine holds no contacts. Boxed:
    /// most of what travels has none.
    pub known: Option<Box<KnownAs>>,
    /// Its state.
    pub state: ChatStateView,
    /// The agents that answer it.
    pub agents: Vec<AgentCard>,
    /// What of it the visitor is not shown, if there is anything. Boxed: most chats have nothing of the kind.
    pub aside: Option<Box<Aside>>,
    /// The number of its last message; 0 before the first.
    pub last_seq: u32,
    /// The number of its last note; 0 before the first.
    pub last_note: u32,
    /// How far it was read. Boxed: a chat travels in replies, most of which are small.
    pub read_marks: Box<ReadMarks>,
    /// When it was started.
    pub started_at: Timestamp,
    /// Its place in the queue, 1 for the next in line; `None` when it does not wait, or for a chat
    /// that was read from the database.
    pub position: Option<u32>,
    /// How long it will go on waiting; `None` when it does not wait, while nothing is known, or for a chat that was read
    /// from the database.
    pub estimated_wait: Option<Millis>,
    /// What is said of it and what it is marked with. Boxed: a chat travels in replies, most of which are small.
    pub marks: Box<Marks>,
}

/// A waiting chat's place, and how long it will go on waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The chat.
    pub chat_id: ChatId,
    /// Its place in the queue, 1 for the next in line.
    pub position: u32,
    /// How long it will wait; `None` while nothing is known, or nobody is there.
    pub estimated_wait: Option<Millis>,
}

/// What of a chat its visitor is not shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aside {
    /// The agents that read along and advise.
    pub assistants: Vec<AgentCard>,
    /// Who reads along unseen: they hear of what happens in it, and nobody is shown them.
    pub listeners: Vec<AgentId>,
    /// The search for somebody who comes into it while it is active.
    pub hand_over: Option<HandOver>,
}

impl Aside {
    /// As a view holds it.
    #[must_use]
    pub fn boxed(self) -> Option<Box<Self>> {
        (self != Self::default()).then(|| Box::new(self))
    }
}

impl ChatView {
    /// The agents that read along and advise.
    #[must_use]
    pub fn assistants(&self) -> &[AgentCard] {
        self.aside.as_ref().map_or(&[], |aside| &aside.assistants)
    }

    /// Who reads along unseen.
    #[must_use]
    pub fn listeners(&self) -> &[AgentId] {
        self.aside.as_ref().map_or(&[], |aside| &aside.listeners)
    }

    /// The search for somebody who comes into it while it is active.
    #[must_use]
    pub fn hand_over(&self) -> Option<HandOver> {
        self.aside.as_ref()?.hand_over
    }

    /// The agents that hear of what happens in it.
    pub fn hearers(&self) -> impl Iterator<Item = AgentId> + '_ {
        let cards = self.agents.iter().chain(self.assistants());
        cards
            .map(|card| card.id)
            .chain(self.listeners().iter().copied())
    }
}

/// What is said of a chat and what it is marked with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// What its agents say of it.
    pub attributes: Attributes,
    /// How urgent it is.
    pub priority: Priority,
    /// The targets that it has missed.
    pub missed_targets: MissedTargets,
    /// How its visitor has rated it.
    pub score: Option<Score>,
}

/// A chat that is over, and an agent's work after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrapUpView {
    /// The chat.
    pub chat: ChatView,
    /// The agent.
    pub agent_id: AgentId,
    /// Its work.
    pub wrap_up: WrapUp,
}

/// A chat's state as clients see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChatStateView {
    /// Waits, and rings at somebody.
    Offered,
    /// As the engine holds it.
    Settled(ChatState),
}

/// An offer with what its card shows (ROUTE-6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferView {
    /// The chat that is offered.
    pub chat_id: ChatId,
    /// Which offer of the chat it is.
    pub number: OfferNumber,
    /// Whom it rings at.
    pub agent_id: AgentId,
    /// Its state.
    pub state: OfferState,
    /// When it began to ring.
    pub made_at: Timestamp,
    /// The last instant at which it can be accepted; `None` rings on.
    pub expires_at: Option<Timestamp>,
    /// Since when the chat waits.
    pub waiting_since: Timestamp,
    /// The chat's office.
    pub office_id: OfficeId,
    /// The chat's queue.
    pub queue_id: QueueId,
    /// The queue's name.
    pub queue_name: Name,
    /// Who asks.
    pub contact: Arc<Contact>,
    /// What the chat looks for an agent for.
    pub purpose: Purpose,
    /// The agent that asked for it, if one did.
    pub by: Option<AgentCard>,
    /// What that agent says about it.
    pub note: Option<Note>,
    /// Where the agent finds more about it, in another system (ROUTE-6).
    pub external_url: Option<Arc<str>>,
}

/// Whether a member of a queue has its chats offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueLogIn {
    /// The member.
    pub agent_id: AgentId,
    /// The queue.
    pub queue_id: QueueId,
    /// Whether it is logged in.
    pub logged_in: bool,
}

/// A queue with its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueView {
    /// The queue.
    pub queue: Queue,
    /// Its members.
    pub member_ids: Vec<AgentId>,
}

/// An office with what visitors see of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficeView {
    /// The office.
    pub office: Office,
    /// Its mode.
    pub mode: Mode,
}

/// All that an agent's client starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentSnapshot {
    /// The agent.
    pub me: Agent,
    /// Its presence.
    pub presence: PresenceView,
    /// The tenant's offices with what visitors see of them.
    pub offices: Vec<OfficeView>,
    /// The statuses that the tenant has added, in their order.
    pub statuses: Vec<CustomStatus>,
    /// The kinds of pause, in their order.
    pub pauses: Vec<Pause>,
    /// The queues that the agent is a member of.
    pub queues: Vec<Queue>,
    /// Those of them that it has logged out of.
    pub logged_out: BTreeSet<QueueId>,
    /// The offers that ring at it.
    pub offers: Vec<OfferView>,
    /// The open chats that it takes part in; in those that name it neither as an agent nor as an assistant it reads
    /// along unseen.
    pub chats: Vec<ChatView>,
    /// The chats that are over and after which it still works.
    pub wrap_ups: Vec<WrapUpView>,
}

/// All that a visitor's client starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitorSnapshot {
    /// The visitor.
    pub visitor_id: VisitorId,
    /// Its open chats.
    pub chats: Vec<ChatView>,
    /// Whether agents are shown what it has written and not sent. No event tells when that changes: the answer to its
    /// typing does.
    pub shows_unsent_text: bool,
}

/// A message and who may see it at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageView {
    /// The message.
    pub message: Message,
    /// The name of the agent that wrote it, if one did.
    pub author_name: Option<Name>,
}
