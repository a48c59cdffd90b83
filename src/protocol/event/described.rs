//! Every event that there is a frame of, for the documents.

use std::borrow::Cow;

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

use super::super::shape::{Described, one_of};
use super::super::wire::{Message, MessageChange};
use super::{
    Accepted, AcceptedForVisitor, AgentSeen, AvailabilityChanged, Closed, Deferred, MessageKey,
    MessageSent, Overflowed, PresenceWatched, QueueUpdated, Queued, TypingNotice, aside, handover,
    life, offer, place, presence,
};

/// Every event that agents are told of.
pub(in crate::protocol) fn agents_frames() -> Vec<Described> {
    let own = vec![
        Described::of::<AvailabilityChanged>(
            "availability.changed",
            "What visitors see of an office has changed",
        ),
        Described::of::<PresenceWatched>(
            "presence.watched",
            "Who is online has changed; it passes",
        ),
        Described::of::<QueueUpdated>(
            "queue.updated",
            "A queue has become full, or takes chats again",
        ),
        Described::of::<Accepted>("chat.accepted", "An agent took the chat"),
        Described::of::<Overflowed>("chat.overflowed", "The chat went to another queue"),
        Described::of::<AgentSeen<u64>>("chat.agent_seen", "What is seen of an agent has changed"),
        Described::of::<MessageSent<u64, Message>>("chat.message", "Somebody wrote"),
        Described::of::<MessageSent<u64, MessageChange>>(
            "chat.message_edited",
            "A message says something else",
        ),
        Described::of::<MessageSent<u64, MessageKey<'_>>>(
            "chat.message_deleted",
            "A message was deleted",
        ),
        Described::of::<Closed<u64>>("chat.closed", "The chat is over"),
        Described::of::<TypingNotice<'_>>("chat.typing", "Somebody types; it passes"),
    ];
    let parts = [
        own,
        presence::agents_frames(),
        offer::agents_frames(),
        handover::agents_frames(),
        aside::agents_frames(),
        life::agents_frames(),
    ];
    parts.into_iter().flatten().collect()
}

/// Every event that visitors are told of.
pub(in crate::protocol) fn visitors_frames() -> Vec<Described> {
    let own = vec![
        Described::of::<Queued>("chat.queued", "The chat waits"),
        place::visitors_frame(),
        Described::of::<Deferred>("chat.deferred", "The chat became a message"),
        Described::of::<AcceptedForVisitor>("chat.accepted", "An agent took the chat"),
        Described::of::<AgentSeen<i64>>("chat.agent_seen", "What is seen of an agent has changed"),
        Described::of::<MessageSent<i64, Message>>("chat.message", "Somebody wrote"),
        Described::of::<MessageSent<i64, MessageChange>>(
            "chat.message_edited",
            "A message says something else",
        ),
        Described::of::<MessageSent<i64, MessageKey<'_>>>(
            "chat.message_deleted",
            "A message was deleted",
        ),
        Described::of::<Closed<i64>>("chat.closed", "The chat is over"),
        Described::of::<TypingNotice<'_>>("chat.typing", "An agent types; it passes"),
    ];
    let parts = [
        own,
        handover::visitors_frames(),
        aside::visitors_frames(),
        life::visitors_frames(),
    ];
    parts.into_iter().flatten().collect()
}

/// What happened in a chat, as agents read it: the frame that told of it.
pub struct AgentEvent;

/// The same as its visitor reads it.
pub struct VisitorEvent;

/// The frames that stay: they have a number, and tell of a chat.
fn kept(frames: Vec<Described>) -> Vec<Described> {
    let has = |described: &Described, name| described.shape.requires(name);
    let stays = |described: &Described| has(described, "seq") && has(described, "chat_id");
    frames.into_iter().filter(stays).collect()
}

/// Describes the events of a chat by their frames.
macro_rules! described {
    ($($name:ident: $frames:ident;)+) => {$(
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                one_of(kept($frames()))
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }

            fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
                let parts = kept($frames()).into_iter().map(|described| described.shape.parts);
                schemas.extend(parts.flatten());
            }
        }
    )+};
}

described! {
    AgentEvent: agents_frames;
    VisitorEvent: visitors_frames;
}
