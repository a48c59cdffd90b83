//! Frames of hand-overs.
//!
//! Owns what the visitor is told of them: that an agent came, went or gave the chat away. Of who reads along, of whom was
//! asked and of what agents say about it nothing reaches it.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::shape::Described;
use super::super::to_text;
use super::super::wire::{
    AgentCard, Chat, HandOverEnd, LeaveReason, ParticipantRole, Purpose, Target, Time,
    TransferReason, VisitorChat,
};
use super::{Audiences, card_of};
use crate::domain::{AgentId, Note, ParticipantRole as Role, Purpose as For, Timestamp};
use crate::engine::{ChatEvent, ChatFact, ChatView, Departure, Parties};

/// Who hears of a hand-over; `None` for an event of another kind.
pub(super) fn audience(event: &ChatEvent) -> Option<Audiences> {
    let agents = |agents: Vec<AgentId>| Audiences {
        agents,
        ..Audiences::default()
    };
    let all = |chat: &ChatView| Audiences {
        agents: chat.hearers().collect(),
        visitor: Some(chat.visitor_id),
        ..Audiences::default()
    };
    Some(match event {
        ChatEvent::HandOverRequested(parties, request) => {
            let mut heard = parties.agents.clone();
            heard.extend(
                request
                    .asked
                    .iter()
                    .filter(|id| !parties.agents.contains(id)),
            );
            agents(heard)
        }
        ChatEvent::HandOverEnded(parties, ..) => agents(parties.agents.clone()),
        ChatEvent::Transferred(chat, _) | ChatEvent::Requeued(chat, _) => all(chat),
        ChatEvent::ParticipantJoined(chat, agent_id, role) => match role {
            Role::Agent => all(chat),
            Role::Assistant => agents(chat.hearers().collect()),
            Role::Listener => agents(vec![*agent_id]),
        },
        ChatEvent::ParticipantLeft(parties, departure) => Audiences {
            visitor: (departure.role == Role::Agent).then_some(parties.visitor_id),
            ..agents(parties.agents.clone())
        },
        _ => return None,
    })
}

/// Writes a hand-over for agents; `None` for an event of another kind.
pub(super) fn agent_frame(at: Timestamp, change: &ChatEvent, seq: u64) -> Option<String> {
    let at = Time(at);
    Some(match change {
        ChatEvent::HandOverRequested(parties, request) => to_text(&Requested {
            kind: requested(request.purpose),
            seq,
            at,
            chat_id: parties.chat_id.0,
            by: (&request.by).into(),
            to: request.to.map(Target::from),
            note: request.note.as_ref(),
        }),
        ChatEvent::HandOverEnded(parties, purpose, end) => to_text(&Ended {
            kind: "chat.hand_over_ended",
            seq,
            at,
            chat_id: parties.chat_id.0,
            purpose: Purpose(purpose.as_str()),
            reason: HandOverEnd(end.as_str()),
        }),
        ChatEvent::Transferred(chat, transfer) => to_text(&Transferred {
            kind: "chat.transferred",
            seq,
            at,
            chat_id: chat.id.0,
            by_agent_id: transfer.by.0,
            to: transfer.to.into(),
            agent: transfer.agent_id.and_then(|id| card_of(chat, id)),
            reason: TransferReason(transfer.reason.as_str()),
            chat: chat.into(),
        }),
        ChatEvent::ParticipantJoined(chat, agent_id, role) => to_text(&Joined {
            kind: "chat.participant_joined",
            seq,
            at,
            chat_id: chat.id.0,
            agent_id: agent_id.0,
            role: ParticipantRole(role.as_str()),
            chat: Chat::from(chat),
        }),
        ChatEvent::ParticipantLeft(parties, departure) => to_text(&Left {
            kind: "chat.participant_left",
            seq,
            at,
            chat_id: parties.chat_id.0,
            agent: (&departure.agent).into(),
            role: Some(ParticipantRole(departure.role.as_str())),
            reason: LeaveReason(departure.reason.as_str()),
        }),
        ChatEvent::Requeued(chat, reason) => to_text(&Requeued {
            kind: "chat.requeued",
            seq,
            at,
            chat_id: chat.id.0,
            reason: LeaveReason(reason.as_str()),
            chat: Chat::from(chat),
        }),
        _ => return None,
    })
}

/// Writes a hand-over for the visitor; `None` for what it is not told.
pub(super) fn visitor_frame(fact: ChatFact<'_>, seq: i64) -> Option<String> {
    let at = Time(fact.at);
    Some(match fact.change {
        ChatEvent::Transferred(chat, transfer) => to_text(&TransferredForVisitor {
            kind: "chat.transferred",
            seq,
            at,
            chat_id: chat.id.0,
            agent: transfer.agent_id.and_then(|id| card_of(chat, id)),
            reason: TransferReason(transfer.reason.as_str()),
            chat: chat.into(),
        }),
        ChatEvent::ParticipantJoined(chat, agent_id, Role::Agent) => to_text(&Joined {
            kind: "chat.participant_joined",
            seq,
            at,
            chat_id: chat.id.0,
            agent_id: agent_id.0,
            role: ParticipantRole(Role::Agent.as_str()),
            chat: VisitorChat::from(chat),
        }),
        ChatEvent::ParticipantLeft(parties, departure) if departure.role == Role::Agent => {
            left_for_visitor(parties, departure, seq, at)
        }
        ChatEvent::Requeued(chat, reason) => to_text(&Requeued {
            kind: "chat.requeued",
            seq,
            at,
            chat_id: chat.id.0,
            reason: LeaveReason(reason.as_str()),
            chat: VisitorChat::from(chat),
        }),
        _ => return None,
    })
}

fn left_for_visitor(parties: &Parties, departure: &Departure, seq: i64, at: Time) -> String {
    to_text(&Left {
        kind: "chat.participant_left",
        seq,
        at,
        chat_id: parties.chat_id.0,
        agent: (&departure.agent).into(),
        role: None,
        reason: LeaveReason(departure.reason.as_str()),
    })
}

fn requested(purpose: For) -> &'static str {
    match purpose {
        For::Transfer | For::Answer => "chat.transfer_requested",
        For::Invite => "chat.invite_requested",
        For::Assist => "chat.assist_requested",
    }
}

/// The frames of this module that agents are sent.
pub(super) fn agents_frames() -> Vec<Described> {
    vec![
        Described::of::<Requested<'_>>("chat.transfer_requested", "Somebody is to take the chat"),
        Described::of::<Requested<'_>>("chat.invite_requested", "Somebody is to answer besides"),
        Described::of::<Requested<'_>>("chat.assist_requested", "Somebody is to help"),
        Described::of::<Ended>("chat.hand_over_ended", "Nobody came who was asked for"),
        Described::of::<Transferred>("chat.transferred", "The chat was given to somebody else"),
        Described::of::<Joined<u64, Chat>>("chat.participant_joined", "Somebody came in"),
        Described::of::<Left<u64>>("chat.participant_left", "Somebody left"),
        Described::of::<Requeued<u64, Chat>>("chat.requeued", "The chat waits again"),
    ]
}

/// Those that visitors are sent.
pub(super) fn visitors_frames() -> Vec<Described> {
    vec![
        Described::of::<TransferredForVisitor>(
            "chat.transferred",
            "The chat was given to somebody else",
        ),
        Described::of::<Joined<i64, VisitorChat>>("chat.participant_joined", "An agent came in"),
        Described::of::<Left<i64>>("chat.participant_left", "An agent left"),
        Described::of::<Requeued<i64, VisitorChat>>("chat.requeued", "The chat waits again"),
    ]
}

#[derive(Serialize, ToSchema)]
struct Requested<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: u64,
    at: Time,
    chat_id: Uuid,
    by: AgentCard,
    to: Option<Target>,
    #[schema(value_type = Option<String>)]
    note: Option<&'a Note>,
}

#[derive(Serialize, ToSchema)]
struct Ended {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: u64,
    at: Time,
    chat_id: Uuid,
    purpose: Purpose,
    reason: HandOverEnd,
}

#[derive(Serialize, ToSchema)]
struct Transferred {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: u64,
    at: Time,
    chat_id: Uuid,
    by_agent_id: Uuid,
    to: Target,
    agent: Option<AgentCard>,
    reason: TransferReason,
    chat: Chat,
}

#[derive(Serialize, ToSchema)]
struct TransferredForVisitor {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: i64,
    at: Time,
    chat_id: Uuid,
    agent: Option<AgentCard>,
    reason: TransferReason,
    chat: VisitorChat,
}

#[derive(Serialize, ToSchema)]
struct Joined<N, C> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[schema(inline)]
    seq: N,
    at: Time,
    chat_id: Uuid,
    agent_id: Uuid,
    role: ParticipantRole,
    chat: C,
}

#[derive(Serialize, ToSchema)]
struct Left<N> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[schema(inline)]
    seq: N,
    at: Time,
    chat_id: Uuid,
    agent: AgentCard,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    role: Option<ParticipantRole>,
    reason: LeaveReason,
}

#[derive(Serialize, ToSchema)]
struct Requeued<N, C> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[schema(inline)]
    seq: N,
    at: Time,
    chat_id: Uuid,
    reason: LeaveReason,
    chat: C,
}
