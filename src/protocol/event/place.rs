//! A waiting chat's place, as it is now: for its visitor alone, and without a number, since the next one replaces it.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::Timestamp;
use crate::engine::Waiting;
use crate::protocol::shape::Described;
use crate::protocol::to_text;
use crate::protocol::wire::{Time, seconds};

#[derive(Serialize, ToSchema)]
struct Place {
    #[serde(rename = "type")]
    kind: &'static str,
    at: Time,
    chat_id: Uuid,
    position: u32,
    estimated_wait_s: Option<u32>,
}

/// Tells a visitor its chat's place.
#[must_use]
pub fn place_frame(at: Timestamp, waiting: &Waiting) -> String {
    to_text(&Place {
        kind: "chat.place",
        at: Time(at),
        chat_id: waiting.chat_id.0,
        position: waiting.position,
        estimated_wait_s: waiting.estimated_wait.map(seconds),
    })
}

/// The frame of this module, which visitors are sent.
pub(super) fn visitors_frame() -> Described {
    Described::of::<Place>("chat.place", "The place of a waiting chat; it passes")
}
