//! Frames of offers.
//!
//! Owns what is told of an offer to others than its agent: those that read the chat along while it waits hear whether it
//! rings, and what became of the offer by which that changed.

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::shape::Described;
use super::super::to_text;
use super::super::wire::{
    AgentCard, Contact, Offer, OfferState, Purpose, QueueCard, Time, WithdrawReason,
};
use crate::domain;
use crate::engine::{OfferEvent, OfferKey, OfferView, Onlookers};

/// Writes what became of an offer, for the agent that it rings or rang at.
pub(super) fn agent_frame(change: &OfferEvent, seen: &Onlookers, seq: u64, at: Time) -> String {
    let ended = |kind| OfferEnded::new(kind, change.key(), seen, seq, at);
    match change {
        OfferEvent::Made(view, _) => to_text(&OfferMade::new(view, seq, at)),
        OfferEvent::Accepted(_) => to_text(&ended("offer.accepted")),
        OfferEvent::Missed(_) => to_text(&ended("offer.missed")),
        OfferEvent::Rejected(_, reason) => {
            let reason = reason.as_ref().map(domain::Note::as_str);
            to_text(&OfferEndedFor::new(&ended("offer.rejected"), reason))
        }
        OfferEvent::Withdrawn(_, reason) => {
            let reason = WithdrawReason(reason.as_str());
            to_text(&OfferEndedFor::new(&ended("offer.withdrawn"), reason))
        }
    }
}

/// Writes what is seen of it by those that read the chat along; `None` where that is not known.
pub(super) fn onlookers_frame(
    change: &OfferEvent,
    seen: &Onlookers,
    seq: u64,
    at: Time,
) -> Option<String> {
    let key = change.key();
    let state = match change {
        OfferEvent::Made(..) => domain::OfferState::Ringing,
        OfferEvent::Accepted(_) => domain::OfferState::Accepted,
        OfferEvent::Rejected(..) => domain::OfferState::Rejected,
        OfferEvent::Missed(_) => domain::OfferState::Missed,
        OfferEvent::Withdrawn(_, reason) => domain::OfferState::Withdrawn(*reason),
    };
    Some(to_text(&Ringing {
        kind: "chat.ringing",
        seq,
        at,
        chat_id: key.chat_id.0,
        rings: seen.rings?,
        offer: key.number.0,
        agent_id: key.agent_id.0,
        state: OfferState(state.as_str()),
    }))
}

/// The frames of this module that agents are sent.
pub(super) fn agents_frames() -> Vec<Described> {
    vec![
        Described::of::<OfferMade>("offer.made", "A chat rings at the agent"),
        Described::of::<OfferEnded>("offer.accepted", "The agent took the chat"),
        Described::of::<OfferEndedFor<Option<String>>>("offer.rejected", "The agent declined"),
        Described::of::<OfferEnded>("offer.missed", "The agent let it ring to its end"),
        Described::of::<OfferEndedFor<WithdrawReason>>(
            "offer.withdrawn",
            "The offer was taken back",
        ),
        Described::of::<Ringing>(
            "chat.ringing",
            "A waiting chat that the agent reads along rings at somebody, or does no more",
        ),
    ]
}

/// An offer's own fields beside those of every event.
#[derive(Serialize, ToSchema)]
struct OfferMade {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: u64,
    at: Time,
    chat_id: Uuid,
    offer: u32,
    agent_id: Uuid,
    state: OfferState,
    made_at: Time,
    expires_at: Option<Time>,
    waiting_since: Time,
    office_id: Uuid,
    queue: QueueCard,
    contact: Contact,
    purpose: Purpose,
    by: Option<AgentCard>,
    #[schema(value_type = Option<String>)]
    note: Option<domain::Note>,
    #[schema(value_type = Option<String>)]
    external_url: Option<Arc<str>>,
}

impl OfferMade {
    fn new(view: &OfferView, seq: u64, at: Time) -> Self {
        let offer = Offer::from(view);
        Self {
            kind: "offer.made",
            seq,
            at,
            chat_id: offer.chat_id,
            offer: offer.offer,
            agent_id: offer.agent_id,
            state: offer.state,
            made_at: offer.made_at,
            expires_at: offer.expires_at,
            waiting_since: offer.waiting_since,
            office_id: offer.office_id,
            queue: offer.queue,
            contact: offer.contact,
            purpose: offer.purpose,
            by: offer.by,
            note: offer.note,
            external_url: offer.external_url,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct OfferEnded {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: u64,
    at: Time,
    chat_id: Uuid,
    offer: u32,
    agent_id: Uuid,
    /// Whether the chat rings at somebody else: its agent may read it along, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    rings: Option<bool>,
}

impl OfferEnded {
    fn new(kind: &'static str, key: OfferKey, seen: &Onlookers, seq: u64, at: Time) -> Self {
        let (chat_id, offer, agent_id) = (key.chat_id.0, key.number.0, key.agent_id.0);
        Self {
            kind,
            seq,
            at,
            chat_id,
            offer,
            agent_id,
            rings: seen.rings,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct OfferEndedFor<R> {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: u64,
    at: Time,
    chat_id: Uuid,
    offer: u32,
    agent_id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    rings: Option<bool>,
    #[schema(inline)]
    reason: R,
}

impl<R> OfferEndedFor<R> {
    fn new(ended: &OfferEnded, reason: R) -> Self {
        Self {
            kind: ended.kind,
            seq: ended.seq,
            at: ended.at,
            chat_id: ended.chat_id,
            offer: ended.offer,
            agent_id: ended.agent_id,
            rings: ended.rings,
            reason,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct Ringing {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: u64,
    at: Time,
    chat_id: Uuid,
    rings: bool,
    offer: u32,
    agent_id: Uuid,
    state: OfferState,
}
