//! Frames of offers.

use std::sync::Arc;

use serde::Serialize;
use uuid::Uuid;

use super::super::to_text;
use super::super::wire::{AgentCard, Contact, Offer, OfferState, Purpose, QueueCard, Time};
use crate::domain;
use crate::engine::{OfferEvent, OfferKey, OfferView};

/// Writes what became of an offer, for the agent that it rings or rang at.
pub(super) fn agent_frame(change: &OfferEvent, seq: u64, at: Time) -> String {
    match change {
        OfferEvent::Made(view, _) => to_text(&OfferMade::new(view, seq, at)),
        OfferEvent::Accepted(key) => to_text(&OfferEnded::new("offer.accepted", *key, seq, at)),
        OfferEvent::Missed(key) => to_text(&OfferEnded::new("offer.missed", *key, seq, at)),
        OfferEvent::Rejected(key, reason) => {
            let reason = reason.as_ref().map(domain::Note::as_str);
            to_text(&OfferEndedFor::new("offer.rejected", *key, seq, at, reason))
        }
        OfferEvent::Withdrawn(key, reason) => to_text(&OfferEndedFor::new(
            "offer.withdrawn",
            *key,
            seq,
            at,
            Some(reason.as_str()),
        )),
    }
}

/// An offer's own fields beside those of every event.
#[derive(Serialize)]
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
    note: Option<domain::Note>,
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

#[derive(Serialize)]
struct OfferEnded {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: u64,
    at: Time,
    chat_id: Uuid,
    offer: u32,
    agent_id: Uuid,
}

impl OfferEnded {
    fn new(kind: &'static str, key: OfferKey, seq: u64, at: Time) -> Self {
        let (chat_id, offer, agent_id) = (key.chat_id.0, key.number.0, key.agent_id.0);
        Self {
            kind,
            seq,
            at,
            chat_id,
            offer,
            agent_id,
        }
    }
}

#[derive(Serialize)]
struct OfferEndedFor<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: u64,
    at: Time,
    chat_id: Uuid,
    offer: u32,
    agent_id: Uuid,
    reason: Option<&'a str>,
}

impl<'a> OfferEndedFor<'a> {
    fn new(kind: &'static str, key: OfferKey, seq: u64, at: Time, reason: Option<&'a str>) -> Self {
        let (chat_id, offer, agent_id) = (key.chat_id.0, key.number.0, key.agent_id.0);
        Self {
            kind,
            seq,
            at,
            chat_id,
            offer,
            agent_id,
            reason,
        }
    }
}
