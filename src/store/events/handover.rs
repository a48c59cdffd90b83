//! The stored form of hand-overs: who, whom and why, and how the chat stood.

use serde::{Deserialize, Serialize};

use crate::domain::{
    AgentId, HandOverEnd, LeaveReason, OfferNumber, ParticipantRole, Purpose, Target, Timestamp,
    TransferReason,
};
use crate::engine::{ChatView, Departure, HandOverRequest, Parties, Transfer};

use super::Row;
use super::shown::Shown;

/// Somebody is to come in. The note is kept with the first offer that came of it.
#[derive(Serialize, Deserialize)]
pub(in super::super) struct Requested {
    pub(in super::super) purpose: Purpose,
    pub(in super::super) to: Option<Target>,
    pub(in super::super) offer: OfferNumber,
    pub(in super::super) asked: Vec<AgentId>,
    pub(in super::super) agents: Vec<AgentId>,
}

/// It came to nothing.
#[derive(Serialize, Deserialize)]
pub(in super::super) struct Ended {
    pub(in super::super) purpose: Purpose,
    pub(in super::super) end: HandOverEnd,
    pub(in super::super) agents: Vec<AgentId>,
}

/// A chat changed hands.
#[derive(Serialize, Deserialize)]
pub(in super::super) struct Transferred {
    pub(in super::super) by: AgentId,
    pub(in super::super) to: Target,
    pub(in super::super) reason: TransferReason,
    pub(in super::super) chat: Shown,
}

/// An agent came in.
#[derive(Serialize, Deserialize)]
pub(in super::super) struct Joined {
    pub(in super::super) role: ParticipantRole,
    pub(in super::super) chat: Shown,
}

/// An agent's part ended.
#[derive(Serialize, Deserialize)]
pub(in super::super) struct Left {
    pub(in super::super) role: ParticipantRole,
    pub(in super::super) reason: LeaveReason,
    pub(in super::super) joined_at: Timestamp,
    pub(in super::super) agents: Vec<AgentId>,
}

/// A chat waits again.
#[derive(Serialize, Deserialize)]
pub(in super::super) struct Requeued {
    pub(in super::super) reason: LeaveReason,
    pub(in super::super) chat: Shown,
}

/// The row of a request.
pub(super) fn requested(parties: &Parties, request: &HandOverRequest) -> Row {
    let payload = Requested {
        purpose: request.purpose,
        to: request.to,
        offer: request.offer,
        asked: request.asked.clone(),
        agents: parties.agents.clone(),
    };
    Row::new("chat.hand_over_requested", payload).of_agent(request.by.id)
}

/// The row of one that came to nothing.
pub(super) fn ended(parties: &Parties, purpose: Purpose, end: HandOverEnd) -> Row {
    let payload = Ended {
        purpose,
        end,
        agents: parties.agents.clone(),
    };
    Row::new("chat.hand_over_ended", payload)
}

/// The row of a change of hands.
pub(super) fn transferred(chat: &ChatView, transfer: &Transfer) -> Row {
    let payload = Transferred {
        by: transfer.by,
        to: transfer.to,
        reason: transfer.reason,
        chat: Shown::of(chat),
    };
    let row = Row::new("chat.transferred", payload);
    match transfer.agent_id {
        Some(agent_id) => row.of_agent(agent_id),
        None => row,
    }
}

/// The row of an agent that came in.
pub(super) fn joined(chat: &ChatView, agent_id: AgentId, role: ParticipantRole) -> Row {
    let chat = Shown::of(chat);
    Row::new("chat.participant_joined", Joined { role, chat }).of_agent(agent_id)
}

/// The row of an agent whose part ended.
pub(super) fn left(parties: &Parties, departure: &Departure) -> Row {
    let payload = Left {
        role: departure.role,
        reason: departure.reason,
        joined_at: departure.joined_at,
        agents: parties.agents.clone(),
    };
    Row::new("chat.participant_left", payload).of_agent(departure.agent.id)
}

/// The row of a chat that waits again.
pub(super) fn requeued(chat: &ChatView, reason: LeaveReason) -> Row {
    let chat = Shown::of(chat);
    Row::new("chat.requeued", Requeued { reason, chat })
}
