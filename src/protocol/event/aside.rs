//! Frames of notes and of marks.
//!
//! Owns what either side is told of the other's reading: agents whose mark it is, the visitor that some agent has got that far.
//! A note has a frame for agents only: what is written for visitors takes a [`ChatFact`](crate::engine::ChatFact), which no note is.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::shape::Described;
use super::super::to_text;
use super::super::wire::{Note, ReaderCard, Time};
use super::Audiences;
use crate::domain::{Reader, Timestamp};
use crate::engine::{MarkRaised, NoteEvent, Parties};

/// Who hears of a note.
pub(super) fn audience_of_note(event: &NoteEvent) -> Audiences {
    Audiences {
        agents: event.agents.clone(),
        ..Audiences::default()
    }
}

/// Who hears of a mark.
pub(super) fn audience_of_mark(parties: &Parties, raised: &MarkRaised) -> Audiences {
    Audiences {
        agents: parties.agents.clone(),
        visitor: raised.for_visitor().map(|_| parties.visitor_id),
        ..Audiences::default()
    }
}

/// Writes a note for agents.
pub(super) fn note_frame(event: &NoteEvent, seq: u64, at: Timestamp) -> String {
    to_text(&NoteWritten {
        kind: "chat.note",
        seq,
        at: Time(at),
        chat_id: event.chat_id.0,
        note: (&event.note).into(),
    })
}

/// Writes a mark for agents.
pub(super) fn mark_frame(
    parties: &Parties,
    raised: &MarkRaised,
    seq: u64,
    at: Timestamp,
) -> String {
    let reader = match raised.reader {
        Reader::Visitor => ReaderCard::VISITOR,
        Reader::Agent(id) => ReaderCard::agent(Some(id)),
    };
    to_text(&Seen {
        kind: "chat.read",
        seq,
        at: Time(at),
        chat_id: parties.chat_id.0,
        reader,
        read_seq: raised.mark.read_seq(),
        delivered_seq: raised.mark.delivered_seq(),
    })
}

/// Writes a mark for the visitor; `None` for one that tells it nothing.
pub(super) fn visitors_mark_frame(
    parties: &Parties,
    raised: &MarkRaised,
    seq: i64,
    at: Timestamp,
) -> Option<String> {
    let mark = raised.for_visitor()?;
    let reader = match raised.reader {
        Reader::Visitor => ReaderCard::VISITOR,
        Reader::Agent(_) => ReaderCard::agent(None),
    };
    Some(to_text(&Seen {
        kind: "chat.read",
        seq,
        at: Time(at),
        chat_id: parties.chat_id.0,
        reader,
        read_seq: mark.read_seq(),
        delivered_seq: mark.delivered_seq(),
    }))
}

/// The frames of this module that agents are sent.
pub(super) fn agents_frames() -> Vec<Described> {
    vec![
        Described::of::<NoteWritten>("chat.note", "An agent told the others something"),
        Described::of::<Seen<u64>>("chat.read", "Somebody has got further in a chat"),
    ]
}

/// Those that visitors are sent.
pub(super) fn visitors_frames() -> Vec<Described> {
    vec![Described::of::<Seen<i64>>(
        "chat.read",
        "Somebody has got further in the chat",
    )]
}

#[derive(Serialize, ToSchema)]
struct NoteWritten {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: u64,
    at: Time,
    chat_id: Uuid,
    note: Note,
}

#[derive(Serialize, ToSchema)]
struct Seen<N> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[schema(inline)]
    seq: N,
    at: Time,
    chat_id: Uuid,
    reader: ReaderCard,
    read_seq: u32,
    delivered_seq: u32,
}
