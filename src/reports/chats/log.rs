//! What happened in a chat, as far as a report counts it.

use crate::domain::{
    AgentId, ChatId, CloseReason, OfferNumber, OfficeId, ParticipantRole, Purpose, QueueId,
    Timestamp,
};

/// A chat with what happened in it, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatLog {
    /// The chat.
    pub chat_id: ChatId,
    /// When it was started: what decides in which interval it counts.
    pub started_at: Timestamp,
    /// The office to which it came, for what happened in no queue: in none it cannot go to another one.
    pub office_id: OfficeId,
    /// What happened, oldest first.
    pub happenings: Vec<Happening>,
}

/// Something that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Happening {
    /// The tenant's number for the event.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: Happened,
}

/// What happened. `queue_id` is the queue that it happened in, where the event says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    /// It entered a queue.
    Queued {
        /// Which.
        queue_id: Option<QueueId>,
    },
    /// It was left as an offline message, or became one.
    OfflineMessage,
    /// It went on to wait in another queue.
    Moved {
        /// Which.
        queue_id: Option<QueueId>,
    },
    /// An agent was asked.
    OfferMade {
        /// Which offer.
        number: OfferNumber,
        /// Who.
        agent_id: AgentId,
        /// In which queue.
        queue_id: Option<QueueId>,
    },
    /// An offer has ended.
    OfferEnded {
        /// Which.
        number: OfferNumber,
        /// How.
        end: OfferEnd,
    },
    /// An agent has taken it, or has joined those who answer or read along.
    Joined {
        /// Who.
        agent_id: AgentId,
        /// As what.
        role: ParticipantRole,
        /// The queue that it belongs to from then on.
        queue_id: Option<QueueId>,
    },
    /// An agent's part has ended before the chat.
    Left {
        /// Who.
        agent_id: AgentId,
    },
    /// Somebody wrote.
    Message {
        /// The agent that did; `None` for the visitor.
        agent_id: Option<AgentId>,
    },
    /// It is over.
    Closed {
        /// Why.
        reason: CloseReason,
    },
    /// It was over and goes on.
    Reopened,
    /// It went back to its queue.
    Requeued,
    /// An agent has asked for somebody else.
    HandOver {
        /// What for.
        purpose: Purpose,
        /// Who asked.
        by: Option<AgentId>,
    },
    /// What an agent asked for is done, or never will be.
    HandOverEnded {
        /// What for.
        purpose: Purpose,
        /// Who has taken it; `None` where nobody did.
        taken_by: Option<AgentId>,
    },
    /// An agent works on it after its end.
    WrapUpStarted {
        /// Who.
        agent_id: AgentId,
    },
    /// An agent has done so.
    WrapUpEnded {
        /// Who.
        agent_id: AgentId,
    },
    /// A target of its queue has passed.
    TargetMissed {
        /// Which.
        target: MissedTarget,
    },
    /// The visitor has said what it thinks of it.
    Rated {
        /// From 1 to 5.
        score: u8,
    },
}

/// How an offer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferEnd {
    /// Its agent took the chat.
    Accepted,
    /// Its agent said no.
    Rejected,
    /// Its time passed.
    Missed,
    /// Otherwise.
    Withdrawn,
}

/// Which target has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissedTarget {
    /// That of the waiting time.
    Waiting,
    /// That of the first reply.
    FirstReply,
}
