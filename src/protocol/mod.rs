//! The wire: what clients and the server say to each other, as `docs/protocol.md` defines it.
//!
//! Owns the shape of every body and frame, both ways, and the one list of error codes. Must not do I/O, decide
//! anything or know a transport: `http` and `realtime` carry what is made here. Frames of events are written
//! once for each audience, so they are functions from an event to a text.

pub mod answer;
pub mod code;
pub mod control;
pub mod event;
pub mod frame;
mod refused;
pub mod request;
mod shape;
pub mod sockets;
mod strict;
pub mod transcript;
pub mod wire;

pub use code::{ErrorCode, Problem};
pub use refused::bad_fields;
pub use strict::read_json;

/// For whom something is written: a visitor is shown less of a chat than an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Agents, and the systems of a tenant.
    Agent,
    /// The visitor of the chat.
    Visitor,
}

/// Makes addresses that open files.
pub trait FileLinks {
    /// A path of this server that opens a file without a token, for a while.
    fn link_to(&self, file_id: crate::domain::FileId) -> String;
}

/// Writes a frame or a body. Everything that is written here has text keys and finite numbers, so that writing
/// cannot fail; if it ever does, an empty object goes out and the fault shows in the tests of the golden files.
fn to_text(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "{}".to_owned())
}

/// The same as a tree, for what is stored with an idempotency key.
fn to_tree(value: &impl serde::Serialize) -> serde_json::Value {
    serde_json::to_value(value).unwrap_or_default()
}
