//! The stored form of an offer's event: why the chat rang at this agent (ROUTE-15).

use serde::Serialize;
use serde_json::Value;

use crate::domain::{OfferNumber, QueueId, Timestamp};
use crate::engine::{Decision, OfferView};

/// What is stored of an offer that was made.
#[derive(Serialize)]
pub(in super::super) struct Stored<'d> {
    offer: OfferNumber,
    queue_id: QueueId,
    /// The chat's age as it was then; it may begin anew.
    waiting_since: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<&'d Decision>,
}

/// The stored form.
pub(super) fn stored<'d>(
    number: OfferNumber,
    view: &OfferView,
    decision: Option<&'d Decision>,
) -> Stored<'d> {
    Stored {
        offer: number,
        queue_id: view.queue_id,
        waiting_since: view.waiting_since,
        decision,
    }
}

/// Since when the chat waited, as its agent was told; `None` of an event of the time before that was kept.
pub(in super::super) fn waiting_since(payload: &Value) -> Option<Timestamp> {
    serde_json::from_value(payload.get("waiting_since")?.clone()).ok()
}

/// The decision of a stored event; the inner `None` is one of the time before decisions were kept.
#[expect(
    clippy::option_option,
    reason = "one that cannot be read is a fault, one that is not there is not"
)]
pub(in super::super) fn read(payload: &Value) -> Option<Option<Box<Decision>>> {
    match payload.get("decision") {
        None => Some(None),
        Some(decision) => serde_json::from_value(decision.clone()).ok().map(Some),
    }
}
