//! Chats and offers.

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::life::missed_targets;
use super::{
    AgentCard, AgentMark, ChatMarks, ChatState, CloseReason, Contact, KnownAs, Message, OfferState,
    ParticipantRole, Purpose, ReadMark, TargetKind, Time,
};
use crate::domain::{self, Millis, Name, Note, Timestamp};
use crate::engine::{self, ChatStateView, ChatView, OfferView};

/// One conversation from request to close, as agents see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Chat {
    /// Its id.
    pub id: Uuid,
    /// Its state.
    pub state: ChatState,
    /// Where it belongs.
    pub office_id: Uuid,
    /// Where it waits or waited; an offline message has none.
    pub queue_id: Option<Uuid>,
    /// Who asks.
    pub contact: Contact,
    /// Who answers it.
    pub agents: Vec<AgentCard>,
    /// Everybody who is seen to take part: who answers it, then who reads along and advises.
    pub participants: Vec<Participant>,
    /// The transfer, invitation or request for help that is under way.
    pub hand_over: Option<HandOver>,
    /// The number of its last message; 0 before the first.
    pub last_seq: u32,
    /// The number of its last note; 0 before the first.
    pub last_note: u32,
    /// How far the visitor has got.
    pub visitor_mark: ReadMark,
    /// How far the agents have got that have told so.
    pub agent_marks: Vec<AgentMark>,
    /// When it was started.
    pub started_at: Time,
    /// When the first agent took part.
    pub accepted_at: Option<Time>,
    /// When it ended.
    pub closed_at: Option<Time>,
    /// Why it ended.
    pub close_reason: Option<CloseReason>,
    /// What agents say of it.
    #[serde(flatten)]
    pub marks: ChatMarks,
    /// The targets of its queue that it has missed.
    pub missed_targets: Vec<TargetKind>,
    /// How its visitor has rated it: 1 to 5.
    #[schema(minimum = 1, maximum = 5)]
    pub score: Option<u8>,
}

/// What of a chat's state stands in fields of their own.
struct Course {
    state: ChatState,
    accepted_at: Option<Time>,
    closed_at: Option<Time>,
    close_reason: Option<CloseReason>,
}

impl Course {
    fn over(
        state: &'static str,
        accepted_at: Option<Timestamp>,
        at: Timestamp,
        reason: domain::CloseReason,
    ) -> Self {
        Self {
            state: ChatState(state),
            accepted_at: accepted_at.map(Time),
            closed_at: Some(at.into()),
            close_reason: Some(CloseReason(reason.as_str())),
        }
    }
}

impl From<ChatStateView> for Course {
    fn from(state: ChatStateView) -> Self {
        let open = |word| Self {
            state: ChatState(word),
            accepted_at: None,
            closed_at: None,
            close_reason: None,
        };
        match state {
            ChatStateView::Settled(domain::ChatState::Waiting) => open("waiting"),
            ChatStateView::Offered => open("offered"),
            ChatStateView::Settled(domain::ChatState::OfflineMessage) => open("offline_message"),
            ChatStateView::Settled(domain::ChatState::Active { accepted_at }) => Self {
                accepted_at: Some(accepted_at.into()),
                ..open("active")
            },
            ChatStateView::Settled(domain::ChatState::WrapUp {
                accepted_at,
                at,
                reason,
            }) => Self::over("wrap_up", accepted_at, at, reason),
            ChatStateView::Settled(domain::ChatState::Closed {
                accepted_at,
                at,
                reason,
            }) => Self::over("closed", accepted_at, at, reason),
        }
    }
}

impl From<&ChatView> for Chat {
    fn from(view: &ChatView) -> Self {
        let course = Course::from(view.state);
        Self {
            id: view.id.0,
            state: course.state,
            office_id: view.office_id.0,
            queue_id: view.queue_id.map(|id| id.0),
            contact: Contact {
                known: view.known.as_deref().map(KnownAs::from),
                ..Contact::from(&*view.contact)
            },
            agents: view.agents.iter().map(AgentCard::from).collect(),
            participants: participants(view),
            hand_over: view.hand_over().map(HandOver::from),
            last_seq: view.last_seq,
            last_note: view.last_note,
            visitor_mark: ReadMark::new(view.read_marks.visitor, view.last_seq),
            agent_marks: AgentMark::all(&view.read_marks, view.last_seq),
            started_at: view.started_at.into(),
            accepted_at: course.accepted_at,
            closed_at: course.closed_at,
            close_reason: course.close_reason,
            marks: (&*view.marks).into(),
            missed_targets: missed_targets(view.marks.missed_targets),
            score: view.marks.score.map(domain::Score::get),
        }
    }
}

/// A chat, and whether there is more to read of its contact.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChatWithHistory {
    /// The chat. Flattened, so that it is read as every other; no frame holds this.
    #[serde(flatten)]
    pub chat: Chat,
    /// Where the caller finds more about it, in another system: its queue's template, filled in.
    pub external_url: Option<String>,
    /// Whether its contact had chats before it that the caller may read.
    pub has_history: bool,
    /// How many; 100 stands for 100 or more.
    pub earlier_chats: i64,
}

/// An agent in a chat, and what it is there.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Participant {
    /// Its id.
    pub id: Uuid,
    /// The name under which it chats.
    #[schema(value_type = String)]
    pub name: Name,
    /// What it is there. Who listens is not shown.
    pub role: ParticipantRole,
}

fn participants(view: &ChatView) -> Vec<Participant> {
    let part = |card: &engine::AgentCard, role: domain::ParticipantRole| Participant {
        id: card.id.0,
        name: card.name.clone(),
        role: ParticipantRole(role.as_str()),
    };
    let agents = view.agents.iter();
    let agents = agents.map(|card| part(card, domain::ParticipantRole::Agent));
    let assistants = view.assistants().iter();
    agents
        .chain(assistants.map(|card| part(card, domain::ParticipantRole::Assistant)))
        .collect()
}

/// Whom a chat looks for: one of the two is given.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Target {
    /// An agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub agent_id: Option<Uuid>,
    /// Whoever the queue's strategy chooses.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub queue_id: Option<Uuid>,
}

impl From<domain::Target> for Target {
    fn from(target: domain::Target) -> Self {
        match target {
            domain::Target::Agent(id) => Self {
                agent_id: Some(id.0),
                queue_id: None,
            },
            domain::Target::Queue(id) => Self {
                agent_id: None,
                queue_id: Some(id.0),
            },
        }
    }
}

/// A search for somebody who comes into an active chat.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct HandOver {
    /// What for.
    pub purpose: Purpose,
    /// Whom it is for.
    pub to: Target,
    /// Who asked.
    pub by_agent_id: Uuid,
    /// Since when.
    pub since: Time,
}

impl From<domain::HandOver> for HandOver {
    fn from(hand_over: domain::HandOver) -> Self {
        Self {
            purpose: Purpose(hand_over.purpose.as_str()),
            to: hand_over.to.into(),
            by_agent_id: hand_over.by.0,
            since: hand_over.since.into(),
        }
    }
}

/// A chat as its visitor sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VisitorChat {
    /// Its id.
    pub id: Uuid,
    /// Its state; never `offered`, which is `waiting` to a visitor.
    pub state: ChatState,
    /// Where it belongs.
    pub office_id: Uuid,
    /// 1 for the next in line when this was answered; `null` once accepted.
    pub position: Option<u32>,
    /// How long it will go on waiting, as it was when this was answered; `null` while unknown.
    pub estimated_wait_s: Option<u32>,
    /// Who takes part.
    pub agents: Vec<AgentCard>,
    /// The number of its last message; 0 before the first.
    pub last_seq: u32,
    /// How far the visitor has got.
    pub visitor_mark: ReadMark,
    /// How far some agent has got.
    pub agents_mark: ReadMark,
    /// When it was started.
    pub started_at: Time,
    /// When it ended.
    pub closed_at: Option<Time>,
    /// Why it ended.
    pub close_reason: Option<CloseReason>,
    /// How the visitor has rated it: 1 to 5.
    #[schema(minimum = 1, maximum = 5)]
    pub score: Option<u8>,
    /// Whether an address was given to which an answer can go.
    pub has_email: bool,
}

impl From<&ChatView> for VisitorChat {
    fn from(view: &ChatView) -> Self {
        // Whether it rings at somebody is the service's affair: no event tells the visitor when that changes.
        let course = Course::from(match view.state {
            ChatStateView::Offered => ChatStateView::Settled(domain::ChatState::Waiting),
            // What agents still do about it is none of the visitor's business.
            ChatStateView::Settled(domain::ChatState::WrapUp {
                accepted_at,
                at,
                reason,
            }) => ChatStateView::Settled(domain::ChatState::Closed {
                accepted_at,
                at,
                reason,
            }),
            state @ ChatStateView::Settled(_) => state,
        });
        Self {
            id: view.id.0,
            state: course.state,
            office_id: view.office_id.0,
            position: view.position,
            estimated_wait_s: view.estimated_wait.map(seconds),
            agents: view.agents.iter().map(AgentCard::from).collect(),
            last_seq: view.last_seq,
            visitor_mark: ReadMark::new(view.read_marks.visitor, view.last_seq),
            agents_mark: ReadMark::new(view.read_marks.by_agents(), view.last_seq),
            started_at: view.started_at.into(),
            closed_at: course.closed_at,
            close_reason: course.close_reason,
            score: view.marks.score.map(domain::Score::get),
            has_email: view.contact.email.is_some(),
        }
    }
}

/// An estimate in whole seconds, rounded up.
#[must_use]
pub fn seconds(wait: Millis) -> u32 {
    u32::try_from(wait.0.saturating_add(999) / 1000).unwrap_or(u32::MAX)
}

/// What a visitor is told about a message that it left.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OfflineMessage {
    /// The id of the chat that holds it.
    pub id: Uuid,
    /// Always `offline_message`.
    pub state: ChatState,
    /// When it was taken.
    pub received_at: Time,
}

impl From<&ChatView> for OfflineMessage {
    fn from(view: &ChatView) -> Self {
        Self {
            id: view.id.0,
            state: ChatState("offline_message"),
            received_at: view.started_at.into(),
        }
    }
}

/// A queue as an offer names it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct QueueCard {
    /// Its id.
    pub id: Uuid,
    /// What agents read.
    #[schema(value_type = String)]
    pub name: Name,
}

/// A chat ringing at one agent.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Offer {
    /// The chat that is offered.
    pub chat_id: Uuid,
    /// The number of the offer within its chat.
    pub offer: u32,
    /// Whom it rings at.
    pub agent_id: Uuid,
    /// Its state.
    pub state: OfferState,
    /// When it began to ring.
    pub made_at: Time,
    /// The last instant at which it can be accepted; `null` rings on.
    pub expires_at: Option<Time>,
    /// Since when the chat waits.
    pub waiting_since: Time,
    /// The chat's office.
    pub office_id: Uuid,
    /// The chat's queue.
    pub queue: QueueCard,
    /// Who asks.
    pub contact: Contact,
    /// What the chat looks for an agent for: with `invite` others go on in it, with `assist` it is only read along.
    pub purpose: Purpose,
    /// The agent that asked for it, if one did.
    pub by: Option<AgentCard>,
    /// What that agent says about it.
    #[schema(value_type = Option<String>)]
    pub note: Option<Note>,
    /// Where its agent finds more about it, in another system: the queue's template, filled in.
    #[schema(value_type = Option<String>)]
    pub external_url: Option<Arc<str>>,
}

impl From<&OfferView> for Offer {
    fn from(view: &OfferView) -> Self {
        Self {
            chat_id: view.chat_id.0,
            offer: view.number.0,
            agent_id: view.agent_id.0,
            state: OfferState(view.state.as_str()),
            made_at: view.made_at.into(),
            expires_at: view.expires_at.map(Time),
            waiting_since: view.waiting_since.into(),
            office_id: view.office_id.0,
            queue: QueueCard {
                id: view.queue_id.0,
                name: view.queue_name.clone(),
            },
            contact: Contact::from(&*view.contact),
            purpose: Purpose(view.purpose.as_str()),
            by: view.by.as_ref().map(AgentCard::from),
            note: view.note.clone(),
            external_url: view.external_url.clone(),
        }
    }
}

/// What an agent reads in a conversation that goes over several chats: a message, or a note that no visitor is shown. One
/// of the two is there.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConversationLine {
    /// Its chat; the message's `seq` or the note's `number` is its number there.
    pub chat_id: Uuid,
    /// What was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<Message>,
    /// What agents alone read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<super::aside::Note>,
}

/// A message of a visitor's history that goes over several chats.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConversationEntry {
    /// Its chat; the message's `seq` is its number there.
    pub chat_id: Uuid,
    /// What was said.
    pub message: Message,
}

/// A part of the conversation over all chats of a contact, oldest first. Chats do not interleave: one that was started
/// later stands as a whole behind one that was started earlier.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Conversation {
    /// What was said and noted; within a chat in the order in which it was taken.
    pub data: Vec<ConversationLine>,
    /// The chats of these entries, in the same order.
    pub chats: Vec<Chat>,
    /// What comes before it: the next page's `before`; `null` when this is the beginning.
    pub next_cursor: Option<String>,
}

/// A part of what a visitor has said and read in chats that are over, oldest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VisitorHistory {
    /// What was said.
    pub data: Vec<ConversationEntry>,
    /// The chats of these messages, in the same order.
    pub chats: Vec<VisitorChat>,
    /// What comes before it: the next page's `before`; `null` when this is the beginning.
    pub next_cursor: Option<String>,
}

/// How many chats each view of an inbox has; 1,000 stands for 1,000 or more.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct InboxCounts {
    /// Open chats in which the agent takes part.
    pub mine: i64,
    /// Waiting chats, ringing or not.
    pub waiting: i64,
    /// Offline messages.
    pub offline: i64,
    /// Everything that is open, offline messages among them.
    pub all: i64,
}
