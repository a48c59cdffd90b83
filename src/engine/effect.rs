//! What a command or a deadline causes: durable events, and notices that pass.

use crate::domain::{
    Actor, Agent, AgentId, Author, Ban, BanId, ChatId, CloseReason, Contact, CustomStatus,
    DeferReason, Disposition, DispositionId, HandOverEnd, LeaveReason, MessageId, Note,
    OfferNumber, Office, OfficeId, ParticipantRole, Pause, PauseId, Purpose, QueueId, RichText,
    RoutingRule, RoutingRuleId, SessionId, Skill, SkillId, StatusId, Target, TenantSettings,
    Timestamp, TransferReason, UnsentText, VisitorId, Widget, WidgetId,
};
use std::sync::Arc;

use super::command::PasswordHash;
use super::conversation::{MarkRaised, NoteEvent};
use super::life::LifeEvent;
use super::offer::{OfferEvent, Onlookers};
use super::view::{
    AgentCard, ChatView, MessageView, OfficeAvailability, PresenceView, QueueLogIn, QueueView,
};

/// One consequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// A fact that is stored before anybody sees it.
    Event(Event),
    /// Something worth showing now and never again.
    Notice(Notice),
}

/// A durable fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When it happened.
    pub at: Timestamp,
    /// Who made it happen.
    pub actor: Actor,
    /// What happened.
    pub kind: EventKind,
}

/// What happened, by subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// What the engine decides by has changed.
    Setup(SetupEvent),
    /// An agent's status or reachability has changed.
    Presence(PresenceEvent),
    /// What visitors see of an office has changed.
    Availability(Box<AvailabilityChange>),
    /// A queue has become full, or takes chats again.
    Queue(QueueEvent),
    /// An offer has changed, and with it perhaps what those see of the chat that read it along.
    Offer(OfferEvent, Onlookers),
    /// A chat has changed.
    Chat(ChatEvent),
    /// Agents tell each other something in a chat.
    Note(NoteEvent),
}

/// Changes of what the engine decides by, each with the whole thing as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetupEvent {
    /// The settings are others.
    SettingsChanged(TenantSettings),
    /// An office was added.
    OfficeCreated(Box<Office>),
    /// An office has changed.
    OfficeChanged(Box<Office>),
    /// An office was archived.
    OfficeArchived(OfficeId),
    /// An agent was added.
    AgentCreated(Box<Agent>, PasswordHash),
    /// An agent has changed.
    AgentChanged(Box<Agent>, LogInChange),
    /// An agent was archived; all its sessions have ended.
    AgentArchived(AgentId),
    /// A queue was added.
    QueueCreated(QueueView),
    /// A queue has changed.
    QueueChanged(QueueView),
    /// A queue has other members.
    MembersChanged(QueueView),
    /// A queue was archived.
    QueueArchived(QueueId),
    /// A widget was added.
    WidgetCreated(Widget),
    /// A widget has changed.
    WidgetChanged(Widget),
    /// A widget was archived.
    WidgetArchived(WidgetId),
    /// A custom status was added.
    StatusCreated(CustomStatus),
    /// A custom status has changed.
    StatusChanged(CustomStatus),
    /// A custom status was archived.
    StatusArchived(StatusId),
    /// A kind of pause was added.
    PauseCreated(Pause),
    /// A kind of pause has changed.
    PauseChanged(Pause),
    /// A kind of pause was archived.
    PauseArchived(PauseId),
    /// A skill was added.
    SkillCreated(Skill),
    /// A skill has changed.
    SkillChanged(Skill),
    /// A skill was archived.
    SkillArchived(SkillId),
    /// A disposition was added.
    DispositionCreated(Disposition),
    /// A disposition has changed.
    DispositionChanged(Disposition),
    /// A disposition was archived.
    DispositionArchived(DispositionId),
    /// A routing rule was added.
    RoutingRuleCreated(Box<RoutingRule>),
    /// A routing rule has changed.
    RoutingRuleChanged(Box<RoutingRule>),
    /// A routing rule was archived.
    RoutingRuleArchived(RoutingRuleId),
    /// Somebody was banned.
    BanCreated(Ban),
    /// A ban has changed.
    BanChanged(Ban),
    /// A ban was lifted, or its time has passed.
    BanLifted(BanId),
}

/// What a change of an agent means for its log-ins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogInChange {
    /// The new password, if there is one.
    pub password: Option<PasswordHash>,
    /// Which sessions have ended by it.
    pub ended: EndedSessions,
}

/// Which of an agent's sessions have ended at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EndedSessions {
    /// None.
    #[default]
    None,
    /// All but this one.
    AllBut(SessionId),
    /// All.
    All,
}

impl EndedSessions {
    /// Whether a session is one of them.
    #[must_use]
    pub fn contains(self, session_id: SessionId) -> bool {
        match self {
            Self::None => false,
            Self::AllBut(kept) => session_id != kept,
            Self::All => true,
        }
    }
}

/// Changes of an agent's facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PresenceEvent {
    /// What the agent effectively is somewhere, or what it chose, has changed.
    Changed(Box<PresenceView>),
    /// The first connection opened.
    Connected(AgentId),
    /// The last connection is gone.
    Disconnected(AgentId),
    /// The grace has passed without a connection.
    Lost(AgentId),
    /// A ping has held or renewed the lease.
    LeaseHeld(AgentId),
    /// The last ping holds no more.
    LeaseExpired(AgentId),
    /// Facts that nobody sees have changed: the last activity, the time in a custom status.
    Noted(AgentId),
    /// It has logged in to a queue, or out of it.
    QueueLogIn(QueueLogIn),
    /// A session ended.
    LoggedOut(AgentId, SessionId),
}

/// What visitors see of an office from now on, and what led to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AvailabilityChange {
    /// The office and what it shows.
    pub shown: OfficeAvailability,
    /// What made it change.
    pub cause: Cause,
    /// Whether the office is in its hours.
    pub is_open: bool,
    /// How many agents its queues have.
    pub members: u32,
    /// Those of them that are effectively online, the first [`AvailabilityChange::NAMED`].
    pub online: Vec<AgentId>,
}

impl AvailabilityChange {
    /// How many agents an event names at most: enough to explain, and an event stays small.
    pub const NAMED: usize = 50;
}

/// What made an office's availability change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// An agent's presence.
    Presence(AgentId),
    /// The beginning or the end of its hours.
    Hours,
    /// A change of what the engine decides by.
    Setup,
    /// A chat that began, ended or changed hands (AVAIL-5).
    Chat(ChatId),
}

/// A queue that has become full, or has emptied enough to take chats again (AVAIL-5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueEvent {
    /// Which.
    pub queue_id: QueueId,
    /// Whether it is full.
    pub is_full: bool,
    /// How many chats wait in it.
    pub waiting: u32,
    /// Its members, who hear of it.
    pub members: Vec<AgentId>,
}

/// Changes of a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChatEvent {
    /// It entered its queue; its contact is written with it.
    Queued(ChatView),
    /// Everybody eligible has rejected or missed it; a new round starts at the time given (ROUTE-9).
    RoundPaused(ChatId, Timestamp),
    /// A new round has started.
    RoundStarted(ChatId),
    /// It is kept for nobody any more (ROUTE-10).
    ReservationEnded(ChatId),
    /// It went to another queue, from the one named, because its own did not keep it (AVAIL-5).
    Overflowed(ChatView, Option<QueueId>),
    /// It has waited for too long, and nobody else takes it.
    WaitOverrun(ChatId),
    /// It became an offline message.
    Deferred(ChatView, DeferReason),
    /// Both sides have been silent for so long that it does not count as load (ROUTE-22).
    FellSilent(ChatId),
    /// An agent took it.
    Accepted(ChatView, AgentId),
    /// Somebody is to come into it: it looks for an agent while it is active, or help was asked for.
    HandOverRequested(Parties, HandOverRequest),
    /// That has come to nothing.
    HandOverEnded(Parties, Purpose, HandOverEnd),
    /// It has changed hands, or waits to (CHAT-1).
    Transferred(ChatView, Box<Transfer>),
    /// One agent more is in it.
    ParticipantJoined(ChatView, AgentId, ParticipantRole),
    /// An agent's part in it has ended while it goes on.
    ParticipantLeft(Parties, Departure),
    /// It waits again, since the agents that had it were gone or did not write (ROUTE-11, ROUTE-21).
    Requeued(ChatView, LeaveReason),
    /// An agent has begun to write its first reply.
    ReplyBegun(ChatId),
    /// A message was sent.
    MessageSent(Parties, MessageView),
    /// Its author has given a message another text.
    MessageEdited(Parties, EditedMessage),
    /// Its author has deleted a message.
    MessageDeleted(Parties, DeletedMessage),
    /// Somebody has got further in it (CHAT-9).
    MarkRaised(Parties, MarkRaised),
    /// An agent in it is seen as something else than before (PRES-10).
    AgentSeen(Parties, AgentCard),
    /// It is over.
    Closed(Parties, CloseReason),
    /// A message was left while nobody was there.
    OfflineMessageLeft(ChatView),
    /// Its life has taken another turn.
    Life(LifeEvent),
}

/// A wish to have somebody come into a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandOverRequest {
    /// What for.
    pub purpose: Purpose,
    /// Whom; `None` asks the supervisors of the office for help.
    pub to: Option<Target>,
    /// Who asks.
    pub by: AgentCard,
    /// What it says about it.
    pub note: Option<Note>,
    /// The number of the first offer that comes of it, if one does: what the note is kept with.
    pub offer: OfferNumber,
    /// Who hears of it besides those in the chat.
    pub asked: Vec<AgentId>,
}

/// A change of hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Who gave it away.
    pub by: AgentId,
    /// To whom.
    pub to: Target,
    /// Who has it now; `None` while it waits.
    pub agent_id: Option<AgentId>,
    /// Why now.
    pub reason: TransferReason,
}

/// The end of an agent's part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    /// Whose.
    pub agent: AgentCard,
    /// What it was.
    pub role: ParticipantRole,
    /// Since when.
    pub joined_at: Timestamp,
    /// Why.
    pub reason: LeaveReason,
}

/// Who takes part in a chat at the time of an event, and therefore hears of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parties {
    /// The chat.
    pub chat_id: ChatId,
    /// Its visitor.
    pub visitor_id: VisitorId,
    /// Its agents.
    pub agents: Vec<AgentId>,
}

/// A message and the text that it has from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditedMessage {
    /// Which message.
    pub id: MessageId,
    /// Its number, which stays.
    pub seq: u32,
    /// The text; `None` in what is read later, when the message was deleted since.
    pub text: Option<RichText>,
}

/// A message that holds nothing any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeletedMessage {
    /// Which message.
    pub id: MessageId,
    /// Its number, which stays.
    pub seq: u32,
}

/// What happened in a chat. This is all that a visitor can be told of: an event of another kind, as a note is, cannot be made
/// one.
#[derive(Clone, Copy, Debug)]
pub struct ChatFact<'e> {
    /// When.
    pub at: Timestamp,
    /// Who made it happen.
    pub actor: Actor,
    /// What.
    pub change: &'e ChatEvent,
}

/// Something that passes: it is shown to whoever is connected now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Somebody types or has stopped.
    Typing {
        /// Who hears of it: all in the chat but the author.
        parties: Parties,
        /// Who types.
        author: Author,
        /// The author's name, if it is an agent.
        author_name: Option<crate::domain::Name>,
        /// Whether typing began or stopped.
        typing: bool,
        /// What the visitor has written so far, if agents are shown it.
        unsent: Option<UnsentText>,
    },
}

/// A thing of the state whose record an event makes stale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// All of an agent's record.
    Agent(AgentId),
    /// What an agent's record says of its work, and nothing of its presence.
    Work(AgentId),
    /// What an office shows.
    Office(OfficeId),
    /// A chat and its participants.
    Chat(ChatId),
    /// An offer.
    Offer(ChatId, OfferNumber),
    /// What a queue remembers.
    Queue(QueueId),
}

impl Event {
    /// The records that this event makes stale. What is created by an event (offices, messages,
    /// contacts...) is written from the event itself.
    pub fn subjects(&self, out: &mut std::collections::BTreeSet<Subject>) {
        match &self.kind {
            EventKind::Setup(SetupEvent::AgentCreated(agent, _)) => {
                out.insert(Subject::Agent(agent.id));
            }
            // Marks and notes are written from their events.
            EventKind::Setup(_)
            | EventKind::Chat(ChatEvent::MarkRaised(..))
            | EventKind::Note(_) => {}
            EventKind::Availability(change) => {
                out.insert(Subject::Office(change.shown.office_id));
            }
            EventKind::Presence(event) => {
                out.insert(Subject::Agent(event.agent_id()));
            }
            EventKind::Queue(event) => {
                out.insert(Subject::Queue(event.queue_id));
            }
            EventKind::Offer(event, _) => {
                let key = event.key();
                out.insert(Subject::Offer(key.chat_id, key.number));
                out.insert(Subject::Work(key.agent_id));
                out.insert(Subject::Chat(key.chat_id));
                if let OfferEvent::Made(view, _) = event {
                    out.insert(Subject::Queue(view.queue_id));
                }
            }
            EventKind::Chat(event) => {
                out.insert(Subject::Chat(event.chat_id()));
                match event {
                    ChatEvent::Accepted(_, agent_id)
                    | ChatEvent::ParticipantJoined(_, agent_id, _) => {
                        out.insert(Subject::Work(*agent_id));
                    }
                    ChatEvent::ParticipantLeft(_, departure) => {
                        out.insert(Subject::Work(departure.agent.id));
                    }
                    ChatEvent::Transferred(_, transfer) => {
                        out.extend(transfer.agent_id.map(Subject::Work));
                    }
                    ChatEvent::Closed(parties, _) => {
                        out.extend(parties.agents.iter().map(|id| Subject::Work(*id)));
                    }
                    ChatEvent::Queued(_)
                    | ChatEvent::RoundPaused(..)
                    | ChatEvent::RoundStarted(_)
                    | ChatEvent::ReservationEnded(_)
                    | ChatEvent::HandOverRequested(..)
                    | ChatEvent::HandOverEnded(..)
                    | ChatEvent::Requeued(..)
                    | ChatEvent::ReplyBegun(_)
                    | ChatEvent::WaitOverrun(_)
                    | ChatEvent::FellSilent(_)
                    | ChatEvent::Overflowed(..)
                    | ChatEvent::Deferred(..)
                    | ChatEvent::MessageSent(..)
                    | ChatEvent::MessageEdited(..)
                    | ChatEvent::MessageDeleted(..)
                    | ChatEvent::MarkRaised(..)
                    | ChatEvent::AgentSeen(..)
                    | ChatEvent::OfflineMessageLeft(_) => {}
                    ChatEvent::Life(event) => event.subjects(out),
                }
                if let ChatEvent::Life(event) = event {
                    event.subjects(out);
                }
            }
        }
    }

    /// What happened, if it happened in a chat and may concern its visitor.
    #[must_use]
    pub fn chat(&self) -> Option<ChatFact<'_>> {
        match &self.kind {
            EventKind::Chat(change) => Some(ChatFact {
                at: self.at,
                actor: self.actor,
                change,
            }),
            EventKind::Setup(_)
            | EventKind::Presence(_)
            | EventKind::Availability(_)
            | EventKind::Queue(_)
            | EventKind::Offer(..)
            | EventKind::Note(_) => None,
        }
    }

    /// The contact that this event writes, if it does.
    #[must_use]
    pub fn contact(&self) -> Option<&Arc<Contact>> {
        match &self.kind {
            EventKind::Chat(ChatEvent::Queued(chat) | ChatEvent::OfflineMessageLeft(chat)) => {
                Some(&chat.contact)
            }
            _ => None,
        }
    }
}

impl PresenceEvent {
    /// The agent concerned.
    #[must_use]
    pub fn agent_id(&self) -> AgentId {
        match self {
            Self::Changed(view) => view.agent_id,
            Self::Connected(id)
            | Self::Disconnected(id)
            | Self::Lost(id)
            | Self::LeaseHeld(id)
            | Self::LeaseExpired(id)
            | Self::Noted(id)
            | Self::LoggedOut(id, _) => *id,
            Self::QueueLogIn(log_in) => log_in.agent_id,
        }
    }
}

impl ChatEvent {
    /// The chat concerned.
    #[must_use]
    pub fn chat_id(&self) -> ChatId {
        match self {
            Self::Queued(chat)
            | Self::Accepted(chat, _)
            | Self::Transferred(chat, _)
            | Self::ParticipantJoined(chat, ..)
            | Self::Requeued(chat, _)
            | Self::OfflineMessageLeft(chat)
            | Self::Overflowed(chat, _)
            | Self::Deferred(chat, _) => chat.id,
            Self::RoundPaused(id, _)
            | Self::RoundStarted(id)
            | Self::ReservationEnded(id)
            | Self::ReplyBegun(id)
            | Self::WaitOverrun(id)
            | Self::FellSilent(id) => *id,
            Self::MessageSent(parties, _)
            | Self::MessageEdited(parties, _)
            | Self::MessageDeleted(parties, _)
            | Self::MarkRaised(parties, _)
            | Self::AgentSeen(parties, _)
            | Self::HandOverRequested(parties, _)
            | Self::HandOverEnded(parties, ..)
            | Self::ParticipantLeft(parties, _)
            | Self::Closed(parties, _) => parties.chat_id,
            Self::Life(event) => event.chat_id(),
        }
    }
}
